"""How things stand: the connection, the runs, the outbox and the flags, from our database alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from qbo_milestones.model.flag import Severity
from qbo_milestones.pipeline.calendar import Timetable
from qbo_milestones.pipeline.outbox import Stage
from qbo_milestones.ports import RunRecord, Store


class Ending(StrEnum):
    """Why a connection ends by itself (quickbooks-online.md 1.5)."""

    UNUSED = "unused"
    FIVE_YEARS = "five years"


# How many days ahead people are told of an end; each step is news.
WARNED_AT = {Ending.UNUSED: (30, 14, 3), Ending.FIVE_YEARS: (90, 30, 14, 3)}


@dataclass(frozen=True, slots=True)
class EndAhead:
    """An end that is near. `within` is the step that was reached, in days; `sentence` says what to do."""

    ending: Ending
    at: datetime
    within: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Link:
    """The connection to QuickBooks. `problem` says why it cannot be used; all instants are aware.

    `renewed_at` is when Intuit last gave tokens, `ended_at` when it stopped accepting them.
    """

    problem: str = ""
    title: str = ""
    connected_by: str = ""
    connected_at: datetime | None = None
    idle_end: datetime | None = None
    hard_end: datetime | None = None
    renewed_at: datetime | None = None
    ended_at: datetime | None = None
    warnings: tuple[EndAhead, ...] = ()


def ends_ahead(link: Link, now: datetime, command: str = "qbo-milestones reconnect") -> tuple[EndAhead, ...]:
    """The ends that are near enough to be told, by the steps of WARNED_AT. The clock is in days of 24 hours.

    `command` is what the owner runs.
    """
    what_to_do = {
        Ending.UNUSED: "It was not used for long: let the nightly run or the worker run, or connect again",
        Ending.FIVE_YEARS: "Its five years are nearly over: the owner must connect again before that day",
    }
    found = []
    for ending, at in ((Ending.UNUSED, link.idle_end), (Ending.FIVE_YEARS, link.hard_end)):
        reached = [step for step in WARNED_AT[ending] if at is not None and at - now <= timedelta(days=step)]
        if at is not None and reached:
            sentence = f"The connection ends on {at:%Y-%m-%d}. {what_to_do[ending]}: `{command}`."
            found.append(EndAhead(ending, at, min(reached), sentence))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Standing:
    """One company at a glance. `metered` are its metered calls this month.

    Intuit grants `allowed` to the app: `metered_by_app` are those of all companies of the database.
    """

    company: str
    environment: str
    realm: str
    link: Link
    read_until: datetime | None
    outbox: Mapping[Stage, int]
    flags: Mapping[Severity, int]
    runs: tuple[RunRecord, ...]
    metered: int
    metered_by_app: int
    allowed: int
    timetable: Timetable


def standing(
    store: Store,
    company: str,
    environment: str,
    realm: str,
    link: Link,
    month: str,
    metered_by_app: int,
    allowed: int,
    timetable: Timetable,
) -> Standing:
    """What our database knows of one company; its metered calls are those of the month (`2026-11`)."""
    flags = store.flags()
    by_severity = {severity: sum(one.flag.rule.severity is severity for one in flags) for severity in Severity}
    return Standing(
        company,
        environment,
        realm,
        link,
        store.cursor(),
        store.counts(),
        by_severity,
        store.runs(_LAST),
        store.metered_calls(month),
        metered_by_app,
        allowed,
        timetable,
    )


_LAST = 10
