"""Lost, late, broken and refused answers: after the quiet time the books are those of a night without trouble."""

import pytest

from qbo_milestones.errors import Failure
from qbo_milestones.model.exit_code import DONE, RECONNECT, TEMPORARY, WAITING
from qbo_milestones.pipeline.outbox import Stage

from .agency import QUIET_S, Agency
from .conftest import MakeAgency, two_rows
from .simulated import HARDEST, Doc

# Kind, and what else the rule says. Late: QuickBooks may work on for up to 120 s.
FAULTS: dict[str, dict[str, object]] = {
    "lost_answer": {},
    "late_commit": {"after_s": 119},
    "reset": {},
    "truncate": {},
    "garbled": {},
    "status-500": {"status": 500},
    "status-503": {"status": 503, "body": "html"},
    "status-504": {"status": 504, "body": "gateway", "code": "504"},
    "status-empty": {"status": 502, "body": "empty"},
    "status-600": {"status": 400, "code": "600"},
    "refuse_before": {},
    "throttle": {},
    "token_revoked": {},
    "xml_fault": {"status": 500},
}
WORLDS: dict[str, Doc] = {
    "forever": {"requestid_window_s": None},
    "hardest": HARDEST,
    "minute": {"requestid_window_s": 60, "duplicate_docnumber": "accept"},
}
# What was done without an answer is the case in which QuickBooks' memory matters; the rest meets the hardest one.
DONE_UNHEARD = ("lost_answer", "late_commit", "reset", "truncate", "garbled")
CASES = [(fault, world) for fault in FAULTS for world in WORLDS if fault in DONE_UNHEARD or world == "hardest"]


def spoil(agency: Agency, fault: str, entity: str, **rule: object) -> None:
    """The fault of that name, on the writes of an entity."""
    agency.simulated.spoil(fault.partition("-")[0], method="POST", entity=entity, **FAULTS[fault], **rule)


def first_night(agency: Agency, fault: str) -> None:
    """The run that meets the fault. A connection that ended is made anew by a person."""
    outcome = agency.run()
    if fault == "token_revoked":
        assert outcome.exit_code == RECONNECT
        agency.simulated.come_in()
        agency.connect()


def posted_once(agency: Agency) -> bool:
    """Whether all four are posted, each with a document of its own (I2, I6)."""
    every = list(agency.office.store.outgoing())
    return len(every) == 4 == len({each.books_id for each in every if each.stage is Stage.POSTED})


@pytest.mark.parametrize(("fault", "world"), CASES)
@pytest.mark.parametrize("entity", ["journalentry", "invoice"])
def test_one_fault_on_one_write(make_agency: MakeAgency, quiet_night: Doc, fault: str, entity: str, world: str) -> None:
    """Nothing is posted twice and nothing is lost, however long QuickBooks remembers a requestid (P1-P3; 1.3-1.4)."""
    agency = two_rows(make_agency(WORLDS[world]))
    spoil(agency, fault, entity)
    first_night(agency, fault)
    outcome = agency.settled()
    assert agency.simulated.plain() == quiet_night
    assert (outcome.exit_code, agency.flags()) == (DONE, [])
    assert posted_once(agency)


@pytest.mark.parametrize("fault", [each for each in FAULTS if each != "token_revoked"])
def test_every_write_of_the_first_night_is_spoilt(make_agency: MakeAgency, quiet_night: Doc, fault: str) -> None:
    """A whole night of it, until it is healed: the same books in the end, though no requestid is remembered."""
    agency = two_rows(make_agency(HARDEST))
    for entity in ("journalentry", "invoice"):
        spoil(agency, fault, entity, times=None)
    agency.run()
    agency.simulated.heal()
    agency.settled()
    assert agency.simulated.plain() == quiet_night
    assert posted_once(agency)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("fault", ["lost_answer", "late_commit", "status-500"])
def test_waiting_resolves_in_the_same_run(make_agency: MakeAgency, quiet_night: Doc, fault: str, world: str) -> None:
    """`run --wait` stays for the quiet time and ends with everything posted (ruling 7)."""
    agency = two_rows(make_agency(WORLDS[world]))
    for entity in ("journalentry", "invoice"):
        spoil(agency, fault, entity)
    began = agency.clock.now()
    outcome = agency.run(wait=True)
    assert (agency.clock.now() - began).total_seconds() >= QUIET_S
    assert (outcome.exit_code, outcome.tally.doubtful, outcome.tally.waiting) == (DONE, 0, 0)
    assert agency.simulated.plain() == quiet_night


