"""What was open on receivables or payables at the end of a day, transaction by transaction, as the ledger tells it.

A line about an open item that is not there yet on that day is the settler's own: a payment for a later invoice.
"""

from collections.abc import Iterator
from typing import NamedTuple

from qbo_milestones.simulator.books.chart import PAYABLE, RECEIVABLE
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Entry, Key
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.reports.names import Names
from qbo_milestones.simulator.reports.questions import Question

SIDES = {RECEIVABLE: ("Customer", "customer", 1), PAYABLE: ("Vendor", "vendor", -1)}
"""Kind of account -> (entity of its parties, filter, +1 where a debit is owed)."""


class Item(NamedTuple):
    """One transaction and one party: what it brought, what of it is open; positive for what is owed."""

    key: Key
    party: Key | None
    day: str
    due: str
    amount: int
    open: int
    entry: Entry


class Side:
    """Receivables or payables of a company as a question asks for them."""

    def __init__(self, company: Company, question: Question, kind: str) -> None:
        self.company, self.question, self.names = company, question, Names(company)
        self.entity, self._filter, self.sign = SIDES[kind]
        shelf = company.shelves["Account"].records
        self._accounts = {key for key, record in shelf.items() if record.body.get("AccountType") == kind}

    def items(self, state: str = "Unpaid") -> list[Item]:
        """What is open, what is paid, or both, by party and date."""
        found = [item for item in self._all(self.question.day) if self._asked_for(item, state)]
        return sorted(found, key=lambda item: (item.day, len(item.key[1]), item.key[1]))

    def _all(self, day: str) -> Iterator[Item]:
        """Every transaction on the side's accounts up to a day."""
        postings = self.company.ledger.postings
        brought: dict[tuple[Key, Key | None], int] = {}
        left: dict[tuple[Key, Key | None], int] = {}
        first: dict[tuple[Key, Key | None], Entry] = {}
        for key, posting in postings.items():
            if posting.day > day:
                continue
            for entry in posting.entries:
                if entry.about is None or entry.account not in self._accounts:
                    continue
                own, item = (key, entry.party), entry.about
                if item != key and (item not in postings or postings[item].day > day):
                    item = key
                brought[own] = brought.get(own, 0) + entry.cents
                left[item, entry.party] = left.get((item, entry.party), 0) + entry.cents
                first.setdefault(own, entry)
        for key, party in {**brought, **left}:
            at = key, party
            yield self._item(at, brought.get(at, 0), left.get(at, 0), first.get(at) or Entry("", 0, 0, party))

    def _item(self, at: tuple[Key, Key | None], brought: int, left: int, entry: Entry) -> Item:
        record = self.company.find(*at[0])
        body = record.body if record else {}
        day = self.company.ledger.postings[at[0]].day
        return Item(*at, day, str(body.get("DueDate") or day), self.sign * brought, self.sign * left, entry)

    def _asked_for(self, item: Item, state: str) -> bool:
        filters, due = self.question.filters, self.question.due
        record = self.company.find(*item.key)
        body = record.body if record else {}
        party = item.party[1] if item.party else ""
        return (
            (state == "All" or (state == "Unpaid") == bool(item.open))
            and (self._filter not in filters or party in filters[self._filter])
            and ("department" not in filters or ref_id(body, "DepartmentRef") in filters["department"])
            and ("term" not in filters or ref_id(body, "SalesTermRef") in filters["term"])
            and due.start <= item.due <= due.end
        )
