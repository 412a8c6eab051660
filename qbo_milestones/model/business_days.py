"""Working days: when somebody is expected to have looked at something."""

from collections.abc import Container
from datetime import date, timedelta

_SATURDAY = 5


def add_business_days(start: date, count: int, holidays: Container[date] = frozenset()) -> date:
    """The date `count` working days after `start`; the start day is not counted (accounting.md 4.3)."""
    day = start
    while count > 0:
        day += timedelta(days=1)
        if day.weekday() < _SATURDAY and day not in holidays:
            count -= 1
    return day
