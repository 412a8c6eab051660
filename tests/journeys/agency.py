"""An agency for journeys: register and evidence on disk, a database, a connection, and a clock that is moved."""

import csv
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import requests
from sqlalchemy import Engine

from qbo_milestones.adapters.epochs import EpochFile
from qbo_milestones.adapters.quickbooks.books import QuickBooksBooks
from qbo_milestones.adapters.quickbooks.client import Client
from qbo_milestones.adapters.quickbooks.grant import Grant, keep_connection
from qbo_milestones.adapters.quickbooks.json import read_body
from qbo_milestones.adapters.quickbooks.login import Login
from qbo_milestones.adapters.quickbooks.throttle import Pace, Throttle
from qbo_milestones.adapters.quickbooks.vault import Key, Vault
from qbo_milestones.adapters.store.engine import open_engine, reading
from qbo_milestones.adapters.store.invariants import breaches
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.keys import SealedTokens
from qbo_milestones.model.breach import Breach
from qbo_milestones.pipeline.case import Case
from qbo_milestones.pipeline.outbox import Outgoing
from qbo_milestones.pipeline.reading.cells import ReadingRules
from qbo_milestones.pipeline.settlement import Settlement, settle
from qbo_milestones.run.decision import Decision
from qbo_milestones.run.night import run
from qbo_milestones.run.outcome import Outcome
from qbo_milestones.run.preview import Preflight, preflight, preview
from qbo_milestones.run.review import facts_of
from qbo_milestones.run.world import Rules, Tell, World
from qbo_milestones.wiring import EvidenceFolder, RegisterAt

from .simulated import APP, START, Simulated

QUIET_S = 450.0
LEASE = timedelta(hours=2)
UNBILLED_ACCOUNT = "Unbilled receivable (accepted milestones)"
# As fast as it goes: only the tests of the throttle wait.
_NO_LIMIT = 10_000_000

CONTRACT = {
    "Contract": "SOW-1",
    "Version": "1",
    "Effective from": "2026-01-01",
    "Customer": "Acme Robotics",
    "Currency": "USD",
    "Contract value": "100000.00",
    "Document": "sow-1.pdf",
    "Signed on": "2026-01-02",
    "Signed by": "Ann Client",
    "Payment terms": "Net 30",
    "Time zone": "America/New_York",
    "Partial acceptance": "clause 4",
    "Disputes": "clause 5",
    "Change process": "clause 6",
}
ROW = {
    "Contract": "SOW-1",
    "Contract version": "1",
    "Milestone": "M1",
    "Deliverable": "Wireframes",
    "Type": "deliverable",
    "Output": "wireframes.pdf",
    "Acceptance test": "1. all pages drawn",
    "Approver": "Dana Reyes (client product owner)",
    "Billable": "yes",
    "Invoice trigger": "acceptance",
    "Fallback if rejected": "resubmit",
    "Target date": "2026-10-01",
    "Revision": "1",
}
SIGN_OFF = {
    "Revision": "1",
    "Decision": "accepted",
    "Signed by": "Dana Reyes",
    "Signed at": "2026-11-02",
    "Statement": "Accepted.",
}


class SharedClock:
    """One time for the program and for the company; it stands until it is moved, and sleeping moves it."""

    def __init__(self, simulated: Simulated) -> None:
        self._simulated, self._at, self._lock = simulated, START, threading.Lock()

    def now(self) -> datetime:
        """See ports.Clock."""
        return self._at

    def monotonic(self) -> float:
        """See ports.Clock."""
        return (self._at - START).total_seconds()

    def sleep(self, seconds: float) -> None:
        """See ports.Clock."""
        self.move(seconds)

    def move(self, seconds: float) -> None:
        """Let so much time pass, for everybody."""
        with self._lock:
            self._at += timedelta(seconds=seconds)
            self._simulated.side("POST", "clock", {"now": self._at.isoformat()})


