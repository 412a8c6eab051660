"""The audit log: written with what it tells of, only ever longer, and every way of altering it is found (I11)."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbo_milestones.adapters.epochs import EpochFile
from qbo_milestones.adapters.store import audit
from qbo_milestones.adapters.store.engine import writing
from qbo_milestones.adapters.store.migrate import migrate
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.errors import Refused, RuleBroken
from qbo_milestones.model.audit import AuditHead, AuditState
from qbo_milestones.model.flag import Flag
from qbo_milestones.pipeline.outbox import Stage
from qbo_milestones.ports import Lease

from .makers import COMPANY, DAY, NOW, TTL, answer, body, bring_to, close, open_store, planned, posting, usd

OTHER = "9130000000000002"
Alteration = Callable[[sqlite3.Connection, int], object]


def events(store: DatabaseStore) -> list[str]:
    """The names of all events, oldest first."""
    return [entry.event for entry in store.audit_entries()]


def work(store: DatabaseStore, lease: Lease) -> AuditHead:
    """A run with a bit of everything; where its log ends."""
    number = store.start_run(lease, DAY, NOW)
    for stage, name in ((Stage.POSTED, "d-1"), (Stage.REFUSED, "d-2"), (Stage.DISPUTED, "d-3"), (Stage.PLANNED, "d-4")):
        bring_to(store, lease, stage, name)
    store.finish_run(lease, number, NOW, 0, {"posted": "1"})
    return store.audit_head()


@pytest.fixture(scope="module")
def worked(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AuditHead]:
    """A database after a run, closed; and where its log ended."""
    path = tmp_path_factory.mktemp("worked") / "store.db"
    shutil.copy2(template, path)
    store = open_store(path)
    anchor = work(store, store.take_lease("tests", NOW, TTL))
    close(store)
    return path, anchor


def unguarded(path: Path) -> sqlite3.Connection:
    """Somebody who may do anything to the file: the triggers are gone."""
    raw = sqlite3.connect(path, isolation_level=None)
    for name in ("starts", "frozen", "deleted"):
        raw.execute(f"DROP TRIGGER IF EXISTS rule_audit_{name}")
    return raw


def test_every_event_of_worth_is_told_once(store: DatabaseStore, lease: Lease) -> None:
    """reliability.md 4, Audit log: what was decided, sent, and came of it, in the order in which it happened."""
    run = store.start_run(lease, DAY, NOW)
    sent = store.begin(lease, planned(store, lease, "d-1"), NOW)
    store.move(lease, sent, Stage.POSTED, NOW, document=answer(sent), tid="1-abc")
    refused = bring_to(store, lease, Stage.REFUSED, "d-2")
    again = store.retry(lease, refused, NOW)
    back = store.move(lease, store.begin(lease, again, NOW), Stage.PLANNED, NOW)
    lost = store.move(lease, store.begin(lease, back, NOW), Stage.DOUBTFUL, NOW)
    store.move(lease, lost, Stage.POSTED, NOW, document=answer(lost, "9"), adopted=True)
    bring_to(store, lease, Stage.DISPUTED, "d-3")
    bring_to(store, lease, Stage.WITHDRAWN, "d-4")
    bring_to(store, lease, Stage.REFUSED, "d-5")
    store.plan(lease, [(posting("d-5"), body("d-5", "second"))], NOW)
    flag = Flag("INVOICE_VOIDED", "D-1", "Acme's invoice was voided.", usd("10"), ("Invoice 145",))
    store.keep_flags(lease, [flag], run, DAY)
    store.keep_flags(lease, [], run, DAY)
    store.set_epoch(lease, "3")
    store.record(lease, "database.restored", {}, NOW)
    store.finish_run(lease, run, NOW, 1, {"posted": "1", "stopped": "Acme said no"})
    p = "posting."
    assert events(store) == [
        *("run.started", f"{p}planned", f"{p}sending", f"{p}posted"),
        *(f"{p}planned", f"{p}sending", f"{p}refused", f"{p}retried", f"{p}sending", f"{p}returned"),
        *(f"{p}sending", f"{p}doubtful", f"{p}adopted"),
        *(f"{p}planned", f"{p}sending", f"{p}doubtful", f"{p}disputed", f"{p}planned", f"{p}withdrawn"),
        *(f"{p}planned", f"{p}sending", f"{p}refused", f"{p}replanned"),
        *("flag.opened", "flag.cleared", "epoch.set", "database.restored", "run.ended"),
    ]
    assert store.check_audit(AuditHead(), whole=True).state is AuditState.INTACT


def test_the_log_says_what_an_auditor_asks_and_nothing_of_clients(store: DatabaseStore, lease: Lease) -> None:
    """reliability.md 4: identities, amounts, requestid, body hash, ids and trace id; no names, bodies or secrets."""
    sent = store.begin(lease, planned(store, lease), NOW)
    store.move(lease, sent, Stage.POSTED, NOW, document=answer(sent, "145"), tid="1-abc")
    *_, last = store.audit_entries()
    assert (last.actor, last.at) == (lease.owner, NOW)
    assert last.content == {
        "amount": "10,000.00 USD",
        "attempt": "1",
        "body": last.content["body"],
        "books_id": "145",
        "deliverable": "D-103",
        "kind": "invoice",
        "letter": "A",
        "requestid": sent.requestid,
        "tid": "1-abc",
    }
    assert body().decode() not in json.dumps([dict(entry.content) for entry in store.audit_entries()])


def test_what_was_refused_leaves_no_word(store: DatabaseStore, lease: Lease) -> None:
    """reliability.md 1.5, C6: the log and what it tells of commit together, or neither does."""
    out = bring_to(store, lease, Stage.POSTED)
    before = store.audit_head()
    with pytest.raises(RuleBroken):
        store.move(lease, replace(out, stage=Stage.PLANNED), Stage.WITHDRAWN, NOW)
    with pytest.raises(RuleBroken):
        store.begin(lease, out, NOW)
    assert store.audit_head() == before


def test_each_company_has_its_own_chain(store: DatabaseStore, lease: Lease, path: Path) -> None:
    other = open_store(path, OTHER)
    theirs = other.take_lease("theirs", NOW, TTL)
    bring_to(store, lease, Stage.POSTED)
    planned(other, theirs, company=OTHER)
    bring_to(store, lease, Stage.REFUSED, "d-2")
    assert [entry.seq for entry in other.audit_entries()] == [1]
    for one in (store, other):
        assert one.check_audit(one.audit_head(), whole=True).state is AuditState.INTACT
    close(other)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET content = '{}' WHERE seq = 2",
        "UPDATE audit SET at = at",
        "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",
        "REPLACE INTO audit SELECT * FROM audit WHERE seq = 2",
        "INSERT INTO audit SELECT company, 99, at, actor, event, content, hash, hash FROM audit WHERE seq = 2",
        "INSERT INTO audit SELECT company, (SELECT max(seq) + 1 FROM audit), at, actor, event, content, previous, hash"
        " FROM audit WHERE seq = 2",
        "INSERT INTO audit SELECT company, 0, at, actor, event, content, '', hash FROM audit WHERE seq = 1",
    ],
)
def test_the_database_only_lets_it_grow_at_its_end(
    store: DatabaseStore, lease: Lease, path: Path, statement: str
) -> None:
    """reliability.md 4: append-only, by triggers that no program gets around."""
    work(store, lease)
    found = pytest.raises(sqlite3.IntegrityError, match="audit log")
    with closing(sqlite3.connect(path, isolation_level=None)) as raw, found:
        raw.execute(statement)


def _forge(raw: sqlite3.Connection, row: int) -> None:
    """A row written anew with the right hash over other facts: only its neighbour tells."""
    fields = raw.execute("SELECT company, seq, actor, event, previous FROM audit WHERE seq = ?", (row,)).fetchone()
    company, seq, actor, event, previous = fields
    content = '{"amount":"1.00 USD"}'
    digest = audit._digest(previous, company, seq, NOW, actor, event, content)
    raw.execute("UPDATE audit SET content = ?, hash = ? WHERE seq = ?", (content, digest, row))


def _swap(raw: sqlite3.Connection, row: int) -> None:
    other = row - 1 if row > 1 else row + 1
    raw.execute("UPDATE audit SET seq = 1000 WHERE seq = ?", (row,))
    raw.execute("UPDATE audit SET seq = ? WHERE seq = ?", (row, other))
    raw.execute("UPDATE audit SET seq = ? WHERE seq = 1000", (other,))


def _insert(raw: sqlite3.Connection, row: int) -> None:
    raw.execute("UPDATE audit SET seq = seq + 1000 WHERE seq >= ?", (row,))
    raw.execute("UPDATE audit SET seq = seq - 999 WHERE seq > 1000")
    copy = "SELECT company, ?, at, actor, event, content, previous, hash FROM audit LIMIT 1"
    raw.execute(f"INSERT INTO audit {copy}", (row,))


def _set(column: str, value: str) -> Alteration:
    def change(raw: sqlite3.Connection, row: int) -> None:
        raw.execute(f"UPDATE audit SET {column} = ? WHERE seq = ?", (value, row))  # noqa: S608 - a name of this file

    return change


ALTERATIONS: dict[str, Alteration] = {
    "content": _set("content", '{"amount":"1.00 USD"}'),
    "event": _set("event", "posting.elsewhere"),
    "actor": _set("actor", "nobody"),
    "at": _set("at", "2020-01-01 00:00:00.000000"),
    "previous": _set("previous", "0" * 64),
    "hash": _set("hash", "0" * 64),
    "forged": _forge,
    "deleted": lambda raw, row: raw.execute("DELETE FROM audit WHERE seq = ?", (row,)),
    "cut short": lambda raw, row: raw.execute("DELETE FROM audit WHERE seq >= ?", (row,)),
    "swapped": _swap,
    "inserted": _insert,
}


@settings(max_examples=60, deadline=None)
@given(way=st.sampled_from(sorted(ALTERATIONS)), data=st.data())
def test_every_alteration_is_found_and_its_row_named(
    worked: tuple[Path, AuditHead], tmp_path_factory: pytest.TempPathFactory, way: str, data: st.DataObject
) -> None:
    """I11; reliability.md 4: whoever drops the triggers and alters any row in any way is found by the chain."""
    path, anchor = tmp_path_factory.mktemp("altered") / "store.db", worked[1]
    shutil.copy2(worked[0], path)
    store = open_store(path)
    row = data.draw(st.integers(1, anchor.seq))
    with closing(unguarded(path)) as raw:
        ALTERATIONS[way](raw, row)
    found = store.check_audit(anchor, whole=True)
    assert found.state is AuditState.BROKEN
    assert row - 1 <= found.row <= row + 1, found.sentence
    # Without the anchor everything is found but a forged last row, which only the anchor can tell.
    if (way, row) not in {("forged", anchor.seq)}:
        assert store.check_audit(AuditHead(), whole=True).state is AuditState.BROKEN
    close(store)


def test_a_log_that_was_computed_anew_is_found_by_its_anchor(store: DatabaseStore, lease: Lease, path: Path) -> None:
    """reliability.md 4: a chain alone stops nobody who writes all of it anew; what is kept elsewhere does."""
    anchor = work(store, lease)
    with closing(unguarded(path)) as raw:
        rows = raw.execute("SELECT seq, at, actor, event, content FROM audit ORDER BY seq").fetchall()
        raw.execute("DELETE FROM audit")
    for _, _, actor, event, content in rows:
        told = {**json.loads(content), "amount": "1.00 USD"}
        with writing(store._engine) as connection:
            audit.append(connection, COMPANY, NOW, actor, (audit.Event(event, told),))
    assert store.check_audit(AuditHead(), whole=True).state is AuditState.INTACT
    found = store.check_audit(anchor)
    assert (found.state, found.row) == (AuditState.BROKEN, anchor.seq)


def test_only_what_follows_the_anchor_is_computed_at_the_start_of_a_run(
    store: DatabaseStore, lease: Lease, path: Path
) -> None:
    """Cheap enough for every night: an older row is found by the whole check, a newer one by both."""
    anchor = work(store, lease)
    bring_to(store, lease, Stage.REFUSED, "d-9")
    with closing(unguarded(path)) as raw:
        _set("actor", "nobody")(raw, 2)
        assert store.check_audit(anchor).state is AuditState.INTACT
        assert store.check_audit(anchor, whole=True).row == 2
        _set("actor", "nobody")(raw, anchor.seq + 2)
        assert store.check_audit(anchor).row == anchor.seq + 2


def test_an_older_database_is_told_from_a_log_that_was_cut_short(
    store: DatabaseStore, lease: Lease, path: Path, tmp_path: Path
) -> None:
    """A restore takes all tables back to one moment; who only shortens the log leaves sends that nobody told."""
    work(store, lease)
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(backup)) as copy:
        source.backup(copy)
    backup.chmod(0o600)
    old = store.audit_head()
    out = store.begin(lease, planned(store, lease, "d-9"), NOW)
    store.move(lease, out, Stage.REFUSED, NOW, failure=Refused("no"))
    anchor = store.audit_head()
    restored = open_store(backup)
    found = restored.check_audit(anchor)
    assert (found.state, found.head, found.row) == (AuditState.OLDER, old, 0)
    close(restored)
    with closing(unguarded(path)) as raw:
        raw.execute("DELETE FROM audit WHERE seq > ?", (old.seq,))
    cut = store.check_audit(anchor)
    assert (cut.state, cut.row) == (AuditState.BROKEN, old.seq + 1)
    # And so does a check that has lost its anchor.
    assert store.check_audit(AuditHead(), whole=True).state is AuditState.BROKEN


@pytest.mark.parametrize("last", ["run.ended", "flag.cleared", "posting.posted", "posting.sending", "run.started"])
def test_a_log_that_lacks_only_its_last_row_is_found(store: DatabaseStore, lease: Lease, path: Path, last: str) -> None:
    """Whatever it was: the other tables still tell of it."""
    run = store.start_run(lease, DAY, NOW)
    if last != "run.started":
        sent = store.begin(lease, planned(store, lease), NOW)
        if last != "posting.sending":
            store.move(lease, sent, Stage.POSTED, NOW, document=answer(sent))
        if last in ("flag.cleared", "run.ended"):
            store.keep_flags(lease, [Flag("PAYMENT_UNMATCHED", "", "For what?")], run, DAY)
            store.keep_flags(lease, [], run, DAY)
        if last == "run.ended":
            store.finish_run(lease, run, NOW, 0, {})
    anchor = store.audit_head()
    assert events(store)[-1] == last
    assert store.check_audit(anchor, whole=True).state is AuditState.INTACT
    with closing(unguarded(path)) as raw:
        raw.execute("DELETE FROM audit WHERE seq = ?", (anchor.seq,))
    found = store.check_audit(anchor)
    assert (found.state, found.row) == (AuditState.BROKEN, anchor.seq)


def test_a_log_that_began_beside_older_tables_is_whole(
    store: DatabaseStore, lease: Lease, path: Path, tmp_path: Path
) -> None:
    """I11: what was done before there was a log is no gap in it; a restore is still older, and a short log broken."""
    work(store, lease)
    migrate(store.engine, "0001")
    migrate(store.engine)
    assert events(store) == ["log.begun"]
    assert store.check_audit(AuditHead(), whole=True).state is AuditState.INTACT
    bring_to(store, lease, Stage.REFUSED, "d-7")
    before = store.audit_head()
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(backup)) as copy:
        source.backup(copy)
    backup.chmod(0o600)
    bring_to(store, lease, Stage.REFUSED, "d-8")
    anchor = store.audit_head()
    assert store.check_audit(anchor, whole=True).state is AuditState.INTACT
    restored = open_store(backup)
    assert (restored.check_audit(anchor).state, restored.audit_head()) == (AuditState.OLDER, before)
    close(restored)
    with closing(unguarded(path)) as raw:
        raw.execute("DELETE FROM audit WHERE seq > ?", (before.seq,))
    assert store.check_audit(anchor).state is AuditState.BROKEN


def test_a_company_that_did_nothing_yet_begins_with_an_empty_log(store: DatabaseStore) -> None:
    store.introduce("Agency", "sandbox")
    migrate(store.engine, "0001")
    migrate(store.engine)
    assert events(store) == []


def test_what_was_accepted_counts_only_where_the_anchor_says_so(store: DatabaseStore, lease: Lease, path: Path) -> None:
    """I11: a row in the database alone excuses nothing; behind the one beside the key every alteration is found."""
    anchor = work(store, lease)
    with closing(unguarded(path)) as raw:
        raw.execute("DELETE FROM audit WHERE seq IN (3, 4, ?)", (anchor.seq,))
    accepted = store.accept_audit(lease, "The disk was full.", anchor, NOW)
    *_, last = store.audit_entries()
    assert (last.event, last.content["reason"]) == ("log.accepted", "The disk was full.")
    assert store.check_audit(AuditHead(), whole=True).state is AuditState.BROKEN
    kept = replace(accepted, accepted=accepted.seq)
    bring_to(store, lease, Stage.REFUSED, "d-9")
    for whole in (False, True):
        assert store.check_audit(kept, whole=whole).state is AuditState.INTACT
    with closing(unguarded(path)) as raw:
        raw.execute("DELETE FROM audit WHERE seq > (SELECT max(seq) - 2 FROM audit)")
    assert store.check_audit(kept, whole=True).state is AuditState.BROKEN


def test_what_was_accepted_stays_beside_the_key(tmp_path: Path) -> None:
    """The end moves with every run; a database that is older than the accepted row is checked from its first again."""
    epochs = EpochFile(tmp_path / "northlight.epoch")
    epochs.keep_anchor(AuditHead(7, "ab", 5))
    epochs.keep_anchor(AuditHead(9, "cd"))
    assert epochs.anchor() == AuditHead(9, "cd", 5)
    epochs.keep_anchor(AuditHead(4, "ef"))
    assert epochs.anchor() == AuditHead(4, "ef")
