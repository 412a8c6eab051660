"""The simulator's own time: it follows the wall with an offset, or stands still, and is moved by the side door."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """How a clock stands to the wall: ahead by so many microseconds, or stopped."""

    ahead_us: int
    stopped_at: datetime | None


class Clock:
    """Simulated time in UTC. ``wall`` is handed in, so that the core itself never reads a clock."""

    def __init__(self, wall: Callable[[], datetime]) -> None:
        self._wall = wall
        self._offset = timedelta(0)
        self._stopped_at: datetime | None = None

    def now(self) -> datetime:
        """The simulated instant, aware, UTC."""
        return self._stopped_at if self._stopped_at is not None else self._wall() + self._offset

    @property
    def frozen(self) -> bool:
        """True while time stands still."""
        return self._stopped_at is not None

    def set(self, instant: datetime) -> None:
        """Jump to an instant; a frozen clock stays frozen there."""
        instant = instant.astimezone(UTC)
        self._offset = instant - self._wall()
        if self.frozen:
            self._stopped_at = instant

    def advance(self, seconds: float) -> None:
        """Move by a number of seconds (backwards if negative)."""
        self.set(self.now() + timedelta(seconds=seconds))

    def freeze(self, frozen: bool) -> None:
        """Stop the clock where it is, or let it run on from there."""
        instant = self.now()
        self._stopped_at = instant if frozen else None
        self._offset = instant - self._wall()

    @property
    def standing(self) -> Standing:
        """How it stands to the wall."""
        return Standing(self._offset // timedelta(microseconds=1), self._stopped_at)

    def stand(self, standing: Standing) -> None:
        """Stand to the wall as another clock did."""
        self._offset, self._stopped_at = timedelta(microseconds=standing.ahead_us), standing.stopped_at

    def as_json(self) -> dict[str, object]:
        """What the side door shows: now (ISO 8601, UTC), offset in seconds, frozen."""
        offset = (self.now() - self._wall()).total_seconds()
        return {"now": self.now().isoformat(), "offset_s": Decimal(str(round(offset, 6))), "frozen": self.frozen}
