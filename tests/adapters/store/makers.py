"""Postings, documents and a still clock for the store's tests."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from qbo_milestones.adapters.store.engine import open_engine
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.errors import Refused
from qbo_milestones.model.books import Document, DocumentKind, DocumentLine
from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.outbox import Outgoing, Stage
from qbo_milestones.pipeline.posting import Identity, InvoiceDraft, JournalDraft, Posting, PostingKind
from qbo_milestones.ports import Lease, Store

COMPANY = "9130000000000001"
NOW = datetime(2026, 11, 23, 3, 17, tzinfo=UTC)
DAY = date(2026, 11, 20)
TTL = timedelta(seconds=30)


class StillClock:
    """Time that only a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - NOW).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def open_store(path: Path, company: str = COMPANY) -> DatabaseStore:
    """A store on a file, as another process would open it."""
    return DatabaseStore(open_engine(f"sqlite:///{path}"), company, StillClock())


def close(store: DatabaseStore) -> None:
    """Let go of its file."""
    store._engine.dispose()


def as_port(store: DatabaseStore) -> Store:
    """That it is one is the type checker's to prove."""
    return store


def usd(amount: str) -> Money:
    """Dollars."""
    return Money(Decimal(amount), "USD")


def posting(
    deliverable: str = "d-103", *, customer: str = "7", kind: PostingKind = PostingKind.INVOICE, company: str = COMPANY
) -> Posting:
    """A posting of 10,000.00 USD."""
    identity = Identity(company, deliverable, kind)
    note = f"{deliverable.upper()} rev 1 | {identity.stamp_code}"
    number = f"{deliverable.upper()}-A{kind.suffix}"
    draft: InvoiceDraft | JournalDraft
    if kind is PostingKind.INVOICE:
        draft = InvoiceDraft(customer, DAY, DAY, usd("10000"), "11", "Design", note, number=number)
    else:
        draft = JournalDraft(customer, DAY, usd("10000"), "21", "22", "Design", note, number)
    return Posting(
        identity,
        deliverable.upper(),
        1,
        "SOW-1",
        2,
        DAY,
        draft,
        number,
        "c" * 64,
        evidence="signed/d-103.pdf",
        evidence_sha256="e" * 64,
    )


def body(deliverable: str = "d-103", text: str = "first") -> bytes:
    """Frozen bytes."""
    return f"{deliverable} {text} \u00fc".encode()


def planned(store: DatabaseStore, lease: Lease, deliverable: str = "d-103", **more: str) -> Outgoing:
    """One posting in the outbox."""
    store.plan(lease, [(posting(deliverable, **more), body(deliverable))], NOW)  # type: ignore[arg-type]
    return next(out for out in store.outgoing() if out.identity.deliverable == deliverable)


def answer(outgoing: Outgoing, id_: str = "145", version: str = "0") -> Document:
    """What QuickBooks says it holds."""
    return invoice(id_, customer=outgoing.customer_id, version=version, note=outgoing.identity.stamp_code)


def invoice(id_: str, *, customer: str = "7", version: str = "0", note: str = "", balance: str = "10000") -> Document:
    """An invoice in the books; each version is a minute younger."""
    return Document(
        DocumentKind.INVOICE,
        id_,
        version,
        usd("10000"),
        usd(balance),
        txn_date=DAY,
        number=f"N-{id_}",
        customer_id=customer,
        note=note,
        lines=(DocumentLine(usd("10000"), "Design", "11"),),
        created_at=NOW,
        updated_at=NOW + timedelta(minutes=int(version)),
    )


def plain(kind: DocumentKind, id_: str, **facts: object) -> Document:
    """Any document without lines."""
    return replace(Document(kind, id_, "0", usd("100"), usd("0"), updated_at=NOW), **facts)  # type: ignore[arg-type]


def bring_to(store: DatabaseStore, lease: Lease, stage: Stage, deliverable: str = "d-103") -> Outgoing:
    """A posting at a stage, by legal arrows only."""
    out = planned(store, lease, deliverable)
    if stage is Stage.WITHDRAWN:
        store.withdraw(lease, out, NOW, "not signed")
        return replace(out, stage=Stage.WITHDRAWN)
    if stage is Stage.PLANNED:
        return out
    out = store.begin(lease, out, NOW)
    if stage is Stage.POSTED:
        return store.move(lease, out, stage, NOW, document=answer(out))
    if stage is Stage.REFUSED:
        return store.move(lease, out, stage, NOW, failure=Refused("Invalid item", code="2500", tid="1-abc"))
    if stage is Stage.SENDING:
        return out
    out = store.move(lease, out, Stage.DOUBTFUL, NOW, reason="time-out")
    return out if stage is Stage.DOUBTFUL else store.move(lease, out, Stage.DISPUTED, NOW, reason="two found")
