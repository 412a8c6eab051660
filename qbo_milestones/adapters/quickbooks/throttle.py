"""How fast we may ask: one throttle per company, shared by all lanes (ruling 8)."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from qbo_milestones.errors import Unavailable
from qbo_milestones.ports import Clock

PER_SECOND = 8
PER_MINUTE = 450
IN_FLIGHT = 10
PAUSE_S = 60.0
_GRAIN_S = 1e-6


class Pace:
    """The pure core: when the next request may start, from when the last ones did. Times are monotonic seconds.

    In any second there are at most `per_second` starts, evenly spaced, and in any minute at most `per_minute`.
    QuickBooks allows 10 and 500 (quickbooks-online.md 4.1). Spaced, because two bursts of eight a second apart can
    bunch together on their way and arrive as one second's sixteen. `patience` scales the second and the minute.
    """

    def __init__(self, per_second: int = PER_SECOND, per_minute: int = PER_MINUTE, patience: float = 1.0) -> None:
        self._per_minute = per_minute
        self._gap_s, self._minute_s = patience / per_second, 60.0 * patience
        self._starts: deque[float] = deque(maxlen=per_minute)
        self._paused_until = float("-inf")

    def wait(self, now: float) -> float:
        """Seconds until a request may start; 0 means now."""
        free_at = max(self._paused_until, self._free(1, self._gap_s), self._free(self._per_minute, self._minute_s))
        left = free_at - now
        # Below a clock's grain a sum of floats may never reach the mark; waiting for it would not end.
        return left if left > _GRAIN_S else 0.0

    def start(self, now: float) -> None:
        """Count a request that starts now."""
        self._starts.append(now)

    def pause(self, now: float, seconds: float) -> None:
        """Nothing starts for so many seconds. A longer pause is not shortened."""
        self._paused_until = max(self._paused_until, now + seconds)

    def _free(self, count: int, window_s: float) -> float:
        return self._starts[-count] + window_s if len(self._starts) >= count else float("-inf")


class Throttle:
    """Lets requests of one company through at its pace, at most `in_flight` at once. For use by several threads."""

    def __init__(self, clock: Clock, pace: Pace | None = None, in_flight: int = IN_FLIGHT) -> None:
        self._clock = clock
        self._pace = pace or Pace()
        self._lanes = threading.BoundedSemaphore(in_flight)
        self._turn = threading.Lock()

    @contextmanager
    def lane(self, latest: float | None = None) -> Iterator[None]:
        """Hold a lane for one request; waits for it.

        `latest` is the monotonic time after which it is too late to start: then Unavailable is raised, at once where
        the wait is known to be longer, and nothing has been sent.
        """
        with self._lanes:
            while (seconds := self._take()) > 0:
                if latest is not None and self._clock.monotonic() + seconds > latest:
                    raise Unavailable("QuickBooks' limits leave no room for a write now", after_s=seconds)
                self._clock.sleep(seconds)
            if latest is not None and self._clock.monotonic() > latest:
                raise Unavailable("this write would have left too late, so it was not sent")
            yield

    def pause(self, seconds: float) -> None:
        """Stop all lanes for so many seconds: QuickBooks said that it is too much (ruling 8)."""
        with self._turn:
            self._pace.pause(self._clock.monotonic(), seconds)

    def _take(self) -> float:
        """Count a start where one is free now, or say how many seconds it will take."""
        with self._turn:
            now = self._clock.monotonic()
            seconds = self._pace.wait(now)
            if seconds <= 0:
                self._pace.start(now)
            return seconds
