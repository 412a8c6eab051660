"""Statement of cash flows: how profit and the other accounts made cash grow or shrink."""

from typing import NamedTuple

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.reports.account_rows import Rows, Table, added
from qbo_milestones.simulator.reports.accounts import Account, AccountTree
from qbo_milestones.simulator.reports.basis import lines_of
from qbo_milestones.simulator.reports.frame import cell, data, section
from qbo_milestones.simulator.reports.questions import Question
from qbo_milestones.simulator.reports.specs import Content
from qbo_milestones.simulator.reports.splits import Part, Split, Vector


class Activity(NamedTuple):
    """A section: the types of accounts whose changes belong there."""

    group: str
    title: str
    word: str
    kinds: tuple[str, ...]


OPERATING = Activity("OperatingActivities", "OPERATING ACTIVITIES", "operating", (
    "Accounts Receivable", "Other Current Asset", "Accounts Payable", "Credit Card", "Other Current Liability",
))  # fmt: skip
FURTHER = (
    Activity("InvestingActivities", "INVESTING ACTIVITIES", "investing", ("Fixed Asset", "Other Asset")),
    Activity("FinancingActivities", "FINANCING ACTIVITIES", "financing", ("Long Term Liability", "Equity")),
)
ADJUSTMENTS = "Adjustments to reconcile Net Income to Net Cash provided by operations:"


def _is_cash(account: Account) -> bool:
    return account.kind == "Bank" or account.subtype == "UndepositedFunds"


class Flows:
    """Changes by account, positive for what brings cash, and the cash that was there before each column."""

    def __init__(self, company: Company, tree: AccountTree, question: Question, split: Split) -> None:
        start, end = question.period
        self.by_account: dict[str, Vector] = {}
        self.income: Vector = {}
        self.cash: Vector = {}
        before: Vector = {}
        for day, entry in lines_of(company, tree, question):
            account, key = tree[entry.account], split.key(day, entry)
            if day > end or not entry.cents:
                continue
            if _is_cash(account):
                vector = before if day < start else self.cash
            elif day < start:
                continue
            else:
                vector = self.income if account.is_profit else self.by_account.setdefault(account.id, {})
            moved = entry.cents if _is_cash(account) else -entry.cents
            vector[key] = vector.get(key, 0) + moved
        self.parts = split.parts({*self.income, *self.cash, *before, *(k for v in self.by_account.values() for k in v)})
        self.before = _opening(split, self.parts, before, self.cash)


def _opening(split: Split, parts: list[Part], before: Vector, cash: Vector) -> Vector:
    """Cash at the beginning of each column: where they follow each other, the former one's end."""
    if not split.by_time:
        return before
    made, total = {}, sum(before.values())
    for part in parts:
        made[part.key] = total
        total += cash.get(part.key, 0)
    return made


def cash_flow(company: Company, question: Question) -> Content:
    """CashFlow."""
    tree, split = AccountTree(company), Split(company, question)
    flows = Flows(company, tree, question, split)
    table = Table(tree, flows.by_account, flows.parts, question, total=not split.by_time)
    operating = _operating(table, flows.income)
    rows, change = [operating[0]], operating[1]
    for activity in FURTHER:
        inside = table.accounts(tree.roots(activity.kinds))
        if inside.rows:
            rows.append(table.section(activity.title, activity.group, inside, _net(activity)))
            change = added(change, inside.sum)
    rows.append(table.result("Net cash increase for period", "CashIncrease", change))
    if any(flows.before.values()):
        rows.append(table.result("Cash at beginning of period", "BeginningCash", flows.before))
    rows.append(table.result("Cash at end of period", "EndingCash", added(flows.before, change)))
    empty = not (flows.by_account or flows.income or flows.cash or any(flows.before.values()))
    columns = split.columns(flows.parts, "Account")
    kept = columns if not split.by_time or question.split == "Total" else columns[:-1]
    return Content(kept, [] if empty else rows, empty)


def _net(activity: Activity) -> str:
    return f"Net cash provided by {activity.word} activities"


def _operating(table: Table, income: Vector) -> tuple[Doc, Vector]:
    """Profit, and what of it is not cash yet."""
    accounts = [account for account in table.tree.roots(OPERATING.kinds) if not _is_cash(account)]
    inside = table.accounts(accounts)
    rows = [data([cell("Net Income"), *table.cells(income)], group="NetIncome")]
    if inside.rows:
        summary = [cell(f"Total {ADJUSTMENTS}"), *table.cells(inside.sum)]
        rows.append(section(inside.rows, summary, [cell(ADJUSTMENTS), *table.cells({})], "OperatingAdjustments"))
    total = added(income, inside.sum)
    return table.section(OPERATING.title, OPERATING.group, Rows(rows, total), _net(OPERATING)), total
