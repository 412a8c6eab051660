"""Completes and checks products, services, bundles and categories (quickbooks-online.md 6.5)."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import Problem, Refusal, broken_rule, missing, refuse
from qbo_milestones.simulator.refs import ref_id

PRICED = (
    "UnitPrice", "PurchaseCost", "Taxable", "TrackQtyOnHand", "IncomeAccountRef", "ExpenseAccountRef",
    "AssetAccountRef", "QtyOnHand", "InvStartDate", "Description", "PurchaseDesc", "Sku",
)  # fmt: skip
"""What a category has not."""
NO_ASSET = (
    "Required parameter is missing in the request. An inventory assetaccount is required if you are tracking "
    "inventory quantities for this product."
)
CONTROL = frozenset({"Accounts Receivable", "Accounts Payable"})
TYPE_WANTED = {
    "IncomeAccountRef": frozenset({"Income"}), "ExpenseAccountRef": frozenset({"Cost of Goods Sold"}),
    "AssetAccountRef": frozenset({"Other Current Asset"}),
}  # fmt: skip
"""Which account type an inventory item wants where."""


def complete_item(company: Company, doc: Doc, before: Doc | None) -> None:
    """Defaults of an item by its type, in place."""
    old = before or {}
    tracked = doc.get("TrackQtyOnHand") and doc.get("InvStartDate") and ref_id(doc, "AssetAccountRef")
    doc["Type"] = doc.get("Type") or old.get("Type") or ("Inventory" if tracked else "Service")
    if doc["Type"] == "Category":
        for name in PRICED:
            doc.pop(name, None)
        return
    doc["Taxable"] = bool(doc.get("Taxable"))
    doc["UnitPrice"] = doc.get("UnitPrice") or 0
    doc["PurchaseCost"] = doc.get("PurchaseCost") or 0
    doc["TrackQtyOnHand"] = doc["Type"] == "Inventory"
    doc["DeferredRevenue"] = bool(doc.get("DeferredRevenue"))
    if doc["Type"] == "Inventory":
        doc["InvStartDate"] = old.get("InvStartDate") or doc.get("InvStartDate")
    else:
        for name in ("QtyOnHand", "InvStartDate", "AssetAccountRef", "ReorderPoint"):
            doc.pop(name, None)
    if doc["Type"] == "Group":
        doc["PrintGroupedItems"] = bool(doc.get("PrintGroupedItems"))
        _name_parts(company, doc)


def _bundled(doc: Doc) -> list[Doc]:
    lines: list[Doc] = (doc.get("ItemGroupDetail") or {}).get("ItemGroupLine") or []
    return lines


def _name_parts(company: Company, doc: Doc) -> None:
    for line in _bundled(doc):
        part = company.find("Item", ref_id(line, "ItemRef"))
        if part is not None:
            line["ItemRef"].update(name=part.body["Name"], type=part.body["Type"])


def check_item(company: Company, doc: Doc, before: Doc | None) -> None:
    """What an item of this type must have, and which accounts it may point at."""
    _check_type(company, doc, before)
    parent = company.find("Item", ref_id(doc, "ParentRef"))
    if parent is not None and parent.body.get("Type") != "Category":
        raise refuse("700", "Parent Reference Invalid : only a category has items under it", "ParentRef")
    if doc["Type"] == "Category" and not doc["Active"]:
        raise broken_rule("A category cannot be made inactive.", "Active")
    if doc["Type"] == "Group":
        _check_bundle(company, doc)
    elif doc["Type"] == "Inventory":
        _check_inventory(company, doc)
    elif doc["Type"] != "Category":
        _check_accounts(company, doc)


def _check_type(company: Company, doc: Doc, before: Doc | None) -> None:
    if before is None and doc["Type"] == "Group" and company.settings.bundle_create == "refuse":
        raise refuse("500", "Operation create is not supported for an Item of type Group", "Type")
    fixed = ("Inventory", "Group", "Category")
    if before is not None and before["Type"] != doc["Type"] and {before["Type"], doc["Type"]} & set(fixed):
        raise refuse("2120", f"Invalid Type : an item of type {before['Type']} cannot become {doc['Type']}", "Type")


def _check_bundle(company: Company, doc: Doc) -> None:
    for line in _bundled(doc):
        part = company.find("Item", ref_id(line, "ItemRef"))
        kind = part.body["Type"] if part else ""
        if kind in ("Group", "Category", ""):
            raise broken_rule("A bundle holds products and services, no bundles and no categories.", "ItemRef")


def _check_inventory(company: Company, doc: Doc) -> None:
    problems: list[Problem] = []
    if not ref_id(doc, "AssetAccountRef"):
        problems.append(Problem("2020", NO_ASSET, "AssetAccountRef"))
    problems += [missing(name) for name in ("QtyOnHand", "InvStartDate") if doc.get(name) is None]
    problems += [missing(name) for name in ("IncomeAccountRef", "ExpenseAccountRef") if not ref_id(doc, name)]
    if problems:
        raise Refusal(*problems)
    for name, wanted in TYPE_WANTED.items():
        kind = _account_type(company, doc, name)
        if kind not in wanted:
            raise _wrong_account(name, kind)


def _check_accounts(company: Company, doc: Doc) -> None:
    if not ref_id(doc, "IncomeAccountRef") and not ref_id(doc, "ExpenseAccountRef"):
        raise Refusal(missing("IncomeAccountRef"))
    income, cost = (_account_type(company, doc, name) for name in ("IncomeAccountRef", "ExpenseAccountRef"))
    refused = set(CONTROL)
    if company.settings.item_asset_account == "refuse":
        refused.add("Other Current Asset")
    if income in refused:
        raise _wrong_account("IncomeAccountRef", income)
    if cost in CONTROL:
        raise _wrong_account("ExpenseAccountRef", cost)


def _account_type(company: Company, doc: Doc, name: str) -> str:
    account = company.find("Account", ref_id(doc, name))
    return str(account.body["AccountType"]) if account else ""


def _wrong_account(name: str, kind: str) -> Refusal:
    return refuse("6430", f"Invalid account type: {kind} cannot be an item's {name}", name)
