"""What stands for each deliverable: posted by us, on its way, or found as another machine left it (ruling 2)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from qbo_milestones.adapters.store import audit, audit_facts, outbox
from qbo_milestones.adapters.store.books import pieces
from qbo_milestones.adapters.store.columns import AnyRow
from qbo_milestones.adapters.store.documents import from_text, to_text
from qbo_milestones.adapters.store.tables import attempt as attempt_table
from qbo_milestones.adapters.store.tables import document as document_table
from qbo_milestones.adapters.store.tables import posting as posting_table
from qbo_milestones.adapters.store.tables import run as run_table
from qbo_milestones.errors import RuleBroken
from qbo_milestones.model.books import Document
from qbo_milestones.model.money import Money, from_minor
from qbo_milestones.pipeline.gate import Billed
from qbo_milestones.pipeline.outbox import IN_BOOKS, Stage
from qbo_milestones.pipeline.posting import PostingKind
from qbo_milestones.ports import Adoption, Lease

_p, _d, _t, _r = posting_table.c, document_table.c, attempt_table.c, run_table.c

PAGE = 2000


def adopt(connection: Connection, company: str, lease: Lease, found: Iterable[Adoption], now: datetime) -> int:
    """Insert as posted and adopted; a key that stands already is left. Returns how many are new."""
    by_key: dict[str, Adoption] = {}
    for adoption in found:
        if adoption.identity.company != company:
            raise RuleBroken(f"a document of company {adoption.identity.company} adopted for {company}")
        by_key.setdefault(adoption.identity.key, adoption)
    standing, used = outbox.standing_rows(connection, company, by_key)
    new = {key: adoption for key, adoption in by_key.items() if key not in standing}
    rows = [
        _row(adoption, seq, used.get(key, 0) + 1, now)
        for seq, (key, adoption) in enumerate(new.items(), start=outbox.last_seq(connection, company) + 1)
    ]
    if rows:
        connection.execute(insert(posting_table), rows)
    events = (audit_facts.posting("adopted", row, books_id=row["books_id"]) for row in rows)
    audit.append(connection, company, now, lease.owner, events)
    return len(rows)


def _row(adoption: Adoption, seq: int, attempt: int, now: datetime) -> dict[str, Any]:
    document = adoption.document
    if document.kind is not adoption.identity.kind.document_kind or not document.id:
        raise RuleBroken(f"posting {adoption.identity.key} cannot adopt {document.kind} {document.id}")
    return {
        **outbox.identity_values(adoption.identity, seq),
        "deliverable_id": adoption.deliverable_id,
        "revision": adoption.revision,
        "contract": adoption.contract,
        "contract_version": adoption.contract_version,
        "customer_id": document.customer_id or next((line.customer_id for line in document.lines), ""),
        "amount_minor": adoption.amount.minor,
        "currency": adoption.amount.currency,
        "number": document.number,
        "after_key": "",
        "content_hash": adoption.content_hash,
        "txn_date": document.txn_date,
        "evidence": "",
        "evidence_sha256": "",
        "note": document.note,
        "body": b"",
        "body_sha256": outbox.sha256(b""),
        "attempt": attempt,
        "requestid": adoption.identity.requestid(attempt),
        "stage": Stage.POSTED.value,
        "planned_at": now,
        "changed_at": now,
        "books_id": document.id,
        "adopted": True,
        "as_posted": to_text(document),
    }


def billed(connection: Connection, company: str, after: str) -> tuple[list[Billed], str | None]:
    """What stands for the next deliverables behind a folded id, one each; and where to go on."""
    query = select(
        _p.deliverable,
        _p.kind,
        _p.document_kind,
        _p.number,
        _p.books_id,
        _p.revision,
        _p.amount_minor,
        _p.currency,
        _p.contract,
        _p.content_hash,
        _p.customer_id,
    ).where(_p.company == company, _p.deliverable > after, _p.stage.in_([stage.value for stage in IN_BOOKS]))
    rows = connection.execute(query.order_by(_p.deliverable, _p.seq).limit(PAGE)).all()
    more = len(rows) == PAGE
    groups = _groups(rows)
    # The last one of a full page may go on behind it.
    whole = list(groups)[:-1] if more and len(groups) > 1 else list(groups)
    return [_billed(groups[key]) for key in whole], (whole[-1] if more else None)


def _groups(rows: Iterable[AnyRow]) -> dict[str, list[AnyRow]]:
    groups: dict[str, list[AnyRow]] = {}
    for row in rows:
        groups.setdefault(row.deliverable, []).append(row)
    return groups


def _billed(rows: Sequence[AnyRow]) -> Billed:
    """The invoice speaks for the deliverable, the newest where there are two; else what stands in its place."""
    row = next((row for row in reversed(rows) if row.kind == PostingKind.INVOICE), rows[-1])
    called = row.number or (f"with id {row.books_id}" if row.books_id else "without a number yet")
    return Billed(
        row.deliverable,
        row.revision,
        from_minor(row.amount_minor, row.currency),
        row.contract,
        row.content_hash,
        f"{row.document_kind} {called}",
        row.kind == PostingKind.INVOICE,
        row.customer_id,
    )


def invoiced_for(connection: Connection, company: str, business_date: date) -> tuple[Money, ...]:
    """What runs of a business date sent and may stand in the books; a run is known by its fence, as its sends are."""
    runs = select(_r.fence).where(_r.company == company, _r.business_date == business_date)
    sent = select(_t.posting_seq).where(_t.company == company, _t.fence.in_(runs))
    query = select(_p.amount_minor, _p.currency).where(
        _p.company == company,
        _p.kind == PostingKind.INVOICE.value,
        _p.stage.in_([stage.value for stage in IN_BOOKS]),
        _p.seq.in_(sent),
    )
    return tuple(from_minor(row.amount_minor, row.currency) for row in connection.execute(query))


def posted_keys(connection: Connection, company: str, keys: Iterable[str]) -> frozenset[str]:
    """Which of the keys are posted."""
    found: set[str] = set()
    for piece in pieces(keys):
        query = select(_p.posting_key).where(_p.company == company, _p.posting_key.in_(piece))
        found.update(connection.scalars(query.where(_p.stage == Stage.POSTED.value)))
    return frozenset(found)


def unsent_in_books(connection: Connection, company: str) -> frozenset[str]:
    """The keys of planned and refused postings whose stamp stands in the books all the same."""
    same = (_d.company == _p.company) & (_d.stamp == _p.stamp_code) & (_d.kind == _p.document_kind)
    query = select(_p.posting_key).join_from(posting_table, document_table, same)
    unsent = _p.stage.in_([Stage.PLANNED.value, Stage.REFUSED.value])
    query = query.where(_p.company == company, unsent, _d.deleted.is_(False))
    return frozenset(connection.scalars(query))


def strangers(connection: Connection, company: str) -> dict[str, tuple[Document, ...]]:
    """Documents that bear a stamp which no posting of ours has, voided ones too, by the stamp's code."""
    known = select(_p.seq).where(_p.company == _d.company, _p.stamp_code == _d.stamp, _p.stage != Stage.WITHDRAWN.value)
    # A document of ours into whose note a person copied another row's stamp is edited, not found.
    ours = select(_p.seq).where(_p.company == _d.company, _p.document_kind == _d.kind, _p.books_id == _d.id)
    query = select(_d.stamp, _d.content).where(
        _d.company == company, _d.stamp != "", _d.deleted.is_(False), ~known.exists(), ~ours.exists()
    )
    found: dict[str, list[Document]] = {}
    for row in connection.execute(query.order_by(_d.kind, _d.id)):
        found.setdefault(row.stamp, []).append(from_text(row.content))
    return {stamp: tuple(documents) for stamp, documents in found.items()}
