"""The doctor finds what was broken on purpose, says what to do, and changes nothing (issue 4; reliability.md 5)."""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from qbo_milestones import keys
from qbo_milestones.adapters.quickbooks.vault import new_key, to_text
from qbo_milestones.checkup import machine
from qbo_milestones.checkup.doctor import examine
from qbo_milestones.checkup.findings import Finding, Mark, exit_code
from qbo_milestones.config import Settings
from qbo_milestones.connecting import connection_to
from qbo_milestones.run.night import run
from qbo_milestones.wiring import opened

from .agency import Papers
from .simulated import Simulated


class Later:
    """The machine's clock, some time on."""

    def __init__(self, after: timedelta = timedelta(0)) -> None:
        self._after = after

    def now(self) -> datetime:
        """See ports.Clock."""
        return datetime.now(UTC) + self._after

    def monotonic(self) -> float:
        """See ports.Clock."""
        return self.now().timestamp()

    def sleep(self, seconds: float) -> None:
        """See ports.Clock."""
        raise AssertionError(f"nobody sleeps here, {seconds} s")


@dataclass
class Patient:
    """A company that has had one good night."""

    settings: Settings
    simulated: Simulated
    papers: Papers

    @property
    def database(self) -> Path:
        """Its file."""
        return self.settings.home_folder / "milestones.db"

    def sql(self, statement: str) -> None:
        """Somebody takes our rules away, writes into the database, and puts them back."""
        with closing(sqlite3.connect(self.database, isolation_level=None)) as raw:
            rules = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in rules:
                raw.execute(f"DROP TRIGGER {name}")
            raw.execute(statement)
            for _, rule in rules:
                raw.execute(rule)

    def night(self) -> None:
        """One run."""
        self.papers.write()
        with opened(self.settings) as (world, rules):
            run(world, rules, lambda _: None)

    def examined(self, *, offline: bool = True, after: timedelta = timedelta(0), **changes: object) -> list[Finding]:
        """What the doctor says, with some settings changed."""
        settings = self.settings.model_copy(update=changes)
        return list(examine(settings, Later(after), offline=offline))


@pytest.fixture(scope="module")
def well(base: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a company after a good night, to be copied."""
    folder = tmp_path_factory.mktemp("well") / "home"
    folder.mkdir(mode=0o700)
    patient = Patient(settings_at(base, folder), fresh(base), Papers(folder))
    patient.papers.accept("D-101", "1200.00")
    patient.papers.accept("D-102", "800.50")
    with connection_to(patient.settings) as connecting:
        connecting.finish(connecting.approve_as_simulated_owner(), "Robin")
    patient.night()
    patient.simulated.side("POST", "checkpoint", {"name": "well"})
    patient.simulated.close()
    return folder


def settings_at(base: str, folder: Path) -> Settings:
    """Settings of a simulated company with its key in a file."""
    given = {
        "folder": folder,
        "home": "data",
        "key": {"source": "file", "file": "data/key"},
        "register": {"source": "register"},
        "billing": {"starts_on": date(2026, 1, 1)},
        "quickbooks": {"simulator_port": urlsplit(base).port},
    }
    return Settings.model_validate(given)


def fresh(base: str) -> Simulated:
    """A new company in which the clock goes on."""
    made = Simulated(base)
    made.side("POST", "clock", {"frozen": False, "now": datetime.now(UTC).isoformat()})
    return made


@pytest.fixture
def patient(base: str, well: Path, tmp_path: Path) -> Iterator[Patient]:
    """A copy of its files. The company is another one with the same id: whoever asks it connects first."""
    folder = tmp_path / "home"
    shutil.copytree(well, folder)
    papers = Papers(tmp_path / "papers")
    papers.folder, papers.evidence = folder / "register", folder / "evidence"
    simulated = fresh(base)
    yield Patient(settings_at(base, folder), simulated, papers)
    simulated.close()


def marks(findings: list[Finding], mark: Mark) -> set[str]:
    """The names of the checks with this mark."""
    return {finding.name for finding in findings if finding.mark is mark}


def test_a_company_after_a_good_night_is_well(patient: Patient) -> None:
    """Exit code 0, and every check says so."""
    found = patient.examined()
    assert [finding for finding in found if finding.mark is not Mark.OK] == []
    assert exit_code(found) == 0
    assert {"Key file", "Rules", "Invariants", "Audit log", "Connection", "Metered calls"} <= marks(found, Mark.OK)


def test_nothing_is_changed(patient: Patient) -> None:
    """Not a byte of any file but SQLite's own shared memory."""

    def state() -> dict[str, str]:
        files = (path for path in patient.settings.folder.rglob("*") if path.is_file() and path.suffix != ".db-shm")
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.stat().st_size}

    before = state()
    patient.examined()
    assert state() == before


