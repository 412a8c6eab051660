"""Exactly once in companies that are set up otherwise, and among people who work in them meanwhile (1.3)."""

from collections.abc import Callable
from datetime import date

import pytest

from qbo_milestones.model.exit_code import DONE, WAITING
from qbo_milestones.pipeline.outbox import Stage

from .agency import Agency
from .conftest import MakeAgency, two_rows
from .simulated import HARDEST, Doc, Simulated, cents

CLOSED = "AccountingInfoPrefs"
SETUPS: dict[str, tuple[str, Doc]] = {
    "duplicate journals are refused": (
        "OtherPrefs",
        {"NameValue": [{"Name": "WarnDuplicateJournalNumber", "Value": "true"}]},
    ),
    "no sales tax": ("TaxPrefs", {"UsingSalesTax": False}),
    "automated sales tax": ("TaxPrefs", {"UsingSalesTax": True, "PartnerTaxEnabled": True}),
    "several currencies": ("CurrencyPrefs", {"MultiCurrencyEnabled": True}),
    "classes on lines": (CLOSED, {"ClassTrackingPerTxnLine": True}),
    "classes on documents": (CLOSED, {"ClassTrackingPerTxn": True}),
    "locations": (CLOSED, {"TrackDepartments": True}),
    "credits are applied": ("SalesFormsPrefs", {"AutoApplyCredit": True}),
    "payments are applied": ("SalesFormsPrefs", {"AutoApplyPayments": True}),
    "never closed": (CLOSED, {"BookCloseDate": ""}),
}
FAULTS = ("lost_answer", "late_commit", "reset")


def spoil_all(agency: Agency, kind: str, times: int = 2) -> None:
    """The first writes of both entities meet this fault."""
    after = {"after_s": 119} if kind == "late_commit" else {}
    for entity in ("journalentry", "invoice"):
        agency.simulated.spoil(kind, method="POST", entity=entity, times=times, **after)


def is_over(agency: Agency, bills: dict[str, int]) -> None:
    """Each deliverable stands once and for its amount; nothing is left to do, and the books are proved (I10)."""
    agency.simulated.forget_requests()
    assert (agency.run().exit_code, agency.simulated.writes(), agency.flags()) == (DONE, [], [])
    invoices, journals = agency.simulated.ours()
    assert sorted(cents(row["Line"][0]["Amount"]) for row in invoices) == sorted(bills.values())
    assert sorted(str(row["DocNumber"]) for row in journals) == [f"{id_}-AJ" for id_ in sorted(bills)]
    assert len({each.books_id for each in agency.office.store.outgoing() if each.stage is Stage.POSTED}) == 2 * len(
        bills
    )
    agency.simulated.prove()


TWO = {"D-101": 120_000, "D-102": 80_050}


@pytest.mark.parametrize("setup", SETUPS)
def test_answers_are_lost_in_a_company_of_this_kind(make_agency: MakeAgency, setup: str) -> None:
    """Two rows and every first answer lost, in the company that catches no repetition itself."""
    agency = two_rows(make_agency(HARDEST))
    group, values = SETUPS[setup]
    agency.simulated.prefer(group, **values)
    spoil_all(agency, "lost_answer")
    agency.run()
    agency.settled()
    is_over(agency, TWO)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("window", [None, 0])
def test_a_company_that_numbers_by_itself(make_agency: MakeAgency, fault: str, window: int | None) -> None:
    """Rulings 3 and 4: two invoices of one customer and amount, all answers lost, and a person's like them beside."""
    agency = make_agency({"requestid_window_s": window}, own_numbers=False)
    agency.simulated.prefer("SalesFormsPrefs", CustomTxnNumbers=False)
    agency.papers.accept("D-101", "1200.00")
    agency.papers.accept("D-102", "1200.00")
    agency.simulated.sale("Invoice", 1200.0, "By hand", item="4")
    spoil_all(agency, fault)
    agency.run()
    if fault == "late_commit":
        agency.move(119)
    agency.settled(4)
    invoices = [row for row in agency.simulated.ours()[0] if "qm:" in row.get("PrivateNote", "")]
    assert len(invoices) == len({row["DocNumber"] for row in invoices}) == 2
    agency.simulated.forget_requests()
    assert (agency.run().exit_code, agency.simulated.writes(), agency.flags()) == (DONE, [], [])
    agency.simulated.prove()


