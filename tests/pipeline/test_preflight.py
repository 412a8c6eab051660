"""Is the company set up so that we may post: each check, what it says, and where to change it (accounting.md 3)."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from gate_rows import CONTRACT, ROW, register
from plan_company import PREFERENCES, RULES, SETUP, with_preferences

from qbo_milestones.model.books import Account, Customer, Item, Setup, Term
from qbo_milestones.pipeline.directory import index
from qbo_milestones.pipeline.plan import PlanRules
from qbo_milestones.pipeline.preflight import Check, Subject, inspect, refusals
from qbo_milestones.pipeline.register import Register

TAXED = with_preferences(uses_sales_tax=True)
CHART = SETUP.accounts


def inspected(setup: Setup = SETUP, rules: PlanRules = RULES, rows: Register | None = None) -> dict[str, Check]:
    """All checks by name; no two bear one name."""
    found = inspect(Subject(index(setup), rules, rows))
    by_name = {check.name: check for check in found}
    assert len(by_name) == len(found)
    return by_name


def chart(*accounts: Account) -> Setup:
    """The company with these accounts in place of those of the same id."""
    ids = {account.id for account in accounts}
    kept = (account for account in CHART if account.id not in ids)
    return replace(SETUP, accounts=(*kept, *accounts))


def mapped(item: Item) -> Setup:
    """The company with this item as its only one."""
    return replace(SETUP, items=(item,))


# Setup, rules, name of the check, whether it stops everything, a part of the sentence, a part of the remedy.
ChangedRules = dict[str, Any]
Trouble = tuple[str, Setup, ChangedRules, str, bool, str, str]
TROUBLES: list[Trouble] = [
    ("no clearing account", chart(Account("90", "Other", "Bank")), {}, "Clearing account", True, "no account", "Chart"),
    (
        "clearing account is income",
        chart(Account("90", "Unbilled receivable", "Income")),
        {},
        "Clearing account",
        True,
        "must be Other Current Asset",
        "billing.unbilled_account",
    ),
    (
        "clearing account is A/R",
        chart(Account("90", "Unbilled receivable", "Accounts Receivable")),
        {},
        "Clearing account",
        True,
        "must be Other Current Asset",
        "Chart of accounts",
    ),
    (
        "clearing account is inactive",
        chart(Account("90", "Unbilled receivable", "Other Current Asset", active=False)),
        {},
        "Clearing account",
        True,
        "inactive",
        "Chart of accounts",
    ),
    (
        "clearing account in another currency",
        chart(Account("90", "Unbilled receivable", "Other Current Asset", currency="EUR")),
        {},
        "Clearing account",
        True,
        "must be in USD",
        "Chart of accounts",
    ),
    (
        "revenue account is a liability",
        chart(Account("91", "Milestone revenue", "Other Current Liability")),
        {},
        "Revenue account",
        True,
        "must be Income",
        "billing.revenue_account",
    ),
    (
        "no receivables",
        replace(SETUP, accounts=CHART[1:]),
        {},
        "Accounts receivable",
        True,
        "no accounts receivable",
        "Chart of accounts",
    ),
    (
        "no item",
        mapped(Item("8", "Hours", "92")),
        {},
        'Item "Milestone"',
        True,
        "no product or",
        "Products and services",
    ),
    (
        "double revenue",
        mapped(Item("7", "Milestone", "91")),
        {},
        'Item "Milestone"',
        True,
        'Points at "Milestone revenue". With the acceptance journal, revenue would be counted twice.',
        'Income account: choose "Unbilled receivable".',
    ),
    (
        "item without an account",
        mapped(Item("7", "Milestone", "")),
        {},
        'Item "Milestone"',
        True,
        '"no account"',
        "Income account",
    ),
    (
        "item cannot be judged",
        SETUP,
        {"unbilled_account": "No"},
        'Item "Milestone"',
        True,
        "before the clearing account",
        "Income account",
    ),
    (
        "numbers are off",
        with_preferences(custom_numbers=False),
        {},
        "Invoice numbers",
        True,
        "must not bring one",
        "Custom transaction numbers: on",
    ),
    (
        "numbers are left to nobody",
        SETUP,
        {"own_numbers": False},
        "Invoice numbers",
        True,
        "would have none",
        'invoice_number = "deliverable"',
    ),
    (
        "two journals of one number",
        with_preferences(warns_duplicate_journals=False),
        {},
        "Duplicate journal numbers",
        False,
        "two of one number",
        "Advanced > Other preferences",
    ),
    (
        "credits apply themselves",
        with_preferences(applies_credits_automatically=True),
        {},
        "Automatic application",
        False,
        "by itself",
        "Automation: off",
    ),
    (
        "payments apply themselves",
        with_preferences(applies_payments_automatically=True),
        {},
        "Automatic application",
        False,
        "by itself",
        "Automation: off",
    ),
    (
        "class unknown",
        with_preferences(tracks_classes=True),
        {"class_name": "No"},
        "Classes",
        True,
        'no class "No"',
        "[billing]",
    ),
    ("class not tracked", SETUP, {"class_name": "Design"}, "Classes", False, "does not track", "Categories: on"),
    (
        "location unknown",
        with_preferences(tracks_locations=True),
        {"location": "No"},
        "Locations",
        True,
        'no location "No"',
        "[billing]",
    ),
    ("location not tracked", SETUP, {"location": "Boston"}, "Locations", False, "does not track", "Categories: on"),
    ("tax code unknown", TAXED, {"tax_code": "No"}, "Sales tax", True, 'no tax code "No"', "billing.tax_code"),
    (
        "no tax code abroad",
        replace(TAXED, country="CA"),
        {},
        "Sales tax",
        False,
        "wants a tax code",
        "billing.tax_code",
    ),
    ("clock is ahead", replace(SETUP, clock_skew_s=Decimal("60.001")), {}, "Clock", False, "differ by 60 s", "network"),
    ("clock is behind", replace(SETUP, clock_skew_s=Decimal(-61)), {}, "Clock", False, "differ by 61 s", "network"),
]


def test_a_company_that_is_set_up_right_is_ready() -> None:
    """accounting.md 3; R23: every check says what it looked at; none asks for anything."""
    found = inspected(rows=register())
    assert all(check.ok for check in found.values()), found
    assert all(check.sentence.endswith(".") and not check.remedy for check in found.values())
    assert list(found) == [
        "Clearing account",
        "Revenue account",
        "Accounts receivable",
        'Item "Milestone"',
        "Customers",
        "Payment terms",
        "Invoice numbers",
        "Duplicate journal numbers",
        "Closing date",
        "Currency",
        "Automatic application",
        "Classes",
        "Locations",
        "Sales tax",
        "Clock",
    ]
    assert refusals(found.values()) == ()


@pytest.mark.parametrize(
    ("setup", "rules", "name", "stops", "sentence", "remedy"),
    [trouble[1:] for trouble in TROUBLES],
    ids=[trouble[0] for trouble in TROUBLES],
)
def test_what_is_wrong_is_said_with_what_to_change_where(
    setup: Setup, rules: ChangedRules, name: str, stops: bool, sentence: str, remedy: str
) -> None:
    """R23; accounting.md 3: a refusal or a warning, with the place in QuickBooks or the setting."""
    found = inspected(setup, replace(RULES, **rules))
    check = found[name]
    assert (check.ok, check.stops) == (False, stops)
    assert sentence in check.sentence
    assert remedy in check.remedy
    assert (check in refusals(found.values())) is stops
    # Every finding that is not well says what to do, those that followed from this one too.
    assert all(one.ok or one.remedy.endswith(".") for one in found.values())


@pytest.mark.parametrize(
    ("setup", "rules", "name", "sentence"),
    [
        (with_preferences(custom_numbers=False), {"own_numbers": False}, "Invoice numbers", "numbers invoices itself"),
        (with_preferences(tracks_classes=True), {"class_name": "Design"}, "Classes", "Tracked."),
        (with_preferences(tracks_locations=True), {"location": "id:301"}, "Locations", "Tracked."),
        (TAXED, {}, "Sales tax", "On."),
        (replace(TAXED, country="CA"), {"tax_code": "TAX"}, "Sales tax", "On."),
        (replace(SETUP, country="CA"), {"tax_code": "No"}, "Sales tax", "Off."),
        (replace(SETUP, clock_skew_s=Decimal(-60)), {}, "Clock", "differ by 60 s"),
        (with_preferences(multicurrency=True), {}, "Currency", "other currencies are held"),
        (with_preferences(closed_until=RULES.today), {}, "Closing date", "closed until 2026-11-23"),
        (
            chart(Account("90", "Unbilled receivable", "Other Current Asset", currency="USD")),
            {},
            "Clearing account",
            "Other Current Asset",
        ),
        (SETUP, {"item": "id:7", "unbilled_account": "id:90"}, 'Item "id:7"', "meets the acceptance journal"),
    ],
)
def test_what_is_right_is_said_too(setup: Setup, rules: ChangedRules, name: str, sentence: str) -> None:
    """Ruling 4; accounting.md 3: the other right ways to be set up."""
    check = inspected(setup, replace(RULES, **rules))[name]
    assert check.ok
    assert sentence in check.sentence


@pytest.mark.parametrize(
    ("row", "contract", "name", "words"),
    [
        ({}, {"customer": "Nobody"}, "Customers", ("1 of 1", 'no customer "Nobody"')),
        ({}, {"project": "Website"}, "Customers", ("1 of 1", 'project of customer "Acme"')),
        ({}, {"terms": "Net 31"}, "Payment terms", ("1 of 1", 'no payment term "Net 31"')),
        ({"item": "Hours"}, {}, 'Item "Hours"', ('"Services"', "counted twice")),
        ({"item": "Nothing"}, {}, 'Item "Nothing"', ('no product or service "Nothing"',)),
    ],
)
def test_what_only_some_rows_need_stops_nobody_else(
    row: dict[str, Any], contract: dict[str, Any], name: str, words: Iterable[str]
) -> None:
    """R64: a name that is not in QuickBooks holds its own rows; the check only warns."""
    rows = register([replace(ROW, **row)], contracts=[replace(CONTRACT, **contract)])
    found = inspected(rows=rows)
    check = found[name]
    assert (check.ok, check.stops) == (False, False)
    assert all(word in check.sentence for word in words), check.sentence
    assert check.remedy
    assert refusals(found.values()) == ()


def test_each_name_of_the_register_is_told_once() -> None:
    """A register of thousands of rows asks for each name once."""
    rows = [replace(ROW, id=f"D-{n}", item="Hours") for n in range(30)]
    contracts = [replace(CONTRACT, reference=f"SOW-{n}", customer="Nobody", terms="Net 31") for n in range(9)]
    found = inspected(rows=register(rows, contracts=contracts))
    assert found["Customers"].sentence.count("Nobody") == 1
    assert found["Payment terms"].sentence.startswith("1 of 1")


def test_many_missing_names_do_not_flood_the_page() -> None:
    """A person reads five of them and the count."""
    contracts = [replace(CONTRACT, reference=f"SOW-{n}", customer=f"Nobody {n}") for n in range(40)]
    sentence = inspected(rows=register(contracts=contracts))["Customers"].sentence
    assert sentence.startswith("40 of 40")
    assert sentence.count("no customer") == 5


def test_without_a_register_the_company_is_still_inspected() -> None:
    """R24: the set-up can be checked before there is a register."""
    assert inspected()["Customers"].ok
    assert inspected(replace(SETUP, customers=(Customer("1", "X"),), terms=(Term("1", "X", 1),)))["Payment terms"].ok
    assert PREFERENCES.home_currency == "USD"
