"""Documents of the books: what is a void, whose stamp is on it, and what counts as an edit (accounting.md 6.2)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbo_milestones.model.books import Document, DocumentKind, DocumentLine, Link, fingerprint, gone, stamp_in
from qbo_milestones.model.money import Money, zero

CODE = "qm:abcdefghij234567"
LINE = DocumentLine(Money(Decimal(1000), "USD"), "Wireframes [D-1]", item_id="7", account_id="90", kind="Sales")
INVOICE = Document(
    DocumentKind.INVOICE,
    "145",
    "0",
    Money(Decimal(1000), "USD"),
    Money(Decimal(1000), "USD"),
    date(2026, 11, 3),
    date(2026, 12, 3),
    "D-1-A",
    "58",
    f"D-1 rev 1 | SOW-1 v1 | accepted 2026-10-28 | {CODE}",
    lines=(LINE,),
)


def usd(amount: str) -> Money:
    """Dollars."""
    return Money(Decimal(amount), "USD")


@pytest.mark.parametrize(
    ("note", "code"),
    [
        (INVOICE.note, CODE),
        (f"Voided - {INVOICE.note}", CODE),
        (f"{INVOICE.note}\nTyped after it by a person", CODE),
        (f"quotes qm:zzzzzzzzzzzzzzzz, then | {CODE}", CODE),
        (CODE.upper().replace("QM", "qm"), CODE),
        ("", ""),
        ("no stamp here", ""),
        ("qm:short", ""),
        ("qm:abcdefghij 34567", ""),
        ("qm:abcdefghij-34567", ""),
    ],
)
def test_the_stamp_is_found_in_the_note(note: str, code: str) -> None:
    """Ruling 5, P3: the code is read from the note, whatever a void or a person put around it."""
    assert stamp_in(note) == code
    assert replace(INVOICE, note=note).stamp == code


@given(st.text())
def test_a_note_without_our_mark_has_no_stamp(note: str) -> None:
    """Ruling 5: no note of a stranger looks like ours."""
    assert stamp_in(note.replace("qm:", "")) == ""
    assert stamp_in(f"{note.replace('qm:', '')} | {CODE}") == CODE


UNSEEN: dict[str, Callable[[Document], Document]] = {
    "balance": lambda d: replace(d, balance=zero("USD")),
    "links": lambda d: replace(d, links=(Link("Payment", "9"),)),
    "version": lambda d: replace(d, version="7"),
    "created": lambda d: replace(d, created_at=datetime(2026, 11, 3, tzinfo=UTC)),
    "updated": lambda d: replace(d, updated_at=datetime(2026, 11, 9, tzinfo=UTC)),
}
EDITS: dict[str, Callable[[Document], Document]] = {
    "amount of a line": lambda d: replace(d, lines=(replace(LINE, amount=usd("999.99")),)),
    "text of a line": lambda d: replace(d, lines=(replace(LINE, description="Wireframes"),)),
    "item of a line": lambda d: replace(d, lines=(replace(LINE, item_id="8"),)),
    "account of a line": lambda d: replace(d, lines=(replace(LINE, account_id="91"),)),
    "side of a line": lambda d: replace(d, lines=(replace(LINE, side="Debit"),)),
    "customer of a line": lambda d: replace(d, lines=(replace(LINE, customer_id="59"),)),
    "class of a line": lambda d: replace(d, lines=(replace(LINE, class_id="3"),)),
    "location of a line": lambda d: replace(d, lines=(replace(LINE, department_id="3"),)),
    "one line more": lambda d: replace(d, lines=(LINE, LINE)),
    "no line": lambda d: replace(d, lines=()),
    "number": lambda d: replace(d, number="1001"),
    "customer": lambda d: replace(d, customer_id="59"),
    "date": lambda d: replace(d, txn_date=date(2026, 11, 4)),
    "due date": lambda d: replace(d, due_date=date(2026, 12, 4)),
    "total": lambda d: replace(d, total=usd("1080.00")),
    "currency": lambda d: replace(d, total=Money(Decimal(1000), "EUR")),
    "note": lambda d: replace(d, note=""),
    "kind": lambda d: replace(d, kind=DocumentKind.CREDIT_MEMO),
    "reference": lambda d: replace(d, reference="CHK-1"),
    "deposit account": lambda d: replace(d, deposit_account_id="35"),
}


@pytest.mark.parametrize("what", UNSEEN)
def test_what_payments_and_quickbooks_change_is_no_edit(what: str) -> None:
    """accounting.md 6.2 INVOICE_EDITED: balance, links and versions do not count."""
    assert fingerprint(UNSEEN[what](INVOICE)) == fingerprint(INVOICE)


@pytest.mark.parametrize("what", EDITS)
def test_what_a_person_changes_is_an_edit(what: str) -> None:
    """accounting.md 6.2 INVOICE_EDITED, 6.3 JOURNAL_EDITED: lines, customer, dates, totals, number and note count."""
    assert fingerprint(EDITS[what](INVOICE)) != fingerprint(INVOICE)


def test_no_two_edits_look_alike() -> None:
    """accounting.md 6.2: neighbouring fields do not run together in the hash."""
    assert len({fingerprint(edit(INVOICE)) for edit in EDITS.values()}) == len(EDITS)
    left = replace(INVOICE, number="D-1", customer_id="58")
    right = replace(INVOICE, number="D-15", customer_id="8")
    assert fingerprint(left) != fingerprint(right)


def test_the_order_of_lines_counts() -> None:
    """accounting.md 4: a journal is debit first, then credit."""
    debit, credit = replace(LINE, side="Debit"), replace(LINE, side="Credit")
    journal = replace(INVOICE, kind=DocumentKind.JOURNAL_ENTRY, lines=(debit, credit))
    assert fingerprint(journal) != fingerprint(replace(journal, lines=(credit, debit)))


@pytest.mark.parametrize(
    ("change", "voided", "live"),
    [
        ({}, False, True),
        ({"total": zero("USD"), "note": f"Voided - {INVOICE.note}"}, True, False),
        ({"total": zero("USD"), "note": "VOIDED"}, True, False),
        ({"total": zero("USD")}, False, True),
        ({"note": f"Voided - {INVOICE.note}"}, False, True),
        ({"deleted": True}, False, False),
    ],
)
def test_a_void_is_zero_and_says_so(change: dict[str, Any], voided: bool, live: bool) -> None:
    """accounting.md 4.5: amounts 0 and "Voided" before the note; either alone is no void."""
    document = replace(INVOICE, **change)
    assert (document.voided, document.live) == (voided, live)


def test_what_is_left_of_a_deleted_document() -> None:
    """accounting.md 4 E17: it keeps kind, id and when it was seen to be gone, and counts for nothing."""
    seen = datetime(2026, 11, 9, tzinfo=UTC)
    left = gone(DocumentKind.INVOICE, "145", seen)
    assert (left.kind, left.id, left.updated_at) == (DocumentKind.INVOICE, "145", seen)
    assert not left.live
    assert not left.total
