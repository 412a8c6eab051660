"""The database itself refuses what the protocol forbids, whoever writes to it (reliability.md 1.6)."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import Engine

from qbo_milestones.adapters.store import triggers
from qbo_milestones.adapters.store.engine import open_engine, reading, writing
from qbo_milestones.adapters.store.migrate import HEAD, migrate, version
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.adapters.store.unattended import due_run
from qbo_milestones.errors import BadSettings
from qbo_milestones.pipeline.outbox import ARROWS, Stage
from qbo_milestones.ports import Lease

from .makers import NOW, bring_to

_ILLEGAL = [(start, end) for start, end in product(Stage, Stage) if start is not end and (start, end) not in ARROWS]


@pytest.fixture
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    """Another program on the same file, that knows none of our rules; autocommit."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def _set_stage(raw: sqlite3.Connection, start: Stage, end: Stage) -> None:
    posted = end is Stage.POSTED
    raw.execute(
        "UPDATE posting SET stage = ?, books_id = ?, as_posted = ? WHERE stage = ?",
        (end, "9" if posted else None, "{}" if posted else None, start),
    )


@pytest.mark.parametrize("start", list(Stage))
def test_every_illegal_arrow_is_refused_to_raw_sql(
    store: DatabaseStore, lease: Lease, raw: sqlite3.Connection, start: Stage
) -> None:
    bring_to(store, lease, start)
    for end in (end for origin, end in _ILLEGAL if origin is start):
        with pytest.raises(sqlite3.IntegrityError):
            _set_stage(raw, start, end)
        assert raw.execute("SELECT stage FROM posting").fetchall() == [(start,)]


@pytest.mark.parametrize("start", list(Stage))
def test_the_arrow_trigger_alone_is_exactly_the_table(
    store: DatabaseStore, lease: Lease, raw: sqlite3.Connection, start: Stage
) -> None:
    bring_to(store, lease, start)
    for name in triggers.rules():
        if name != "rule_posting_arrow":
            raw.execute(f"DROP TRIGGER {name}")
    for end in Stage:
        raw.execute("BEGIN")
        if start is end or (start, end) in ARROWS:
            _set_stage(raw, start, end)
            assert raw.execute("SELECT stage FROM posting").fetchall() == [(end,)]
        else:
            with pytest.raises(sqlite3.IntegrityError, match="no such arrow"):
                _set_stage(raw, start, end)
        raw.execute("ROLLBACK")


def test_there_are_thirty_one_illegal_arrows() -> None:
    assert len(_ILLEGAL) == 7 * 6 - 11 == 31


_FROZEN = ["posting_key", "deliverable", "kind", "letter", "stamp_code", "body", "body_sha256", "attempt", "requestid"]
_FROZEN += ["number", "customer_id", "amount_minor", "note", "accepted_on", "evidence_sha256", "after_key", "seq"]


@pytest.mark.parametrize("stage", list(Stage))
def test_what_a_posting_is_cannot_be_changed_at_any_stage(
    store: DatabaseStore, lease: Lease, raw: sqlite3.Connection, stage: Stage
) -> None:
    bring_to(store, lease, stage)
    for column in _FROZEN:
        with pytest.raises(sqlite3.IntegrityError, match="frozen"):
            raw.execute(f"UPDATE posting SET {column} = 12345")  # noqa: S608 - one of the names above


