"""What QuickBooks calls it: our postings as QuickBooks JSON, and its documents in our words. Pure.

Reading is lenient, it ignores unknown keys and does without missing ones, as new fields appear at any time
(quickbooks-online.md 2.2).
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from qbo_milestones.adapters.quickbooks.faults import Unreadable, parsed
from qbo_milestones.model.books import Document, DocumentKind, DocumentLine, Link, gone
from qbo_milestones.model.money import Money, digits, zero
from qbo_milestones.pipeline.posting import InvoiceDraft, JournalDraft

Tree = dict[str, Any]

_SUBTOTAL = "SubTotalLineDetail"
_OPEN_AMOUNT = {
    DocumentKind.INVOICE: ("Balance",),
    DocumentKind.CREDIT_MEMO: ("RemainingCredit", "Balance"),
    DocumentKind.PAYMENT: ("UnappliedAmt",),
}


def invoice_body(draft: InvoiceDraft) -> bytes:
    """The invoice on the wire: only the fields that we mean to send, the same bytes for the same draft (ruling 13).

    Qty 1 and UnitPrice = Amount, so that no rounding can differ (quickbooks-online.md 6.2).
    """
    on_line = draft.class_id if draft.class_on_line else ""
    detail: Tree = {
        "ItemRef": _ref(draft.item_id),
        "Qty": 1,
        "UnitPrice": draft.amount.amount,
        "ServiceDate": str(draft.service_date),
        "ClassRef": _ref(on_line),
        "TaxCodeRef": _ref(draft.tax_code_id),
    }
    line = {
        "DetailType": "SalesItemLineDetail",
        "Amount": draft.amount.amount,
        "Description": draft.description,
        "SalesItemLineDetail": _given(detail),
    }
    return _encoded(
        {
            "TxnDate": draft.date.isoformat(),
            "DocNumber": draft.number,
            "CustomerRef": _ref(draft.customer_id),
            "CurrencyRef": _ref(draft.amount.currency if draft.multicurrency else ""),
            "SalesTermRef": _ref(draft.terms_id),
            "BillEmail": {"Address": draft.email} if draft.email else None,
            "EmailStatus": "NeedToSend" if draft.send else "NotSet",
            "ClassRef": _ref("" if draft.class_on_line else draft.class_id),
            "DepartmentRef": _ref(draft.location_id),
            "PrivateNote": draft.note,
            "CustomerMemo": _ref(draft.memo),
            "CustomField": [_custom_field(id_, text) for id_, text in draft.custom_fields],
            "Line": [_given(line)],
        }
    )


def journal_body(draft: JournalDraft) -> bytes:
    """The acceptance journal on the wire: debit, then credit, the customer on both (accounting.md 4 E1)."""
    return _encoded(
        {
            "TxnDate": draft.date.isoformat(),
            "DocNumber": draft.number,
            "CurrencyRef": _ref(draft.amount.currency if draft.multicurrency else ""),
            "PrivateNote": draft.note,
            "Line": [
                _journal_line(draft, "Debit", draft.debit_account_id),
                _journal_line(draft, "Credit", draft.credit_account_id),
            ],
        }
    )


def _journal_line(draft: JournalDraft, side: str, account_id: str) -> Tree:
    detail: Tree = {
        "PostingType": side,
        "AccountRef": _ref(account_id),
        "Entity": {"Type": "Customer", "EntityRef": _ref(draft.customer_id)} if draft.customer_id else None,
        "ClassRef": _ref(draft.class_id),
        "DepartmentRef": _ref(draft.location_id),
    }
    line = {
        "DetailType": "JournalEntryLineDetail",
        "Amount": draft.amount.amount,
        "Description": draft.description,
        "JournalEntryLineDetail": _given(detail),
    }
    return _given(line)


def _ref(value: str) -> Tree | None:
    return {"value": value} if value else None


def _custom_field(definition_id: str, text: str) -> Tree:
    return {"DefinitionId": definition_id, "Type": "StringType", "StringValue": text}


def _given(tree: Tree) -> Tree:
    """Without what was not given: an empty field would be set, not left alone."""
    return {key: value for key, value in tree.items() if value not in (None, "", [])}


def _encoded(tree: Tree) -> bytes:
    return _text(_given(tree)).encode("ascii")


def _text(value: object) -> str:
    """JSON in ASCII, whatever character set a company has; a Decimal is an exact number, which json cannot write."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{_text(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float):
        raise TypeError("money is never a float")
    return json.dumps(value)


def read_body(kind: DocumentKind, body: bytes, currency: str) -> Document:
    """Our own body as a document: what `pipeline.outbox.differences` compares with what the books hold."""
    return document(kind, parsed(body.decode()), currency)


