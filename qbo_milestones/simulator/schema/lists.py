"""The short lists of a company, as data: terms, classes, locations, ways to pay, currencies, budgets."""

from qbo_milestones.simulator.schema.fields import (
    EntitySpec,
    Field,
    Operation,
    anything,
    choice,
    date,
    flag,
    integer,
    listing,
    number,
    ref,
    text,
)
from qbo_milestones.simulator.schema.people import LISTED, NO_NAME
from qbo_milestones.simulator.schema.shapes import ADDRESS, CUSTOM_FIELD, FRAME

_SEEN: frozenset[Operation] = frozenset({"read", "query"})


def _tree(own: str, child: Field) -> dict[str, Field]:
    return {
        "Name": text(100, "!fs", NO_NAME), f"Sub{own}": child, "ParentRef": ref(own, "fb"), "Level": integer("-"),
        "FullyQualifiedName": text(-1, "-fs"), "Active": flag("fs"),
    }  # fmt: skip


TERM = EntitySpec(
    "Term",
    {
        "Name": text(31, "!fs", NO_NAME), "Active": flag("fs"), "Type": text(20, "-"),
        "DiscountPercent": number(), "DueDays": integer("", 0, 999), "DiscountDays": integer("", 0, 999),
        "DayOfMonthDue": integer("", 1, 31), "DueNextMonthDays": integer("", 0, 999),
        "DiscountDayOfMonth": integer("", 0, 31), **FRAME,
    },
    LISTED, unique="Name",
)  # fmt: skip
CLASS = EntitySpec("Class", {**_tree("Class", flag("-f")), **FRAME}, LISTED, unique="Name")
DEPARTMENT = EntitySpec(
    "Department", {**_tree("Department", flag("-s")), "Address": ADDRESS, **FRAME}, LISTED, unique="Name"
)
PAYMENT_METHOD = EntitySpec(
    "PaymentMethod",
    {"Name": text(31, "!fs", NO_NAME), "Active": flag("fs"), "Type": choice("CREDIT_CARD", "NON_CREDIT_CARD"),
     **FRAME},
    LISTED, unique="Name",
)  # fmt: skip
COMPANY_CURRENCY = EntitySpec(
    "CompanyCurrency",
    {"Code": text(3, "!fs"), "Name": text(100, "fs"), "CustomField": listing(CUSTOM_FIELD), "Active": flag("fs"),
     **FRAME},
    LISTED,
)  # fmt: skip
EXCHANGE_RATE = EntitySpec(
    "ExchangeRate",
    {
        "SourceCurrencyCode": text(3, "!f"), "TargetCurrencyCode": text(3, "f"), "Rate": number("!"),
        "AsOfDate": date("f"), "CustomField": listing(CUSTOM_FIELD), **FRAME,
    },
    frozenset({"read", "query", "update"}), cdc=False,
)  # fmt: skip
BUDGET = EntitySpec(
    "Budget",
    {
        "Name": text(100, "fs"), "StartDate": date("!"), "EndDate": date("!"), "BudgetType": text(20, "-fs"),
        "BudgetEntryType": text(20), "Active": flag("fs"),
        "BudgetDetail": listing({
            "BudgetDate": date(), "Amount": number(), "AccountRef": ref("Account"), "CustomerRef": ref("Customer"),
            "ClassRef": ref("Class"), "DepartmentRef": ref("Department")}),
        **FRAME,
    },
    _SEEN,
)  # fmt: skip
JOURNAL_CODE = EntitySpec(
    "JournalCode",
    {"Name": text(100, "!fs"), "Type": text(20), "Description": text(100), "CustomField": anything(),
     "Active": flag("fs"), **FRAME},
    _SEEN, cdc=False,
)  # fmt: skip

LISTS = [TERM, CLASS, DEPARTMENT, PAYMENT_METHOD, COMPANY_CURRENCY, EXCHANGE_RATE]
LAST_LISTS = [BUDGET, JOURNAL_CODE]
"""Those that refer to accounts and customers."""