@pytest.mark.parametrize(
    ("stage", "statement", "sentence"),
    [
        (Stage.PLANNED, "DELETE FROM posting", "never deleted"),
        (Stage.WITHDRAWN, "DELETE FROM posting", "never deleted"),
        (Stage.POSTED, "DELETE FROM attempt", "never deleted"),
        (Stage.POSTED, "UPDATE posting SET books_id = '146'", "posted is the end"),
        (Stage.POSTED, "UPDATE posting SET as_posted = '{}'", "posted is the end"),
        (Stage.POSTED, "UPDATE attempt SET outcome = 'refused'", "frozen"),
        (Stage.SENDING, "UPDATE attempt SET body_sha256 = 'x'", "frozen"),
        (Stage.SENDING, "UPDATE attempt SET requestid = 'x'", "frozen"),
        (Stage.SENDING, "UPDATE posting SET stage = 'doubtful'", "outcome"),
        (Stage.PLANNED, "UPDATE posting SET stage = 'sending'", "without an attempt"),
        (Stage.DOUBTFUL, "UPDATE posting SET stage = 'sending'", "without an attempt"),
        (Stage.REFUSED, "UPDATE posting SET stage = 'planned'", "next attempt"),
        (Stage.REFUSED, "UPDATE posting SET stage = 'planned', attempt = 2", "next attempt"),
        (Stage.REFUSED, "UPDATE posting SET stage = 'planned', attempt = 3, requestid = 'x'", "next attempt"),
        (Stage.PLANNED, "UPDATE posting SET amount_minor = 0", "frozen"),
        (Stage.PLANNED, "UPDATE company SET fence = 0", "never goes back"),
        (
            Stage.SENDING,
            "UPDATE company SET fence = fence + 1;"
            "UPDATE attempt SET outcome = 'posted', ended_at = sent_at;"
            "UPDATE posting SET stage = 'posted', books_id = '9', as_posted = '{}'",
            "only the sender",
        ),
        (
            Stage.PLANNED,
            "INSERT INTO attempt (company, posting_seq, n, requestid, body_sha256, sent_at, fence)"
            " SELECT company, seq, 1, requestid, body_sha256, planned_at, 7 FROM posting",
            "only who holds",
        ),
        (
            Stage.SENDING,
            "INSERT INTO attempt (company, posting_seq, n, requestid, body_sha256, sent_at, fence)"
            " SELECT company, posting_seq, n + 1, requestid, body_sha256, sent_at, fence FROM attempt",
            "may be sent|one requestid",
        ),
        (
            Stage.DOUBTFUL,
            "INSERT INTO attempt (company, posting_seq, n, requestid, body_sha256, sent_at, fence)"
            " SELECT company, posting_seq, n + 1, requestid, 'other', sent_at, fence FROM attempt",
            "may be sent|one requestid",
        ),
        (
            Stage.DOUBTFUL,
            "INSERT OR REPLACE INTO attempt (company, posting_seq, n, requestid, body_sha256, sent_at, fence)"
            " SELECT company, posting_seq, n, requestid, body_sha256, sent_at, fence FROM attempt",
            "one requestid",
        ),
    ],
)
def test_the_rules_hold_for_raw_sql(
    store: DatabaseStore, lease: Lease, raw: sqlite3.Connection, stage: Stage, statement: str, sentence: str
) -> None:
    bring_to(store, lease, stage)
    with pytest.raises(sqlite3.IntegrityError, match=sentence):
        raw.executescript(statement)


@pytest.mark.parametrize("verb", ["INSERT", "INSERT OR REPLACE"])
@pytest.mark.parametrize("stage", [Stage.PLANNED, Stage.POSTED, Stage.DOUBTFUL])
def test_a_second_posting_of_a_key_is_refused_however_it_is_inserted(
    store: DatabaseStore, lease: Lease, raw: sqlite3.Connection, verb: str, stage: Stage
) -> None:
    bring_to(store, lease, stage)
    raw.execute("CREATE TEMP TABLE copy AS SELECT * FROM posting")
    raw.execute("UPDATE copy SET stage = 'planned', books_id = NULL, as_posted = NULL, seq = seq + 1")
    raw.execute("UPDATE copy SET first_sent_at = NULL, last_sent_at = NULL, requestid = 'another'")
    with pytest.raises(sqlite3.IntegrityError, match="stands already"):
        raw.execute(f"{verb} INTO posting SELECT * FROM copy")  # noqa: S608 - one of two verbs


