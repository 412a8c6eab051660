"""The order in which live answers name the properties of a transaction, of its lines and of their details."""

from collections.abc import Iterable, Mapping

from qbo_milestones.simulator.amounts import Doc

_FIRST: dict[str, tuple[str, ...]] = {
    "Invoice": (
        "AllowIPNPayment", "AllowOnlinePayment", "AllowOnlineCreditCardPayment", "AllowOnlineACHPayment",
        "AllowOnlinePayPalPayment", "AllowOnlineAffirmPayment", "InvoiceLink", "EInvoiceStatus",
    ),
    "CreditMemo": ("RemainingCredit",),
    "Payment": (
        "CustomerRef", "ARAccountRef", "DepositToAccountRef", "PaymentMethodRef", "PaymentRefNum", "CreditCardPayment",
        "TotalAmt", "HomeTotalAmt", "UnappliedAmt", "ProcessPayment",
    ),
    "JournalEntry": ("Adjustment", "TotalAmt", "HomeTotalAmt"),
    "Deposit": ("DepositToAccountRef", "CashBack", "TotalAmt", "HomeTotalAmt"),
    "Bill": ("SalesTermRef", "DueDate", "VendorAddr", "Balance", "HomeBalance"),
    "VendorCredit": ("VendorAddr", "Balance", "HomeBalance"),
    "BillPayment": (
        "VendorRef", "APAccountRef", "PayType", "CheckPayment", "CreditCardPayment", "TotalAmt", "HomeTotalAmt",
        "ProcessBillPayment",
    ),
    "Purchase": (
        "AccountRef", "PaymentMethodRef", "PaymentRefNum", "PaymentType", "CheckPayment", "CreditCardPayment",
        "EntityRef", "RemitToAddr", "Credit", "TotalAmt", "HomeTotalAmt", "PrintStatus", "PurchaseEx",
    ),
    "PurchaseOrder": ("VendorAddr", "ShipAddr", "ShipTo", "POEmail", "EmailStatus", "POStatus", "DueDate"),
    "Transfer": ("FromAccountRef", "ToAccountRef", "Amount"),
    "CreditCardPayment": ("CreditCardAccountRef", "BankAccountRef", "Amount"),
    "TimeActivity": (
        "TxnDate", "NameOf", "EmployeeRef", "VendorRef", "CustomerRef", "ProjectRef", "DepartmentRef", "ClassRef",
        "ItemRef", "BillableStatus", "Taxable", "HourlyRate", "CostRate", "BreakHours", "BreakMinutes", "StartTime",
        "EndTime", "Hours", "Minutes", "Seconds", "Description",
    ),
}  # fmt: skip
"""What stands before the frame, entity by entity."""

_THEN = (
    "domain", "sparse", "Id", "SyncToken", "MetaData", "CustomField", "AttachableRef", "DocNumber", "TxnDate",
    "DepartmentRef", "CurrencyRef", "ExchangeRate", "PrivateNote", "TxnStatus", "LinkedTxn", "Line", "TxnTaxDetail",
    "TxnSource", "CustomerRef", "CustomerMemo", "BillAddr", "ShipAddr", "FreeFormAddress", "ShipFromAddr", "ProjectRef",
    "ClassRef", "SalesTermRef", "DueDate", "ShipMethodRef", "ShipDate", "TrackingNum", "GlobalTaxCalculation",
    "VendorRef", "APAccountRef", "TotalAmt", "HomeTotalAmt", "ApplyTaxAfterDiscount", "PrintStatus", "EmailStatus",
    "BillEmail", "BillEmailCc", "BillEmailBcc", "Balance", "HomeBalance", "Deposit", "PaymentRefNum",
    "PaymentMethodRef", "DepositToAccountRef", "DeliveryInfo", "ExpirationDate", "AcceptedBy", "AcceptedDate", "Memo",
)  # fmt: skip
"""The frame, what every transaction has, then what sales forms and bills have."""

_LINE = (
    "Id", "LineNum", "Description", "Amount", "LinkedTxn", "DetailType", "SalesItemLineDetail", "GroupLineDetail",
    "DescriptionLineDetail", "DiscountLineDetail", "SubTotalLineDetail", "JournalEntryLineDetail", "DepositLineDetail",
    "AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail", "ProjectRef", "LineEx", "CustomExtensions",
)  # fmt: skip
_DETAIL = (
    "PostingType", "Entity", "CustomerRef", "ClassRef", "AccountRef", "DepartmentRef", "BillableStatus", "MarkupInfo",
    "ServiceDate", "ItemRef", "UnitPrice", "Qty", "ItemAccountRef", "TaxCodeRef", "PaymentMethodRef", "CheckNum",
)  # fmt: skip


def _places(*parts: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(dict.fromkeys(name for part in parts for name in part))}


PLACES: Mapping[str, Mapping[str, int]] = {name: _places(first, _THEN) for name, first in _FIRST.items()}
COMMON: Mapping[str, int] = _places(_THEN)
LINE_PLACES: Mapping[str, int] = _places(_LINE)
DETAIL_PLACES: Mapping[str, int] = _places(_DETAIL)


def in_order(body: Doc, places: Mapping[str, int]) -> Doc:
    """The same properties in this order; what has no place comes last, as it stands."""
    last = len(places)
    return {name: body[name] for name in sorted(body, key=lambda name: places.get(name, last))}
