"""What kinds of transactions are called in reports, and by which word a report is asked for them."""

from collections.abc import Iterator
from typing import NamedTuple

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Key


class Kind(NamedTuple):
    """The name that reports show, and the value of ``transaction_type``."""

    label: str
    word: str


KINDS = {
    "Invoice": Kind("Invoice", "Invoice"), "CreditMemo": Kind("Credit Memo", "CreditMemo"),
    "SalesReceipt": Kind("Sales Receipt", "SalesReceipt"), "RefundReceipt": Kind("Refund", "CreditRefund"),
    "Payment": Kind("Payment", "ReceivePayment"), "JournalEntry": Kind("Journal Entry", "JournalEntry"),
    "Deposit": Kind("Deposit", "Deposit"), "Bill": Kind("Bill", "Bill"),
    "VendorCredit": Kind("Vendor Credit", "VendorCredit"), "Transfer": Kind("Transfer", "Transfer"),
    "BillPayment": Kind("Bill Payment (Check)", "BillPaymentCheck"), "Purchase": Kind("Expense", "CashPurchase"),
    "Estimate": Kind("Estimate", "Estimate"), "PurchaseOrder": Kind("Purchase Order", "PurchaseOrder"),
    "TimeActivity": Kind("Time Charge", "TimeActivity"),
    "CreditCardPayment": Kind("Credit Card Payment", "CreditCardPayment"),
}  # fmt: skip
"""Entity -> what it is called; every transaction there is."""
BY_PAYMENT = {
    ("BillPayment", "CreditCard"): Kind("Bill Payment (Credit Card)", "BillPaymentCreditCard"),
    ("Purchase", "Check"): Kind("Check", "Check"),
    ("Purchase", "CreditCard"): Kind("Credit Card Expense", "CreditCardCharge"),
}  # fmt: skip
"""(entity, how it was paid) -> what it is called, where that differs."""
CARD_CREDIT = Kind("Credit Card Credit", "CreditCardCredit")


def kind_of(name: str, body: Doc) -> Kind:
    """What a transaction is called."""
    paid = str(body.get("PayType") or body.get("PaymentType") or "")
    if (name, paid) == ("Purchase", "CreditCard") and body.get("Credit"):
        return CARD_CREDIT
    return BY_PAYMENT.get((name, paid)) or KINDS.get(name) or Kind(name, name)


def transactions(company: Company) -> Iterator[tuple[Key, Doc]]:
    """Every transaction, those that do not post and voided ones among them."""
    for name in KINDS:
        if name in company.shelves:
            for object_id, record in company.shelves[name].records.items():
                yield (name, object_id), record.body


def in_order(key: Key, day: str) -> tuple[str, int, str]:
    """How transactions are sorted: by date, then in the order in which they were made."""
    return day, len(key[1]), key[1]
