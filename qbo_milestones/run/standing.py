"""How things stand: the connection, the runs, the outbox and the flags, from our database alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from qbo_milestones.model.flag import Severity
from qbo_milestones.pipeline.outbox import Stage
from qbo_milestones.ports import RunRecord, Store


@dataclass(frozen=True, slots=True)
class Link:
    """The connection to QuickBooks. `problem` says why nothing is known of it; the ends are aware instants."""

    problem: str = ""
    idle_end: datetime | None = None
    hard_end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One company at a glance."""

    company: str
    environment: str
    realm: str
    link: Link
    read_until: datetime | None
    outbox: Mapping[Stage, int]
    flags: Mapping[Severity, int]
    runs: tuple[RunRecord, ...]


def standing(store: Store, company: str, environment: str, realm: str, link: Link) -> Standing:
    """What our database knows of one company."""
    flags = store.flags()
    by_severity = {severity: sum(one.flag.rule.severity is severity for one in flags) for severity in Severity}
    return Standing(company, environment, realm, link, store.cursor(), store.counts(), by_severity, store.runs(_LAST))


_LAST = 10
