"""The audit log in the database: rows that are only ever added, each with a hash over the one before (I11)."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select

from qbo_milestones.adapters.store.columns import AnyRow, storable
from qbo_milestones.adapters.store.tables import attempt as attempt_table
from qbo_milestones.adapters.store.tables import company as company_table
from qbo_milestones.adapters.store.tables import flag as flag_table
from qbo_milestones.adapters.store.tables import posting as posting_table
from qbo_milestones.adapters.store.tables import run as run_table
from qbo_milestones.adapters.store.unattended import audit as audit_table
from qbo_milestones.model.audit import AuditCheck, AuditEntry, AuditHead, AuditState
from qbo_milestones.pipeline.outbox import Stage

RUN_STARTED, SENDING = "run.started", "posting.sending"
POSTED, _ADOPTED = "posting.posted", "posting.adopted"
# Rows that say how many of each stood when the log began beside older tables, or went on by a person's word.
_BEGUN, _ACCEPTED = "log.begun", "log.accepted"
_COUNTED = frozenset({SENDING, POSTED, RUN_STARTED, "run.ended", "flag.opened", "flag.cleared"})
_PAGE = 5000

_a, _t, _p, _r, _f = audit_table.c, attempt_table.c, posting_table.c, run_table.c, flag_table.c


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: its name (`posting.planned`) and its facts as texts."""

    name: str
    content: Mapping[str, str]


def append(connection: Connection, company: str, at: datetime, actor: str, events: Iterable[Event]) -> None:
    """Add rows in the caller's transaction, which says the same thing in its own tables: both stand, or neither."""
    end, rows = head(connection, company), []
    written_by = storable(actor)
    for event in events:
        content = _canonical(dict(event.content))
        seq = end.seq + 1
        digest = _digest(end.hash, company, seq, at, written_by, event.name, content)
        rows.append(
            {
                "company": company,
                "seq": seq,
                "at": at,
                "actor": written_by,
                "event": event.name,
                "content": content,
                "previous": end.hash,
                "hash": digest,
            }
        )
        end = AuditHead(seq, digest)
    if rows:
        connection.execute(insert(audit_table), rows)


def begin(connection: Connection, at: datetime, actor: str) -> None:
    """The first row of every company that did something before there was a log: what stands without being told of."""
    companies = select(company_table.c.company).order_by(company_table.c.company)
    for company in connection.scalars(companies).all():
        standing = _standing(connection, company)
        if any(standing.values()):
            append(connection, company, at, actor, [Event(_BEGUN, _texts(standing))])


def accept(connection: Connection, company: str, at: datetime, actor: str, reason: str, anchor: AuditHead) -> AuditHead:
    """Go on from a row that tells who answers for the log, why, where it should have ended, and what stands."""
    told = {"reason": reason, "anchor": str(anchor.seq), "anchor_hash": anchor.hash}
    append(connection, company, at, actor, [Event(_ACCEPTED, _texts(_standing(connection, company)) | told)])
    return head(connection, company)


def _texts(counts: Mapping[str, int]) -> dict[str, str]:
    return {event: str(count) for event, count in counts.items()}


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _digest(previous: str, company: str, seq: int, at: datetime, actor: str, event: str, content: str) -> str:
    row = _canonical([company, seq, at.astimezone(UTC).isoformat(), actor, event, content])
    return hashlib.sha256(f"{previous}{row}".encode()).hexdigest()


