"""The invariants I1 to I9 and I12, asked of the data again: what no trigger or assertion should have let in.

Each check is one query or one look at a row, and names the postings that break it (reliability.md 1.6). I10 is of two
runs, not of data; I11 is the audit log's own.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from qbo_milestones.adapters.store.columns import AnyRow, to_money
from qbo_milestones.adapters.store.documents import from_text
from qbo_milestones.adapters.store.outbox import sha256
from qbo_milestones.adapters.store.tables import attempt as attempt_table
from qbo_milestones.adapters.store.tables import company as company_table
from qbo_milestones.adapters.store.tables import flag as flag_table
from qbo_milestones.adapters.store.tables import posting as posting_table
from qbo_milestones.adapters.store.tables import run as run_table
from qbo_milestones.model.books import Document, DocumentKind
from qbo_milestones.model.breach import Breach
from qbo_milestones.pipeline.frozen import contradictions
from qbo_milestones.pipeline.outbox import FORGOTTEN, IN_BOOKS, Stage
from qbo_milestones.pipeline.posting import Identity, PostingKind

ReadBody = Callable[[DocumentKind, bytes, str], Document]
Check = Callable[[Connection, str], Iterator[Breach]]

_p, _a = posting_table.c, attempt_table.c
_PAGE = 1_000
# Their answer is still out, or nobody knows it.
_UNKNOWN = or_(_a.outcome.is_(None), _a.outcome == Stage.DOUBTFUL.value)
# Signed one day ahead is a matter of time zones.
_A_DAY = timedelta(days=1)


def breaches(connection: Connection, company: str, quiet: timedelta, read_body: ReadBody) -> Iterator[Breach]:
    """Every breach in one company's outbox. `quiet` is the quiet time that was kept; `read_body` reads frozen bytes."""
    yield from unlike_their_identity(connection, company, read_body)
    for check in CHECKS:
        yield from check(connection, company)
    yield from sent_too_early(connection, company, quiet)
    yield from unknown_and_untold(connection, company, quiet)


def unlike_their_identity(connection: Connection, company: str, read_body: ReadBody) -> Iterator[Breach]:
    """I1, I2, I3, I6, I9, row by row: hash, key, requestid, document and amounts are those of the posting."""
    after = 0
    while True:
        query = select(posting_table).where(_p.company == company, _p.seq > after).order_by(_p.seq).limit(_PAGE)
        rows = connection.execute(query).all()
        for row in rows:
            yield from _of_row(row, read_body)
        if len(rows) < _PAGE:
            return
        after = rows[-1].seq


def _of_row(row: AnyRow, read_body: ReadBody) -> Iterator[Breach]:
    identity = Identity(row.company, row.deliverable, PostingKind(row.kind), row.letter)
    if sha256(_bytes(row.body)) != row.body_sha256:
        yield _breach("I1", row, "its frozen bytes are not those of its hash")
    if (row.posting_key, row.stamp_code) != (identity.key, identity.stamp_code):
        yield _breach("I2", row, "its key or stamp is not that of its deliverable")
    if row.requestid != identity.requestid(row.attempt):
        yield _breach("I3", row, "its requestid is not that of its attempt number")
    if row.as_posted is not None and _held(row.as_posted) != (row.books_id, row.stamp_code, row.document_kind):
        yield _breach("I6", row, "the document kept as its own bears another id, stamp or kind")
    # What another machine posted has no body here.
    if row.body:
        yield from _of_body(row, identity, read_body)


def _bytes(body: bytes | str) -> bytes:
    """What stands there; another program may have left text."""
    return body if isinstance(body, bytes) else body.encode()


def _held(as_posted: str) -> tuple[str, str, str] | None:
    try:
        held = from_text(as_posted)
    except Exception:  # a text that anybody may have altered
        return None
    return held.id, held.stamp, held.kind


def _of_body(row: AnyRow, identity: Identity, read_body: ReadBody) -> Iterator[Breach]:
    amount = to_money(row.amount_minor, row.currency)
    try:
        body = read_body(DocumentKind(row.document_kind), _bytes(row.body), row.currency)
    except Exception as unreadable:  # bytes that anybody may have altered
        yield _breach("I9", row, f"its frozen bytes cannot be read ({type(unreadable).__name__})")
        return
    for sentence in contradictions(identity, row.number, amount, body) if amount else ():
        yield _breach("I9", row, sentence)


def sent_without_a_posting(connection: Connection, company: str) -> Iterator[Breach]:
    """I1: each send belongs to a posting, with its exact bytes while the requestid is the posting's."""
    same = and_(_a.company == _p.company, _a.posting_seq == _p.seq)
    query = select(_a.requestid, posting_table).select_from(attempt_table.outerjoin(posting_table, same))
    stray = or_(_p.seq.is_(None), and_(_a.requestid == _p.requestid, _a.body_sha256 != _p.body_sha256))
    for row in connection.execute(query.where(_a.company == company, stray)):
        if row.seq is None:
            yield Breach("I1", "", f"A request with id {row[0]} was sent for no posting.")
        else:
            yield _breach("I1", row, "it was sent with other bytes than are frozen")


