"""Completes and checks what is bought: bills, vendor credits, purchases, purchase orders, bill payments, transfers."""

from decimal import Decimal

from qbo_milestones.simulator.amounts import Doc, half_up
from qbo_milestones.simulator.books.chart import PAYABLE, account_for, account_type, is_control
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.currencies import document_currency
from qbo_milestones.simulator.books.links import unapplied_cents
from qbo_milestones.simulator.books.postings.purchases import COSTS, cost_lines
from qbo_milestones.simulator.faults import (
    NO_DETAIL,
    Problem,
    Refusal,
    broken_rule,
    made_inactive,
    missing,
    refuse,
    wrong_account,
)
from qbo_milestones.simulator.refs import display_name, ref_id
from qbo_milestones.simulator.writing.applications import check_applications, settler_lines
from qbo_milestones.simulator.writing.lines import number_lines
from qbo_milestones.simulator.writing.origins import check_origins
from qbo_milestones.simulator.writing.references import not_found
from qbo_milestones.simulator.writing.tax import Taxable, complete_tax, is_american, settled_amount
from qbo_milestones.simulator.writing.terms import due_date

ZERO = Decimal(0)
PAYING = {"Cash": ("Bank", "Other Current Asset"), "Check": ("Bank",), "CreditCard": ("Credit Card",)}
"""PaymentType of a purchase -> account types it can be paid from."""


def complete_bought(company: Company, name: str, doc: Doc, before: Doc | None, given: set[str]) -> None:
    """Fill in and check everything that QuickBooks computes for a bill, a vendor credit or a purchase order."""
    _complete_lines(company, doc, before, "TxnTaxDetail" in given)
    check_origins(company, name, doc, before)
    _complete_account(company, doc)
    doc.setdefault("Balance", ZERO)
    doc.setdefault("LinkedTxn", [])
    vendor = company.find("Vendor", ref_id(doc, "VendorRef"))
    if vendor is not None and doc.get("VendorAddr") is None and vendor.body.get("BillAddr"):
        doc["VendorAddr"] = vendor.body["BillAddr"]
    if name == "Bill":
        _complete_due_date(company, doc, vendor.body if vendor else {}, given)
    if name == "PurchaseOrder":
        doc["POStatus"] = doc.get("POStatus") or "Open"
        doc["EmailStatus"] = doc.get("EmailStatus") or "NotSet"
        del doc["Balance"]


def _complete_account(company: Company, doc: Doc) -> None:
    account = ref_id(doc, "APAccountRef") or account_for(company, "payable", document_currency(company, doc))
    if account_type(company, account) != PAYABLE:
        raise wrong_account("APAccountRef")
    record = company.fetch("Account", account)
    doc["APAccountRef"] = {"value": account, "name": display_name(record.body)}


def _complete_due_date(company: Company, doc: Doc, vendor: Doc, given: set[str]) -> None:
    if not ref_id(doc, "SalesTermRef") and ref_id(vendor, "TermRef"):
        doc["SalesTermRef"] = dict(vendor["TermRef"])
    if ("DueDate" not in given and {"SalesTermRef", "TxnDate"} & given) or doc.get("DueDate") is None:
        doc["DueDate"] = due_date(company, doc)


def _complete_lines(company: Company, doc: Doc, before: Doc | None, fresh: bool, with_number: bool = True) -> None:
    lines = doc.get("Line") or []
    problems = [problem for line in lines for problem in _line_problems(company, line)]
    if not any(True for _ in cost_lines(doc)):
        problems.append(missing("Line"))
    if problems:
        raise Refusal(*problems)
    doc["Line"] = number_lines(lines, before, first=1, with_number=with_number)
    for line, detail in cost_lines(doc):
        line["Amount"] = half_up(Decimal(line["Amount"]))
        detail["BillableStatus"] = detail.get("BillableStatus") or "NotBillable"
        if is_american(company):
            detail["TaxCodeRef"] = detail.get("TaxCodeRef") or {"value": "NON"}
        if detail["BillableStatus"] == "Billable" and not ref_id(detail, "CustomerRef"):
            raise broken_rule("Select a customer for each billable split line.")
        _check_control_line(company, doc, detail)
    if doc.get("TxnTaxDetail") or not is_american(company):
        complete_tax(company, doc, Taxable(list(cost_lines(doc)), "PurchaseTaxRateList"), fresh)
    tax = Decimal((doc.get("TxnTaxDetail") or {}).get("TotalTax") or 0)
    doc["TotalAmt"] = half_up(sum((line["Amount"] for line, _ in cost_lines(doc)), ZERO) + tax)
    if doc["TotalAmt"] < 0:
        raise broken_rule("The total of the transaction must not be negative.", "TotalAmt")


def _check_control_line(company: Company, doc: Doc, detail: Doc) -> None:
    """Bills already stand on A/P, so their lines cannot; a purchase names whom it is about."""
    account = ref_id(detail, "AccountRef")
    if not is_control(company, account):
        return
    if "VendorRef" in doc:
        raise wrong_account("AccountRef")
    if account_type(company, account) != PAYABLE and not ref_id(detail, "CustomerRef"):
        raise broken_rule("When you use Accounts Receivable, you must choose a customer in the Name field.")
    if account_type(company, account) == PAYABLE and (doc.get("EntityRef") or {}).get("type") != "Vendor":
        raise broken_rule("When you use Accounts Payable, you must choose a supplier in the Name field.")


