"""One cell: what a sheet can hold, and how text, ids, words and whole numbers are read (register.md, Reading rules)."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from types import MappingProxyType
from typing import Protocol

from qbo_milestones.pipeline.reading.columns import squeeze
from qbo_milestones.pipeline.register import fold

ID_LENGTH = 60
MOST_PARTS = 100  # ids or delegates in one cell
CELL_LENGTH = 32_767  # what a spreadsheet cell can hold
_BIDI_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_UNPRINTABLE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_SHA256 = re.compile(r"[0-9a-f]{64}")
_WHOLE = re.compile(r"[0-9]{1,9}")
_NOTHING: Mapping[str, str] = MappingProxyType({})
_NO_COLUMNS: Mapping[str, Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, and the wall-clock time of day where one was given (aware only if it came with an offset)."""

    day: date
    clock: time | None = None


# A number is always an exact Decimal: no float ever gets this far.
Cell = str | Decimal | bool | Moment | None


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """What an agency may set about its register.

    `sheets` and `columns` rename: canonical name to the one that stands there, e.g.
    `columns={"Deliverables": {"Deliverable ID": "Ref no."}}`. `date_order` is "", "dmy", "mdy" or "ymd" and lets
    text dates that are not ISO be read; `decimal_comma` decides what 1,234 and 1.234 mean.
    """

    sheets: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: _NO_COLUMNS)
    date_order: str = ""
    decimal_comma: bool = False


class Complain(Protocol):
    """Takes down what is wrong with the cell that is being read."""

    def __call__(self, kind: str, sentence: str, warning: bool = False) -> None: ...


def shown(cell: Cell) -> str:
    """A cell as a sentence quotes it: short, on one line, nothing invisible left in it."""
    text = plain(cell)
    quoted = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[:40])
    return f"'{quoted}…'" if len(text) > 40 else f"'{quoted}'"


def plain(cell: Cell) -> str:
    """A cell as text, with nothing lost: 7 for the number 7.0, ISO for a date, yes and no for a check box."""
    match cell:
        case None:
            return ""
        case str():
            return cell
        case bool():
            return "yes" if cell else "no"
        case Moment(day, clock):
            return f"{day.isoformat()} {clock.isoformat()}" if clock else day.isoformat()
        case Decimal():
            return _digits(cell)


def text(cell: Cell, complain: Complain) -> str:
    """Text, trimmed, line ends as one character. Control and direction-overriding characters are an error."""
    found = plain(cell).strip()
    if found.isascii() and found.isprintable() and len(found) <= CELL_LENGTH:
        return found
    if len(found) > CELL_LENGTH:
        complain("BAD_TEXT", f"holds more than {CELL_LENGTH:,} characters")
        return ""
    if _CONTROLS.search(found) or _BIDI_OVERRIDES.search(found):
        complain("BAD_TEXT", f"{shown(found)} holds a control character; type it again")
        return ""
    return found.replace("\r\n", "\n").replace("\r", "\n")


def identifier(cell: Cell, complain: Complain) -> str:
    """An id as written, trimmed; empty and a complaint when it is not one (register.md, Reading rules).

    A whole number is read as its digits, with a warning; a date, a fraction, anything invisible or longer than 60
    characters is an error.
    """
    if isinstance(cell, Decimal):
        return _numeric_id(cell, complain)
    if isinstance(cell, bool | Moment):
        what = "a date" if isinstance(cell, Moment) else "a check box"
        complain("BAD_ID", f"{shown(cell)} is {what}, not an id; format the cell as text and type the id again")
        return ""
    found = (cell or "").strip()
    if found.isascii() and found.isprintable() and len(found) <= ID_LENGTH:
        return found
    if problem := _id_problem(found):
        complain("BAD_ID", f"{shown(found)} {problem}")
        return ""
    return found


def _numeric_id(cell: Decimal, complain: Complain) -> str:
    if not cell.is_finite() or cell != cell.to_integral_value() or abs(cell) >= 10**15 or cell < 0:
        complain("BAD_ID", f"{shown(cell)} is a number, not an id; format the cell as text and type the id again")
        return ""
    digits = _digits(cell)
    complain("NUMERIC_ID", f"{digits} is a number, so leading zeros may be lost; format the cell as text", True)
    return digits


def _id_problem(found: str) -> str:
    # Both forms are looked at: NFKC can lengthen a text, and can turn one character into an invisible one.
    folded = unicodedata.normalize("NFKC", found)
    if any(unicodedata.category(c) in _UNPRINTABLE for c in found + folded):
        return "holds an invisible character; type the id again"
    if max(len(found), len(folded)) > ID_LENGTH:
        return f"is longer than {ID_LENGTH} characters"
    return ""


def identifiers(cell: Cell, complain: Complain) -> tuple[str, ...]:
    """Several ids in one cell, between commas, semicolons or line ends."""
    if not isinstance(cell, str):
        found = identifier(cell, complain)
        return (found,) if found else ()
    parts = [part for part in re.split(r"[,;\r\n]", cell) if part.strip()]
    if len(parts) > MOST_PARTS:
        complain("BAD_ID", f"names more than {MOST_PARTS} ids")
        return ()
    return tuple(id_ for id_ in (identifier(part, complain) for part in parts) if id_)


def word(cell: Cell, complain: Complain, choices: tuple[str, ...] = ()) -> str:
    """A word, folded; one of `choices` where it differs only by case, spaces or punctuation.

    An unknown word stays as it is: the gate says what it does not know.
    """
    found = text(cell, complain)
    squeezed = squeeze(found)
    if "yes" in choices and squeezed in ("true", "false"):
        return "yes" if squeezed == "true" else "no"
    return next((choice for choice in choices if squeeze(choice) == squeezed), "") or fold(found)


def whole(cell: Cell, complain: Complain) -> int | None:
    """A whole number from 1 up, such as a version or revision."""
    return _counted(cell, complain, 1)


def count(cell: Cell, complain: Complain) -> int | None:
    """A whole number from 0 up, such as days."""
    return _counted(cell, complain, 0)


def _counted(cell: Cell, complain: Complain, least: int) -> int | None:
    found = unicodedata.normalize("NFKC", plain(cell)).strip()
    if _WHOLE.fullmatch(found) and int(found) >= least and not isinstance(cell, Moment):
        return int(found)
    if found:
        complain("BAD_NUMBER", f"{shown(found)} is not a whole number from {least} up")
    return None


def currency(cell: Cell, complain: Complain) -> str:
    """An ISO currency code in capitals; empty and a complaint when it is not one."""
    found = text(cell, complain).upper()
    if re.fullmatch(r"[A-Z]{3}", found):
        return found
    if found:
        complain("BAD_WORD", f"{shown(found)} is not an ISO currency code such as USD")
    return ""


def sha256(cell: Cell, complain: Complain) -> str:
    """A SHA-256 in lower-case hexadecimal; empty and a complaint when it is not one."""
    found = text(cell, complain).lower()
    if _SHA256.fullmatch(found):
        return found
    if found:
        complain("BAD_TEXT", f"{shown(found)} is not a SHA-256: it has 64 characters from 0 to 9 and a to f")
    return ""


def _digits(number: Decimal) -> str:
    """A number as a person would type it, without exponent where that is reasonable: 7 for 7.0, 0.5 for 0.50."""
    if not number.is_finite() or abs(number.adjusted()) > 30:
        return str(number)
    digits = f"{number:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
