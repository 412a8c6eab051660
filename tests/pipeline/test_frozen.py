"""The last look at a body before it is frozen (reliability.md 1.6, I9)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from qbo_milestones.model.books import Document, DocumentKind, DocumentLine
from qbo_milestones.model.money import Money, zero
from qbo_milestones.pipeline.frozen import contradictions
from qbo_milestones.pipeline.posting import Identity, PostingKind

AMOUNT = Money(Decimal("1200.10"), "USD")
INVOICE = Identity("1", "d-103", PostingKind.INVOICE)
JOURNAL = Identity("1", "d-103", PostingKind.JOURNAL)


def line(amount: str, side: str = "", currency: str = "USD") -> DocumentLine:
    """One line."""
    return DocumentLine(Money(Decimal(amount), currency), side=side)


def body(identity: Identity, *lines: DocumentLine, currency: str = "USD") -> Document:
    """A body as it is read, with its number and stamp right."""
    kind = identity.kind.document_kind
    nothing = zero(currency)
    return Document(kind, "", "", nothing, nothing, number="D-103-A", note=identity.stamp_code, lines=lines)


GOOD = {
    "invoice": (INVOICE, body(INVOICE, line("1200.10"))),
    "invoice of two lines": (INVOICE, body(INVOICE, line("1200.00"), line("0.10"))),
    "journal": (JOURNAL, body(JOURNAL, line("1200.10", "Debit"), line("1200.10", "Credit"))),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_was_decided_is_not_contradicted(name: str) -> None:
    """I9."""
    identity, held = GOOD[name]
    assert contradictions(identity, "D-103-A", AMOUNT, held) == ()


BAD = {
    "a cent too much": (INVOICE, body(INVOICE, line("1200.11")), "the body comes to 1,200.11 USD"),
    "a second line": (INVOICE, body(INVOICE, line("1200.10"), line("0.01")), "the body comes to 1,200.11 USD"),
    "no lines": (INVOICE, body(INVOICE), "the body comes to 0.00 USD"),
    "another currency": (INVOICE, body(INVOICE, line("1200.10", "", "EUR"), currency="EUR"), "the body is in EUR"),
    "not balanced": (
        JOURNAL,
        body(JOURNAL, line("1200.10", "Debit"), line("1200.00", "Credit")),
        "the journal's debits are 1,200.10 USD, its credits 1,200.00 USD",
    ),
    "balanced, and another amount": (
        JOURNAL,
        body(JOURNAL, line("12.00", "Debit"), line("12.00", "Credit")),
        "the body comes to 12.00 USD",
    ),
    "a line of no side": (JOURNAL, body(JOURNAL, line("1200.10")), "the body comes to 0.00 USD"),
    "another number": (INVOICE, replace(GOOD["invoice"][1], number="D-104-A"), "the body's number is D-104-A"),
    "another stamp": (INVOICE, replace(GOOD["invoice"][1], note=JOURNAL.stamp_code), "does not bear the posting's"),
}


@pytest.mark.parametrize("name", BAD)
def test_each_contradiction_is_told(name: str) -> None:
    """I9: not to the cent, not balanced, or not to be found again."""
    identity, held, sentence = BAD[name]
    assert sentence in "; ".join(contradictions(identity, "D-103-A", AMOUNT, held))


def test_an_invoice_that_quickbooks_numbers_has_no_number() -> None:
    """Ruling 4."""
    held = replace(GOOD["invoice"][1], number="")
    assert contradictions(INVOICE, "", AMOUNT, held) == ()
    assert held.kind is DocumentKind.INVOICE
