"""What moves accounts in a report: one transaction's lines on one day, on either basis."""

from collections.abc import Iterator
from typing import NamedTuple

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Entry, Key


class Movement(NamedTuple):
    """Lines of one transaction on one day; they sum to zero. ``sources`` says of each line which transaction it shows,
    where that is not always the same one."""

    key: Key
    day: str
    entries: tuple[Entry, ...]
    sources: tuple[Key, ...] = ()

    def lines(self) -> Iterator[tuple[Key, Entry]]:
        """Each line with the transaction that it shows."""
        if self.sources:
            return zip(self.sources, self.entries, strict=True)
        return ((self.key, entry) for entry in self.entries)


def accrual_movements(company: Company) -> Iterator[Movement]:
    """The ledger as it is."""
    for key, posting in company.ledger.postings.items():
        yield Movement(key, posting.day, posting.entries)
