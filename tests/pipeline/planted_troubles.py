"""Troubles to plant in honest books: each spoils its own deliverable, and says which flag must appear."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from honest_books import MILESTONE, OCTOBER, REVENUE, HonestBooks, usd

from qbo_milestones.model.books import Document, DocumentKind, DocumentLine
from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.posting import PostingKind

# Kind and deliverable: what a planted trouble must give, once.
Expected = tuple[str, str]
LATER = OCTOBER + timedelta(days=20)


def _journal(books: HonestBooks, id_: str) -> Document:
    own = next(o for o in books.outgoing if o.deliverable_id == id_ and o.identity.kind is PostingKind.JOURNAL)
    return books.documents[DocumentKind.JOURNAL_ENTRY, own.books_id]


def invoice_missing(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """The books hold no such invoice."""
    books.drop(books.bill(id_, amount))
    return "INVOICE_MISSING", id_


def invoice_deleted(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """Deleted in QuickBooks."""
    books.delete(books.bill(id_, amount))
    return "INVOICE_DELETED", id_


def invoice_voided(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """Voided in QuickBooks."""
    books.void(books.bill(id_, amount))
    return "INVOICE_VOIDED", id_


def invoice_edited(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """Somebody changed the amount, and the client paid that."""
    invoice = books.bill(id_, amount)
    more = amount + usd(1)
    changed = books.add(
        replace(invoice, total=more, balance=more, lines=(replace(invoice.lines[0], amount=more),), version="1")
    )
    books.pay([(changed, more)], LATER)
    return "INVOICE_EDITED", id_


def invoice_copied(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """QuickBooks' Copy, which takes note and tag along."""
    books.copy(books.bill(id_, amount))
    return "INVOICE_DUPLICATE_DELIVERABLE", id_


