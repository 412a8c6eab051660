"""Each invariant is asked of the data again, and each check finds its breach (reliability.md 1.6, I1 to I9 and I12).

A breach cannot be made by our code, nor by SQL while the rules stand: the tests take the tables' laws away first.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from qbo_milestones.adapters.quickbooks import json
from qbo_milestones.adapters.store.engine import reading
from qbo_milestones.adapters.store.invariants import breaches
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.errors import Doubtful, Refused
from qbo_milestones.model.breach import Breach
from qbo_milestones.pipeline.outbox import QUIET, Outgoing, Stage
from qbo_milestones.pipeline.posting import InvoiceDraft, Posting, PostingKind
from qbo_milestones.ports import Adoption, Lease

from .makers import COMPANY, DAY, NOW, TTL, answer, posting

_LATER = NOW + QUIET


def rendered(what: Posting) -> tuple[Posting, bytes]:
    """A posting with its real body."""
    draft = what.draft
    return what, json.invoice_body(draft) if isinstance(draft, InvoiceDraft) else json.journal_body(draft)


def planned(store: DatabaseStore, lease: Lease, deliverable: str, kind: PostingKind = PostingKind.INVOICE) -> Outgoing:
    """One posting in the outbox, with its real body."""
    what = posting(deliverable, kind=kind)
    store.plan(lease, [rendered(what)], NOW)
    return next(out for out in store.outgoing() if out.key == what.key)


def posted(store: DatabaseStore, lease: Lease, deliverable: str, id_: str, kind: PostingKind) -> Outgoing:
    """One that went well."""
    sent = store.begin(lease, planned(store, lease, deliverable, kind), NOW)
    document = json.read_body(kind.document_kind, sent.body, "USD")
    return store.move(lease, sent, Stage.POSTED, NOW, document=replace(document, id=id_))


@pytest.fixture
def busy(store: DatabaseStore, lease: Lease) -> DatabaseStore:
    """An outbox in which everything that may happen has happened."""
    posted(store, lease, "d-101", "1", PostingKind.JOURNAL)
    posted(store, lease, "d-101", "2", PostingKind.INVOICE)
    doubtful = store.begin(lease, planned(store, lease, "d-102"), NOW)
    doubtful = store.move(lease, doubtful, Stage.DOUBTFUL, NOW, failure=Doubtful("lost"))
    again = store.begin(lease, doubtful, _LATER)
    store.move(lease, again, Stage.REFUSED, _LATER, failure=Refused("closed", code="6210"))
    refused = store.begin(lease, planned(store, lease, "d-103"), NOW)
    refused = store.move(lease, refused, Stage.REFUSED, NOW, failure=Refused("no", code="2500"))
    store.begin(lease, store.retry(lease, refused, _LATER), _LATER)
    waiting = store.begin(lease, planned(store, lease, "d-104"), NOW)
    store.move(lease, waiting, Stage.DOUBTFUL, NOW, failure=Doubtful("lost"))
    planned(store, lease, "d-105")
    store.withdraw(lease, planned(store, lease, "d-106"), NOW, "not signed")
    planned(store, lease, "d-106")
    return store


@pytest.fixture
def lawless(busy: DatabaseStore) -> Iterator[sqlite3.Connection]:
    """The same outbox, and nothing that forbids anything: no trigger, no constraint, no index."""
    with closing(sqlite3.connect(busy.engine.url.database or "", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA legacy_alter_table = ON")
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for table in ("posting", "attempt"):
            connection.execute(f"CREATE TABLE bare AS SELECT * FROM {table}")  # noqa: S608 - one of two names
            connection.execute(f"DROP TABLE {table}")
            connection.execute(f"ALTER TABLE bare RENAME TO {table}")
        yield connection


def found(engine: Engine) -> list[Breach]:
    """Every breach."""
    with reading(engine) as connection:
        return list(breaches(connection, COMPANY, QUIET, json.read_body))


def test_an_outbox_in_which_all_went_by_the_rules_has_no_breach(engine: Engine, busy: DatabaseStore) -> None:
    """Lost answers, refusals, second tries and withdrawn ones are no breach."""
    assert busy.counts()[Stage.SENDING] == 1
    assert found(engine) == []


@pytest.mark.usefixtures("lawless")
def test_taking_the_laws_away_alone_is_no_breach(engine: Engine) -> None:
    """So that the next test shows what the planted row does."""
    assert found(engine) == []


_COPY = (
    "CREATE TEMP TABLE copy AS SELECT * FROM posting WHERE deliverable = 'd-105';"
    "UPDATE copy SET seq = 900{}; INSERT INTO posting SELECT * FROM copy;"
)
_ATTEMPT = (
    "CREATE TEMP TABLE copy AS SELECT * FROM attempt WHERE posting_seq = {0};"
    "UPDATE copy SET n = n + 1{1}; INSERT INTO attempt SELECT * FROM copy;"
)
# In `busy` d-101 has the sequence numbers 1 (journal) and 2, d-102 to d-105 have 3 to 6, d-106 has 7 and 8.
# The invariant, what is planted, and a part of the sentence.
PLANTED = {
    "bytes changed": (
        "I1",
        "UPDATE posting SET body = replace(body, '10000', '20000') WHERE stage = 'planned'",
        "hash",
    ),
    "sent without a record": ("I1", "DELETE FROM attempt WHERE posting_seq = 4", "without a record"),
    "a record of nothing": (
        "I1",
        "UPDATE attempt SET posting_seq = 77 WHERE posting_seq = 5",
        "no posting",
    ),
    "sent with other bytes": (
        "I1",
        "UPDATE attempt SET body_sha256 = 'x' WHERE posting_seq = 5",
        "other bytes than are frozen",
    ),
    "posted unheard": (
        "I1",
        "UPDATE attempt SET outcome = 'refused' WHERE posting_seq = 1",
        "without an answer that said so",
    ),
    "an open send of a posted one": ("I1", "UPDATE attempt SET outcome = NULL WHERE posting_seq = 1", "has no outcome"),
    "two of one deliverable": ("I2", _COPY.format(", requestid = 'x'"), "stands beside it"),
    "another's key": ("I2", "UPDATE posting SET posting_key = 'k' WHERE seq = 1", "key or stamp"),
    "another's stamp": ("I2", "UPDATE posting SET stamp_code = 's' WHERE deliverable = 'd-105'", "key or stamp"),
    "one requestid, two bodies": (
        "I3",
        _ATTEMPT.format(5, ", body_sha256 = 'x', sent_at = '2027-01-01 00:00:00.000000'"),
        "two bodies",
    ),
    "one requestid, two postings": (
        "I3",
        "UPDATE attempt SET requestid = (SELECT requestid FROM posting WHERE seq = 1) WHERE posting_seq = 2",
        "two postings",
    ),
    "a requestid of its own making": (
        "I3",
        "UPDATE posting SET requestid = 'x' WHERE deliverable = 'd-105'",
        "attempt",
    ),
    "the requestid of another": (
        "I3",
        "UPDATE posting SET requestid = (SELECT requestid FROM posting WHERE seq = 1) WHERE seq = 2",
        "another posting has its requestid",
    ),
    "refused unheard": ("I4", "UPDATE posting SET stage = 'refused' WHERE deliverable = 'd-104'", "given up"),
    "renamed unheard": (
        "I4",
        _ATTEMPT.format(5, ", requestid = 'x', sent_at = '2027-01-01 00:00:00.000000'"),
        "new requestid",
    ),
    "sent again at once": (
        "I5",
        "UPDATE attempt SET sent_at = '2026-11-23 03:24:29.000000' WHERE n = 2 AND posting_seq = 3",
        "449 s",
    ),
    "posted without a document": ("I6", "UPDATE posting SET books_id = NULL WHERE seq = 1", "without its document"),
    "a document of a planned one": (
        "I6",
        "UPDATE posting SET books_id = '9' WHERE deliverable = 'd-105'",
        "not posted",
    ),
    "one document for two": (
        "I6",
        "UPDATE posting SET document_kind = 'Invoice', books_id = '2' WHERE seq IN (1, 2)",
        "same document",
    ),
    "another's document": ("I6", "UPDATE posting SET books_id = '9' WHERE seq = 1", "another id, stamp or kind"),
    "a fence that went back": (
        "I7",
        "UPDATE company SET fence = 9; UPDATE attempt SET fence = 9 WHERE n = 1 AND posting_seq = 3",
        "lost the company",
    ),
    "a fence of nobody": ("I7", "UPDATE attempt SET fence = 7 WHERE posting_seq = 1", "lost the company"),
    "no acceptance": ("I8", "UPDATE posting SET accepted_on = NULL WHERE seq = 1", "without a sign-off"),
    "no evidence": ("I8", "UPDATE posting SET evidence = '', evidence_sha256 = '' WHERE seq = 1", "without a sign-off"),
    "accepted afterwards": (
        "I8",
        "UPDATE posting SET accepted_on = '2026-11-25' WHERE seq = 1",
        "before it was accepted",
    ),
    "another amount": ("I9", "UPDATE posting SET amount_minor = amount_minor + 1 WHERE seq = 1", "the body comes to"),
    "the pair does not clear": (
        "I9",
        "UPDATE posting SET amount_minor = 5 WHERE seq = 2",
        "another amount or customer",
    ),
    "another customer": ("I9", "UPDATE posting SET customer_id = '8' WHERE seq = 2", "another amount or customer"),
    "unreadable bytes": ("I9", "UPDATE posting SET body = x'7b' WHERE seq = 1", "cannot be read"),
}


@pytest.mark.parametrize("what", PLANTED)
def test_each_breach_is_found(engine: Engine, lawless: sqlite3.Connection, what: str) -> None:
    """The check of that invariant finds it, and says which document it is about."""
    invariant, statements, sentence = PLANTED[what]
    lawless.executescript(statements)
    same = [breach for breach in found(engine) if breach.invariant == invariant and sentence in breach.sentence]
    assert same, found(engine)
    assert all(breach.posting or "no posting" in breach.sentence for breach in same)


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("what", PLANTED)
def test_each_breach_is_refused_while_the_laws_stand(path: Path, what: str) -> None:
    """I1 to I9: the database itself refuses to take what the checks would find, whoever writes it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            raw.executescript(PLANTED[what][1])


