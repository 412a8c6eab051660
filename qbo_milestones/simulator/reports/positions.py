"""How the accounts stand at the ends of days: former years' profit belongs to retained earnings by then."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate

from qbo_milestones.simulator.books.chart import standing_account
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Entry
from qbo_milestones.simulator.reports.accounts import AccountTree
from qbo_milestones.simulator.reports.periods import fiscal_start_of
from qbo_milestones.simulator.reports.questions import first_month

RETAINED = "retained earnings"


def retained_account(company: Company) -> str:
    """The account of former years' profit; the purpose itself where QuickBooks has opened none yet."""
    return standing_account(company, RETAINED) or RETAINED


def position(company: Company, tree: AccountTree, lines: Iterable[tuple[str, Entry]], day: str) -> dict[str, int]:
    """Net debit by account at the end of a day; profit and loss since the fiscal year began."""
    year, retained = fiscal_start_of(day, first_month(company)), retained_account(company)
    net: dict[str, int] = {}
    for moved, entry in lines:
        if moved <= day:
            former = moved < year and tree[entry.account].is_profit
            account = retained if former else entry.account
            net[account] = net.get(account, 0) + entry.cents
    return net


class Profits:
    """Profit (a gain is positive) that can be asked for day by day."""

    def __init__(self, company: Company, by_day: dict[str, int]) -> None:
        self._first_month = first_month(company)
        self._days = sorted(by_day)
        self._sums = [0, *accumulate(by_day[day] for day in self._days)]

    def until(self, day: str) -> int:
        """All profit up to and with a day."""
        return self._sums[bisect_right(self._days, day)]

    def former(self, day: str) -> int:
        """Profit of the fiscal years that are over on a day."""
        year = fiscal_start_of(day, self._first_month)
        return self._sums[bisect_left(self._days, year)]

    def current(self, day: str) -> int:
        """Profit of the fiscal year so far."""
        return self.until(day) - self.former(day)
