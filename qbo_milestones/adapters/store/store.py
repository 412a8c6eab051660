"""The store of one company: `ports.Store` on our database. Each method is one short transaction, or a few of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection, Engine

from qbo_milestones.adapters.store import (
    audit,
    audit_facts,
    books,
    flags,
    leases,
    metering,
    outbox,
    runs,
    stage_log,
    standing,
    tracing,
    trees,
)
from qbo_milestones.adapters.store.connections import Story, story_of
from qbo_milestones.adapters.store.engine import reading, writing
from qbo_milestones.adapters.store.tokens import TokenRoom
from qbo_milestones.errors import Doubtful, Failure
from qbo_milestones.model.audit import AuditCheck, AuditEntry, AuditHead
from qbo_milestones.model.books import Account, Changes, Customer, Document, DocumentKind, Item
from qbo_milestones.model.flag import Flag
from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.case import Case
from qbo_milestones.pipeline.gate import Billed
from qbo_milestones.pipeline.gate.promise import Promise
from qbo_milestones.pipeline.outbox import Outgoing, Stage
from qbo_milestones.pipeline.posting import Posting
from qbo_milestones.pipeline.trail import Trace
from qbo_milestones.ports import Adoption, Clock, FlagChange, Lease, OpenFlag, RunRecord

_T = TypeVar("_T")
_Key = TypeVar("_Key", int, str)


class DatabaseStore:
    """Our database, of one company. Safe to use from several threads; several processes may have one each.

    `company` is the realm id; `clock` says when documents were seen. The engine is the caller's to dispose of. Besides
    what ports.Store names, any method may raise Unavailable when the database fails, and RuleBroken for a bug of ours.
    """

    def __init__(self, engine: Engine, company: str, clock: Clock) -> None:
        self._engine, self._company, self._clock = engine, company, clock

    @property
    def company(self) -> str:
        """The realm id."""
        return self._company

    @property
    def engine(self) -> Engine:
        """The database, for the rooms of unattended work, which are classes of their own."""
        return self._engine

    @property
    def tokens(self) -> TokenRoom:
        """The room of the connection's sealed tokens."""
        return TokenRoom(self._engine, self._company)

    def meter(self, most: int) -> metering.Meter:
        """What counts the metered calls; `most` is how many a month may have."""
        return metering.Meter(self._engine, self._company, self._clock, most)

    def story(self) -> Story | None:
        """Who connected the company, and when; None where nobody did."""
        return story_of(self._engine, self._company)

    def _paged(
        self, page: Callable[[Connection, str, _Key], tuple[Sequence[_T], _Key | None]], start: _Key
    ) -> Iterator[_T]:
        """Page after page, each behind a key, without a transaction between them."""
        after: _Key | None = start
        while after is not None:
            with reading(self._engine) as connection:
                found, after = page(connection, self._company, after)
            yield from found

    @contextmanager
    def _writing(self, lease: Lease) -> Iterator[Connection]:
        with writing(self._engine) as connection:
            leases.check(connection, self._company, lease)
            yield connection

    # The company and its lease

    def introduce(self, name: str, environment: str) -> None:
        """Keep the company's name and environment as they are now; needs no lease."""
        with writing(self._engine) as connection:
            leases.ensure_company(connection, self._company, name, environment)

    def epoch(self) -> str:
        """The epoch of this database, empty for a new one (reliability.md 1.3 rule 4)."""
        with reading(self._engine) as connection:
            return runs.epoch(connection, self._company)

    def set_epoch(self, lease: Lease, epoch: str) -> None:
        """Set it in a new database, or after everything was looked for in a restored one."""
        with self._writing(lease) as connection:
            runs.set_epoch(connection, self._company, lease, epoch, self._clock.now())

    def take_lease(self, owner: str, now: datetime, ttl: timedelta) -> Lease:
        """See ports.Store. `owner` names one run of one process; even the same owner waits for its old lease."""
        with writing(self._engine) as connection:
            leases.shorten(connection, self._company, now, ttl)
        with writing(self._engine) as connection:
            return leases.take(connection, self._company, owner, now, ttl)

    def renew_lease(self, lease: Lease, now: datetime, ttl: timedelta) -> None:
        """See ports.Store."""
        with writing(self._engine) as connection:
            leases.renew(connection, self._company, lease, now, ttl)

    def release_lease(self, lease: Lease) -> None:
        """See ports.Store."""
        with writing(self._engine) as connection:
            leases.release(connection, self._company, lease)

    # The outbox

    def plan(self, lease: Lease, postings: Sequence[tuple[Posting, bytes]], now: datetime) -> int:
        """See ports.Store; one transaction for each 1,000. A refused one that is planned anew is not counted as new."""
        new = 0
        for piece in books.pieces(postings):
            with self._writing(lease) as connection:
                new += outbox.plan(connection, self._company, lease, piece, now)
        return new

    def withdraw(self, lease: Lease, outgoing: Outgoing, now: datetime, reason: str) -> None:
        """See ports.Store. RuleBroken where its attempt series was sent, even in vain."""
        self.move(lease, outgoing, Stage.WITHDRAWN, now, reason=reason)

    def retry(self, lease: Lease, outgoing: Outgoing, now: datetime) -> Outgoing:
        """See ports.Store."""
        with self._writing(lease) as connection:
            return outbox.retry(connection, self._company, lease, outgoing, now)

    def outgoing(self, stages: frozenset[Stage] | None = None) -> Iterator[Outgoing]:
        """See ports.Store. Read in pages without a transaction between them, so a posting may move meanwhile."""
        return self._paged(lambda connection, company, after: outbox.page(connection, company, stages, after), 0)

    def adopt(self, lease: Lease, found: Iterable[Adoption], now: datetime) -> int:
        """See ports.Store; one transaction for each 1,000. One whose key stands already is left."""
        new = 0
        for piece in books.pieces(found):
            with self._writing(lease) as connection:
                new += standing.adopt(connection, self._company, lease, piece, now)
                books.keep_documents(connection, self._company, [each.document for each in piece], now)
        return new

    def billed(self) -> Iterator[Billed]:
        """See ports.Store, by folded deliverable id. Where an invoice stands beside its journal, it is the invoice."""
        return self._paged(standing.billed, "")

    def invoiced_for(self, business_date: date) -> tuple[Money, ...]:
        """See ports.Store."""
        with reading(self._engine) as connection:
            return standing.invoiced_for(connection, self._company, business_date)

    def posted_keys(self, keys: Iterable[str]) -> frozenset[str]:
        """See ports.Store."""
        with reading(self._engine) as connection:
            return standing.posted_keys(connection, self._company, keys)

    def unsent_in_books(self) -> frozenset[str]:
        """See ports.Store."""
        with reading(self._engine) as connection:
            return standing.unsent_in_books(connection, self._company)

    def strangers(self) -> Mapping[str, tuple[Document, ...]]:
        """See ports.Store."""
        with reading(self._engine) as connection:
            return standing.strangers(connection, self._company)

    def invoices(self) -> Iterator[Document]:
        """See ports.Store, by QuickBooks' id."""
        return self._paged(books.invoices, "")

    def stamped(self, kind: DocumentKind, stamp: str) -> tuple[Document, ...]:
        """See ports.Store."""
        with reading(self._engine) as connection:
            return books.stamped(connection, self._company, kind, stamp)

    def begin(self, lease: Lease, outgoing: Outgoing, now: datetime) -> Outgoing:
        """See ports.Store."""
        with self._writing(lease) as connection:
            begun = outbox.begin(connection, self._company, lease, outgoing, now)
        stage_log.tell(begun)
        return begun

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
        """See ports.Store. To sending goes `begin`, from refused `retry`; from sending, only the sender's fence."""
        answer = outbox.Answer(document, failure, adopted, reason, tid)
        with self._writing(lease) as connection:
            moved = outbox.move(connection, self._company, lease, outgoing, stage, now, answer)
            if document is not None:
                books.keep_documents(connection, self._company, (document,), now)
        stage_log.tell(moved, answer)
        return moved

    def doubt(self, lease: Lease, outgoing: Outgoing, now: datetime, failure: Doubtful) -> Outgoing:
        """See ports.Store."""
        answer = outbox.Answer(None, failure, adopted=False, reason="")
        with self._writing(lease) as connection:
            begun = outbox.begin(connection, self._company, lease, outgoing, now)
            moved = outbox.move(connection, self._company, lease, begun, Stage.DOUBTFUL, now, answer)
        stage_log.tell(moved, answer)
        return moved

    def counts(self) -> Mapping[Stage, int]:
        """How many postings stand at each stage."""
        with reading(self._engine) as connection:
            return outbox.counts(connection, self._company)

    def trace(self, deliverable_key: str) -> Trace:
        """All that is known of one deliverable, by its folded id."""
        with reading(self._engine) as connection:
            return tracing.trace(connection, self._company, deliverable_key)

    def deliverable_of(self, number: str) -> str:
        """The folded id of the deliverable whose invoice or journal bears this number; empty where none does."""
        with reading(self._engine) as connection:
            return tracing.deliverable_of(connection, self._company, number)

    # The books

    def cursor(self) -> datetime | None:
        """See ports.Store."""
        with reading(self._engine) as connection:
            return books.cursor(connection, self._company)

    def keep_books(self, lease: Lease, changes: Changes, cursor: datetime | None = None) -> None:
        """See ports.Store. Documents are kept 1,000 a transaction; the last one moves the cursor, and only forward."""
        now = self._clock.now()
        for piece in books.pieces(changes.documents):
            with self._writing(lease) as connection:
                books.keep_documents(connection, self._company, piece, now)
        with self._writing(lease) as connection:
            books.keep_customers(connection, self._company, changes.customers)
            books.keep_items(connection, self._company, changes.items)
            if cursor is not None:
                books.move_cursor(connection, self._company, cursor)

    def forget_unseen(self, lease: Lease, kinds: Iterable[DocumentKind], seen_since: datetime) -> int:
        """See ports.Store. `seen_since` is an instant of our clock, taken before the whole read began."""
        forgotten = 0
        for kind in kinds:
            found = books.CHUNK
            while found == books.CHUNK:
                with self._writing(lease) as connection:
                    now = self._clock.now()
                    found = books.forget_unseen(connection, self._company, kind, seen_since, now)
                forgotten += found
        return forgotten

    def keep_accounts(self, lease: Lease, accounts: Iterable[Account]) -> None:
        """See ports.Store."""
        with self._writing(lease) as connection:
            books.keep_accounts(connection, self._company, accounts)

    def account_types(self) -> Mapping[str, str]:
        """See ports.Store."""
        with reading(self._engine) as connection:
            return books.account_types(connection, self._company)

    def customers(self) -> tuple[Customer, ...]:
        """See ports.Store."""
        with reading(self._engine) as connection:
            return books.customers(connection, self._company)

    def items(self) -> tuple[Item, ...]:
        """See ports.Store."""
        with reading(self._engine) as connection:
            return books.items(connection, self._company)

    def documents(self, kind: DocumentKind, ids: Iterable[str]) -> tuple[Document, ...]:
        """See ports.Store; in the order asked for, without those that we do not know."""
        with reading(self._engine) as connection:
            return books.documents(connection, self._company, kind, ids)

    def cases(self, customer_ids: Iterable[str]) -> Iterator[Case]:
        """See ports.Store. Withdrawn postings are among `outgoing`; each case is read at one instant."""
        with reading(self._engine) as connection:
            wanted = trees.trees(connection, self._company, customer_ids)
        for batch in wanted.batches():
            with reading(self._engine) as connection:
                found = trees.cases(connection, self._company, {root: wanted.members[root] for root in batch})
            yield from found

    def strays(self, customer_ids: Iterable[str]) -> Iterator[Document]:
        """See ports.Store."""
        with reading(self._engine) as connection:
            wanted = trees.trees(connection, self._company, customer_ids)
        inside = frozenset(customer for members in wanted.members.values() for customer in members)
        return self._paged(lambda connection, company, after: trees.strays(connection, company, inside, after), "")

    # What was promised, what is wrong, what was done

    def keep_contents(self, lease: Lease, contents: Iterable[Promise], now: datetime) -> None:
        """See ports.Store; the first sight of a deliverable's revision stands for ever."""
        for piece in books.pieces(contents):
            with self._writing(lease) as connection:
                runs.keep_contents(connection, self._company, piece, now)

    def contents(self, deliverables: Iterable[str]) -> tuple[Promise, ...]:
        """See ports.Store."""
        found: list[Promise] = []
        for piece in books.pieces(deliverables):
            with reading(self._engine) as connection:
                found += runs.contents(connection, self._company, piece)
        return tuple(found)

    def keep_flags(self, lease: Lease, found: Iterable[Flag], run: int, today: date) -> FlagChange:
        """See ports.Store; one transaction, so that no reader sees half of a run's flags."""
        every = tuple(found)
        with self._writing(lease) as connection:
            change = flags.keep(connection, self._company, every, run, today)
            events = audit_facts.flags(change, run)
            audit.append(connection, self._company, self._clock.now(), lease.owner, events)
        return change

    def flags(self, *, cleared: bool = False) -> tuple[OpenFlag, ...]:
        """See ports.Store."""
        with reading(self._engine) as connection:
            return flags.flags(connection, self._company, cleared=cleared)

    def start_run(self, lease: Lease, business_date: date, now: datetime) -> int:
        """See ports.Store."""
        with self._writing(lease) as connection:
            return runs.start(connection, self._company, lease, business_date, now)

    def finish_run(self, lease: Lease, run: int, now: datetime, exit_code: int, counts: Mapping[str, str]) -> None:
        """See ports.Store."""
        with self._writing(lease) as connection:
            runs.finish(connection, self._company, lease, run, now, exit_code, counts)

    def runs(self, count: int) -> tuple[RunRecord, ...]:
        """See ports.Store."""
        with reading(self._engine) as connection:
            return runs.newest(connection, self._company, count)

    def metered_calls(self, month: str = "") -> int:
        """See ports.Store."""
        with reading(self._engine) as connection:
            return metering.calls(connection, self._company, month)

    # The audit log

    def record(self, lease: Lease, event: str, content: Mapping[str, str], now: datetime) -> None:
        """See ports.Store."""
        with self._writing(lease) as connection:
            audit.append(connection, self._company, now, lease.owner, (audit.Event(event, content),))

    def accept_audit(self, lease: Lease, reason: str, anchor: AuditHead, now: datetime) -> AuditHead:
        """See ports.Store."""
        with self._writing(lease) as connection:
            return audit.accept(connection, self._company, now, lease.owner, reason, anchor)

    def audit_head(self) -> AuditHead:
        """See ports.Store."""
        with reading(self._engine) as connection:
            return audit.head(connection, self._company)

    def check_audit(self, anchor: AuditHead, *, whole: bool = False) -> AuditCheck:
        """See ports.Store; all of it at one instant."""
        with reading(self._engine) as connection:
            return audit.check(connection, self._company, anchor, whole=whole)

    def audit_entries(self, since: datetime | None = None) -> Iterator[AuditEntry]:
        """See ports.Store; in pages without a transaction between them."""
        after = 0
        while True:
            with reading(self._engine) as connection:
                found = audit.entries(connection, self._company, after, since)
            if not found:
                return
            yield from found
            after = found[-1].seq
