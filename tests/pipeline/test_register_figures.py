"""Amounts and percentages: exact, read in one way only, or refused (register.md; ruling 40)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from register_grids import Complaints, on

from qbo_milestones.pipeline.reading import figures
from qbo_milestones.pipeline.reading.cells import Cell
from qbo_milestones.pipeline.reading.figures import Figure


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (Decimal("1234.56"), "1234.56"),
        ("1234.56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1,234,567", "1234567"),
        ("1,234", "1234"),
        ("1.234,56", "1234.56"),
        ("1.234.567", "1234567"),
        ("1.234.567,89", "1234567.89"),
        ("1234,56", "1234.56"),
        ("12,5", "12.5"),
        ("0,25", "0.25"),
        ("0,250", "0.25"),
        ("0.250", "0.25"),
        ("1 234,56", "1234.56"),
        ("1\u202f234\u00a0567.5", "1234567.5"),
        ("1'234.50", "1234.50"),
        ("1\u2019234.50", "1234.50"),
        ("$ 1,234.56", "1234.56"),
        ("1,234.56 USD", "1234.56"),
        ("US$1", "1"),
        ("(1,000.00)", "-1000"),
        ("-5", "-5"),
        ("\u22125", "-5"),
        ("5-", "-5"),
        ("$-5", "-5"),
        ("-$5", "-5"),
        ("+5", "5"),
        ("\uff11\uff12\uff13", "123"),
    ],
)
def test_amounts_that_can_be_read_in_one_way(cell: Cell, value: str) -> None:
    complain = Complaints()
    found = figures.amount(cell, complain)
    assert found is not None
    assert found.value == Decimal(value)
    assert complain.kinds == []


@pytest.mark.parametrize(
    "cell",
    [
        "1,23,456",
        "12345,678,9",
        "1,234.5.6",
        "1 23",
        "1234 567",
        "1,234 567",
        ".5",
        "5.",
        "1e5",
        "ten",
        "NaN",
        "inf",
        "5-3",
        "--5",
        "(-5)",
        "$5 USD",
        "#REF!",
        "=1+2",
        "٣٤",
        "25%",
        "1" * 16,
        "x" * 100,
        True,
        on("2026-01-01"),
        Decimal("NaN"),
        Decimal("-Infinity"),
        Decimal("1e15"),
        Decimal("1e-40"),
    ],
)
def test_everything_else_is_an_error_and_no_amount(cell: Cell) -> None:
    """NaN and infinities, dates, percentages and ambiguous separators are never an amount."""
    complain = Complaints()
    assert figures.amount(cell, complain) is None
    assert complain.kinds == ["BAD_AMOUNT"]


@pytest.mark.parametrize(
    ("text", "point", "comma"), [("1,234", "1234", "1.234"), ("1.234", "1.234", "1234"), ("1.50", "1.5", "1.5")]
)
def test_the_rules_decide_only_what_can_be_read_in_two_ways(text: str, point: str, comma: str) -> None:
    assert figures.amount(text, Complaints(), False) == Figure(Decimal(point))
    assert figures.amount(text, Complaints(), True) == Figure(Decimal(comma))


@pytest.mark.parametrize(
    ("cell", "currency", "ok"),
    [
        ("10.25", "USD", True),
        ("10.250", "USD", True),
        ("10.251", "USD", False),
        (Decimal("0.30000000000000004"), "USD", False),
        ("10.5", "JPY", False),
        ("10", "JPY", True),
        ("10.251", "KWD", True),
        ("€ 5", "EUR", True),
        ("€ 5", "USD", False),
        ("5 EUR", "USD", False),
        ("$5", "CAD", True),
        ("$5", "EUR", False),
    ],
)
def test_an_amount_fits_its_currency_or_is_an_error(cell: Cell, currency: str, ok: bool) -> None:
    """More decimals than the currency has are an error, never rounded (accounting.md 4.1)."""
    complain = Complaints()
    figure = figures.amount(cell, complain)
    assert figure is not None
    assert (figures.money(figure, currency, complain) is not None) is ok
    assert complain.kinds == ([] if ok else ["BAD_AMOUNT"])


@pytest.mark.parametrize(
    ("cell", "value", "wrong"),
    [
        ("25%", "25", []),
        ("25 %", "25", []),
        ("25", "25", []),
        (Decimal(25), "25", []),
        ("12,5 %", "12.5", []),
        ("33.333%", "33.333", []),
        ("0.5%", "0.5", []),
        ("1%", "1", []),
        ("100%", "100", []),
        ("25 percent", "25", []),
        ("0", "0", []),
        (Decimal("0.25"), "25", ["FRACTION_PERCENT"]),
        ("0.25", "25", ["FRACTION_PERCENT"]),
        (Decimal(1), None, ["BAD_NUMBER"]),
        ("1", None, ["BAD_NUMBER"]),
        ("1.0", None, ["BAD_NUMBER"]),
        ("101%", None, ["BAD_NUMBER"]),
        ("-5%", None, ["BAD_NUMBER"]),
        (Decimal(-5), None, ["BAD_NUMBER"]),
        (Decimal("NaN"), None, ["BAD_NUMBER"]),
        ("half", None, ["BAD_NUMBER"]),
        (True, None, ["BAD_NUMBER"]),
        ("  ", None, []),
    ],
)
def test_percentages(cell: Cell, value: str | None, wrong: list[str]) -> None:
    """Ruling 40: a fraction is read with a warning, and exactly 1 asks for 1% or 100%."""
    complain = Complaints()
    assert figures.percent(cell, complain) == (None if value is None else Decimal(value))
    assert complain.kinds == wrong
    assert all(complain.warnings) == (wrong in ([], ["FRACTION_PERCENT"]))


@pytest.mark.parametrize(
    ("cell", "found", "wrong"),
    [
        ("25%", Decimal(25), []),
        ("25 per cent", Decimal(25), []),
        ("2,500.00", Figure(Decimal(2500)), []),
        (Decimal(2500), Figure(Decimal(2500)), []),
        (Decimal("0.25"), None, ["BAD_AMOUNT"]),
        (Decimal(1), None, ["BAD_AMOUNT"]),
        (Decimal("NaN"), None, ["BAD_AMOUNT"]),
    ],
)
def test_a_combined_column_is_read_by_the_percent_sign_or_the_word(cell: Cell, found: object, wrong: list[str]) -> None:
    """Ruling 40. A bare 0.25 there would bill a quarter of a dollar for a quarter of a contract."""
    complain = Complaints()
    assert figures.share(cell, complain) == found
    assert complain.kinds == wrong


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2, allow_nan=False), st.booleans())
def test_a_written_amount_is_read_back(amount: Decimal, european: bool) -> None:
    written = f"{amount:,.2f}"
    if european:
        written = written.translate(str.maketrans(",.", ".,"))
    found = figures.amount(written, Complaints())
    assert found is not None
    assert found.value == amount
