"""One object on one page: its facts, its lines, what it put on the ledger, what it is linked to, its JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Entry, Key
from qbo_milestones.simulator.books.links import entity_key, linked_keys
from qbo_milestones.simulator.pages.paper import day, money, words
from qbo_milestones.simulator.pages.transactions import amount, foreign_currency, full_name, name_of
from qbo_milestones.simulator.schema.entities import ENTITIES

UNTOLD = {
    "Id", "SyncToken", "sparse", "domain", "MetaData", "DocNumber", "status", "Name", "DisplayName",
    "FullyQualifiedName", "V4IDPseudonym", "ClientEntityId",
}  # fmt: skip
"""Properties that the page shows elsewhere, or that say nothing to a person."""
OF_FOREIGN = {"ExchangeRate", "HomeTotalAmt", "HomeBalance"}
"""Told only where the document is in another currency than the company's."""
UNSET = {"NotSet", "None"}
SPELLED = {"txn": "transaction", "amt": "amount", "addr": "address", "acct": "account", "AP": "A/P", "AR": "A/R"}
IN_CENTS = {"Balance", "HomeBalance", "BalanceWithJobs", "CurrentBalance", "CurrentBalanceWithSubAccounts", "Deposit"}
SHORT_GROUPS = {"value", "Address", "FreeFormNumber", "URI", "Line1", "City", "Country"}
"""A group that has one of these is told by its words: a memo, an e-mail address, a phone number, an address."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One property for reading; ``target`` is the object that it leads to."""

    name: str
    value: str
    target: Key | None = None


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One line of a transaction. Journals fill ``debit`` or ``credit``, all others ``amount``."""

    description: str
    what: list[Fact]
    quantity: str
    rate: str
    amount: int | None
    debit: int | None = None
    credit: int | None = None


@dataclass(frozen=True, slots=True)
class PostedLine:
    """One line of the ledger; ``cents`` debit positive. ``party`` is whose line on a control account it is."""

    account_id: str
    account: str
    party: Fact | None
    cents: int


def facts(company: Company, name: str, body: Doc) -> list[Fact]:
    """The properties that a person reads: texts, amounts, references and addresses."""
    spec = ENTITIES[name].fields
    untold = UNTOLD if foreign_currency(company, body) else UNTOLD | OF_FOREIGN
    found = []
    for field, value in body.items():
        kind = spec[field].kind if field in spec else ""
        if field not in untold and (told := _told(kind, field, value)):
            target = _target(company, spec[field].target, value) if kind == "ref" else None
            found.append(Fact(_name(field), told, target))
    return found


def _told(kind: str, field: str, value: Any) -> str:
    """What a person reads; nothing for what is off, not set or has no short form."""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, Decimal | int):
        return money(value) if field.endswith("Amt") or field in IN_CENTS else format(value, "f")
    if isinstance(value, dict):
        return _told_group(kind, value)
    if not isinstance(value, str) or value in UNSET:
        return ""
    return day(value) if kind == "date" else value


def _told_group(kind: str, value: Doc) -> str:
    """References by their names; memos, addresses and the like by the words in them."""
    if kind == "ref":
        return str(value.get("name") or value.get("value") or "")
    if not value.keys() & SHORT_GROUPS:
        return ""
    shown = [str(item) for key, item in value.items() if isinstance(item, str) and key not in ("id", "Id")]
    return ", ".join(shown)


def _name(field: str) -> str:
    """``BillAddr`` as ``Bill address``, ``TxnDate`` as ``Transaction date``."""
    spelled = " ".join(SPELLED.get(word, word) for word in words(field.removesuffix("Ref")).split(" "))
    first = SPELLED.get(spelled.split(" ")[0].lower(), "")
    return first.capitalize() + spelled[len(spelled.split(" ")[0]) :] if first else spelled


def _target(company: Company, entity: str, value: Any) -> Key | None:
    key = (entity, str(value.get("value") or ""))
    return key if entity in company.shelves and company.find(*key) else None


def item_lines(company: Company, body: Doc) -> list[ItemLine]:
    """The lines of a transaction, those inside groups after their group."""
    return list(_lines(company, body.get("Line") or []))


def _lines(company: Company, lines: list[Doc]) -> Iterator[ItemLine]:
    for line in lines:
        detail: Any = line.get(line.get("DetailType") or "") or {}
        side = detail.get("PostingType")
        cents = amount(line["Amount"]) if "Amount" in line else None
        yield ItemLine(
            str(line.get("Description") or _kind_of_line(line)), list(_references(company, line, detail)),
            _number(detail.get("Qty")), _number(detail.get("UnitPrice")), None if side else cents,
            cents if side == "Debit" else None, cents if side == "Credit" else None,
        )  # fmt: skip
        yield from _lines(company, detail.get("Line") or [])


def _kind_of_line(line: Doc) -> str:
    """``SubTotalLineDetail`` as ``Subtotal``, for lines without words; nothing for ordinary ones."""
    kind = str(line.get("DetailType") or "").removesuffix("Detail").removesuffix("Line")
    return {"SubTotal": "Subtotal"}.get(kind, kind) if kind in ("SubTotal", "Discount", "Tax", "Group") else ""


def _number(value: Any) -> str:
    return format(value, ",f") if isinstance(value, Decimal | int) else str(value or "")


def _references(company: Company, line: Doc, detail: Doc) -> Iterator[Fact]:
    """What a line names: item, account, class, customer; and the transactions it is linked to."""
    for name, value in detail.items():
        entity = name.removesuffix("Ref")
        if name.endswith("Ref") and isinstance(value, dict) and value.get("value"):
            known = "Account" if entity.endswith("Account") else "Customer" if entity == "Project" else entity
            yield Fact(words(entity), str(value.get("name") or value["value"]), _target(company, known, value))
    inner = detail.get("Entity")
    named = entity_key(inner) if isinstance(inner, dict) else None
    if named is not None:
        yield _leads_to(company, "Name", named)
    for key in linked_keys(line):
        yield _leads_to(company, key[0], key)


def posted_lines(company: Company, key: Key) -> list[PostedLine]:
    """What a transaction put on the ledger; nothing where it moves no account."""
    posting = company.ledger.postings.get(key)
    return [_posted_line(company, entry) for entry in (posting.entries if posting else ())]


def _posted_line(company: Company, entry: Entry) -> PostedLine:
    party = _leads_to(company, entry.party[0], entry.party) if entry.party else None
    return PostedLine(entry.account, name_of(company, ("Account", entry.account)), party, entry.cents)


def _leads_to(company: Company, name: str, key: Key) -> Fact:
    """An object by what a person calls it, as a link where it is still there."""
    there = key[0] in company.shelves and company.find(*key) is not None
    return Fact(words(name), full_name(company, key), key if there else None)


def links(company: Company, key: Key, body: Doc) -> list[Key]:
    """What an object is linked to from either side: payments, deposits, attachments."""
    found: dict[Key, None] = dict.fromkeys(linked_keys(body))
    for line in body.get("Line") or []:
        found.update(dict.fromkeys(linked_keys(line)))
    found.update(dict.fromkeys(company.applied.get(key, {})))
    if key in company.banked:
        found["Deposit", company.banked[key]] = None
    for reference in body.get("AttachableRef") or []:
        found[_attached(reference)] = None
    for object_id, record in company.shelves["Attachable"].records.items():
        if any(_attached(reference) == key for reference in record.body.get("AttachableRef") or []):
            found["Attachable", object_id] = None
    return [found_key for found_key in found if found_key[0] in company.shelves and company.find(*found_key)]


def _attached(reference: Doc) -> Key:
    """What an attachment hangs on; QuickBooks writes its kind in any case."""
    inner = reference.get("EntityRef") or {}
    kind = str(inner.get("type") or "")
    known = next((name for name in ENTITIES if name.lower() == kind.lower()), kind)
    return known, str(inner.get("value") or "")
