"""Opening balances: what a new customer, vendor, account or stock brings in, posted against equity."""

from decimal import Decimal
from typing import NamedTuple

from qbo_milestones.simulator.amounts import Doc, half_up
from qbo_milestones.simulator.books.chart import account_for
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import refuse
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.schema.accounts import ACCOUNT_TYPES

CREDITED = ("Liability", "Equity")
NO_OPENING = ("Revenue", "Expense", "Non-Posting")
OPENED = ("Customer", "Vendor", "Account", "Item")
"""What may bring in an opening balance."""


class Opening(NamedTuple):
    """An amount in the natural direction of what it opens, and its day."""

    amount: Decimal
    day: str


def take_opening(company: Company, name: str, doc: Doc) -> Opening | None:
    """Take what a request says of the opening balance out of it; 6060 for an amount on an account without its day."""
    fields = ("OpeningBalance", "OpeningBalanceDate") if name == "Account" else ("Balance", "OpenBalanceDate")
    amount, day = (doc.pop(field, None) for field in fields)
    if name == "Item":
        stock = doc.get("Type") == "Inventory" or doc.get("TrackQtyOnHand")
        amount = (doc.get("QtyOnHand") or 0) * (doc.get("PurchaseCost") or 0) if stock else 0
        day = doc.get("InvStartDate")
    if not amount or ACCOUNT_TYPES.get(str(doc.get("AccountType"))) in NO_OPENING:
        return None
    if name == "Account" and not day:
        raise refuse("6060", "An Account.OpenBalanceDate is required when specifying an Account.OpenBalance", fields[1])
    return Opening(half_up(Decimal(amount)), str(day or company.today())[:10])


def opening_journal(company: Company, name: str, body: Doc, opening: Opening) -> Doc:
    """The journal that posts it, as a request."""
    account, debit, party = _opened(company, name, body)
    up, down = ("Debit", "Credit") if debit == (opening.amount > 0) else ("Credit", "Debit")
    lines = [
        _line(account, up, opening.amount, party),
        _line(account_for(company, "opening balance"), down, opening.amount),
    ]
    doc = {"TxnDate": opening.day, "Line": lines, "PrivateNote": "Opening Balance"}
    return {**doc, "CurrencyRef": body["CurrencyRef"]} if "CurrencyRef" in body else doc


def _opened(company: Company, name: str, body: Doc) -> tuple[str, bool, Doc]:
    """(account, whether a positive amount is a debit, the Entity group of the line)."""
    currency = ref_id(body, "CurrencyRef")
    if name == "Item":
        return ref_id(body, "AssetAccountRef"), True, {}
    if name == "Account":
        return str(body["Id"]), body["Classification"] not in CREDITED, {}
    purpose, debit = ("receivable", True) if name == "Customer" else ("payable", False)
    entity = {"Entity": {"Type": name, "EntityRef": {"value": str(body["Id"])}}}
    return account_for(company, purpose, currency), debit, entity


def _line(account: str, side: str, amount: Decimal, party: Doc | None = None) -> Doc:
    detail = {"PostingType": side, "AccountRef": {"value": account}, **(party or {})}
    return {"Amount": abs(amount), "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail}
