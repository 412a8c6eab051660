"""Working days: weekends and holidays do not count, the start day neither (accounting.md 4.3)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbo_milestones.model.business_days import add_business_days
from qbo_milestones.model.flag import Severity, review_date

THANKSGIVING, VETERANS = date(2026, 11, 26), date(2026, 11, 11)
HOLIDAYS = frozenset({THANKSGIVING, VETERANS})


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        # The two worked cases of accounting.md 4.3.
        (date(2026, 11, 23), 5, date(2026, 12, 1)),
        (date(2026, 10, 30), 5, date(2026, 11, 6)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),
        (date(2026, 11, 22), 1, date(2026, 11, 23)),
        (date(2026, 11, 25), 1, date(2026, 11, 27)),
        (THANKSGIVING, 1, date(2026, 11, 27)),
        (date(2026, 12, 31), 1, date(2027, 1, 1)),
        (date(2028, 2, 28), 1, date(2028, 2, 29)),
        (date(2026, 11, 23), 0, date(2026, 11, 23)),
    ],
)
def test_the_date_after_so_many_working_days(start: date, count: int, end: date) -> None:
    """accounting.md 4.3: dates, not steps of 24 hours."""
    assert add_business_days(start, count, HOLIDAYS) == end


@given(
    st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 40), st.sets(st.dates(date(2020, 1, 1)), max_size=9)
)
def test_it_ends_on_a_working_day_with_the_right_count(start: date, count: int, holidays: set[date]) -> None:
    """accounting.md 4.3: exactly so many working days lie after the start, the last one counted."""
    end = add_business_days(start, count, holidays)
    days = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(day.weekday() < 5 and day not in holidays for day in days) == count
    assert end.weekday() < 5
    assert end not in holidays


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_the_more_urgent_the_sooner_it_is_looked_at(opened: date) -> None:
    """accounting.md 6: urgent the same day, high in two working days, normal at the month's end; never before today."""
    urgent, high, normal = (review_date(severity, opened) for severity in Severity)
    assert urgent == opened
    assert opened < high <= opened + timedelta(days=4)
    assert opened <= normal
    assert (normal.year, normal.month) == (opened.year, opened.month)
    assert (normal + timedelta(days=1)).day == 1
