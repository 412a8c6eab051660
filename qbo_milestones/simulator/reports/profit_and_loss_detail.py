"""Profit and loss with every line that makes it up."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.reports.accounts import AccountTree
from qbo_milestones.simulator.reports.details import Sheet
from qbo_milestones.simulator.reports.frame import section
from qbo_milestones.simulator.reports.general_ledger import COLUMNS, LedgerRows, account_lines
from qbo_milestones.simulator.reports.lines import Desk, Sums
from qbo_milestones.simulator.reports.questions import Question
from qbo_milestones.simulator.reports.specs import Content

ORDINARY = (("Income", "Income", 1), ("Cost of Goods Sold", "Cost of Goods Sold", -1), ("Expenses", "Expense", -1))
OTHER = (("Other Income", "Other Income", 1), ("Other Expenses", "Other Expense", -1))
"""(title, AccountType, +1 for what is gained)."""


def profit_and_loss_detail(company: Company, question: Question) -> Content:
    """ProfitAndLossDetail."""
    tree = AccountTree(company)
    sheet = Sheet(Desk(company, question, tree), COLUMNS)
    ledger = LedgerRows(sheet, account_lines(company, tree, question), {})
    ordinary, gained, gross = _part(sheet, ledger, ORDINARY)
    other, more, _ = _part(sheet, ledger, OTHER)
    if gross is not None:
        ordinary.insert(0, section([], sheet.summary("Gross Profit", gross)))
    rows = []
    if ordinary:
        name = "Net Ordinary Income" if other else "Net Income"
        rows.append(section(ordinary, sheet.summary(name, gained), sheet.label("Ordinary Income/Expenses")))
    if other:
        rows.append(section(other, sheet.summary("Net Other Income", more), sheet.label("Other Income/Expense")))
        rows.append(section(None, sheet.summary("Net Income", gained.plus(more))))
    return Content(sheet.columns, rows, not rows)


def _part(
    sheet: Sheet, ledger: LedgerRows, parts: tuple[tuple[str, str, int], ...]
) -> tuple[list[Doc], Sums, Sums | None]:
    """Sections, what they leave, and what was left after the cost of goods where there is such a section."""
    made, total, gross = [], Sums(), None
    for title, kind, sign in parts:
        rows, sums = ledger.accounts(sheet.desk.tree.roots([kind]))
        total = total.plus(sums if sign > 0 else _opposite(sums))
        if rows:
            made.append(section(rows, sheet.summary(f"Total for {title}", sums), sheet.label(title)))
            gross = total if kind == "Cost of Goods Sold" else gross
    return made, total, gross


def _opposite(sums: Sums) -> Sums:
    return Sums(-sums.amount, sums.debit, sums.credit, -sums.open)
