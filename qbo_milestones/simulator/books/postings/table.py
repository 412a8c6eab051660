"""Which transactions move the ledger, and what draws up their lines."""

from collections.abc import Callable

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Entry, Key
from qbo_milestones.simulator.books.postings.cash import bill_payment, card_payment, deposit, payment, transfer
from qbo_milestones.simulator.books.postings.journals import journal
from qbo_milestones.simulator.books.postings.purchases import bill, purchase, vendor_credit
from qbo_milestones.simulator.books.postings.sales import credit_memo, invoice, refund_receipt, sales_receipt

POSTINGS: dict[str, Callable[[Company, Key, Doc], list[Entry]]] = {
    "Invoice": invoice, "CreditMemo": credit_memo, "SalesReceipt": sales_receipt, "RefundReceipt": refund_receipt,
    "Payment": payment, "Deposit": deposit, "JournalEntry": journal, "Bill": bill, "VendorCredit": vendor_credit,
    "BillPayment": bill_payment, "Purchase": purchase, "Transfer": transfer,
    "CreditCardPayment": card_payment,
}  # fmt: skip


def entries_of(company: Company, key: Key, doc: Doc) -> list[Entry]:
    """The ledger lines of a transaction, debits positive, summing to zero; none for one that does not post."""
    made = POSTINGS.get(key[0])
    return made(company, key, doc) if made else []
