"""The outbox in the database: what was decided to be sent, every send of it, and what came of it."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from qbo_milestones.adapters.store import audit, audit_facts
from qbo_milestones.adapters.store.columns import AnyRow, to_money
from qbo_milestones.adapters.store.documents import from_text, to_text
from qbo_milestones.adapters.store.tables import attempt as attempt_table
from qbo_milestones.adapters.store.tables import posting as posting_table
from qbo_milestones.errors import Failure, RuleBroken
from qbo_milestones.model.books import Document
from qbo_milestones.pipeline.outbox import ARROWS, Outgoing, Stage
from qbo_milestones.pipeline.posting import Identity, Posting, PostingKind
from qbo_milestones.ports import Lease

_p, _a = posting_table.c, attempt_table.c

Planned = tuple[Posting, bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a send or a look-up."""

    document: Document | None
    failure: Failure | None
    adopted: bool
    reason: str
    tid: str = ""

    @property
    def code(self) -> str:
        """The failure's code, empty without one."""
        return self.failure.code if self.failure else ""

    @property
    def status(self) -> int | None:
        """The HTTP status that was read; None where no answer was."""
        if self.failure is not None:
            return self.failure.status or None
        return None if self.adopted else 200

    @property
    def text(self) -> str:
        """The failure's sentence, empty without one."""
        return self.failure.text if self.failure else ""

    @property
    def traced(self) -> str:
        """QuickBooks' trace id of the answer, good or bad; empty where it gave none."""
        return self.failure.tid if self.failure else self.tid


# How many rows are read at once.
_PAGE = 500

# What an Outgoing is made of; the other columns are evidence for `trace`.
COLUMNS = (
    _p.seq,
    _p.deliverable,
    _p.kind,
    _p.letter,
    _p.deliverable_id,
    _p.revision,
    _p.contract,
    _p.contract_version,
    _p.customer_id,
    _p.amount_minor,
    _p.currency,
    _p.number,
    _p.body,
    _p.attempt,
    _p.stage,
    _p.after_key,
    _p.content_hash,
    _p.first_sent_at,
    _p.last_sent_at,
    _p.books_id,
    _p.code,
    _p.reason,
    _p.adopted,
    _p.as_posted,
    _p.moved_from,
)


def to_outgoing(company: str, row: AnyRow) -> Outgoing:
    """The posting of a row of COLUMNS."""
    amount = to_money(row.amount_minor, row.currency)
    assert amount is not None  # noqa: S101 - the columns are NOT NULL; this tells the type checker
    return Outgoing(
        identity=Identity(company, row.deliverable, PostingKind(row.kind), row.letter),
        deliverable_id=row.deliverable_id,
        revision=row.revision,
        contract=row.contract,
        contract_version=row.contract_version,
        customer_id=row.customer_id,
        amount=amount,
        number=row.number,
        body=row.body,
        attempt=row.attempt,
        stage=Stage(row.stage),
        after=row.after_key,
        content_hash=row.content_hash,
        first_sent_at=row.first_sent_at,
        last_sent_at=row.last_sent_at,
        books_id=row.books_id or "",
        code=row.code,
        reason=row.reason,
        adopted=row.adopted,
        as_posted=from_text(row.as_posted) if row.as_posted else None,
        moved_from=row.moved_from,
    )


def _facts(posting: Posting, body: bytes, attempt: int, now: datetime) -> dict[str, Any]:
    """The columns that are frozen for one attempt series."""
    draft = posting.draft
    return {
        "deliverable_id": posting.deliverable_id,
        "revision": posting.revision,
        "contract": posting.contract,
        "contract_version": posting.contract_version,
        "customer_id": draft.customer_id,
        "amount_minor": draft.amount.minor,
        "currency": draft.amount.currency,
        "number": posting.number,
        "after_key": posting.after,
        "content_hash": posting.content_hash,
        "accepted_on": posting.accepted_on,
        "txn_date": draft.date,
        "moved_from": posting.moved_from,
        "evidence": posting.evidence,
        "evidence_sha256": posting.evidence_sha256,
        "note": draft.note,
        "body": body,
        "body_sha256": sha256(body),
        "attempt": attempt,
        "requestid": posting.identity.requestid(attempt),
        "stage": Stage.PLANNED.value,
        "planned_at": now,
        "changed_at": now,
    }


def sha256(body: bytes) -> str:
    """Hash of a body, as it stands in the database."""
    return hashlib.sha256(body).hexdigest()


