"""Checks lines of goods whose quantity on hand is tracked: how many, and not before the stock began (6.5)."""

from collections.abc import Iterator

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import Problem, Refusal
from qbo_milestones.simulator.refs import ref_id

DETAILS = ("SalesItemLineDetail", "ItemBasedExpenseLineDetail")


def check_stock(company: Company, doc: Doc) -> None:
    """6520 for a line of stock without its quantity, 6270 for one that is older than the stock."""
    problems = [problem for line in doc.get("Line") or [] for problem in _problems(company, doc, line)]
    if problems:
        raise Refusal(*problems)


def _problems(company: Company, doc: Doc, line: Doc) -> Iterator[Problem]:
    for detail in (line.get(name) or {} for name in DETAILS):
        item = company.find("Item", ref_id(detail, "ItemRef"))
        if item is None or item.body.get("Type") != "Inventory":
            continue
        if detail.get("Qty") is None:
            yield Problem("6520", "The tracked inventory item must have a quantity.", "Qty")
        if str(doc["TxnDate"]) < str(item.body.get("InvStartDate") or ""):
            yield Problem("6270", "Transactions can't be dated earlier than the InventoryStartDate.", "TxnDate")
