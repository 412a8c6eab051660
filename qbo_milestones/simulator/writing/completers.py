"""Who completes which entity: everything that QuickBooks computes for an object before it is stored."""

from collections.abc import Callable

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.schema.fields import EntitySpec
from qbo_milestones.simulator.writing.attachments import complete_attachable
from qbo_milestones.simulator.writing.cash import complete_cash_account, complete_payment
from qbo_milestones.simulator.writing.currency import complete_currency, complete_home_amounts
from qbo_milestones.simulator.writing.deposits import complete_deposit
from qbo_milestones.simulator.writing.hours import complete_time
from qbo_milestones.simulator.writing.journals import complete_journal
from qbo_milestones.simulator.writing.names import COMPLETED, complete_name
from qbo_milestones.simulator.writing.purchases import (
    complete_bill_payment,
    complete_bought,
    complete_card_payment,
    complete_purchase,
    complete_transfer,
)
from qbo_milestones.simulator.writing.sales import complete_sale

SALES = ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt", "Estimate")
Completer = Callable[[Company, str, Doc, Doc | None, set[str]], None]


def complete(company: Company, spec: EntitySpec, doc: Doc, before: Doc | None, given: set[str]) -> None:
    """Everything that QuickBooks computes for an object, in place."""
    has_currency = spec.is_transaction and "ExchangeRate" in spec.fields
    if has_currency:
        complete_currency(company, doc, given)
    if spec.name in COMPLETERS:
        COMPLETERS[spec.name](company, spec.name, doc, before, given)
    if spec.name in ("SalesReceipt", "RefundReceipt"):
        complete_cash_account(company, doc)
    if spec.name == "Invoice" and doc.get("Deposit") and not ref_id(doc, "DepositToAccountRef"):
        complete_cash_account(company, doc)
    if has_currency:
        complete_home_amounts(company, doc)


COMPLETERS: dict[str, Completer] = {
    **dict.fromkeys(SALES, complete_sale),
    **dict.fromkeys(("Bill", "VendorCredit", "PurchaseOrder"), complete_bought),
    **dict.fromkeys(COMPLETED, complete_name),
    "JournalEntry": complete_journal, "Payment": complete_payment, "Deposit": complete_deposit,
    "Purchase": complete_purchase, "BillPayment": complete_bill_payment, "Transfer": complete_transfer,
    "CreditCardPayment": complete_card_payment,
    "TimeActivity": complete_time, "Attachable": complete_attachable,
}  # fmt: skip