def _mode(name: str, mode: int) -> Callable[[Patient], None]:
    return lambda patient: os.chmod(patient.settings.home_folder / name, mode)  # noqa: PTH101 - one expression


def _other_key(patient: Patient) -> None:
    (patient.settings.home_folder / "key").write_text(to_text(new_key()))


def _older(patient: Patient) -> None:
    (patient.settings.home_folder / "simulator.epoch").write_text("99")


def _spoilt(patient: Patient) -> None:
    with patient.database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096 * 4)


def _gone(patient: Patient) -> None:
    patient.database.unlink()


def _sql(statement: str) -> Callable[[Patient], None]:
    return lambda patient: patient.sql(statement)


def _lawless(patient: Patient) -> None:
    with closing(sqlite3.connect(patient.database, isolation_level=None)) as raw:
        raw.execute("DROP TRIGGER rule_posting_arrow")


# What is broken, the check that finds it, how it is marked, and the exit code.
TROUBLES: dict[str, tuple[Callable[[Patient], None], str, Mark, int]] = {
    "database open to others": (_mode("milestones.db", 0o644), "Database file", Mark.BROKEN, 2),
    "home open to others": (_mode("", 0o755), "Home folder", Mark.BROKEN, 2),
    "key open to others": (_mode("key", 0o640), "Key file", Mark.BROKEN, 2),
    "count of runs open to others": (_mode("simulator.epoch", 0o606), "Count of runs", Mark.BROKEN, 2),
    "end of the audit log open to others": (
        _mode("simulator.audit", 0o644),
        "End of the audit log",
        Mark.BROKEN,
        2,
    ),
    "another key": (_other_key, "Connection", Mark.BROKEN, 3),
    "an older database": (_older, "History", Mark.WARNING, 1),
    "a damaged file": (_spoilt, "Database", Mark.BROKEN, 5),
    "no file": (_gone, "Database", Mark.BROKEN, 3),
    "rules taken away": (_lawless, "Rules", Mark.BROKEN, 5),
    "bytes changed": (_sql("UPDATE posting SET body = x'7b7d' WHERE seq = 1"), "Invariant I1", Mark.BROKEN, 5),
    "an amount changed": (_sql("UPDATE posting SET amount_minor = 7 WHERE seq = 2"), "Invariant I9", Mark.BROKEN, 5),
    "an audit row changed": (_sql("UPDATE audit SET actor = 'nobody' WHERE seq = 3"), "Audit log", Mark.BROKEN, 5),
    "an audit row lost": (_sql("DELETE FROM audit WHERE seq = 3"), "Audit log", Mark.BROKEN, 5),
    "rows of nothing": (_sql("UPDATE attempt SET posting_seq = 77 WHERE posting_seq = 1"), "Database", Mark.BROKEN, 5),
    "an older program's tables": (_sql("UPDATE alembic_version SET version_num = '0001'"), "Tables", Mark.WARNING, 1),
    "a newer program's tables": (_sql("UPDATE alembic_version SET version_num = '9999'"), "Tables", Mark.BROKEN, 2),
    "an ended connection": (
        _sql("UPDATE token SET ended_at = '2026-11-01 00:00:00.000000'"),
        "Connection",
        Mark.BROKEN,
        3,
    ),
    "a refresh that died": (
        _sql("UPDATE token SET refreshing_since = '2026-11-01 00:00:00.000000'"),
        "Connection",
        Mark.WARNING,
        1,
    ),
    "missed dates": (
        _sql(
            "INSERT INTO due_run (company, kind, business_date, due_at, next_try_at, stage, ended_at)"
            " SELECT company, 'nightly', date('now'), '2026-11-01', '2026-11-01', 'missed', '2026-11-01' FROM company"
        ),
        "Schedule",
        Mark.WARNING,
        1,
    ),
    "a journal that is not WAL": (_sql("PRAGMA journal_mode = DELETE"), "Journal", Mark.WARNING, 1),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_each_trouble_is_found(patient: Patient, trouble: str) -> None:
    """By its own check, with what to do about it, and with its exit code."""
    plant, name, mark, code = TROUBLES[trouble]
    plant(patient)
    found = patient.examined()
    mine = [finding for finding in found if finding.name == name]
    assert [finding.mark for finding in mine] == [mark], found
    assert all(finding.remedy for finding in found if finding.mark is not Mark.OK)
    assert exit_code(found) == code


@pytest.mark.parametrize(
    ("after", "name", "mark", "code"),
    [
        (timedelta(hours=27), "Runs", Mark.WARNING, 1),
        (timedelta(days=90), "Connection", Mark.WARNING, 1),
        (timedelta(days=102), "Connection", Mark.BROKEN, 3),
    ],
)
def test_time_alone_makes_trouble(patient: Patient, after: timedelta, name: str, mark: Mark, code: int) -> None:
    """No run in 26 hours; a connection that nobody used."""
    found = patient.examined(after=after)
    assert name in marks(found, mark)
    assert exit_code(found) == code


def test_metered_calls_warn_at_half_of_the_month(patient: Patient) -> None:
    """reliability.md 1.2."""
    limits = patient.settings.limits.model_copy(update={"metered_per_month": 20})
    assert "Metered calls" in marks(patient.examined(limits=limits), Mark.WARNING)


def test_a_keyring_that_keeps_no_secrets_is_refused(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain text, null and fail back ends are none; where a safe one is used, it is named (reliability.md 4)."""

    class PlaintextKeyring:
        """Keeps nothing safely."""

    key = patient.settings.key.model_copy(update={"source": "keyring"})
    monkeypatch.setattr(keys, "os_keyring", PlaintextKeyring)
    found = machine.key(patient.settings.model_copy(update={"key": key}))
    assert (found.mark, found.code) == (Mark.BROKEN, 2)
    assert "PlaintextKeyring" in found.sentence


def test_a_disk_that_fills_up_is_told(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """C10: with no room nothing is committed, so nothing is sent."""
    usage = shutil.disk_usage("/")
    for free, mark in ((10 * 1024**2, Mark.BROKEN), (500 * 1024**2, Mark.WARNING)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: usage._replace(free=free))
        assert "Disk" in marks(patient.examined(), mark)


@pytest.fixture
def linked(patient: Patient) -> Patient:
    """Connected to the company that is there now."""
    with connection_to(patient.settings) as connecting:
        connecting.finish(connecting.approve_as_simulated_owner(), "Robin")
    return patient


def test_the_company_is_asked_too(linked: Patient) -> None:
    """Its name, numbers, closing date and clock."""
    found = linked.examined(offline=False)
    assert {"QuickBooks", "Invoice numbers", "Closing date", "Clock", "Duplicate journal numbers"} <= marks(
        found, Mark.OK
    )
    assert exit_code(found) == 0


@pytest.mark.parametrize(
    ("side", "body", "name", "mark", "code"),
    [
        ("condition", {"company": "maintenance"}, "QuickBooks", Mark.BROKEN, 75),
        ("revoke", {}, "QuickBooks", Mark.BROKEN, 3),
        (
            "settings",
            {"preferences": {"SalesFormsPrefs": {"CustomTxnNumbers": False}}},
            "Invoice numbers",
            Mark.BROKEN,
            2,
        ),
        (
            "settings",
            {"preferences": {"SalesFormsPrefs": {"AutoApplyCredit": True}}},
            "Automatic application",
            Mark.WARNING,
            1,
        ),
        ("clock", {"advance_s": 120}, "Clock", Mark.WARNING, 1),
    ],
)
def test_what_the_company_says_is_told(
    linked: Patient, side: str, body: dict[str, object], name: str, mark: Mark, code: int
) -> None:
    """Away, revoked, set up otherwise, or with another clock."""
    linked.simulated.side("POST", side, body)
    found = linked.examined(offline=False)
    assert name in marks(found, mark), found
    assert exit_code(found) == code


def test_what_is_stuck_is_told(linked: Patient) -> None:
    """The oldest of each stage, and what comes next."""
    linked.papers.accept("D-104", "10.00")
    linked.simulated.spoil("lost_answer", method="POST", entity="journalentry", times=None)
    linked.night()
    linked.simulated.heal()
    found = {finding.name: finding for finding in linked.examined()}
    assert found["Postings, doubtful"].mark is Mark.WARNING
    assert "1 doubtful; the oldest, D-104-AJ" in found["Postings, doubtful"].sentence
