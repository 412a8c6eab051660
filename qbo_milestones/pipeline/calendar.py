"""The calendar of nightly runs: which business date is due when, whatever the clocks do (reliability.md 1.10).

A time of day that a change of the clocks leaves out is the first moment after it; one that comes twice is the first.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
# How far from its business date, in local dates, a run may come due: jitter over midnight, a date that does not exist.
_REACH = 3


@dataclass(frozen=True, slots=True)
class Calendar:
    """One run a business date, at `at` in `zone` and `jitter` later, so that not all companies ask at once."""

    zone: ZoneInfo
    at: time
    jitter: timedelta = timedelta()

    def due_at(self, business_date: date) -> datetime:
        """The instant (UTC) at which the date's run is due. For two dates that exist the later one's is later."""
        return _first_moment(datetime.combine(business_date, self.at), self.zone) + self.jitter

    def newest_due(self, now: datetime) -> date:
        """The last business date whose run is due at an instant."""
        today = now.astimezone(self.zone).date()
        near = (today - _DAY * back for back in range(-1, _REACH + 1))
        return next(one for one in near if self.exists(one) and self.due_at(one) <= now)

    def next_after(self, business_date: date) -> date:
        """The business date that follows another."""
        following = (business_date + _DAY * ahead for ahead in range(1, _REACH + 1))
        return next(one for one in following if self.exists(one))

    def first(self, now: datetime) -> date:
        """Where a company begins: today, or where today's run is not due yet, with the next one; never in the past."""
        newest = self.newest_due(now)
        return newest if newest == now.astimezone(self.zone).date() else self.next_after(newest)

    def owed(self, last: date, now: datetime) -> tuple[date, ...]:
        """The dates after the last known one that came due since, oldest first. Only the newest is run (ruling 15)."""
        newest = self.newest_due(now)
        days = (last + _DAY * ahead for ahead in range(1, (newest - last).days + 1))
        return tuple(one for one in days if self.exists(one))

    def exists(self, day: date) -> bool:
        """False for a date that the zone leaves out whole, as Samoa did when it crossed the date line."""
        first = _first_moment(datetime.combine(day, time()), self.zone)
        return first.astimezone(self.zone).date() == day


@dataclass(frozen=True, slots=True)
class DueRun:
    """The run of one business date. `ended_at`, `run` and `exit_code` are None while it is due and was never tried."""

    business_date: date
    stage: str
    due_at: datetime
    next_try_at: datetime
    tries: int
    ended_at: datetime | None
    run: int | None
    exit_code: int | None


@dataclass(frozen=True, slots=True)
class Timetable:
    """How the nightly runs stand: the next one and when it is tried, the last that was done, and which were missed.

    `last_try` is the exit code of the try that the next one repeats; None where it was not tried yet. Without `kept`
    no worker was ever at work here: then this is what one would do.
    """

    next_date: date
    next_at: datetime
    last_try: int | None
    last_done: date | None
    missed: tuple[date, ...]
    kept: bool


def timetable(calendar: Calendar, newest: Sequence[DueRun], now: datetime) -> Timetable:
    """From the due runs that are known, newest first."""
    done = next((one.business_date for one in newest if one.stage == "done"), None)
    missed = tuple(one.business_date for one in newest if one.stage == "missed")
    if not newest:
        day = calendar.first(now)
        return Timetable(day, calendar.due_at(day), None, None, (), kept=False)
    last = newest[0]
    owed = calendar.owed(last.business_date, now)
    if last.stage == "due" and not owed:
        return Timetable(last.business_date, last.next_try_at, last.exit_code, done, missed, kept=True)
    day = owed[-1] if owed else calendar.next_after(last.business_date)
    return Timetable(day, calendar.due_at(day), None, done, missed, kept=True)


def jitter_of(company: str, longest: timedelta) -> timedelta:
    """How much later than its time of day a company runs: always the same, up to `longest`, in whole seconds."""
    drawn = int.from_bytes(hashlib.sha256(company.encode()).digest()[:8], "big")
    return timedelta(seconds=drawn % (longest // timedelta(seconds=1) + 1))


def _first_moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) at which the zone's clock shows `wall` or has passed over it."""
    # fold=0 is the first of two; inside a gap it reads the offset before the change, which ends after it.
    late = wall.replace(tzinfo=zone).astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) == wall:
        return late
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            early = middle
        else:
            late = middle
    return late
