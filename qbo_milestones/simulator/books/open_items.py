"""Open items of a company as they stand: the sub-ledgers that the control accounts must equal."""

from collections.abc import Iterator
from typing import NamedTuple

from qbo_milestones.simulator.books.chart import PAYABLE, RECEIVABLE
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.currencies import at_home, rate_of
from qbo_milestones.simulator.books.ledger import Key
from qbo_milestones.simulator.books.links import (
    OPEN_ITEMS,
    SETTLERS,
    full_cents,
    open_cents,
    party_of,
    side_of,
    sign_of,
    unapplied_cents,
)


class OpenItem(NamedTuple):
    """What is left of one transaction, positive for what the party owes (or is owed, on payables)."""

    key: Key
    party: Key | None
    cents: int
    home: int


def open_items(company: Company, side: str) -> Iterator[OpenItem]:
    """Everything that is open on receivables or on payables (``side`` is the AccountType), by entity."""
    for name in OPEN_ITEMS:
        for object_id, record in company.shelves[name].records.items() if name in company.shelves else ():
            key = (name, object_id)
            if full_cents(company, key) and side_of(company, key) == side:
                left, sign = open_cents(company, key), sign_of(company, key)
                if left:
                    home = at_home(left, rate_of(record.body))
                    yield OpenItem(key, party_of(company, key), sign * left, sign * home)
    yield from _unapplied(company, side)


def _unapplied(company: Company, side: str) -> Iterator[OpenItem]:
    for name, on in SETTLERS.items():
        if on != side or name not in company.shelves:
            continue
        for object_id, record in company.shelves[name].records.items():
            left = unapplied_cents(company, record.body)
            if left:
                yield OpenItem((name, object_id), party_of(company, (name, object_id)), -left,
                               -at_home(left, rate_of(record.body)))  # fmt: skip


def sub_ledger(company: Company, side: str) -> dict[str, int]:
    """Home cents that are open, by entity."""
    totals: dict[str, int] = {}
    for item in open_items(company, side):
        totals[item.key[0]] = totals.get(item.key[0], 0) + item.home
    return totals


def control_balance(company: Company, side: str) -> int:
    """Home cents on the control accounts of a side, positive for what is owed."""
    total = sum(
        company.ledger.accounts.get(account, 0)
        for account, record in company.shelves["Account"].records.items()
        if record.body.get("AccountType") == side
    )
    return total if side == RECEIVABLE else -total


SIDES = {"receivable": RECEIVABLE, "payable": PAYABLE}
"""The two sub-ledgers by their word -> AccountType."""
