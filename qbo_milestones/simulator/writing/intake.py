"""Reads what a client sent against the table of entities: types, lengths, unknown and read-only properties."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.faults import Problem, Refusal, too_long
from qbo_milestones.simulator.schema.countries import alpha_3
from qbo_milestones.simulator.schema.fields import EntitySpec, Field
from qbo_milestones.simulator.writing.mailboxes import NO_MAILBOX, are_mailboxes

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_DECIMAL = re.compile(r"-?\d{0,15}(\.\d{0,10})?")


_HOST = re.compile(r"[^\s/.]+(\.[^\s/.]+)+(:\d+)?([/?#]\S*)?")


class _Bad(Exception):
    def __init__(self, code: str, detail: str, verbatim: bool = False) -> None:
        super().__init__(detail)
        self.code, self.detail, self.verbatim = code, detail, verbatim

    def problem(self, name: str) -> Problem:
        return Problem(self.code, self.detail if self.verbatim else f"{name}: {self.detail}", name)


def clean(spec: EntitySpec, body: Any, whole: bool = False) -> Doc:
    """The body with Decimals for numbers and None for empty values, without read-only properties unless ``whole``.

    Every problem of the body is raised together, as QuickBooks answers them (quickbooks-online.md 2.5).
    """
    if not isinstance(body, dict):
        raise Refusal(Problem("2120", f"{spec.name} must be a JSON object"))
    problems: list[Problem] = []
    cleaned = _object(spec.fields, body, problems, whole)
    if problems:
        raise Refusal(*problems)
    return cleaned


def _object(fields: Mapping[str, Field], body: Doc, problems: list[Problem], whole: bool) -> Doc:
    cleaned: Doc = {}
    for name, value in body.items():
        field = fields.get(name)
        if field is None:
            problems.append(Problem("2010", f"Property Name:{name} specified is unsupported or invalid", name))
        elif whole or not field.read_only:
            cleaned[name] = _value(name, field, value, problems, whole)
    return cleaned


def _value(name: str, field: Field, value: Any, problems: list[Problem], whole: bool) -> Any:
    if value is None or value == "":
        return None
    try:
        if field.kind == "group":
            return _object(field.inner, _typed(value, dict), problems, whole)
        if field.kind == "list":
            return [_object(field.inner, _typed(item, dict), problems, whole) for item in _typed(value, list)]
        return _READERS[field.kind](field, value)
    except _Bad as bad:
        problems.append(bad.problem(name))
        return None


def _typed(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise _Bad("2120", f"Invalid type, {kind.__name__} expected")
    return value


def _text(field: Field, value: Any) -> str:
    if isinstance(value, dict | list | bool):
        raise _Bad("2120", "Invalid type, text expected")
    found = str(value)
    if 0 < field.limit < len(found):
        raise _Bad("2050", too_long("", field.limit, len(found)).detail, verbatim=True)
    if any(character in found for character in field.forbidden):
        raise _Bad("2040", f"Invalid String chars in {found!r}")
    return _FORMS[field.form](found) if field.form else found


def _mail(found: str) -> str:
    if not are_mailboxes(found):
        raise _Bad("2210", NO_MAILBOX, verbatim=True)
    return found


def _address_of_site(found: str) -> str:
    scheme, parted, rest = found.partition("://")
    host = rest if parted else found
    if (parted and scheme.lower() not in ("http", "https", "ftp")) or not _HOST.fullmatch(host):
        raise _Bad("2200", f"Malformed URL {found}")
    return found


def _number(_: Field, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise _Bad("2100", "Invalid decimal format")
    try:
        found = Decimal(value)
        written = value if isinstance(value, str) else format(found, "f")
    except InvalidOperation:
        raise _Bad("2100", f"Invalid decimal format {value}") from None
    if not _DECIMAL.fullmatch(written):
        raise _Bad("2110", f"Invalid decimal {value}")
    return found


def _integer(field: Field, value: Any) -> int:
    try:
        found = int(str(value))
    except ValueError:
        raise _Bad("2080", f"Invalid number format {value}") from None
    least, most = field.least, field.most
    if (least is not None and found < least) or (most is not None and found > most):
        raise _Bad("2090", f"Invalid number {value}, {least} to {most} expected")
    return found


def _flag(_: Field, value: Any) -> bool:
    words = {"true": True, "false": False}
    if str(value).lower() not in words:
        raise _Bad("2120", "Invalid type, boolean expected")
    return words[str(value).lower()]


def _date(_: Field, value: Any) -> str:
    shown = str(value)[:10]
    if not _DAY.fullmatch(shown):
        raise _Bad("2060", f"Invalid date format {value}, yyyy-MM-dd expected")
    try:
        return date.fromisoformat(shown).isoformat()
    except ValueError:
        raise _Bad("2070", f"Invalid date {value}") from None


def _choice(field: Field, value: Any) -> str:
    if value not in field.choices:
        raise _Bad("2170", f"Invalid enumeration {value}, one of {', '.join(field.choices)} expected")
    return str(value)


def _ref(_: Field, value: Any) -> Doc | None:
    found = _typed(value, dict)
    unknown = set(found) - {"value", "name", "type"}
    if unknown:
        raise _Bad("2010", f"Property Name:{sorted(unknown)[0]} specified is unsupported or invalid")
    if found.get("value") in (None, ""):
        return None
    kept = {"value": str(found["value"])}
    return {**kept, **{key: found[key] for key in ("name", "type") if found.get(key)}}


def _any(_: Field, value: Any) -> Any:
    return value


_FORMS: dict[str, Callable[[str], str]] = {"email": _mail, "uri": _address_of_site, "country": alpha_3}
_READERS: dict[str, Callable[[Field, Any], Any]] = {
    "text": _text, "number": _number, "integer": _integer, "flag": _flag, "date": _date, "choice": _choice,
    "ref": _ref, "any": _any,
}  # fmt: skip
