"""Dates in a cell: real ones, ISO text, and other text only where the rules give the order (register.md)."""

import re
import unicodedata
from datetime import date, time

from qbo_milestones.pipeline.reading.cells import MOST_PARTS, Cell, Complain, Moment, shown
from qbo_milestones.pipeline.register import Delegate

_CLOCK = r"(?:[T\s]\s*(?P<clock>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?\s*(?:Z|[+-][0-9]{2}:?[0-9]{2})?))?"
_ISO = re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})" + _CLOCK, re.IGNORECASE)
_ORDERS = {
    "dmy": r"(?P<d>[0-9]{1,2})[./-](?P<m>[0-9]{1,2})[./-](?P<y>[0-9]{4})",
    "mdy": r"(?P<m>[0-9]{1,2})[./-](?P<d>[0-9]{1,2})[./-](?P<y>[0-9]{4})",
    "ymd": r"(?P<y>[0-9]{4})[./-](?P<m>[0-9]{1,2})[./-](?P<d>[0-9]{1,2})",
}
_ORDERED = {order: re.compile(form + _CLOCK, re.IGNORECASE) for order, form in _ORDERS.items()}
DATE_ORDERS = tuple(_ORDERS)
_YEARS = range(1990, 2200)
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DELEGATE = re.compile(
    rf"(?P<name>.*?\S),?\s+(?P<first>{_DAY})\s*(?:\.\.+|to|until|[-\u2013\u2014])\s*(?P<last>{_DAY})"
)


def moment(cell: Cell, complain: Complain, order: str = "") -> Moment | None:
    """A date with the time of day where one stands there; None, and a complaint if the cell is not empty.

    A time with an offset keeps it. `order` is "", "dmy", "mdy" or "ymd".
    """
    if isinstance(cell, Moment):
        return _in_our_time(cell, cell, complain)
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    found = _parsed(cell, order) if isinstance(cell, str) else None
    if found is None:
        complain("BAD_DATE", f"{shown(cell)} is not a date; use a real date, or text such as 2026-10-28")
        return None
    return _in_our_time(found, cell, complain)


def day(cell: Cell, complain: Complain, order: str = "") -> date | None:
    """A date; a time of day beside it is dropped."""
    found = moment(cell, complain, order)
    return found.day if found else None


def delegates(cell: Cell, complain: Complain) -> tuple[Delegate, ...]:
    """`Kim Lee 2026-03-01..2026-03-31; ...`; a part that cannot be read is left out, with a complaint."""
    if not isinstance(cell, str):
        complain("BAD_DELEGATE", f"{shown(cell)} is not a name with two dates: Kim Lee 2026-03-01..2026-03-31")
        return ()
    found = []
    parts = [part.strip() for part in re.split(r"[;\r\n]", cell) if part.strip()]
    if len(parts) > MOST_PARTS:
        complain("BAD_DELEGATE", f"names more than {MOST_PARTS} delegates")
        return ()
    for part in parts:
        delegate = _delegate(part)
        if delegate is None:
            complain("BAD_DELEGATE", f"{shown(part)} is not a name with two dates: Kim Lee 2026-03-01..2026-03-31")
        else:
            found.append(delegate)
    return tuple(found)


def _delegate(part: str) -> Delegate | None:
    match = _DELEGATE.fullmatch(unicodedata.normalize("NFKC", part[:300]))
    if not match:
        return None
    try:
        first, last = date.fromisoformat(match["first"]), date.fromisoformat(match["last"])
    except ValueError:
        return None
    return Delegate(match["name"], first, last) if first <= last else None


def _parsed(found: str, order: str) -> Moment | None:
    tidy = unicodedata.normalize("NFKC", found[:60]).strip()
    match = _ISO.fullmatch(tidy) or (_ORDERED[order].fullmatch(tidy) if order else None)
    if not match:
        return None
    try:
        clock = time.fromisoformat("".join(match["clock"].upper().split())) if match["clock"] else None
        return Moment(date(int(match["y"]), int(match["m"]), int(match["d"])), clock and clock.replace(microsecond=0))
    except ValueError:
        return None


def _in_our_time(found: Moment, cell: Cell, complain: Complain) -> Moment | None:
    # A year such as 1900 or 0206 is a slip of the keys, and would send an invoice into a closed year.
    if found.day.year in _YEARS:
        return found
    complain("BAD_DATE", f"{shown(cell)} is not a date between {_YEARS[0]} and {_YEARS[-1]}")
    return None
