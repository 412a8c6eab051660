"""Changes that CDC cannot serve: read page by page, and our documents asked for by their ids (ruling 28)."""

import pytest

from qbo_milestones.errors import Failure
from qbo_milestones.pipeline.settlement import PaidState

from .agency import Agency
from .simulated import Doc

FLOOD = 1_005


def flood(agency: Agency) -> None:
    """More objects change than one CDC answer holds; ids far from ours."""
    rows: list[Doc] = [{"Id": str(500_000 + n), "DisplayName": f"Walk-in {n}", "Active": True} for n in range(FLOOD)]
    answer = agency.simulated.load({"Customer": rows})
    assert answer["Customer"] > FLOOD


@pytest.fixture
def billed(agency: Agency) -> Agency:
    """Three billed rows, a day later."""
    for n in range(3):
        agency.papers.accept(f"D-10{n}", f"{n + 1}00.00")
    agency.run()
    agency.tomorrow()
    return agency


def trouble(agency: Agency) -> None:
    """One invoice edited, one deleted, one journal deleted."""
    agency.simulated.set_amount(agency.simulated.find("Invoice", "D-100-A"), 99.0)
    agency.simulated.delete("Invoice", agency.simulated.find("Invoice", "D-101-A"))
    agency.simulated.delete("JournalEntry", agency.simulated.find("JournalEntry", "D-102-AJ"))


EXPECTED = [("INVOICE_DELETED", "D-101"), ("INVOICE_EDITED", "D-100"), ("JOURNAL_DELETED", "D-102")]


def test_more_than_a_thousand_changes(billed: Agency) -> None:
    """A full answer counts as cut: edits and deletions of ours are seen all the same, and nothing is billed again."""
    trouble(billed)
    flood(billed)
    billed.move(3600)
    outcome = billed.run()
    assert outcome.tally.posted == 0
    assert billed.flags() == EXPECTED
    assert len(billed.office.store.customers()) > FLOOD
    billed.tomorrow()
    billed.simulated.forget_requests()
    billed.run()
    assert len(billed.simulated.asked()) <= 3
    assert billed.flags() == EXPECTED


def test_thirty_one_days_idle(billed: Agency) -> None:
    """CDC looks back 30 days: beyond that nothing is asked of it."""
    trouble(billed)
    billed.tomorrow(31)
    billed.connect()
    billed.simulated.forget_requests()
    billed.run()
    assert billed.flags() == EXPECTED
    assert "cdc" not in {each["entity"] for each in billed.simulated.asked()}


@pytest.mark.parametrize("how", ["flood", "idle"])
def test_a_payment_that_was_deleted_meanwhile_no_longer_counts(billed: Agency, how: str) -> None:
    """Where CDC cannot serve, a deleted payment is missed neither (P20; ruling 28)."""
    invoice = billed.simulated.find("Invoice", "D-100-A")
    payment = billed.simulated.pay(100.0, [(invoice, 100.0)])
    billed.run()
    assert billed.settlements()["D-100"].state is PaidState.PAID
    billed.tomorrow()
    billed.simulated.delete("Payment", payment)
    if how == "flood":
        flood(billed)
        billed.move(3600)
    else:
        billed.tomorrow(31)
        billed.connect()
    billed.run()
    assert billed.settlements()["D-100"].state is PaidState.UNPAID


def test_a_query_that_leaves_a_document_out_does_not_make_it_deleted(billed: Agency) -> None:
    """It may lag: what the query does not list is read by itself before it counts as deleted."""
    billed.tomorrow(31)
    billed.connect()
    billed.simulated.spoil("query_lag", entity="query", statement="Id IN", times=None, query_lag_s=86_400 * 60)
    billed.run()
    assert billed.flags() == []


@pytest.mark.parametrize("entity", ["query", "cdc"])
def test_a_read_that_fails_clears_nothing_and_finds_nothing(billed: Agency, entity: str) -> None:
    """Unknown is neither "deleted" nor "matched": flags stay as they were (design.md, Failures)."""
    trouble(billed)
    billed.run()
    billed.simulated.set_amount(billed.simulated.find("Invoice", "D-100-A"), 100.0)
    billed.reopen()
    billed.simulated.spoil("status", entity=entity, status=503, times=None)
    with pytest.raises(Failure):
        billed.run()
    assert billed.flags() == EXPECTED
    billed.simulated.heal()
    billed.run()
    assert billed.flags() == [each for each in EXPECTED if each[1] != "D-100"]
