"""Who owes and who is owed: customers and vendors with their balances and open items."""

from dataclasses import dataclass

from qbo_milestones.simulator.books import open_items
from qbo_milestones.simulator.books.chart import PAYABLE, RECEIVABLE, account_type
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Key
from qbo_milestones.simulator.pages.listing import Listing, cut
from qbo_milestones.simulator.pages.transactions import Row, foreign_currency, name_of, overdue, row

SIDES = {"Customer": RECEIVABLE, "Vendor": PAYABLE}
"""Who has open items -> on which kind of account."""


@dataclass(frozen=True, slots=True)
class Owing:
    """One customer or vendor with a balance in cents of its currency, positive for what is owed.

    ``currency`` is empty where it is the company's own.
    """

    key: Key
    name: str
    cents: int
    currency: str


def owing(company: Company, kind: str, most: int) -> Listing[Owing]:
    """Customers that owe, or vendors that are owed, the largest balance first."""
    found = [(key, cents) for key, cents in company.ledger.parties.items() if cents and key[0] == kind]
    found.sort(key=lambda item: -abs(item[1]))
    return cut(
        (_owing(company, key, cents if kind == "Customer" else -cents) for key, cents in found), len(found), most
    )


def _owing(company: Company, key: Key, cents: int) -> Owing:
    record = company.find(*key) if key[0] in company.shelves else None
    return Owing(key, name_of(company, key), cents, foreign_currency(company, record.body if record else {}))


def open_rows(company: Company, key: Key, most: int) -> Listing[tuple[Row, int]]:
    """What a customer or vendor has open, oldest first, with what is open of it: charges positive, credits negative."""
    found = [
        (row(company, item.key[0], company.fetch(*item.key).body), item.cents)
        for item in open_items.open_items(company, SIDES[key[0]])
        if item.party == key
    ]
    found.sort(key=lambda item: item[0].date)
    return cut(found, len(found), most)


def figures(company: Company) -> dict[str, int]:
    """The few numbers at the top, in cents: money, receivables, what is late, payables."""
    return {
        "In the bank": _total(company, "Bank"), "Customers owe": _total(company, RECEIVABLE),
        "Overdue": overdue(company), "We owe vendors": -_total(company, PAYABLE),
    }  # fmt: skip


def _total(company: Company, kind: str) -> int:
    return sum(net for account, net in company.ledger.accounts.items() if account_type(company, account) == kind)
