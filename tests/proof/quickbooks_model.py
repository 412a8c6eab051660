"""A model of QuickBooks for one posting: what it applies, what it remembers, and when a query shows it.

Seconds are whole and count from the beginning of the story. Weaker than the real one wherever nobody knows better
(reliability.md 1.2): numbers are not unique, only applied requests are remembered, and from when they arrived.
"""

from dataclasses import dataclass, field
from enum import StrEnum

FOR_EVER = -1
# A write leaves within 15 s of its row, and QuickBooks may work on it for 120 s (reliability.md 1.3).
LEAVES_S, WORKS_S = 15, 120
# A client that hears nothing gives up after this time.
PATIENCE_S = 130
# A proxy tells the client that it failed, keeps the request, and delivers it twice.
PROXY_TELLS_S, PROXY_DELIVERS_S, PROXY_REPEATS_S = 30, 60, 70


class Fault(StrEnum):
    """What may go wrong with one send: eleven things that the world does, and death at four points."""

    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    THROTTLED = "throttled"
    REQUEST_LOST = "request-lost"
    ANSWER_LOST = "answer-lost"
    LATE = "late"
    FAILED_BEFORE = "500-before"
    FAILED_AFTER = "500-after"
    GARBLED = "garbled"
    DELIVERED_AGAIN = "delivered-again"
    DIES_BEFORE_THE_ROW = "dies-before-the-row"
    DIES_BEFORE_SENDING = "dies-before-sending"
    DIES_WHILE_SENDING = "dies-while-sending"
    DIES_BEFORE_THE_ANSWER_IS_KEPT = "dies-before-the-answer-is-kept"


@dataclass(frozen=True, slots=True)
class World:
    """How long a requestid is remembered (0 never, FOR_EVER), how far queries lag, how soon a dead worker restarts."""

    window_s: int
    lag_s: int
    restart_s: int

    def __str__(self) -> str:
        return f"{self.window_s}/{self.lag_s}/{self.restart_s}"


WORLDS = tuple(
    World(window, lag, restart) for window in (0, 60, 900, FOR_EVER) for lag in (0, 30, 300) for restart in (20, 4000)
)


@dataclass(slots=True)
class Quickbooks:
    """The books: `applied` holds when each document shows, `arrived` when a requestid that is remembered came,
    `coming` what a proxy still holds."""

    world: World
    applied: list[int] = field(default_factory=list)
    arrived: dict[str, int] = field(default_factory=dict)
    coming: list[tuple[int, str]] = field(default_factory=list)

    def receive(self, requestid: str, at: int, fault: Fault | None) -> int:
        """One send that left at `at`, or shortly after; how many seconds later the client knows what it will know."""
        match fault:
            case None | Fault.FAILED_AFTER | Fault.GARBLED | Fault.DIES_BEFORE_THE_ANSWER_IS_KEPT:
                self._apply(requestid, at, 0)
                return 1
            case Fault.ANSWER_LOST:
                self._apply(requestid, at, 0)
                return PATIENCE_S
            case Fault.LATE | Fault.DIES_WHILE_SENDING:
                self._apply(requestid, at + LEAVES_S, WORKS_S)
                return LEAVES_S
            case Fault.DELIVERED_AGAIN:
                self._keep_in_proxy(requestid, at)
                return PROXY_TELLS_S
            case Fault.REQUEST_LOST:
                return PATIENCE_S
            case _:
                return 1

    def _keep_in_proxy(self, requestid: str, at: int) -> None:
        self.coming.append((at + PROXY_DELIVERS_S, requestid))
        if self.world.window_s:
            # Where no requestid is honoured at all, no client can help against a request that comes twice.
            self.coming.append((at + PROXY_REPEATS_S, requestid))

    def pass_time(self, until: int) -> None:
        """What proxies hold arrives, in order."""
        for at, requestid in sorted(one for one in self.coming if one[0] <= until):
            self._apply(requestid, at, 0)
        self.coming = [one for one in self.coming if one[0] > until]

    def found(self, at: int) -> int:
        """How many documents a query shows."""
        return sum(shows <= at for shows in self.applied)

    def _apply(self, requestid: str, at: int, works_s: int) -> None:
        if not self.remembers(requestid, at):
            self.applied.append(at + works_s + self.world.lag_s)
            self.arrived[requestid] = at

    def remembers(self, requestid: str, at: int) -> bool:
        """Whether it answers with what it did before."""
        since = self.arrived.get(requestid)
        window = self.world.window_s
        return since is not None and (window == FOR_EVER or at < since + window)
