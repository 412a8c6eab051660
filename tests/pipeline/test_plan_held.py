"""What the plan holds for want of a name or a set-up in QuickBooks, and what one run may post (R64; ruling 12)."""

import inspect
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from gate_rows import usd
from hypothesis import given
from hypothesis import strategies as st
from plan_company import ACCEPTED, RULES, SETUP, billable, held, plan, with_preferences

from qbo_milestones.model.books import Account, Customer, Item, Setup
from qbo_milestones.model.money import Money, zero
from qbo_milestones.pipeline import plan as plan_module
from qbo_milestones.pipeline.gate import KINDS
from qbo_milestones.pipeline.plan import Pair, within_limits

FOREIGN = replace(SETUP, customers=(Customer("58", "Acme", currency="EUR"),))
CANADA = replace(with_preferences(uses_sales_tax=True), country="CA")
REMAPPED = replace(SETUP, items=(Item("7", "Milestone", "92"),))
UNMAPPED = replace(SETUP, items=(Item("7", "Milestone", ""),))
INACTIVE = replace(SETUP, items=(Item("7", "Milestone", "90", active=False),))
NO_ADDRESS = replace(SETUP, customers=(Customer("58", "Acme"),))
TRACKING = with_preferences(tracks_classes=True, tracks_locations=True)
TAXED = with_preferences(uses_sales_tax=True)
EUROS = {"amount": Money(usd(5).amount, "EUR")}

CASES: list[tuple[str, dict[str, Any], dict[str, Any], Setup, dict[str, Any], str, str]] = [
    ("customer", {}, {"customer": "Acne"}, SETUP, {}, "CUSTOMER_NOT_FOUND", "Contracts row 2, column Customer"),
    ("project", {}, {"project": "Website"}, SETUP, {}, "CUSTOMER_NOT_FOUND", "Contracts row 2, column Project"),
    ("terms", {}, {"terms": "Net 31"}, SETUP, {}, "TERMS_NOT_FOUND", "Contracts row 2, column Payment terms"),
    ("item", {"item": "Nothing"}, {}, SETUP, {}, "ITEM_NOT_FOUND", "Deliverables row 7, column Item"),
    ("inactive item", {}, {}, INACTIVE, {}, "ITEM_NOT_FOUND", "Deliverables row 7, column Item"),
    ("item of the row", {"item": "Hours"}, {}, SETUP, {}, "ITEM_ACCOUNT_CHANGED", "Deliverables row 7, column Item"),
    ("re-mapped item", {}, {}, REMAPPED, {}, "ITEM_ACCOUNT_CHANGED", "Deliverables row 7, column Item"),
    ("item without account", {}, {}, UNMAPPED, {}, "ITEM_ACCOUNT_CHANGED", "Deliverables row 7, column Item"),
    ("unbilled", {}, {}, SETUP, {"unbilled_account": "No"}, "ACCOUNT_NOT_FOUND", "Deliverables row 7"),
    ("revenue", {}, {}, SETUP, {"revenue_account": "No"}, "ACCOUNT_NOT_FOUND", "Deliverables row 7"),
    ("class", {"class_name": "No"}, {}, TRACKING, {}, "CLASS_NOT_FOUND", "Deliverables row 7, column Class"),
    ("location", {"location": "No"}, {}, TRACKING, {}, "LOCATION_NOT_FOUND", "Deliverables row 7, column Location"),
    ("tax code", {"tax_code": "No"}, {}, TAXED, {}, "TAX_CODE_NOT_FOUND", "Deliverables row 7, column Tax code"),
    ("no tax code", {}, {}, CANADA, {}, "TAX_CODE_MISSING", "Deliverables row 7, column Tax code"),
    ("foreign", EUROS, {}, SETUP, {}, "CURRENCY_NOT_SUPPORTED", "Contracts row 2, column Currency"),
    ("foreign customer", {}, {}, FOREIGN, {}, "CURRENCY_MISMATCH", "Contracts row 2, column Currency"),
    ("address", {}, {}, NO_ADDRESS, {"send": True}, "MISSING_EMAIL", "Contracts row 2, column Bill to e-mail"),
]


