"""Finds accounts by what they are for, and opens the standing ones that QuickBooks opens on first use."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.currencies import currency_ref
from qbo_milestones.simulator.schema.accounts import ACCOUNT_TYPES

RECEIVABLE, PAYABLE = "Accounts Receivable", "Accounts Payable"
STANDING = {
    "receivable": ("Accounts Receivable (A/R)", RECEIVABLE, "AccountsReceivable"),
    "payable": ("Accounts Payable (A/P)", PAYABLE, "AccountsPayable"),
    "undeposited": ("Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    "sales tax": ("Sales Tax Payable", "Other Current Liability", "SalesTaxPayable"),
    "discounts": ("Discounts given", "Income", "DiscountsRefundsGiven"),
    "shipping": ("Shipping Income", "Income", "OtherPrimaryIncome"),
    "gratuity": ("Gratuities", "Other Current Liability", "OtherCurrentLiabilities"),
    "uncategorised": ("Uncategorized Income", "Income", "ServiceFeeIncome"),
    "uncategorised cost": ("Uncategorized Expense", "Expense", "OtherMiscellaneousServiceCost"),
    "exchange": ("Exchange Gain or Loss", "Other Expense", "ExchangeGainOrLoss"),
    "unapplied cash": ("Unapplied Cash Payment Income", "Income", "UnappliedCashPaymentIncome"),
    "unapplied bills": ("Unapplied Cash Bill Payment Expense", "Expense", "UnappliedCashBillPaymentExpense"),
    "opening balance": ("Opening Balance Equity", "Equity", "OpeningBalanceEquity"),
    "retained earnings": ("Retained Earnings", "Equity", "RetainedEarnings"),
}
"""Purpose -> name, AccountType, AccountSubType."""
BY_CURRENCY = {"receivable", "payable"}
"""Purposes of which there is one account for each currency."""
ONE_OF_ITS_KIND = {"receivable", "payable", "undeposited", "sales tax", "exchange", "opening balance",
                   "retained earnings"}  # fmt: skip
"""Purposes that any account of the subtype serves, whatever its name."""


def account_for(company: Company, purpose: str, currency: str = "") -> str:
    """Id of the company's standing account for a purpose; opened if there is none yet.

    Receivable and payable accounts of a foreign currency are accounts of their own.
    """
    home = company.home_currency()
    currency = currency if purpose in BY_CURRENCY and currency else home
    place = purpose if currency == home else f"{purpose} {currency}"
    known = company.standing.get(place, "")
    if known and company.find("Account", known):
        return known
    name, kind, subkind = STANDING[purpose]
    name = name if currency == home else f"{name} - {currency}"
    found = _first(company, purpose, (name, kind, subkind), currency)
    company.standing[place] = found or _open(company, name, kind, subkind, currency)
    return company.standing[place]


def standing_account(company: Company, purpose: str) -> str:
    """Id of the home-currency account for a purpose, an empty text where none was opened yet."""
    known = company.standing.get(purpose, "")
    if known and company.find("Account", known):
        return known
    return _first(company, purpose, STANDING[purpose], company.home_currency())


def account_type(company: Company, account_id: str) -> str:
    """AccountType of an account, an empty text where there is none."""
    record = company.find("Account", account_id)
    return str(record.body.get("AccountType", "")) if record else ""


def _currency(company: Company, body: Doc) -> str:
    return str((body.get("CurrencyRef") or {}).get("value") or company.home_currency())


def is_control(company: Company, account_id: str) -> bool:
    """Whether an account is receivable or payable: its entries belong to a party and an open item."""
    return account_type(company, account_id) in (RECEIVABLE, PAYABLE)


def _first(company: Company, purpose: str, wanted: tuple[str, str, str], currency: str) -> str:
    name, kind, subkind = wanted
    same = [
        record.body
        for record in company.shelves["Account"].records.values()
        if record.body.get("AccountType") == kind
        and (record.body.get("AccountSubType") == subkind or record.body["Name"] == name)
        and _currency(company, record.body) == currency
        and record.body.get("Active") is not False
    ]
    named = [body for body in same if body["Name"] == name]
    if purpose in ONE_OF_ITS_KIND:
        named = named or same
    return str(named[0]["Id"]) if named else ""


def _open(company: Company, name: str, kind: str, subkind: str, currency: str) -> str:
    body: Doc = {
        "Name": name, "FullyQualifiedName": name, "SubAccount": False, "Active": True, "AccountType": kind,
        "AccountSubType": subkind, "Classification": ACCOUNT_TYPES[kind], "CurrencyRef": currency_ref(currency),
    }  # fmt: skip
    return str(company.put("Account", body).body["Id"])