def document(kind: DocumentKind, raw: Tree, home_currency: str) -> Document:
    """One transaction in our words, from QuickBooks' JSON. `home_currency` is for those that name none.

    A stub with status Deleted becomes what is left of a deleted document (quickbooks-online.md 2.5). Amounts finer
    than the currency's minor unit are rounded half up. Raises Unreadable.
    """
    if raw.get("status") == "Deleted":
        return gone(kind, text_of(raw, "Id"), instant_of(raw, "LastUpdatedTime"), home_currency)
    try:
        return _document(kind, raw, ref_of(raw, "CurrencyRef") or home_currency)
    except (InvalidOperation, ValueError):
        raise Unreadable(f"an amount of {kind} {text_of(raw, 'Id')} cannot be read") from None


def _document(kind: DocumentKind, raw: Tree, currency: str) -> Document:
    lines = tuple(_lines(raw, currency))
    open_key = next((key for key in _OPEN_AMOUNT.get(kind, ()) if key in raw), "")
    return Document(
        kind=kind,
        id=text_of(raw, "Id"),
        version=text_of(raw, "SyncToken"),
        total=_debits(lines, currency) if kind is DocumentKind.JOURNAL_ENTRY else _money(raw, "TotalAmt", currency),
        balance=_money(raw, open_key, currency),
        txn_date=day_of(raw, "TxnDate"),
        due_date=day_of(raw, "DueDate"),
        number=text_of(raw, "DocNumber"),
        customer_id=ref_of(raw, "CustomerRef"),
        note=text_of(raw, "PrivateNote"),
        reference=text_of(raw, "PaymentRefNum"),
        deposit_account_id=ref_of(raw, "DepositToAccountRef"),
        location_id=ref_of(raw, "DepartmentRef"),
        lines=lines,
        links=_links(raw),
        created_at=instant_of(raw, "CreateTime"),
        updated_at=instant_of(raw, "LastUpdatedTime"),
    )


def _lines(raw: Tree, currency: str) -> Iterator[DocumentLine]:
    header_class = ref_of(raw, "ClassRef")
    for line in trees_of(raw, "Line"):
        kind = text_of(line, "DetailType")
        # QuickBooks appends a subtotal to every invoice; it is no line of anybody (quickbooks-online.md 6.1).
        if kind != _SUBTOTAL:
            yield _line(line, kind, currency, header_class)


def _line(raw: Tree, kind: str, currency: str, header_class: str) -> DocumentLine:
    detail = tree_of(raw, kind)
    return DocumentLine(
        amount=_money(raw, "Amount", currency),
        description=text_of(raw, "Description"),
        item_id=ref_of(detail, "ItemRef"),
        account_id=ref_of(detail, "AccountRef"),
        side=text_of(detail, "PostingType"),
        customer_id=_customer_on(detail),
        class_id=ref_of(detail, "ClassRef") or header_class,
        department_id=ref_of(detail, "DepartmentRef"),
        kind=kind,
        links=_links(raw),
    )


def _customer_on(detail: Tree) -> str:
    """The customer of a journal line; on a deposit line the reference is flat, its type in capitals (6.5)."""
    entity = tree_of(detail, "Entity")
    type_ = text_of(entity, "Type") or text_of(entity, "type")
    if type_.casefold() != "customer":
        return ""
    return ref_of(entity, "EntityRef") or text_of(entity, "value")


def _links(raw: Tree) -> tuple[Link, ...]:
    return tuple(Link(text_of(link, "TxnType"), text_of(link, "TxnId")) for link in trees_of(raw, "LinkedTxn"))


def _debits(lines: tuple[DocumentLine, ...], currency: str) -> Money:
    """A journal's total: TotalAmt reads back as 0 (accounting.md 0.9)."""
    return sum((line.amount for line in lines if line.side == "Debit"), zero(currency))


def _money(raw: Tree, key: str, currency: str) -> Money:
    value = raw.get(key)
    if value is None or value == "":
        return zero(currency)
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise Unreadable(f"{key} is not an amount")
    amount = Decimal(value)
    return Money(amount.quantize(Decimal(1).scaleb(-digits(currency)), ROUND_HALF_UP), currency)


def tree_of(raw: Tree, key: str) -> Tree:
    """The object under a key; empty where there is none."""
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


def trees_of(raw: Tree, key: str) -> list[Tree]:
    """The objects in the list under a key; a single object counts as a list of one."""
    value = raw.get(key)
    parts = value if isinstance(value, list) else [value]
    return [part for part in parts if isinstance(part, dict)]


def text_of(raw: Tree, key: str) -> str:
    """The text under a key; numbers as they are written, nothing for anything else."""
    value = raw.get(key)
    return str(value) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else ""


def ref_of(raw: Tree, key: str) -> str:
    """The id in a reference, `{"value": "12"}`."""
    return text_of(tree_of(raw, key), "value")


def day_of(raw: Tree, key: str) -> date | None:
    """A date, `2026-10-28`, with or without an offset behind it."""
    try:
        return date.fromisoformat(text_of(raw, key)[:10])
    except ValueError:
        return None


def instant_of(raw: Tree, key: str) -> datetime | None:
    """A time of the record's MetaData, in UTC."""
    return instant(text_of(tree_of(raw, "MetaData"), key))


def instant(text: str) -> datetime | None:
    """An instant in UTC from QuickBooks' writing, with any offset and any number of decimals; None for no instant."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).astimezone(UTC)