def test_a_journal_that_is_not_balanced_is_found(engine: Engine, store: DatabaseStore, lease: Lease) -> None:
    """I9: its frozen bytes themselves are read and added up."""
    what, body = rendered(posting("d-101", kind=PostingKind.JOURNAL))
    wrong = body.replace(b'"PostingType":"Credit"', b'"PostingType":"Debit"')
    assert wrong != body
    store.plan(lease, [(what, wrong)], NOW)
    assert [breach.invariant for breach in found(engine)] == ["I9", "I9"]
    assert "debits are 20,000.00 USD, its credits 0.00 USD" in found(engine)[0].sentence


def runs_after(store: DatabaseStore, lease: Lease, after: timedelta, counts: dict[str, str] | None = None) -> None:
    """A run that began so long after NOW, and ended well unless `counts` say otherwise."""
    number = store.start_run(lease, DAY, NOW + after)
    store.finish_run(lease, number, NOW + after, 0, counts or {})


@pytest.mark.parametrize(
    ("after", "counts", "expected"),
    [
        (QUIET - timedelta(seconds=1), {}, []),
        (QUIET, {"stopped": "QuickBooks cannot be reached"}, []),
        (QUIET, {}, ["I12"]),
    ],
)
def test_what_is_unknown_and_untold_after_the_next_run_is_found(
    engine: Engine, busy: DatabaseStore, lease: Lease, after: timedelta, counts: dict[str, str], expected: list[str]
) -> None:
    """I12: doubtful longer than its quiet time and a whole run behind it, without a flag."""
    runs_after(busy, lease, after, counts)
    assert [breach.invariant for breach in found(engine)] == expected


