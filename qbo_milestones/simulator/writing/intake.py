"""Reads what a client sent against the table of entities: types, lengths, unknown and read-only properties."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.catalogue import MESSAGES
from qbo_milestones.simulator.faults import Problem, Refusal, too_long, unreadable
from qbo_milestones.simulator.schema.countries import alpha_3
from qbo_milestones.simulator.schema.fields import EntitySpec, Field
from qbo_milestones.simulator.writing.mailboxes import NO_MAILBOX, are_mailboxes

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DECIMAL = re.compile(r"-?\d{0,15}(\.\d{0,10})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
"""What no text can hold that has to be written as XML or UTF-8."""
_HOST = re.compile(r"[^\s/.]+(\.[^\s/.]+)+(:\d+)?([/?#]\S*)?")
_WIDEST = 10
"""Digits of the largest whole number, 2,147,483,647."""


class _Bad(Exception):
    """A value that can be read but not be taken; without words of its own it is told as ``Invalid Date : <value>``."""

    def __init__(self, code: str, value: object = "", detail: str = "", kept: str | None = None) -> None:
        super().__init__(code)
        self.code, self.detail, self.kept = code, detail or f"{MESSAGES[code]} : {value}", kept


def clean(spec: EntitySpec, body: Any, whole: bool = False) -> Doc:
    """The body with Decimals for numbers and None for empty values, without read-only properties unless ``whole``.

    Every problem of the body is raised together, as QuickBooks answers them (quickbooks-online.md 2.5); a body that
    does not fit its entity is not looked at any further.
    """
    cleaned, problems = clean_but_lengths(spec, body, whole)
    if problems:
        raise Refusal(*problems)
    return cleaned


def clean_but_lengths(spec: EntitySpec, body: Any, whole: bool = False) -> tuple[Doc, list[Problem]]:
    """The same where nothing but lengths is wrong, and what is wrong with them: what else is wrong then is told
    together with it (seen live).
    """
    if not isinstance(body, dict):
        raise unreadable()
    problems: list[Problem] = []
    cleaned = _object(spec.fields, body, problems, whole)
    if any(problem.code != "2050" for problem in problems):
        raise Refusal(*problems)
    return cleaned, problems


@contextmanager
def told_with(problems: list[Problem]) -> Iterator[None]:
    """What was wrong from the start is told first, and refuses what is done inside in any case."""
    try:
        yield
    except Refusal as refusal:
        raise Refusal(*problems, *refusal.problems) from None
    if problems:
        raise Refusal(*problems)


def _object(fields: Mapping[str, Field], body: Doc, problems: list[Problem], whole: bool) -> Doc:
    cleaned: Doc = {}
    for name, value in body.items():
        field = fields.get(name)
        if field is None:
            raise unreadable()
        if whole or not field.read_only:
            cleaned[name] = _value(name, field, value, problems, whole)
    return cleaned


def _value(name: str, field: Field, value: Any, problems: list[Problem], whole: bool) -> Any:
    if value is None or value == "":
        return None
    if field.kind == "group":
        return _object(field.inner, _typed(value, dict), problems, whole)
    if field.kind == "list":
        return [_object(field.inner, _typed(item, dict), problems, whole) for item in _typed(value, list)]
    try:
        return _READERS[field.kind](field, value)
    except _Bad as bad:
        problems.append(Problem(bad.code, bad.detail, name))
        return bad.kept


def _typed(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise unreadable()
    return value


def _plain(value: Any) -> str:
    """A value that is neither object nor list, as text."""
    if isinstance(value, dict | list):
        raise unreadable()
    if isinstance(value, bool):
        return str(value).lower()
    return format(value, "f") if isinstance(value, Decimal) and abs(value.adjusted()) < 50 else str(value)


def _text(field: Field, value: Any) -> str:
    found = _plain(value)
    if 0 < field.limit < len(found):
        raise _Bad("2050", detail=too_long("", field.limit, len(found)).detail, kept=found)
    if _UNWRITABLE.search(found) or any(character in found for character in field.forbidden):
        raise _Bad("2040", found)
    return _FORMS[field.form](found) if field.form else found


def _mail(found: str) -> str:
    if not are_mailboxes(found):
        raise _Bad("2210", detail=NO_MAILBOX)
    return found


def _address_of_site(found: str) -> str:
    scheme, parted, rest = found.partition("://")
    host = rest if parted else found
    if (parted and scheme.lower() not in ("http", "https", "ftp")) or not _HOST.fullmatch(host):
        raise _Bad("2200", found)
    return found


def _number(_: Field, value: Any) -> Decimal:
    if isinstance(value, bool):
        raise unreadable()
    written = _plain(value)
    try:
        found = Decimal(written)
    except InvalidOperation:
        raise _Bad("2100", written) from None
    if not found.is_finite():
        raise _Bad("2100", written)
    if not _DECIMAL.fullmatch(written):
        raise _Bad("2110", written)
    return found


def _integer(field: Field, value: Any) -> int:
    if isinstance(value, bool):
        raise unreadable()
    written = _plain(value)
    if not _WHOLE.fullmatch(written):
        raise _Bad("2080", written)
    digits = written.lstrip("+-").lstrip("0")
    if len(digits) > _WIDEST or int(digits or 0) >= 2**31:
        raise _Bad("2090", written)
    found, least, most = int(written), field.least, field.most
    if (least is not None and found < least) or (most is not None and found > most):
        raise _Bad("2240", written)
    return found


def _flag(_: Field, value: Any) -> bool:
    words = {"true": True, "false": False}
    written = _plain(value)
    if written.lower() not in words:
        raise _Bad("2230", written)
    return words[written.lower()]


def _date(_: Field, value: Any) -> str:
    written = _plain(value)
    if not _DAY.fullmatch(written[:10]):
        raise _Bad("2060", written)
    try:
        return date.fromisoformat(written[:10]).isoformat()
    except ValueError:
        raise _Bad("2070", written) from None


def _choice(field: Field, value: Any) -> str:
    written = _plain(value)
    if written not in field.choices:
        raise _Bad("2170", written)
    return written


def _ref(_: Field, value: Any) -> Doc | None:
    found = _typed(value, dict)
    if set(found) - {"value", "name", "type"}:
        raise unreadable()
    parts = {key: _plain(part) for key, part in found.items() if part is not None}
    if not parts.get("value"):
        return None
    return {key: parts[key] for key in ("value", "name", "type") if parts.get(key)}


def _any(_: Field, value: Any) -> Any:
    return value


_FORMS: dict[str, Callable[[str], str]] = {"email": _mail, "uri": _address_of_site, "country": alpha_3}
_READERS: dict[str, Callable[[Field, Any], Any]] = {
    "text": _text, "number": _number, "integer": _integer, "flag": _flag, "date": _date, "choice": _choice,
    "ref": _ref, "any": _any,
}  # fmt: skip
