"""Payments that do not fit: which flag, what it covers, what it suggests (P5, R47, R49, R64, R78)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from honest_books import OCTOBER, HonestBooks, usd

from qbo_milestones.model.books import Document, DocumentKind, DocumentLine, Link
from qbo_milestones.model.flag import Flag, Severity
from qbo_milestones.model.money import Money, zero
from qbo_milestones.pipeline.reconciliation import reconcile, reconcile_strays
from qbo_milestones.pipeline.reconciliation.tags import reference_key

LATER = OCTOBER + timedelta(days=20)


def flags(books: HonestBooks) -> tuple[Flag, ...]:
    """What is found."""
    return reconcile(books.case(), books.facts())


def printable(flag: Flag) -> bool:
    """Nothing that QuickBooks holds can steer a terminal."""
    return "".join((flag.sentence, flag.subject, flag.invoice_number, flag.payment_reference)).isprintable()


def kinds(books: HonestBooks) -> list[str]:
    """The kinds found."""
    return [flag.kind for flag in flags(books)]


def test_the_worked_month() -> None:
    """accounting.md 9: 401/405 one urgent flag with the others named in it, 403 overpaid by 100."""
    books = HonestBooks()
    d101 = books.bill("D-101", usd(12000))
    first = books.pay([(d101, usd(12000))], date(2026, 10, 5), reference="CHK-4471")
    again = books.pay([], date(2026, 10, 6), reference="CHK-4471", left=usd(12000))
    d102 = books.bill("D-102", usd(8000))
    books.deposit(books.pay([(d102, usd(8000))], memos=[("CM-01", usd(500))]))
    d103 = books.bill("D-103", usd(15000), deduction=usd(1500))
    books.pay([(d103, usd(13500))], left=usd(100), reference="CHK-403")
    books.bill("D-104.1", usd(12000), tax=usd(960))
    books.bill("D-105", usd(9000), deduction=usd(5000))
    books.row("D-106", usd(6000))
    books.row("D-107", usd(3000), accepted=False)
    books.by_hand(usd(3000), "Portal, D-107", number="INV-1006")
    books.row("D-108", usd(4000))
    books.bill("D-109", usd(2500), journal=False)
    found = {flag.kind: flag for flag in flags(books)}
    assert list(found) == ["INVOICE_NO_ACCEPTANCE", "PAYMENT_DUPLICATE_REF", "JOURNAL_MISSING", "PAYMENT_OVERPAID"]
    duplicate = found["PAYMENT_DUPLICATE_REF"]
    assert duplicate.also == ("INVOICE_PAID_TWICE", "PAYMENT_UNAPPLIED")
    assert (duplicate.subject, duplicate.amount) == ("D-101", usd(12000))
    assert duplicate.documents == (f"Payment {first.id}", f"Payment {again.id}")
    assert (duplicate.invoice_number, duplicate.journal_number, duplicate.payment_reference) == (
        "D-101-A",
        "D-101-AJ",
        "CHK-4471",
    )
    assert duplicate.sentence == (
        "Northwind Traders has 2 payments with one reference and one amount: "
        "Payment CHK-4471 of 5 Oct 2026 over 12,000.00 USD, applied to invoice D-101-A (D-101) and "
        "Payment CHK-4471 of 6 Oct 2026 over 12,000.00 USD, applied to nothing."
    )
    assert (found["PAYMENT_OVERPAID"].subject, found["PAYMENT_OVERPAID"].amount) == ("D-103", usd(100))
    assert (found["INVOICE_NO_ACCEPTANCE"].subject, found["INVOICE_NO_ACCEPTANCE"].amount) == ("D-107", usd(3000))
    assert (found["JOURNAL_MISSING"].subject, found["JOURNAL_MISSING"].amount) == ("D-109", usd(2500))


@pytest.mark.parametrize(
    ("one", "other"),
    [("CHK-4471", "4471"), ("chk # 4471", "004471"), ("Check No. 4471", "#4471"), ("Wire 77-A", "WIRE77-a")],
)
def test_references_are_compared_without_their_dress(one: str, other: str) -> None:
    """accounting.md 6.6: case, spaces, leading zeros, CHK and # do not count."""
    assert reference_key(one) == reference_key(other) != ""


