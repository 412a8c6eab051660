"""Finds accounts by what they are for, and opens the standing ones that QuickBooks opens on first use."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.schema.name_lists import ACCOUNT_TYPES

STANDING = {
    "receivable": ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    "undeposited": ("Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    "sales tax": ("Sales Tax Payable", "Other Current Liability", "SalesTaxPayable"),
    "discounts": ("Discounts given", "Income", "DiscountsRefundsGiven"),
    "uncategorised": ("Uncategorized Income", "Income", "ServiceFeeIncome"),
}
"""Purpose -> name, AccountType, AccountSubType."""


def account_for(company: Company, purpose: str) -> str:
    """Id of the company's standing account for a purpose; opened if there is none yet."""
    known = company.standing.get(purpose, "")
    if known and company.find("Account", known):
        return known
    name, kind, subkind = STANDING[purpose]
    found = _first(company, kind, subkind, name)
    company.standing[purpose] = found or _open(company, name, kind, subkind)
    return company.standing[purpose]


def account_type(company: Company, account_id: str) -> str:
    """AccountType of an account, an empty text where there is none."""
    record = company.find("Account", account_id)
    return str(record.body.get("AccountType", "")) if record else ""


def is_receivable(company: Company, account_id: str) -> bool:
    """Whether an account is an A/R account, whose entries belong to a customer."""
    return account_type(company, account_id) == "Accounts Receivable"


def _first(company: Company, kind: str, subkind: str, name: str) -> str:
    bodies = [record.body for record in company.shelves["Account"].records.values()]
    same_kind = [body for body in bodies if body.get("AccountType") == kind and body.get("AccountSubType") == subkind]
    named = [body for body in same_kind if body["Name"] == name]
    if kind == "Income":
        return str(named[0]["Id"]) if named else ""
    return str((named or same_kind)[0]["Id"]) if same_kind else ""


def _open(company: Company, name: str, kind: str, subkind: str) -> str:
    body: Doc = {
        "Name": name, "FullyQualifiedName": name, "SubAccount": False, "Active": True, "AccountType": kind,
        "AccountSubType": subkind, "Classification": ACCOUNT_TYPES[kind],
    }  # fmt: skip
    return str(company.put("Account", body).body["Id"])
