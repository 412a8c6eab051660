"""The register of one account: every posting to it with the balance after it."""

from dataclasses import dataclass
from itertools import accumulate

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Key
from qbo_milestones.simulator.pages.listing import Listing, cut
from qbo_milestones.simulator.pages.transactions import full_name, memo, party_name


@dataclass(frozen=True, slots=True)
class Move:
    """What one transaction did to the account, in cents, and what stood there afterwards (debit positive)."""

    key: Key
    date: str
    title: str
    party: str
    memo: str
    cents: int
    balance: int


def register(company: Company, account_id: str, most: int) -> Listing[Move]:
    """The moves of an account, newest first."""
    moved: list[tuple[str, Key, int]] = []
    for key, posting in company.ledger.postings.items():
        cents = [entry.cents for entry in posting.entries if entry.account == account_id]
        if cents:
            moved.append((posting.day, key, sum(cents)))
    moved.sort(key=lambda move: move[0])
    after = accumulate(cents for _, _, cents in moved)
    rows = list(zip(moved, after, strict=True))[::-1]
    return cut((_move(company, *move, balance) for move, balance in rows), len(rows), most)


def _move(company: Company, date: str, key: Key, cents: int, balance: int) -> Move:
    body = company.fetch(*key).body
    return Move(key, date, full_name(company, key), party_name(company, body), memo(body), cents, balance)
