"""One row per entity that public clients are driven over, in Python and in JavaScript: a new entity is a new row."""

from dataclasses import asdict, dataclass
from typing import Any

Doc = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """What to make, what a sparse update changes (a full one takes it back), what to search by, how it ends.

    ``ends``: delete, inactive, or kept; a row that is voided or sent is so before it ends.
    """

    entity: str
    body: Doc
    change: Doc
    find: tuple[str, str] | None = None
    ends: str = "delete"
    voids: bool = False
    sends: bool = False
    prints: bool = False

    def as_json(self) -> Doc:
        """For the driver in JavaScript."""
        return asdict(self)


def _ref(value: str) -> Doc:
    return {"value": value}


def _sale(amount: int, item: str = "4") -> list[Doc]:
    detail = {"ItemRef": _ref(item), "Qty": 2, "UnitPrice": amount / 2}
    return [{"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}]


def _journal(side: str, account: str) -> Doc:
    detail = {"PostingType": side, "AccountRef": _ref(account)}
    return {"Amount": 42.5, "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail}


_SOLD: Doc = {"CustomerRef": _ref("1"), "BillEmail": {"Address": "ap@acme-robotics.example"}}
_NOTED: Doc = {"PrivateNote": "as agreed on the phone"}
_BANKED: Doc = {
    "Amount": 75, "DetailType": "DepositLineDetail", "Description": "found",
    "DepositLineDetail": {"AccountRef": _ref("9")},
}  # fmt: skip

ROWS = [
    Row("Customer", {"DisplayName": "Quill & Sons' Press"}, {"Notes": "prefers mornings"},
        ("DisplayName", "Quill & Sons' Press"), "inactive"),
    Row("Item", {"Name": "Workshop day", "Type": "Service", "IncomeAccountRef": _ref("9")},
        {"Description": "A day on site"}, ("Name", "Workshop day"), "inactive"),
    Row("Account", {"Name": "Petty cash", "AccountType": "Bank", "AccountSubType": "CashOnHand"},
        {"Description": "The tin"}, ("Name", "Petty cash"), "inactive"),
    Row("Term", {"Name": "Net 90", "DueDays": 90}, {"DiscountPercent": 2}, ("Name", "Net 90"), "inactive"),
    Row("Class", {"Name": "Research"}, {"Name": "Research and play"}, None, "inactive"),
    Row("Department", {"Name": "Lisbon"}, {"Name": "Lisboa"}, None, "inactive"),
    Row("PaymentMethod", {"Name": "Barter", "Type": "NON_CREDIT_CARD"}, {"Name": "Swap"}, None, "inactive"),
    Row("Invoice", {**_SOLD, "DocNumber": "CL-1", "Line": _sale(120)}, _NOTED, ("DocNumber", "CL-1"),
        voids=True, sends=True, prints=True),
    Row("CreditMemo", {**_SOLD, "DocNumber": "CL-2", "Line": _sale(40)}, _NOTED, ("DocNumber", "CL-2"),
        sends=True, prints=True),
    Row("SalesReceipt", {**_SOLD, "DocNumber": "CL-3", "Line": _sale(60)}, _NOTED, ("DocNumber", "CL-3"),
        voids=True, sends=True, prints=True),
    Row("RefundReceipt", {**_SOLD, "DocNumber": "CL-4", "Line": _sale(20), "DepositToAccountRef": _ref("1")},
        _NOTED, ("DocNumber", "CL-4")),
    Row("Payment", {"CustomerRef": _ref("2"), "TotalAmt": 55, "PaymentRefNum": "CL-5"}, _NOTED,
        ("PaymentRefNum", "CL-5"), voids=True),
    Row("JournalEntry", {"DocNumber": "CL-6", "Line": [_journal("Debit", "10"), _journal("Credit", "1")]},
        _NOTED, ("DocNumber", "CL-6")),
    Row("Deposit", {"DepositToAccountRef": _ref("1"), "Line": [_BANKED]}, _NOTED, ("TxnDate", "2026-10-15")),
    Row("Attachable", {"Note": "Rang at noon"}, {"Tag": "calls"}, ("Note", "Rang at noon")),
]  # fmt: skip

READ_ONLY = ("TaxCode", "TaxRate", "TaxAgency")
"""Entities that are read and searched."""