class Papers:
    """A register as a folder of CSV files, and the evidence beside it; written out before each reading."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.evidence = folder / "register", folder / "evidence"
        self.folder.mkdir(parents=True)
        self.evidence.mkdir()
        self.contracts = [dict(CONTRACT)]
        self.rows: dict[str, dict[str, str]] = {}
        self.sign_offs: list[dict[str, str]] = []

    def contract(self, reference: str, **columns: str) -> None:
        """Another contract; underscores in the names of columns stand for spaces."""
        self.contracts.append(CONTRACT | {"Contract": reference} | _columns(columns))

    def row(self, id_: str, amount: str = "", **columns: str) -> None:
        """A deliverable; again for one that is there to change it."""
        before = self.rows.get(id_, ROW)
        named = {"Deliverable ID": id_} | ({"Amount": amount} if amount else {})
        self.rows[id_] = before | named | _columns(columns)

    def sign(self, id_: str, **columns: str) -> None:
        """A sign-off with its evidence."""
        name = f"{id_}-{len(self.sign_offs)}.txt".replace("/", "_")
        (self.evidence / name).write_text(f"I accept {id_}. Dana Reyes\n", encoding="utf-8")
        self.sign_offs.append(SIGN_OFF | {"Deliverable ID": id_, "Evidence": name} | _columns(columns))

    def accept(self, id_: str, amount: str, **columns: str) -> None:
        """A deliverable that is signed off; billable."""
        self.row(id_, amount, **columns)
        self.sign(id_)

    def write(self) -> None:
        """Onto the disk."""
        sheets = {"Contracts": self.contracts, "Deliverables": list(self.rows.values()), "Sign-offs": self.sign_offs}
        for name, rows in sheets.items():
            header = dict.fromkeys(["Deliverable ID"] if name != "Contracts" else [])
            header |= dict.fromkeys(column for row in [*rows, _MODELS[name]] for column in row)
            with (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(header))
                writer.writeheader()
                writer.writerows(rows)


_MODELS: Mapping[str, Mapping[str, str]] = {
    "Contracts": CONTRACT,
    "Deliverables": {**ROW, "Amount": "", "Percent": "", "Deliverable ID": ""},
    "Sign-offs": {**SIGN_OFF, "Evidence": ""},
}


def _columns(given: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", " ").capitalize(): value for name, value in given.items()}


@dataclass
class Office:
    """One machine of the agency: its database, opened, and the world of a run."""

    file: Path
    engine: Engine
    store: DatabaseStore
    world: World
    rules: Rules
    login: Login

    def close(self) -> None:
        """Nothing of it is left but the file."""
        self.engine.dispose()
        self.login.close()


class Agency:
    """The agency at work: `run()` is a night, `move()` lets time pass; people are at `simulated`."""

    def __init__(
        self,
        simulated: Simulated,
        folder: Path,
        template: Path,
        rules: Mapping[str, object] | None = None,
        pace: tuple[int, int] = (_NO_LIMIT, _NO_LIMIT),
    ) -> None:
        self.simulated, self.folder, self._pace = simulated, folder, pace
        self._template, self._rules = template, dict(rules or {})
        self._key = Key(bytes(range(32)))
        self._opened: list[Office] = []
        self.clock = SharedClock(simulated)
        self.papers = Papers(folder)
        self.office = self.open(folder / "one")
        self.connect()

    def open(self, home: Path) -> Office:
        """A machine on the database in `home`; a fresh one where there is none."""
        if not home.exists():
            home.mkdir(mode=0o700)
            shutil.copy2(self._template, home / "store.db")
        engine = open_engine(f"sqlite:///{home / 'store.db'}")
        store = DatabaseStore(engine, self.simulated.realm, self.clock)
        login = Login(*APP, "http://localhost:8765/callback", f"{self._base}{_DISCOVERY}", self.clock)
        grant = Grant(self._sealed(store), login, self.clock)
        throttle = Throttle(self.clock, Pace(*self._pace))
        count = store.meter(500_000).count
        client = Client(f"{self._base}/v3", self.simulated.realm, grant, throttle, self.clock, count=count)
        self.papers.write()
        register = RegisterAt(str(self.papers.folder), ReadingRules())
        evidence = EvidenceFolder(self.papers.evidence)
        world = World(
            QuickBooksBooks(client, self.clock), store, register, evidence, self.clock, EpochFile(home / "epoch")
        )
        office = Office(home, engine, store, world, self._rules_of(len(self._opened)), login)
        self._opened.append(office)
        return office

    @property
    def _base(self) -> str:
        return self.simulated.base

    def _sealed(self, store: DatabaseStore) -> SealedTokens:
        return SealedTokens(store.tokens, Vault(self._key), self.simulated.realm)

    def _rules_of(self, number: int) -> Rules:
        given = Rules(
            company=self.simulated.realm,
            zone=ZoneInfo("America/New_York"),
            home_currency="USD",
            item="Milestone",
            unbilled_account=UNBILLED_ACCOUNT,
            revenue_account="Milestone revenue",
            owner=f"office {number}",
            lease_for=LEASE,
            starts_on=date(2026, 1, 1),
        )
        return replace(given, **self._rules)  # type: ignore[arg-type]  # fields of Rules by name

    def connect(self) -> None:
        """The owner says yes: the whole authorisation-code flow."""
        page, state = self.office.login.authorization_url()
        answer = requests.get(
            f"{page}&sim_approve=1&sim_realm={self.simulated.realm}", allow_redirects=False, timeout=10
        )
        tokens = self.office.login.exchange(answer.headers["Location"], state)
        keep_connection(self._sealed(self.office.store), tokens)

    def move_to(self, home: str) -> Office:
        """Another machine with an empty database, connected to the same company; the first is not used any more."""
        self.office = self.open(self.folder / home)
        self.connect()
        return self.office

    def reopen(self) -> Office:
        """The same machine after its process died: everything dropped but the files."""
        home = self.office.file
        self.office.close()
        self.office = self.open(home)
        return self.office

    def close(self) -> None:
        """The end of the test."""
        for office in self._opened:
            office.close()
        self.simulated.close()

    # A night

    def run(self, *, wait: bool = False, retry: frozenset[str] = frozenset(), tell: Tell | None = None) -> Outcome:
        """One run, on the register as it now stands; `tell` hears what it is about to do."""
        self.papers.write()
        return run(self.office.world, self.office.rules, tell or _say_nothing, wait=wait, retry=retry)

    def settled(self, nights: int = 3) -> Outcome:
        """Runs after the quiet time until nothing is doubtful or waiting; at most so many."""
        for _ in range(nights):
            self.move(QUIET_S + 1)
            outcome = self.run()
            if not (outcome.tally.doubtful or outcome.tally.waiting):
                break
        return outcome

    def preview(self) -> Decision:
        """What the next run would do."""
        self.papers.write()
        return preview(self.office.world, self.office.rules, _say_nothing)

    def preflight(self) -> Preflight:
        """The checks before the first write."""
        self.papers.write()
        return preflight(self.office.world, self.office.rules, _say_nothing)

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.move(seconds)

    def tomorrow(self, days: float = 1) -> None:
        """The next day; people in QuickBooks come in again."""
        self.move(days * 86_400)
        self.simulated.come_in()

    # What it knows

    def flags(self) -> list[tuple[str, str]]:
        """Kind and deliverable of the open flags, sorted."""
        return sorted((each.flag.kind, each.flag.subject) for each in self.office.store.flags())

    def outbox(self) -> dict[str, Outgoing]:
        """What stands in the outbox, by number; the last of each."""
        return {each.number: each for each in self.office.store.outgoing()}

    def breaches(self) -> list[Breach]:
        """What contradicts the invariants in any machine's database; always empty (I1 to I9, I12)."""
        found: list[Breach] = []
        for office in self._opened:
            with reading(office.engine) as connection:
                found += breaches(connection, office.store.company, office.rules.quiet, read_body)
        return found

    def settlements(self) -> dict[str, Settlement]:
        """The money of each deliverable, as last read."""
        facts = facts_of(self.office.world, self.office.rules, self.preview())
        cases: list[Case] = list(self.office.store.cases(frozenset()))
        return {each.deliverable_id: each for case in cases for each in settle(case, facts)}


_DISCOVERY = "/.well-known/openid_sandbox_configuration"


def _say_nothing(_: str) -> None:
    """Nobody watches."""
