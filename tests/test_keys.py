"""The key is changed under tokens that are in use, by processes that are killed at every step (issue 4)."""

import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from qbo_milestones.adapters.quickbooks.grant import Grant, keep_connection
from qbo_milestones.adapters.quickbooks.key_places import KeyFile, KeyVariable
from qbo_milestones.adapters.quickbooks.tokens import Tokens
from qbo_milestones.adapters.quickbooks.vault import Vault, new_key, to_text
from qbo_milestones.adapters.store import audit
from qbo_milestones.adapters.store.engine import open_engine, reading
from qbo_milestones.adapters.store.migrate import migrate
from qbo_milestones.adapters.store.tokens import TokenRoom
from qbo_milestones.config import Settings
from qbo_milestones.errors import BadSettings
from qbo_milestones.keys import KEY_VARIABLE, KeptVault, Rotated, SealedTokens, lock_of, rotate
from qbo_milestones.model.audit import AuditHead, AuditState
from qbo_milestones.wiring import SystemClock

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
REALMS = ("1", "2", "3")


def pair(realm: str, number: int = 1, ends: datetime = NOW) -> Tokens:
    """Tokens of one company."""
    later = NOW + timedelta(days=100)
    return Tokens(realm, f"access-{realm}-{number}", f"refresh-{realm}-{number}", ends, later, None, 0, NOW)


class Home:
    """A folder with a key and a database of three companies."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.place, self.lock = folder, KeyFile(folder / "key"), folder / "lock"

    def open(self) -> Engine:
        """The database."""
        return open_engine(f"sqlite:///{self.folder / 'store.db'}")

    def sealed(self, engine: Engine, realm: str) -> SealedTokens:
        """One company's tokens, by the keys as they are."""
        return SealedTokens(TokenRoom(engine, realm), KeptVault(self.place), realm)

    def rotate(self, engine: Engine, *, forget_old: bool = True) -> Rotated:
        """Change the key."""
        return rotate(self.place, engine, self.lock, "Grace Iwu", NOW, forget_old=forget_old)

    def check(self) -> None:
        """Every company's tokens can be read."""
        engine = self.open()
        for realm in REALMS:
            found = self.sealed(engine, realm).load()
            assert found is not None
            assert found.tokens.access == f"access-{realm}-1"
        engine.dispose()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three companies, connected."""
    made = Home(tmp_path / "home")
    made.folder.mkdir(mode=0o700)
    made.place.make()
    engine = made.open()
    migrate(engine)
    for realm in REALMS:
        keep_connection(made.sealed(engine, realm), pair(realm))
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return made


def test_after_a_change_only_the_new_key_opens(home: Home) -> None:
    """All companies of the database; a stranger's row is left and counted."""
    engine = home.open()
    (old,) = home.place.keys()
    stranger = Vault(new_key()).seal(b"theirs", "9", 1)
    assert TokenRoom(engine, "9").save(stranger, 0)
    assert home.rotate(engine) == Rotated(3, 1, "")
    assert len(home.place.keys()) == 1
    assert home.place.keys() != (old,)
    for realm in REALMS:
        with pytest.raises(BadSettings, match="another key"):
            SealedTokens(TokenRoom(engine, realm), Vault(old), realm).load()
    engine.dispose()
    home.check()


def test_homes_that_share_a_key_file_change_it_one_after_the_other(home: Home, tmp_path: Path) -> None:
    """No database is locked out: the old key stays until it is said that nobody needs it, and only one new is made."""
    shutil.copytree(home.folder, tmp_path / "other")
    other = Home(tmp_path / "other")
    other.place = home.place
    (old,) = home.place.keys()
    mine, theirs = home.open(), other.open()
    assert "--forget-old" in home.rotate(mine, forget_old=False).todo
    other.check()
    new = home.place.keys()[0]
    assert home.place.keys() == (new, old)
    assert other.rotate(theirs, forget_old=False).sealed == 3
    assert home.place.keys() == (new, old)
    assert other.rotate(theirs) == Rotated(3, 0, "")
    assert home.place.keys() == (new,)
    home.check()
    other.check()
    mine.dispose()
    theirs.dispose()


def test_the_audit_log_says_who_changed_the_key(home: Home) -> None:
    """One row for each company, once, however often an interrupted change is finished; a stranger's row has none."""
    engine = home.open()
    assert TokenRoom(engine, "9").save(Vault(new_key()).seal(b"theirs", "9", 1), 0)
    TokenRoom(engine, "3").remove()
    for _ in range(2):
        assert home.rotate(engine, forget_old=False).sealed == 2
    with reading(engine) as connection:
        found = {realm: audit.entries(connection, realm, 0, None) for realm in (*REALMS, "9")}
        assert audit.check(connection, "1", AuditHead(), whole=True).state is AuditState.INTACT
    told = {realm: [(row.event, row.actor) for row in rows] for realm, rows in found.items()}
    assert told == {"1": [("key.rotated", "Grace Iwu")], "2": [("key.rotated", "Grace Iwu")], "3": [], "9": []}
    engine.dispose()


