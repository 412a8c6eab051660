"""Request limits in sliding windows of simulated time, and calls that are under way (quickbooks-online.md 4.1)."""

from collections import Counter, defaultdict, deque
from datetime import datetime, timedelta

from qbo_milestones.simulator.settings import Settings

Limit = tuple[int, int]
"""How many calls in how many seconds."""


class Throttle:
    """Counts calls; a refused call does not count."""

    def __init__(self) -> None:
        self._calls: defaultdict[tuple[str, ...], deque[datetime]] = defaultdict(deque)
        self.under_way: Counter[tuple[str, str]] = Counter()
        """(realm, app) -> calls whose answers have not left yet."""

    def admit(self, settings: Settings, realm: str, app: str, is_batch: bool, now: datetime) -> bool:
        """Whether one more call fits every limit; if so it is counted."""
        most = settings.limit_concurrent
        if most is not None and self.under_way[(realm, app)] >= most:
            return False
        limits = _limits(settings, realm, app, is_batch)
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


def _limits(settings: Settings, realm: str, app: str, is_batch: bool) -> dict[tuple[str, ...], Limit]:
    limits: dict[tuple[str, ...], Limit] = {
        ("realm", realm): (settings.limit_realm_minute, 60),
        ("app", realm, app): (settings.limit_app_second, 1),
    }
    if is_batch:
        limits[("batch", realm)] = (settings.limit_batch_realm_minute, 60)
        limits[("batch", realm, app)] = (settings.limit_batch_app_minute, 60)
    return limits
