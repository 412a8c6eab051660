"""The register changes behind the billing: held and flagged, never billed again, never sent unsigned (ruling 1, I8)."""

from dataclasses import replace

import pytest

from qbo_milestones.model.exit_code import DONE, WAITING
from qbo_milestones.pipeline.outbox import Stage

from .agency import Agency
from .conftest import MakeAgency
from .mortal import Crash, Death, mortal
from .simulated import cents


@pytest.fixture
def billed(agency: Agency) -> Agency:
    """Two rows that are billed; a day later."""
    agency.papers.accept("D-101", "1200.00")
    agency.papers.accept("D-102", "800.50")
    agency.run()
    agency.tomorrow()
    agency.simulated.forget_requests()
    return agency


CHANGES: dict[str, dict[str, str]] = {
    "amount": {"amount": "1300.00"},
    "revision": {"Revision": "2"},
    "criteria": {"Acceptance_test": "1. all pages drawn twice"},
    "output": {"Output": "other.pdf"},
    "contract": {"Contract": "SOW-2"},
    "not billable": {"Billable": "no"},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_row_is_held_and_flagged_not_billed(billed: Agency, change: str) -> None:
    """REGISTER_CHANGED, and it goes when the row is put back, not before."""
    before = dict(billed.papers.rows["D-101"])
    billed.papers.contract("SOW-2")
    billed.papers.row("D-101", **CHANGES[change])
    if change == "revision":
        billed.papers.sign("D-101", Revision="2")
    for _ in range(2):
        outcome = billed.run()
        assert (outcome.exit_code, outcome.tally.posted) == (WAITING, 0)
        assert billed.flags() == [("REGISTER_CHANGED", "D-101")]
    assert billed.simulated.writes() == []
    billed.papers.rows["D-101"] = before
    assert billed.run().exit_code == DONE
    assert billed.flags() == []


def test_a_removed_row_is_flagged(billed: Agency) -> None:
    """REGISTER_REMOVED until it is back."""
    row = billed.papers.rows.pop("D-102")
    billed.run()
    assert [kind for kind, _ in billed.flags()] == ["REGISTER_REMOVED"]
    billed.papers.rows["D-102"] = row
    billed.run()
    assert billed.flags() == []
    assert billed.simulated.writes() == []


@pytest.mark.parametrize("decision", ["revoked", "rejected"])
def test_a_sign_off_that_was_taken_back_is_flagged(billed: Agency, decision: str) -> None:
    """ACCEPTANCE_REVOKED_BILLED; nothing is undone by itself (E13)."""
    more = {"Defects": "1. blurred", "Re-review date": "2026-12-01"} if decision == "rejected" else {}
    billed.papers.sign("D-101", Decision=decision, Signed_at="2026-11-20")
    billed.papers.sign_offs[-1] |= more
    billed.run()
    assert billed.flags() == [("ACCEPTANCE_REVOKED_BILLED", "D-101")]
    assert billed.simulated.writes() == []
    billed.papers.sign_offs.pop()
    billed.run()
    assert billed.flags() == []


def test_an_id_written_otherwise_is_the_same_deliverable(billed: Agency) -> None:
    """Case and spaces make no new deliverable (ruling 42; always 2)."""
    row = billed.papers.rows.pop("D-101")
    billed.papers.rows["d-101 "] = row | {"Deliverable ID": " d-101 "}
    outcome = billed.run()
    assert outcome.tally.posted == 0
    assert len(billed.simulated.numbers()) == 4


@pytest.fixture
def planned(agency: Agency) -> Agency:
    """A row that was planned and surely not sent: QuickBooks could not be written to all night."""
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil("throttle", method="POST", entity="journalentry", times=None)
    agency.run()
    agency.simulated.heal()
    assert {each.stage for each in agency.office.store.outgoing()} == {Stage.PLANNED}
    return agency


def test_a_row_that_changed_before_it_was_sent(planned: Agency) -> None:
    """Tried in vain is sent all the same: whatever is billed in the end is one amount, once, and flagged if another."""
    planned.papers.row("D-101", "1300.00")
    planned.run()
    planned.run()
    invoices, journals = planned.simulated.ours()
    assert len(invoices) == len(journals) <= 1
    amounts = {cents(row["Line"][0]["Amount"]) for row in [*invoices, *journals]}
    assert amounts <= {130_000}
    assert (planned.flags() == []) == (amounts == {130_000})


@pytest.mark.parametrize("decision", ["revoked", "rejected"])
def test_what_was_revoked_before_it_was_sent_is_never_sent(planned: Agency, decision: str) -> None:
    """I8: the sign-off is judged again in the run that sends."""
    planned.papers.sign("D-101", Decision=decision, Signed_at="2026-11-20", Defects="1. blurred")
    planned.simulated.forget_requests()
    for _ in range(2):
        planned.run()
    assert planned.simulated.writes() == []
    assert planned.simulated.numbers() == []


def test_what_was_removed_before_it_was_sent_is_never_sent(planned: Agency) -> None:
    """A row that is gone is not billed."""
    planned.papers.rows.clear()
    planned.simulated.forget_requests()
    planned.run()
    assert planned.simulated.numbers() == []


def test_planned_but_never_tried_is_withdrawn_and_planned_anew(make_agency: MakeAgency) -> None:
    """Withdrawn only if never sent (ruling 6); the new body has a new requestid (I3)."""
    agency = make_agency(lanes=1)
    agency.papers.accept("D-101", "1200.00")
    agency.papers.accept("D-102", "800.50")
    # The connection ends with the first journal; the rest of the night stays planned.
    agency.simulated.spoil("token_revoked", method="POST", entity="journalentry")
    agency.run()
    agency.connect()
    agency.papers.row("D-102", "900.00")
    assert agency.run().exit_code == DONE
    stages = [(each.number, each.stage.value) for each in agency.office.store.outgoing()]
    assert sorted(stages) == [
        ("D-101-A", "posted"),
        ("D-101-AJ", "posted"),
        ("D-102-A", "posted"),
        ("D-102-A", "withdrawn"),
        ("D-102-AJ", "posted"),
        ("D-102-AJ", "withdrawn"),
    ]
    assert {row["TotalAmt"] for row in agency.simulated.ours()[0]} == {1200, 900}
    assert len({each.requestid for each in agency.office.store.outgoing()}) == 6
    agency.simulated.prove()


def test_a_revoked_doubtful_posting_is_looked_up_but_not_sent_again(agency: Agency) -> None:
    """I8 also holds for what must be sent again: proved absent, it is given up, and the row says why it is held."""
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil("status", method="POST", entity="journalentry", times=None, status=500)
    agency.run()
    agency.simulated.heal()
    agency.papers.sign("D-101", Decision="revoked", Signed_at="2026-11-20")
    agency.simulated.forget_requests()
    outcome = agency.settled()
    assert agency.simulated.writes() == []
    assert agency.simulated.numbers() == []
    assert [reason.kind for one in outcome.decision.held for reason in one.reasons] == ["REVOKED"]
    assert agency.flags() == []


def test_waiting_for_a_revoked_doubtful_posting_comes_to_an_end(agency: Agency) -> None:
    """`run --wait` looks, finds nothing, may not send (I8), and leaves the rest to a person."""
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil("status", method="POST", entity="journalentry", times=None, status=500)
    agency.run()
    agency.simulated.heal()
    agency.papers.sign("D-101", Decision="revoked", Signed_at="2026-11-20")
    enough = Death(at=120)
    agency.office = replace(agency.office, world=mortal(agency.office.world, enough))
    try:
        agency.run(wait=True)
    except Crash:
        pytest.fail("it looked again and again")
    assert agency.simulated.numbers() == []