def _line_problems(company: Company, line: Doc) -> list[Problem]:
    kind = line.get("DetailType")
    if kind == "DescriptionOnly":
        return []
    if kind is None:
        return [missing("Line.DetailType")]
    if kind not in COSTS:
        return [Problem("2170", f"Invalid enumeration {kind}", "DetailType")]
    if line.get("Amount") is None:
        return [missing("Line.Amount")]
    detail = line.get(kind) or {}
    if not ref_id(detail, "AccountRef" if kind == COSTS[0] else "ItemRef"):
        return [Problem("6440", NO_DETAIL, "AccountRef" if kind == COSTS[0] else "ItemRef")]
    return settled_amount(company, line, detail)


def complete_purchase(company: Company, _name: str, doc: Doc, before: Doc | None, given: set[str]) -> None:
    """Fill in and check everything that QuickBooks computes for a purchase by cash, cheque or card, in place."""
    if doc.get("EntityRef"):
        _name_entity(company, doc["EntityRef"])
    kind = account_type(company, ref_id(doc, "AccountRef"))
    if kind not in PAYING[doc["PaymentType"]]:
        raise wrong_account("AccountRef")
    _complete_lines(company, doc, before, "TxnTaxDetail" in given, with_number=False)
    doc["Credit"] = bool(doc.get("Credit")) if doc["PaymentType"] == "CreditCard" else None
    if doc["PaymentType"] == "Check":
        _complete_check(company, doc)


def _complete_check(company: Company, doc: Doc) -> None:
    """A cheque is printed or not, and goes to an address: the vendor's, where none is given."""
    doc["PrintStatus"] = doc.get("PrintStatus") or "NotSet"
    entity = doc.get("EntityRef") or {}
    vendor = company.find("Vendor", ref_id(doc, "EntityRef")) if entity.get("type") == "Vendor" else None
    if vendor is not None and doc.get("RemitToAddr") is None and vendor.body.get("BillAddr"):
        doc["RemitToAddr"] = vendor.body["BillAddr"]


def _name_entity(company: Company, entity: Doc) -> None:
    entity["type"] = kind = str(entity.get("type") or "Vendor").capitalize()
    record = company.find(kind, str(entity["value"])) if kind in ("Vendor", "Customer", "Employee") else None
    if record is None:
        raise Refusal(not_found(kind, str(entity["value"])))
    if record.body.get("Active") is False:
        raise Refusal(made_inactive(company.settings.inactive_reference, "EntityRef"))
    entity["name"] = display_name(record.body)


def complete_bill_payment(company: Company, _name: str, doc: Doc, before: Doc | None, _given: set[str]) -> None:
    """Fill in and check everything that QuickBooks computes for a bill payment, in place."""
    doc["TotalAmt"] = half_up(Decimal(doc["TotalAmt"]))
    if doc["TotalAmt"] < 0:
        raise refuse("2140", f"Invalid Amount : {doc['TotalAmt']}", "TotalAmt")
    _check_paying_account(company, doc)
    _complete_account(company, doc)
    doc["Line"] = settler_lines(doc)
    own = ("BillPayment", str((before or doc).get("Id") or ""))
    check_applications(company, own, doc, ("Vendor", ref_id(doc, "VendorRef")))
    if unapplied_cents(company, doc) < 0:
        raise broken_rule("The amount applied is greater than the payment and the credits.", "TotalAmt")


def _check_paying_account(company: Company, doc: Doc) -> None:
    group, account, kinds = {
        "Check": ("CheckPayment", "BankAccountRef", ("Bank",)),
        "CreditCard": ("CreditCardPayment", "CCAccountRef", ("Credit Card",)),
    }[doc["PayType"]]
    if doc.get("CheckPayment") and doc.get("CreditCardPayment"):
        raise refuse("2600", "Conflicting elements found in the request : CheckPayment, CreditCardPayment")
    detail = doc.get(group) or {}
    if not ref_id(detail, account):
        raise Refusal(missing(f"{group}.{account}"))
    if account_type(company, ref_id(detail, account)) not in kinds:
        raise wrong_account(account)
    if doc["PayType"] == "Check":
        detail["PrintStatus"] = detail.get("PrintStatus") or "NotSet"


def complete_card_payment(company: Company, _name: str, doc: Doc, _before: Doc | None, _given: set[str]) -> None:
    """A bank account pays a positive amount to a credit card."""
    for name, kind in (("BankAccountRef", "Bank"), ("CreditCardAccountRef", "Credit Card")):
        if account_type(company, ref_id(doc, name)) != kind:
            raise wrong_account(name)
    doc["Amount"] = half_up(Decimal(doc["Amount"]))
    if doc["Amount"] < 0:
        raise refuse("2140", "Invalid Amount: a payment must not be negative", "Amount")


def complete_transfer(company: Company, _name: str, doc: Doc, _before: Doc | None, _given: set[str]) -> None:
    """A transfer moves a positive amount between two different accounts of the balance sheet."""
    ends = [ref_id(doc, "FromAccountRef"), ref_id(doc, "ToAccountRef")]
    if ends[0] == ends[1]:
        raise broken_rule("A transfer needs two different accounts.", "ToAccountRef")
    for account in ends:
        record = company.fetch("Account", account)
        if record.body.get("Classification") not in ("Asset", "Liability", "Equity") or is_control(company, account):
            raise wrong_account()
    doc["Amount"] = half_up(Decimal(doc["Amount"]))
    if doc["Amount"] < 0:
        raise refuse("2140", f"Invalid Amount : {doc['Amount']}", "Amount")
