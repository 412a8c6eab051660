"""Money comes back: what was paid on each deliverable, how far it got, and what never counts as cash."""

from decimal import Decimal

import pytest

from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.settlement import Funds, PaidState

from .agency import Agency
from .simulated import Doc


def usd(amount: str) -> Money:
    """Dollars."""
    return Money(Decimal(amount), "USD")


@pytest.fixture
def invoice(agency: Agency) -> Doc:
    """The invoice of the one deliverable."""
    agency.papers.accept("D-101", "1000.00")
    agency.run()
    agency.tomorrow()
    return agency.simulated.find("Invoice", "D-101-A")


def test_unpaid(agency: Agency, invoice: Doc) -> None:
    """Nothing came (F0)."""
    found = agency.settlements()["D-101"]
    assert invoice["Balance"] == 1000
    assert (found.state, found.funds, found.open) == (PaidState.UNPAID, Funds.F0, usd("1000"))


def test_part_paid_is_not_yet_the_deliverables_money(agency: Agency, invoice: Doc) -> None:
    """A part of the money, even at the bank, leaves it at F0 (accounting.md 5, P3)."""
    agency.simulated.pay(400, [(invoice, 400)], account="1")
    agency.run()
    found = agency.settlements()["D-101"]
    assert (found.state, found.funds) == (PaidState.PART_PAID, Funds.F0)
    assert (found.paid, found.open) == (usd("400"), usd("600"))
    assert agency.flags() == []


def test_paid_then_deposited(agency: Agency, invoice: Doc) -> None:
    """A payment in Undeposited Funds is F1, after its deposit F2 (P1, P9)."""
    payment = agency.simulated.pay(1000, [(invoice, 1000)], reference="CHK-9")
    agency.run()
    found = agency.settlements()["D-101"]
    assert (found.state, found.funds) == (PaidState.PAID, Funds.F1)
    agency.simulated.deposit(payment)
    agency.run()
    assert agency.settlements()["D-101"].funds is Funds.F2
    assert agency.flags() == []
    assert agency.simulated.side("GET", "balances")["receivable"]["difference"] == "0.00"


def test_paid_straight_to_the_bank(agency: Agency, invoice: Doc) -> None:
    """No deposit will follow: F2 at once (P10)."""
    agency.simulated.pay(1000, [(invoice, 1000)], account="1")
    agency.run()
    assert agency.settlements()["D-101"].funds is Funds.F2


def test_one_payment_of_many_invoices_is_split_by_line(agency: Agency, invoice: Doc) -> None:
    """Never pro rata (P2)."""
    agency.papers.accept("D-102", "500.00")
    agency.run()
    agency.simulated.pay(1300, [(invoice, 1000), (agency.simulated.find("Invoice", "D-102-A"), 300)])
    agency.run()
    found = agency.settlements()
    assert (found["D-101"].paid, found["D-102"].paid) == (usd("1000"), usd("300"))
    assert (found["D-101"].state, found["D-102"].state) == (PaidState.PAID, PaidState.PART_PAID)


def test_credited_is_not_paid(agency: Agency, invoice: Doc) -> None:
    """A balance of zero by a credit memo is no cash (P6): credited, F0."""
    memo = agency.simulated.sale("CreditMemo", 1000, "Goodwill", item="4")
    agency.simulated.pay(0, [(invoice, 1000)], memos=[(memo, 1000)])
    agency.run()
    found = agency.settlements()["D-101"]
    assert (found.state, found.funds, found.credited) == (PaidState.CREDITED, Funds.F0, usd("1000"))
    assert found.paid == usd("0")


def test_a_payment_that_is_deleted_again_opens_the_invoice(agency: Agency, invoice: Doc) -> None:
    """What the books no longer hold does not count (P20)."""
    payment = agency.simulated.pay(1000, [(invoice, 1000)])
    agency.run()
    agency.simulated.delete("Payment", payment)
    agency.run()
    found = agency.settlements()["D-101"]
    assert (found.state, found.open) == (PaidState.UNPAID, usd("1000"))
