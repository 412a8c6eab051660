"""Random business: after every step the books balance and sub-ledgers equal their accounts."""

from collections import Counter

import pytest
from report_ties import ties
from trader import Doc, Trader

from qbo_milestones.simulator.amounts import cents
from qbo_milestones.simulator.books.balances import balances, trial_balance
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Key
from qbo_milestones.simulator.settings import Settings
from qbo_milestones.simulator.writing.contents import dump, load


def prove(company: Company, done: str) -> None:
    """What must hold after every step."""
    assert trial_balance(company, "9999-12-31")["total"] == "0.00", done
    found = balances(company)
    assert found["receivable"]["difference"] == "0.00", (done, found["receivable"])
    assert found["payable"]["difference"] == "0.00", (done, found["payable"])
    assert shown(company) == on_ledger(company), done
    assert ties(company, "2026-06-30") == [], done


OPEN = {"Invoice": "Balance", "CreditMemo": "Balance", "Bill": "Balance", "VendorCredit": "Balance",
        "Payment": "UnappliedAmt"}  # fmt: skip


def shown(company: Company) -> dict[Key, int]:
    """What documents say is open of them, in cents of their currency; what is settled is left out."""
    found = {(name, object_id): cents(record.body[field]) for name, field in OPEN.items()
             for object_id, record in company.shelves[name].records.items()}  # fmt: skip
    return {key: amount for key, amount in found.items() if amount}


def on_ledger(company: Company) -> dict[Key, int]:
    """The same from the lines of the ledger that are about them."""
    found: Counter[Key] = Counter()
    for posting in company.ledger.postings.values():
        for entry in posting.entries:
            if entry.about is not None and entry.about[0] in OPEN:
                found[entry.about] += entry.foreign
    return {key: abs(amount) for key, amount in found.items() if amount}


@pytest.mark.parametrize("seed", range(26))
def test_random_business_ties_after_every_step(seed: int) -> None:
    """2,080 transactions of all kinds: trial balance 0.00, sub-ledgers equal their accounts, every report ties."""
    trader = Trader(seed, currencies=seed % 2 == 1)
    for _ in range(80):
        prove(trader.company, trader.step())
    assert len(trader.company.applied) > 4, "hardly anything was ever settled"
    assert same_books(trader.company)


def same_books(company: Company) -> bool:
    """Whether the books, loaded into another company, are the same books."""
    other = Company(company.realm, company.clock, Settings())
    load(other, dump(company))
    assert by_id(other) == by_id(company)
    return balances(other) == balances(company)


def by_id(company: Company) -> dict[tuple[str, str], Doc]:
    """Every object by entity and Id: a load puts parents before their children."""
    return {(name, str(body["Id"])): body for name, bodies in dump(company).items() for body in bodies}
