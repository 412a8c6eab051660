"""Double entry: what each transaction put on which account, and the balances that follow."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from qbo_milestones.simulator.books.state import State
from qbo_milestones.simulator.books.watched import GONE, Watched

Key = tuple[str, str]
"""Entity name and Id."""


class Entry(NamedTuple):
    """One line of the ledger, debits positive.

    ``cents`` is in the home currency, ``foreign`` in the document's. A line on a receivable or payable account says
    whose it is (``party``: a customer, vendor or employee) and which open item it is ``about``: the invoice that a
    payment pays, or the transaction itself. Such lines move the party's balance. ``item_id`` is what was sold or
    bought, ``customer_id`` for whom a cost was made: what reports are split by.
    """

    account: str
    cents: int
    foreign: int
    party: Key | None = None
    about: Key | None = None
    memo: str = ""
    class_id: str = ""
    department_id: str = ""
    item_id: str = ""
    customer_id: str = ""


class Posting(NamedTuple):
    """All lines of one transaction on its date (YYYY-MM-DD)."""

    day: str
    entries: tuple[Entry, ...]


class Ledger(State):
    """The books. Each posting sums to zero, so the trial balance always does.

    ``accounts`` is net debit in home cents, ``foreign`` the same in the currency of the documents, ``parties`` what is
    owed by each party in its own currency.
    """

    def __init__(self) -> None:
        self.postings: Watched[Key, Posting] = Watched()
        self.accounts: defaultdict[str, int] = defaultdict(int)
        self.foreign: defaultdict[str, int] = defaultdict(int)
        self.parties: defaultdict[Key, int] = defaultdict(int)

    def post(self, key: Key, day: str, entries: list[Entry]) -> None:
        """Replace what the transaction had posted by these lines."""
        total = sum(entry.cents for entry in entries)
        if total != 0:
            raise AssertionError(f"{key} would post {total} cents out of balance")
        self.lift(key)
        kept = tuple(entry for entry in entries if entry.cents or entry.foreign)
        self.postings[key] = Posting(day, kept)
        self._move(kept, 1)

    def lift(self, key: Key) -> None:
        """Take a transaction off the books (deleted, or about to be posted anew)."""
        before = self.postings.pop(key, None)
        if before is not None:
            self._move(before.entries, -1)

    def take_back(self, key: Key, before: Posting) -> None:
        """Let a transaction stand on the books again as a memory holds it (``GONE``: not at all)."""
        self.lift(key)
        if before is not GONE:
            self.postings[key] = before
            self._move(before.entries, 1)

    def _move(self, entries: tuple[Entry, ...], sign: int) -> None:
        for entry in entries:
            self.accounts[entry.account] += sign * entry.cents
            self.foreign[entry.account] += sign * entry.foreign
            if entry.about is not None and entry.party is not None:
                self.parties[entry.party] += sign * entry.foreign

    def between(self, first_day: str, last_day: str) -> Iterator[tuple[Key, Posting]]:
        """Postings with first_day <= date <= last_day."""
        for key, posting in self.postings.items():
            if first_day <= posting.day <= last_day:
                yield key, posting

    def net_by_account(self, last_day: str = "9999-12-31") -> dict[str, int]:
        """Net debit in cents by account Id up to and with a date."""
        net: defaultdict[str, int] = defaultdict(int)
        for _, posting in self.between("0000-01-01", last_day):
            for entry in posting.entries:
                net[entry.account] += entry.cents
        return dict(net)
