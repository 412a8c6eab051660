"""Could it be sent twice? Stages of a posting, their arrows, and each decision about sending (reliability.md 1.3)."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from qbo_milestones.errors import Doubtful, Failure, Refused
from qbo_milestones.model.books import Document, DocumentKind
from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.posting import Identity


class Stage(StrEnum):
    """Where a posting stands (ruling 6)."""

    PLANNED = "planned"
    SENDING = "sending"
    POSTED = "posted"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    DISPUTED = "disputed"
    WITHDRAWN = "withdrawn"


# Every legal arrow, and no other: the database's triggers are made from this table.
# sending -> planned is a send that surely was not applied; disputed -> posted is a person's word.
ARROWS = frozenset(
    {
        (Stage.PLANNED, Stage.SENDING),
        (Stage.PLANNED, Stage.WITHDRAWN),
        (Stage.SENDING, Stage.POSTED),
        (Stage.SENDING, Stage.REFUSED),
        (Stage.SENDING, Stage.DOUBTFUL),
        (Stage.SENDING, Stage.PLANNED),
        (Stage.DOUBTFUL, Stage.POSTED),
        (Stage.DOUBTFUL, Stage.SENDING),
        (Stage.DOUBTFUL, Stage.DISPUTED),
        (Stage.REFUSED, Stage.PLANNED),
        (Stage.DISPUTED, Stage.POSTED),
    }
)

# A posting at one of these stages may be in the books, so its deliverable is not billed again (ruling 1).
IN_BOOKS = frozenset({Stage.SENDING, Stage.POSTED, Stage.DOUBTFUL, Stage.DISPUTED})
# One that is only planned is not there yet, but it is on its way.
STANDING = IN_BOOKS | {Stage.PLANNED}

# The code of a refusal of our own: the series was never applied, and its row or its date has changed since.
SET_ASIDE = "set aside"
# The code of a doubt of our own: when it was sent, and whether, nobody knows, since a database or a clock was put back.
FORGOTTEN = "forgotten"
# Before there was a QuickBooks Online.
_EVER = datetime(2000, 1, 1, tzinfo=UTC)

# QuickBooks may work on a lost request for 120 s, and a query may lag behind by 300 s (reliability.md 1.3).
QUIET = timedelta(seconds=450)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A posting in the outbox, as it stands in the database. `body` is frozen; its hash is the database's to check.

    `first_sent_at` and `last_sent_at` are of the current attempt series; `moved_from` is the accepted date that a
    closed period did not take. `reason` tells what QuickBooks refused or, of a posted one, took otherwise.
    """

    identity: Identity
    deliverable_id: str
    revision: int
    contract: str
    contract_version: int
    customer_id: str
    amount: Money
    number: str
    body: bytes
    attempt: int = 1
    stage: Stage = Stage.PLANNED
    after: str = ""
    content_hash: str = ""
    first_sent_at: datetime | None = None
    last_sent_at: datetime | None = None
    books_id: str = ""
    code: str = ""
    reason: str = ""
    adopted: bool = False
    as_posted: Document | None = None
    moved_from: date | None = None

    @property
    def refused_by_quickbooks(self) -> bool:
        """Whether it was refused, and not set aside by ourselves."""
        return self.stage is Stage.REFUSED and self.code != SET_ASIDE

    @property
    def key(self) -> str:
        """The unique key."""
        return self.identity.key

    @property
    def requestid(self) -> str:
        """One requestid has one body for ever: it follows from the key and the attempt series."""
        return self.identity.requestid(self.attempt)

    @property
    def document_kind(self) -> DocumentKind:
        """What QuickBooks calls it."""
        return self.identity.kind.document_kind


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for in the books: by number where it has one, else by customer and creation (ruling 3)."""

    kind: DocumentKind
    number: str
    customer_id: str
    since: datetime


class Finding(StrEnum):
    """What a look-up says must be done."""

    ADOPT = "adopt"
    RESEND = "resend"
    DISPUTE = "dispute"


def stage_after(failure: Failure) -> Stage:
    """Where a posting goes that was answered by `failure` (design.md, Exactly once 4 and 5).

    Refused -> refused, Doubtful -> doubtful, and what was surely not applied -> planned again.
    """
    if isinstance(failure, Refused):
        return Stage.REFUSED
    return Stage.DOUBTFUL if isinstance(failure, Doubtful) else Stage.PLANNED


def look_up_due(outgoing: Outgoing, now: datetime, quiet: timedelta = QUIET) -> bool:
    """Whether "not found" would already prove something: the quiet time since the last send is over (I5)."""
    return outgoing.last_sent_at is None or now >= outgoing.last_sent_at + quiet


def sought(outgoing: Outgoing, now: datetime) -> Sought:
    """What to look for. A day's margin covers any difference between their clock and ours; the stamp decides.

    Where nobody knows when it was sent it is looked for since ever.
    """
    since = _EVER if outgoing.code == FORGOTTEN else (outgoing.first_sent_at or now) - timedelta(days=1)
    return Sought(outgoing.document_kind, outgoing.number, outgoing.customer_id, since)


def conclude(outgoing: Outgoing, found: tuple[Document, ...], sent: Document) -> tuple[Finding, tuple[Document, ...]]:
    """What the look-up after the quiet time proves, and the documents that are ours or claim our number.

    One that bears our stamp and holds what we sent is adopted; none at all: the same bytes again; anything else waits
    for a person. `sent` is our own body read as a document. Where nobody knows when it was sent, no date differs.
    """
    stamped = tuple(d for d in found if not d.deleted and d.stamp == outgoing.identity.stamp_code)
    live = tuple(d for d in stamped if d.live)
    if len(live) == 1:
        dated = replace(sent, txn_date=live[0].txn_date) if outgoing.code == FORGOTTEN else sent
        if not differences(dated, live[0]):
            return Finding.ADOPT, live
    if stamped:
        # A void of ours too: a person took it back, and only a person issues it again (accounting.md 4 E16).
        return Finding.DISPUTE, stamped
    claiming = tuple(d for d in found if not d.deleted and _claims(outgoing, sent, d))
    return (Finding.DISPUTE, claiming) if claiming else (Finding.RESEND, ())


def _claims(outgoing: Outgoing, sent: Document, found: Document) -> bool:
    """Whether one that is not ours bears our number, or bears no stamp and says on its lines just what ours does."""
    ours, theirs = (tuple(line.description for line in d.lines if line.description) for d in (sent, found))
    return (outgoing.number != "" and found.number == outgoing.number) or (not found.stamp and ours == theirs != ())


def differences(sent: Document, held: Document) -> tuple[str, ...]:
    """How a document in the books differs from what was sent, as sentences; empty where it holds what we sent.

    Tax that QuickBooks adds is not a difference: lines are compared, not totals (accounting.md 0.5).
    """
    pairs = (
        ("customer", sent.customer_id, held.customer_id),
        ("date", str(sent.txn_date), str(held.txn_date)),
        ("note", sent.note, held.note),
        *([("number", sent.number, held.number)] if sent.number else []),
        *_line_pairs(sent, held),
    )
    return tuple(
        f"{what} is {theirs or 'empty'}, was {ours or 'empty'}" for what, ours, theirs in pairs if ours != theirs
    )


def _line_pairs(sent: Document, held: Document) -> list[tuple[str, str, str]]:
    if len(sent.lines) != len(held.lines):
        return [("number of lines", str(len(sent.lines)), str(len(held.lines)))]
    pairs: list[tuple[str, str, str]] = []
    for n, (ours, theirs) in enumerate(zip(sent.lines, held.lines, strict=True), start=1):
        pairs += [
            (f"amount of line {n}", str(ours.amount), str(theirs.amount)),
            (f"item of line {n}", ours.item_id, theirs.item_id),
            (f"side of line {n}", ours.side, theirs.side),
            (f"description of line {n}", ours.description, theirs.description),
        ]
        if ours.side:
            # Only journal lines name their account and customer; on an invoice the item and the header do.
            pairs += [
                (f"account of line {n}", ours.account_id, theirs.account_id),
                (f"customer of line {n}", ours.customer_id, theirs.customer_id),
            ]
    return pairs
