"""The trail of one deliverable: contract, sign-off, postings, sends and documents (R46, R54)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from qbo_milestones.model.books import Document, DocumentKind
from qbo_milestones.pipeline.case import Case, Facts
from qbo_milestones.pipeline.outbox import Outgoing, Stage
from qbo_milestones.pipeline.register import Contract, Deliverable, Register, SignOff, contract_of, fold
from qbo_milestones.pipeline.settlement import Settlement, settle


@dataclass(frozen=True, slots=True)
class TracedPosting:
    """A posting with the evidence that stays with us. `accepted_on` and `txn_date` are in the company's zone."""

    outgoing: Outgoing
    accepted_on: date
    txn_date: date
    moved_from: date | None
    evidence: str
    evidence_sha256: str
    body_sha256: str
    note: str
    planned_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class TracedAttempt:
    """One send. `outcome` is the stage that followed, None while nobody knows."""

    posting_key: str
    n: int
    requestid: str
    body_sha256: str
    sent_at: datetime
    fence: int
    outcome: Stage | None
    ended_at: datetime | None
    code: str
    tid: str
    text: str


@dataclass(frozen=True, slots=True)
class TracedLink:
    """A tie between two documents, as the first one names it."""

    from_kind: str
    from_id: str
    to_kind: str
    to_id: str


@dataclass(frozen=True, slots=True)
class Trace:
    """All that the database knows of one deliverable."""

    postings: tuple[TracedPosting, ...]
    attempts: tuple[TracedAttempt, ...]
    documents: tuple[Document, ...]
    links: tuple[TracedLink, ...]


@dataclass(frozen=True, slots=True)
class Trail:
    """The whole story. What is missing is None or empty: the first gap is where the money stopped."""

    id: str
    deliverable: Deliverable | None
    contract: Contract | None
    sign_offs: tuple[SignOff, ...]
    trace: Trace
    settlements: tuple[Settlement, ...]


def follow(id_: str, register: Register, trace: Trace, account_types: Mapping[str, str], today: date) -> Trail:
    """The trail of the deliverable with this id, from the register and from what the database knows."""
    key = fold(id_)
    row = next((row for row in register.deliverables if row.key == key), None)
    return Trail(
        row.id if row else id_,
        row,
        contract_of(register, row) if row else None,
        tuple(register.sign_offs.get(key, ())),
        trace,
        settle(_case(trace), Facts(today, {}, frozenset(), account_types)),
    )


def _case(trace: Trace) -> Case:
    """The documents as a case, so that payments are counted by the same rule as in the nightly run."""
    deposits = tuple(one for one in trace.documents if one.kind is DocumentKind.DEPOSIT)
    others = tuple(one for one in trace.documents if one.kind is not DocumentKind.DEPOSIT)
    return Case(frozenset(), tuple(posting.outgoing for posting in trace.postings), others, deposits)
