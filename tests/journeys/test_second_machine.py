"""A new, a restored and a second machine at the same company: nothing is billed again (ruling 2; always 2)."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from qbo_milestones.errors import Unavailable
from qbo_milestones.model.exit_code import DONE
from qbo_milestones.pipeline.outbox import Stage
from qbo_milestones.run.history import History, recognise
from qbo_milestones.run.night import run
from qbo_milestones.run.outcome import Outcome

from .agency import LEASE, Agency, Office
from .conftest import MakeAgency, two_rows
from .mortal import WRITES, Crash, Death, mortal
from .simulated import HARDEST, Doc


def test_a_second_empty_machine_posts_nothing_and_adopts_what_bears_our_stamp(agency: Agency, quiet_night: Doc) -> None:
    """Every document with our stamp is read before anything is planned, and counts as posted."""
    two_rows(agency).run()
    agency.move_to("two")
    agency.simulated.forget_requests()
    preview = agency.preview()
    assert (preview.pairs, len(preview.adoptions)) == ((), 4)
    outcome = agency.run()
    assert (outcome.exit_code, outcome.tally.posted, outcome.counts["adopted"]) == (DONE, 0, "4")
    assert agency.simulated.writes() == []
    assert agency.simulated.plain() == quiet_night
    assert {(each.stage, each.adopted) for each in agency.office.store.outgoing()} == {(Stage.POSTED, True)}
    again = agency.run()
    assert (again.exit_code, again.counts["adopted"], agency.flags()) == (DONE, "0", [])


def test_check_says_that_the_machine_is_new(agency: Agency) -> None:
    """`check` tells whether our database knows the company's history (ruling 2)."""
    before = agency.preflight().history
    agency.run()
    assert agency.preflight().history != before


def test_what_was_billed_on_the_old_machine_is_found_under_its_new_row(agency: Agency) -> None:
    """A row whose amount or revision is not what the books show is held and flagged, not billed (rulings 1, 2)."""
    two_rows(agency).run()
    agency.move_to("two")
    agency.papers.row("D-101", "1300.00")
    outcome = agency.run()
    assert outcome.tally.posted == 0
    assert agency.flags() == [("REGISTER_CHANGED", "D-101")]


def test_an_adopted_document_is_watched_like_our_own(agency: Agency) -> None:
    """Edits and deletions after the adoption are flagged."""
    two_rows(agency).run()
    agency.move_to("two")
    agency.run()
    agency.simulated.set_amount(agency.simulated.find("Invoice", "D-101-A"), 1111.0)
    agency.simulated.delete("JournalEntry", agency.simulated.find("JournalEntry", "D-102-AJ"))
    agency.run()
    assert agency.flags() == [("INVOICE_EDITED", "D-101"), ("JOURNAL_DELETED", "D-102")]


@pytest.mark.parametrize("kind", ["JournalEntry", "Invoice"])
def test_where_only_one_of_two_documents_stands_nothing_is_posted(agency: Agency, kind: str) -> None:
    """The other machine died between journal and invoice, or a person deleted one: a person is told (always 2)."""
    agency.papers.accept("D-101", "1200.00")
    agency.run()
    gone, number = ("Invoice", "D-101-A") if kind == "JournalEntry" else ("JournalEntry", "D-101-AJ")
    agency.simulated.delete(gone, agency.simulated.find(gone, number))
    agency.move_to("two")
    outcome = agency.run()
    assert outcome.tally.posted == 0
    assert len(agency.simulated.numbers()) == 1
    assert "D-101" in [each.deliverable.id for each in outcome.decision.held]
    assert [subject for _, subject in agency.flags()] == ["D-101"]


def put_back(agency: Agency) -> Agency:
    """Two rows are posted, and then the database is again what it was before."""
    agency.run()
    backup = agency.folder / "backup.db"
    agency.office.close()
    shutil.copy2(agency.office.file / "store.db", backup)
    agency.reopen()
    two_rows(agency).run()
    agency.office.close()
    for file in agency.office.file.glob("store.db*"):
        file.unlink()
    shutil.copy2(backup, agency.office.file / "store.db")
    agency.reopen()
    return agency


def test_a_restored_database_looks_before_it_sends(make_agency: MakeAgency, quiet_night: Doc) -> None:
    """Rule 4: a copy from before the posting, put back: everything is looked for first, nothing is sent twice."""
    agency = put_back(make_agency(HARDEST))
    agency.run()
    agency.settled()
    assert agency.simulated.plain() == quiet_night
    assert {each.stage for each in agency.office.store.outgoing()} == {Stage.POSTED}


def test_a_look_does_not_use_up_that_a_database_was_restored(make_agency: MakeAgency, quiet_night: Doc) -> None:
    """Rule 4: a run that posts nothing has looked for nothing, so the next one still knows of the restore."""
    agency = put_back(make_agency(HARDEST))
    office = agency.office
    agency.office = replace(office, rules=replace(office.rules, may_post=False))
    agency.run()
    assert recognise(office.world) is History.RESTORED
    agency.office = office
    agency.run()
    agency.settled()
    assert recognise(office.world) is History.KNOWN
    assert agency.simulated.plain() == quiet_night