def test_a_company_that_numbers_by_itself_may_start_or_stop_to(make_agency: MakeAgency) -> None:
    """Against the settings nothing is posted; what was posted before is not billed again under the other rule."""
    agency = two_rows(make_agency(own_numbers=True))
    agency.run()
    agency.simulated.prefer("SalesFormsPrefs", CustomTxnNumbers=False)
    agency.reopen()
    agency.papers.accept("D-104", "10.00")
    agency.simulated.forget_requests()
    agency.run()
    assert agency.simulated.writes() == []
    agency.simulated.prefer("SalesFormsPrefs", CustomTxnNumbers=True)
    agency.reopen()
    agency.run()
    is_over(agency, TWO | {"D-104": 1_000})


@pytest.mark.parametrize("closing_fault", ["6210", "6200"])
@pytest.mark.parametrize("fault", [None, *FAULTS])
def test_a_closed_period(make_agency: MakeAgency, closing_fault: str, fault: str | None) -> None:
    """Ruling 14: both documents are dated after the closing date, the journal with its flag; once, whatever is lost."""
    agency = two_rows(make_agency({**HARDEST, "closing_fault": closing_fault}))
    agency.simulated.prefer(CLOSED, BookCloseDate="2026-11-30")
    if fault:
        spoil_all(agency, fault)
    agency.run()
    if fault == "late_commit":
        agency.move(119)
    agency.settled(4)
    invoices, journals = agency.simulated.ours()
    assert {row["TxnDate"] for row in [*invoices, *journals]} == {"2026-12-01"}
    assert agency.simulated.numbers() == ["D-101-A", "D-101-AJ", "D-102-A", "D-102-AJ"]
    assert {each.moved_from for each in agency.office.store.outgoing() if each.number.endswith("J")} == {
        date(2026, 11, 2)
    }
    assert {kind for kind, _ in agency.flags()} == {"LATE_ACCEPTANCE_CLOSED_PERIOD"}
    agency.simulated.forget_requests()
    assert (agency.run().exit_code, agency.simulated.writes()) == (WAITING, [])
    agency.simulated.prove()


def close_while_it_is_doubtful(agency: Agency) -> None:
    """The bookkeeper closes the month between the lost answer and the look-up."""
    agency.simulated.prefer(CLOSED, BookCloseDate="2026-11-30")
    agency.reopen()


@pytest.mark.parametrize("fault", ["lost_answer", "status-500"])
def test_a_period_that_is_closed_while_an_answer_is_doubtful(make_agency: MakeAgency, fault: str) -> None:
    """What stands is adopted with its date; what does not is refused, planned anew after the closing date, and once."""
    agency = two_rows(make_agency(HARDEST))
    for entity in ("journalentry", "invoice"):
        status = {"status": 500} if fault == "status-500" else {}
        agency.simulated.spoil(fault.partition("-")[0], method="POST", entity=entity, times=2, **status)
    agency.run()
    close_while_it_is_doubtful(agency)
    agency.settled(4)
    agency.run()
    assert agency.simulated.numbers() == ["D-101-A", "D-101-AJ", "D-102-A", "D-102-AJ"]
    dates = {row["TxnDate"] for row in agency.simulated.ours()[1]}
    assert dates == {"2026-11-02" if fault == "lost_answer" else "2026-12-01"}
    agency.simulated.prove()


# What people do with an invoice of ours whose answer was lost, before it is looked for: its SyncToken grows.
TOUCHES: dict[str, Callable[[Agency, Doc], object]] = {
    "paid": lambda agency, row: agency.simulated.pay(float(row["TotalAmt"]), [(row, float(row["TotalAmt"]))]),
    "paid in part": lambda agency, row: agency.simulated.pay(1.0, [(row, 1.0)]),
    "marked to print": lambda agency, row: agency.simulated.change("Invoice", row, PrintStatus="NeedToPrint"),
}


@pytest.mark.parametrize("touch", TOUCHES)
def test_a_token_that_grew_before_the_look_up_is_no_other_document(make_agency: MakeAgency, touch: str) -> None:
    """It is adopted as it stands now, and nothing is written over what a person did (5010 is never met; 1.3)."""
    agency = two_rows(make_agency({**HARDEST}, lanes=1))
    agency.simulated.spoil("lost_answer", method="POST", entity="invoice")
    agency.run()
    TOUCHES[touch](agency, agency.simulated.find("Invoice", "D-101-A"))
    agency.settled()
    (kept,) = (each for each in agency.office.store.outgoing() if each.number == "D-101-A")
    assert (kept.stage, kept.adopted) == (Stage.POSTED, True)
    assert kept.as_posted is not None
    assert kept.as_posted.version == agency.simulated.find("Invoice", "D-101-A")["SyncToken"] != "0"
    assert agency.simulated.numbers().count("D-101-A") == 1