@pytest.mark.parametrize(("one", "other"), [("1-23", "12-3"), ("4471", "44710"), ("A4471", "B4471")])
def test_other_references_stay_apart(one: str, other: str) -> None:
    """Nothing that tells two payments apart is lost."""
    assert reference_key(one) != reference_key(other)


@pytest.mark.parametrize("word", ["", "  ", "ACH", "wire", "#", "000", "Check"])
def test_words_are_no_reference(word: str) -> None:
    """`ACH` stands on half of all payments and names none."""
    assert reference_key(word) == ""


def test_duplicates_are_urgent() -> None:
    """R78: duplicate financial events are urgent."""
    books = HonestBooks()
    books.pay([(books.bill("D-1", usd(70)), usd(70))], LATER, reference="CHK-1")
    books.pay([], LATER, reference="CHK-1", left=usd(70))
    assert [flag.rule.severity for flag in flags(books)] == [Severity.URGENT]


def test_three_of_one_reference_are_one_flag() -> None:
    """Ruling 29: one trouble, one flag, all members named."""
    books = HonestBooks()
    books.pay([(books.bill("D-1", usd(70)), usd(70))], LATER, reference="CHK-1")
    for day in (1, 2):
        books.pay([], LATER + timedelta(days=day), reference="CHK-1", left=usd(70))
    (flag,) = flags(books)
    assert (flag.kind, len(flag.documents), flag.amount) == ("PAYMENT_DUPLICATE_REF", 3, usd(140))


def test_a_reference_reused_much_later_is_no_finding() -> None:
    """Clients that put their vendor number on each payment are honest."""
    books = HonestBooks()
    books.pay([(books.bill("D-1a", usd(70)), usd(70))], LATER, reference="V-10023")
    books.pay([(books.bill("D-1b", usd(80)), usd(80))], LATER + timedelta(days=11), reference="V-10023")
    assert not flags(books)


@pytest.mark.parametrize(("gap", "kind"), [(0, "PAYMENT_DUPLICATE_AMOUNT"), (3, "PAYMENT_DUPLICATE_AMOUNT")])
def test_one_amount_within_three_days(gap: int, kind: str) -> None:
    """accounting.md 6.6: the unapplied one is the likely copy, and the flag covers what else it is."""
    books = HonestBooks()
    books.pay([(books.bill("D-1", usd(70)), usd(70))], LATER)
    books.pay([], LATER + timedelta(days=gap), left=usd(70))
    (flag,) = flags(books)
    assert (flag.kind, flag.also) == (kind, ("INVOICE_PAID_TWICE", "PAYMENT_UNAPPLIED"))


def test_one_amount_after_four_days_is_an_invoice_paid_twice() -> None:
    """Outside the window it is no duplicate amount; the invoice is paid once more all the same."""
    books = HonestBooks()
    books.pay([(books.bill("D-1", usd(70)), usd(70))], LATER)
    books.pay([], LATER + timedelta(days=4), left=usd(70))
    (flag,) = flags(books)
    assert (flag.kind, flag.also, flag.subject) == ("INVOICE_PAID_TWICE", ("PAYMENT_UNAPPLIED",), "D-1")


def test_the_balance_before_the_last_part_counts_too() -> None:
    """accounting.md 6.6: the second payment of the rest."""
    books = HonestBooks()
    invoice = books.bill("D-1", usd(70))
    books.pay([(invoice, usd(50))], LATER)
    books.pay([(books.held(invoice), usd(20))], LATER + timedelta(days=9))
    books.pay([], LATER + timedelta(days=30), left=usd(20))
    assert kinds(books) == ["INVOICE_PAID_TWICE"]


def test_two_equal_milestones_each_paid_are_honest() -> None:
    """accounting.md 6.6: applied whole to different invoices, whatever the references."""
    books = HonestBooks()
    for part in ("a", "b", "c"):
        books.pay([(books.bill(f"D-1{part}", usd(70)), usd(70))], LATER, reference="ACH")
    assert not flags(books)


