"""How much of Intuit's monthly allowance of metered calls is used, and when people are told (reliability.md 1.2)."""

from datetime import UTC, datetime

# In percent of what a month may have; the last one leaves time to act before all calls are blocked.
ALARMS = (50, 80, 95)


def month_of(now: datetime) -> str:
    """The month to which an instant is counted, as `2026-11`."""
    return f"{now.astimezone(UTC):%Y-%m}"


def reached(calls: int, most: int) -> frozenset[int]:
    """Which alarms that many calls have reached, in percent."""
    return frozenset(percent for percent in ALARMS if calls * 100 >= most * percent)
