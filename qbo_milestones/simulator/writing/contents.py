"""The whole of a company as one JSON object by entity: dump it, load it, post it to the ledger."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime
from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company, arranged
from qbo_milestones.simulator.books.ledger import Key
from qbo_milestones.simulator.books.links import linked_keys
from qbo_milestones.simulator.books.render import shown
from qbo_milestones.simulator.books.settlement import settle
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.faults import refuse
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.schema.entities import ENTITIES
from qbo_milestones.simulator.schema.fields import EntitySpec
from qbo_milestones.simulator.schema.transactions import TRANSACTIONS
from qbo_milestones.simulator.writing.completers import complete
from qbo_milestones.simulator.writing.intake import clean
from qbo_milestones.simulator.writing.recurring import TEMPLATE, kept_template
from qbo_milestones.simulator.writing.references import name_reference

ORDER = tuple(spec.name for spec in TRANSACTIONS)
STANDING = ("Preferences", "CompanyInfo", "TaxAgency", "TaxRate", "TaxCode", "PaymentMethod", "Term")
"""What a company keeps when books are loaded that do not name it."""


def dump(company: Company) -> Doc:
    """Every object in QuickBooks' JSON, by entity; entities without objects are left out."""
    return {
        name: [shown(company, name, record) for record in shelf.records.values()]
        for name, shelf in company.shelves.items()
        if shelf.records
    }


def load(company: Company, books: Doc) -> None:
    """Put objects into a company as they are: no closing date, no duplicate check; missing properties are filled.

    The order of the entities does not matter. An unknown entity is refused with 2000.
    """
    for name in books:
        if name not in ENTITIES:
            raise refuse("2000", f"Invalid or unsupported object name: {name}")
    names = [name for name in ENTITIES if name in books and name not in ORDER]
    for name in names:
        for body in _parents_first(books[name]):
            _place(company, ENTITIES[name], body)
    for name in ORDER:
        for body in books.get(name, []):
            _place(company, ENTITIES[name], body)


def _parents_first(bodies: list[Doc]) -> Iterator[Doc]:
    """In their own order, but for parents that come later than what stands under them."""
    waiting = {str(body.get("Id")): body for body in bodies if body.get("Id") is not None}
    for body in bodies:
        line = [body]
        while (parent := waiting.get(ref_id(line[-1], "ParentRef"))) and parent not in line:
            line.append(parent)
        for each in reversed(line):
            if waiting.pop(str(each.get("Id")), None) is not None or each.get("Id") is None:
                yield each


def _place(company: Company, spec: EntitySpec, body: Doc) -> None:
    if spec.name == TEMPLATE:
        _keep(company, spec, kept_template(company, body))
        return
    doc = clean(spec, body, whole=not spec.is_transaction)
    frame: Doc = {name: body[name] for name in ("Id", "SyncToken", "MetaData") if name in body}
    doc = {**doc, **frame}
    if spec.is_name_list:
        doc.setdefault("Active", True)
    if spec.is_transaction:
        doc["TxnDate"] = doc.get("TxnDate") or company.today()
    _name_references(company, spec, doc)
    complete(company, spec, doc, deepcopy(doc), set(doc))
    record = _keep(company, spec, doc)
    if spec.posts:
        tokens = _tokens(company, record)
        settle(company, spec.name, record, None)
        _restore(company, tokens)


def _keep(company: Company, spec: EntitySpec, doc: Doc) -> Record:
    if "Id" not in doc:
        return company.put(spec.name, doc)
    record = _as_it_was(company, spec.name, doc)
    company.place(spec.name, record)
    return record


def _tokens(company: Company, record: Record) -> list[tuple[Key, Doc, datetime]]:
    """Loading a payment or deposit must not count as a change of what it links to."""
    keys = [key for part in (record.body, *(record.body.get("Line") or [])) for key in linked_keys(part)]
    found = [(key, company.find(*key)) for key in keys if key[0] in ENTITIES]
    return [
        (key, {name: target.body[name] for name in ("SyncToken", "MetaData")}, target.updated)
        for key, target in found
        if target is not None
    ]


def _restore(company: Company, tokens: list[tuple[Key, Doc, datetime]]) -> None:
    for (name, object_id), frame, updated in tokens:
        target = company.fetch(name, object_id)
        company.place(name, Record({**target.body, **frame}, target.created, updated))


def _as_it_was(company: Company, name: str, doc: Doc) -> Record:
    meta = doc.get("MetaData") or {}
    now = company.now()
    created = _instant(meta.get("CreateTime"), now)
    updated = _instant(meta.get("LastUpdatedTime"), created)
    frame = {"domain": "QBO", "sparse": False, "Id": str(doc["Id"]), "SyncToken": str(doc.get("SyncToken") or 0)}
    times = {"CreateTime": company.shown(created), "LastUpdatedTime": company.shown(updated)}
    body = {name: value for name, value in {**doc, **frame, "MetaData": times}.items() if value is not None}
    return Record(arranged(name, body), created, updated)


def _instant(text: Any, default: datetime) -> datetime:
    return datetime.fromisoformat(str(text)) if text else default


def _name_references(company: Company, spec: EntitySpec, doc: Doc) -> None:
    """Write the names beside the Ids; a reference that leads nowhere is left as it is."""
    for name, field in spec.fields.items():
        if field.kind == "ref" and field.target and doc.get(name):
            target = company.find(field.target, ref_id(doc, name))
            if target is not None:
                name_reference(field, doc[name], target.body)
