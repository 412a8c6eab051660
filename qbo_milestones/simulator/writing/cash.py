"""Completes and checks payments, and the account that cash goes to (quickbooks-online.md 6.4)."""

from decimal import Decimal

from qbo_milestones.simulator.amounts import Doc, half_up, money
from qbo_milestones.simulator.books.chart import account_for, account_type
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.links import unapplied_cents
from qbo_milestones.simulator.faults import broken_rule, refuse, wrong_account
from qbo_milestones.simulator.refs import display_name, ref_id
from qbo_milestones.simulator.writing.applications import check_applications, settler_lines

BANKS = {"Bank", "Other Current Asset", "Credit Card"}


def complete_payment(company: Company, _name: str, doc: Doc, before: Doc | None, _given: set[str]) -> None:
    """Fill in and check everything that QuickBooks computes for a payment, in place."""
    doc["TotalAmt"] = half_up(Decimal(doc["TotalAmt"]))
    if doc["TotalAmt"] < 0:
        raise refuse("2140", f"Invalid Amount : {doc['TotalAmt']}", "TotalAmt")
    doc["Line"] = settler_lines(doc)
    own = ("Payment", str((before or doc).get("Id") or ""))
    check_applications(company, own, doc, ("Customer", ref_id(doc, "CustomerRef")))
    doc["UnappliedAmt"] = money(unapplied_cents(company, doc))
    if doc["UnappliedAmt"] < 0:
        raise broken_rule("The amount applied is greater than the payment and the credits.", "TotalAmt")
    complete_cash_account(company, doc)
    doc["DepositToAccountRef"].pop("name", None)
    doc["ProcessPayment"] = bool(doc.get("ProcessPayment"))
    doc.setdefault("LinkedTxn", [])


def complete_cash_account(company: Company, doc: Doc) -> None:
    """Cash goes to Undeposited Funds unless an account is named; other kinds of account are refused (6430)."""
    if not ref_id(doc, "DepositToAccountRef"):
        doc["DepositToAccountRef"] = {"value": account_for(company, "undeposited")}
    account = company.find("Account", ref_id(doc, "DepositToAccountRef"))
    if account is not None:
        doc["DepositToAccountRef"]["name"] = display_name(account.body)
    if account_type(company, ref_id(doc, "DepositToAccountRef")) not in BANKS:
        raise wrong_account("DepositToAccountRef")
