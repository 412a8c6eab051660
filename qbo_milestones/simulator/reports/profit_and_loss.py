"""Profit and loss: income, costs and what is left, in a period."""

from collections.abc import Iterable
from typing import NamedTuple

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.reports.account_rows import Rows, Table, added, negated
from qbo_milestones.simulator.reports.accounts import AccountTree
from qbo_milestones.simulator.reports.basis import lines_of
from qbo_milestones.simulator.reports.questions import Question
from qbo_milestones.simulator.reports.specs import Content
from qbo_milestones.simulator.reports.splits import Split, Vector


class Part(NamedTuple):
    """A section of accounts of one type; ``always``: it is there without figures too."""

    group: str
    title: str
    kind: str
    always: bool = False


class Result(NamedTuple):
    """What sections leave; ``needs``: it is only there when one of these sections is."""

    group: str
    title: str
    adds: tuple[str, ...]
    takes: tuple[str, ...]
    needs: tuple[str, ...] = ()


INCOME, COSTS, EXPENSES = "Income", "COGS", "Expenses"
OTHER_INCOME, OTHER_EXPENSES = "OtherIncome", "OtherExpenses"
LAYOUT: tuple[Part | Result, ...] = (
    Part(INCOME, "Income", "Income", always=True),
    Part(COSTS, "Cost of Goods Sold", "Cost of Goods Sold"),
    Result("GrossProfit", "Gross Profit", (INCOME,), (COSTS,)),
    Part(EXPENSES, "Expenses", "Expense", always=True),
    Result("NetOperatingIncome", "Net Operating Income", (INCOME,), (COSTS, EXPENSES)),
    Part(OTHER_INCOME, "Other Income", "Other Income"),
    Part(OTHER_EXPENSES, "Other Expenses", "Other Expense"),
    Result("NetOtherIncome", "Net Other Income", (OTHER_INCOME,), (OTHER_EXPENSES,), (OTHER_INCOME, OTHER_EXPENSES)),
    Result("NetIncome", "Net Income", (INCOME, OTHER_INCOME), (COSTS, EXPENSES, OTHER_EXPENSES)),
)


def profit_and_loss(company: Company, question: Question) -> Content:
    """ProfitAndLoss."""
    tree, split = AccountTree(company), Split(company, question)
    figures = profit_figures(company, tree, question, split)
    table = Table(tree, figures, split.parts(_keys(figures.values())), question)
    return Content(split.columns(table.parts, "Account"), _rows(table), not figures)


def profit_figures(company: Company, tree: AccountTree, question: Question, split: Split) -> dict[str, Vector]:
    """Cents by account and column, in their natural direction."""
    start, end = question.period
    figures: dict[str, Vector] = {}
    for day, entry in lines_of(company, tree, question):
        if start <= day <= end and entry.cents:
            account = tree[entry.account]
            if account.is_profit:
                vector = figures.setdefault(account.id, {})
                key = split.key(day, entry)
                vector[key] = vector.get(key, 0) + account.sign * entry.cents
    return figures


def _keys(vectors: Iterable[Vector]) -> set[str]:
    return {key for vector in vectors for key in vector}


def _rows(table: Table) -> list[Doc]:
    found = {part.group: table.accounts(table.tree.roots([part.kind])) for part in LAYOUT if isinstance(part, Part)}
    return [row for part in LAYOUT if (row := _row(table, part, found)) is not None]


def _row(table: Table, part: Part | Result, found: dict[str, Rows]) -> Doc | None:
    if isinstance(part, Part):
        inside = found[part.group]
        return table.section(part.title, part.group, inside) if inside.rows or part.always else None
    if part.needs and not any(found[group].rows for group in part.needs):
        return None
    gained = [found[group].sum for group in part.adds]
    return table.result(part.title, part.group, added(*gained, *[negated(found[group].sum) for group in part.takes]))
