"""QuickBooks says no, or the settings do: one row's trouble stops no other, and a person can send it again (R64)."""

from decimal import Decimal
from typing import Any

import pytest

from qbo_milestones.model.exit_code import DONE, USAGE, WAITING
from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.outbox import Stage
from qbo_milestones.pipeline.preflight import refusals

from .agency import QUIET_S, Agency
from .conftest import MakeAgency, two_rows
from .simulated import Doc, cents


def make_active(agency: Agency, id_: str, active: bool) -> None:
    """A person switches a customer off or on, in whichever state its balance is."""
    agency.simulated.side("POST", "settings", {"inactive_with_balance": "accept"})
    customer = next(row for row in agency.simulated.dump()["Customer"] if row["Id"] == id_)
    agency.simulated.change("Customer", customer, Active=active)


def refuse_once(agency: Agency, number: str, code: str = "6210", **rule: object) -> None:
    """The first write of this entity is refused."""
    entity = "journalentry" if number.endswith("J") else "invoice"
    agency.simulated.spoil("status", method="POST", entity=entity, status=400, code=code, message="No", **rule)


@pytest.fixture
def single(make_agency: MakeAgency) -> Agency:
    """Two rows, one lane, so that the first write is always D-101's."""
    return two_rows(make_agency(lanes=1))


REFUSALS = {"6210": "PERIOD_CLOSED_POSTING", "610": "ITEM_OR_CUSTOMER_INACTIVE", "2170": "POSTING_REFUSED"}


@pytest.mark.parametrize("number", ["D-101-AJ", "D-101-A"])
@pytest.mark.parametrize("code", REFUSALS)
def test_a_refused_row_does_not_stop_the_others(single: Agency, quiet_night: Doc, code: str, number: str) -> None:
    """R64; flagged by QuickBooks' code; `retry` sends it once the cause is gone, and the flag goes."""
    refuse_once(single, number, code)
    outcome = single.run()
    assert (outcome.exit_code, outcome.tally.refused) == (WAITING, 1)
    assert outcome.tally.posted == (3 if number == "D-101-A" else 2)
    assert single.flags() == [(REFUSALS[code], "D-101")]
    single.simulated.forget_requests()
    assert single.run().exit_code == WAITING
    assert single.simulated.writes() == []
    again = single.run(retry=frozenset({"d-101"}))
    assert (again.exit_code, single.flags()) == (DONE, [])
    assert single.simulated.plain() == quiet_night
    assert {each.attempt for each in single.outbox().values() if each.number == number} == {2}


def test_an_inactive_customer_holds_its_rows_and_no_other(agency: Agency) -> None:
    """Seen before it is sent: held with its reason; billed when the customer is active again."""
    agency.papers.accept("D-101", "1200.00")
    agency.papers.contract("SOW-2", Customer="Beta Health")
    agency.papers.accept("D-201", "300.00", Contract="SOW-2")
    agency.run()
    agency.papers.accept("D-202", "310.00", Contract="SOW-2")
    agency.papers.accept("D-102", "100.00")
    make_active(agency, "2", False)
    assert agency.run().tally.posted == 2
    assert "D-202-A" not in agency.simulated.numbers()
    make_active(agency, "2", True)
    agency.run()
    assert agency.simulated.numbers().count("D-202-A") == 1
    agency.simulated.prove()


def test_a_refused_journal_whose_body_changed_is_planned_anew(single: Agency) -> None:
    """Ruling 6: the period was closed behind our reading of it; the next run dates the journal after it."""
    refuse_once(single, "D-101-AJ")
    single.run()
    single.simulated.prefer("AccountingInfoPrefs", BookCloseDate="2026-11-15")
    single.reopen()
    single.run()
    assert single.simulated.find("JournalEntry", "D-101-AJ")["TxnDate"] == "2026-11-16"
    assert {each.stage for each in single.outbox().values()} == {Stage.POSTED}


