"""What all transactions share: the frame of money, the operations that most of them know, how cash is paid."""

from qbo_milestones.simulator.schema.fields import (
    Field,
    Operation,
    anything,
    date,
    listing,
    number,
    ref,
    text,
)
from qbo_milestones.simulator.schema.shapes import FRAME, LINE, LINK, TAX_DETAIL

BASE: frozenset[Operation] = frozenset({"create", "read", "query", "update", "delete"})

MONEY: dict[str, Field] = {
    **FRAME, "DocNumber": text(21, "fs"), "TxnDate": date("fs"), "PrivateNote": text(4000),
    "CurrencyRef": ref(""), "ExchangeRate": number(), "TotalAmt": number("-"), "HomeTotalAmt": number("-"),
    "TxnTaxDetail": TAX_DETAIL, "GlobalTaxCalculation": text(30), "DepartmentRef": ref("Department"),
    "TxnSource": text(), "TxnStatus": text(), "RecurDataRef": ref(""), "TaxExemptionRef": anything(),
    "TransactionLocationType": text(), "LinkedTxn": listing(LINK), "Line": listing(LINE, "!"),
}  # fmt: skip

CASH: dict[str, Field] = {
    "PaymentMethodRef": ref("PaymentMethod"), "PaymentType": text(), "CheckPayment": anything(),
    "CreditCardPayment": anything(), "DepositToAccountRef": ref("Account"),
}  # fmt: skip
