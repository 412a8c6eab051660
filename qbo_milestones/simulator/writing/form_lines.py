"""The lines of a sales form: checked, bundles taken apart, numbered, and put in QuickBooks' order (6.1 and 6.2).

What is sold and noted comes first and has numbers; subtotal, discount, shipping and gratuity follow without any.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from qbo_milestones.simulator.amounts import Doc, half_up
from qbo_milestones.simulator.books.chart import account_for
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.postings.sales import SPECIAL_ITEMS, item_lines
from qbo_milestones.simulator.faults import NEGATIVE, Problem, Refusal, broken_rule, missing
from qbo_milestones.simulator.refs import display_name, ref_id
from qbo_milestones.simulator.writing.income import keep_accounts
from qbo_milestones.simulator.writing.lines import number_lines
from qbo_milestones.simulator.writing.tax import is_american, line_code_problem, settled_amount

ZERO = Decimal(0)
SOLD, DISCOUNT, NOTE, BUNDLE = "SalesItemLineDetail", "DiscountLineDetail", "DescriptionOnly", "GroupLineDetail"
SUBTOTAL = "SubTotalLineDetail"


def complete_lines(company: Company, doc: Doc, before: Doc | None) -> None:
    """Check and complete the lines of a sales form in place; the subtotal is still to come."""
    lines = [line for line in doc["Line"] if line.get("DetailType") != SUBTOTAL]
    for line in lines:
        if line.get("DetailType") == BUNDLE:
            _take_apart(company, line)
    problems = [problem for line in lines for problem in _line_problems(company, line)]
    if not lines:
        problems.append(missing("Line"))
    if problems:
        raise Refusal(*problems)
    if sum(line["DetailType"] == DISCOUNT for line in lines) > 1:
        raise broken_rule("A transaction has one discount line.", "Line")
    sold = [line for line in lines if line["DetailType"] != DISCOUNT and not _is_extra(line)]
    doc["Line"] = _numbered(sold, before) + [_without_number(line) for line in lines if line not in sold]
    for line in item_lines(doc["Line"]):
        _complete_item_line(company, line)
    keep_accounts(company, doc, before)
    for line in doc["Line"]:
        if line["DetailType"] == BUNDLE:
            line["Amount"] = _sum(line[BUNDLE]["Line"])


def add_subtotal(doc: Doc) -> None:
    """The subtotal before discount and shipping, after what is sold."""
    ahead = [line for line in doc["Line"] if "LineNum" in line]
    after = sorted((line for line in doc["Line"] if "LineNum" not in line), key=_is_extra)
    total = {"Amount": half_up(subtotal(doc)), "DetailType": SUBTOTAL, SUBTOTAL: {}}
    doc["Line"] = [*ahead, total, *after]


def subtotal(doc: Doc) -> Decimal:
    """What is sold, without shipping and gratuity, before the discount."""
    return sum((line["Amount"] for line in item_lines(doc["Line"]) if not _is_extra(line)), ZERO)


def extras(doc: Doc) -> Decimal:
    """Shipping and gratuity."""
    return sum((line["Amount"] for line in item_lines(doc["Line"]) if _is_extra(line)), ZERO)


def discount_of(company: Company, doc: Doc) -> Decimal:
    """The amount of the discount line, worked out in place where it is a percentage of the subtotal."""
    for line in doc["Line"]:
        if line["DetailType"] == DISCOUNT:
            detail = line[DISCOUNT]
            if detail.get("PercentBased"):
                line["Amount"] = half_up(subtotal(doc) * Decimal(detail.get("DiscountPercent") or 0) / 100)
            line["Amount"] = half_up(Decimal(line.get("Amount") or 0))
            detail["DiscountAccountRef"] = detail.get("DiscountAccountRef") or _discount_account(company)
            return Decimal(line["Amount"])
    return ZERO


def zeroed(line: Doc) -> Doc:
    """A line of a voided form, with everything in it that makes an amount at nothing."""
    zero, detail = {**line, "Amount": 0}, line.get(SOLD)
    if detail:
        zero[SOLD] = {**detail, **{name: 0 for name in ("Qty", "UnitPrice") if name in detail}}
    if line.get(BUNDLE):
        zero[BUNDLE] = {**line[BUNDLE], "Line": [zeroed(part) for part in line[BUNDLE].get("Line") or []]}
    return zero


def _sum(lines: list[Doc]) -> Decimal:
    return sum((line["Amount"] for line in lines), ZERO)


def _is_extra(line: Doc) -> bool:
    return ref_id(line.get(SOLD) or {}, "ItemRef") in SPECIAL_ITEMS


def _discount_account(company: Company) -> Doc:
    preferred: Any = company.preference("SalesFormsPrefs", "DefaultDiscountAccount")
    wanted = str(preferred.get("value") if isinstance(preferred, dict) else preferred or "")
    account = company.find("Account", wanted) or company.fetch("Account", account_for(company, "discounts"))
    return {"value": account.body["Id"], "name": display_name(account.body)}


# numbers ------------------------------------------------------------------------------------------


def _numbered(lines: list[Doc], before: Doc | None) -> list[Doc]:
    """Lines and the lines inside bundles share one row of numbers."""
    old = {"Line": list(_flat((before or {}).get("Line") or []))}
    numbers = iter(number_lines(list(_flat(lines)), old, first=1, with_number=True))
    return [_with_its_lines(next(numbers), numbers) for _ in lines]


def _flat(lines: list[Doc]) -> Iterator[Doc]:
    for line in lines:
        yield line
        yield from _flat((line.get(BUNDLE) or {}).get("Line") or [])


def _with_its_lines(line: Doc, rest: Iterator[Doc]) -> Doc:
    inner = [next(rest) for _ in (line.get(BUNDLE) or {}).get("Line") or []]
    return {**line, BUNDLE: {**line[BUNDLE], "Line": inner}} if inner else line


def _without_number(line: Doc) -> Doc:
    return {name: value for name, value in line.items() if name not in ("Id", "LineNum") and value is not None}


# bundles ------------------------------------------------------------------------------------------


def _take_apart(company: Company, line: Doc) -> None:
    """A bundle that comes without lines gets those of its item, as many times as it is sold."""
    detail = line[BUNDLE] = line.get(BUNDLE) or {}
    detail["Quantity"] = Decimal(1 if detail.get("Quantity") is None else detail["Quantity"])
    item = company.find("Item", ref_id(detail, "GroupItemRef"))
    if item is not None and not detail.get("Line"):
        parts = (item.body.get("ItemGroupDetail") or {}).get("ItemGroupLine") or []
        detail["Line"] = [_part(company, part, detail["Quantity"]) for part in parts]


def _part(company: Company, part: Doc, times: Decimal) -> Doc:
    item = company.fetch("Item", ref_id(part, "ItemRef")).body
    quantity, price = Decimal(part.get("Qty") or 1) * times, Decimal(item.get("UnitPrice") or 0)
    reference = {"value": item["Id"], "name": display_name(item)}
    detail = {"ItemRef": reference, "Qty": quantity, "UnitPrice": price}
    return {"Description": item.get("Description"), "Amount": half_up(quantity * price), "DetailType": SOLD,
            SOLD: detail}  # fmt: skip


# rules --------------------------------------------------------------------------------------------


def _line_problems(company: Company, line: Doc) -> list[Problem]:
    kind = line.get("DetailType")
    if kind is None:
        return [missing("Line.DetailType")]
    if kind not in (SOLD, DISCOUNT, NOTE, BUNDLE):
        return [Problem("2170", f"Invalid enumeration {kind}", "DetailType")]
    if kind == SOLD:
        return _item_problems(company, line)
    if kind == BUNDLE:
        return _bundle_problems(company, line[BUNDLE])
    return _discount_problems(line) if kind == DISCOUNT else []


def _bundle_problems(company: Company, detail: Doc) -> list[Problem]:
    if not ref_id(detail, "GroupItemRef"):
        return [missing("Line.GroupLineDetail.GroupItemRef")]
    return [problem for part in detail.get("Line") or [] for problem in _item_problems(company, part)]


def _discount_problems(line: Doc) -> list[Problem]:
    detail = line.get(DISCOUNT)
    if detail is None or (line.get("Amount") is None and detail.get("DiscountPercent") is None):
        return [Problem("6090", "Discount amount or percent should be provided.", "Line")]
    if not 0 <= (detail.get("DiscountPercent") or 0) <= 100:
        return [Problem("2150", f"Invalid Percent : {detail['DiscountPercent']}", "DiscountPercent")]
    if (line.get("Amount") or ZERO) < 0:
        return [Problem("2290", NEGATIVE, "Amount")]
    return []


def _item_problems(company: Company, line: Doc) -> list[Problem]:
    amount, detail = line.get("Amount"), line.get(SOLD) or {}
    if amount is None:
        return [missing("Line.Amount")]
    if amount < 0 and company.settings.negative_sales_lines == "refuse":
        return [Problem("2290", NEGATIVE, "Amount")]
    return settled_amount(company, line, detail) or line_code_problem(company, ref_id(detail, "TaxCodeRef"))


def _complete_item_line(company: Company, line: Doc) -> None:
    detail = line[SOLD] = line.get(SOLD) or {}
    line["Amount"] = half_up(Decimal(line.get("Amount") or 0))
    if not ref_id(detail, "ItemRef"):
        line["Amount"] = half_up(ZERO)
    if not ref_id(detail, "TaxCodeRef") and not _is_extra(line):
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
        detail["TaxCodeRef"] = {"value": ref_id(body, "SalesTaxCodeRef")}
