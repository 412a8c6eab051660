"""The transactions, as data: what each holds, what may be asked of it, how it may be searched."""

from qbo_milestones.simulator.schema.fields import (
    EntitySpec,
    Field,
    Operation,
    anything,
    choice,
    date,
    flag,
    group,
    listing,
    number,
    ref,
    text,
)
from qbo_milestones.simulator.schema.shapes import ADDRESS, CUSTOM_FIELD, EMAIL, FRAME, LINE, LINK, MEMO, TAX_DETAIL

_BASE: frozenset[Operation] = frozenset({"create", "read", "query", "update", "delete"})

MONEY: dict[str, Field] = {
    **FRAME, "DocNumber": text(21, "fs"), "TxnDate": date("fs"), "PrivateNote": text(4000),
    "CurrencyRef": ref(""), "ExchangeRate": number(), "TotalAmt": number("fs"), "HomeTotalAmt": number("-"),
    "TxnTaxDetail": TAX_DETAIL, "GlobalTaxCalculation": text(30), "DepartmentRef": ref("Department"),
    "TxnSource": text(), "TxnStatus": text(), "RecurDataRef": ref(""), "TaxExemptionRef": anything(),
    "TransactionLocationType": text(), "LinkedTxn": listing(LINK), "Line": listing(LINE, "!"),
}  # fmt: skip

SALE: dict[str, Field] = {
    **MONEY, "TotalAmt": number("-fs"), "CustomerRef": ref("Customer", "!f"), "ProjectRef": ref("Customer", "f"),
    "ClassRef": ref("Class"), "CustomerMemo": MEMO, "CustomField": listing(CUSTOM_FIELD),
    "BillAddr": ADDRESS, "ShipAddr": ADDRESS, "ShipFromAddr": ADDRESS, "FreeFormAddress": flag(),
    "BillEmail": EMAIL, "BillEmailCc": EMAIL, "BillEmailBcc": EMAIL,
    "EmailStatus": choice("NotSet", "NeedToSend", "EmailSent"),
    "PrintStatus": choice("NotSet", "NeedToPrint", "PrintComplete"), "DeliveryInfo": anything(),
    "ApplyTaxAfterDiscount": flag(), "AutoDocNumber": flag(), "ShipDate": date(), "ShipMethodRef": anything(),
    "TrackingNum": text(31), "Balance": number("-fs"), "HomeBalance": number("-"),
}  # fmt: skip

_CASH: dict[str, Field] = {
    "PaymentMethodRef": ref("PaymentMethod"), "PaymentType": text(), "CheckPayment": anything(),
    "CreditCardPayment": anything(), "DepositToAccountRef": ref("Account"),
}  # fmt: skip

TRANSACTIONS = [
    EntitySpec(
        "Invoice",
        {
            **SALE, "DueDate": date("fs"), "SalesTermRef": ref("Term", "f"), "Deposit": number(),
            "DepositToAccountRef": ref("Account"), "AllowIPNPayment": flag(), "AllowOnlinePayment": flag(),
            "AllowOnlineCreditCardPayment": flag(), "AllowOnlineACHPayment": flag(),
            "AllowOnlinePayPalPayment": flag(), "AllowOnlineAffirmPayment": flag(), "InvoiceLink": text(-1, "-"),
            "EInvoiceStatus": text(-1, "-"), "ARAccountRef": ref("Account"), "TxnRetainageDetail": anything("-"),
            "invoiceStatus": text(-1, "-"),
        },
        _BASE | {"void", "send"}, posts=True,
    ),
    EntitySpec(
        "CreditMemo",
        {
            **SALE, **_CASH, "SalesTermRef": ref("Term", "f"), "RemainingCredit": number("-"),
            "ARAccountRef": ref("Account"), "InvoiceRef": anything(),
        },
        _BASE | {"void", "send"}, posts=True,
    ),
    EntitySpec(
        "SalesReceipt", {**SALE, **_CASH, "PaymentRefNum": text(21)}, _BASE | {"void", "send"}, posts=True
    ),
    EntitySpec(
        "RefundReceipt",
        {**SALE, **_CASH, "PaymentRefNum": text(100), "DepositToAccountRef": ref("Account", "!")},
        _BASE | {"void", "send"}, posts=True,
    ),
    EntitySpec(
        "Payment",
        {
            **{name: field for name, field in MONEY.items() if name != "DocNumber"}, **_CASH,
            "DocNumber": text(21), "Line": listing(LINE), "TotalAmt": number("!fs"),
            "CustomerRef": ref("Customer", "!f"), "ProjectRef": ref("Customer", "f"),
            "PaymentRefNum": text(21, "fs"), "UnappliedAmt": number("-"), "ProcessPayment": flag(),
            "ARAccountRef": ref("Account"),
        },
        _BASE | {"void", "send"}, posts=True,
    ),
    EntitySpec(
        "JournalEntry", {**MONEY, "TotalAmt": number("-"), "Adjustment": flag(), "CustomField": listing(CUSTOM_FIELD)},
        _BASE, posts=True,
    ),
    EntitySpec(
        "Deposit",
        {
            **MONEY, "TotalAmt": number("-fs"), "DepositToAccountRef": ref("Account", "!f"), "ClassRef": ref("Class"),
            "CashBack": group(AccountRef=ref("Account"), Amount=number(), Memo=text(4000)),
        },
        _BASE, posts=True,
    ),
]  # fmt: skip
