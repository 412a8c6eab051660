"""Lines of details: what a row shows, what rows add up to, and what cells are drawn up from."""

from collections.abc import Iterable
from typing import NamedTuple

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Entry, Key
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.reports.accounts import AccountTree
from qbo_milestones.simulator.reports.frame import NO_DATE, NOTHING
from qbo_milestones.simulator.reports.kinds import kind_of
from qbo_milestones.simulator.reports.names import Names
from qbo_milestones.simulator.reports.questions import Question

SEVERAL = "-Split-"
"""What stands for the other accounts where there are several."""


class Line(NamedTuple):
    """One row: a ledger line of a transaction, its amount in the direction of the report, what is open, a balance.

    ``follows``: it is not the first line of its transaction, whose date and number are not repeated.
    """

    source: Key
    day: str
    entry: Entry
    amount: int
    other: str = ""
    balance: int = 0
    open: int = 0
    due: str = ""
    follows: bool = False


class Sums(NamedTuple):
    """What rows add up to."""

    amount: int = 0
    debit: int = 0
    credit: int = 0
    open: int = 0

    def plus(self, other: "Sums") -> "Sums":
        """Both together."""
        return Sums(*map(sum, zip(self, other, strict=True)))


def sums_of(lines: Iterable[Line]) -> Sums:
    """What lines add up to."""
    amount = debit = credit = left = 0
    for line in lines:
        amount += line.amount
        left += line.open
        if line.entry.cents > 0:
            debit += line.entry.cents
        else:
            credit -= line.entry.cents
    return Sums(amount, debit, credit, left)


class Desk:
    """What rows are drawn up from; cells that many rows share are made once."""

    def __init__(self, company: Company, question: Question, tree: AccountTree) -> None:
        self.company, self.question, self.tree = company, question, tree
        self.names = Names(company)
        self.today = company.today()
        self._no_date = {"value": "" if question.renewed else NO_DATE}
        self._days: dict[str, Doc] = {}
        self._accounts: dict[str, Doc] = {}
        self._kinds: dict[Key, Doc] = {}
        self._records: dict[Key, Record | None] = {}

    def record(self, key: Key) -> Record | None:
        """The stored transaction."""
        if key not in self._records:
            self._records[key] = self.company.find(*key)
        return self._records[key]

    def body(self, key: Key) -> Doc:
        """The transaction as it is stored; nothing where it is gone."""
        record = self.record(key)
        return record.body if record else {}

    def day(self, day: str) -> Doc:
        """A cell with a date."""
        if not day:
            return self._no_date
        return self._days.get(day) or self._days.setdefault(day, {"value": day})

    def kind(self, key: Key) -> Doc:
        """A cell with what the transaction is called, and its Id."""
        found = self._kinds.get(key)
        if found is None:
            found = self._kinds[key] = {"value": kind_of(key[0], self.body(key)).label, "id": key[1]}
        return found

    def account(self, account_id: str) -> Doc:
        """A cell with an account; ``-Split-`` for several, an empty one for none."""
        found = self._accounts.get(account_id)
        if found is None:
            account = self.tree[account_id]
            named = {"value": account.full_name, "id": account.cell_id} if account_id else NOTHING
            found = self._accounts[account_id] = {"value": SEVERAL, "id": ""} if account_id == SEVERAL else named
        return found