def invoice_again_by_hand(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """Typed again, the id only mentioned."""
    books.bill(id_, amount)
    books.by_hand(amount, f"Release of ({id_}), as agreed")
    return "INVOICE_DUPLICATE_DELIVERABLE", id_


def accepted_but_billed_twice_by_hand(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """Two invoices by hand for an accepted row that we never billed."""
    books.row(id_, amount)
    books.by_hand(amount, f"Release [{id_}]")
    books.by_hand(amount, "Release", note=f"for {id_}")
    return "INVOICE_DUPLICATE_DELIVERABLE", id_


def not_accepted(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """Billed by hand, tagged, and nobody signed."""
    books.row(id_, amount, accepted=False)
    books.by_hand(amount, f"Design [{id_}]", item=MILESTONE)
    return "INVOICE_NO_ACCEPTANCE", id_


def not_accepted_by_number(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """Only the number names the deliverable."""
    books.row(id_, amount, accepted=False)
    books.by_hand(amount, number=f"{id_}-B")
    return "INVOICE_NO_ACCEPTANCE", id_


def stamp_of_nobody(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """Our stamp, of a deliverable that neither register nor outbox knows."""
    books.by_hand(amount, note=books.stamp(id_, PostingKind.INVOICE))
    return "INVOICE_NO_ACCEPTANCE", id_


def tag_of_nobody(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """The milestone item with a tag that the register does not know."""
    books.by_hand(amount, f"Design [{id_}]", item=MILESTONE)
    return "INVOICE_NO_ACCEPTANCE", id_


def untagged(books: HonestBooks, id_: str, amount: Money) -> Expected:  # noqa: ARG001
    """The milestone item without any tag."""
    books.by_hand(amount, "Milestone", item=MILESTONE)
    return "INVOICE_UNTAGGED", ""


def journal_missing(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """The books hold no such journal."""
    books.bill(id_, amount)
    books.drop(_journal(books, id_))
    return "JOURNAL_MISSING", id_


def journal_never_posted(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """accounting.md 9, D-109: the invoice stands, the journal was never made."""
    books.bill(id_, amount, journal=False)
    return "JOURNAL_MISSING", id_


def journal_deleted(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """Deleted in QuickBooks."""
    books.bill(id_, amount)
    books.delete(_journal(books, id_))
    return "JOURNAL_DELETED", id_


def journal_edited(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """Moved to another date."""
    books.bill(id_, amount)
    books.add(replace(_journal(books, id_), txn_date=date(2026, 9, 30)))
    return "JOURNAL_EDITED", id_


def journal_copied(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """QuickBooks' Copy of the acceptance journal."""
    books.bill(id_, amount)
    books.copy(_journal(books, id_))
    return "JOURNAL_DUPLICATE", id_


def paid_other_invoice(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """The client names our invoice, the clerk applied it to another."""
    books.bill(id_, amount)
    books.pay([(books.by_hand(amount), amount)], LATER, note=f"for invoice {id_}-A")
    return "PAYMENT_UNMATCHED", id_


def unapplied(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """Received, applied to nothing, and the memo does not say what for."""
    books.bill(id_, amount)
    books.pay([], LATER, left=amount)
    return "PAYMENT_UNAPPLIED", ""


def unapplied_but_named(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """Received and applied to nothing; the memo names the deliverable."""
    books.bill(id_, amount)
    books.pay([], LATER, left=amount, note=f"{id_}, thank you")
    return "PAYMENT_UNAPPLIED", id_


def overpaid(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """A hundred too much."""
    books.pay([(books.bill(id_, amount), amount)], LATER, left=usd(100))
    return "PAYMENT_OVERPAID", id_


def same_reference(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """One check entered twice, written differently, weeks apart."""
    invoice = books.bill(id_, amount)
    books.pay([(invoice, amount)], LATER, reference=f"CHK #00{id_}7")
    books.pay([], LATER + timedelta(days=30), left=amount, reference=f"{id_}7".lower())
    return "PAYMENT_DUPLICATE_REF", id_


def same_amount(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """One amount twice within three days, without a reference that could tell them apart."""
    invoice = books.bill(id_, amount)
    books.pay([(invoice, amount)], LATER, reference="ACH")
    books.pay([], LATER + timedelta(days=3), left=amount, reference="ACH")
    return "PAYMENT_DUPLICATE_AMOUNT", id_


def paid_twice(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """The client pays the same invoice again a week later, by another check."""
    books.pay([(books.bill(id_, amount), amount)], LATER)
    books.pay([], LATER + timedelta(days=7), left=amount)
    return "INVOICE_PAID_TWICE", id_


def reference_reused(books: HonestBooks, id_: str, amount: Money) -> Expected:
    """One reference with two amounts, days apart."""
    invoice = books.bill(id_, amount)
    first = Money(amount.amount - 1, "USD")
    books.pay([(invoice, first)], LATER, reference=f"W-{id_}")
    books.pay([(books.held(invoice), usd(1))], LATER + timedelta(days=9), reference=f"w- {id_}")
    return "PAYMENT_REF_REUSED", id_


Planting = Callable[[HonestBooks, str, Money], Expected]
PLANTINGS: tuple[Planting, ...] = (
    invoice_missing,
    invoice_deleted,
    invoice_voided,
    invoice_edited,
    invoice_copied,
    invoice_again_by_hand,
    accepted_but_billed_twice_by_hand,
    not_accepted,
    not_accepted_by_number,
    stamp_of_nobody,
    tag_of_nobody,
    untagged,
    journal_missing,
    journal_never_posted,
    journal_deleted,
    journal_edited,
    journal_copied,
    paid_other_invoice,
    unapplied,
    unapplied_but_named,
    overpaid,
    same_reference,
    same_amount,
    paid_twice,
    reference_reused,
)


def _clean_bill(books: HonestBooks, id_: str, amount: Money) -> None:
    books.bill(id_, amount)


def _clean_paid(books: HonestBooks, id_: str, amount: Money) -> None:
    books.deposit(books.pay([(books.bill(id_, amount), amount)], LATER))


def _clean_in_parts(books: HonestBooks, id_: str, amount: Money) -> None:
    invoice = books.bill(id_, amount, tax=usd(3))
    books.pay([(invoice, amount)], LATER)
    books.pay([(books.held(invoice), usd(3))], LATER + timedelta(days=1))


def _clean_equal_pair(books: HonestBooks, id_: str, amount: Money) -> None:
    """Two equal milestones, each paid, on one day: nobody paid twice."""
    for part in ("x", "y"):
        books.pay([(books.bill(f"{id_}{part}", amount), amount)], LATER, reference="ACH")


def _clean_together(books: HonestBooks, id_: str, amount: Money) -> None:
    one, other = books.bill(f"{id_}x", amount), books.bill(f"{id_}y", amount)
    books.pay([(one, amount), (other, amount)], LATER)


def _clean_with_credit(books: HonestBooks, id_: str, amount: Money) -> None:
    books.pay([(books.bill(id_, amount), amount)], LATER, memos=[("CM", usd(1))])


def _clean_credited(books: HonestBooks, id_: str, amount: Money) -> None:
    books.pay([(books.bill(id_, amount), amount)], LATER, memos=[("CM", amount)], reference=f"AUTO{id_}")


def _clean_hours(books: HonestBooks, id_: str, amount: Money) -> None:  # noqa: ARG001
    """Other business of the same customer, of the same amounts, paid with one reference each month."""
    for month in range(2):
        when = LATER + timedelta(days=30 * month)
        books.pay([(books.by_hand(amount, "Support hours [Sprint 4]"), amount)], when, reference="V77")


def _clean_other_journal(books: HonestBooks, id_: str, amount: Money) -> None:
    books.bill(id_, amount)
    for _ in range(2):
        lines = (
            DocumentLine(usd(5), f"Hosting for {id_}", account_id="70", side="Debit", customer_id="58"),
            DocumentLine(usd(5), f"Hosting for {id_}", account_id=REVENUE, side="Credit", customer_id="58"),
        )
        books.add(Document(DocumentKind.JOURNAL_ENTRY, books.id(), "0", usd(5), usd(0), OCTOBER, lines=lines))


def _clean_waiting(books: HonestBooks, id_: str, amount: Money) -> None:
    books.row(id_, amount, accepted=False)


CLEAN: tuple[Callable[[HonestBooks, str, Money], None], ...] = (
    _clean_bill,
    _clean_paid,
    _clean_in_parts,
    _clean_equal_pair,
    _clean_together,
    _clean_with_credit,
    _clean_credited,
    _clean_hours,
    _clean_other_journal,
    _clean_waiting,
)
