"""The table of reports: found by name, asked, drawn up, framed (quickbooks-online.md 6.6)."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import refuse
from qbo_milestones.simulator.reports import ageing, party_balances, trade
from qbo_milestones.simulator.reports.account_list import account_list
from qbo_milestones.simulator.reports.balance_sheet import balance_sheet
from qbo_milestones.simulator.reports.cash_flow import cash_flow
from qbo_milestones.simulator.reports.frame import report_body
from qbo_milestones.simulator.reports.general_ledger import general_ledger
from qbo_milestones.simulator.reports.journal_report import journal_report
from qbo_milestones.simulator.reports.profit_and_loss import profit_and_loss
from qbo_milestones.simulator.reports.profit_and_loss_detail import profit_and_loss_detail
from qbo_milestones.simulator.reports.questions import read_question
from qbo_milestones.simulator.reports.specs import ALL_DATES, MONTH_TO_DATE, TODAY, YEAR_TO_DATE, Spec
from qbo_milestones.simulator.reports.transaction_list import (
    list_by_customer,
    list_by_vendor,
    list_with_splits,
    transaction_list,
)
from qbo_milestones.simulator.reports.trial_balance import trial_balance

SPECS = [
    Spec("ProfitAndLoss", profit_and_loss, YEAR_TO_DATE, says_basis=True, says_split=True, says_standard=True),
    Spec("BalanceSheet", balance_sheet, YEAR_TO_DATE, says_basis=True, says_split=True, says_standard=True),
    Spec("CashFlow", cash_flow, YEAR_TO_DATE, says_split=True),
    Spec("TrialBalance", trial_balance, MONTH_TO_DATE, says_basis=True),
    Spec("ProfitAndLossDetail", profit_and_loss_detail, YEAR_TO_DATE, says_basis=True),
    Spec("GeneralLedger", general_ledger, MONTH_TO_DATE, says_basis=True),
    Spec("JournalReport", journal_report, MONTH_TO_DATE),
    Spec("TransactionList", transaction_list, MONTH_TO_DATE, lists=True),
    Spec("TransactionListWithSplits", list_with_splits, MONTH_TO_DATE),
    Spec("TransactionListByCustomer", list_by_customer, MONTH_TO_DATE),
    Spec("TransactionListByVendor", list_by_vendor, MONTH_TO_DATE),
    Spec("AgedReceivables", ageing.aged_receivables, TODAY, on_a_day=True, lists=True),
    Spec("AgedReceivableDetail", ageing.aged_receivable_detail, TODAY, on_a_day=True),
    Spec("AgedPayables", ageing.aged_payables, TODAY, on_a_day=True, lists=True),
    Spec("AgedPayableDetail", ageing.aged_payable_detail, TODAY, on_a_day=True),
    Spec("CustomerBalance", party_balances.customer_balance, ALL_DATES, on_a_day=True, lists=True),
    Spec("CustomerBalanceDetail", party_balances.customer_balance_detail, ALL_DATES, on_a_day=True),
    Spec("VendorBalance", party_balances.vendor_balance, ALL_DATES, on_a_day=True, lists=True),
    Spec("VendorBalanceDetail", party_balances.vendor_balance_detail, ALL_DATES, on_a_day=True),
    Spec("CustomerIncome", trade.customer_income, YEAR_TO_DATE, says_basis=True, says_split=True, lists=True),
    Spec("CustomerSales", trade.customer_sales, YEAR_TO_DATE, says_basis=True, says_split=True, lists=True),
    Spec("ItemSales", trade.item_sales, YEAR_TO_DATE, says_basis=True, says_split=True, lists=True),
    Spec("ClassSales", trade.class_sales, YEAR_TO_DATE, says_basis=True, says_split=True, lists=True),
    Spec("DepartmentSales", trade.department_sales, YEAR_TO_DATE, says_basis=True, says_split=True, lists=True),
    Spec("VendorExpenses", trade.vendor_expenses, YEAR_TO_DATE, says_basis=True, says_split=True, lists=True),
    Spec("AccountList", account_list, ALL_DATES, says_period=False, lists=True),
]
BY_LOWER_NAME = {spec.name.lower(): spec for spec in SPECS}
UNDOCUMENTED = {
    "generalledgerdetail": "GeneralLedger", "agedreceivable": "AgedReceivables", "agedpayable": "AgedPayables",
    "aragingsummary": "AgedReceivables", "apagingsummary": "AgedPayables", "aragingdetail": "AgedReceivableDetail",
    "apagingdetail": "AgedPayableDetail", "accountlistdetail": "AccountList",
}  # fmt: skip
"""Names under which clients ask for some reports too; off in Reports v2."""


def report(company: Company, name: str, query: dict[str, str]) -> Doc:
    """A report by its name, any case; 5020 where there is none."""
    renewed = company.settings.reports_version == "v2" or any(key.lower() == "testing_migration" for key in query)
    known = name if renewed else UNDOCUMENTED.get(name.lower(), name)
    spec = BY_LOWER_NAME.get(known.lower())
    if spec is None:
        raise refuse("5020", "Permission Denied Error : You do not have the access rights to use this feature.",
                     "ReportName")  # fmt: skip
    question = read_question(company, spec.macro, spec.on_a_day, query, renewed)
    content = spec.make(company, question)
    if renewed and spec.lists:
        content = content._replace(rows=_moved(company, content.rows))
    return report_body(company, spec, question, content)


def _moved(company: Company, rows: list[Doc]) -> list[Doc]:
    """Reports v2 promises no order: the rows of a list begin elsewhere every second."""
    free = [row for row in rows if "group" not in row]
    start = int(company.clock.now().timestamp()) % len(free) if free else 0
    return [*free[start:], *free[:start], *rows[len(free) :]]
