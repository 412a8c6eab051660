"""Figures in a cell: amounts and percentages, exact or refused (register.md, Reading rules; ruling 40)."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from qbo_milestones.model.money import Money, digits
from qbo_milestones.pipeline.reading.cells import Cell, Complain, Moment, shown

LARGEST = Decimal(10) ** 15  # no contract is worth that much; beyond it a spreadsheet's number is no longer exact
_DOLLARS = frozenset(re.findall("...", "USDCADAUDNZDSGDHKDTWDMXNBRLARSCLPCOPJMDBBDBMDBSDBZDFJDTTDXCDNAD"))
# The currencies that a sign may stand for; the contract says which of them it is.
_SIGNS = {
    "$": _DOLLARS,
    "US$": frozenset(("USD",)),
    "CA$": frozenset(("CAD",)),
    "C$": frozenset(("CAD",)),
    "A$": frozenset(("AUD",)),
    "AU$": frozenset(("AUD",)),
    "NZ$": frozenset(("NZD",)),
    "€": frozenset(("EUR",)),
    "£": frozenset(("GBP", "EGP", "GIP", "FKP", "SHP")),
    "¥": frozenset(("JPY", "CNY")),
    "₹": frozenset(("INR",)),
    "₪": frozenset(("ILS",)),
    "₩": frozenset(("KRW",)),
}
_SIGNED = re.compile(r"(?P<before>[^\d\s.,'()+-]*)\s*(?P<body>[\d\s.,']*\d)\s*(?P<after>[^\d\s.,'()+-]*)")
_PERCENT = re.compile(r"(.*\d)\s*(?:%|per\s?cent)", re.IGNORECASE)
_SPACED = re.compile(r"[0-9]{1,3}(?P<gap>[\s'])[0-9]{3}(?:(?P=gap)[0-9]{3})*(?:[.,][0-9]+)?")
_PLAIN = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,15})?")


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount before its currency is known. `currencies` are those that its sign allows; None means any."""

    value: Decimal
    currencies: frozenset[str] | None = None


def amount(cell: Cell, complain: Complain, decimal_comma: bool = False) -> Figure | None:
    """An amount: a number, or text with separators, a currency sign, a minus or brackets."""
    if isinstance(cell, Decimal):
        return Figure(cell) if _sane(cell, complain) else None
    found = _tidy(cell)
    if not found:
        return None
    if _PERCENT.fullmatch(found):
        complain("BAD_AMOUNT", f"{shown(cell)} is a percentage; write it in the column Percent")
        return None
    if figure := _signed(found, decimal_comma):
        return figure
    complain("BAD_AMOUNT", f"{shown(cell)} is not an amount that can be read in only one way, such as 1,234.56")
    return None


def percent(cell: Cell, complain: Complain, decimal_comma: bool = False) -> Decimal | None:
    """A percentage, 25 for 25 %. Between 0 and 1 it is a fraction, with a warning; 1 is an error (ruling 40)."""
    if isinstance(cell, Decimal):
        return _bare_percent(cell, complain) if _sane(cell, complain, "BAD_NUMBER") else None
    found = _tidy(cell)
    if not found:
        return None
    sign = _PERCENT.fullmatch(found)
    value = _number(sign[1] if sign else found, decimal_comma)
    if value is None:
        complain("BAD_NUMBER", f"{shown(cell)} is not a percentage such as 25%")
        return None
    return _checked_percent(value, complain) if sign else _bare_percent(value, complain)


def share(cell: Cell, complain: Complain, decimal_comma: bool = False) -> Figure | Decimal | None:
    """The combined column Amount / Percent: a percent sign or the word decides (ruling 40).

    A number of 1 or less is refused there: a sheet shows 0.25 as 25 %, and it would be billed as a quarter.
    """
    if isinstance(cell, Decimal) and cell.is_finite() and 0 < cell <= 1:
        complain("BAD_AMOUNT", f"{shown(cell)} may be an amount or a percentage; write it as text, such as 25%")
        return None
    if isinstance(cell, str) and _PERCENT.fullmatch(_tidy(cell)):
        return percent(cell, complain, decimal_comma)
    return amount(cell, complain, decimal_comma)


