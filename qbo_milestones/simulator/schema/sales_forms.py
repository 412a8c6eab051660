"""The sales forms, as data: invoice, credit memo, sales receipt, refund receipt, estimate."""

from qbo_milestones.simulator.schema.fields import (
    EntitySpec,
    Field,
    anything,
    choice,
    date,
    flag,
    listing,
    number,
    ref,
    text,
)
from qbo_milestones.simulator.schema.money import BASE, CASH, MONEY
from qbo_milestones.simulator.schema.shapes import ADDRESS, CUSTOM_FIELD, EMAIL, MEMO

SALE: dict[str, Field] = {
    **MONEY, "CustomerRef": ref("Customer", "!f"), "ProjectRef": ref("Customer", "f"),
    "ClassRef": ref("Class"), "CustomerMemo": MEMO, "CustomField": listing(CUSTOM_FIELD),
    "BillAddr": ADDRESS, "ShipAddr": ADDRESS, "ShipFromAddr": ADDRESS, "FreeFormAddress": flag(),
    "BillEmail": EMAIL, "BillEmailCc": EMAIL, "BillEmailBcc": EMAIL,
    "EmailStatus": choice("NotSet", "NeedToSend", "EmailSent"),
    "PrintStatus": choice("NotSet", "NeedToPrint", "PrintComplete"), "DeliveryInfo": anything(),
    "ApplyTaxAfterDiscount": flag(), "AutoDocNumber": flag(), "ShipDate": date(), "ShipMethodRef": anything(),
    "TrackingNum": text(31), "Balance": number("-fs"), "HomeBalance": number("-"),
}  # fmt: skip

SALES_FORMS = [
    EntitySpec(
        "Invoice",
        {
            **SALE, "TotalAmt": number("-fs"), "DueDate": date("fs"), "SalesTermRef": ref("Term", "f"),
            "Deposit": number(), "DepositToAccountRef": ref("Account"), "AllowIPNPayment": flag(),
            "AllowOnlinePayment": flag(), "AllowOnlineCreditCardPayment": flag(), "AllowOnlineACHPayment": flag(),
            "AllowOnlinePayPalPayment": flag(), "AllowOnlineAffirmPayment": flag(), "InvoiceLink": text(-1, "-"),
            "EInvoiceStatus": text(-1, "-"), "ARAccountRef": ref("Account"), "TxnRetainageDetail": anything("-"),
            "invoiceStatus": text(-1, "-"),
        },
        BASE | {"void", "send", "pdf"}, posts=True,
    ),
    EntitySpec(
        "CreditMemo",
        {
            **SALE, **CASH, "SalesTermRef": ref("Term", "f"), "RemainingCredit": number("-"),
            "ARAccountRef": ref("Account"), "InvoiceRef": anything(),
        },
        BASE | {"void", "send", "pdf"}, posts=True,
    ),
    EntitySpec(
        "SalesReceipt",
        {**SALE, **CASH, "CustomerRef": ref("Customer", "f"), "TotalAmt": number("-f"), "PaymentRefNum": text(21)},
        BASE | {"void", "send", "pdf"}, posts=True,
    ),
    EntitySpec(
        "RefundReceipt",
        {**SALE, **CASH, "CustomerRef": ref("Customer", "f"), "PaymentType": text(21, "fs"),
         "PaymentRefNum": text(100), "DepositToAccountRef": ref("Account", "!")},
        BASE | {"void", "send", "pdf"}, posts=True,
    ),
    EntitySpec(
        "Estimate",
        {
            **{name: field for name, field in SALE.items() if name not in ("Balance", "HomeBalance")},
            "DueDate": date("fs"), "ExpirationDate": date(), "AcceptedBy": text(100), "AcceptedDate": date(),
            "SalesTermRef": ref("Term"),
            "TxnStatus": choice("Pending", "Accepted", "Closed", "Rejected", "Converted"),
        },
        BASE | {"send", "pdf"},
    ),
]  # fmt: skip
