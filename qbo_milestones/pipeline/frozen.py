"""Do the bytes that are about to be frozen say what was decided? (reliability.md 1.6, I9)"""

from collections.abc import Iterator

from qbo_milestones.model.books import Document, DocumentKind, DocumentLine
from qbo_milestones.model.money import Money, zero
from qbo_milestones.pipeline.posting import Identity


def contradictions(identity: Identity, number: str, amount: Money, body: Document) -> tuple[str, ...]:
    """How a body, read as a document, differs from the posting that it is of, as sentences; empty where it does not.

    A journal is balanced and its debits are the amount; an invoice's lines come to the amount; in Decimal, to the
    minor unit. Stamp and number are what a lost answer is looked for by.
    """
    return tuple(_found(identity, number, amount, body))


def _found(identity: Identity, number: str, amount: Money, body: Document) -> Iterator[str]:
    if body.total.currency != amount.currency:
        yield f"the body is in {body.total.currency}, the posting in {amount.currency}"
        return
    if body.kind is DocumentKind.JOURNAL_ENTRY:
        debits, credits_ = (_sum(body.lines, amount.currency, side) for side in ("Debit", "Credit"))
        if debits != credits_:
            yield f"the journal's debits are {debits}, its credits {credits_}"
        total = debits
    else:
        total = _sum(body.lines, amount.currency, "")
    if total != amount:
        yield f"the body comes to {total}, the posting to {amount}"
    if body.stamp != identity.stamp_code:
        yield "the body does not bear the posting's stamp"
    if body.number != number:
        yield f"the body's number is {body.number or 'empty'}, the posting's {number or 'empty'}"


def _sum(lines: tuple[DocumentLine, ...], currency: str, side: str) -> Money:
    return sum((line.amount for line in lines if line.side == side), zero(currency))