def stage_without_its_send(connection: Connection, company: str) -> Iterator[Breach]:
    """I1: sending has its open attempt, posted by ourselves its answered one, and nothing else has an open one."""
    mine = and_(_a.company == _p.company, _a.posting_seq == _p.seq)
    opened = exists().where(mine, _a.requestid == _p.requestid, _a.outcome.is_(None))
    any_open = exists().where(mine, _a.outcome.is_(None))
    answered = exists().where(mine, _a.requestid == _p.requestid, _a.outcome == Stage.POSTED.value)
    for condition, sentence in (
        (and_(_p.stage == Stage.SENDING.value, ~opened), "it is being sent without a record of that"),
        (and_(_p.stage != Stage.SENDING.value, any_open), "a send of it has no outcome, though it is not being sent"),
        (
            and_(_p.stage == Stage.POSTED.value, _p.adopted.is_(False), ~answered),
            "it counts as posted without an answer that said so",
        ),
    ):
        yield from _found("I1", connection, company, condition, sentence)


def two_of_one_deliverable(connection: Connection, company: str) -> Iterator[Breach]:
    """I2: one deliverable, kind and letter has at most one posting that is not withdrawn, and so has one key."""
    standing = (_p.company == company, _p.stage != Stage.WITHDRAWN.value)
    for same in ((_p.deliverable, _p.kind, _p.letter), (_p.posting_key,)):
        newest = select(func.max(_p.seq)).where(*standing).group_by(*same).having(func.count() > 1)
        sentence = "another posting of the same deliverable stands beside it"
        yield from _found("I2", connection, company, _p.seq.in_(newest), sentence)


def one_requestid_for_two(connection: Connection, company: str) -> Iterator[Breach]:
    """I3: one requestid has one posting and one byte string for ever."""
    other = aliased(attempt_table).c
    unlike = or_(other.body_sha256 != _a.body_sha256, other.posting_seq != _a.posting_seq)
    twice = exists().where(other.company == _a.company, other.requestid == _a.requestid, unlike)
    mine = and_(_a.company == _p.company, _a.posting_seq == _p.seq)
    sentence = "one requestid of it was sent with two bodies, or for two postings"
    yield from _found("I3", connection, company, exists().where(mine, twice), sentence)
    beside = aliased(posting_table).c
    shared = exists().where(beside.company == _p.company, beside.requestid == _p.requestid, beside.seq != _p.seq)
    yield from _found("I3", connection, company, shared, "another posting has its requestid")


def given_up_unheard(connection: Connection, company: str) -> Iterator[Breach]:
    """I4: while no answer was read nothing is refused, withdrawn, planned anew or sent under another requestid."""
    later = aliased(attempt_table).c
    behind = and_(later.company == _a.company, later.posting_seq == _a.posting_seq, later.n > _a.n)
    mine = and_(_a.company == _p.company, _a.posting_seq == _p.seq, _UNKNOWN)
    given_up = [Stage.REFUSED.value, Stage.WITHDRAWN.value, Stage.PLANNED.value]
    last = exists().where(mine, ~exists().where(behind))
    sentence = "it was given up though the answer to its last send was never read"
    yield from _found("I4", connection, company, and_(_p.stage.in_(given_up), last), sentence)
    renamed = exists().where(mine, exists().where(behind, later.n == _a.n + 1, later.requestid != _a.requestid))
    sentence = "it got a new requestid though the answer to the old one was never read"
    yield from _found("I4", connection, company, renamed, sentence)


def sent_too_early(connection: Connection, company: str, quiet: timedelta) -> Iterator[Breach]:
    """I5: what was doubtful is sent again only after the quiet time."""
    later = aliased(attempt_table).c
    query = select(posting_table, _a.sent_at.label("before"), later.sent_at.label("after"))
    query = query.where(
        *(_p.company == company, _a.company == company, later.company == company),
        *(_a.posting_seq == _p.seq, later.posting_seq == _p.seq, later.n == _a.n + 1),
        _a.outcome == Stage.DOUBTFUL.value,
        # Not sent at all, but taken for sent at that instant.
        later.code != FORGOTTEN,
    )
    for row in connection.execute(query):
        if row.after - row.before < quiet:
            seconds = (row.after - row.before).total_seconds()
            yield _breach("I5", row, f"it was sent again {seconds:.0f} s after a send whose answer was lost")


def ids_out_of_step(connection: Connection, company: str) -> Iterator[Breach]:
    """I6: posted has one QuickBooks id, nothing else has one, and no id belongs to two postings."""
    posted = _p.stage == Stage.POSTED.value
    for condition, sentence in (
        (and_(posted, or_(_p.books_id.is_(None), _p.as_posted.is_(None))), "it is posted without its document"),
        (
            and_(~posted, or_(_p.books_id.is_not(None), _p.as_posted.is_not(None))),
            "it has a document but is not posted",
        ),
    ):
        yield from _found("I6", connection, company, condition, sentence)
    other = aliased(posting_table).c
    same = and_(other.company == _p.company, other.document_kind == _p.document_kind, other.seq != _p.seq)
    shared = exists().where(same, other.books_id == _p.books_id)
    yield from _found("I6", connection, company, shared, "another posting has the same document in QuickBooks")


