"""Completes sales forms: lines, tax, totals, due date, addresses (quickbooks-online.md 6.1 and 6.2)."""

from decimal import Decimal

from qbo_milestones.simulator.amounts import Doc, half_up
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.postings.sales import item_lines
from qbo_milestones.simulator.faults import NEGATIVE, Problem, Refusal, broken_rule, missing, refuse
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.writing.income import keep_accounts
from qbo_milestones.simulator.writing.lines import number_lines
from qbo_milestones.simulator.writing.origins import check_origins
from qbo_milestones.simulator.writing.parts import envelope
from qbo_milestones.simulator.writing.tax import Taxable, complete_tax, is_american, line_code_problem, settled_amount
from qbo_milestones.simulator.writing.terms import due_date

ZERO = Decimal(0)


def complete_sale(company: Company, name: str, doc: Doc, before: Doc | None, given: set[str]) -> None:
    """Fill in and check everything that QuickBooks computes for a sales form, in place."""
    _lines(company, doc, before)
    sold = list(item_lines(doc["Line"]))
    discount = _discount(doc, _sum(sold))
    taken_off = discount / _sum(sold) if discount and doc.get("ApplyTaxAfterDiscount") else ZERO
    taxable = Taxable([(line, line["SalesItemLineDetail"]) for line in sold], discounted=taken_off)
    complete_tax(company, doc, taxable, fresh="TxnTaxDetail" in given)
    items = _sum(sold)
    discount = _discount(doc, items)
    doc["TotalAmt"] = half_up(items - discount + Decimal(doc["TxnTaxDetail"]["TotalTax"]))
    if doc["TotalAmt"] < 0:
        raise broken_rule("The total of the transaction must not be negative.", "TotalAmt")
    doc["Line"].append({"Amount": half_up(items), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}})
    check_origins(company, name, doc, before)
    _customer_defaults(company, doc)
    defaults: Doc = {"EmailStatus": "NotSet", "PrintStatus": "NotSet", "LinkedTxn": [], "CustomField": [],
                     "ApplyTaxAfterDiscount": False, "FreeFormAddress": True}  # fmt: skip
    _fill(doc, defaults)
    if before is None:
        _ship_from(company, doc)
    if name == "Estimate":
        doc["TxnStatus"] = doc.get("TxnStatus") or "Pending"
    else:
        doc.setdefault("Balance", ZERO)
    if name == "Invoice":
        _invoice(company, doc, given)


def _sum(lines: list[Doc]) -> Decimal:
    return sum((Decimal(line.get("Amount") or 0) for line in lines), ZERO)


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


def _lines(company: Company, doc: Doc, before: Doc | None) -> None:
    lines = [line for line in doc["Line"] if line.get("DetailType") != "SubTotalLineDetail"]
    problems = [problem for line in lines for problem in _line_problems(company, line)]
    if not lines:
        problems.append(missing("Line"))
    if problems:
        raise Refusal(*problems)
    doc["Line"] = number_lines(lines, before, first=1, with_number=True)
    for line in item_lines(doc["Line"]):
        _complete_item_line(company, line)
    keep_accounts(company, doc, before)


def _line_problems(company: Company, line: Doc) -> list[Problem]:
    kind = line.get("DetailType")
    if kind is None:
        return [missing("Line.DetailType")]
    if kind not in ("SalesItemLineDetail", "DiscountLineDetail", "DescriptionOnly", "GroupLineDetail"):
        return [Problem("2170", f"Invalid enumeration {kind}", "DetailType")]
    if kind == "SalesItemLineDetail":
        return _item_problems(company, line)
    return _discount_problems(line) if kind == "DiscountLineDetail" else []


def _discount_problems(line: Doc) -> list[Problem]:
    detail = line.get("DiscountLineDetail")
    if detail is None or (line.get("Amount") is None and detail.get("DiscountPercent") is None):
        return [Problem("6090", "Discount amount or percent should be provided.", "Line")]
    if not 0 <= (detail.get("DiscountPercent") or 0) <= 100:
        return [Problem("2150", f"Invalid Percent : {detail['DiscountPercent']}", "DiscountPercent")]
    if (line.get("Amount") or ZERO) < 0:
        return [Problem("2290", NEGATIVE, "Amount")]
    return []


def _item_problems(company: Company, line: Doc) -> list[Problem]:
    amount, detail = line.get("Amount"), line.get("SalesItemLineDetail") or {}
    if amount is None:
        return [missing("Line.Amount")]
    if amount < 0 and company.settings.negative_sales_lines == "refuse":
        return [Problem("2290", NEGATIVE, "Amount")]
    return settled_amount(company, line, detail) or line_code_problem(company, ref_id(detail, "TaxCodeRef"))


def _complete_item_line(company: Company, line: Doc) -> None:
    detail = line.setdefault("SalesItemLineDetail", {}) or {}
    line["SalesItemLineDetail"] = detail
    line["Amount"] = half_up(Decimal(line.get("Amount") or 0))
    if not ref_id(detail, "ItemRef"):
        line["Amount"] = half_up(ZERO)
    if not ref_id(detail, "TaxCodeRef"):
        _default_code(company, detail)
    for field in ("Qty", "UnitPrice"):
        if detail.get(field) is None:
            detail.pop(field, None)


def _default_code(company: Company, detail: Doc) -> None:
    """TAX or NON by the item in the United States, elsewhere the item's own code."""
    item = company.find("Item", ref_id(detail, "ItemRef"))
    body = item.body if item else {}
    if is_american(company):
        detail["TaxCodeRef"] = {"value": "TAX" if body.get("Taxable") else "NON"}
    elif ref_id(body, "SalesTaxCodeRef"):
        detail["TaxCodeRef"] = dict(body["SalesTaxCodeRef"])


def _discount(doc: Doc, items: Decimal) -> Decimal:
    for line in doc["Line"]:
        if line.get("DetailType") == "DiscountLineDetail":
            detail = line.get("DiscountLineDetail") or {}
            if detail.get("PercentBased"):
                line["Amount"] = half_up(items * Decimal(detail.get("DiscountPercent") or 0) / 100)
            return half_up(Decimal(line.get("Amount") or 0))
    return ZERO


def _customer_defaults(company: Company, doc: Doc) -> None:
    record = company.find("Customer", ref_id(doc, "CustomerRef"))
    if record is None:
        return
    for field in ("BillAddr", "ShipAddr"):
        if doc.get(field) is None and record.body.get(field):
            doc[field] = record.body[field]
    if doc.get("PrintStatus") is None and record.body.get("PreferredDeliveryMethod") == "Print":
        doc["PrintStatus"] = "NeedToPrint"


def _ship_from(company: Company, doc: Doc) -> None:
    """What is sent comes from the company's own address, written as on an envelope."""
    own = company.fetch("CompanyInfo", "1").body.get("CompanyAddr")
    if not doc.get("ShipFromAddr") and own:
        doc["ShipFromAddr"] = envelope(company, own)
