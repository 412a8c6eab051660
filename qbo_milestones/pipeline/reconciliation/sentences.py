"""How findings are worded: dates, document names and foreign text as a bookkeeper reads them."""

from collections.abc import Iterable, Sequence
from datetime import date

from qbo_milestones.model.books import Document, DocumentKind

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NAMES = {DocumentKind.CREDIT_MEMO: "credit memo", DocumentKind.JOURNAL_ENTRY: "journal"}
_LIMIT = 80


def day(value: date | None) -> str:
    """`5 Oct 2026`: no month and day can be mixed up."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}" if value else "no date"


def plain(text: str, limit: int = _LIMIT) -> str:
    """Text from QuickBooks on one line, without control characters, cut where it is long."""
    printable = "".join(c if c.isprintable() else " " for c in text[: 4 * limit])
    line = " ".join(printable.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def quoted(text: str) -> str:
    """Foreign text in quotation marks, `empty` where there is none."""
    return f'"{plain(text)}"' if text.strip() else "empty"


def name(document: Document) -> str:
    """`invoice D-103-A`, `payment CHK-4471`; by QuickBooks' id where it bears no number."""
    kind = _NAMES.get(document.kind, document.kind.value.lower())
    number = document.reference if document.kind is DocumentKind.PAYMENT else document.number
    return f"{kind} {plain(number, 40)}" if number.strip() else f"{kind} with id {document.id}"


def handle(document: Document) -> str:
    """How a flag names a document: `Invoice 145`."""
    return f"{document.kind.value} {document.id}"


def listed(parts: Sequence[str], joint: str = "and") -> str:
    """`a, b and c`."""
    return f" {joint} ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def by_id(documents: Iterable[Document]) -> list[Document]:
    """Documents by date, then by id as a number would sort."""
    return sorted(documents, key=order)


def order(document: Document) -> tuple[date, int, str]:
    """Sorts documents as they were entered."""
    return document.txn_date or date.min, len(document.id), document.id
