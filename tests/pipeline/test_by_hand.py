"""What stands in QuickBooks already and was not made by this program holds its row (always 2)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from gate_rows import ROW, SIGNED, held, kinds, register, verdicts
from hypothesis import given
from hypothesis import strategies as st

from qbo_milestones.model.books import Document, DocumentKind, DocumentLine
from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.gate import Verdict
from qbo_milestones.pipeline.posting import Identity, PostingKind
from qbo_milestones.pipeline.reconciliation import hold_invoiced

COMPANY = "9130"
ID = ROW.id
AMOUNT = ROW.amount or Money(Decimal(1), "USD")
MORE, LESS = AMOUNT + Money(Decimal(1), "USD"), AMOUNT - Money(Decimal(1), "USD")


def stamp(deliverable: str) -> str:
    """A stamp's line, as this program writes it."""
    return f"{deliverable} rev 1 | {Identity(COMPANY, deliverable.casefold(), PostingKind.INVOICE).stamp_code}"


def typed(text: str = "", *, amount: Money = LESS, number: str = "88", note: str = "", day: int = 3) -> Document:
    """An invoice of one line."""
    line = DocumentLine(amount, description=text)
    on = date(2026, 11, day)
    return Document(
        DocumentKind.INVOICE, f"{number}{day}", "0", amount, amount, on, number=number, note=note, lines=(line,)
    )


def judged(*invoices: Document) -> Verdict:
    """The verdict on the only row."""
    rows = [ROW, replace(ROW, row=8, id="D-999")]
    verdict, _ = hold_invoiced(verdicts(register(rows, (SIGNED,))), invoices, COMPANY)
    return verdict


@pytest.mark.parametrize(
    "invoice",
    [
        typed(f"Design [{ID}]"),
        typed(f"Design [{ID.lower()}]."),
        typed(f"Design [{ID}]", note=stamp("D-999")),
        typed(f"Design, {ID}", amount=AMOUNT),
        typed("Design", number=f"{ID}-A"),
        typed("Design", amount=AMOUNT, number=ID),
        replace(typed(f"Design, {ID}", amount=AMOUNT), total=AMOUNT + MORE),
        replace(typed(f"Design, {ID}", amount=AMOUNT), total=AMOUNT - AMOUNT),
        typed(f"{ID} and D-999", amount=MORE),
        replace(typed(), lines=(typed(f"Design, {ID}", amount=AMOUNT).lines[0], typed("later [phase 2]").lines[0])),
    ],
    ids=[
        "tag",
        "tag in small letters",
        "a copy of another",
        "ID and amount",
        "our number",
        "number and amount",
        "with tax",
        "paid by a deposit",
        "two in one",
        "in two lines, beside no tag",
    ],
)
def test_an_invoice_that_bills_the_row_holds_it(invoice: Document) -> None:
    """The sentence names the cell, the invoice, its day and its amount."""
    verdict = held(judged(invoice))
    (reason,) = verdict.reasons
    assert reason.kind == "INVOICED_BY_HAND"
    assert reason.sentence.startswith("Deliverables row 7, column Already invoiced as: ")
    assert f"invoice {invoice.number} of 3 Nov 2026 over {invoice.total}" in reason.sentence
    assert verdict.amount == AMOUNT


@pytest.mark.parametrize(
    "invoice",
    [
        typed("Design"),
        typed("Design", amount=AMOUNT),
        typed(f"Deposit for {ID}"),
        typed(f"Design [{ID}]", note=stamp(ID)),
        typed(f"Beside {ID} [D-999]", amount=AMOUNT),
    ],
    ids=["nothing", "amount alone", "ID over less", "ours", "tag of another"],
)
def test_an_invoice_that_bills_something_else_holds_nothing(invoice: Document) -> None:
    """Work is not left unpaid for a likeness; what bears our stamp is looked for by it."""
    assert kinds(judged(invoice)) == []


@given(st.permutations(range(1, 6)))
def test_the_earliest_is_named_in_whatever_order_they_come(days: Iterable[int]) -> None:
    """Nothing depends on the order of the books."""
    verdict = held(judged(*(typed(f"[{ID}]", day=day) for day in days)))
    assert "of 1 Nov 2026" in verdict.reasons[0].sentence
