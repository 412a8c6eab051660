"""Completes name-list objects: full names, parents, uniqueness, the suffix of inactive ones (section 6.5)."""

from collections.abc import Callable

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.currencies import currency_ref
from qbo_milestones.simulator.faults import NAME_TAKEN, Refusal, missing, refuse
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.schema.accounts import ACCOUNT_TYPES
from qbo_milestones.simulator.schema.entities import ENTITIES

GONE = " (deleted)"
PEOPLE = ("Customer", "Vendor", "Employee")
"""Who share one row of names."""
LEVELS = 5
CHILD_FLAG = {"Customer": "Job", "Item": "SubItem", "Account": "SubAccount", "Class": "SubClass",
              "Department": "SubDepartment"}  # fmt: skip


def complete_name(company: Company, name: str, doc: Doc, before: Doc | None, _given: set[str]) -> None:
    """Fill in and check everything that QuickBooks computes for a name-list object, in place."""
    doc["Active"] = doc.get("Active") is not False
    if name in SPECIAL:
        SPECIAL[name](company, doc)
    unique = ENTITIES[name].unique
    bare = str(doc[unique]).removesuffix(GONE)
    _check_characters(name, bare)
    doc[unique] = bare if doc["Active"] else bare + GONE
    if name in CHILD_FLAG:
        _place_in_tree(company, name, doc, before)
    _check_unique(company, name, doc, before)


def _check_characters(name: str, value: str) -> None:
    if any(character in value for character in ":\t\n") or (name == "Account" and '"' in value):
        raise refuse("2040", f"{value!r} holds a character that names must not have")


def _place_in_tree(company: Company, name: str, doc: Doc, before: Doc | None) -> None:
    parent_id = ref_id(doc, "ParentRef")
    doc[CHILD_FLAG[name]] = bool(parent_id)
    own = str(doc[ENTITIES[name].unique])
    if not parent_id:
        doc.pop("ParentRef", None)
        doc["FullyQualifiedName"] = own
        doc.pop("Level", None)
        return
    parent = company.find(name, parent_id)
    if parent is None or (before is not None and parent_id == before.get("Id")):
        raise refuse("700", "Parent reference is invalid", "ParentRef")
    level = str(parent.body["FullyQualifiedName"]).count(":") + 1
    if level >= LEVELS:
        raise refuse("6180", f"No more than {LEVELS} levels are possible", "ParentRef")
    doc["Level"] = level
    doc["FullyQualifiedName"] = f"{parent.body['FullyQualifiedName']}:{own}"


def _check_unique(company: Company, name: str, doc: Doc, before: Doc | None) -> None:
    unique = ENTITIES[name].unique
    own_id = str((before or doc).get("Id") or "")
    for rival in PEOPLE if name in PEOPLE else (name,):
        for other in company.shelves[rival].ids_with(unique, str(doc[unique])):
            found = company.fetch(rival, other).body
            same_place = name in PEOPLE or ref_id(found, "ParentRef") == ref_id(doc, "ParentRef")
            if (rival, other) != (name, own_id) and same_place:
                raise refuse("6240", f"{NAME_TAKEN} Id={other}", unique)


