"""What stands for each deliverable: posted by us, on its way, or found as another machine left it (ruling 2)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from qbo_milestones.adapters.store import outbox
from qbo_milestones.adapters.store.books import pieces
from qbo_milestones.adapters.store.columns import AnyRow
from qbo_milestones.adapters.store.documents import to_text
from qbo_milestones.adapters.store.engine import RuleBroken
from qbo_milestones.adapters.store.tables import posting as posting_table
from qbo_milestones.model.money import from_minor
from qbo_milestones.pipeline.gate import Billed
from qbo_milestones.pipeline.outbox import STANDING, Stage
from qbo_milestones.pipeline.posting import PostingKind
from qbo_milestones.ports import Adoption

_p = posting_table.c

PAGE = 2000


def adopt(connection: Connection, company: str, found: Iterable[Adoption], now: datetime) -> int:
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
    ).where(_p.company == company, _p.deliverable > after, _p.stage.in_([stage.value for stage in STANDING]))
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
    )


def posted_keys(connection: Connection, company: str, keys: Iterable[str]) -> frozenset[str]:
    """Which of the keys are posted."""
    found: set[str] = set()
    for piece in pieces(keys):
        query = select(_p.posting_key).where(_p.company == company, _p.posting_key.in_(piece))
        found.update(connection.scalars(query.where(_p.stage == Stage.POSTED.value)))
    return frozenset(found)


def known_stamps(connection: Connection, company: str) -> frozenset[str]:
    """The stamp codes of all postings that are not withdrawn."""
    query = select(_p.stamp_code).where(_p.company == company, _p.stage != Stage.WITHDRAWN.value)
    return frozenset(connection.scalars(query))