def test_what_a_later_run_left_as_being_sent_is_found(engine: Engine, busy: DatabaseStore, lease: Lease) -> None:
    """I12: the next run makes it doubtful first of all."""
    busy.release_lease(lease)
    heir = busy.take_lease("heir", NOW + TTL, TTL)
    runs_after(busy, heir, timedelta(seconds=60))
    assert [(breach.invariant, "passed over" in breach.sentence) for breach in found(engine)] == [("I12", True)]


@pytest.mark.usefixtures("lawless")
def test_runs_that_cross_are_found(engine: Engine, busy: DatabaseStore, lease: Lease) -> None:
    """I7: two runs under one fence worked on one company at once."""
    runs_after(busy, lease, timedelta(0))
    runs_after(busy, lease, timedelta(seconds=1))
    assert [breach.sentence for breach in found(engine) if breach.invariant == "I7"] == [
        "Run 2 worked under a fence that is not newer than the run's before it."
    ]


def test_adopted_postings_are_no_breach(engine: Engine, store: DatabaseStore, lease: Lease) -> None:
    """What another machine posted has no body, no send and no evidence here (ruling 2)."""
    what = posting("d-101")
    sent = Outgoing(what.identity, "D-101", 1, "SOW-1", 2, "7", what.draft.amount, what.number, b"")
    store.adopt(lease, [Adoption(what.identity, "D-101", 1, "SOW-1", 2, what.draft.amount, "", answer(sent))], NOW)
    assert store.counts()[Stage.POSTED] == 1
    assert found(engine) == []