def head(connection: Connection, company: str) -> AuditHead:
    """The end of the log as this transaction sees it."""
    query = select(_a.seq, _a.hash).where(_a.company == company).order_by(_a.seq.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return AuditHead() if row is None else AuditHead(row.seq, row.hash)


def check(connection: Connection, company: str, anchor: AuditHead, *, whole: bool) -> AuditCheck:
    """Compute the chain again, and hold its end to the anchor: from that on, or `whole` from its first row.

    `whole` begins with the row that a person accepted, where one had to, see `accept`.
    A missing tail cannot be seen in the chain itself. The anchor shows it, and the other tables tell whether the whole
    database is older (it was restored) or only the log is.
    """
    end = head(connection, company)
    whole = whole or anchor.seq > end.seq
    # What was accepted is behind us, unless this database is older than that.
    first = anchor.accepted if anchor.accepted <= end.seq else 0
    after = max((first if whole else anchor.seq) - 1, 0)
    row, sentence = _first_broken(connection, company, anchor, after)
    if not row and whole and not _agrees(connection, company, first):
        row, sentence = end.seq + 1, "rows are missing at its end: other tables tell of more than the log."
    if row:
        return AuditCheck(AuditState.BROKEN, end, row, f"Audit log, row {row}: {sentence}")
    if anchor.seq > end.seq:
        found = f"The database is older than the last run: its audit log ends at row {end.seq}, not {anchor.seq}."
        return AuditCheck(AuditState.OLDER, end, sentence=found)
    return AuditCheck(AuditState.INTACT, end)


def _first_broken(connection: Connection, company: str, anchor: AuditHead, after: int) -> tuple[int, str]:
    """The first row behind `after` that is not as it was written, and what is wrong with it; 0 for none."""
    expected, previous = after + 1, None if after else ""
    for row in _rows(connection, company, after):
        if row.seq != expected:
            return expected, f"it is missing (the next one is {row.seq})."
        if previous is not None and row.previous != previous:
            return row.seq, "it does not continue the row before it."
        if row.hash != _digest(row.previous, company, row.seq, row.at, row.actor, row.event, row.content):
            return row.seq, "it was changed after it was written."
        if row.seq == anchor.seq and row.hash != anchor.hash:
            return row.seq, "it is not the row that is kept beside the key."
        expected, previous = row.seq + 1, row.hash
    return 0, ""


def _agrees(connection: Connection, company: str, first: int) -> bool:
    """Whether the log tells of as many sends, postings, runs and flags as the tables that it stands beside."""
    base, told = _base(connection, company, first)
    query = select(_a.event, func.count().label("times")).where(_a.company == company, _a.seq > base)
    told.update({row.event: row.times for row in connection.execute(query.group_by(_a.event))})
    told[POSTED] += told.pop(_ADOPTED, 0)
    return all(count == told[event] for event, count in _standing(connection, company).items())


def _base(connection: Connection, company: str, first: int) -> tuple[int, Counter[str]]:
    """The row that says what stood before the rows that count, and that; 0 and nothing where all were told of."""
    named = _ACCEPTED if first else _BEGUN
    query = select(_a.content).where(_a.company == company, _a.seq == (first or 1), _a.event == named)
    content = connection.scalar(query)
    if content is None:
        return 0, Counter()
    return first or 1, Counter({event: int(text) for event, text in json.loads(content).items() if event in _COUNTED})


def _standing(connection: Connection, company: str) -> dict[str, int]:
    """How often each counted event was, as the other tables tell; an adopted posting is a posted one."""
    counts = {
        SENDING: select(func.count()).where(_t.company == company),
        POSTED: select(func.count()).where(_p.company == company, _p.stage == Stage.POSTED.value),
        RUN_STARTED: select(func.count()).where(_r.company == company),
        "run.ended": select(func.count()).where(_r.company == company, _r.finished_at.is_not(None)),
        "flag.opened": select(func.count()).where(_f.company == company),
        "flag.cleared": select(func.count()).where(_f.company == company, _f.cleared_on.is_not(None)),
    }
    return {event: connection.scalar(count) or 0 for event, count in counts.items()}


def entries(connection: Connection, company: str, after: int, since: datetime | None) -> list[AuditEntry]:
    """The next rows behind a sequence number, written at `since` or later; empty at the end."""
    query = select(audit_table).where(_a.company == company, _a.seq > after)
    if since is not None:
        query = query.where(_a.at >= since)
    rows = connection.execute(query.order_by(_a.seq).limit(_PAGE))
    return [AuditEntry(row.seq, row.at, row.actor, row.event, json.loads(row.content), row.hash) for row in rows]


def _rows(connection: Connection, company: str, after: int) -> Iterator[AnyRow]:
    while True:
        query = select(audit_table).where(_a.company == company, _a.seq > after).order_by(_a.seq).limit(_PAGE)
        rows = connection.execute(query).all()
        yield from rows
        if len(rows) < _PAGE:
            return
        after = rows[-1].seq