def test_a_refused_row_that_the_register_corrects_is_planned_anew(single: Agency) -> None:
    """Ruling 6: refused -> planned when its cause changed."""
    refuse_once(single, "D-101-AJ", "2170")
    single.run()
    single.papers.row("D-101", "1250.00")
    single.run()
    assert cents(single.simulated.find("Invoice", "D-101-A")["TotalAmt"]) == 125_000
    assert single.flags() == []
    single.simulated.prove()


def test_a_persons_invoice_under_our_number_is_disputed_not_duplicated(agency: Agency) -> None:
    """6140 is doubtful, the look-up finds a document without our stamp: a person decides (ruling 6; 1.3)."""
    two_rows(agency)
    agency.simulated.sale("Invoice", 1200.0, "By hand", item="4", number="D-101-A")
    agency.simulated.spoil("query_lag", entity="query", statement="from Invoice", query_lag_s=60)
    first = agency.run()
    assert (first.tally.posted, first.tally.doubtful) == (3, 1)
    agency.move(QUIET_S)
    agency.run()
    assert agency.outbox()["D-101-A"].stage is Stage.DISPUTED
    assert ("POSTING_DISPUTED", "D-101") in agency.flags()
    agency.simulated.forget_requests()
    agency.settled()
    assert agency.simulated.writes() == []
    assert agency.simulated.numbers().count("D-101-A") == 1


def test_where_quickbooks_takes_two_of_one_number_the_persons_stays_alone(make_agency: MakeAgency) -> None:
    """A lost answer and a person's document of our number: nothing is sent again on top of it (1.3, step 2)."""
    agency = two_rows(make_agency({"duplicate_docnumber": "accept", "requestid_window_s": 0}))
    agency.simulated.sale("Invoice", 1200.0, "By hand", item="4", number="D-101-A")
    agency.simulated.spoil("query_lag", entity="query", statement="from Invoice", query_lag_s=60)
    agency.simulated.spoil("late_commit", method="POST", entity="invoice", after_s=9_999, times=None)
    agency.run()
    agency.settled()
    assert agency.outbox()["D-101-A"].stage is Stage.DISPUTED
    assert agency.simulated.numbers().count("D-101-A") == 1


@pytest.mark.parametrize(("how", "window"), [("void", None), ("delete", None), ("void", 0)])
def test_what_a_person_voids_before_it_is_looked_up_is_not_posted_again(
    make_agency: MakeAgency, window: int | None, how: str
) -> None:
    """The answer was lost, the invoice was made, a person removed it: never a second one behind that person's back.

    (One that was made and deleted unseen, and whose requestid QuickBooks forgot, cannot be told from one never made.)
    """
    agency = two_rows(make_agency({"requestid_window_s": window}))
    agency.simulated.spoil("lost_answer", method="POST", entity="invoice")
    agency.run()
    lost = next(each.number for each in agency.outbox().values() if each.stage is Stage.DOUBTFUL)
    invoice = agency.simulated.find("Invoice", lost)
    if how == "void":
        agency.simulated.void(invoice)
    else:
        agency.simulated.delete("Invoice", invoice)
    agency.settled()
    live = [row for row in agency.simulated.ours()[0] if row["DocNumber"] == lost and cents(row["TotalAmt"])]
    assert live == []
    assert lost.removesuffix("-A") in [subject for _, subject in agency.flags()]
    agency.simulated.forget_requests()
    agency.settled()
    assert agency.simulated.writes() == []


def test_limits_stop_a_run_before_it_posts_past_them(make_agency: MakeAgency) -> None:
    """Ruling 12: so many invoices a date, oldest acceptance first, with a flag; the next night goes on."""
    agency = make_agency(invoices=2)
    for n in range(5):
        agency.papers.row(f"D-10{n}", "100.00")
        agency.papers.sign(f"D-10{n}", Signed_at=f"2026-11-0{9 - n}")
    outcome = agency.run()
    assert (outcome.exit_code, outcome.tally.posted, len(outcome.decision.beyond)) == (WAITING, 4, 3)
    assert agency.simulated.numbers() == ["D-103-A", "D-103-AJ", "D-104-A", "D-104-AJ"]
    assert agency.flags() == [("LIMIT_REACHED", "")]
    agency.tomorrow()
    agency.run()
    agency.tomorrow()
    assert agency.run().exit_code == DONE
    assert (len(agency.simulated.numbers()), agency.flags()) == (10, [])