@pytest.mark.parametrize("verb", ["INSERT", "INSERT OR REPLACE"])
def test_a_requestid_is_never_given_to_another_posting(
    store: DatabaseStore, lease: Lease, raw: sqlite3.Connection, verb: str
) -> None:
    bring_to(store, lease, Stage.PLANNED)
    raw.execute("CREATE TEMP TABLE copy AS SELECT * FROM posting")
    raw.execute("UPDATE copy SET seq = seq + 1, posting_key = 'another'")
    with pytest.raises(sqlite3.IntegrityError, match="stands already"):
        raw.execute(f"{verb} INTO posting SELECT * FROM copy")  # noqa: S608 - one of two verbs


def test_a_requestid_that_was_sent_is_never_planned_again(
    store: DatabaseStore, lease: Lease, raw: sqlite3.Connection
) -> None:
    first = bring_to(store, lease, Stage.REFUSED)
    again = store.begin(lease, store.retry(lease, first, NOW), NOW)
    store.move(lease, again, Stage.REFUSED, NOW)
    with pytest.raises(sqlite3.IntegrityError, match="next attempt"):
        raw.execute("UPDATE posting SET stage = 'planned', attempt = 3, requestid = ?", (first.requestid,))


def test_a_sent_posting_is_not_withdrawn(store: DatabaseStore, lease: Lease, raw: sqlite3.Connection) -> None:
    sending = bring_to(store, lease, Stage.SENDING)
    store.move(lease, sending, Stage.PLANNED, NOW)
    with pytest.raises(sqlite3.IntegrityError, match="not withdrawn"):
        raw.execute("UPDATE posting SET stage = 'withdrawn'")


def test_the_triggers_stand_after_every_migration_up_and_down(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    for revision in (HEAD, "base", HEAD):
        migrate(engine, revision)
        with reading(engine) as connection:
            assert triggers.standing(connection) == (triggers.rules() if revision == HEAD else {})
        assert version(engine) == ("" if revision == "base" else revision)
    engine.dispose()


def test_a_lost_trigger_comes_back_at_the_next_start(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql("DROP TRIGGER rule_posting_arrow")
    migrate(engine)
    with reading(engine) as connection:
        assert triggers.standing(connection) == triggers.rules()


def test_a_trigger_of_an_older_program_is_made_anew(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql("DROP TRIGGER rule_posting_deleted")
        connection.exec_driver_sql("CREATE TRIGGER rule_posting_deleted BEFORE DELETE ON run BEGIN SELECT 1; END")
    migrate(engine)
    with reading(engine) as connection:
        assert triggers.standing(connection) == triggers.rules()


def test_the_migrations_make_the_tables_that_the_code_believes_in(engine: Engine) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    metadata = due_run.metadata
    with reading(engine) as connection:
        options = {"compare_type": True, "target_metadata": metadata}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def test_the_migrations_make_the_same_checks_as_the_tables(engine: Engine, tmp_path: Path) -> None:
    def shape(of: Engine) -> list[str]:
        with reading(of) as connection:
            query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%'"
            rows = connection.exec_driver_sql(f"{query} AND type <> 'trigger'").scalars()
            # Constraints may stand in another order: their words are compared.
            return sorted(" ".join(sorted(sql.replace(",", " ").replace("(", " ( ").split())) for sql in rows)

    other = open_engine(f"sqlite:///{tmp_path / 'other.db'}")
    with writing(other) as connection:
        due_run.metadata.create_all(connection)
    assert shape(other) == shape(engine)
    other.dispose()


def test_head_is_the_newest_file() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from qbo_milestones.adapters.store import migrate as module

    config = Config()
    config.set_main_option("script_location", str(Path(str(module.__file__)).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_postings_are_not_forgotten_by_a_downgrade(engine: Engine, store: DatabaseStore, lease: Lease) -> None:
    bring_to(store, lease, Stage.POSTED)
    with pytest.raises(BadSettings, match="forgotten"):
        migrate(engine, "base")
    assert store.counts()[Stage.POSTED] == 1


def test_a_newer_programs_database_is_refused(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(BadSettings, match="newer version"):
        migrate(engine)
