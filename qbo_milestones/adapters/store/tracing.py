"""One deliverable from decision to money: what we posted for it, every send, and the documents tied to it."""

from collections.abc import Iterable

from sqlalchemy import Connection, and_, func, or_, select

from qbo_milestones.adapters.store import outbox
from qbo_milestones.adapters.store.books import Key, documents, pieces
from qbo_milestones.adapters.store.tables import attempt as attempt_table
from qbo_milestones.adapters.store.tables import document as document_table
from qbo_milestones.adapters.store.tables import document_link
from qbo_milestones.adapters.store.tables import posting as posting_table
from qbo_milestones.model.books import Document, DocumentKind
from qbo_milestones.pipeline.outbox import Stage
from qbo_milestones.pipeline.trail import Trace, TracedAttempt, TracedLink, TracedPosting

_p, _a, _d, _l = posting_table.c, attempt_table.c, document_table.c, document_link.c

# From an invoice to its payment, from that to the deposit.
_HOPS = 2
_PULLED = frozenset(kind.value for kind in DocumentKind)


def deliverable_of(connection: Connection, company: str, number: str) -> str:
    """The deliverable whose posting bears this number; empty where none does."""
    same = func.lower(_p.number) == number.lower()
    query = select(_p.deliverable).where(_p.company == company, same, _p.number != "")
    return connection.scalar(query.order_by(_p.seq.desc()).limit(1)) or ""


def trace(connection: Connection, company: str, deliverable: str) -> Trace:
    """By folded deliverable id; with the documents that are ours (posted, or stamped) and two links around."""
    postings = _postings(connection, company, deliverable)
    found = _ours(connection, company, deliverable)
    links: dict[TracedLink, None] = {}
    for _ in range(_HOPS):
        for link in _links_of(connection, company, found):
            links[link] = None
            for key in ((link.from_kind, link.from_id), (link.to_kind, link.to_id)):
                found.setdefault(key)
    return Trace(
        postings,
        _attempts(connection, company, deliverable),
        _contents(connection, company, found),
        tuple(links),
    )


def _postings(connection: Connection, company: str, deliverable: str) -> tuple[TracedPosting, ...]:
    more = (_p.accepted_on, _p.txn_date, _p.moved_from, _p.evidence, _p.evidence_sha256, _p.body_sha256, _p.note)
    query = select(*outbox.COLUMNS, *more, _p.planned_at, _p.changed_at)
    query = query.where(_p.company == company, _p.deliverable == deliverable).order_by(_p.seq)
    return tuple(
        TracedPosting(
            outbox.to_outgoing(company, row),
            row.accepted_on,
            row.txn_date,
            row.moved_from,
            row.evidence,
            row.evidence_sha256,
            row.body_sha256,
            row.note,
            row.planned_at,
            row.changed_at,
        )
        for row in connection.execute(query)
    )


def _attempts(connection: Connection, company: str, deliverable: str) -> tuple[TracedAttempt, ...]:
    same = and_(_a.company == _p.company, _a.posting_seq == _p.seq)
    query = select(_p.posting_key, attempt_table).join_from(attempt_table, posting_table, same)
    query = query.where(_p.company == company, _p.deliverable == deliverable).order_by(_a.posting_seq, _a.n)
    return tuple(
        TracedAttempt(
            row.posting_key,
            row.n,
            row.requestid,
            row.body_sha256,
            row.sent_at,
            row.fence,
            Stage(row.outcome) if row.outcome else None,
            row.ended_at,
            row.code,
            row.tid,
            row.text,
        )
        for row in connection.execute(query)
    )


def _ours(connection: Connection, company: str, deliverable: str) -> dict[Key, None]:
    query = select(_p.document_kind, _p.books_id, _p.stamp_code).where(
        _p.company == company, _p.deliverable == deliverable
    )
    rows = connection.execute(query.order_by(_p.seq)).all()
    posted = [(row.document_kind, row.books_id) for row in rows if row.books_id]
    codes = sorted({row.stamp_code for row in rows})
    bearing = select(_d.kind, _d.id).where(_d.company == company, _d.stamp != "", _d.stamp.in_(codes))
    return dict.fromkeys([*posted, *((row.kind, row.id) for row in connection.execute(bearing))])


def _links_of(connection: Connection, company: str, keys: Iterable[Key]) -> list[TracedLink]:
    found: list[TracedLink] = []
    for piece in pieces(keys, 100):
        ends = [and_(_l.from_kind == kind, _l.from_id == id_) for kind, id_ in piece]
        ends += [and_(_l.to_kind == kind, _l.to_id == id_) for kind, id_ in piece]
        query = select(_l.from_kind, _l.from_id, _l.to_kind, _l.to_id).where(_l.company == company, or_(*ends))
        rows = connection.execute(query.order_by(_l.from_kind, _l.from_id, _l.to_kind, _l.to_id))
        found += (TracedLink(*row) for row in rows)
    return found


def _contents(connection: Connection, company: str, keys: Iterable[Key]) -> tuple[Document, ...]:
    by_kind: dict[str, list[str]] = {}
    for kind, id_ in keys:
        if kind in _PULLED:
            by_kind.setdefault(kind, []).append(id_)
    return tuple(
        document
        for kind, ids in by_kind.items()
        for document in documents(connection, company, DocumentKind(kind), ids)
    )