@pytest.mark.parametrize("world", WORLDS)
def test_a_query_that_lags_behind_the_books(make_agency: MakeAgency, quiet_night: Doc, world: str) -> None:
    """Up to 300 s of lag are inside the quiet time: "not found" proves nothing before it is over (I5)."""
    agency = two_rows(make_agency(WORLDS[world]))
    # So that the lists of the company itself, made at START, are there.
    agency.move(600)
    agency.simulated.spoil("query_lag", entity="query", times=None, query_lag_s=300)
    for entity in ("journalentry", "invoice"):
        agency.simulated.spoil("late_commit", method="POST", entity=entity, after_s=119)
    agency.run()
    # In two steps, as what is late bears the time at which it is done.
    agency.move(119)
    agency.move(QUIET_S - 119)
    agency.run()
    agency.move(119)
    agency.move(QUIET_S - 119)
    agency.run()
    assert agency.simulated.plain() == quiet_night
    assert posted_once(agency)


def test_before_the_quiet_time_nothing_is_looked_up_or_sent(make_agency: MakeAgency) -> None:
    """A run a second too early leaves the doubtful one alone, and its invoice waits (I5; R87)."""
    agency = two_rows(make_agency(HARDEST))
    agency.simulated.spoil("late_commit", method="POST", entity="journalentry", after_s=10_000)
    first = agency.run()
    assert (first.tally.posted, first.tally.doubtful, first.tally.waiting) == (2, 1, 1)
    agency.move(QUIET_S - 1)
    agency.simulated.forget_requests()
    assert agency.run().exit_code in (WAITING, TEMPORARY)
    assert agency.simulated.writes() == []
    agency.move(1)
    assert agency.run().tally.posted == 2
    assert agency.flags() == []


def test_a_look_up_that_fails_leaves_it_doubtful(make_agency: MakeAgency, quiet_night: Doc) -> None:
    """Unknown stays unknown: nothing is sent again on a failed look-up (design.md, Failures)."""
    agency = two_rows(make_agency(HARDEST))
    agency.simulated.spoil("lost_answer", method="POST", entity="invoice")
    agency.run()
    agency.move(QUIET_S)
    agency.simulated.spoil("status", entity="query", statement="DocNumber", times=None, status=503)
    agency.simulated.forget_requests()
    outcome = agency.run()
    assert (outcome.exit_code, outcome.tally.doubtful) == (TEMPORARY, 1)
    assert agency.simulated.writes() == []
    agency.simulated.heal()
    agency.settled()
    assert agency.simulated.plain() == quiet_night


@pytest.mark.parametrize("entity", ["cdc", "query"])
def test_where_the_books_cannot_be_read_nothing_is_sent(agency: Agency, quiet_night: Doc, entity: str) -> None:
    """A failed read is unknown, never "not there": the run ends, the next one bills (design.md, Failures)."""
    agency.run()
    two_rows(agency)
    agency.reopen()
    agency.simulated.spoil("status", entity=entity, times=None, status=503)
    with pytest.raises(Failure):
        agency.run()
    assert agency.simulated.numbers() == []
    agency.simulated.heal()
    agency.run()
    assert agency.simulated.plain() == quiet_night


def test_a_throttle_is_waited_out_in_the_same_run(agency: Agency, quiet_night: Doc) -> None:
    """429 was surely not applied: the same postings go after the rest that QuickBooks asked for (ruling 8)."""
    two_rows(agency)
    agency.simulated.spoil("throttle", method="POST", entity="journalentry", times=2)
    began = agency.clock.now()
    assert agency.run().exit_code == DONE
    assert (agency.clock.now() - began).total_seconds() >= 60
    assert agency.simulated.plain() == quiet_night


def test_fifty_rows_under_the_companys_own_throttle(make_agency: MakeAgency) -> None:
    """Ten a second and 500 a minute, as QuickBooks counts them: none of a hundred writes meets a 429 (ruling 8)."""
    agency = make_agency({"throttle": True}, pace=(8, 450))
    for n in range(50):
        agency.papers.accept(f"D-{n:03}x", "10.00")
    assert agency.run().tally.posted == 100
    assert {each["status"] for each in agency.simulated.asked()} == {200}
    agency.simulated.prove()
