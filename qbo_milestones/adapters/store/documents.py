"""Documents as text and back, exactly: amounts as decimal text, dates in ISO form, nothing that is empty."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from qbo_milestones.model.books import Document, DocumentKind, DocumentLine, Link
from qbo_milestones.model.money import Money

# Plain text fields; an empty one is left out.
_DOCUMENT_TEXTS = (
    "version",
    "number",
    "customer_id",
    "note",
    "reference",
    "deposit_account_id",
    "location_id",
)
_LINE_TEXTS = (
    "description",
    "item_id",
    "account_id",
    "side",
    "customer_id",
    "class_id",
    "department_id",
    "kind",
)
_DATES = ("txn_date", "due_date")
_INSTANTS = ("created_at", "updated_at")

# Sorted and ASCII, so that the same document always has the same text and half a surrogate pair survives.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False).encode


def to_text(document: Document) -> str:
    """The document as JSON text; the same text for the same document."""
    values: dict[str, Any] = {name: value for name in _DOCUMENT_TEXTS if (value := getattr(document, name))}
    for name in (*_DATES, *_INSTANTS):
        if (day := getattr(document, name)) is not None:
            values[name] = day.isoformat()
    values["kind"], values["id"] = document.kind.value, document.id
    values["total"], values["balance"] = _money_text(document.total), _money_text(document.balance)
    if document.lines:
        values["lines"] = [_line_values(line) for line in document.lines]
    if document.links:
        values["links"] = _link_values(document.links)
    if document.deleted:
        values["deleted"] = True
    return _encode(values)


def from_text(content: str) -> Document:
    """The document of a text that `to_text` made."""
    values: dict[str, Any] = json.loads(content)
    for name in _DATES:
        if name in values:
            values[name] = date.fromisoformat(values[name])
    for name in _INSTANTS:
        if name in values:
            values[name] = datetime.fromisoformat(values[name])
    values.setdefault("version", "")
    values["kind"] = DocumentKind(values["kind"])
    values["total"], values["balance"] = _money(values["total"]), _money(values["balance"])
    values["lines"] = tuple(_line(line) for line in values.get("lines", ()))
    values["links"] = _links(values)
    return Document(**values)


def _money_text(money: Money) -> str:
    return f"{money.amount} {money.currency}"


def _money(written: str) -> Money:
    amount, currency = written.split(" ")
    return Money(Decimal(amount), currency)


def _line_values(line: DocumentLine) -> dict[str, Any]:
    values: dict[str, Any] = {name: value for name in _LINE_TEXTS if (value := getattr(line, name))}
    values["amount"] = _money_text(line.amount)
    if line.links:
        values["links"] = _link_values(line.links)
    return values


def _line(values: dict[str, Any]) -> DocumentLine:
    values["amount"] = _money(values["amount"])
    values["links"] = _links(values)
    return DocumentLine(**values)


def _link_values(links: tuple[Link, ...]) -> list[list[str]]:
    return [[link.kind, link.id] for link in links]


def _links(values: Mapping[str, Any]) -> tuple[Link, ...]:
    return tuple(Link(kind, id_) for kind, id_ in values.get("links", ()))
