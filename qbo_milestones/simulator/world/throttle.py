"""Request limits in sliding windows of simulated time (quickbooks-online.md 4.1)."""

from collections import defaultdict, deque
from datetime import datetime, timedelta

Limit = tuple[int, int]
"""How many calls in how many seconds."""

PER_REALM: Limit = (500, 60)
PER_REALM_AND_APP: Limit = (10, 1)
BATCH_PER_REALM: Limit = (120, 60)
BATCH_PER_REALM_AND_APP: Limit = (40, 60)


class Throttle:
    """Counts calls; a refused call does not count."""

    def __init__(self) -> None:
        self._calls: defaultdict[tuple[str, ...], deque[datetime]] = defaultdict(deque)

    def admit(self, realm: str, app: str, is_batch: bool, now: datetime) -> bool:
        """Whether one more call fits every limit; if so it is counted."""
        limits: dict[tuple[str, ...], Limit] = {("realm", realm): PER_REALM, ("app", realm, app): PER_REALM_AND_APP}
        if is_batch:
            limits[("batch", realm)] = BATCH_PER_REALM
            limits[("batch", realm, app)] = BATCH_PER_REALM_AND_APP
        if not all(self._fits(key, limit, now) for key, limit in limits.items()):
            return False
        for key in limits:
            self._calls[key].append(now)
        return True

    def _fits(self, key: tuple[str, ...], limit: Limit, now: datetime) -> bool:
        calls = self._calls[key]
        start = now - timedelta(seconds=limit[1])
        while calls and not start < calls[0] <= now:
            calls.popleft()
        return len(calls) < limit[0]
