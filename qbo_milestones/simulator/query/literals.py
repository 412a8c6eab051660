"""What a literal of a statement says, seen from the property that it is compared with: text, number, date, instant."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import Refusal
from qbo_milestones.simulator.query.complaints import invalid
from qbo_milestones.simulator.query.grammar import Value
from qbo_milestones.simulator.schema.fields import Field

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?(?:(Z)|([ +-])(\d{2}):?(\d{2}))?", re.IGNORECASE
)
"""Date, time, Z, offset. A plus that was not URL-encoded comes as a blank."""
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T.*|Z|[ +-]\d{2}:?\d{2})?", re.DOTALL)


def text_of(company: Company, value: Value) -> str:
    r"""A text with its escapes resolved: ``\'`` is a quote; whether ``\\`` is one backslash is a switch."""
    both = company.settings.backslash_in_strings == "escape"
    escaped = {"'", "\\"} if both else {"'"}
    return _ESCAPE.sub(lambda found: found[1] if found[1] in escaped else found[0], value.content)


def is_null(value: Value) -> bool:
    """``' '`` asks for what has no value (quickbooks-online.md 5)."""
    return value.kind == "text" and value.content == " "


def wanted_value(company: Company, name: str, field: Field, value: Value) -> Any:
    """What a property must be compared with; None for null. 4001 where the literal does not fit the property."""
    if is_null(value):
        return None
    if value.kind == "number" and company.settings.unquoted_numbers == "refuse":
        raise invalid(f"value {value.content} must be quoted")
    content = company.today() if value.kind == "today" else text_of(company, value)
    if field.kind in ("number", "integer"):
        return _number(content, name)
    if field.kind == "date":
        return _day(content, name)
    return _flag(company, name, value) if field.kind == "flag" else content.lower()


def _number(content: str, name: str) -> Decimal:
    try:
        found = Decimal(content.strip())
    except InvalidOperation:
        raise misfit(content, name) from None
    if not found.is_finite():
        raise misfit(content, name)
    return found


def _day(content: str, name: str) -> str:
    found = _DAY.fullmatch(content.strip())
    try:
        return date.fromisoformat(found[1] if found else "").isoformat()
    except ValueError:
        raise misfit(content, name) from None


def _flag(company: Company, name: str, value: Value) -> bool:
    content = value.content.strip().lower()
    quoted = value.kind == "text" and company.settings.quoted_booleans == "refuse"
    if content not in ("true", "false") or quoted:
        raise misfit(value.content, name)
    return content == "true"


def misfit(content: str, name: str) -> Refusal:
    """4001 for a literal that does not fit the property."""
    return invalid(f"value {content} is not valid for property {name}")


def instant(company: Company, content: str) -> datetime | None:
    """A timestamp with an offset, Z, or none (company time); a bare date is its midnight. None for anything else."""
    found = _INSTANT.fullmatch(content.strip())
    if found is None:
        return None
    day, time, zulu, sign, hours, minutes = found.groups()
    try:
        naive = datetime.fromisoformat(f"{day}T{time or '00:00'}"[:26])
        if sign is None:
            return naive.replace(tzinfo=UTC if zulu else company.zone)
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return naive.replace(tzinfo=timezone(-offset if sign == "-" else offset))
    except ValueError:
        return None


def wanted_instant(company: Company, name: str, value: Value) -> datetime:
    """The instant that a metadata time is compared with; 4001 where the literal is none."""
    content = company.today() if value.kind == "today" else value.content
    found = instant(company, content)
    if found is None:
        raise misfit(content, name)
    return found
