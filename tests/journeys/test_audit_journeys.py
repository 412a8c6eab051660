"""The audit log over whole nights: its end is kept apart, an altered one stops all, an older one is recognised."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import cast

import pytest

from qbo_milestones.adapters.store.connections import keep_connected
from qbo_milestones.errors import RuleBroken
from qbo_milestones.model.audit import AuditHead, AuditState
from qbo_milestones.model.exit_code import INTEGRITY
from qbo_milestones.pipeline.outbox import Stage
from qbo_milestones.ports import Epochs
from qbo_milestones.run.history import History, accept_log, recognise, verify, verify_log

from .agency import LEASE, Agency
from .conftest import MakeAgency, two_rows
from .simulated import HARDEST, Doc

_CUT = "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)"


def _alter(agency: Agency, statement: str) -> None:
    """Somebody with the file, who drops the trigger first."""
    with closing(sqlite3.connect(agency.office.file / "store.db", isolation_level=None)) as raw:
        raw.executescript(f"DROP TRIGGER rule_audit_deleted; DROP TRIGGER rule_audit_frozen; {statement}")


def _put_back(agency: Agency, backup: str) -> None:
    """A backup of the database in its place."""
    agency.office.close()
    for file in agency.office.file.glob("store.db*"):
        file.unlink()
    shutil.copy2(agency.folder / backup, agency.office.file / "store.db")
    agency.reopen()


def _back_up(agency: Agency, name: str) -> None:
    source = closing(sqlite3.connect(agency.office.file / "store.db"))
    copy = closing(sqlite3.connect(agency.folder / name))
    with source as from_, copy as to:
        from_.backup(to)
    (agency.folder / name).chmod(0o600)


class _Copying:
    """Makes a copy as soon as the run is counted: everything is planned, nothing is sent."""

    def __init__(self, inner: Epochs, copy: Callable[[], None]) -> None:
        self.read, self.anchor, self.keep_anchor = inner.read, inner.anchor, inner.keep_anchor
        self._inner, self._copy = inner, copy

    def write(self, count: int) -> None:
        """See ports.Epochs."""
        self._inner.write(count)
        self._copy()


def test_a_night_ends_with_its_log_anchored(agency: Agency) -> None:
    """reliability.md 4: where the log ends is kept outside the database after each run."""
    two_rows(agency).run()
    store, epochs = agency.office.store, agency.office.world.epochs
    events = [entry.event for entry in store.audit_entries()]
    assert (events[0], events[-1]) == ("run.started", "run.ended")
    assert [events.count(f"posting.{name}") for name in ("planned", "sending", "posted")] == [4, 4, 4]
    assert epochs.anchor() == store.audit_head() != AuditHead()
    assert store.check_audit(epochs.anchor(), whole=True).state is AuditState.INTACT


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit WHERE seq > (SELECT max(seq) - 3 FROM audit)",
        "UPDATE audit SET content = '{}' WHERE seq = (SELECT max(seq) FROM audit)",
    ],
)
def test_an_altered_log_stops_every_run_before_anything_is_sent(agency: Agency, statement: str) -> None:
    """I11; reliability.md 5, exit code 5: nothing is posted until a person has looked, however often it is tried."""
    agency.run()
    good = agency.office.world.epochs.anchor()
    _alter(agency, statement)
    two_rows(agency)
    for _ in range(3):
        with pytest.raises(RuleBroken, match="audit"):
            agency.run()
    assert agency.simulated.numbers() == []
    assert [run.exit_code for run in agency.office.store.runs(3)] == [INTEGRITY] * 3
    assert agency.office.world.epochs.anchor() == good


def test_a_database_put_back_to_the_middle_of_its_last_run_is_recognised(
    make_agency: MakeAgency, quiet_night: Doc
) -> None:
    """reliability.md 1.5, C9: the count of runs is the same, only the anchor tells; everything is looked for first."""
    agency = make_agency(HARDEST)
    agency.run()
    epochs = agency.office.world.epochs
    world = replace(agency.office.world, epochs=cast(Epochs, _Copying(epochs, lambda: _back_up(agency, "middle.db"))))
    agency.office = replace(two_rows(agency).office, world=world)
    agency.run()
    agency.simulated.forget_requests()
    _put_back(agency, "middle.db")
    assert {each.stage for each in agency.office.store.outgoing()} == {Stage.PLANNED}
    assert recognise(agency.office.world) is History.KNOWN
    assert verify(agency.office.world).state is AuditState.OLDER
    # It is remembered: a crash before the run went on forgets nothing.
    assert verify(agency.office.world).state is AuditState.INTACT
    assert recognise(agency.office.world) is History.RESTORED
    # The lease of the run in whose middle the copy was made has to run out first.
    agency.move(LEASE.total_seconds() + 1)
    agency.run()
    agency.settled()
    assert agency.simulated.plain() == quiet_night
    assert "database.restored" in [entry.event for entry in agency.office.store.audit_entries()]


def test_a_person_who_answers_for_an_altered_log_has_it_go_on(agency: Agency) -> None:
    """I11: no company is stopped for ever; everything is looked for first, and later alterations are found again."""
    agency.run()
    _alter(agency, _CUT)
    two_rows(agency)
    with pytest.raises(RuleBroken):
        agency.run()
    store, epochs = agency.office.store, agency.office.world.epochs
    lease = store.take_lease("Grace Iwu", agency.clock.now(), LEASE)
    accept_log(store, epochs, lease, "The disk lost a page.", agency.clock.now())
    store.release_lease(lease)
    assert recognise(agency.office.world) is History.RESTORED
    agency.run()
    agency.settled()
    assert len(agency.simulated.numbers()) == 4
    assert store.check_audit(epochs.anchor(), whole=True).state is AuditState.INTACT
    with closing(sqlite3.connect(agency.office.file / "store.db", isolation_level=None)) as raw:
        raw.executescript(_CUT)
    with pytest.raises(RuleBroken):
        agency.run()


def test_a_connection_renewed_after_a_restore_hides_it_from_nobody(make_agency: MakeAgency, quiet_night: Doc) -> None:
    """I11, C9: rows behind the old end would make the log another one than was kept; so it is looked at before."""
    agency = two_rows(make_agency(HARDEST))
    _back_up(agency, "before.db")
    agency.run()
    agency.simulated.forget_requests()
    _put_back(agency, "before.db")
    store, epochs = agency.office.store, agency.office.world.epochs
    assert verify_log(store, epochs).state is AuditState.OLDER
    for _ in range(30):
        keep_connected(store.engine, store.company, "Northlight", "Grace Iwu", agency.clock.now())
    assert verify_log(store, epochs).state is AuditState.INTACT
    agency.run()
    agency.settled()
    assert agency.simulated.plain() == quiet_night
