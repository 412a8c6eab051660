"""Sales tax: by hand, by the engine, or by the codes of the lines outside the United States (6.1, 6.2, 6.5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from qbo_milestones.simulator.amounts import Doc, half_up
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import Problem, Refusal, broken_rule
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.writing.lines import amount_problem

ZERO, HUNDRED = Decimal(0), Decimal(100)
US_LINE_CODES = {"TAX", "NON"}
NO_TAX = "The {} attribute isn't allowed when GlobalTaxCalculation is set to NotApplicable."
EXCLUDED, INCLUSIVE, NOT_APPLICABLE = "TaxExcluded", "TaxInclusive", "NotApplicable"


@dataclass(frozen=True, slots=True)
class Taxable:
    """The lines of a document that tax is about: (line, its detail), and what is taken off before tax, from 0 to 1."""

    lines: list[tuple[Doc, Doc]]
    rate_list: str = "SalesTaxRateList"
    discounted: Decimal = ZERO


def is_american(company: Company) -> bool:
    """Whether US rules hold: TAX and NON on lines, one code for the document."""
    info = company.find("CompanyInfo", "1")
    return info is None or str(info.body.get("Country") or "USA").upper() in ("US", "USA")


def line_code_problem(company: Company, code: str) -> list[Problem]:
    """6100 for a line code that a US company does not know."""
    if not code or code in US_LINE_CODES or not is_american(company):
        return []
    return [Problem("6100", f"Valid Line TaxCodes for US should be TAX or NON. Supplied value:{code}", "TaxCodeRef")]


def settled_amount(company: Company, line: Doc, detail: Doc) -> list[Problem]:
    """6070 where Amount is not what was multiplied; outside the United States it is computed anew instead (6.2)."""
    quantity, price = detail.get("Qty"), detail.get("UnitPrice")
    if is_american(company) or not quantity or not price:
        return amount_problem(line, detail)
    line["Amount"] = half_up(quantity * price)
    return []


def complete_tax(company: Company, doc: Doc, taxable: Taxable, fresh: bool) -> None:
    """Set TxnTaxDetail in place; ``fresh`` says that the client has just sent one."""
    if not _uses_tax(company):
        doc["TxnTaxDetail"] = {"TotalTax": half_up(ZERO)}
    elif is_american(company):
        _complete_american(company, doc, taxable, fresh)
    else:
        _complete_by_lines(company, doc, taxable, fresh)


def _uses_tax(company: Company) -> bool:
    return company.preference("TaxPrefs", "UsingSalesTax") is not False


# United States ------------------------------------------------------------------------------------


def _complete_american(company: Company, doc: Doc, taxable: Taxable, fresh: bool) -> None:
    """An explicit TotalTax is honoured; a tax code alone is computed; the engine finds its own code."""
    detail = dict(doc.get("TxnTaxDetail") or {})
    explicit = detail.get("TotalTax") is not None and fresh
    by_engine = company.preference("TaxPrefs", "PartnerTaxEnabled") is True and taxable.rate_list.startswith("Sales")
    if by_engine:
        detail["TxnTaxCodeRef"] = _engine_code(company)
        detail["TaxReviewStatus"] = "AST_TAX_OVERRIDE" if explicit else "NO_REVIEW_REQUIRED"
    code = ref_id(detail, "TxnTaxCodeRef")
    if code and not explicit:
        base = sum((line["Amount"] for line, part in taxable.lines if ref_id(part, "TaxCodeRef") == "TAX"), ZERO)
        lines = _tax_lines(company, code, taxable.rate_list, base * (1 - taxable.discounted))
        detail.update(TotalTax=sum((line["Amount"] for line in lines), ZERO), TaxLine=lines)
    detail["TotalTax"] = half_up(Decimal(detail.get("TotalTax") or 0))
    doc["TxnTaxDetail"] = detail


def _engine_code(company: Company) -> Doc:
    """The code of the company's own place: the first group that has a rate."""
    for object_id, record in company.shelves["TaxCode"].records.items():
        if (record.body.get("SalesTaxRateList") or {}).get("TaxRateDetail"):
            return {"value": object_id}
    raise broken_rule("Sales tax is not set up for this company.", "TxnTaxDetail")


# elsewhere ----------------------------------------------------------------------------------------


