"""Settlement: what was paid on our invoices, and how far the money got (P4; accounting.md 5)."""

from dataclasses import replace
from datetime import date

import pytest
from honest_books import BANK, OCTOBER, HonestBooks, usd
from hypothesis import given, settings
from hypothesis import strategies as st

from qbo_milestones.model.books import DocumentKind, DocumentLine, Link
from qbo_milestones.model.money import Money, zero
from qbo_milestones.pipeline.settlement import Funds, PaidState, Settlement, settle


def only(books: HonestBooks) -> Settlement:
    """The settlement of the only invoice."""
    (settlement,) = settle(books.case(), books.facts())
    return settlement


def test_an_unpaid_invoice_is_open_without_funds() -> None:
    """F0: no payment exists."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(15000), tax=usd(1200))
    assert only(books) == Settlement(
        "D-103",
        "D-103-A",
        invoice.id,
        usd(16200),
        paid=usd(0),
        credited=usd(0),
        open=usd(16200),
        unexplained=usd(0),
        state=PaidState.UNPAID,
        funds=Funds.F0,
        due_date=date(2026, 10, 31),
    )


def test_a_payment_gives_reference_id_date_amount_and_level() -> None:
    """P4: payment reference, date and applied amount come back; F1 while it lies in Undeposited Funds."""
    books = HonestBooks()
    payment = books.pay([(books.bill("D-103", usd(15000)), usd(15000))], date(2026, 10, 21), reference="CHK-7")
    settlement = only(books)
    assert (settlement.state, settlement.funds, settlement.open) == (PaidState.PAID, Funds.F1, usd(0))
    (receipt,) = settlement.receipts
    assert (receipt.reference, receipt.payment_id, receipt.date, receipt.applied, receipt.funds) == (
        "CHK-7",
        payment.id,
        date(2026, 10, 21),
        usd(15000),
        Funds.F1,
    )


@pytest.mark.parametrize(("way", "level"), [("deposit", 2), ("direct", 2), ("elsewhere", 1), ("deleted", 1), ("", 1)])
def test_funds_reach_the_bank_by_deposit_or_directly(way: str, level: int) -> None:
    """F2 wants a Bank account: by a live deposit that links the payment (P9), or straight to the bank (P10)."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    payment = books.pay([(invoice, usd(100))], account=BANK if way == "direct" else "4")
    if way in {"deposit", "deleted"}:
        books.deposit(payment)
    if way == "elsewhere":
        books.deposit(payment, account="4")
    if way == "deleted":
        books.deposits[0] = replace(books.deposits[0], deleted=True)
    assert only(books).funds == level


def test_the_lowest_of_the_covering_payments_is_the_level() -> None:
    """One payment at the bank and one in Undeposited Funds make F1."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    books.pay([(invoice, usd(60))], account=BANK)
    assert (only(books).state, only(books).funds) == (PaidState.PART_PAID, Funds.F0)
    books.pay([(invoice, usd(40))])
    assert (only(books).state, only(books).funds) == (PaidState.PAID, Funds.F1)
    assert [receipt.funds for receipt in only(books).receipts] == [Funds.F2, Funds.F1]


def test_a_payment_of_many_invoices_is_split_by_line() -> None:
    """P2: each line its own amount, never pro rata."""
    books = HonestBooks()
    first, second = books.bill("D-1a", usd(100)), books.bill("D-1b", usd(300))
    books.pay([(first, usd(100)), (second, usd(50))], left=usd(7))
    by_id = {s.deliverable_id: s for s in settle(books.case(), books.facts())}
    assert (by_id["D-1a"].paid, by_id["D-1b"].paid, by_id["D-1b"].open) == (usd(100), usd(50), usd(250))


def test_credits_in_a_zero_payment_are_not_cash() -> None:
    """P6: a payment of nothing that applies a credit memo closes the invoice, and pays nothing."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    books.pay([(invoice, usd(100))], memos=[("900", usd(100))])
    settlement = only(books)
    assert (settlement.state, settlement.paid, settlement.credited, settlement.funds, settlement.receipts) == (
        PaidState.CREDITED,
        usd(0),
        usd(100),
        Funds.F0,
        (),
    )