def plan(connection: Connection, company: str, lease: Lease, postings: Iterable[Planned], now: datetime) -> int:
    """Insert what is new, plan anew what was refused with another body; returns how many were inserted."""
    by_key: dict[str, Planned] = {}
    for posting, body in postings:
        if posting.identity.company != company:
            raise RuleBroken(f"a posting of company {posting.identity.company} planned for {company}")
        by_key.setdefault(posting.key, (posting, body))
    standing, used = standing_rows(connection, company, by_key)
    events: list[audit.Event] = []
    for key, row in standing.items():
        posting, body = by_key[key]
        if row.stage == Stage.REFUSED and row.body_sha256 != sha256(body):
            facts = _facts(posting, body, row.attempt + 1, now)
            _again(connection, company, row.seq, facts)
            events.append(audit_facts.planned({**identity_values(posting.identity, row.seq), **facts}, "replanned"))
    new = {key: planned for key, planned in by_key.items() if key not in standing}
    events += map(audit_facts.planned, _insert(connection, company, new, used, now))
    audit.append(connection, company, now, lease.owner, events)
    return len(new)


def standing_rows(
    connection: Connection, company: str, keys: Iterable[str]
) -> tuple[dict[str, AnyRow], Mapping[str, int]]:
    """The live row of each key, and the highest attempt number that a withdrawn one has used."""
    query = select(_p.posting_key, _p.seq, _p.stage, _p.attempt, _p.body_sha256).where(
        _p.company == company, _p.posting_key.in_(list(keys))
    )
    live: dict[str, AnyRow] = {}
    used: dict[str, int] = {}
    for row in connection.execute(query):
        if row.stage == Stage.WITHDRAWN:
            used[row.posting_key] = max(used.get(row.posting_key, 0), row.attempt)
        else:
            live[row.posting_key] = row
    return live, used


def _insert(
    connection: Connection, company: str, new: Mapping[str, Planned], used: Mapping[str, int], now: datetime
) -> list[dict[str, Any]]:
    rows = []
    for seq, (key, (posting, body)) in enumerate(new.items(), start=last_seq(connection, company) + 1):
        # A withdrawn row's requestid is never used again, though it was never sent (I3).
        attempt = max(used.get(key, 0) + 1, posting.first_attempt)
        rows.append({**identity_values(posting.identity, seq), **_facts(posting, body, attempt, now)})
    if rows:
        connection.execute(insert(posting_table), rows)
    return rows


def last_seq(connection: Connection, company: str) -> int:
    """The highest sequence number so far, 0 for none."""
    return connection.scalar(select(func.max(_p.seq)).where(_p.company == company)) or 0


def identity_values(identity: Identity, seq: int) -> dict[str, Any]:
    """The columns that never change."""
    return {
        "company": identity.company,
        "seq": seq,
        "posting_key": identity.key,
        "deliverable": identity.deliverable,
        "kind": identity.kind.value,
        "letter": identity.letter,
        "document_kind": identity.kind.document_kind.value,
        "stamp_code": identity.stamp_code,
    }


def _again(connection: Connection, company: str, seq: int, values: Mapping[str, Any]) -> None:
    cleared = {"code": "", "reason": "", "first_sent_at": None, "last_sent_at": None, "fence": 0}
    where = (_p.company == company, _p.seq == seq, _p.stage == Stage.REFUSED.value)
    connection.execute(update(posting_table).where(*where).values(**values, **cleared))


def retry(connection: Connection, company: str, lease: Lease, outgoing: Outgoing, now: datetime) -> Outgoing:
    """Refused -> planned with the same body under the next attempt number."""
    row = _row(connection, company, outgoing, frozenset({Stage.REFUSED}))
    attempt = row.attempt + 1
    requestid = outgoing.identity.requestid(attempt)
    values = {
        "stage": Stage.PLANNED.value,
        "attempt": attempt,
        "requestid": requestid,
        "planned_at": now,
        "changed_at": now,
    }
    _again(connection, company, row.seq, values)
    event = audit_facts.posting("retried", {**row._mapping, "attempt": attempt}, requestid=requestid)
    audit.append(connection, company, now, lease.owner, (event,))
    return _by_seq(connection, company, row.seq)


def begin(connection: Connection, company: str, lease: Lease, outgoing: Outgoing, now: datetime) -> Outgoing:
    """To sending, with its attempt row. The body in the database is hashed again: what is sent is what was frozen."""
    row = _row(connection, company, outgoing, frozenset({Stage.PLANNED, Stage.DOUBTFUL}))
    if not sha256(row.body) == sha256(outgoing.body) == row.body_sha256:
        raise RuleBroken(f"the body of posting {outgoing.key} is not the one that was planned")
    sends = select(func.max(_a.n)).where(_a.company == company, _a.posting_seq == row.seq)
    n = (connection.scalar(sends) or 0) + 1
    sent = {
        "company": company,
        "posting_seq": row.seq,
        "n": n,
        "requestid": outgoing.requestid,
        "body_sha256": row.body_sha256,
        "sent_at": now,
        "fence": lease.fence,
    }
    connection.execute(insert(attempt_table).values(**sent))
    values = {
        "first_sent_at": row.first_sent_at or now,
        "last_sent_at": now,
        "fence": lease.fence,
        "changed_at": now,
    }
    _change(connection, company, row.seq, outgoing, Stage.SENDING, values)
    event = audit_facts.sending(row._mapping, outgoing.requestid, n)
    audit.append(connection, company, now, lease.owner, (event,))
    return _by_seq(connection, company, row.seq)


