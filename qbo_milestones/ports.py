"""Protocols: what a run asks of the world."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from qbo_milestones.errors import Doubtful, Failure
from qbo_milestones.model.audit import AuditCheck, AuditEntry, AuditHead
from qbo_milestones.model.books import Account, Changes, Customer, Document, DocumentKind, Item, Preferences, Setup
from qbo_milestones.model.flag import Flag
from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.case import Case
from qbo_milestones.pipeline.gate import Billed, EvidenceFile
from qbo_milestones.pipeline.gate.promise import Promise
from qbo_milestones.pipeline.outbox import Outgoing, Sought, Stage
from qbo_milestones.pipeline.posting import Identity, Posting
from qbo_milestones.pipeline.register import Register


class Clock(Protocol):
    """Time. Tests move it; nothing else may ask the system."""

    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back, for leases and throttles."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


@dataclass(frozen=True, slots=True)
class Sent:
    """The answer to a write: the document as QuickBooks holds it, and the trace id for its support.

    A `replayed` one tells what was done under the requestid before; the document may have changed or gone since.
    """

    document: Document
    tid: str
    replayed: bool = False


class Books(Protocol):
    """QuickBooks, of one company. Every call may raise NotConnected, Unavailable, Refused or Doubtful.

    A read that fails is Unavailable: unknown, never "deleted". Methods may be called from several threads.
    """

    def render(self, posting: Posting) -> bytes:
        """The body of a posting on the wire, to be frozen (ruling 10). Pure, and the same for the same posting."""
        ...

    def read_body(self, kind: DocumentKind, body: bytes, currency: str) -> Document:
        """Our own body as a document, to compare with what the books hold."""
        ...

    def send(self, kind: DocumentKind, body: bytes, requestid: str) -> Sent:
        """Create the document: once, without any retry of its own. Returns what QuickBooks says it holds."""
        ...

    def look_up(self, sought: Sought) -> tuple[Document, ...]:
        """All documents that could be the sought one, voided ones too: one query, paged until exhausted."""
        ...

    def setup(self) -> Setup:
        """Preferences, accounts, terms, classes, locations, tax codes; customers and items stay empty."""
        ...

    def accounts(self) -> tuple[Account, ...]:
        """The chart of accounts, inactive ones too."""
        ...

    def preferences(self) -> Preferences:
        """The company's preferences, read once in the life of this object."""
        ...

    def changes(self, since: datetime, kinds: tuple[str, ...]) -> Changes:
        """All of the kinds that changed since, deleted ones included; `complete` is False where it may be cut."""
        ...

    def pages(self, kinds: tuple[str, ...], since: datetime | None) -> Iterator[Changes]:
        """Everything of the kinds (DocumentKind values, "Customer", "Item") that was updated at or after `since`."""
        ...

    def read(self, kind: DocumentKind, id_: str) -> Document:
        """One document by its id; a deleted one where QuickBooks itself says that it is gone."""
        ...

    def present(self, kind: DocumentKind, ids: Sequence[str]) -> frozenset[str]:
        """Which of the documents still exist (ruling 28: what paging cannot tell)."""
        ...


class Epochs(Protocol):
    """Apart from the database, so that a restored one is known: count of runs, end of the log (design.md, 11)."""

    def read(self) -> int:
        """The count; 0 before the first run."""
        ...

    def write(self, count: int) -> None:
        """Keep it durably."""
        ...

    def anchor(self) -> AuditHead:
        """The end of the audit log after the last run; seq 0 where none is kept."""
        ...

    def keep_anchor(self, head: AuditHead) -> None:
        """Keep it durably, so that a log which was rewritten or cut short is found (reliability.md 4)."""
        ...


class Registers(Protocol):
    """The agency's register, wherever it lies."""

    def read(self) -> Register:
        """The whole register. Raises BadSettings when it cannot be read at all."""
        ...


