"""Money is exact, has a currency, and is split fairly (accounting.md 4.1; rulings 19 and 21)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbo_milestones.model.money import Money, allocate, digits, from_minor, zero

CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "KWD"])
MINORS = st.integers(-(10**12), 10**12)
WEIGHTS = st.lists(st.decimals(min_value=0, max_value=1000, places=3), min_size=1, max_size=12).filter(any)


def usd(amount: str) -> Money:
    """Dollars."""
    return Money(Decimal(amount), "USD")


def weights(*texts: str) -> list[Decimal]:
    """Weights as a schedule writes them."""
    return [Decimal(text) for text in texts]


def amounts(parts: tuple[Money, ...]) -> list[str]:
    """The parts as plain texts."""
    return [str(part.amount) for part in parts]


@pytest.mark.parametrize(
    ("total", "currency", "shares", "expected"),
    [
        # The public forum case of accounting.md 4.1: one cent is left, the tie goes to the first.
        ("1075.50", "USD", weights("17", "50", "33"), ["182.84", "537.75", "354.91"]),
        ("100.00", "USD", weights("1", "1", "1"), ["33.34", "33.33", "33.33"]),
        ("-100.00", "USD", weights("1", "1", "1"), ["-33.34", "-33.33", "-33.33"]),
        ("0.01", "USD", weights("1", "1"), ["0.01", "0.00"]),
        ("0.01", "USD", weights("1", "2"), ["0.00", "0.01"]),
        ("100", "JPY", weights("1", "1", "1"), ["34", "33", "33"]),
        ("1.000", "KWD", weights("1", "1", "1"), ["0.334", "0.333", "0.333"]),
        ("10.00", "USD", weights("33.333", "33.333", "33.334"), ["3.33", "3.33", "3.34"]),
        ("50.00", "USD", weights("0", "5"), ["0.00", "50.00"]),
        ("0.00", "USD", weights("3", "4"), ["0.00", "0.00"]),
        ("0.05", "USD", weights("1"), ["0.05"]),
    ],
)
def test_a_total_is_split_by_largest_remainder(
    total: str, currency: str, shares: list[Decimal], expected: list[str]
) -> None:
    """accounting.md 4.1: floors, then the missing units to the largest fractions, ties by order."""
    assert amounts(allocate(Money(Decimal(total), currency), shares)) == expected


@given(MINORS, CURRENCIES, WEIGHTS)
def test_the_parts_add_up_and_none_is_a_unit_off(minor: int, currency: str, shares: list[Decimal]) -> None:
    """accounting.md 4.1: sum(parts) = total always, and each part is its exact share, up or down to a minor unit."""
    total = from_minor(minor, currency)
    parts = allocate(total, shares)
    assert sum((part.minor for part in parts), 0) == minor
    whole = sum(shares)
    for part, weight in zip(parts, shares, strict=True):
        # In integers: |part * whole - total * weight| < whole.
        assert abs(part.minor * whole - minor * weight) < whole
        assert part.currency == currency
        assert weight or not part


@given(MINORS, CURRENCIES, WEIGHTS)
def test_larger_weights_and_earlier_rows_are_never_worse_off(minor: int, currency: str, shares: list[Decimal]) -> None:
    """accounting.md 4.1: fair: by weight, then by order; a negative total mirrors the positive one."""
    parts = allocate(from_minor(abs(minor), currency), shares)
    for i, early in enumerate(shares):
        for j, late in enumerate(shares):
            if early > late or (early == late and i < j):
                assert parts[j].minor <= parts[i].minor
    assert allocate(from_minor(-abs(minor), currency), shares) == tuple(-part for part in parts)


@pytest.mark.parametrize("shares", [[], weights("0"), weights("0", "0"), weights("-1", "2")])
def test_a_split_by_nothing_is_refused(shares: list[Decimal]) -> None:
    """accounting.md 4.1: no cent may vanish for want of a weight."""
    with pytest.raises(ValueError, match="weights"):
        allocate(usd("1.00"), shares)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("1.005", "USD"),
        ("0.5", "JPY"),
        ("1.0001", "KWD"),
        ("NaN", "USD"),
        ("Infinity", "USD"),
        ("1", "usd"),
        ("1", "US"),
        ("1", ""),
        ("1", "USD "),
    ],
)
def test_what_is_inexact_or_without_a_currency_is_refused(amount: str, currency: str) -> None:
    """Ruling 21: nothing is rounded behind anybody's back."""
    with pytest.raises(ValueError, match=r"exact|currency"):
        Money(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("10000", "USD", "10,000.00 USD"),
        ("-1234567.5", "USD", "(1,234,567.50) USD"),
        ("1000", "JPY", "1,000 JPY"),
        ("1.5", "KWD", "1.500 KWD"),
        ("0", "EUR", "0.00 EUR"),
        ("1E+3", "USD", "1,000.00 USD"),
    ],
)
def test_it_reads_as_accountants_write(amount: str, currency: str, text: str) -> None:
    """Thousands parted, as many decimals as the currency has, negative in brackets."""
    assert str(Money(Decimal(amount), currency)) == text


@pytest.mark.parametrize(("currency", "count"), [("USD", 2), ("JPY", 0), ("KWD", 3), ("CLP", 0), ("TND", 3)])
def test_a_currency_has_its_decimals(currency: str, count: int) -> None:
    """accounting.md 4.1: two decimals, 0 for JPY."""
    assert digits(currency) == count


@given(MINORS, CURRENCIES)
def test_minor_units_and_back(minor: int, currency: str) -> None:
    """Ruling 21: stored as whole minor units, and read back the same."""
    money = from_minor(minor, currency)
    assert money.minor == minor
    assert from_minor(money.minor, currency) == money
    assert bool(money) is bool(minor)
    assert money - money == zero(currency)
    assert zero(currency) - (zero(currency) - money) == money == -Money(-money.amount, currency)


@given(MINORS, MINORS, CURRENCIES)
def test_sums_and_order_are_those_of_the_units(left: int, right: int, currency: str) -> None:
    """R41: limits are compared exactly."""
    one, other = from_minor(left, currency), from_minor(right, currency)
    assert (one + other).minor == left + right
    assert (one - other).minor == left - right
    assert (one < other) is (left < right)
    assert (one <= other) is (left <= right)


def test_two_currencies_never_meet() -> None:
    """accounting.md 4.8: nothing is converted silently."""
    one, other = usd("1.00"), Money(Decimal(1), "EUR")
    with pytest.raises(ValueError, match="two currencies"):
        one + other
    with pytest.raises(ValueError, match="two currencies"):
        one - other
    with pytest.raises(ValueError, match="two currencies"):
        assert one < other
    with pytest.raises(ValueError, match="two currencies"):
        assert one <= other
    assert one != Money(Decimal(1), "EUR")
