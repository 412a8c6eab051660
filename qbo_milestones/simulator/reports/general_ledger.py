"""General ledger and its like: the lines of each account under the account, children under their parents."""

from collections.abc import Iterable, Iterator
from operator import itemgetter

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Entry, Key
from qbo_milestones.simulator.reports.accounts import Account, AccountTree
from qbo_milestones.simulator.reports.basis import line_test, lines_of, movements
from qbo_milestones.simulator.reports.details import Sheet
from qbo_milestones.simulator.reports.frame import section, short_amount
from qbo_milestones.simulator.reports.kinds import in_order
from qbo_milestones.simulator.reports.lines import SEVERAL, Desk, Line, Sums, sums_of
from qbo_milestones.simulator.reports.movements import Movement
from qbo_milestones.simulator.reports.periods import FIRST_DAY
from qbo_milestones.simulator.reports.positions import position
from qbo_milestones.simulator.reports.questions import Question
from qbo_milestones.simulator.reports.specs import Content

COLUMNS = ("tx_date", "txn_type", "doc_num", "name", "dept_name", "klass_name", "memo", "split_acc", "subt_nat_amount",
           "rbal_nat_amount")  # fmt: skip
Found = tuple[tuple[str, int, str], Key, str, Entry, str]
"""One ledger line: its place in time, the transaction, the day, the line, the other account."""


def general_ledger(company: Company, question: Question) -> Content:
    """GeneralLedger."""
    tree = AccountTree(company)
    sheet = Sheet(Desk(company, question, tree), COLUMNS)
    before: dict[str, int] = {}
    if question.period.start != FIRST_DAY:
        before = _balances_before(company, tree, question)
    ledger = LedgerRows(sheet, account_lines(company, tree, question), before)
    found = [each for account in tree.roots({each.kind for each in tree.by_id.values()})
             if (each := ledger.account(account)) is not None]  # fmt: skip
    return Content(sheet.columns, [row for row, _ in found], not found)


def _balances_before(company: Company, tree: AccountTree, question: Question) -> dict[str, int]:
    """How the accounts stood when the period began: of profit and loss, only what its fiscal year had brought."""
    start = question.period.start
    net = position(company, tree, ((day, entry) for day, entry in lines_of(company, tree, question) if day < start),
                   start)  # fmt: skip
    return {account: cents for account, cents in net.items() if cents}


def account_lines(company: Company, tree: AccountTree, question: Question) -> dict[str, list[Found]]:
    """Lines of the period by account, oldest first."""
    start, end = question.period
    test = line_test(tree, question)
    by_account: dict[str, list[Found]] = {}
    for movement in movements(company, question.basis):
        if start <= movement.day <= end:
            for number, (source, entry) in enumerate(movement.lines()):
                if entry.cents and (test is None or test(entry)):
                    place = in_order(source, movement.day)
                    found = (place, source, movement.day, entry, other_account(movement, number))
                    by_account.setdefault(entry.account, []).append(found)
    for found_lines in by_account.values():
        found_lines.sort(key=itemgetter(0))
    return by_account


def other_account(movement: Movement, number: int) -> str:
    """The account on the other side of a line: the first line's, or of the first line the only other one."""
    entries = movement.entries
    if len(entries) == 2:
        return entries[1 - number].account
    if number == 0 or movement.key[0] == "JournalEntry":
        return SEVERAL if len(entries) > 1 else ""
    return entries[0].account


class LedgerRows:
    """Sections of accounts with their lines."""

    def __init__(self, sheet: Sheet, lines: dict[str, list[Found]], before: dict[str, int]) -> None:
        self._sheet, self._lines, self._before = sheet, lines, before
        self._tree, self._renewed = sheet.desk.tree, sheet.desk.question.renewed

    def accounts(self, accounts: Iterable[Account]) -> tuple[list[Doc], Sums]:
        """Sections of some accounts and what they add up to."""
        found = [each for account in accounts if (each := self.account(account)) is not None]
        total = Sums()
        for _, sums in found:
            total = total.plus(sums)
        return [row for row, _ in found], total

    def account(self, account: Account) -> tuple[Doc, Sums] | None:
        """The section of an account; where it has lines and children, its own lines stand in a section of their own,
        before Reports v2 at least."""
        rows, own = self._own(account)
        below, sums = self.accounts(self._tree.children(account))
        if not rows and not below:
            return None
        sums = sums.plus(own)
        total, label = f"Total for {account.name}", self._sheet.label(account.name, account.cell_id if rows else "")
        if not below or not rows:
            return section(rows or below, self._sheet.summary(total, sums), label), sums
        inside = rows if self._renewed else [section(rows, self._sheet.summary(total, own))]
        return section([*inside, *below], self._sheet.summary(f"{total} with sub-accounts", sums), label), sums

    def _own(self, account: Account) -> tuple[list[Doc], Sums]:
        lines = self._sheet.sorted(list(self._running(account)))
        rows = [self._sheet.row(line) for line in lines]
        before = self._before.get(account.id, 0)
        if before:
            shown = self._sheet.desk.company.settings.report_beginning_balance == "shown"
            rows.insert(0, self._sheet.beginning(short_amount(account.sign * before) if shown else ""))
        return rows, sums_of(lines)

    def _running(self, account: Account) -> Iterator[Line]:
        balance = account.sign * self._before.get(account.id, 0)
        for _, source, day, entry, other in self._lines.get(account.id, ()):
            amount = account.sign * entry.cents
            balance += amount
            yield Line(source, day, entry, amount, other, balance)
