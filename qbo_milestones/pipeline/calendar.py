"""The calendar of nightly runs: which business date is due when, whatever the clocks do (reliability.md 1.10).

A time of day that a change of the clocks leaves out is the first moment after it; one that comes twice is the first.
"""

import hashlib
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