def money(figure: Figure, currency: str, complain: Complain) -> Money | None:
    """The figure in `currency`; a complaint when its sign says another, or it has more decimals than that has."""
    if figure.currencies is not None and currency not in figure.currencies:
        complain("BAD_AMOUNT", f"the currency sign is not one of {currency}, the currency of the contract")
        return None
    try:
        return Money(figure.value, currency)
    except ValueError:
        places = digits(currency)
        complain(
            "BAD_AMOUNT", f"{figure.value} has more decimals than {currency} has ({places}); round it in the sheet"
        )
        return None


def _sane(number: Decimal, complain: Complain, kind: str = "BAD_AMOUNT") -> bool:
    if number.is_finite() and abs(number) < LARGEST and int(number.as_tuple().exponent) > -30:
        return True
    complain(kind, f"{shown(number)} is not a number that can be billed")
    return False


def _bare_percent(value: Decimal, complain: Complain) -> Decimal | None:
    if value == 1:
        complain("BAD_NUMBER", "1 may mean 1% or 100%; write 1% or 100% as text")
        return None
    if 0 < value < 1:
        complain("FRACTION_PERCENT", f"{value} is read as {_trimmed(value * 100)}%", True)
        return _checked_percent(value * 100, complain)
    return _checked_percent(value, complain)


def _checked_percent(value: Decimal, complain: Complain) -> Decimal | None:
    if 0 <= value <= 100:
        return value.normalize() + 0 if value else Decimal(0)
    complain("BAD_NUMBER", f"{_trimmed(value)}% is not between 0% and 100%")
    return None


def _trimmed(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _tidy(cell: Cell) -> str:
    """Text with one kind of minus and of space; a date or check box becomes something that is no figure."""
    if isinstance(cell, bool | Moment):
        return "?"
    found = str(cell or "").strip()
    if len(found) > 60:
        return "?"
    return unicodedata.normalize("NFKC", found).replace("\u2212", "-").replace("\u2019", "'").strip()


def _signed(found: str, decimal_comma: bool) -> Figure | None:
    """A figure with its minus (before, behind, or as brackets) and its currency sign or code."""
    negative = False
    if found.startswith("(") and found.endswith(")"):
        negative, found = True, found[1:-1].strip()
    elif found.endswith("-"):
        negative, found = True, found[:-1].strip()
    elif "-" in found or "+" in found:
        negative, found = "-" in found, re.sub(r"^(\D*?)\s*[+-]\s*", r"\1", found, count=1)
    match = _SIGNED.fullmatch(found)
    if not match or (match["before"] and match["after"]):
        return None
    value = _number(match["body"], decimal_comma)
    if value is None:
        return None
    sign = (match["before"] or match["after"]).upper()
    currencies = _SIGNS.get(sign) or (frozenset((sign,)) if re.fullmatch(r"[A-Z]{3}", sign) else None)
    if sign and currencies is None:
        return None
    return Figure(-value if negative else value, currencies)


def _number(body: str, decimal_comma: bool) -> Decimal | None:
    """Digits with separators, if they can be read in one way only, or the rules decide between two."""
    if _SPACED.fullmatch(body):  # the groups are told apart by spaces, so a point or comma can only be decimal
        return _plain_number(re.sub(r"[\s']", "", body).replace(",", "."))
    separators = re.sub(r"[0-9]", "", body)
    if set(separators) - {".", ","}:
        return None
    point = _decimal_separator(body, separators, decimal_comma)
    whole, _, fraction = body.rpartition(point) if point else (body, "", "")
    group = "," if point == "." else "."
    if not point and separators:
        group = separators[0]
    parts = whole.split(group)
    if len(parts) > 1 and (not 1 <= len(parts[0]) <= 3 or any(len(part) != 3 for part in parts[1:])):
        return None
    return _plain_number("".join(parts) + (f".{fraction}" if fraction else ""))


def _plain_number(digits_and_point: str) -> Decimal | None:
    return Decimal(digits_and_point) if _PLAIN.fullmatch(digits_and_point) else None


def _decimal_separator(body: str, separators: str, decimal_comma: bool) -> str:
    """Which of point and comma stands before the decimals; empty when neither does."""
    if not separators:
        return ""
    last = separators[-1]
    if separators.count(last) > 1:
        return ""
    if len(set(separators)) == 2:
        return last
    before, _, after = body.partition(last)
    if len(after) == 3 and 1 <= len(before) <= 3 and before != "0":
        return last if (last == ",") == decimal_comma else ""
    return last