def test_two_equal_parts_of_one_invoice_are_asked_about() -> None:
    """accounting.md 6.6: only those applied to different invoices are legitimate of themselves."""
    books = HonestBooks()
    invoice = books.bill("D-1", usd(70))
    books.pay([(invoice, usd(35))], LATER)
    books.pay([(books.held(invoice), usd(35))], LATER)
    assert [(flag.kind, flag.subject) for flag in flags(books)] == [("PAYMENT_DUPLICATE_AMOUNT", "D-1")]


def test_an_open_invoice_of_that_amount_makes_it_no_second_payment() -> None:
    """The second of two equal milestones, paid a week later and not applied yet."""
    books = HonestBooks()
    books.pay([(books.bill("D-1a", usd(70)), usd(70))], LATER)
    books.bill("D-1b", usd(70))
    books.pay([], LATER + timedelta(days=7), left=usd(70))
    (flag,) = flags(books)
    assert flag.kind == "PAYMENT_UNAPPLIED"
    assert flag.sentence.endswith("Its amount is the open balance of invoice D-1b-A (D-1b), open 70.00 USD.")


def test_other_business_settled_in_full_raises_nothing() -> None:
    """An agency's hourly work is none of ours: equal amounts and references on other invoices are left alone."""
    books = HonestBooks()
    books.bill("D-1", usd(70))
    for _ in range(2):
        books.pay([(books.by_hand(usd(70)), usd(70))], LATER, reference="CHK-5")
    books.pay([(books.by_hand(usd(30)), usd(30))], LATER, left=usd(9), note="thanks for the 70")
    assert not flags(books)


@pytest.mark.parametrize(
    ("balances", "paid", "note", "ending"),
    [
        ((70, 80), 70, "", "the open balance of invoice D-1a-A (D-1a), open 70.00 USD."),
        ((70, 70), 70, "", "the open balance of 2 invoices, such as invoice D-1a-A (D-1a), open 70.00 USD and "),
        ((70, 80, 45), 115, "", "the sum of invoice D-1a-A (D-1a), open 70.00 USD and invoice D-1c-A (D-1c), open"),
        ((70, 80, 45), 195, "", "the sum of invoice D-1a-A"),
        ((10, 20, 30, 40), 50, "", "More than one combination of open invoices adds up to its amount."),
        ((70, 80), 9, "", "No open invoice of this customer fits its amount."),
        ((70, 80), 70, "our D-1b-A", "Its reference or memo names D-1b."),
        ((70, 80), 70, "re: d-1b, thanks", "Its reference or memo names D-1b."),
    ],
)
def test_candidates_are_suggested_in_order(balances: tuple[int, ...], paid: int, note: str, ending: str) -> None:
    """accounting.md 7: key, number, one exact balance, one sum of up to four; nothing where two sums fit (R49)."""
    books = HonestBooks()
    for letter, balance in zip("abcd", balances, strict=False):
        books.bill(f"D-1{letter}", usd(balance))
    books.pay([], LATER, left=usd(paid), note=note)
    (flag,) = flags(books)
    assert flag.kind == "PAYMENT_UNAPPLIED"
    assert ending in flag.sentence


def test_a_check_number_is_no_invoice_number() -> None:
    """Where QuickBooks numbers invoices, check 1037 has nothing to do with invoice 1037; "invoice 1037" has."""
    books = HonestBooks()
    invoice = books.bill("D-1", usd(70))
    books.add(replace(invoice, number="1037"))
    books.outgoing[-1] = replace(books.outgoing[-1], number="", as_posted=books.held(invoice))
    books.pay([(books.by_hand(usd(5)), usd(5))], LATER, reference="1037")
    assert not flags(books)
    books.pay([(books.by_hand(usd(6)), usd(6))], LATER, reference="1038", note="invoice 1037")
    assert kinds(books) == ["PAYMENT_UNMATCHED"]