def test_the_lock_of_a_change_lies_beside_the_key_file(tmp_path: Path) -> None:
    """Two homes that change one key file at once would else lose the key of one of them."""
    shared = {"source": "file", "file": tmp_path / "keys" / "key"}
    homes = [Settings.model_validate({"folder": tmp_path / name, "key": shared}) for name in ("a", "b")]
    assert {lock_of(each) for each in homes} == {tmp_path / "keys" / "key-rotation.lock"}
    ring = Settings.model_validate({"folder": tmp_path})
    assert lock_of(ring) == ring.home_folder / "key-rotation.lock"


def _die_at(step: int, home: Home) -> None:
    """Be killed at the `step`-th touch of a file or the database."""
    engine = home.open()
    left = [step]

    def count(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), 9)

    def heard(name: str, args: tuple[object, ...]) -> None:
        if name in {"open", "os.rename", "os.remove"} and str(home.folder) in str(args[0]):
            count()

    event.listen(engine, "before_cursor_execute", count)
    event.listen(engine, "commit", count)
    sys.addaudithook(heard)
    home.rotate(engine)


def test_a_change_that_is_killed_anywhere_loses_nothing_and_is_finished_by_the_next(home: Home) -> None:
    """Issue 4, key rotation: the old key is kept until all is sealed anew; kill -9 at each file and each statement."""
    (old,) = home.place.keys()
    for step in range(1, 200):
        copy = Home(home.folder.with_name(f"copy-{step}"))
        shutil.copytree(home.folder, copy.folder)
        child = os.fork()
        if not child:
            try:
                _die_at(step, copy)
            finally:
                os._exit(7)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        copy.check()
        engine = copy.open()
        assert copy.rotate(engine) == Rotated(3, 0, "")
        engine.dispose()
        copy.check()
        assert len(copy.place.keys()) == 1
        assert copy.place.keys() != (old,)
        shutil.rmtree(copy.folder)
        if status == 7:
            assert step > 20
            return
        assert status == -9
    raise AssertionError("it never came to its end")


def test_changes_at_the_same_moment_follow_each_other(home: Home) -> None:
    """Two people, or a person and a schedule: neither takes away the key that the other has just made."""
    engine = home.open()
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: home.rotate(engine), range(8))) == {Rotated(3, 0, "")}
    engine.dispose()
    home.check()


def test_a_worker_that_runs_sees_the_new_key(home: Home) -> None:
    """A process that held the old key refreshes after the change: what it seals, the new key opens."""
    engine = home.open()

    class Intuit:
        def refresh(self, tokens: Tokens) -> Tokens:
            fresh = pair(tokens.realm, 2, datetime.now(UTC) + timedelta(hours=1))
            return replace(fresh, version=tokens.version + 1)

    grant = Grant(home.sealed(engine, "1"), Intuit(), SystemClock())
    home.rotate(engine)
    assert grant.access_token() == "access-1-2"
    home.rotate(engine)
    found = home.sealed(engine, "1").load()
    assert found is not None
    assert found.tokens.access == "access-1-2"
    engine.dispose()


def test_a_key_in_a_variable_is_changed_by_a_person_and_sealed_anew_by_us(home: Home) -> None:
    """The steps first; with both keys in the environment, the tokens are sealed by the new one."""
    engine = home.open()
    (old,), new = home.place.keys(), new_key()
    alone = KeyVariable(KEY_VARIABLE, {KEY_VARIABLE: to_text(old)})
    with pytest.raises(BadSettings, match=f"{KEY_VARIABLE}_OLD"):
        rotate(alone, engine, home.lock, "Grace Iwu", NOW, forget_old=True)
    both = KeyVariable(KEY_VARIABLE, {KEY_VARIABLE: to_text(new), f"{KEY_VARIABLE}_OLD": to_text(old)})
    done = rotate(both, engine, home.lock, "Grace Iwu", NOW, forget_old=False)
    assert (done.sealed, done.left) == (3, 0)
    assert f"unset {KEY_VARIABLE}_OLD" in done.todo
    assert SealedTokens(TokenRoom(engine, "2"), Vault(new), "2").load() is not None
    engine.dispose()
