"""Transactions as rows of a table: what they are, when, whose, how much, and what of it is open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from heapq import nlargest
from typing import Any

from qbo_milestones.simulator.amounts import Doc, cents
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.currencies import at_home, rate_of
from qbo_milestones.simulator.books.ledger import Key
from qbo_milestones.simulator.books.links import purchase_party
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.pages.listing import Listing, cut
from qbo_milestones.simulator.pages.paper import words
from qbo_milestones.simulator.refs import display_name, ref_id
from qbo_milestones.simulator.schema.entities import ENTITIES

PARTIES = {"CustomerRef": "Customer", "VendorRef": "Vendor", "EmployeeRef": "Employee"}


@dataclass(frozen=True, slots=True)
class Row:
    """One object as a table shows it. ``currency`` is empty where it is the company's own."""

    entity: str
    object_id: str
    title: str
    date: str
    due: str
    party: str
    memo: str
    total: int
    open: int
    currency: str
    overdue: bool
    inactive: bool


def row(company: Company, name: str, body: Doc) -> Row:
    """The row of one object."""
    due, left = str(body.get("DueDate") or ""), open_amount(body)
    return Row(
        name, str(body["Id"]), title(name, body),
        str(body.get("TxnDate") or ""), due, party_name(company, body), memo(body), total(name, body), left,
        foreign_currency(company, body), bool(left) and "" < due < company.today(),
        body.get("Active") is False,
    )  # fmt: skip


def title(name: str, body: Doc) -> str:
    """What a person calls an object: its number, its name, or its Id."""
    number = body.get("DocNumber") or body.get("PaymentRefNum")
    named = number if is_transaction(name) else display_name(body) or body.get("FileName")
    return str(named or f"{'' if is_transaction(name) else words(name) + ' '}#{body['Id']}")


def full_name(company: Company, key: Key) -> str:
    """The same with what it is, for transactions: ``Invoice 1001``."""
    named = name_of(company, key)
    return f"{words(key[0])} {named}" if key[0] in company.shelves and is_transaction(key[0]) else named


def total(name: str, body: Doc) -> int:
    """What a transaction is about in all: a journal by its debits, a transfer by its only amount."""
    if name != "JournalEntry":
        return amount(body.get("TotalAmt") or body.get("Amount"))
    lines = [line for line in body["Line"] if (line.get("JournalEntryLineDetail") or {}).get("PostingType") == "Debit"]
    return sum(amount(line.get("Amount")) for line in lines)


def amount(value: Any) -> int:
    """Cents of a property that may be missing."""
    return cents(value) if isinstance(value, Decimal | int | str) and value != "" else 0


def open_amount(body: Doc) -> int:
    """What is still to be paid or applied, in the document's own currency."""
    return amount(body.get("UnappliedAmt") if "UnappliedAmt" in body else body.get("Balance"))


def memo(body: Doc) -> str:
    """The first words that say what a transaction is about."""
    lines = body.get("Line") or []
    said = [body.get("PrivateNote"), *(line.get("Description") for line in lines if isinstance(line, dict))]
    return next((str(text) for text in said if text), "")


def party(body: Doc) -> Key | None:
    """Whom a transaction is with."""
    for name, entity in PARTIES.items():
        if ref_id(body, name):
            return entity, ref_id(body, name)
    return purchase_party(body)


def party_name(company: Company, body: Doc) -> str:
    """The name of whom a transaction is with, an empty text where it is nobody."""
    key = party(body)
    return name_of(company, key) if key else ""


def name_of(company: Company, key: Key) -> str:
    """What a person calls an object that may be gone."""
    record = company.find(*key) if key[0] in company.shelves else None
    return title(key[0], record.body) if record else f"{key[0]} {key[1]}"


def foreign_currency(company: Company, body: Doc) -> str:
    """The currency of an object, an empty text where it is the company's own."""
    currency = ref_id(body, "CurrencyRef")
    return "" if currency == company.home_currency() else currency


def open_invoices(company: Company, most: int) -> Listing[Row]:
    """Invoices that are not paid, the longest due first."""
    found = [record.body for record in company.shelves["Invoice"].records.values() if record.body.get("Balance")]
    found.sort(key=lambda body: (str(body.get("DueDate") or body["TxnDate"]), int(body["Id"])))
    return cut((row(company, "Invoice", body) for body in found), len(found), most)


def overdue(company: Company) -> int:
    """What is past its due date, in cents of the company's currency."""
    today, total = company.today(), 0
    for record in company.shelves["Invoice"].records.values():
        body = record.body
        if body.get("Balance") and str(body.get("DueDate") or "9999") < today:
            total += at_home(cents(body["Balance"]), rate_of(body))
    return total


def latest(company: Company, names: Iterable[str], most: int, about: Key | None = None) -> Listing[Row]:
    """The objects of these entities (with this customer or vendor) that were changed last, newest first."""
    records = [
        (name, record)
        for name in names
        for record in company.shelves[name].records.values()
        if about is None or party(record.body) == about
    ]
    newest = nlargest(most, records, key=_age)
    return cut((row(company, name, record.body) for name, record in newest), len(records), most)


def _age(pair: tuple[str, Record]) -> tuple[datetime, int]:
    object_id = str(pair[1].body["Id"])
    return pair[1].updated, int(object_id) if object_id.isdecimal() else 0


def transaction_names(company: Company) -> list[str]:
    """The entities that are transactions."""
    return [name for name in company.shelves if is_transaction(name)]


def is_transaction(name: str) -> bool:
    """Whether an entity is a transaction, with a date, and not a name in a list."""
    return "TxnDate" in ENTITIES[name].fields
