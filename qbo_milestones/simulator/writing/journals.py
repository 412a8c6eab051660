"""Completes and checks journal entries (quickbooks-online.md 6.3)."""

from decimal import Decimal

from qbo_milestones.simulator.amounts import Doc, cents, half_up
from qbo_milestones.simulator.books.chart import account_type
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import NEGATIVE, Problem, Refusal, broken_rule, missing, refuse
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.writing.lines import number_lines
from qbo_milestones.simulator.writing.parties import NEEDS, check_party
from qbo_milestones.simulator.writing.tax import is_american


def complete_journal(company: Company, _name: str, doc: Doc, before: Doc | None, _given: set[str]) -> None:
    """Fill in and check everything that QuickBooks computes for a journal entry, in place."""
    lines = doc.get("Line") or []
    problems = [problem for line in lines for problem in _line_problems(line) or _tax_problems(company, line)]
    if len([line for line in lines if line.get("JournalEntryLineDetail")]) < 2:
        problems.append(Problem("2250", "You must enter at least one split line.", "Line"))
    if problems:
        raise Refusal(*problems)
    _check_balance(company, lines)
    _check_names(company, lines)
    for line in lines:
        line["Amount"] = half_up(Decimal(line.get("Amount") or 0))
    doc["Line"] = number_lines(lines, before, first=0)
    doc["TotalAmt"] = Decimal(0)
    doc["Adjustment"] = bool(doc.get("Adjustment"))
    doc["TxnTaxDetail"] = doc.get("TxnTaxDetail") or {}


def _line_problems(line: Doc) -> list[Problem]:
    detail = line.get("JournalEntryLineDetail")
    if line.get("DetailType") == "DescriptionOnly":
        return []
    if not detail or line.get("DetailType") != "JournalEntryLineDetail":
        return [missing("Line.JournalEntryLineDetail")]
    if line.get("Amount") is None:
        return [missing("Line.Amount")]
    if line["Amount"] < 0:
        return [Problem("2290", NEGATIVE, "Amount")]
    if not detail.get("PostingType"):
        return [Problem("2260", "A posting type is required. Valid values are Credit or Debit.", "PostingType")]
    return [] if ref_id(detail, "AccountRef") else [missing("AccountRef")]


def _tax_problems(company: Company, line: Doc) -> list[Problem]:
    """Outside the United States a line with a tax code says what the tax applies to and how much it is."""
    detail = line.get("JournalEntryLineDetail") or {}
    if is_american(company) or not ref_id(detail, "TaxCodeRef"):
        return []
    if not detail.get("TaxApplicableOn"):
        return [Problem("2270", "TaxApplicableOn is required. Valid values are Sales or Purchase.", "TaxApplicableOn")]
    if detail.get("TaxAmount") is None:
        return [Problem("2280", "A tax amount is required with TaxCodeRef applied.", "TaxAmount")]
    return []


def _check_balance(company: Company, lines: list[Doc]) -> None:
    net = 0
    for line in lines:
        detail = line.get("JournalEntryLineDetail")
        if detail:
            net += cents(line["Amount"]) * (1 if detail["PostingType"] == "Debit" else -1)
    if net:
        if company.settings.unbalanced_journal == "6000":
            raise broken_rule("The debits and credits of the journal entry must be equal.")
        raise refuse("2300", "Amount on debits not equal to credits")


def _check_names(company: Company, lines: list[Doc]) -> None:
    controls: dict[str, str] = {}
    parties: set[str] = set()
    for line in lines:
        detail = line.get("JournalEntryLineDetail") or {}
        account = ref_id(detail, "AccountRef")
        kind = account_type(company, account)
        check_party(company, detail, kind)
        if kind in NEEDS:
            controls[account] = kind
            entity = detail.get("Entity") or {}
            parties.add(ref_id(entity, "EntityRef"))
    several = company.settings.journal_control_accounts == "several" and len(set(controls.values())) == 1
    if len(controls) > 1 and not several:
        raise broken_rule("You can use only one Accounts Receivable or Accounts Payable account in a transaction.")
    if len(parties) > 1 and company.settings.journal_names == "one":
        raise broken_rule("You can use only one customer or vendor in a transaction.")
