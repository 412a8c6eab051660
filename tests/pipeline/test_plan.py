"""What exactly do we send: the acceptance journal and the invoice of one deliverable (accounting.md 2, 4)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from gate_rows import usd
from hypothesis import given
from hypothesis import strategies as st
from plan_company import (
    ACCEPTED,
    RECEIVABLE,
    RULES,
    SETUP,
    UNBILLED,
    billable,
    invoice,
    journal,
    pair,
    plan,
    with_preferences,
)
from plan_company import REVENUE as REVENUE_ACCOUNT

from qbo_milestones.model.books import Customer, Named, Setup, stamp_in
from qbo_milestones.model.money import Money, zero
from qbo_milestones.pipeline.plan import t_accounts
from qbo_milestones.pipeline.posting import Identity, PostingKind
from qbo_milestones.pipeline.register import content_hash

TODAY = RULES.today
DAY = timedelta(days=1)
DATES = st.dates(date(2025, 1, 1), date(2027, 12, 31))


def test_the_journal_meets_the_invoice_in_the_clearing_account() -> None:
    """accounting.md 0.1, 4 E1; P2: Dr Unbilled / Cr Revenue, never A/R, with the customer on it."""
    draft = journal()
    assert (draft.debit_account_id, draft.credit_account_id) == (UNBILLED, REVENUE_ACCOUNT)
    assert RECEIVABLE not in (draft.debit_account_id, draft.credit_account_id)
    assert (draft.customer_id, draft.amount, draft.number) == ("58", usd(1_000), "D-1-AJ")


def test_the_invoice_as_the_client_sees_it() -> None:
    """Ruling 13: readable line, service date, PO number, memo, terms, e-mail; R86: terms explicit."""
    draft = invoice(billable(contract={"po_number": "PO-77", "bill_email": "billing@acme.example"}))
    assert draft.description == "Wireframes, SOW-1; accepted 2026-10-28 by Dana Reyes [D-1]"
    assert (draft.service_date, draft.memo, draft.terms_id) == (ACCEPTED, "Purchase order PO-77", "3")
    assert (draft.customer_id, draft.item_id, draft.amount, draft.number) == ("58", "7", usd(1_000), "D-1-A")
    assert (draft.email, draft.send) == ("billing@acme.example", False)
    assert invoice().memo == ""


def test_both_are_tagged_and_belong_together() -> None:
    """P3, R46, R54, R87: stamp, key and id on each; the invoice waits for the journal."""
    found = pair()
    assert found.invoice.after == found.journal.key
    assert found.journal.after == ""
    for posting in (found.journal, found.invoice):
        assert posting.identity == Identity(RULES.company, "d-1", posting.identity.kind)
        assert posting.draft.note == f"D-1 rev 1 | SOW-1 v1 | accepted 2026-10-28 | {posting.identity.stamp_code}"
        assert posting.draft.description.endswith("[D-1]")
        assert posting.draft.amount == found.amount == usd(1_000)
        assert (posting.evidence, posting.evidence_sha256) == ("d-1.pdf", "ab" * 32)
        assert posting.content_hash == content_hash(billable().deliverable, billable().contract)
        assert (posting.deliverable_id, posting.contract, posting.contract_version) == ("D-1", "SOW-1", 1)
    assert found.journal.draft.note != found.invoice.draft.note
    assert [posting.identity.kind for pair in plan().pairs for posting in pair.postings] == [
        PostingKind.JOURNAL,
        PostingKind.INVOICE,
    ]


@pytest.mark.parametrize(
    ("accepted", "closed", "invoiced", "booked"),
    [
        (ACCEPTED, None, TODAY, ACCEPTED),
        (TODAY, None, TODAY, TODAY),
        # Accepted in a zone ahead of the company's: never before the acceptance.
        (TODAY + DAY, None, TODAY + DAY, TODAY + DAY),
        (ACCEPTED, ACCEPTED - DAY, TODAY, ACCEPTED),
        (ACCEPTED, ACCEPTED, TODAY, ACCEPTED + DAY),
        (ACCEPTED, date(2026, 10, 31), TODAY, date(2026, 11, 1)),
        (ACCEPTED, TODAY - DAY, TODAY, TODAY),
        (ACCEPTED, TODAY, TODAY + DAY, TODAY + DAY),
        (ACCEPTED, TODAY + 7 * DAY, TODAY + 8 * DAY, TODAY + 8 * DAY),
    ],
)
def test_the_dates_of_both(accepted: date, closed: date | None, invoiced: date, booked: date) -> None:
    """Ruling 14: the latest of today, accepted, closing + 1; the journal: accepted, or closing + 1 (4.4)."""
    found = pair(billable(accepted_on=accepted), with_preferences(closed_until=closed))
    assert (found.invoice.draft.date, found.journal.draft.date) == (invoiced, booked)
    assert found.journal.moved_from == (accepted if booked != accepted else None)
    assert found.invoice.accepted_on == found.journal.accepted_on == accepted


@given(DATES, st.none() | DATES)
def test_nothing_is_dated_into_a_closed_period_or_before_acceptance(accepted: date, closed: date | None) -> None:
    """accounting.md 0.6, 4.9 I10: not back-dated; the invoice not before acceptance nor before its journal."""
    found = pair(billable(accepted_on=accepted), with_preferences(closed_until=closed))
    for posting in (found.journal, found.invoice):
        assert posting.draft.date >= accepted
        assert closed is None or posting.draft.date > closed
    assert found.journal.draft.date <= found.invoice.draft.date
    assert found.invoice.draft.date >= TODAY


@pytest.mark.parametrize(
    ("terms", "id_", "due"),
    [("Net 30", "3", TODAY + 30 * DAY), ("due on receipt", "4", TODAY), ("id:5", "5", None)],
)
def test_the_due_date_is_the_invoice_date_and_its_terms(terms: str, id_: str, due: date | None) -> None:
    """R39, R84, R86: due = invoice + terms, even when acceptance is earlier."""
    found = pair(billable(contract={"terms": terms}))
    assert found.due_date == due
    assert invoice(billable(contract={"terms": terms})).terms_id == id_


@pytest.mark.parametrize(
    ("tracked", "row", "setting", "class_id", "on_line"),
    [
        ({}, "Design", "Code", "", True),
        ({"tracks_classes": True}, "Design", "Code", "201", True),
        ({"tracks_classes": True}, "", "Code", "202", True),
        ({"tracks_classes": True}, "", "", "", True),
        ({"tracks_classes": True, "tracks_classes_per_transaction": True}, "Design", "", "201", False),
    ],
)
def test_the_class_where_quickbooks_tracks_it(
    tracked: dict[str, Any], row: str, setting: str, class_id: str, on_line: bool
) -> None:
    """accounting.md 4: on both documents, the row before the settings; on the line or on the whole document."""
    given_row, setup = billable({"class_name": row}), with_preferences(**tracked)
    draft = invoice(given_row, setup, class_name=setting)
    assert (draft.class_id, draft.class_on_line) == (class_id, on_line)
    assert journal(given_row, setup, class_name=setting).class_id == class_id


@pytest.mark.parametrize(
    ("tracked", "row", "setting", "location_id"),
    [(False, "Boston", "Boston", ""), (True, "Boston", "", "301"), (True, "", "boston", "301"), (True, "", "", "")],
)
def test_the_location_where_quickbooks_tracks_it(tracked: bool, row: str, setting: str, location_id: str) -> None:
    """accounting.md 4: DepartmentRef on both documents."""
    given_row, setup = billable({"location": row}), with_preferences(tracks_locations=tracked)
    assert invoice(given_row, setup, location=setting).location_id == location_id
    assert journal(given_row, setup, location=setting).location_id == location_id


@pytest.mark.parametrize(
    ("uses", "row", "contract", "setting", "code_id"),
    [
        (False, "TAX", "TAX", "TAX", ""),
        (True, "NON", "TAX", "TAX", "6"),
        (True, "", "NON", "TAX", "6"),
        (True, "", "", "TAX", "5"),
        (True, "", "", "", ""),
    ],
)
def test_the_tax_code_of_row_contract_or_settings(
    uses: bool, row: str, contract: str, setting: str, code_id: str
) -> None:
    """accounting.md 4 E20: on the invoice only; the nearest name wins. US lines may go without (ruling 13)."""
    found = invoice(
        billable({"tax_code": row}, {"tax_code": contract}),
        with_preferences(uses_sales_tax=uses),
        tax_code=setting,
    )
    assert found.tax_code_id == code_id


@pytest.mark.parametrize(
    ("contract_email", "send", "email"),
    [
        ("", False, ""),
        ("billing@acme.example", False, "billing@acme.example"),
        ("billing@acme.example", True, "billing@acme.example"),
        # QuickBooks sends no invoice that bears no address, though it knows the customer's.
        ("", True, "ap@acme.example"),
    ],
)
def test_where_the_invoice_is_sent(contract_email: str, send: bool, email: str) -> None:
    """Ruling 13; quickbooks-online.md: BillEmail is required where EmailStatus is NeedToSend."""
    draft = invoice(billable(contract={"bill_email": contract_email}), send=send)
    assert (draft.email, draft.send) == (email, send)


FIELDS = (Named("1", "Deliverable ID"), Named("2", "P.O. Number"), Named("3", "Sales Rep"))


@pytest.mark.parametrize(
    ("id_", "po", "expected"),
    [
        ("D-1", "PO-77", (("1", "D-1"), ("2", "PO-77"))),
        ("D-1", "", (("1", "D-1"),)),
        ("D" * 31, "P" * 31, (("1", "D" * 31), ("2", "P" * 31))),
        ("D" * 32, "P" * 32, ()),
    ],
)
def test_custom_fields_where_the_company_has_them(id_: str, po: str, expected: tuple[tuple[str, str], ...]) -> None:
    """accounting.md 4.6: at most 31 characters, whole or not at all; other fields are left alone."""
    draft = invoice(billable({"id": id_}, {"po_number": po}), with_preferences(custom_fields=FIELDS))
    assert draft.custom_fields == expected
    assert invoice(billable({"id": id_}, {"po_number": po})).custom_fields == ()


@pytest.mark.parametrize("length", [1, 3_900, 3_950, 4_000, 9_000])
def test_the_tag_ends_the_line_however_long_it_is(length: int) -> None:
    """accounting.md 4.6: Description holds 4,000 characters and ends with `[<id>]`."""
    row = billable({"name": "x" * length})
    for draft in (invoice(row), journal(row)):
        assert len(draft.description) <= 4_000
        assert draft.description.endswith("[D-1]")
    assert len(invoice(row).description) == min(4_000, length + len(invoice().description) - len("Wireframes"))


@given(st.text(min_size=1, max_size=30).filter(str.strip), st.text(min_size=1, max_size=20))
def test_the_note_is_one_ascii_line_with_our_stamp(id_: str, reference: str) -> None:
    """Ruling 5: one ASCII line a client may see; whatever the ids are, the stamp that is read back is ours."""
    row = billable({"id": id_}, {"reference": reference})
    for posting in (pair(row).journal, pair(row).invoice):
        assert posting.draft.note.isascii()
        assert stamp_in(posting.draft.note) == posting.identity.stamp_code


def test_a_reference_that_looks_like_a_stamp_does_not_hide_ours() -> None:
    """Ruling 5: the last mark counts."""
    found = pair(billable(contract={"reference": "qm:aaaaaaaaaaaaaaaa"}))
    assert stamp_in(found.invoice.draft.note) == found.invoice.identity.stamp_code


def test_quickbooks_numbers_invoices_where_it_must() -> None:
    """Ruling 4: then the invoice brings none, the journal keeps its own."""
    found = pair(own_numbers=False)
    draft = found.invoice.draft
    assert (draft.number, found.invoice.number, found.journal.number) == ("", "", "D-1-AJ")


def test_a_project_is_billed_in_place_of_its_customer() -> None:
    """register.md, Contracts: both documents go to the project."""
    setup = replace(SETUP, customers=(*SETUP.customers, Customer("59", "Website", parent_id="58")))
    row = billable(contract={"project": "Website"})
    assert (invoice(row, setup).customer_id, journal(row, setup).customer_id) == ("59", "59")
    assert pair(row, setup).customer == "Website"


@pytest.mark.parametrize("multicurrency", [False, True])
def test_a_company_with_several_currencies_says_so_on_each_document(multicurrency: bool) -> None:
    """accounting.md 4.8: CurrencyRef is required when multicurrency is on."""
    setup = with_preferences(multicurrency=multicurrency)
    assert invoice(setup=setup).multicurrency is journal(setup=setup).multicurrency is multicurrency


@given(st.decimals(Decimal("0.01"), Decimal(10) ** 9, places=2), st.none() | DATES, DATES)
def test_the_t_accounts_balance_and_the_clearing_account_ends_at_zero(
    amount: Decimal, closed: date | None, accepted: date
) -> None:
    """accounting.md 4.9 I1 to I3, I5; design.md, What must always hold 3."""
    setup: Setup = with_preferences(closed_until=closed)
    found = pair(billable({"amount": Money(amount, "USD")}, accepted_on=accepted), setup)
    balances: dict[str, Money] = {}
    for entry in t_accounts(found, setup):
        signed = entry.amount if entry.side == "Debit" else -entry.amount
        balances[entry.account] = balances.get(entry.account, zero("USD")) + signed
    assert balances == {
        "Accounts Receivable (A/R)": found.amount,
        "Unbilled receivable": zero("USD"),
        "Milestone revenue": -found.amount,
    }
    assert [entry.date for entry in t_accounts(found, setup)] == [
        found.journal.draft.date,
        found.journal.draft.date,
        found.invoice.draft.date,
        found.invoice.draft.date,
    ]
