"""Rows of accounts under each other: a parent shows its own figures, its children, and both together."""

from typing import NamedTuple

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.reports.accounts import Account, AccountTree
from qbo_milestones.simulator.reports.frame import cell, data, money_cells, section
from qbo_milestones.simulator.reports.questions import Question
from qbo_milestones.simulator.reports.splits import Part, Vector, values

ZOOM = "https://qbo.intuit.com/app/report/TransactionList"
"""Where a quick zoom leads: a page of QuickBooks for people."""


class Rows(NamedTuple):
    """Rows and what they add up to."""

    rows: list[Doc]
    sum: Vector


def added(*vectors: Vector) -> Vector:
    """The sum of vectors, column by column."""
    total: Vector = {}
    for vector in vectors:
        for key, cents in vector.items():
            total[key] = total.get(key, 0) + cents
    return total


def negated(vector: Vector) -> Vector:
    """The same with the other sign."""
    return {key: -cents for key, cents in vector.items()}


class Table:
    """Figures by account, in their natural direction, laid out in columns."""

    def __init__(
        self, tree: AccountTree, figures: dict[str, Vector], parts: list[Part], question: Question, total: bool = True
    ) -> None:
        self.tree, self.figures, self.parts = tree, figures, parts
        self._question, self._total = question, total

    def cells(self, vector: Vector, blank: str = "") -> list[Doc]:
        """The figures of a row."""
        found = values(self.parts, vector)
        return money_cells(found if self._total or len(found) == len(self.parts) else found[:-1], blank)

    def accounts(self, accounts: list[Account]) -> Rows:
        """Rows of some accounts and what is under them; those without figures are left out."""
        found = [each for account in self._ordered(accounts) if (each := self._account(account)) is not None]
        return Rows([row for each in found for row in each.rows], added(*[each.sum for each in found]))

    def _ordered(self, accounts: list[Account]) -> list[Account]:
        return accounts[::-1] if self._question.descending else accounts

    def _zoomed(self, account: Account, vector: Vector) -> list[Doc]:
        """The figures of an account; with quick zoom, which ended with Reports v2, each leads to what makes it."""
        cells = self.cells(vector)
        if not self._question.quick_zoom or self._question.renewed or not account.cell_id:
            return cells
        start, end = self._question.period
        link = f"{ZOOM}?account={account.id}&start_date={start}&end_date={end}"
        return [{**each, "href": link} if each["value"] else each for each in cells]

    def _account(self, account: Account) -> Rows | None:
        own, below = self.figures.get(account.id), self.accounts(self.tree.children(account))
        name = cell(account.name, account.cell_id)
        if not below.rows:
            return None if own is None else Rows([data([name, *self._zoomed(account, own)])], own)
        total = added(own or {}, below.sum)
        summary = [cell(f"Total {account.name}"), *self.cells(total)]
        return Rows([section(below.rows, summary, [name, *self._zoomed(account, own or {})])], total)

    def section(self, title: str, group: str, inside: Rows, total: str = "") -> Doc:
        """A section of the statement with its total."""
        head = [cell(title), *self.cells({})]
        summary = [cell(total or f"Total {title}"), *self.cells(inside.sum)]
        return section(inside.rows or None, summary, head, group)

    def result(self, title: str, group: str, vector: Vector) -> Doc:
        """A line that is computed from sections: gross profit, net income."""
        return section(None, [cell(title), *self.cells(vector)], group=group)
