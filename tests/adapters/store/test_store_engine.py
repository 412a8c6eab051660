"""The file is private, commits are durable, and the lease has one holder."""

import os
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from qbo_milestones.adapters.store.engine import open_engine, reading, writing
from qbo_milestones.adapters.store.migrate import migrate
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.errors import BadSettings, RuleBroken, Unavailable
from qbo_milestones.ports import Lease

from .makers import COMPANY, DAY, NOW, TTL, posting


def test_the_file_and_its_folder_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        engine = open_engine(f"sqlite:///{tmp_path / 'new' / 'folder' / 'a.db'}")
        migrate(engine)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").rglob("*")}
    finally:
        os.umask(before)
    engine.dispose()
    assert modes == {"folder": 0o700, "a.db": 0o600, "a.db-wal": 0o600, "a.db-shm": 0o600}


@pytest.mark.parametrize(("name", "mode"), [("a.db", 0o640), ("a.db", 0o602), ("", 0o750), ("", 0o701)])
def test_what_others_may_open_is_refused(tmp_path: Path, name: str, mode: int) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    (folder / "a.db").touch(mode=0o600)
    (folder / name).chmod(mode)
    with pytest.raises(BadSettings, match=r"Others may open .* chmod [67]00"):
        open_engine(f"sqlite:///{folder / 'a.db'}")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "not a url", "sqlite:///a.db?mode=memory"])
def test_what_is_no_lasting_file_is_refused(url: str) -> None:
    with pytest.raises(BadSettings):
        open_engine(url)


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "a.db").mkdir(mode=0o700)
    with pytest.raises(BadSettings):
        open_engine(f"sqlite:///{tmp_path / 'a.db'}")


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("recursive_triggers", 1)],
)
def test_every_connection_is_durable_and_strict(engine: Engine, pragma: str, value: object) -> None:
    with reading(engine) as one, reading(engine) as two:
        for connection in (one, two):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_a_full_disk_is_a_failure_that_wrote_nothing(engine: Engine, store: DatabaseStore, lease: Lease) -> None:
    def shrink(connection: object, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # type: ignore[attr-defined]

    from sqlalchemy import event

    event.listen(engine, "connect", shrink)
    engine.dispose()
    big = [(posting(f"d-{n}"), b"x" * 100_000) for n in range(50)]
    with pytest.raises(Unavailable, match="database failed"):
        store.plan(lease, big, NOW)
    assert list(store.outgoing()) == []


def test_a_naive_instant_is_refused(store: DatabaseStore) -> None:
    with pytest.raises(RuleBroken, match="time zone"):
        store.take_lease("me", datetime(2026, 1, 1), TTL)  # noqa: DTZ001 - what is tested


def test_instants_come_back_in_utc(store: DatabaseStore, lease: Lease) -> None:
    from zoneinfo import ZoneInfo

    there = NOW.astimezone(ZoneInfo("America/New_York"))
    run = store.start_run(lease, DAY, there)
    assert store.runs(1)[0].started_at == NOW
    assert store.runs(1)[0].started_at.utcoffset() == timedelta(0)
    assert run == 1


def test_a_lease_has_one_holder_until_its_time_is_over(store: DatabaseStore, lease: Lease) -> None:
    with pytest.raises(Unavailable, match=r"Another run \(tests\) works on company") as caught:
        store.take_lease("other", NOW + timedelta(seconds=10), TTL)
    assert caught.value.after_s == 20
    with pytest.raises(Unavailable):
        store.take_lease("tests", NOW, TTL)
    store.renew_lease(lease, NOW + timedelta(seconds=20), TTL)
    with pytest.raises(Unavailable):
        store.take_lease("other", NOW + timedelta(seconds=49), TTL)
    heir = store.take_lease("other", NOW + timedelta(seconds=50), TTL)
    assert heir == Lease(COMPANY, "other", lease.fence + 1)


def test_a_lease_taken_while_the_clock_was_ahead_ends_soon(store: DatabaseStore, lease: Lease) -> None:
    """A worker that died with a clock weeks ahead keeps nobody waiting for weeks; one that lives is not robbed."""
    store.release_lease(lease)
    ahead = store.take_lease("ahead", NOW + timedelta(days=21), TTL)
    with pytest.raises(Unavailable) as caught:
        store.take_lease("other", NOW, TTL)
    assert caught.value.after_s == TTL.total_seconds()
    store.renew_lease(ahead, NOW + TTL / 2, TTL)
    with pytest.raises(Unavailable):
        store.take_lease("other", NOW + TTL, TTL)
    assert store.take_lease("other", NOW + TTL * 3 / 2, TTL).fence == ahead.fence + 1


def test_a_lease_given_back_is_gone_for_its_holder_too(store: DatabaseStore, lease: Lease) -> None:
    store.release_lease(lease)
    store.release_lease(lease)
    with pytest.raises(Unavailable, match="lease lost"):
        store.start_run(lease, DAY, NOW)
    assert store.take_lease("other", NOW, TTL).fence == lease.fence + 1


def test_a_late_release_does_not_take_the_heirs_lease(store: DatabaseStore, lease: Lease) -> None:
    heir = store.take_lease("tests", NOW + TTL, TTL)
    store.release_lease(lease)
    assert store.start_run(heir, DAY, NOW) == 1


def test_a_forged_lease_is_none(store: DatabaseStore, lease: Lease) -> None:
    for forged in (Lease(COMPANY, "tests", lease.fence + 1), Lease(COMPANY, "x", lease.fence), Lease("1", "tests", 1)):
        with pytest.raises(Unavailable, match="lease lost"):
            store.start_run(forged, DAY, NOW)


def test_the_epoch_stays(store: DatabaseStore, lease: Lease) -> None:
    assert store.epoch() == ""
    store.set_epoch(lease, "2026-1")
    store.introduce("Example Agency", "sandbox")
    assert store.epoch() == "2026-1"


def test_a_broken_rule_is_an_assertion(engine: Engine) -> None:
    with pytest.raises(RuleBroken, match="FOREIGN KEY"), writing(engine) as connection:
        connection.exec_driver_sql("INSERT INTO item VALUES ('none', '1', '', '', 1, NULL)")


def test_patience_scales_how_long_a_writer_waits(tmp_path: Path) -> None:
    """15 s of the quiet time are for it, so it shrinks with the quiet time (ruling 7)."""
    found = []
    for patience in (1.0, 0.01):
        engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}", patience)
        with reading(engine) as connection:
            found.append(connection.exec_driver_sql("PRAGMA busy_timeout").scalar())
        engine.dispose()
    assert found == [15_000, 150]
