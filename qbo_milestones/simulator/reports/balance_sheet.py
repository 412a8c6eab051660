"""Balance sheet: what is owned, what is owed, and the equity between, at the end of each column's period."""

from typing import NamedTuple

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.reports.account_rows import Rows, Table, added
from qbo_milestones.simulator.reports.accounts import AccountTree
from qbo_milestones.simulator.reports.basis import lines_of
from qbo_milestones.simulator.reports.frame import cell, data
from qbo_milestones.simulator.reports.positions import Profits, retained_account
from qbo_milestones.simulator.reports.questions import Question
from qbo_milestones.simulator.reports.specs import Content
from qbo_milestones.simulator.reports.splits import Part, Split, Vector

EQUITY = "Equity"


class Block(NamedTuple):
    """A section: accounts of one type, or sections inside it."""

    group: str
    title: str
    kind: str = ""
    inside: tuple["Block", ...] = ()
    total: str = ""


LAYOUT = (
    Block("TotalAssets", "ASSETS", total="TOTAL ASSETS", inside=(
        Block("CurrentAssets", "Current Assets", inside=(
            Block("BankAccounts", "Bank Accounts", "Bank"),
            Block("AR", "Accounts Receivable", "Accounts Receivable"),
            Block("OtherCurrentAssets", "Other Current Assets", "Other Current Asset"))),
        Block("FixedAssets", "Fixed Assets", "Fixed Asset"),
        Block("OtherAssets", "Other Assets", "Other Asset"))),
    Block("TotalLiabilitiesAndEquity", "LIABILITIES AND EQUITY", total="TOTAL LIABILITIES AND EQUITY", inside=(
        Block("Liabilities", "Liabilities", inside=(
            Block("CurrentLiabilities", "Current Liabilities", inside=(
                Block("AP", "Accounts Payable", "Accounts Payable"),
                Block("CreditCards", "Credit Cards", "Credit Card"),
                Block("OtherCurrentLiabilities", "Other Current Liabilities", "Other Current Liability"))),
            Block("LongTermLiabilities", "Long-Term Liabilities", "Long Term Liability"))),
        Block(EQUITY, "Equity", "Equity"))),
)  # fmt: skip


class Figures:
    """Balances by account and column, and the profit that stands beside them."""

    def __init__(self, company: Company, tree: AccountTree, question: Question, split: Split) -> None:
        self.split = split
        moved: dict[str, Vector] = {}
        profits: dict[str, dict[str, int]] = {}
        end = question.period.end
        for day, entry in lines_of(company, tree, question):
            if day > end or not entry.cents:
                continue
            account, key = tree[entry.account], split.key(day, entry)
            if account.is_profit:
                by_day = profits.setdefault("" if split.by_time else key, {})
                by_day[day] = by_day.get(day, 0) - entry.cents
            else:
                vector = moved.setdefault(account.id, {})
                vector[key] = vector.get(key, 0) + account.sign * entry.cents
        self.parts = split.parts({key for vector in moved.values() for key in vector} | set(profits))
        self.by_account = {account: self._standing(vector) for account, vector in moved.items()}
        self._profits = {key: Profits(company, by_day) for key, by_day in profits.items()}
        self._add_profits(retained_account(company), end)

    def _standing(self, vector: Vector) -> Vector:
        """Movements added up, column after column, where columns follow each other in time."""
        if not self.split.by_time:
            return vector
        made, total, seen = {}, 0, False
        for part in self.parts:
            seen = seen or part.key in vector
            total += vector.get(part.key, 0)
            if seen:
                made[part.key] = total
        return made

    def _add_profits(self, retained: str, end: str) -> None:
        former = {part.key: found.former(_day(part, end)) for part, found in self._by_part()}
        self.income = {part.key: found.current(_day(part, end)) for part, found in self._by_part()}
        if any(former.values()):
            self.by_account[retained] = added(self.by_account.get(retained, {}), former)

    def _by_part(self) -> list[tuple[Part, Profits]]:
        if self.split.by_time:
            return [(part, self._profits[""]) for part in self.parts if "" in self._profits]
        return [(part, self._profits[part.key]) for part in self.parts if part.key in self._profits]


def _day(part: Part, end: str) -> str:
    return part.period.end if part.period else end


def balance_sheet(company: Company, question: Question) -> Content:
    """BalanceSheet."""
    tree, split = AccountTree(company), Split(company, question)
    figures = Figures(company, tree, question, split)
    table = Table(tree, figures.by_account, figures.parts, question, total=not split.by_time)
    rows = [section for block in LAYOUT if (section := _section(table, block, figures.income)[0]) is not None]
    columns = split.columns(figures.parts, "Account")
    empty = not figures.by_account and not any(figures.income.values())
    kept = columns if not split.by_time or question.split == "Total" else columns[:-1]
    return Content(kept, [] if empty else rows, empty)


def _section(table: Table, block: Block, income: Vector) -> tuple[Doc | None, Vector]:
    inside = _inside(table, block, income)
    if not inside.rows:
        return None, {}
    return table.section(block.title, block.group, inside, block.total), inside.sum


def _inside(table: Table, block: Block, income: Vector) -> Rows:
    if block.kind:
        found = table.accounts(table.tree.roots([block.kind]))
        return _with_income(table, found, income) if block.group == EQUITY else found
    sections = [_section(table, part, income) for part in block.inside]
    return Rows([row for row, _ in sections if row is not None], added(*[each for _, each in sections]))


def _with_income(table: Table, found: Rows, income: Vector) -> Rows:
    """Equity holds the profit of the current fiscal year as a line of its own."""
    row = data([cell("Net Income"), *table.cells(income)], group="NetIncome")
    return Rows([*found.rows, row], added(found.sum, income))