@pytest.mark.parametrize("later_s", [LEASE.total_seconds(), 86_400])
def test_a_database_restored_from_mid_run_looks_before_it_sends(
    make_agency: MakeAgency, quiet_night: Doc, later_s: float
) -> None:
    """Planned postings of a restored database may have been sent in the life that it forgot.

    The next day too: what is planned then bears another date than what stands, and would be disputed for ever (I12).
    """
    agency = make_agency(HARDEST, lanes=1)
    agency.run()
    office, death = agency.office, Death(at=14)
    agency.office = replace(two_rows(agency).office, world=mortal(office.world, death))
    with pytest.raises(Crash):
        agency.run()
    agency.office = office
    agency.reopen()
    assert Stage.PLANNED in {each.stage for each in agency.office.store.outgoing()}
    agency.office.close()
    backup = agency.folder / "backup.db"
    shutil.copy2(agency.office.file / "store.db", backup)
    agency.reopen()
    agency.move(LEASE.total_seconds())
    agency.run()
    agency.settled()
    agency.office.close()
    for file in agency.office.file.glob("store.db*"):
        file.unlink()
    shutil.copy2(backup, agency.office.file / "store.db")
    agency.reopen()
    agency.move(later_s)
    agency.connect()
    agency.run()
    agency.settled()
    assert agency.simulated.plain() == quiet_night
    assert {each.stage for each in agency.office.store.outgoing()} == {Stage.POSTED}


def test_of_two_workers_one_takes_the_lease(agency: Agency) -> None:
    """The other is told to come later, and sends nothing (design.md, Exactly once 9)."""
    two_rows(agency)
    other = agency.open(agency.office.file)
    lease = other.store.take_lease("other", agency.clock.now(), LEASE)
    with pytest.raises(Unavailable):
        agency.run()
    assert agency.simulated.writes() == []
    other.store.release_lease(lease)
    assert agency.run().tally.posted == 4


def test_two_workers_started_at_once_bill_once(agency: Agency, quiet_night: Doc) -> None:
    """Two processes on one database, in the same second: one works, the other is sent away."""
    two_rows(agency)
    offices = [agency.office, agency.open(agency.office.file)]

    def night(office: Office) -> str:
        try:
            run(office.world, office.rules, lambda _: None)
        except Unavailable:
            return "sent away"
        return "worked"

    with ThreadPoolExecutor(2) as workers:
        ends = sorted(workers.map(night, offices))
    # Where the second began only after the first had ended, both worked, one after the other.
    assert ends in (["sent away", "worked"], ["worked", "worked"])
    assert agency.simulated.plain() == quiet_night
    assert len(agency.simulated.writes()) == 4


PAUSES = ["after changes", "after plan", "before begin", "after begin", "before move", "after move", "after keep_flags"]


WORLDS = {"numbers are single": {"requestid_window_s": 0}, "hardest": HARDEST}
CASES = [(where, world) for where in PAUSES for world in WORLDS]


@pytest.mark.parametrize(("where", "world"), CASES)
def test_a_worker_whose_lease_was_taken_commits_nothing_more(
    make_agency: MakeAgency, quiet_night: Doc, where: str, world: str
) -> None:
    """It was paused for so long that another took over (I7): its late answers are not written, the books are whole."""
    agency = make_agency(WORLDS[world], lanes=1)
    agency.run()
    thief = two_rows(agency).open(agency.office.file)
    theft = _Theft(where, lambda: run(thief.world, thief.rules, lambda _: None), agency)
    office = agency.office
    agency.office = replace(office, world=mortal(office.world, theft))
    try:
        assert agency.run().tally.stopped is not None
    except Unavailable:
        assert theft.stolen
    agency.office = office
    agency.simulated.come_in()
    agency.settled()
    assert agency.simulated.plain() == quiet_night
    assert {each.stage for each in agency.office.store.outgoing()} == {Stage.POSTED}


class _Theft(Death):
    """Instead of death, at that boundary another worker takes over after the lease ran out, and does a whole run."""

    def __init__(self, where: str, whole_run: Callable[[], Outcome], agency: Agency) -> None:
        super().__init__()
        self.where, self.whole_run, self.agency, self.stolen = where, whole_run, agency, False

    def step(self, where: str) -> None:
        """One boundary."""
        if where == self.where and not self.stolen:
            self.stolen = True
            self.agency.move(LEASE.total_seconds() + 1)
            self.whole_run()


def test_the_boundaries_of_the_theft_are_real() -> None:
    """The names that the proxies watch are methods of the store."""
    from qbo_milestones.adapters.store.store import DatabaseStore

    assert all(hasattr(DatabaseStore, name) for name in WRITES)