def test_a_credit_and_cash_together_pay_what_the_credit_left() -> None:
    """accounting.md 9, payment 402: 8,000 less a credit memo of 500 is paid by 7,500 in cash."""
    books = HonestBooks()
    invoice = books.bill("D-102", usd(8000))
    books.deposit(books.pay([(invoice, usd(8000))], memos=[("CM-01", usd(500))]))
    settlement = only(books)
    assert (settlement.paid, settlement.credited) == (usd(7500), usd(500))
    assert (settlement.state, settlement.funds) == (PaidState.PAID, Funds.F2)


def test_a_line_of_a_journal_is_credit() -> None:
    """P7: a journal used as credit is not cash."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    payment = books.pay([(invoice, usd(100))], memos=[("900", usd(100))])
    lines = (payment.lines[0], replace(payment.lines[1], links=(Link("JournalEntry", "900"),)))
    books.add(replace(payment, lines=lines))
    assert only(books).state is PaidState.CREDITED


@pytest.mark.parametrize("way", ["void", "delete"])
def test_a_void_or_deleted_payment_does_not_count(way: str) -> None:
    """P20: the invoice is open again."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    payment = books.pay([(invoice, usd(100))])
    books.add(invoice)
    books.void(payment) if way == "void" else books.delete(payment)
    assert (only(books).state, only(books).paid, only(books).receipts) == (PaidState.UNPAID, usd(0), ())


def test_books_that_disagree_with_their_payments_are_never_paid() -> None:
    """R53: Balance 0 without a payment that says so is visible, and not paid (P17)."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    books.add(replace(invoice, balance=usd(0)))
    settlement = only(books)
    assert not settlement.agrees
    assert (settlement.state, settlement.unexplained, settlement.funds) == (
        PaidState.UNEXPLAINED,
        usd(100),
        Funds.F0,
    )


@pytest.mark.parametrize("way", ["drop", "void", "delete"])
def test_an_invoice_that_is_gone_has_no_money(way: str) -> None:
    """E16, E17: nothing is owed and nothing is paid."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    getattr(books, way)(invoice)
    settlement = only(books)
    assert (settlement.state, settlement.total, settlement.open) == (PaidState.GONE, usd(0), usd(0))


def test_no_more_counts_as_cash_than_the_payment_brought() -> None:
    """accounting.md 0.8: what closes the invoice beyond the money is not cash, though no credit line says so."""
    books = HonestBooks()
    invoice = books.bill("D-102", usd(8000))
    payment = books.pay([(invoice, usd(8000))])
    books.add(replace(payment, total=usd(7600), balance=usd(100)))
    assert (only(books).paid, only(books).credited) == (usd(7500), usd(500))


def test_a_credit_line_is_credit_even_where_the_total_forgets_it() -> None:
    """P6: the line decides."""
    books = HonestBooks()
    payment = books.pay([(books.bill("D-102", usd(8000)), usd(8000))], memos=[("CM-01", usd(500))])
    books.add(replace(payment, total=usd(8000)))
    assert (only(books).paid, only(books).credited) == (usd(7500), usd(500))


