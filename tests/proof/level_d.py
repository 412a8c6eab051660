"""Level D: a state machine against a small ledger: rows, sign-offs, people, faults, deaths and backups in any order."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from journeys.agency import Papers
from journeys.mortal import Death
from journeys.simulated import Denied, Doc, day_after
from qbo_milestones.errors import NotConnected
from qbo_milestones.pipeline.posting import PostingKind
from qbo_milestones.simulator.world.world import DEFAULT_REALM as REALM

from .bystander import Bystander
from .first_day import WORLDS, Odds, first_day
from .ground import AFTER_QUIET_S, Ground
from .oracle import more_than_one, stamp, stuck, wrong_books
from .score import Broken, Finding, Score, Size, Wrong
from .spoils import SPOILS, Plan

LETTER = "D"
TITLE = "state machine against a ledger: rows, people, faults, deaths"

_EXAMPLES = {Size.CI: 200, Size.NIGHTLY: 3_000, Size.RELEASE: 20_000}
_OF_A_UNIT, _STEPS, _ROWS = 5, 50, 5
_PAUSES_S = (20, 100, 400, 500, 4_000, 86_400, 3 * 86_400)


def units(size: Size) -> Sequence[str]:
    """`seed N`: five walks of fifty steps each."""
    return [f"seed {n}" for n in range(1, _EXAMPLES[size] // _OF_A_UNIT + 1)]


def play(schedule: str) -> Score:
    """A unit. A walk that fails is told step by step; the same seed finds it again."""
    number = int(schedule.split()[1])
    walk = seed(number)(type("Walk", (Walk,), {}))
    try:
        run_state_machine_as_test(walk, settings=_SETTINGS)
    except _Found as found:
        steps = "; ".join(line.strip() for line in getattr(found, "__notes__", ()))
        return Score(_OF_A_UNIT, (Broken(LETTER, schedule, found.wrong, f"{found.sentence}. {steps}"),))
    except Exception as fault:
        return Score(_OF_A_UNIT, (Broken(LETTER, schedule, Wrong.OTHER, f"{type(fault).__name__}: {fault}"),))
    return Score(_OF_A_UNIT)


_SETTINGS = settings(
    max_examples=_OF_A_UNIT,
    stateful_step_count=_STEPS,
    deadline=None,
    database=None,
    derandomize=False,
    # Shortening a walk takes minutes; the seed finds it again.
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


class _Found(Exception):
    def __init__(self, wrong: Wrong, sentence: str) -> None:
        super().__init__(sentence)
        self.wrong, self.sentence = wrong, sentence


@dataclass
class _Row:
    """What the ledger knows of a deliverable. Of a loose one a person took something back: it may be billed or not."""

    cents: int
    signed: bool = False
    loose: bool = False


class Walk(RuleBasedStateMachine):
    """One agency on one company; rules are what may happen, in any order."""

    # Where a query lags for longer than the quiet time, a new machine cannot see what stands: not here.
    @initialize(odds=st.sampled_from(WORLDS[:-1]), own_numbers=st.booleans())
    def begin(self, odds: Odds, own_numbers: bool) -> None:
        """The first day."""
        self.folder = Path(tempfile.mkdtemp(dir=first_day().home))
        self.papers = Papers(self.folder / "papers")
        self.papers.write()
        self.ground = Ground(replace(odds, own_numbers=own_numbers), self.papers)
        self.ground.__enter__()
        self.people = Bystander(self.ground)
        if not own_numbers:
            self.people.come_in()
            self.people.prefer("SalesFormsPrefs", CustomTxnNumbers=False)
        self.rows: dict[str, _Row] = {}
        self.backup: Path | None = None
        self.idle = self.restored = False
        self.asked = self.machines = 0
        for _ in range(2):
            self.add(1_200_50)
            self.sign(0)

    # The register

    @rule(cents=st.integers(1, 9_999_99))
    @precondition(lambda self: len(self.rows) < _ROWS)
    def add(self, cents: int) -> None:
        """A deliverable."""
        self._write(f"D-{101 + len(self.rows)}", _Row(cents))

    @rule(which=st.integers(0, _ROWS))
    @precondition(lambda self: self._some(lambda row: not row.signed and not row.loose))
    def sign(self, which: int) -> None:
        """It is signed off."""
        id_, row = self._pick(which, lambda row: not row.signed and not row.loose)
        row.signed = True
        self.papers.sign(id_)
        self._write(id_, row)

    @rule(which=st.integers(0, _ROWS), cents=st.integers(1, 9_999_99))
    @precondition(lambda self: self._some(lambda row: not row.signed and not row.loose))
    def change(self, which: int, cents: int) -> None:
        """Its amount changes before it is signed."""
        id_, row = self._pick(which, lambda row: not row.signed and not row.loose)
        row.cents = cents
        self._write(id_, row)

    @rule(which=st.integers(0, _ROWS))
    @precondition(lambda self: self._some(lambda row: row.signed))
    def revoke(self, which: int) -> None:
        """Its sign-off is taken back, perhaps too late."""
        id_, row = self._pick(which, lambda row: row.signed)
        row.signed, row.loose = False, True
        self.papers.sign_offs = [each for each in self.papers.sign_offs if each["Deliverable ID"] != id_]
        self._write(id_, row)

    # Runs

    @rule()
    @precondition(lambda self: not self.idle)
    def run(self) -> None:
        """A night."""
        outcome = self.ground.night()
        self._reconnect()
        self.idle = outcome is not None and not (outcome.tally.doubtful or outcome.tally.waiting)
        self.restored = self.restored and not self.idle

    @rule(kind=st.sampled_from(tuple(SPOILS)), place=st.integers(1, 6))
    @precondition(lambda self: not self.idle)
    def run_spoiled(self, kind: str, place: int) -> None:
        """A night in which a send or a look-up is spoiled."""
        self.ground.machine.wire.plan = Plan(f"p{place}:{kind}")
        self.run()
        self.ground.machine.wire.plan = Plan()

    @rule(kind=st.sampled_from(tuple(SPOILS)), place=st.integers(1, 20))
    @precondition(lambda self: not self.idle)
    def run_cut(self, kind: str, place: int) -> None:
        """A night in which from some request on everything is spoiled."""
        self.ground.machine.wire.plan = Plan(f"{place}+:{kind}")
        self.run()
        self.ground.machine.wire.plan = Plan()
        self.idle = False

    @rule(at=st.integers(1, 120))
    @precondition(lambda self: not self.idle)
    def run_and_die(self, at: int) -> None:
        """A night that ends at some boundary."""
        self.ground.reopen(death=Death(at))
        self.run()
        self.ground.reopen()
        self.idle = False

    @rule(seconds=st.sampled_from(_PAUSES_S))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.ground.move(seconds)

    # People in QuickBooks

    @rule(which=st.integers(0, 9))
    @precondition(lambda self: self._invoices())
    def pay(self, which: int) -> None:
        """An invoice is paid."""
        invoice = self._invoice(which)
        self._do(lambda: self.people.pay(invoice["TotalAmt"], [(invoice, invoice["TotalAmt"])]))

    @rule(which=st.integers(0, 9))
    @precondition(lambda self: self._invoices())
    def void(self, which: int) -> None:
        """An invoice is voided: it is never issued again."""
        invoice = self._invoice(which)
        self._loosen(invoice)
        self._do(lambda: self.people.void(invoice))

    @rule(which=st.integers(0, 9))
    @precondition(lambda self: self._invoices())
    def edit(self, which: int) -> None:
        """An invoice is given another amount."""
        invoice = self._invoice(which)
        self._loosen(invoice)
        self._do(lambda: self.people.set_amount(invoice, 1.5))

    @rule(which=st.integers(0, 9))
    @precondition(lambda self: self._invoices())
    def renumber(self, which: int) -> None:
        """An invoice is given another number, perhaps while its answer is lost."""
        invoice = self._invoice(which)
        self._loosen(invoice)
        self._do(lambda: self.people.change("Invoice", invoice, DocNumber=f"R-{invoice['Id']}"))

    @rule(day=st.integers(-18, -10))
    @precondition(lambda self: not self.restored)
    def close(self, day: int) -> None:
        """The books are closed up to a day, when what was posted is seen by everybody.

        Not between the return of an older database and a night that is all done: then what is looked for bears a date
        that is closed, and a person is needed.
        """
        self.ground.move(AFTER_QUIET_S)
        self._do(lambda: self.people.prefer("AccountingInfoPrefs", BookCloseDate=day_after(day)))
        # The company's preferences are read once in a process, and each night is a process of its own.
        self.ground.reopen()

    # Machines

    @rule()
    def back_up(self) -> None:
        """The database is copied while nothing runs."""
        self.ground.reopen()
        self.backup = self.folder / "backup"
        shutil.rmtree(self.backup, ignore_errors=True)
        shutil.copytree(self.ground.machine.home, self.backup, ignore=shutil.ignore_patterns("*-shm"))

    @rule(whole=st.booleans())
    @precondition(lambda self: self.backup is not None)
    def restore(self, whole: bool) -> None:
        """The copy is put back, and the owner connects again. What is kept apart from it is as new as ever.

        Or the whole of it is put back, by which it could be recognised: not before everybody sees what was posted.
        """
        if whole:
            self.ground.move(AFTER_QUIET_S)
        home = self.ground.machine.home
        self.ground.machine.close()
        for file in home.glob("*" if whole else "store.db*"):
            file.unlink()
        kept = shutil.ignore_patterns(*(() if whole else ("epoch*",)))
        shutil.copytree(self.backup or home, home, ignore=kept, dirs_exist_ok=True)
        self.ground.reopen(home)
        self.ground.machine.connect()
        self.idle, self.restored = False, True

    @rule()
    @precondition(lambda self: self.machines < 2)
    def second_machine(self) -> None:
        """Another machine with an empty database takes over, when what is in the air has come down."""
        self.ground.move(AFTER_QUIET_S)
        self.backup, self.idle = None, False
        self.machines += 1
        self.ground.reopen(self.ground.fresh_home(known=False))
        self.ground.machine.connect()

    # What must hold

    @invariant()
    def nothing_twice(self) -> None:
        """At any time: no two documents of one deliverable, every journal and the trial balance in balance."""
        world = self.ground.first_day.world
        if world.asked != self.asked:
            self.asked = world.asked
            self._insist(more_than_one(world.companies[REALM], self.rows))

    def teardown(self) -> None:
        """At the end everything that is signed is billed once, and there is nothing left to do."""
        if not hasattr(self, "ground"):
            return
        try:
            self._settle()
        finally:
            self.people.close()
            self.ground.__exit__()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _settle(self) -> None:
        quiet = [AFTER_QUIET_S] * 9
        self.ground.settle(quiet)
        if self._reconnect() or self.ground.answer():
            self.ground.settle(quiet)
        # One whose row was taken back while its answer was lost stays doubtful: it waits for a person.
        before = self.ground.machine.wire.writes
        if self.ground.night() is None or self.ground.machine.wire.writes != before:
            raise _Found(Wrong.STUCK, f"not done after nine quiet nights: {self.ground.told}")
        firm = {id_: row.cents for id_, row in self.rows.items() if row.signed and not row.loose}
        loose = frozenset(id_ for id_, row in self.rows.items() if row.loose)
        self._insist(
            [*wrong_books(self.ground.first_day.world.companies[REALM], firm, loose), *stuck(self.ground, loose)]
        )

    def _reconnect(self) -> bool:
        """A refresh whose answer was lost ends the connection unless it is tried again within a day (C7)."""
        failures, self.ground.failures = self.ground.failures, []
        ended = any(isinstance(failure, NotConnected) for failure in failures[-1:])
        if ended:
            self.ground.machine.connect()
        return ended

    def _insist(self, findings: Sequence[Finding]) -> None:
        if findings:
            raise _Found(*findings[0])

    def _some(self, fits: Callable[[_Row], bool]) -> bool:
        return any(map(fits, self.rows.values()))

    def _pick(self, which: int, fits: Callable[[_Row], bool]) -> tuple[str, _Row]:
        found = [(id_, row) for id_, row in self.rows.items() if fits(row)]
        return found[which % len(found)]

    def _write(self, id_: str, row: _Row) -> None:
        self.rows[id_], self.idle = row, False
        self.papers.row(id_, f"{row.cents // 100}.{row.cents % 100:02}")
        self.papers.write()

    def _invoices(self) -> list[str]:
        company = self.ground.first_day.world.companies[REALM]
        return [id_ for id_, record in company.shelves["Invoice"].records.items() if record.body.get("Balance")]

    def _invoice(self, which: int) -> Doc:
        ids = self._invoices()
        self.people.come_in()
        return next(row for row in self.people.ours()[0] if row["Id"] == ids[which % len(ids)])

    def _loosen(self, invoice: Doc) -> None:
        for id_, row in self.rows.items():
            if stamp(id_, PostingKind.INVOICE) in invoice.get("PrivateNote", ""):
                row.signed, row.loose = False, True

    def _do(self, act: Callable[[], object]) -> None:
        """A person tries; QuickBooks may refuse it, as in a closed period."""
        self.idle = False
        try:
            self.people.come_in()
            act()
        except Denied:
            return