class EvidenceRoom(Protocol):
    """The folder in which sign-offs are kept. Links are recorded, never fetched."""

    def find(self, paths: Iterable[str]) -> Mapping[str, EvidenceFile]:
        """Whether each file is there, unread."""
        ...

    def fingerprint(self, path: str) -> EvidenceFile:
        """One file with its SHA-256."""
        ...


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one company, until somebody with a higher fence takes it (reliability.md 1.9)."""

    company: str
    owner: str
    fence: int


@dataclass(frozen=True, slots=True)
class Adoption:
    """A document that bears our stamp but is unknown to our outbox, with the register row that it belongs to."""

    identity: Identity
    deliverable_id: str
    revision: int
    contract: str
    contract_version: int
    amount: Money
    content_hash: str
    document: Document


@dataclass(frozen=True, slots=True)
class OpenFlag:
    """A flag in the store: what was found and when; `cleared_on` once the facts are right."""

    flag: Flag
    opened_on: date
    review_on: date
    last_seen_run: int
    cleared_on: date | None = None
    cleared_run: int | None = None


@dataclass(frozen=True, slots=True)
class FlagChange:
    """What one run did to the flags, by key."""

    opened: tuple[Flag, ...]
    still: tuple[Flag, ...]
    cleared: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run. `counts` are whole numbers and money texts by name; `exit_code` is None while it runs or if it died."""

    id: int
    business_date: date
    started_at: datetime
    finished_at: datetime | None
    exit_code: int | None
    counts: Mapping[str, str]


