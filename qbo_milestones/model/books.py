"""The books: what QuickBooks holds, in our words. Documents carry money and dates; nothing here knows JSON."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from qbo_milestones.model.money import Money, zero


class DocumentKind(StrEnum):
    """The transactions that are pulled back."""

    INVOICE = "Invoice"
    PAYMENT = "Payment"
    CREDIT_MEMO = "CreditMemo"
    JOURNAL_ENTRY = "JournalEntry"
    DEPOSIT = "Deposit"
    SALES_RECEIPT = "SalesReceipt"
    REFUND_RECEIPT = "RefundReceipt"


@dataclass(frozen=True, slots=True)
class Link:
    """A tie to another document: LinkedTxn. `kind` is QuickBooks' word, as it names more kinds than we pull."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One line. `amount` is what the line says, never negated; `side` is Debit or Credit on journals, else empty."""

    amount: Money
    description: str = ""
    item_id: str = ""
    account_id: str = ""
    side: str = ""
    customer_id: str = ""
    class_id: str = ""
    department_id: str = ""
    kind: str = ""
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One transaction as last read. A deleted one keeps only kind, id, and when it was seen to be gone.

    `total` of a journal entry is the sum of its debits, since TotalAmt reads back as 0 (accounting.md 0.9).
    `balance` is what is open: of an invoice its Balance, of a credit memo its RemainingCredit, of a payment its
    UnappliedAmt; zero for other kinds.
    """

    kind: DocumentKind
    id: str
    version: str
    total: Money
    balance: Money
    txn_date: date | None = None
    due_date: date | None = None
    number: str = ""
    customer_id: str = ""
    note: str = ""
    reference: str = ""
    deposit_account_id: str = ""
    location_id: str = ""
    lines: tuple[DocumentLine, ...] = ()
    links: tuple[Link, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    deleted: bool = False

    @property
    def voided(self) -> bool:
        """QuickBooks' sign of a void: the amounts are zero and the note begins with the word (accounting.md 4.5)."""
        return not self.total and self.note.casefold().startswith("voided")

    @property
    def live(self) -> bool:
        """Whether it counts in the books."""
        return not self.deleted and not self.voided

    @property
    def stamp(self) -> str:
        """The code of our stamp in the note (`qm:` and 16 letters), empty where there is none (ruling 5)."""
        return stamp_in(self.note)


def stamp_in(note: str) -> str:
    """The stamp's code in a private note, empty where there is none. A void's prefix does not hide it."""
    _, found, rest = note.rpartition("qm:")
    code = rest[:16].lower()
    return f"qm:{code}" if found and len(code) == 16 and code.isalnum() else ""


def fingerprint(document: Document) -> str:
    """Hash of what a person may not change unseen (accounting.md 6.2 INVOICE_EDITED).

    Lines, customer, dates, totals and number count; balance, links, e-mail and print state and versions do not.
    """
    parts = [
        document.kind,
        document.number,
        document.customer_id,
        str(document.txn_date),
        str(document.due_date) if document.kind is DocumentKind.INVOICE else "",
        str(document.total),
        document.note,
        document.reference,
        document.deposit_account_id,
        *_line_texts(document.lines),
    ]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _line_texts(lines: Iterable[DocumentLine]) -> Iterable[str]:
    for line in lines:
        links = ",".join(f"{link.kind}:{link.id}" for link in line.links)
        yield "\x1e".join(
            (
                str(line.amount),
                line.description,
                line.item_id,
                line.account_id,
                line.side,
                line.customer_id,
                line.class_id,
                line.department_id,
                links,
            )
        )


def gone(kind: DocumentKind, id_: str, updated_at: datetime | None, currency: str = "USD") -> Document:
    """What is left of a document that was deleted in QuickBooks."""
    return Document(kind, id_, "", zero(currency), zero(currency), updated_at=updated_at, deleted=True)


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer, sub-customer or project. `root_id` is the top of its tree: itself, if it has no parent."""

    id: str
    name: str
    parent_id: str = ""
    active: bool = True
    email: str = ""
    currency: str = ""
    updated_at: datetime | None = None
    is_project: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A product or service; `account_id` is its "income account", whatever type that has (accounting.md 0.2)."""

    id: str
    name: str
    account_id: str = ""
    active: bool = True
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A ledger account; `type` and `subtype` are QuickBooks' AccountType and AccountSubType."""

    id: str
    name: str
    type: str
    subtype: str = ""
    active: bool = True
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """Payment terms; `due_days` is None for terms that are driven by a day of the month."""

    id: str
    name: str
    due_days: int | None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Named:
    """A class, a location or a tax code."""

    id: str
    name: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class Preferences:
    """The company's preferences that decide how we may post (accounting.md 3.3)."""

    home_currency: str
    multicurrency: bool
    custom_numbers: bool
    closed_until: date | None
    tracks_classes: bool
    tracks_locations: bool
    uses_sales_tax: bool
    warns_duplicate_journals: bool
    applies_credits_automatically: bool
    applies_payments_automatically: bool
    automated_sales_tax: bool = False
    custom_fields: tuple["Named", ...] = ()
    tracks_classes_per_transaction: bool = False


@dataclass(frozen=True, slots=True)
class Setup:
    """How the company is set up, as far as posting depends on it. `clock_skew_s` is theirs less ours, in seconds."""

    company_name: str
    country: str
    preferences: Preferences
    accounts: tuple[Account, ...] = ()
    items: tuple[Item, ...] = ()
    customers: tuple[Customer, ...] = ()
    terms: tuple[Term, ...] = ()
    classes: tuple[Named, ...] = ()
    locations: tuple[Named, ...] = ()
    tax_codes: tuple[Named, ...] = ()
    clock_skew_s: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed in the books since an instant.

    `documents` holds deleted ones too. `complete` is False when the answer was cut and the caller must page.
    `read_until` is QuickBooks' own clock (reliability.md 1.9).
    """

    documents: tuple[Document, ...] = ()
    customers: tuple[Customer, ...] = ()
    items: tuple[Item, ...] = ()
    read_until: datetime | None = None
    complete: bool = True
    cut: frozenset[str] = field(default_factory=frozenset)
