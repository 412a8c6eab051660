"""Money: an exact amount that cannot exist without its currency, and the fair split of one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

# ISO 4217 currencies whose minor unit is not a hundredth.
_DIGITS = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
_CODE = re.compile(r"[A-Z]{3}")


@lru_cache(maxsize=256)
def digits(currency: str) -> int:
    """Decimals of an ISO 4217 currency: 2 for USD, 0 for JPY.

    Raises ValueError for a code that is not three capital letters.
    """
    if not _CODE.fullmatch(currency):
        raise ValueError(f"not a currency code: {currency!r}")
    return _DIGITS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in major units of `currency`, exact to the minor unit (accounting.md 4.1)."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        quantum = Decimal(1).scaleb(-digits(self.currency))
        if not self.amount.is_finite() or self.amount % quantum:
            raise ValueError(f"{self.amount} is not exact in {self.currency}")
        object.__setattr__(self, "amount", self.amount.quantize(quantum))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other).amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other).amount

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other).amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        """As accountants write it: `10,000.00 USD`, negative in brackets."""
        text = f"{abs(self.amount):,.{digits(self.currency)}f}"
        return f"({text}) {self.currency}" if self.amount < 0 else f"{text} {self.currency}"

    @property
    def minor(self) -> int:
        """Whole minor units (cents), the form in which amounts are stored (ruling 21)."""
        return int(self.amount.scaleb(digits(self.currency)))

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{self} and {other} are of two currencies")
        return other


def from_minor(minor: int, currency: str) -> Money:
    """The money of `minor` whole minor units."""
    return Money(Decimal(minor).scaleb(-digits(currency)), currency)


def zero(currency: str) -> Money:
    """Nothing, of a currency."""
    return Money(Decimal(0), currency)


def allocate(total: Money, weights: Sequence[Decimal]) -> tuple[Money, ...]:
    """`total` split by `weights` to the minor unit by largest remainder; the parts add up to `total`.

    Ties go to the earlier part (accounting.md 4.1: 1,075.50 at 17/50/33 gives 182.84, 537.75, 354.91).
    Raises ValueError when a weight is negative, or all are zero while there is something to split.
    """
    whole = sum(weights, Decimal(0))
    if any(weight < 0 for weight in weights) or not whole:
        raise ValueError("weights must not be negative, nor all zero")
    sign, units = (-1, -total.minor) if total.minor < 0 else (1, total.minor)
    # Integers throughout: a division of decimals would round the remainders that decide who gets the last cent.
    scale = 10 ** max(0, *(-int(weight.as_tuple().exponent) for weight in weights))
    shares = [units * int(weight * scale) for weight in weights]
    divisor = int(whole * scale)
    floors = [share // divisor for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda i: (-(shares[i] % divisor), i))
    for i in by_remainder[: units - sum(floors)]:
        floors[i] += 1
    return tuple(from_minor(sign * floor, total.currency) for floor in floors)