def move(
    connection: Connection,
    company: str,
    lease: Lease,
    outgoing: Outgoing,
    stage: Stage,
    now: datetime,
    answer: Answer,
) -> Outgoing:
    """To another stage, from exactly where `outgoing` stands; closes the attempt that was open."""
    if stage is Stage.SENDING or outgoing.stage is Stage.REFUSED:
        raise RuleBroken("only `begin` sends, and only `retry` or `plan` brings back what was refused")
    row = _row(connection, company, outgoing, frozenset({outgoing.stage}))
    if outgoing.stage is Stage.SENDING:
        if stage is not Stage.DOUBTFUL and row.fence != lease.fence:
            # Only the sender has read the answer (I7); to anybody else the send is doubtful.
            raise RuleBroken(f"posting {outgoing.key} was sent under fence {row.fence}, not {lease.fence}")
        _close(connection, company, row.seq, stage, now, answer)
    # What is disputed was doubtful for the same reason, and is judged by it when a person has left one document.
    code = outgoing.code if stage is Stage.DISPUTED else answer.code
    values: dict[str, Any] = {"code": code, "reason": answer.reason or answer.text, "changed_at": now}
    if stage is Stage.POSTED:
        values |= _posted(outgoing, answer)
    _change(connection, company, row.seq, outgoing, stage, values)
    name = audit_facts.moved_name(outgoing.stage, stage, adopted=answer.adopted)
    told = {"requestid": outgoing.requestid, "books_id": str(values.get("books_id", ""))}
    event = audit_facts.posting(name, row._mapping, **told, code=answer.code, tid=answer.traced)
    audit.append(connection, company, now, lease.owner, (event,))
    return _by_seq(connection, company, row.seq)


def _posted(outgoing: Outgoing, answer: Answer) -> dict[str, Any]:
    document = answer.document
    if document is None or document.kind is not outgoing.document_kind or not document.id:
        raise RuleBroken(f"posting {outgoing.key} cannot be posted without its {outgoing.document_kind}")
    return {"books_id": document.id, "as_posted": to_text(document), "adopted": answer.adopted}


def _close(connection: Connection, company: str, seq: int, stage: Stage, now: datetime, answer: Answer) -> None:
    values = {
        "outcome": stage.value,
        "ended_at": now,
        "http_status": answer.status,
        "code": answer.code,
        "tid": answer.traced,
        "text": answer.text or answer.reason,
    }
    where = (_a.company == company, _a.posting_seq == seq, _a.outcome.is_(None))
    connection.execute(update(attempt_table).where(*where).values(**values))


def _row(connection: Connection, company: str, outgoing: Outgoing, stages: frozenset[Stage]) -> AnyRow:
    """The posting's row, only if it stands where the caller believes and may be there."""
    query = select(*COLUMNS, _p.body_sha256, _p.fence).where(_p.company == company, _p.posting_key == outgoing.key)
    for row in connection.execute(query).all():
        if row.stage == outgoing.stage and row.attempt == outgoing.attempt and outgoing.stage in stages:
            return row
    raise _moved(outgoing)


def _moved(outgoing: Outgoing) -> RuleBroken:
    return RuleBroken(f"posting {outgoing.key} does not stand at {outgoing.stage}, attempt {outgoing.attempt}")


def _change(
    connection: Connection, company: str, seq: int, outgoing: Outgoing, stage: Stage, values: Mapping[str, Any]
) -> None:
    if (outgoing.stage, stage) not in ARROWS:
        raise RuleBroken(f"no arrow from {outgoing.stage} to {stage}")
    where = (
        _p.company == company,
        _p.seq == seq,
        _p.stage == outgoing.stage.value,
        _p.attempt == outgoing.attempt,
    )
    changed = connection.execute(update(posting_table).where(*where).values(stage=stage.value, **values))
    if changed.rowcount != 1:
        raise _moved(outgoing)


def _by_seq(connection: Connection, company: str, seq: int) -> Outgoing:
    query = select(*COLUMNS).where(_p.company == company, _p.seq == seq)
    return to_outgoing(company, connection.execute(query).one())


def page(
    connection: Connection, company: str, stages: frozenset[Stage] | None, after: int
) -> tuple[list[Outgoing], int | None]:
    """The next postings behind a sequence number, in the order in which they were planned; and where to go on."""
    query = select(*COLUMNS).where(_p.company == company, _p.seq > after)
    if stages is not None:
        query = query.where(_p.stage.in_([stage.value for stage in stages]))
    rows = connection.execute(query.order_by(_p.seq).limit(_PAGE)).all()
    return [to_outgoing(company, row) for row in rows], rows[-1].seq if len(rows) == _PAGE else None


def counts(connection: Connection, company: str) -> dict[Stage, int]:
    """How many postings stand at each stage."""
    query = select(_p.stage, func.count()).where(_p.company == company).group_by(_p.stage)
    found = {Stage(stage): count for stage, count in connection.execute(query)}
    return {stage: found.get(stage, 0) for stage in Stage}