def test_a_payment_of_several_deliverables_names_them_all() -> None:
    """R64: one flag, no single subject, every invoice named."""
    books = HonestBooks()
    invoices = [books.bill(f"D-1{letter}", usd(70)) for letter in "ab"]
    books.pay([(invoice, usd(70)) for invoice in invoices], LATER, left=usd(5))
    (flag,) = flags(books)
    assert (flag.kind, flag.subject, flag.invoice_number) == ("PAYMENT_OVERPAID", "", "D-1a-A, D-1b-A")
    assert "D-1a" in flag.sentence
    assert "D-1b" in flag.sentence


def test_the_payment_of_a_flagged_copy_is_not_flagged_again() -> None:
    """Ruling 29: the second invoice is the trouble, not the money that it asked for."""
    books = HonestBooks()
    copy = books.copy(books.bill("D-103", usd(70)))
    books.pay([(copy, usd(70))], LATER, note="D-103")
    assert kinds(books) == ["INVOICE_DUPLICATE_DELIVERABLE"]


def stray(**changes: object) -> Document:
    """A payment of somebody unknown, applied to nothing."""
    plain = Document(
        DocumentKind.PAYMENT, "9", "0", usd(70), usd(70), LATER, customer_id="1", reference="CHK-9", note=""
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_an_unlinked_payment_of_an_unknown_customer() -> None:
    """R49: reviewed by a person; nothing is created for it."""
    (flag,) = reconcile_strays([stray()], HonestBooks().facts())
    assert (flag.kind, flag.subject, flag.amount, flag.documents, flag.payment_reference) == (
        "PAYMENT_UNMATCHED",
        "",
        usd(70),
        ("Payment 9",),
        "CHK-9",
    )
    assert flag.sentence == (
        "Payment CHK-9 of 21 Oct 2026 over 70.00 USD came from customer 1, whom the register does not name; "
        "70.00 USD of it is applied to nothing."
    )


def test_a_stray_that_names_a_deliverable_says_so() -> None:
    """accounting.md 7, rule 2: a suggestion."""
    books = HonestBooks()
    books.row("D-103", usd(70))
    linked = (DocumentLine(usd(50), links=(Link("Invoice", "77"),)),)
    named = stray(note="D-103", balance=usd(20), lines=linked, customer_id="")
    (flag,) = reconcile_strays([named], books.facts())
    assert (flag.subject, flag.amount) == ("D-103", usd(20))
    assert "a customer whom the register does not name" in flag.sentence


@pytest.mark.parametrize(
    "payment",
    [
        stray(deleted=True),
        stray(total=usd(0), balance=usd(0), note="Voided"),
        stray(balance=usd(20), lines=(DocumentLine(usd(50), links=(Link("Invoice", "77"),)),)),
        stray(kind=DocumentKind.SALES_RECEIPT),
    ],
)
def test_honest_strays_raise_nothing(payment: Document) -> None:
    """Other business, and what no longer counts."""
    assert reconcile_strays([payment], HonestBooks().facts()) == ()


def test_odd_payments_do_not_raise() -> None:
    """No date, no customer, zero, empty lines, another currency: flags at most."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(70))
    payment = books.pay([(invoice, usd(70))], LATER)
    euro = Money(usd(70).amount, "EUR")
    line = DocumentLine(euro, links=(Link("Invoice", invoice.id),))
    odd = [
        replace(payment, id="1", txn_date=None, customer_id="", reference=""),
        replace(payment, id="2", lines=(), total=usd(0)),
        replace(payment, id="3", lines=(line,), total=euro, balance=zero("EUR")),
        replace(payment, id="4", lines=(), total=euro, balance=euro),
        replace(payment, id="5", lines=(DocumentLine(usd(70)),), balance=euro),
        replace(payment, id="6", lines=(), balance=usd(70), txn_date=None, reference="\x1b[31m\n"),
    ]
    for document in odd:
        books.add(document)
    assert all(printable(flag) for flag in flags(books))
    assert all(printable(flag) for flag in reconcile_strays(odd, books.facts()))
