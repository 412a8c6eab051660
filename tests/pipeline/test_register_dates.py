"""Dates and delegates: real or ISO, other forms only where the rules give the order (register.md)."""

from datetime import UTC, date, time, timedelta, timezone
from decimal import Decimal

import pytest
from register_grids import Complaints, on

from qbo_milestones.pipeline.reading import dates
from qbo_milestones.pipeline.reading.cells import Cell, Moment
from qbo_milestones.pipeline.register import Delegate

DAY = date(2026, 10, 28)
PLUS_TWO = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (on("2026-10-28"), Moment(DAY)),
        ("2026-10-28", Moment(DAY)),
        (" 2026-10-28 14:30 ", Moment(DAY, time(14, 30))),
        ("2026-10-28T14:30:05", Moment(DAY, time(14, 30, 5))),
        ("2026-10-28T14:30:05.999Z", Moment(DAY, time(14, 30, 5, tzinfo=UTC))),
        ("2026-10-28 14:30+02:00", Moment(DAY, time(14, 30, tzinfo=PLUS_TWO))),
        ("2026-10-28 00:00", Moment(DAY, time(0))),
        (None, None),
        ("  ", None),
    ],
)
def test_real_dates_and_iso_text(cell: Cell, found: Moment | None) -> None:
    """A date alone stays that date, and a time keeps the offset that it came with (register.md, Sign-offs)."""
    complain = Complaints()
    assert dates.moment(cell, complain) == found
    assert complain.kinds == []


@pytest.mark.parametrize(
    "cell",
    [
        "28/10/2026",
        "10/28/2026",
        "28.10.2026",
        "2026-13-01",
        "2026-02-30",
        "2026-1-2",
        "20261028",
        "tomorrow",
        "2026-10-28 25:00",
        "2026-10-28 2pm",
        "1900-01-01",
        "0206-10-28",
        on("1899-12-31"),
        Decimal(46323),
        True,
    ],
)
def test_what_is_no_date_is_an_error(cell: Cell) -> None:
    complain = Complaints()
    assert dates.moment(cell, complain) is None
    assert complain.kinds == ["BAD_DATE"]


@pytest.mark.parametrize(
    ("text", "order", "found"),
    [
        ("03/04/2026", "dmy", date(2026, 4, 3)),
        ("03/04/2026", "mdy", date(2026, 3, 4)),
        ("3.4.2026", "dmy", date(2026, 4, 3)),
        ("2026/3/4", "ymd", date(2026, 3, 4)),
        ("2026-03-04", "dmy", date(2026, 3, 4)),
        ("13/04/2026", "mdy", None),
        ("03/04/26", "dmy", None),
    ],
)
def test_other_text_is_read_in_the_order_of_the_rules(text: str, order: str, found: date | None) -> None:
    assert dates.day(text, Complaints(), order) == found


def test_delegates_have_a_name_and_two_dates() -> None:
    complain = Complaints()
    found = dates.delegates("Kim Lee 2026-03-01..2026-03-31; Al B. (CTO), 2026-04-01 to 2026-04-02\n", complain)
    assert found == (
        Delegate("Kim Lee", date(2026, 3, 1), date(2026, 3, 31)),
        Delegate("Al B. (CTO)", date(2026, 4, 1), date(2026, 4, 2)),
    )
    assert complain.kinds == []


@pytest.mark.parametrize(
    "cell", ["Kim Lee", "Kim 2026-03-31..2026-03-01", "2026-03-01..2026-03-31", "K 2026-02-30..2026-03-01"]
)
def test_a_delegate_that_cannot_be_read_may_not_sign(cell: str) -> None:
    complain = Complaints()
    assert dates.delegates(f"Al B 2026-04-01..2026-04-02; {cell}", complain) == (
        Delegate("Al B", date(2026, 4, 1), date(2026, 4, 2)),
    )
    assert complain.kinds == ["BAD_DELEGATE"]
