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

    @property
    def address(self) -> str:
        """Which property holds the e-mail address that it is sent to."""
        return "POEmail" if self.entity == "PurchaseOrder" else "BillEmail"

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


def _spent(amount: int, account: str = "17") -> list[Doc]:
    detail = {"AccountRef": _ref(account)}
    return [{"Amount": amount, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": detail}]


def _ordered(amount: int) -> list[Doc]:
    detail = {"ItemRef": _ref("5"), "Qty": 1, "UnitPrice": amount}
    return [{"Amount": amount, "DetailType": "ItemBasedExpenseLineDetail", "ItemBasedExpenseLineDetail": detail}]


FOUNDATIONS: Doc = {
    "Account": [{"Id": "900", "Name": "Company card", "AccountType": "Credit Card", "AccountSubType": "CreditCard"}],
    "Vendor": [{"Id": "901", "DisplayName": "Paper & Co"}],
    "Employee": [{"Id": "902", "GivenName": "Ada", "FamilyName": "Quill", "DisplayName": "Ada Quill"}],
    "Bill": [{"Id": "9001", "VendorRef": _ref("901"), "TxnDate": "2026-10-01", "Line": _spent(80)}],
}
"""What rows refer to; it is loaded before they are driven."""
_FROM: Doc = {"VendorRef": _ref("901")}
_PAID = [{"Amount": 80, "LinkedTxn": [{"TxnId": "9001", "TxnType": "Bill"}]}]

ROWS = [
    Row("Customer", {"DisplayName": "Quill & Sons' Press"}, {"Notes": "prefers mornings"},
        ("DisplayName", "Quill & Sons' Press"), "inactive"),
    Row("Item", {"Name": "Workshop day", "Type": "Service", "IncomeAccountRef": _ref("9")},
        {"Description": "A day on site"}, ("Name", "Workshop day"), "inactive"),
    Row("Account", {"Name": "Petty cash", "AccountType": "Bank", "AccountSubType": "CashOnHand"},
        {"Description": "The tin"}, ("Name", "Petty cash"), "inactive"),
    Row("Term", {"Name": "Net 90", "DueDays": 90}, {"DiscountDays": 10}, ("Name", "Net 90"), "inactive"),
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
    Row("Vendor", {"DisplayName": "Ink Works"}, {"AcctNum": "N-77"}, ("DisplayName", "Ink Works"), "inactive"),
    Row("Employee", {"GivenName": "Bo", "FamilyName": "Lind"}, {"EmployeeNumber": "E-7"},
        ("DisplayName", "Bo Lind"), "inactive"),
    Row("Estimate", {**_SOLD, "DocNumber": "CL-7", "Line": _sale(300)}, _NOTED, ("DocNumber", "CL-7"),
        sends=True, prints=True),
    Row("PurchaseOrder", {**_FROM, "DocNumber": "CL-8", "POEmail": {"Address": "orders@paper.example"},
                          "APAccountRef": _ref("16"), "Line": _ordered(60)},
        _NOTED, ("DocNumber", "CL-8"), sends=True, prints=True),
    Row("Bill", {**_FROM, "DocNumber": "CL-9", "Line": _spent(35)}, _NOTED, ("DocNumber", "CL-9")),
    Row("VendorCredit", {**_FROM, "DocNumber": "CL-10", "Line": _spent(15)}, _NOTED, ("DocNumber", "CL-10")),
    Row("BillPayment", {**_FROM, "PayType": "Check", "CheckPayment": {"BankAccountRef": _ref("1")}, "TotalAmt": 80,
                        "DocNumber": "CL-11", "Line": _PAID}, _NOTED, ("DocNumber", "CL-11"), voids=True),
    Row("Purchase", {"PaymentType": "CreditCard", "AccountRef": _ref("900"), "DocNumber": "CL-12", "Line": _spent(22),
                     "EntityRef": {"value": "901", "type": "Vendor"}}, _NOTED, ("DocNumber", "CL-12")),
    Row("Transfer", {"FromAccountRef": _ref("1"), "ToAccountRef": _ref("13"), "Amount": 500}, _NOTED,
        ("TxnDate", "2026-10-15")),
    Row("TimeActivity", {"NameOf": "Employee", "EmployeeRef": _ref("902"), "CustomerRef": _ref("1"),
                         "ItemRef": _ref("4"), "TxnDate": "2026-10-14", "Hours": 2, "Minutes": 30, "HourlyRate": 90,
                         "BillableStatus": "Billable"}, {"Description": "workshop"}, ("TxnDate", "2026-10-14")),
    Row("Attachable", {"Note": "Rang at noon"}, {"Tag": "calls"}, ("Note", "Rang at noon")),
]  # fmt: skip

_SAME_NAMES = (
    "BalanceSheet", "ProfitAndLoss", "ProfitAndLossDetail", "TrialBalance", "CashFlow", "CustomerSales", "ItemSales",
    "CustomerIncome", "CustomerBalance", "CustomerBalanceDetail", "AgedReceivables", "AgedReceivableDetail",
    "VendorBalance", "VendorBalanceDetail", "AgedPayables", "AgedPayableDetail", "VendorExpenses", "TransactionList",
    "TransactionListWithSplits", "TransactionListByCustomer", "TransactionListByVendor", "DepartmentSales",
    "ClassSales", "JournalReport",
)  # fmt: skip
REPORTS = {
    **{name: name for name in _SAME_NAMES}, "GeneralLedger": "GeneralLedgerDetail", "AccountList": "AccountListDetail",
}  # fmt: skip
"""Report -> what node-quickbooks calls it."""
READ_ONLY = ("TaxCode", "TaxRate", "TaxAgency")
"""Entities that are read and searched."""