class Store(Protocol):
    """Our database, of one company. A writing method is one short transaction and never spans a network call.

    Every writer takes the lease and fails with Unavailable when it was lost.
    """

    def take_lease(self, owner: str, now: datetime, ttl: timedelta) -> Lease:
        """The lease of this company with a new fence. Raises Unavailable while another holds it."""
        ...

    def renew_lease(self, lease: Lease, now: datetime, ttl: timedelta) -> None:
        """Hold it for longer. Raises Unavailable when it was lost."""
        ...

    def release_lease(self, lease: Lease) -> None:
        """Give it back; silent when it was lost."""
        ...

    def plan(self, lease: Lease, postings: Sequence[tuple[Posting, bytes]], now: datetime) -> int:
        """Put postings with their frozen bodies into the outbox as planned; one that stands there already is left.

        Returns how many are new. A refused one of the same key whose body differs goes back to planned with the next
        attempt number (ruling 6).
        """
        ...

    def withdraw(self, lease: Lease, outgoing: Outgoing, now: datetime, reason: str) -> None:
        """Planned and never sent -> withdrawn; its key may be planned anew."""
        ...

    def retry(self, lease: Lease, outgoing: Outgoing, now: datetime) -> Outgoing:
        """Refused -> planned with the next attempt number, because a person says so."""
        ...

    def outgoing(self, stages: frozenset[Stage] | None = None) -> Iterator[Outgoing]:
        """The outbox in the order in which it was planned, streamed; only the given stages."""
        ...

    def adopt(self, lease: Lease, found: Iterable[Adoption], now: datetime) -> int:
        """Documents of ours that another machine posted: into the outbox as posted and adopted (ruling 2).

        Returns how many are new.
        """
        ...

    def billed(self) -> Iterator[Billed]:
        """What stands or may stand in the books for each deliverable, one each, without bodies."""
        ...

    def invoiced_for(self, business_date: date) -> tuple[Money, ...]:
        """What runs of a business date sent as invoices, each net; without those that were refused or never applied."""
        ...

    def posted_keys(self, keys: Iterable[str]) -> frozenset[str]:
        """Which of the postings with these keys are posted."""
        ...

    def unsent_in_books(self) -> frozenset[str]:
        """The keys of planned and refused postings whose stamp stands in the books all the same."""
        ...

    def strangers(self) -> Mapping[str, tuple[Document, ...]]:
        """Documents, voided ones too, that bear a stamp which no posting of ours has; by the stamp's code."""
        ...

    def invoices(self) -> Iterator[Document]:
        """The live invoices in the books as last read, whoever made them."""
        ...

    def stamped(self, kind: DocumentKind, stamp: str) -> tuple[Document, ...]:
        """Documents in the books as last read, deleted ones not, that bear the stamp (its code)."""
        ...

    def begin(self, lease: Lease, outgoing: Outgoing, now: datetime) -> Outgoing:
        """Planned or doubtful -> sending, with an attempt row; committed when this returns (I1)."""
        ...

    def move(
        self,
        lease: Lease,
        outgoing: Outgoing,
        stage: Stage,
        now: datetime,
        *,
        document: Document | None = None,
        failure: Failure | None = None,
        adopted: bool = False,
        reason: str = "",
        tid: str = "",
    ) -> Outgoing:
        """From the stage that `outgoing` has to another, only if it still stands there (CAS) and the lease is ours.

        With a document, that is kept too, in the same transaction: as the posting's and in the books.
        """
        ...

    def doubt(self, lease: Lease, outgoing: Outgoing, now: datetime, failure: Doubtful) -> Outgoing:
        """Planned or doubtful -> sending -> doubtful in one transaction: counts as sent now, though nothing is."""
        ...

    def epoch(self) -> str:
        """The count of runs as the database has it; empty for a new one."""
        ...

    def set_epoch(self, lease: Lease, epoch: str) -> None:
        """Keep the count of runs."""
        ...

    def cursor(self) -> datetime | None:
        """QuickBooks' instant until which the books were read; None before the first whole read."""
        ...

    def keep_books(self, lease: Lease, changes: Changes, cursor: datetime | None = None) -> None:
        """Upsert what was read, newest version wins; the cursor moves in the same transaction (C8)."""
        ...

    def forget_unseen(self, lease: Lease, kinds: Iterable[DocumentKind], seen_since: datetime) -> int:
        """After a whole read: documents of the kinds that were not in it are marked deleted; returns how many."""
        ...

    def keep_accounts(self, lease: Lease, accounts: Iterable[Account]) -> None:
        """The chart of accounts as it is now."""
        ...

    def account_types(self) -> Mapping[str, str]:
        """QuickBooks' AccountType by account id, as last read."""
        ...

    def counts(self) -> Mapping[Stage, int]:
        """How many postings stand at each stage."""
        ...

    def customers(self) -> tuple[Customer, ...]:
        """All customers as last read."""
        ...

    def items(self) -> tuple[Item, ...]:
        """All items as last read."""
        ...

    def documents(self, kind: DocumentKind, ids: Iterable[str]) -> tuple[Document, ...]:
        """Documents as last read."""
        ...

    def cases(self, customer_ids: Iterable[str]) -> Iterator[Case]:
        """The customer trees that we posted to or that hold one of the customers, one at a time."""
        ...

    def strays(self, customer_ids: Iterable[str]) -> Iterator[Document]:
        """Live payments with money not applied, of customers in no such tree, or of none."""
        ...

    def keep_contents(self, lease: Lease, contents: Iterable[Promise], now: datetime) -> None:
        """First sight of what each deliverable promises, and of what stood signed; the first stands (ruling 17)."""
        ...

    def contents(self, deliverables: Iterable[str]) -> tuple[Promise, ...]:
        """What was first seen of some deliverables, by folded id."""
        ...

    def keep_flags(self, lease: Lease, found: Iterable[Flag], run: int, today: date) -> FlagChange:
        """Open what is new, see again what stands, clear what is no longer found (accounting.md 6)."""
        ...

    def flags(self, *, cleared: bool = False) -> tuple[OpenFlag, ...]:
        """Open flags, most urgent first; with `cleared` the closed ones too."""
        ...

    def start_run(self, lease: Lease, business_date: date, now: datetime) -> int:
        """A new run's number."""
        ...

    def finish_run(self, lease: Lease, run: int, now: datetime, exit_code: int, counts: Mapping[str, str]) -> None:
        """The run's end, with what it did."""
        ...

    def runs(self, count: int) -> tuple[RunRecord, ...]:
        """The newest runs first."""
        ...

    def metered_calls(self, month: str = "") -> int:
        """How many calls QuickBooks metered in a month (`2026-11`), or ever (quickbooks-online.md 4.4)."""
        ...

    def record(self, lease: Lease, event: str, content: Mapping[str, str], now: datetime) -> None:
        """Into the audit log what no other method tells it: the others do so themselves, in their transaction."""
        ...

    def audit_head(self) -> AuditHead:
        """Where the audit log ends now."""
        ...

    def accept_audit(self, lease: Lease, reason: str, anchor: AuditHead, now: datetime) -> AuditHead:
        """Add the row from which on the log counts, though it is not whole before it; returns that row."""
        ...

    def check_audit(self, anchor: AuditHead, *, whole: bool = False) -> AuditCheck:
        """Compute its chain again, from the anchor on or `whole`, and hold it to the anchor (I11)."""
        ...

    def audit_entries(self, since: datetime | None = None) -> Iterator[AuditEntry]:
        """The rows of the audit log, oldest first, streamed."""
        ...
