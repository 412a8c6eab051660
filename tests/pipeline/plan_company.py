"""A QuickBooks company that is set up as it should be, and one row that may be billed to it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from gate_rows import CONTRACT, ROW, SIGNED

from qbo_milestones.model.books import Account, Customer, Item, Named, Preferences, Setup, Term
from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.directory import index
from qbo_milestones.pipeline.gate import Acceptance, Billable, Held
from qbo_milestones.pipeline.plan import Pair, Plan, PlanRules, draw_up
from qbo_milestones.pipeline.posting import InvoiceDraft, JournalDraft

RECEIVABLE, UNBILLED, REVENUE = "84", "90", "91"
PREFERENCES = Preferences("USD", False, True, None, False, False, False, True, False, False)
SETUP = Setup(
    "Northlight Studio",
    "US",
    PREFERENCES,
    accounts=(
        Account(RECEIVABLE, "Accounts Receivable (A/R)", "Accounts Receivable"),
        Account(UNBILLED, "Unbilled receivable", "Other Current Asset"),
        Account(REVENUE, "Milestone revenue", "Income"),
        Account("92", "Services", "Income"),
    ),
    items=(Item("7", "Milestone", UNBILLED), Item("8", "Hours", "92")),
    customers=(Customer("58", "Acme", email="ap@acme.example"),),
    terms=(Term("3", "Net 30", 30), Term("4", "Due on receipt", 0), Term("5", "15th", None)),
    classes=(Named("201", "Design"), Named("202", "Code")),
    locations=(Named("301", "Boston"),),
    tax_codes=(Named("5", "TAX"), Named("6", "NON")),
)
RULES = PlanRules("9341450000000001", date(2026, 11, 23), "Milestone", "Unbilled receivable", "Milestone revenue")
ACCEPTED = date(2026, 10, 28)


def with_preferences(setup: Setup = SETUP, **changes: Any) -> Setup:
    """The company with other preferences."""
    return replace(setup, preferences=replace(setup.preferences, **changes))


def billable(
    row: dict[str, Any] | None = None, contract: dict[str, Any] | None = None, accepted_on: date = ACCEPTED
) -> Billable:
    """The sample row with other cells; what it bills is its amount."""
    deliverable = replace(ROW, **(row or {}))
    amount = deliverable.amount or Money(Decimal(1_000), "USD")
    sign_off = replace(SIGNED, deliverable=deliverable.id)
    acceptance = Acceptance(sign_off, accepted_on, "Dana Reyes")
    return Billable(deliverable, replace(CONTRACT, **(contract or {})), acceptance, amount, sha256="ab" * 32)


def plan(
    rows: Iterable[Billable] | None = None, setup: Setup = SETUP, rules: PlanRules = RULES, **changes: Any
) -> Plan:
    """The documents of these rows (of the sample row) under these rules."""
    return draw_up([billable()] if rows is None else rows, index(setup), replace(rules, **changes))


def pair(row: Billable | None = None, setup: Setup = SETUP, **changes: Any) -> Pair:
    """The two documents of one row that must be billed."""
    found = plan([row or billable()], setup, **changes)
    assert not found.held, found.held
    (only,) = found.pairs
    return only


def invoice(row: Billable | None = None, setup: Setup = SETUP, **changes: Any) -> InvoiceDraft:
    """The invoice of one row."""
    draft = pair(row, setup, **changes).invoice.draft
    assert isinstance(draft, InvoiceDraft)
    return draft


def journal(row: Billable | None = None, setup: Setup = SETUP, **changes: Any) -> JournalDraft:
    """The acceptance journal of one row."""
    draft = pair(row, setup, **changes).journal.draft
    assert isinstance(draft, JournalDraft)
    return draft


def held(row: Billable | None = None, setup: Setup = SETUP, **changes: Any) -> Held:
    """Why one row is held; nothing of it may be planned."""
    found = plan([row or billable()], setup, **changes)
    assert not found.pairs
    (only,) = found.held
    return only
