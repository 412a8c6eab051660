"""An agency whose program runs as real processes: a folder of settings, register and database, and its QuickBooks."""

import json
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from canaries import Ear
from journeys.agency import Papers
from journeys.simulated import Doc, Simulated

from .nursery import Child, Nursery

# All time-outs by a hundredth: a lease of 0.3 s, a quiet time of 4.5 s (ruling 7).
PATIENCE = 0.01
LEASE_S, QUIET_S = 30 * PATIENCE, 450 * PATIENCE
# The access token of a hundredth: renewed when a hundredth of five minutes is left.
TOKEN_LIFE_S = 5
CUSTOMERS = ("Acme Robotics", "Beta Health", "Cedar Foods")
# No contract's cap is ever reached.
_PLENTY = "100000000.00"
_SHM = Path("/dev/shm")  # noqa: S108 - a folder of our own in it; commits cost nothing there
_OPEN = "SELECT requestid FROM attempt WHERE outcome IS NULL"
_RECORD = {
    "posting": "SELECT posting_key, stage, coalesce(books_id, '') FROM posting",
    "attempt": "SELECT posting_seq, n, coalesce(outcome, '') FROM attempt",
    "run": "SELECT id, coalesce(finished_at, '') FROM run",
    "company": "SELECT coalesce(lease_owner, ''), fence FROM company",
}
_LAWS_OF_DATES = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'due_run'"
_SETTINGS = """company = "proof"
time_zone = "{zone}"
home = "."
[key]
source = "file"
file = "key"
[quickbooks]
simulator_port = {port}
[register]
source = "register"
[evidence]
folder = "evidence"
[posting]
patience = {patience}
"""


class RealTime(Simulated):
    """A simulated company whose clock goes as ours does."""

    def set_clock(self) -> None:
        """Like the wall's."""
        self.side("POST", "clock", {"frozen": False, "now": datetime.now(UTC).isoformat()})


@dataclass(frozen=True, slots=True)
class Seen:
    """What the database shows from outside: runs begun and ended, sends begun and open, postings by stage."""

    runs: int
    ended: int
    sends: int
    open: int
    stages: dict[str, int]
    lease_left_s: float