def _complete_by_lines(company: Company, doc: Doc, taxable: Taxable, fresh: bool) -> None:
    """Each line names its code; amounts are without tax, or with it, or tax does not apply."""
    mode = doc.setdefault("GlobalTaxCalculation", EXCLUDED) or EXCLUDED
    doc["GlobalTaxCalculation"] = mode
    sent = doc.get("TxnTaxDetail") or {}
    if mode == NOT_APPLICABLE:
        _check_not_applicable(taxable, sent if fresh else {})
        doc["TxnTaxDetail"] = {"TotalTax": half_up(ZERO)}
        return
    if any(not ref_id(part, "TaxCodeRef") for line, part in taxable.lines if line.get("Amount")):
        raise broken_rule("Make sure all your transactions have a tax rate before you save.", "TaxCodeRef")
    if mode == INCLUSIVE:
        _take_tax_out(company, taxable)
    lines = list(_lines_by_code(company, taxable, mode == INCLUSIVE))
    total = sum((line["Amount"] for line in lines), ZERO)
    if fresh and sent.get("TotalTax") is not None:
        total, lines = half_up(Decimal(sent["TotalTax"])), sent.get("TaxLine") or lines
    doc["TxnTaxDetail"] = {"TotalTax": total, "TaxLine": lines}


def _check_not_applicable(taxable: Taxable, sent: Doc) -> None:
    if any(ref_id(part, "TaxCodeRef") for _, part in taxable.lines):
        raise Refusal(Problem("6160", NO_TAX.format("TaxCodeRef"), "TaxCodeRef"))
    if sent.get("TotalTax") or sent.get("TxnTaxCodeRef"):
        raise Refusal(Problem("6170", NO_TAX.format("TxnTaxDetail"), "TxnTaxDetail"))


def _take_tax_out(company: Company, taxable: Taxable) -> None:
    """Gross amounts become net ones, rounded line by line (20.00 at 20 % holds 3.33)."""
    for line, part in taxable.lines:
        gross = half_up(Decimal(part.get("TaxInclusiveAmt") or line["Amount"]))
        percent = _percent(company, ref_id(part, "TaxCodeRef"), taxable.rate_list)
        part["TaxInclusiveAmt"] = gross
        line["Amount"] = gross - half_up(gross * percent / (HUNDRED + percent))


def _lines_by_code(company: Company, taxable: Taxable, inclusive: bool) -> Iterator[Doc]:
    for code in dict.fromkeys(ref_id(part, "TaxCodeRef") for _, part in taxable.lines):
        mine = [(line, part) for line, part in taxable.lines if ref_id(part, "TaxCodeRef") == code]
        base = sum((line["Amount"] for line, _ in mine), ZERO)
        lines = _tax_lines(company, code, taxable.rate_list, base * (1 - taxable.discounted))
        if inclusive and lines:
            held = sum((part["TaxInclusiveAmt"] - line["Amount"] for line, part in mine), ZERO)
            rest = sum((line["Amount"] for line in lines[1:]), ZERO)
            lines[0]["Amount"] = half_up(held * (1 - taxable.discounted)) - rest
        yield from lines


def _percent(company: Company, code: str, rate_list: str) -> Decimal:
    return sum((_rate_value(company, rate) for rate in _rates(company, code, rate_list)), ZERO)


# rates --------------------------------------------------------------------------------------------


def _tax_lines(company: Company, code: str, rate_list: str, base: Decimal) -> list[Doc]:
    return [_tax_line(rate, _rate_value(company, rate), base) for rate in _rates(company, code, rate_list)]


def _rates(company: Company, code: str, rate_list: str) -> list[str]:
    record = company.find("TaxCode", code)
    details = ((record.body.get(rate_list) or {}) if record else {}).get("TaxRateDetail") or []
    return [ref_id(detail, "TaxRateRef") for detail in details]


def _rate_value(company: Company, rate_id: str) -> Decimal:
    rate = company.find("TaxRate", rate_id)
    return Decimal(rate.body.get("RateValue") or 0) if rate else ZERO


def _tax_line(rate_id: str, percent: Decimal, base: Decimal) -> Doc:
    detail = {"TaxRateRef": {"value": rate_id}, "PercentBased": True, "TaxPercent": percent,
              "NetAmountTaxable": half_up(base)}  # fmt: skip
    return {"Amount": half_up(base * percent / HUNDRED), "DetailType": "TaxLineDetail", "TaxLineDetail": detail}
