"""The table of reports: found by name, asked, drawn up, framed (quickbooks-online.md 6.6)."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import refuse
from qbo_milestones.simulator.reports.balance_sheet import balance_sheet
from qbo_milestones.simulator.reports.frame import report_body
from qbo_milestones.simulator.reports.profit_and_loss import profit_and_loss
from qbo_milestones.simulator.reports.questions import read_question
from qbo_milestones.simulator.reports.specs import MONTH_TO_DATE, YEAR_TO_DATE, Spec
from qbo_milestones.simulator.reports.trial_balance import trial_balance

SPECS = [
    Spec("ProfitAndLoss", profit_and_loss, YEAR_TO_DATE, says_basis=True, says_split=True, says_standard=True),
    Spec("BalanceSheet", balance_sheet, YEAR_TO_DATE, says_basis=True, says_split=True, says_standard=True),
    Spec("TrialBalance", trial_balance, MONTH_TO_DATE, says_basis=True),
]
BY_LOWER_NAME = {spec.name.lower(): spec for spec in SPECS}


def report(company: Company, name: str, query: dict[str, str]) -> Doc:
    """A report by its name, any case; 5020 where there is none."""
    spec = BY_LOWER_NAME.get(name.lower())
    if spec is None:
        raise refuse("5020", "Permission Denied Error : ReportName", "ReportName")
    question = read_question(company, spec.macro, spec.on_a_day, query)
    return report_body(company, spec, question, spec.make(company, question))
