"""A posting: one document that we put into QuickBooks, and how it is recognised for ever (design.md, Exactly once)."""

import base64
import datetime
import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from qbo_milestones.model.books import DocumentKind
from qbo_milestones.model.money import Money

_NUMBER_LIMIT = 21
_PLAIN = re.compile(r"[\x21-\x7e]+(?: [\x21-\x7e]+)*")


class PostingKind(StrEnum):
    """What we post. The letter ends the document's number, so that none ends in a digit (ruling 4)."""

    JOURNAL = "journal"
    INVOICE = "invoice"

    @property
    def suffix(self) -> str:
        """What follows the issue letter in the number: nothing on an invoice, J on an acceptance journal."""
        return "J" if self is PostingKind.JOURNAL else ""

    @property
    def document_kind(self) -> DocumentKind:
        """What QuickBooks calls it."""
        return DocumentKind.JOURNAL_ENTRY if self is PostingKind.JOURNAL else DocumentKind.INVOICE


@dataclass(frozen=True, slots=True)
class Identity:
    """What a posting is, whatever happens to it. `company` is the realm, so that a second machine agrees (ruling 2).

    `deliverable` is the folded id; `letter` is A, and B only after A was credited.
    """

    company: str
    deliverable: str
    kind: PostingKind
    letter: str = "A"

    @property
    def key(self) -> str:
        """The unique key of the posting: 32 hex digits."""
        return _digest(self, "key")[:16].hex()

    @property
    def stamp_code(self) -> str:
        """The stamp's code as it stands in the document's note: `qm:` and 16 base32 letters (ruling 5)."""
        return f"qm:{_base32(_digest(self, 'stamp'), 16)}"

    def requestid(self, attempt: int) -> str:
        """QuickBooks' requestid of one attempt series: 32 characters of the 50 allowed (quickbooks-online.md 3)."""
        return _base32(_digest(self, f"attempt {attempt}"), 32)


def _digest(identity: Identity, purpose: str) -> bytes:
    parts = ("v1", identity.company, identity.deliverable, identity.kind, identity.letter, purpose)
    return hashlib.sha256("\x1f".join(parts).encode()).digest()


def _base32(digest: bytes, length: int) -> str:
    return base64.b32encode(digest[: -(-length // 8) * 5]).decode().lower()[:length]


def document_number(identity: Identity, deliverable_id: str) -> str:
    """The number that the document bears: `D-103-A`, its journal `D-103-AJ` (ruling 4).

    An id that is too long for QuickBooks' 21 characters, or is not plain ASCII, becomes Q and 12 letters of its hash.
    """
    ending = f"-{identity.letter}{identity.kind.suffix}"
    fits = _PLAIN.fullmatch(deliverable_id) and len(deliverable_id) + len(ending) + 1 <= _NUMBER_LIMIT
    hashed = "Q" + _base32(hashlib.sha256(identity.deliverable.encode()).digest(), 12).upper()
    return (deliverable_id if fits else hashed) + ending


@dataclass(frozen=True, slots=True)
class InvoiceDraft:
    """An invoice as the client will see it, before it has a wire form. References are QuickBooks' ids.

    `number` is empty where QuickBooks numbers invoices itself; `custom_fields` pairs a definition id with its text.
    """

    customer_id: str
    date: datetime.date
    service_date: datetime.date
    amount: Money
    item_id: str
    description: str
    note: str
    memo: str = ""
    number: str = ""
    terms_id: str = ""
    email: str = ""
    send: bool = False
    class_id: str = ""
    class_on_line: bool = True
    location_id: str = ""
    tax_code_id: str = ""
    multicurrency: bool = False
    custom_fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class JournalDraft:
    """The acceptance journal: debit first, then credit, never A/R (accounting.md 0.1, 4 E1)."""

    customer_id: str
    date: datetime.date
    amount: Money
    debit_account_id: str
    credit_account_id: str
    description: str
    note: str
    number: str
    class_id: str = ""
    location_id: str = ""
    multicurrency: bool = False


Draft = InvoiceDraft | JournalDraft


@dataclass(frozen=True, slots=True)
class Posting:
    """One document to post, complete. `after` is the key of the posting that must stand in the books before it (R87).

    `deliverable_id` is as the register writes it; `accepted_on` is in the company's zone; `content_hash` is what the
    client agreed to (ruling 17); `evidence_sha256` stays with us and on the attachment (ruling 5). `first_attempt`
    passes over the attempt numbers that another machine may have used, since a requestid answers for what it did once.
    """

    identity: Identity
    deliverable_id: str
    revision: int
    contract: str
    contract_version: int
    accepted_on: datetime.date
    draft: Draft
    number: str
    content_hash: str
    evidence: str = ""
    evidence_sha256: str = ""
    after: str = ""
    moved_from: datetime.date | None = None
    first_attempt: int = 1

    @property
    def key(self) -> str:
        """The unique key."""
        return self.identity.key