def _person(_: Company, doc: Doc) -> None:
    parts = [doc.get(part) for part in ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")]
    full = " ".join(str(part) for part in parts if part)
    if not doc.get("DisplayName") and not full:
        raise Refusal(missing("DisplayName"))
    doc["DisplayName"] = doc.get("DisplayName") or full
    doc["PrintOnCheckName"] = doc.get("PrintOnCheckName") or doc.get("CompanyName") or doc["DisplayName"]


def _vendor(company: Company, doc: Doc) -> None:
    _person(company, doc)
    doc["Vendor1099"] = bool(doc.get("Vendor1099"))
    doc["CurrencyRef"] = currency_ref(ref_id(doc, "CurrencyRef") or company.home_currency())


def _employee(company: Company, doc: Doc) -> None:
    _person(company, doc)
    doc["BillableTime"] = bool(doc.get("BillableTime"))


def _customer(company: Company, doc: Doc) -> None:
    _person(company, doc)
    doc["Taxable"] = bool(doc.get("Taxable"))
    doc["BillWithParent"] = bool(doc.get("BillWithParent"))
    doc["IsProject"] = bool(doc.get("IsProject"))
    doc["PreferredDeliveryMethod"] = doc.get("PreferredDeliveryMethod") or "None"
    doc["CurrencyRef"] = {"value": "USD", "name": "United States Dollar"}


def _item(company: Company, doc: Doc) -> None:
    doc["Type"] = doc.get("Type") or "Service"
    doc["Taxable"] = bool(doc.get("Taxable"))
    doc["TrackQtyOnHand"] = bool(doc.get("TrackQtyOnHand"))
    doc["UnitPrice"] = doc.get("UnitPrice") or 0
    doc["PurchaseCost"] = doc.get("PurchaseCost") or 0
    account = company.find("Account", ref_id(doc, "IncomeAccountRef"))
    if account is None:
        if doc["Type"] in ("Category", "Group"):
            return
        raise Refusal(missing("IncomeAccountRef"))
    refused = {"Accounts Receivable", "Accounts Payable"}
    if company.settings.item_asset_account == "refuse":
        refused.add("Other Current Asset")
    if account.body["AccountType"] in refused:
        detail = f"Invalid account type used: {account.body['AccountType']} cannot be an item's income account"
        raise refuse("6430", detail, "IncomeAccountRef")


def _account(_: Company, doc: Doc) -> None:
    kind = doc.get("AccountType") or DEFAULT_TYPE.get(str(doc.get("AccountSubType")))
    if kind is None:
        raise refuse("6010", "AccountType or AccountSubType needed", "AccountType")
    doc["AccountType"], doc["Classification"] = kind, ACCOUNT_TYPES[kind]
    doc["AccountSubType"] = doc.get("AccountSubType") or DEFAULT_SUBTYPE.get(kind, kind.replace(" ", ""))
    doc["CurrencyRef"] = {"value": "USD", "name": "United States Dollar"}


def _term(_: Company, doc: Doc) -> None:
    by_date = doc.get("DayOfMonthDue") is not None
    doc["Type"] = "DATE_DRIVEN" if by_date else "STANDARD"
    if not by_date and doc.get("DueDays") is None:
        doc["DueDays"] = 0
    if not 0 <= int(doc.get("DueDays") or 0) <= 999:
        raise refuse("2090", "DueDays: 0 to 999", "DueDays")


def _payment_method(_: Company, doc: Doc) -> None:
    doc["Type"] = doc.get("Type") or "NON_CREDIT_CARD"


SPECIAL: dict[str, Callable[[Company, Doc], None]] = {
    "Customer": _customer, "Vendor": _vendor, "Employee": _employee,
    "Item": _item, "Account": _account, "Term": _term, "PaymentMethod": _payment_method,
}  # fmt: skip
DEFAULT_TYPE = {
    "Checking": "Bank", "Savings": "Bank", "AccountsReceivable": "Accounts Receivable",
    "UndepositedFunds": "Other Current Asset", "OtherCurrentAssets": "Other Current Asset",
    "Retainage": "Other Current Asset", "OtherCurrentLiabilities": "Other Current Liability",
    "SalesTaxPayable": "Other Current Liability", "ServiceFeeIncome": "Income", "OtherPrimaryIncome": "Income",
    "OpeningBalanceEquity": "Equity",
}  # fmt: skip
DEFAULT_SUBTYPE = {
    "Bank": "Checking", "Accounts Receivable": "AccountsReceivable", "Other Current Asset": "OtherCurrentAssets",
    "Other Current Liability": "OtherCurrentLiabilities", "Income": "ServiceFeeIncome",
    "Expense": "OtherMiscellaneousServiceCost", "Equity": "OpeningBalanceEquity",
}  # fmt: skip