def test_a_payment_marked_deleted_does_not_count_though_its_lines_are_kept() -> None:
    """P20: gone is gone, whatever is still remembered of it."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    books.add(replace(books.pay([(invoice, usd(100))]), deleted=True))
    books.add(invoice)
    assert (only(books).state, only(books).receipts) == (PaidState.UNPAID, ())


def test_the_worked_month() -> None:
    """accounting.md 9: D-102 paid at F2, D-103 paid in Undeposited Funds with 100 over, D-105 open."""
    books = HonestBooks()
    d102, d103 = books.bill("D-102", usd(8000)), books.bill("D-103", usd(15000), deduction=usd(1500))
    books.bill("D-105", usd(9000), deduction=usd(5000))
    books.deposit(books.pay([(d102, usd(8000))], memos=[("CM-01", usd(500))]))
    books.pay([(d103, usd(13500))], left=usd(100))
    settlements = settle(books.case(), books.facts())
    assert [(s.deliverable_id, s.paid, s.open, s.funds) for s in settlements] == [
        ("D-102", usd(7500), usd(0), Funds.F2),
        ("D-103", usd(13500), usd(0), Funds.F1),
        ("D-105", usd(0), usd(4000), Funds.F0),
    ]


def test_odd_documents_do_not_raise() -> None:
    """Empty lines, another currency, a zero total, no customer: settled or unexplained, never an error."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    euro = zero("EUR")
    foreign = (DocumentLine(Money(usd(5).amount, "EUR"), links=(Link("Invoice", invoice.id),)),)
    payment = books.pay([(invoice, usd(100))])
    books.add(replace(payment, id="1", lines=()))
    books.add(replace(payment, id="2", lines=(DocumentLine(usd(5)), DocumentLine(usd(0)))))
    books.add(replace(payment, id="3", total=foreign[0].amount, balance=euro, lines=foreign))
    books.add(replace(payment, id="4", total=usd(0), customer_id="", txn_date=None))
    books.add(replace(payment, id="5", lines=foreign))
    books.add(replace(books.bill("D-104", usd(0)), balance=euro))
    assert len(settle(books.case(), books.facts())) == 2


cents = st.integers(1, 10**7).map(lambda minor: usd("0.01") if minor == 1 else Money(usd(minor).amount / 100, "USD"))


@settings(deadline=None, derandomize=True)
@given(
    st.lists(cents, min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 4), st.integers(1, 100), st.integers(0, 100), st.booleans()), max_size=8),
)
def test_paid_credited_and_open_make_the_total(totals: list[Money], payments: list[tuple[int, int, int, bool]]) -> None:
    """Whatever is paid in whatever parts, with whatever credits: the sums hold to the cent (R53)."""
    books = HonestBooks()
    invoices = [books.bill(f"D-{n}", total) for n, total in enumerate(totals)]
    brought, used = 0, 0
    for which, percent, credited, two in payments:
        targets = [
            books.held(invoices[(which + k) % len(invoices)]) for k in range(2 if two and len(totals) > 1 else 1)
        ]
        parts = [(i, Money((i.balance.amount * percent / 100).quantize(usd(0).amount), "USD")) for i in targets]
        parts = [(i, amount) for i, amount in parts if amount]
        applied = sum((amount for _, amount in parts), usd(0))
        credit = Money((applied.amount * credited / 100).quantize(usd(0).amount), "USD")
        books.pay(parts, OCTOBER, memos=[("900", credit)] if credit else [])
        brought, used = brought + (applied - credit).minor, used + credit.minor
    settlements = settle(books.case(), books.facts())
    for settlement in settlements:
        assert settlement.paid + settlement.credited + settlement.open == settlement.total
        assert settlement.agrees
        assert settlement.paid == sum((r.applied for r in settlement.receipts), usd(0))
    assert sum(s.paid.minor for s in settlements) == brought
    assert sum(s.credited.minor for s in settlements) == used


def test_only_posted_invoices_are_settled() -> None:
    """Invoices that others made, and journals, have no settlement."""
    books = HonestBooks()
    books.bill("D-103", usd(100))
    books.by_hand(usd(50))
    assert [s.deliverable_id for s in settle(books.case(), books.facts())] == ["D-103"]
    assert books.documents.keys() >= {(DocumentKind.INVOICE, s.invoice_id) for s in settle(books.case(), books.facts())}
