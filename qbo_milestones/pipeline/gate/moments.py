"""When something was signed: wall clocks and zones into instants and dates (register.md, Signed at)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo | None:
    """The IANA zone of that name; None where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time as a register can say it: a date in the contract's zone, and the instant where a time stands."""

    day: date
    instant: datetime | None = None

    def surely_before(self, other: "Moment") -> bool:
        """Whether it came first. Two of one date of which either has no time cannot be put in order."""
        if self.instant is not None and other.instant is not None:
            return self.instant < other.instant
        return self.day < other.day

    @property
    def latest(self) -> tuple[date, bool, datetime]:
        """A key that sorts a date without a time as the end of its day."""
        timed = self.instant is not None
        return (self.day, not timed, self.instant or datetime.min.replace(tzinfo=UTC))


def moment(day: date, clock: time | None, local: ZoneInfo) -> Moment | None:
    """The moment that a wall clock in `local` shows; a clock with an offset is moved there. None past the calendar.

    An hour that the clocks skip counts on from before the change; one that comes twice is the first.
    """
    if clock is None:
        return Moment(day)
    try:
        wall = datetime.combine(day, clock)
        instant = (wall if wall.tzinfo else wall.replace(tzinfo=local)).astimezone(UTC)
        return Moment(instant.astimezone(local).date(), instant)
    except OverflowError:
        return None
