"""What each kind of transaction puts on the ledger."""

from collections.abc import Callable, Iterator

from qbo_milestones.simulator.amounts import Doc, cents
from qbo_milestones.simulator.books.chart import account_for, is_receivable
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Entry
from qbo_milestones.simulator.books.links import applications, linked_keys, sign_of
from qbo_milestones.simulator.refs import ref_id


def entries_of(company: Company, name: str, doc: Doc) -> list[Entry]:
    """The ledger lines of a transaction, debits positive, summing to zero."""
    return POSTINGS[name](company, doc)


def item_lines(lines: list[Doc]) -> Iterator[Doc]:
    """The sales lines, those inside a group among them."""
    for line in lines:
        if line.get("DetailType") == "SalesItemLineDetail":
            yield line
        elif line.get("DetailType") == "GroupLineDetail":
            yield from item_lines((line.get("GroupLineDetail") or {}).get("Line") or [])


def line_account(company: Company, line: Doc) -> str:
    """The account a sales line posts to: its item's income account."""
    item = company.find("Item", ref_id(line.get("SalesItemLineDetail") or {}, "ItemRef"))
    named = ref_id(item.body, "IncomeAccountRef") if item else ""
    return named or account_for(company, "uncategorised")


def _income(company: Company, doc: Doc, sign: int) -> list[Entry]:
    """Income, discount and tax of a sales form: credits for a sale (sign +1), debits for a refund (-1)."""
    customer = ref_id(doc, "CustomerRef")
    entries = [
        Entry(line_account(company, line), -sign * cents(line.get("Amount") or 0), customer)
        for line in item_lines(doc["Line"])
    ]
    for line in doc["Line"]:
        if line.get("DetailType") == "DiscountLineDetail":
            account = ref_id(line.get("DiscountLineDetail") or {}, "DiscountAccountRef")
            amount = sign * cents(line.get("Amount") or 0)
            entries.append(Entry(account or account_for(company, "discounts"), amount, customer))
    tax = cents((doc.get("TxnTaxDetail") or {}).get("TotalTax") or 0)
    if tax:
        entries.append(Entry(account_for(company, "sales tax"), -sign * tax, customer))
    return entries


def _receivable_account(company: Company, doc: Doc) -> str:
    return ref_id(doc, "ARAccountRef") or account_for(company, "receivable")


def _invoice(company: Company, doc: Doc) -> list[Entry]:
    customer = ref_id(doc, "CustomerRef")
    paid_down = cents(doc.get("Deposit") or 0)
    owed = Entry(_receivable_account(company, doc), cents(doc["TotalAmt"]) - paid_down, customer, True)
    entries = [owed, *_income(company, doc, 1)]
    if paid_down:
        entries.append(Entry(_cash_account(company, doc), paid_down, customer))
    return entries


def _credit_memo(company: Company, doc: Doc) -> list[Entry]:
    customer = ref_id(doc, "CustomerRef")
    credit = Entry(_receivable_account(company, doc), -cents(doc["TotalAmt"]), customer, True)
    return [credit, *_income(company, doc, -1)]


def _cash_account(company: Company, doc: Doc) -> str:
    return ref_id(doc, "DepositToAccountRef") or account_for(company, "undeposited")


def _sales_receipt(company: Company, doc: Doc) -> list[Entry]:
    cash = Entry(_cash_account(company, doc), cents(doc["TotalAmt"]), ref_id(doc, "CustomerRef"))
    return [cash, *_income(company, doc, 1)]


def _refund_receipt(company: Company, doc: Doc) -> list[Entry]:
    cash = Entry(_cash_account(company, doc), -cents(doc["TotalAmt"]), ref_id(doc, "CustomerRef"))
    return [cash, *_income(company, doc, -1)]


def _payment(company: Company, doc: Doc) -> list[Entry]:
    """Cash against A/R. What is applied moves the paid document's customer, the rest the payer."""
    receivable = _receivable_account(company, doc)
    payer = ref_id(doc, "CustomerRef")
    left = cents(doc["TotalAmt"])
    entries = [Entry(_cash_account(company, doc), left, payer)]
    for key, amount in applications(doc):
        signed = amount * sign_of(company, key)
        left -= signed
        entries.append(Entry(receivable, -signed, _customer_of(company, key) or payer, True))
    return [*entries, Entry(receivable, -left, payer, True)]


def _customer_of(company: Company, key: tuple[str, str]) -> str:
    record = company.find(*key)
    return ref_id(record.body, "CustomerRef") if record else ""


def _journal(company: Company, doc: Doc) -> list[Entry]:
    entries = []
    for line in doc["Line"]:
        detail = line.get("JournalEntryLineDetail")
        if not detail:
            continue
        account = ref_id(detail, "AccountRef")
        amount = cents(line.get("Amount") or 0) * (1 if detail["PostingType"] == "Debit" else -1)
        customer = ref_id(detail.get("Entity") or {}, "EntityRef")
        entries.append(Entry(account, amount, customer, is_receivable(company, account)))
    return entries


def _deposit(company: Company, doc: Doc) -> list[Entry]:
    """Cash to the bank against undeposited documents and the accounts of free lines (negative ones are fees)."""
    entries = [Entry(ref_id(doc, "DepositToAccountRef"), cents(doc["TotalAmt"]))]
    for line in doc["Line"]:
        amount = cents(line.get("Amount") or 0)
        source = next(linked_keys(line), None)
        if source is not None:
            record = company.find(*source)
            account = _cash_account(company, record.body if record else {})
            entries.append(Entry(account, -amount))
        else:
            detail = line.get("DepositLineDetail") or {}
            account = ref_id(detail, "AccountRef")
            entries.append(Entry(account, -amount, _payer(detail), is_receivable(company, account)))
    back = doc.get("CashBack") or {}
    if back.get("Amount"):
        entries.append(Entry(ref_id(back, "AccountRef"), cents(back["Amount"])))
    return entries


def _payer(detail: Doc) -> str:
    entity = detail.get("Entity") or {}
    return str(entity.get("value") or ref_id(entity, "EntityRef"))


POSTINGS: dict[str, Callable[[Company, Doc], list[Entry]]] = {
    "Invoice": _invoice, "CreditMemo": _credit_memo, "SalesReceipt": _sales_receipt,
    "RefundReceipt": _refund_receipt, "Payment": _payment, "JournalEntry": _journal, "Deposit": _deposit,
}  # fmt: skip
