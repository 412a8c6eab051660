"""Completes sales forms: lines, tax, totals, due date, addresses (quickbooks-online.md 6.1 and 6.2)."""

from decimal import Decimal

from qbo_milestones.simulator.amounts import Doc, half_up
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.postings.sales import item_lines
from qbo_milestones.simulator.faults import Problem, Refusal, broken_rule, missing, refuse
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.writing.lines import amount_problem, number_lines
from qbo_milestones.simulator.writing.origins import check_origins
from qbo_milestones.simulator.writing.terms import due_date

ZERO = Decimal(0)
US_LINE_CODES = {"TAX", "NON"}


def complete_sale(company: Company, name: str, doc: Doc, before: Doc | None, given: set[str]) -> None:
    """Fill in and check everything that QuickBooks computes for a sales form, in place."""
    _lines(company, doc, before)
    _tax(company, doc, fresh="TxnTaxDetail" in given)
    items = sum((Decimal(line.get("Amount") or 0) for line in item_lines(doc["Line"])), ZERO)
    discount = _discount(doc, items)
    doc["TotalAmt"] = half_up(items - discount + Decimal(doc["TxnTaxDetail"]["TotalTax"]))
    if doc["TotalAmt"] < 0:
        raise broken_rule("The total of the transaction must not be negative.", "TotalAmt")
    doc["Line"].append({"Amount": half_up(items), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}})
    check_origins(company, name, doc, before)
    _customer_defaults(company, doc)
    defaults: Doc = {"EmailStatus": "NotSet", "PrintStatus": "NotSet", "LinkedTxn": [], "CustomField": [],
                     "ApplyTaxAfterDiscount": False}  # fmt: skip
    _fill(doc, defaults)
    if name == "Estimate":
        doc["TxnStatus"] = doc.get("TxnStatus") or "Pending"
    else:
        doc.setdefault("Balance", ZERO)
    if name == "Invoice":
        _invoice(company, doc, given)


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
        doc["DueDate"] = due_date(company, doc)


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


def _line_problems(company: Company, line: Doc) -> list[Problem]:
    kind = line.get("DetailType")
    if kind is None:
        return [missing("Line.DetailType")]
    if kind not in ("SalesItemLineDetail", "DiscountLineDetail", "DescriptionOnly", "GroupLineDetail"):
        return [Problem("2170", f"Invalid enumeration {kind}", "DetailType")]
    if kind == "SalesItemLineDetail":
        return _item_problems(company, line)
    if kind == "DiscountLineDetail" and (line.get("Amount") or ZERO) < 0:
        return [Problem("2290", "A discount line must not be negative", "Amount")]
    return []


def _item_problems(company: Company, line: Doc) -> list[Problem]:
    amount, detail = line.get("Amount"), line.get("SalesItemLineDetail") or {}
    if amount is None:
        return [missing("Line.Amount")]
    if amount < 0 and company.settings.negative_sales_lines == "refuse":
        return [Problem("2290", "Negative amounts not supported on transaction lines", "Amount")]
    if problems := amount_problem(line, detail):
        return problems
    code = ref_id(detail, "TaxCodeRef")
    if code and code not in US_LINE_CODES:
        return [Problem("6100", "Invalid line TaxCode: US companies use TAX or NON", "TaxCodeRef")]
    return []


def _complete_item_line(company: Company, line: Doc) -> None:
    detail = line.setdefault("SalesItemLineDetail", {}) or {}
    line["SalesItemLineDetail"] = detail
    line["Amount"] = half_up(Decimal(line.get("Amount") or 0))
    if not ref_id(detail, "ItemRef"):
        line["Amount"] = half_up(ZERO)
    if not ref_id(detail, "TaxCodeRef"):
        item = company.find("Item", ref_id(detail, "ItemRef"))
        taxable = bool(item and item.body.get("Taxable"))
        detail["TaxCodeRef"] = {"value": "TAX" if taxable else "NON"}
    for field in ("Qty", "UnitPrice"):
        if detail.get(field) is None:
            detail.pop(field, None)


def _discount(doc: Doc, items: Decimal) -> Decimal:
    for line in doc["Line"]:
        if line.get("DetailType") == "DiscountLineDetail":
            detail = line.get("DiscountLineDetail") or {}
            if detail.get("PercentBased"):
                line["Amount"] = half_up(items * Decimal(detail.get("DiscountPercent") or 0) / 100)
            return half_up(Decimal(line.get("Amount") or 0))
    return ZERO


def _tax(company: Company, doc: Doc, fresh: bool) -> None:
    """An explicit TotalTax is honoured; a tax code alone is computed; else there is none."""
    detail = doc.get("TxnTaxDetail") or {}
    code = ref_id(detail, "TxnTaxCodeRef")
    if code and (detail.get("TotalTax") is None or not fresh):
        detail = {"TxnTaxCodeRef": detail["TxnTaxCodeRef"], **_computed_tax(company, code, doc)}
    detail["TotalTax"] = half_up(Decimal(detail.get("TotalTax") or 0))
    doc["TxnTaxDetail"] = detail


def _computed_tax(company: Company, code: str, doc: Doc) -> Doc:
    taxable = ZERO
    for line in item_lines(doc["Line"]):
        if ref_id(line["SalesItemLineDetail"], "TaxCodeRef") == "TAX":
            taxable += line["Amount"]
    lines = [_tax_line(company, rate, taxable) for rate in _rates(company, code)]
    return {"TotalTax": sum((line["Amount"] for line in lines), ZERO), "TaxLine": lines}


def _rates(company: Company, code: str) -> list[str]:
    record = company.find("TaxCode", code)
    details = ((record.body.get("SalesTaxRateList") or {}) if record else {}).get("TaxRateDetail") or []
    return [ref_id(detail, "TaxRateRef") for detail in details]


def _tax_line(company: Company, rate_id: str, taxable: Decimal) -> Doc:
    rate = company.find("TaxRate", rate_id)
    percent = Decimal(rate.body.get("RateValue") or 0) if rate else ZERO
    detail = {"TaxRateRef": {"value": rate_id}, "PercentBased": True, "TaxPercent": percent,
              "NetAmountTaxable": half_up(taxable)}  # fmt: skip
    return {"Amount": half_up(taxable * percent / 100), "DetailType": "TaxLineDetail", "TaxLineDetail": detail}


def _customer_defaults(company: Company, doc: Doc) -> None:
    record = company.find("Customer", ref_id(doc, "CustomerRef"))
    if record is None:
        return
    for field in ("BillAddr", "ShipAddr"):
        if doc.get(field) is None and record.body.get(field):
            doc[field] = record.body[field]
