"""One time for everybody in a schedule, the clocks of machines upon it, and a heartbeat that beats as it is moved."""

from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from journeys.simulated import START
from qbo_milestones.ports import Lease
from qbo_milestones.run.heartbeat import Heartbeat
from qbo_milestones.run.world import Rules, World
from qbo_milestones.simulator.world.world import World as Simulator


class Timeline:
    """The one time of everybody."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.world: Simulator | None = None

    def move(self, seconds: float) -> None:
        """Let so much time pass; what QuickBooks does late it does in its own time, not when it is asked next."""
        until = self.at + timedelta(seconds=seconds)
        while self.world is not None and (due := min((late.due for late in self.world.late), default=until)) < until:
            self.at = max(due, self.at)
            self.world.carry_out_late_calls()
        self.at = until


class MachineClock:
    """A machine's clock, ahead of the world's by `skew_s`. Sleeping lets time pass; the lease is renewed meanwhile."""

    def __init__(self, timeline: Timeline, skew_s: float = 0) -> None:
        self.timeline, self.skew = timeline, timedelta(seconds=skew_s)
        self.heartbeat: Heartbeat | None = None

    def now(self) -> datetime:
        """See ports.Clock."""
        return self.timeline.at + self.skew

    def monotonic(self) -> float:
        """See ports.Clock."""
        return (self.timeline.at - START).total_seconds()

    def sleep(self, seconds: float) -> None:
        """See ports.Clock."""
        while self.heartbeat is not None and seconds > self.heartbeat.pulse_s:
            self.timeline.move(self.heartbeat.pulse_s)
            seconds -= self.heartbeat.pulse_s
            self.heartbeat.renew()
        self.timeline.move(seconds)


class Beating(Heartbeat):
    """The heartbeat of a machine whose clock is moved: it beats while time passes, as its thread would."""

    def __init__(self, world: World, rules: Rules, lease: Lease) -> None:
        super().__init__(world, rules, lease)
        self._clock: Any = world.clock

    def __enter__(self) -> Self:
        self._clock.heartbeat = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clock.heartbeat = None
