"""Postings of what is bought: bills, vendor credits, purchases by cash, cheque or card."""

from collections.abc import Iterator

from qbo_milestones.simulator.amounts import Doc, cents
from qbo_milestones.simulator.books.chart import account_for, is_control
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Entry, Key
from qbo_milestones.simulator.books.links import control_account, purchase_party
from qbo_milestones.simulator.books.postings.voucher import Voucher
from qbo_milestones.simulator.refs import ref_id

COSTS = ("AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail")


def cost_lines(doc: Doc) -> Iterator[tuple[Doc, Doc]]:
    """(line, its detail) of everything that was bought."""
    for line in doc.get("Line") or []:
        for name in COSTS:
            if line.get(name):
                yield line, line[name]


def cost_account(company: Company, detail: Doc) -> str:
    """The account of a cost line: the one it names, or its item's expense or inventory account."""
    if ref_id(detail, "AccountRef"):
        return ref_id(detail, "AccountRef")
    item = company.find("Item", ref_id(detail, "ItemRef"))
    body = item.body if item else {}
    stock = ref_id(body, "AssetAccountRef") if body.get("Type") == "Inventory" else ""
    return stock or ref_id(body, "ExpenseAccountRef") or account_for(company, "uncategorised cost")


def bill(company: Company, key: Key, doc: Doc) -> list[Entry]:
    """Costs against A/P."""
    return _on_account(company, key, doc, 1)


def vendor_credit(company: Company, key: Key, doc: Doc) -> list[Entry]:
    """A/P against costs given back."""
    return _on_account(company, key, doc, -1)


def _on_account(company: Company, key: Key, doc: Doc, sign: int) -> list[Entry]:
    voucher, vendor = Voucher(company, key, doc), ("Vendor", ref_id(doc, "VendorRef"))
    voucher.put_control(control_account(company, key[0], doc), -sign * cents(doc["TotalAmt"]), vendor)
    _put_costs(voucher, vendor, sign)
    return voucher.entries()


def purchase(company: Company, key: Key, doc: Doc) -> list[Entry]:
    """Costs against the bank or the credit card; a credit the other way round."""
    voucher, payee = Voucher(company, key, doc), purchase_party(doc)
    sign = -1 if doc.get("Credit") else 1
    voucher.put(ref_id(doc, "AccountRef"), -sign * cents(doc["TotalAmt"]), payee)
    _put_costs(voucher, payee, sign)
    return voucher.entries()


def _put_costs(voucher: Voucher, payee: Key | None, sign: int) -> None:
    for line, detail in cost_lines(voucher.doc):
        account, memo = cost_account(voucher.company, detail), str(line.get("Description") or "")
        amount, customer = sign * cents(line.get("Amount") or 0), ref_id(detail, "CustomerRef")
        if is_control(voucher.company, account):
            voucher.put_control(account, amount, ("Customer", customer) if customer else payee, memo=memo)
        else:
            voucher.put(account, amount, payee, detail, memo)
    tax = cents((voucher.doc.get("TxnTaxDetail") or {}).get("TotalTax") or 0)
    if tax:
        voucher.put(account_for(voucher.company, "sales tax"), sign * tax, payee)