@pytest.mark.parametrize(
    ("row", "contract", "setup", "rules", "kind", "place"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_what_cannot_be_written_is_held_with_its_cell(
    row: dict[str, Any], contract: dict[str, Any], setup: Setup, rules: dict[str, Any], kind: str, place: str
) -> None:
    """R64, ruling 13: the row is held with the cell and a sentence; nothing of it is planned."""
    found = held(billable(row, contract), setup, **rules)
    (reason,) = found.reasons
    assert (reason.kind, str(reason.place)) == (kind, place)
    assert reason.sentence.endswith(".")
    assert reason.rule.action
    assert found.amount == (row.get("amount") or usd(1_000))


@pytest.mark.parametrize(
    ("row", "setup"),
    [
        ({"class_name": "No", "location": "No", "tax_code": "No"}, SETUP),
        ({}, replace(CANADA, country="US")),
        ({}, replace(SETUP, country="CA")),
        ({"tax_code": "NON"}, CANADA),
        ({}, replace(SETUP, customers=(Customer("58", "Acme", currency="USD"),))),
    ],
)
def test_what_quickbooks_does_not_ask_for_holds_nothing(row: dict[str, Any], setup: Setup) -> None:
    """Ruling 13: names that are not tracked, and tax codes where none is wanted."""
    assert len(plan([billable(row)], setup).pairs) == 1


def test_all_reasons_of_a_row_are_told_at_once() -> None:
    """accounting.md 6.1: every reason, not the first."""
    row = billable({"item": "No", "class_name": "No"}, {"customer": "No", "terms": "No"})
    kinds = [reason.kind for reason in held(row, TRACKING).reasons]
    assert kinds == ["CUSTOMER_NOT_FOUND", "TERMS_NOT_FOUND", "ITEM_NOT_FOUND", "CLASS_NOT_FOUND"]


def test_one_broken_row_leaves_the_others_alone() -> None:
    """R64: 1 of 50 broken, 49 go on."""
    rows = [billable({"id": f"D-{n}"}, {"customer": "No"} if n == 25 else {}) for n in range(50)]
    found = plan(rows)
    assert len(found.pairs) == 49
    assert [one.deliverable.id for one in found.held] == ["D-25"]


def test_every_kind_that_the_plan_names_is_in_the_list() -> None:
    """R57, ruling 37: each kind has an owner and an action; none is a generic one."""
    source = inspect.getsource(plan_module)
    named = set(re.findall(r'"([A-Z]+_[A-Z_]+)"', source))
    assert named >= {case[5] for case in CASES}
    assert named <= set(KINDS)


@given(st.lists(st.tuples(st.integers(0, 60), st.text("abAB09-", min_size=1, max_size=4)), max_size=9), st.randoms())
def test_the_order_is_that_of_acceptance_whatever_the_order_of_the_rows(
    rows: list[tuple[int, str]], random: Any
) -> None:
    """accounting.md 4.9: the same facts in any order give the same documents, the oldest acceptance first."""
    billables = [billable({"id": id_}, accepted_on=ACCEPTED + timedelta(days=days)) for days, id_ in rows]
    found = [one.invoice.accepted_on for one in plan(billables).pairs]
    assert found == sorted(found)
    if len({one.deliverable.key for one in billables}) == len(billables):
        turned = list(billables)
        random.shuffle(turned)
        assert plan(turned) == plan(billables)


def pairs(*amounts: str) -> tuple[Pair, ...]:
    """Pairs of these amounts, in this order of acceptance."""
    rows = [
        billable({"id": f"D-{n}", "amount": usd(amount)}, accepted_on=ACCEPTED + timedelta(days=n))
        for n, amount in enumerate(amounts)
    ]
    return plan(rows).pairs


@pytest.mark.parametrize(
    ("invoices", "amount", "count"),
    [
        (None, None, 3),
        (3, None, 3),
        (2, None, 2),
        (0, None, 0),
        (None, "100.00", 3),
        (None, "99.99", 2),
        (None, "60.00", 2),
        (None, "59.99", 1),
        (None, "9.99", 0),
        # Nothing is left of the limit: what earlier runs planned has used it up.
        (None, "0.00", 0),
        (1, "100.00", 1),
        (3, "60.00", 2),
    ],
)
def test_a_run_stops_before_it_passes_its_limits(invoices: int | None, amount: str | None, count: int) -> None:
    """Ruling 12: up to the limit, to the cent, and nothing past it, though a smaller one would fit."""
    given_pairs = pairs("10.00", "50.00", "40.00")
    limit = None if amount is None else usd(amount)
    assert within_limits(given_pairs, invoices, limit) == (given_pairs[:count], given_pairs[count:])


@pytest.mark.parametrize(
    ("invoices", "amount", "count"),
    [(4, None, 3), (3, None, 2), (1, None, 0), (0, None, 0), (None, "59.99", 1), (None, "60.00", 2), (None, "9.00", 0)],
)
def test_what_the_business_date_sent_already_counts(invoices: int | None, amount: str | None, count: int) -> None:
    """Ruling 12: one limit for a date, however often it is tried; one invoice of 10.00 stands before these."""
    given_pairs = pairs("10.00", "40.00", "20.00")
    limit = None if amount is None else usd(amount)
    found = within_limits(given_pairs, invoices, limit, (usd("10.00"),))
    assert found == (given_pairs[:count], given_pairs[count:])


@given(st.lists(st.integers(1, 9_999), max_size=8), st.none() | st.integers(0, 9), st.none() | st.integers(0, 40_000))
def test_limits_hold_for_any_pairs(cents: list[int], invoices: int | None, amount: int | None) -> None:
    """Ruling 12: nothing is lost, nothing passes, and the next one would have."""
    given_pairs = pairs(*(f"{n // 100}.{n % 100:02}" for n in cents))
    limit = None if amount is None else Money(usd(amount).amount / 100, "USD")
    first, beyond = within_limits(given_pairs, invoices, limit)
    assert (*first, *beyond) == given_pairs
    total = sum((pair.amount for pair in first), zero("USD"))
    assert invoices is None or len(first) <= invoices
    assert limit is None or total <= limit
    if beyond:
        passed_count = invoices is not None and len(first) == invoices
        assert passed_count or (limit is not None and limit < total + beyond[0].amount)


def test_nothing_to_bill_is_an_empty_plan() -> None:
    """A quiet night."""
    found = plan([])
    assert not found.pairs
    assert not found.held
    assert not found.pairs
    assert within_limits((), 0, None) == ((), ())


def test_accounts_are_found_by_id_too() -> None:
    """register.md: `id:123` where a name is ambiguous."""
    twins = replace(SETUP, accounts=(*SETUP.accounts, Account("95", "Milestone revenue", "Income")))
    assert held(setup=twins).reasons[0].kind == "ACCOUNT_NOT_FOUND"
    assert len(plan(setup=twins, revenue_account="id:91").pairs) == 1
    assert RULES.today == date(2026, 11, 23)
