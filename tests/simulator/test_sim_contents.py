"""The books as one JSON object: dumped and loaded they are the same books, in whatever order they come."""

import json
from random import Random

from client_rows import FOUNDATIONS, ROWS
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator_person import Person, sale_line
from trader import Doc, Trader

from qbo_milestones.simulator.amounts import read_json
from qbo_milestones.simulator.books.balances import balances
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.schema.entities import ENTITIES
from qbo_milestones.simulator.settings import Settings
from qbo_milestones.simulator.writing.contents import dump, load

RATE: Doc = {"SourceCurrencyCode": "EUR", "AsOfDate": "2026-03-02", "Rate": 1.1}
TEMPLATE: Doc = {
    **next(row.body for row in ROWS if row.entity == "Invoice"),
    "RecurringInfo": {
        "Name": "Care", "RecurType": "Automated", "Active": True,
        "ScheduleInfo": {"IntervalType": "Monthly", "NumInterval": 1, "DayOfMonth": 1},
    },
}  # fmt: skip
CARD_PAID: Doc = {"BankAccountRef": {"value": "1"}, "CreditCardAccountRef": {"value": "900"}, "Amount": 10}
READ_ONLY = {
    "Budget": {"Id": "1", "Name": "2026", "StartDate": "2026-01-01", "EndDate": "2026-12-31",
               "BudgetType": "ProfitAndLoss"},
    "JournalCode": {"Id": "1", "Name": "VT", "Type": "Sales"},
}  # fmt: skip


def stocked(seed: int) -> Trader:
    """A trader whose company holds an object of every entity."""
    trader = Trader(seed, currencies=True)
    load(trader.company, exact(FOUNDATIONS))
    for row in ROWS:
        trader.post(row.entity, exact(row.body))
    trader.post("ExchangeRate", exact(RATE))
    trader.ask("POST", "creditcardpayment", exact(CARD_PAID))
    trader.post("RecurringTransaction", {"Invoice": exact(TEMPLATE)})
    load(trader.company, {name: [body] for name, body in READ_ONLY.items()})
    return trader


def exact(body: Doc) -> Doc:
    """With Decimals for fractions, as a request is read."""
    found: Doc = read_json(json.dumps(body))
    return found


def shuffled(books: Doc, dice: Random) -> Doc:
    """The same books, entities and objects in any order."""
    names = dice.sample(list(books), len(books))
    return {name: dice.sample(books[name], len(books[name])) for name in names}


def by_id(books: Doc) -> dict[tuple[str, str], Doc]:
    """Every object by entity and Id."""
    return {(name, _key(name, body)): body for name, bodies in books.items() for body in bodies}


def _key(name: str, body: Doc) -> str:
    """A rate is known by its day; a template holds its transaction in place of itself."""
    if name == "ExchangeRate":
        return f"{body['SourceCurrencyCode']} {body['AsOfDate']}"
    found: Doc = next(iter(body.values())) if name == "RecurringTransaction" else body
    return str(found["Id"])


@settings(max_examples=8, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_dumped_and_loaded_in_any_order_they_are_the_same_books(seed: int) -> None:
    """Every object, every figure, every line of the ledger, every link; and the numbers go on where they were."""
    trader = stocked(seed)
    for _ in range(40):
        trader.step()
    company = trader.company
    books = dump(company)
    other = Company(company.realm, company.clock, Settings())
    load(other, shuffled(books, Random(seed)))  # noqa: S311 - the same for the same seed
    assert by_id(dump(other)) == by_id(books)
    assert balances(other) == balances(company)
    assert other.ledger.postings == company.ledger.postings
    assert {key: settlers for key, settlers in other.applied.items() if settlers} == {
        key: settlers for key, settlers in company.applied.items() if settlers
    }
    assert other.banked == company.banked


def test_every_entity_is_in_the_books_that_are_tried() -> None:
    """A new entity is tried as soon as it has a row in client_rows.py."""
    assert set(ENTITIES) - set(dump(stocked(1).company)) == set()


def test_old_lines_stay_on_the_account_that_they_were_written_with(person: Person) -> None:
    """An item's account may change later; what was posted shows where, and is loaded so."""
    made = person.post("Invoice", {"CustomerRef": {"value": "1"}, "Line": [sale_line(100, "4")]})
    account = made["Line"][0]["SalesItemLineDetail"]["ItemAccountRef"]
    assert account == {"value": "9", "name": "Services (misc income)"}
    item = person.get("Item", "4")
    person.post("Item", {"Id": "4", "SyncToken": item["SyncToken"], "sparse": True, "IncomeAccountRef": {"value": "8"}})
    note = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "paid by cheque"}
    assert person.post("Invoice", note)["Line"][0]["SalesItemLineDetail"]["ItemAccountRef"] == account
    later = person.post("Invoice", {"CustomerRef": {"value": "1"}, "Line": [sale_line(7, "4")]})
    figures = person.side("GET", "balances")
    assert (figures["accounts"][account["name"]], figures["accounts"]["Milestone revenue"]) == ("-100.00", "-7.00")
    person.side("POST", "load", person.side("GET", "dump"))
    assert person.side("GET", "balances") == figures
    [line, _] = later["Line"]
    line["SalesItemLineDetail"]["ItemRef"] = {"value": "5"}
    other = person.post("Invoice", {"Id": later["Id"], "SyncToken": "0", "sparse": True, "Line": [line]})
    assert other["Line"][0]["SalesItemLineDetail"]["ItemAccountRef"] == account
    person.proof()
