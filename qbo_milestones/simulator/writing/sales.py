"""Completes sales forms: tax, totals, due date, deposit (quickbooks-online.md 6.1)."""

from decimal import Decimal

from qbo_milestones.simulator.amounts import Doc, half_up
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.postings.sales import item_lines
from qbo_milestones.simulator.faults import NEGATIVE, broken_rule, refuse
from qbo_milestones.simulator.writing.form_addresses import complete_addresses
from qbo_milestones.simulator.writing.form_lines import (
    SOLD,
    add_subtotal,
    complete_lines,
    discount_of,
    extras,
    subtotal,
)
from qbo_milestones.simulator.writing.origins import check_origins
from qbo_milestones.simulator.writing.tax import Taxable, complete_tax
from qbo_milestones.simulator.writing.terms import due_date

ZERO = Decimal(0)


def complete_sale(company: Company, name: str, doc: Doc, before: Doc | None, given: set[str]) -> None:
    """Fill in and check everything that QuickBooks computes for a sales form, in place."""
    complete_lines(company, doc, before)
    _complete_amounts(company, doc, given)
    add_subtotal(doc)
    check_origins(company, name, doc, before)
    complete_addresses(company, doc, before)
    defaults: Doc = {"EmailStatus": "NotSet", "PrintStatus": "NotSet", "LinkedTxn": [], "CustomField": [],
                     "ApplyTaxAfterDiscount": False, "FreeFormAddress": True}  # fmt: skip
    _fill(doc, defaults)
    if name == "Estimate":
        doc["TxnStatus"] = doc.get("TxnStatus") or "Pending"
    else:
        doc.setdefault("Balance", ZERO)
    if name == "Invoice":
        _invoice(company, doc, given)


def _complete_amounts(company: Company, doc: Doc, given: set[str]) -> None:
    """Discount, tax and total. Tax that is held in the prices changes the amounts that the rest is reckoned from."""
    discount, sold = discount_of(company, doc), subtotal(doc)
    taken_off = discount / sold if discount and sold and doc.get("ApplyTaxAfterDiscount") else ZERO
    taxable = Taxable([(line, line[SOLD]) for line in item_lines(doc["Line"])], discounted=taken_off)
    complete_tax(company, doc, taxable, fresh="TxnTaxDetail" in given)
    discount, tax = discount_of(company, doc), Decimal(doc["TxnTaxDetail"]["TotalTax"])
    doc["TotalAmt"] = half_up(subtotal(doc) - discount + extras(doc) + tax)
    if doc["TotalAmt"] < 0:
        raise broken_rule("The total of the transaction must not be negative.", "TotalAmt")


def _fill(doc: Doc, defaults: Doc) -> None:
    for field, value in defaults.items():
        if doc.get(field) is None:
            doc[field] = value


def _invoice(company: Company, doc: Doc, given: set[str]) -> None:
    off = ("AllowIPNPayment", "AllowOnlinePayment", "AllowOnlineCreditCardPayment", "AllowOnlineACHPayment")
    doc.update({field: False for field in off if field == "AllowIPNPayment" or not doc.get(field)})
    if doc.get("EmailStatus") == "NeedToSend" and not (doc.get("BillEmail") or {}).get("Address"):
        raise refuse("2020", "Required parameter BillEmail is missing in the request", "BillEmail")
    if ("DueDate" not in given and {"SalesTermRef", "TxnDate"} & given) or doc.get("DueDate") is None:
        doc["DueDate"] = due_date(company, doc, "SalesFormsPrefs")
    if doc.get("Deposit") is not None:
        _check_deposit(doc)


def _check_deposit(doc: Doc) -> None:
    """What was paid down at once is part of the total."""
    doc["Deposit"] = half_up(Decimal(doc["Deposit"]))
    if doc["Deposit"] < 0:
        raise refuse("2290", NEGATIVE, "Deposit")
    if doc["Deposit"] > doc["TotalAmt"]:
        raise broken_rule("The deposit must not be greater than the total of the transaction.", "Deposit")