@pytest.mark.parametrize(
    "limit", [{"amount": Money(Decimal("250.00"), "USD")}, {"invoices": 2}], ids=["amount", "count"]
)
def test_what_an_earlier_night_left_planned_counts_towards_the_limit(
    make_agency: MakeAgency, limit: dict[str, Any]
) -> None:
    """Not a cent and not an invoice past it (ruling 12)."""
    agency = make_agency(**limit)
    for n in range(4):
        agency.papers.accept(f"D-10{n}", "100.00")
    agency.simulated.spoil("throttle", method="POST", entity="journalentry", times=None)
    agency.run()
    agency.simulated.heal()
    outcome = agency.run()
    assert (outcome.tally.posted, len(outcome.decision.beyond)) == (4, 2)
    assert len(agency.simulated.ours()[0]) == 2


def test_nothing_is_billed_past_the_value_of_the_contract(agency: Agency) -> None:
    """The cap counts what is posted, planned and doubtful (accounting.md 4.2; always 4)."""
    agency.papers.contract("SOW-5", Contract_value="1000.00")
    for n in range(4):
        agency.papers.row(f"D-50{n}", "400.00", Contract="SOW-5")
        agency.papers.sign(f"D-50{n}", Signed_at=f"2026-11-0{n + 1}")
    agency.simulated.spoil("lost_answer", method="POST", entity="invoice")
    for _ in range(3):
        held = {each.deliverable.id: each.reasons[0].kind for each in agency.run().decision.held}
        assert {held["D-502"], held["D-503"]} == {"OVERBILL_CAP"}
        agency.move(QUIET_S)
    assert [number for number in agency.simulated.numbers() if not number.endswith("J")] == ["D-500-A", "D-501-A"]
    agency.simulated.prove()


def test_a_company_that_is_not_live_is_previewed_only(make_agency: MakeAgency) -> None:
    """Ruling 12: nothing is posted, nothing enters the outbox, the books are read and flags are found."""
    agency = two_rows(make_agency(may_post=False))
    outcome = agency.run()
    assert (outcome.tally.posted, len(outcome.decision.pairs)) == (0, 2)
    assert agency.simulated.writes() == []
    assert agency.outbox() == {}


def test_a_setup_that_counts_revenue_twice_is_refused(agency: Agency, quiet_night: Doc) -> None:
    """The item points at Income: nothing is posted, exit code 2; right again, it bills (accounting.md 2)."""
    two_rows(agency)
    item = agency.simulated.find("Item", "Milestone")
    agency.simulated.change("Item", item, IncomeAccountRef={"value": "8"})
    outcome = agency.run()
    assert outcome.exit_code == USAGE
    assert [check.name for check in refusals(outcome.decision.checks)] == ['Item "Milestone"']
    assert (agency.simulated.writes(), agency.outbox()) == ([], {})
    item = agency.simulated.find("Item", "Milestone")
    agency.simulated.change("Item", item, IncomeAccountRef={"value": "4"})
    assert agency.run().exit_code == DONE
    assert agency.simulated.plain() == quiet_night


def test_a_setup_that_went_wrong_stops_what_was_planned_before(single: Agency) -> None:
    """A backlog of planned postings is not sent into a set-up that counts revenue twice."""
    single.simulated.spoil("token_revoked", method="POST", entity="journalentry")
    single.run()
    single.simulated.come_in()
    single.connect()
    item = single.simulated.find("Item", "Milestone")
    single.simulated.change("Item", item, IncomeAccountRef={"value": "8"})
    single.simulated.forget_requests()
    assert single.run().exit_code == USAGE
    assert single.simulated.writes() == []