def fences_back(connection: Connection, company: str) -> Iterator[Breach]:
    """I7: a fence never goes back along the sends of a posting or the runs, and none is ahead of the company's."""
    earlier = aliased(attempt_table).c
    before = and_(earlier.company == _a.company, earlier.posting_seq == _a.posting_seq, earlier.n < _a.n)
    newest = select(company_table.c.fence).where(company_table.c.company == company).scalar_subquery()
    mine = and_(_a.company == _p.company, _a.posting_seq == _p.seq)
    back = exists().where(mine, or_(_a.fence > newest, exists().where(before, earlier.fence > _a.fence)))
    yield from _found("I7", connection, company, back, "it was sent by a worker that had lost the company")
    run, older = run_table.c, aliased(run_table).c
    crossed = exists().where(older.company == run.company, older.id < run.id, older.fence >= run.fence)
    query = select(run.id).where(run.company == company, or_(run.fence > newest, crossed))
    for number in connection.scalars(query):
        yield Breach("I7", "", f"Run {number} worked under a fence that is not newer than the run's before it.")


def sent_without_a_sign_off(connection: Connection, company: str) -> Iterator[Breach]:
    """I8: what was sent has its acceptance date and its evidence on record, and was not accepted after it was sent."""
    sent = exists().where(_a.company == _p.company, _a.posting_seq == _p.seq)
    blank = or_(_p.accepted_on.is_(None), and_(_p.evidence == "", _p.evidence_sha256 == ""))
    yield from _found("I8", connection, company, and_(sent, blank), "it was sent without a sign-off on record")
    query = select(posting_table).where(_p.company == company, sent, _p.accepted_on.is_not(None))
    for row in connection.execute(query):
        if row.first_sent_at and row.accepted_on > (row.first_sent_at + _A_DAY).date():
            yield _breach("I8", row, f"it was sent before it was accepted ({row.accepted_on})")


def unequal_pairs(connection: Connection, company: str) -> Iterator[Breach]:
    """I9: an invoice that may stand is over the amount and the customer of its journal, so that they clear to 0.00."""
    stages = [stage.value for stage in IN_BOOKS]
    standing = (_p.company == company, _p.stage.in_(stages), func.length(_p.body) > 0)
    unlike = or_(
        *(func.min(column) != func.max(column) for column in (_p.amount_minor, _p.currency, _p.customer_id)),
    )
    newest = select(func.max(_p.seq)).where(*standing).group_by(_p.deliverable, _p.letter).having(unlike)
    yield from _found("I9", connection, company, _p.seq.in_(newest), "its journal is over another amount or customer")


def unknown_and_untold(connection: Connection, company: str, quiet: timedelta) -> Iterator[Breach]:
    """I12: the next run after the quiet time settles what is unknown, or flags it for a person."""
    run, flag = run_table.c, flag_table.c
    whole = and_(run.company == company, run.finished_at.is_not(None), ~run.counts.contains('"stopped"'))
    newest = connection.execute(select(run.started_at, run.fence).where(whole).order_by(run.id.desc()).limit(1)).first()
    if newest is None:
        return
    told = exists().where(flag.company == _p.company, flag.subject == _p.deliverable_id, flag.cleared_on.is_(None))
    unknown = [Stage.DOUBTFUL.value, Stage.DISPUTED.value]
    query = select(posting_table).where(_p.company == company, _p.stage.in_(unknown), ~told)
    for row in connection.execute(query):
        if row.last_sent_at and row.last_sent_at + quiet <= newest.started_at:
            yield _breach("I12", row, f"it is {row.stage} since {row.last_sent_at:%Y-%m-%d %H:%M} UTC and has no flag")
    left = and_(_p.stage == Stage.SENDING.value, _p.fence < newest.fence)
    yield from _found("I12", connection, company, left, "a later run passed over it while it was being sent")


CHECKS: tuple[Check, ...] = (
    sent_without_a_posting,
    stage_without_its_send,
    two_of_one_deliverable,
    one_requestid_for_two,
    given_up_unheard,
    ids_out_of_step,
    fences_back,
    sent_without_a_sign_off,
    unequal_pairs,
)


def _found(
    invariant: str, connection: Connection, company: str, condition: ColumnElement[bool], sentence: str
) -> Iterator[Breach]:
    query = select(posting_table).where(_p.company == company, condition).order_by(_p.seq)
    for row in connection.execute(query):
        yield _breach(invariant, row, sentence)


def _breach(invariant: str, row: AnyRow, sentence: str) -> Breach:
    what = f"{row.kind.capitalize()} {row.number}".strip()
    return Breach(invariant, row.posting_key, f"{what} of {row.deliverable_id}: {sentence}.")