@pytest.mark.parametrize("entity", ["invoice", "journalentry"])
def test_a_stale_object_error_on_a_creation_is_a_refusal(make_agency: MakeAgency, entity: str) -> None:
    """5010 says that nothing was done: flagged, never sent by itself, sent once when a person says so (R64)."""
    agency = two_rows(make_agency(HARDEST, lanes=1))
    agency.simulated.spoil(
        "status", method="POST", entity=entity, status=400, code="5010", message="Stale Object Error"
    )
    assert agency.run().exit_code == WAITING
    assert agency.flags() == [("POSTING_REFUSED", "D-101")]
    agency.simulated.forget_requests()
    agency.settled()
    assert agency.simulated.writes() == []
    agency.run(retry=frozenset({"d-101"}))
    is_over(agency, TWO)


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("entity", ["Invoice", "JournalEntry"])
def test_our_number_on_a_persons_document(make_agency: MakeAgency, entity: str, lost: bool) -> None:
    """6140 is doubtful, the look-up finds a document without our stamp: a person decides, no second of ours (1.3)."""
    agency = two_rows(make_agency(lanes=1))
    prefer_warnings(agency)
    if entity == "Invoice":
        agency.simulated.sale("Invoice", 1200.0, "By hand", item="4", number="D-101-A")
        # Typed while the run reads the books: a moment before, it would only be held.
        agency.simulated.spoil("query_lag", entity="query", statement="from Invoice", query_lag_s=60)
        number = "D-101-A"
    else:
        by_hand(agency, "D-101-AJ")
        number = "D-101-AJ"
    if lost:
        agency.simulated.spoil("refuse_before", method="POST", entity=entity.lower())
    agency.run()
    agency.settled(4)
    assert agency.outbox()[number].stage is Stage.DISPUTED
    assert ("POSTING_DISPUTED", "D-101") in agency.flags()
    assert agency.simulated.numbers().count(number) == 1
    agency.simulated.forget_requests()
    agency.settled()
    assert agency.simulated.writes() == []


def prefer_warnings(agency: Agency) -> None:
    """QuickBooks refuses a second journal of one number."""
    agency.simulated.prefer("OtherPrefs", NameValue=[{"Name": "WarnDuplicateJournalNumber", "Value": "true"}])


def by_hand(agency: Agency, number: str) -> Doc:
    """A journal that a person typed."""
    sides = (("Debit", "1"), ("Credit", "8"))
    lines = [
        {
            "Amount": 5.0,
            "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": {"PostingType": side, "AccountRef": {"value": account}},
        }
        for side, account in sides
    ]
    return agency.simulated.post("JournalEntry", {"DocNumber": number, "Line": lines})


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("rotation", ["always", "daily"])
@pytest.mark.parametrize("entity", ["journalentry", "invoice"])
def test_the_access_token_ends_in_mid_run(make_agency: MakeAgency, entity: str, rotation: str, when: str) -> None:
    """A 401 proves that nothing was applied: one refresh, the same bytes under the same requestid, once (1.8)."""
    agency = two_rows(make_agency({**HARDEST, "refresh_rotation": rotation}))
    agency.simulated.spoil("clock_moved", method="POST", entity=entity, advance_s=3_700, when=when)
    assert agency.run().exit_code == DONE
    assert agency.simulated.numbers() == ["D-101-A", "D-101-AJ", "D-102-A", "D-102-AJ"]
    is_over(agency, TWO)


def test_two_companies_each_have_their_own(base: str, make_agency: MakeAgency) -> None:
    """One register in two companies of one database: the same rows, other keys, stamps and requestids (ruling 2)."""
    agency = two_rows(make_agency(HARDEST))
    spoil_all(agency, "lost_answer", times=4)
    agency.run()
    agency.settled()
    is_over(agency, TWO)
    first = {(each.requestid, each.identity.stamp_code) for each in agency.office.store.outgoing()}
    agency.simulated = Simulated(base, beside="77", **HARDEST)
    agency.office = agency.open(agency.office.file)
    agency.connect()
    spoil_all(agency, "lost_answer", times=4)
    agency.run()
    agency.settled()
    is_over(agency, TWO)
    second = {(each.requestid, each.identity.stamp_code) for each in agency.office.store.outgoing()}
    assert first.isdisjoint(second)