class Premises:
    """One machine of the agency. `run` calls the program and waits; `start` does not."""

    def __init__(self, nursery: Nursery, folder: Path, simulated: Simulated, port: int) -> None:
        folder.mkdir(mode=0o700)
        self.nursery, self.folder, self.simulated = nursery, folder, simulated
        self.papers = Papers(folder)
        self.out, self.ear = folder / "out.txt", Ear()
        # Noon is far from midnight: what is written today bears one date, however long it takes.
        now = datetime.now(UTC)
        self._day = now.date() - timedelta(days=20)
        settings = _SETTINGS.format(zone=_noon_zone(now), port=port, patience=PATIENCE)
        (folder / "settings.toml").write_text(settings, encoding="utf-8")
        for n, customer in enumerate(CUSTOMERS):
            since = str(self._day - timedelta(days=200))
            self.papers.contract(
                f"SOW-P{n}", customer=customer, contract_value=_PLENTY, effective_from=since, signed_on=since
            )
        self.papers.contracts.pop(0)
        self.papers.write()

    # People of the agency

    def accept(self, id_: str, cents: int, contract: int) -> None:
        """A deliverable of the contract is signed off."""
        self.papers.row(
            id_, f"{cents // 100}.{cents % 100:02}", contract=f"SOW-P{contract}", target_date=str(self._day)
        )
        self.papers.sign(id_, signed_at=str(self._day))

    def more_work(self, dice: Random) -> int:
        """A few more deliverables are signed off. Returns how many sends they take."""
        fresh = dice.randint(2, 5)
        for _ in range(fresh):
            self.accept(f"D-{len(self.papers.rows) + 1}", dice.randint(100, 999_999), dice.randrange(len(CUSTOMERS)))
        self.papers.write()
        return 2 * fresh

    def connect(self) -> None:
        """The owner says yes."""
        code = self.run("connect")
        assert code == 0, self.out.read_text(encoding="utf-8")

    # The program

    def start(self, *words: str, whole: bool = False) -> Child:
        """The program, called in this folder."""
        return self.nursery.start(*words, "--config", self.folder, into=self.out, whole=whole)

    def turn_page(self) -> None:
        """The next program speaks on an empty page; what was said is listened to for secrets."""
        if self.out.exists():
            self.ear.hear(self.out.read_bytes(), "an output")
            self.out.unlink()

    def run(self, *words: str) -> int:
        """The same to its end; its exit code."""
        self.turn_page()
        return self.start(*words).wait()

    def said(self) -> Any:
        """The JSON document that the last `run` printed, None where it printed none."""
        try:
            return json.loads(self.out.read_text(encoding="utf-8"))
        except ValueError:
            return None

    # What can be seen

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """Our database, only to look at."""
        file = f"file:{self.folder / 'milestones.db'}?mode=ro"
        with closing(sqlite3.connect(file, uri=True, isolation_level=None, timeout=10)) as connection:
            yield connection

    def seen(self) -> Seen:
        """The database as it stands."""
        with self.database() as connection:
            until = connection.execute("SELECT max(lease_until) FROM company").fetchone()[0]
            left = (datetime.fromisoformat(until).replace(tzinfo=UTC) - datetime.now(UTC)) if until else timedelta()
            runs, ended = connection.execute("SELECT count(*), count(finished_at) FROM run").fetchone()
            sends, answered = connection.execute("SELECT count(*), count(outcome) FROM attempt").fetchone()
            return Seen(
                runs,
                ended,
                sends,
                sends - answered,
                dict(connection.execute("SELECT stage, count(*) FROM posting GROUP BY stage")),
                max(0.0, left.total_seconds()),
            )

    def refreshes(self) -> int:
        """How often the connection's tokens were renewed and kept."""
        with self.database() as connection:
            return int(connection.execute("SELECT max(version) FROM token").fetchone()[0]) - 1

    def wait_for_sends(self, child: Child, begun: int, answered: bool = False) -> None:
        """Until so many sends were ever begun, and, if asked, all of them answered; or until the child has ended.

        At most a quiet time: who waits for a lock that a stopped process holds does not begin at all.
        """
        latest = time.monotonic() + QUIET_S
        with self.database() as connection:
            while not child.over and time.monotonic() < latest:
                sends, closed = connection.execute("SELECT count(*), count(outcome) FROM attempt").fetchone()
                if sends >= begun and (sends == closed or not answered):
                    return
                time.sleep(0.001)

    def make_due(self) -> None:
        """The worker has another night before it: that of today leaves the record, which the database forbids."""
        with closing(sqlite3.connect(self.folder / "milestones.db", isolation_level=None, timeout=10)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            laws = connection.execute(_LAWS_OF_DATES).fetchall()
            for name, _ in laws:
                connection.execute(f'DROP TRIGGER "{name}"')
            connection.execute("DELETE FROM due_run")
            for _, sql in laws:
                connection.execute(sql)
            connection.execute("COMMIT")

    def fence(self) -> int:
        """How often the lease was taken."""
        with self.database() as connection:
            return int(connection.execute("SELECT max(fence) FROM company").fetchone()[0])

    def in_flight(self) -> frozenset[str]:
        """The requestids of the sends that are open."""
        with self.database() as connection:
            return frozenset(each for (each,) in connection.execute(_OPEN))

    def record(self) -> dict[str, list[tuple[object, ...]]]:
        """What only the holder of the lease may write."""
        with self.database() as connection:
            return {name: sorted(connection.execute(query)) for name, query in _RECORD.items()}

    def locked(self) -> bool:
        """Whether somebody is in the middle of a transaction that writes."""
        file = self.folder / "milestones.db"
        with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            connection.execute("ROLLBACK")
            return False

    def wait_for_lease(self) -> None:
        """Until a dead worker's lease has ended."""
        time.sleep(self.seen().lease_left_s)


@contextmanager
def premises(switches: Doc, door: Callable[[int], int] = int) -> Iterator[Premises]:
    """An agency and its company, connected, in a folder of its own; nothing of them is left at the end.

    `door` says at which port the program finds the company that listens at another.
    """
    with tempfile.TemporaryDirectory(prefix="proof-", dir=_SHM if _SHM.is_dir() else None) as name:
        home = Path(name)
        with closing(Nursery(home)) as nursery:
            _, address = nursery.simulator(home / "simulator.txt")
            # Intuit's word of old: what a refresh replaced is good for another day.
            kept: Doc = {"access_life_s": TOKEN_LIFE_S, "refresh_grace_s": 86_400, **switches}
            with closing(RealTime(address, **kept)) as company:
                port = door(int(address.rpartition(":")[2]))
                place = Premises(nursery, home / "agency", company, port)
                place.connect()
                yield place


def undisturbed(disturbed: Premises) -> Doc:
    """The books after one night without any trouble on the same register, in a fresh company of the same simulator."""
    company = RealTime(disturbed.simulated.base)
    with closing(company):
        home = disturbed.folder.parent
        port = int(company.base.rpartition(":")[2])
        quiet = Premises(disturbed.nursery, home / "quiet", company, port)
        for name in ("register", "evidence"):
            shutil.rmtree(quiet.folder / name)
            shutil.copytree(disturbed.folder / name, quiet.folder / name)
        quiet.connect()
        # Nothing hurries it, however loaded the machine is.
        code = quiet.run("run", "--json", "--set", f"posting.patience={10 * PATIENCE}")
        assert code == 0, (code, quiet.said())
        return company.plain()


def _noon_zone(now: datetime) -> str:
    """The zone in which it is noon. Etc/GMT+5 is five hours behind UTC, as POSIX counts."""
    behind = now.hour - 12
    return f"Etc/GMT{behind:+d}" if behind else "Etc/GMT"
