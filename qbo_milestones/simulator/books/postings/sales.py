"""Postings of the sales forms: invoice, credit memo, sales receipt, refund receipt."""

from collections.abc import Iterator

from qbo_milestones.simulator.amounts import Doc, cents
from qbo_milestones.simulator.books.chart import account_for
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Entry, Key
from qbo_milestones.simulator.books.links import control_account
from qbo_milestones.simulator.books.postings.voucher import Voucher
from qbo_milestones.simulator.refs import ref_id

SPECIAL_ITEMS = {"SHIPPING_ITEM_ID": "shipping", "GRATUITY_ITEM_ID": "gratuity"}
"""ItemRef values that name no item -> the standing account they post to."""


def item_lines(lines: list[Doc]) -> Iterator[Doc]:
    """The sales lines, those inside a group among them."""
    for line in lines:
        if line.get("DetailType") == "SalesItemLineDetail":
            yield line
        elif line.get("DetailType") == "GroupLineDetail":
            yield from item_lines((line.get("GroupLineDetail") or {}).get("Line") or [])


def income_account(company: Company, detail: Doc) -> str:
    """The account a sales line posts to: its item's income account, or the one the line names."""
    item_id = ref_id(detail, "ItemRef")
    if item_id in SPECIAL_ITEMS:
        return account_for(company, SPECIAL_ITEMS[item_id])
    item = company.find("Item", item_id)
    named = ref_id(detail, "ItemAccountRef") or (ref_id(item.body, "IncomeAccountRef") if item else "")
    return named or account_for(company, "uncategorised")


def invoice(company: Company, key: Key, doc: Doc) -> list[Entry]:
    """A/R, less a deposit that was paid down at once, against income."""
    voucher, customer = Voucher(company, key, doc), _customer(doc)
    paid_down = cents(doc.get("Deposit") or 0)
    voucher.put_control(control_account(company, key[0], doc), cents(doc["TotalAmt"]) - paid_down, customer)
    _put_income(voucher, 1)
    if paid_down:
        voucher.put(cash_account(company, doc), paid_down, customer)
    return voucher.entries()


def credit_memo(company: Company, key: Key, doc: Doc) -> list[Entry]:
    """Income taken back against A/R."""
    voucher = Voucher(company, key, doc)
    voucher.put_control(control_account(company, key[0], doc), -cents(doc["TotalAmt"]), _customer(doc))
    _put_income(voucher, -1)
    return voucher.entries()


def sales_receipt(company: Company, key: Key, doc: Doc) -> list[Entry]:
    """Cash against income."""
    return _for_cash(company, key, doc, 1)


def refund_receipt(company: Company, key: Key, doc: Doc) -> list[Entry]:
    """Income taken back against cash."""
    return _for_cash(company, key, doc, -1)


def _for_cash(company: Company, key: Key, doc: Doc, sign: int) -> list[Entry]:
    voucher = Voucher(company, key, doc)
    voucher.put(cash_account(company, doc), sign * cents(doc["TotalAmt"]), _customer(doc))
    _put_income(voucher, sign)
    return voucher.entries()


def cash_account(company: Company, doc: Doc) -> str:
    """Where the money of a document goes: the account it names, or Undeposited Funds."""
    return ref_id(doc, "DepositToAccountRef") or account_for(company, "undeposited")


def _customer(doc: Doc) -> Key | None:
    """Nobody, where something is sold over the counter."""
    return ("Customer", ref_id(doc, "CustomerRef")) if ref_id(doc, "CustomerRef") else None


def _put_income(voucher: Voucher, sign: int) -> None:
    """Income, discount and tax: credits for a sale (sign +1), debits for a refund (-1)."""
    company, doc, customer = voucher.company, voucher.doc, _customer(voucher.doc)
    for line in item_lines(doc["Line"]):
        detail = line.get("SalesItemLineDetail") or {}
        amount = -sign * cents(line.get("Amount") or 0)
        voucher.put(income_account(company, detail), amount, customer, detail, str(line.get("Description") or ""))
    for line in doc["Line"]:
        if line.get("DetailType") == "DiscountLineDetail":
            detail = line.get("DiscountLineDetail") or {}
            account = ref_id(detail, "DiscountAccountRef") or account_for(company, "discounts")
            voucher.put(account, sign * cents(line.get("Amount") or 0), customer, detail)
    tax = cents((doc.get("TxnTaxDetail") or {}).get("TotalTax") or 0)
    if tax:
        voucher.put(account_for(company, "sales tax"), -sign * tax, customer)
