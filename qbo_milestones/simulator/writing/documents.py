"""Create, read, update, delete and void: the only door through which a company's objects change."""

from copy import deepcopy
from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.links import SETTLERS
from qbo_milestones.simulator.books.settlement import settle, unsettle
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.faults import DEPOSITED, Refusal, broken_rule, missing, refuse, unreadable, unsupported
from qbo_milestones.simulator.schema.entities import ENTITIES
from qbo_milestones.simulator.schema.fields import EntitySpec, Operation
from qbo_milestones.simulator.writing.attachments import attached_anew, check_attachable
from qbo_milestones.simulator.writing.auto_apply import credit_links, payment_lines
from qbo_milestones.simulator.writing.completers import SALES, complete
from qbo_milestones.simulator.writing.form_addresses import flatten_addresses
from qbo_milestones.simulator.writing.form_lines import zeroed
from qbo_milestones.simulator.writing.happenings import noted
from qbo_milestones.simulator.writing.intake import clean, clean_but_lengths, told_with
from qbo_milestones.simulator.writing.limits import check_limits
from qbo_milestones.simulator.writing.lists import rate_id
from qbo_milestones.simulator.writing.mailing import mailed
from qbo_milestones.simulator.writing.name_changes import follow_name
from qbo_milestones.simulator.writing.name_rules import check_name
from qbo_milestones.simulator.writing.numbers import assign_number, number_in_use
from qbo_milestones.simulator.writing.openings import OPENED, opening_journal, take_opening
from qbo_milestones.simulator.writing.origins import keep_links
from qbo_milestones.simulator.writing.period import check_open
from qbo_milestones.simulator.writing.profile import changed_preferences
from qbo_milestones.simulator.writing.recurring import TEMPLATE, read_template, template_part
from qbo_milestones.simulator.writing.references import resolve
from qbo_milestones.simulator.writing.repeated import check_repeated
from qbo_milestones.simulator.writing.stock import check_stock
from qbo_milestones.simulator.writing.unused import drop_unused


@noted("Create")
def create(company: Company, spec: EntitySpec, body: Any, include: frozenset[str] = frozenset()) -> Record:
    """A new object from what a client sent, and what QuickBooks links to it by itself."""
    record = _created(company, spec, body, include)
    for linking in credit_links(company, spec.name, record):
        _created(company, ENTITIES["Payment"], linking, frozenset())
    return company.fetch(spec.name, str(record.body["Id"]))


def _created(company: Company, spec: EntitySpec, body: Any, include: frozenset[str]) -> Record:
    check_operation(spec, "create")
    if spec.name == TEMPLATE:
        return company.put(spec.name, {**read_template(company, body), "Id": None})
    doc, too_long = clean_but_lengths(spec, body)
    drop_unused(company, spec, doc)
    doc.pop("Id", None)
    with told_with(too_long):
        return _written_anew(company, spec, doc, include)


def _written_anew(company: Company, spec: EntitySpec, doc: Doc, include: frozenset[str]) -> Record:
    if spec.name in OPENED:
        return _created_open(company, spec, doc, include)
    given = set(doc)
    if spec.is_transaction:
        keep_links(spec.name, doc)
        doc["TxnDate"] = doc.get("TxnDate") or company.today()
    if spec.posts:
        check_open(company, doc["TxnDate"])
    if spec.name == "Payment":
        doc["Line"] = payment_lines(company, doc)
    return _write(company, spec, doc, None, given, include)


def _created_open(company: Company, spec: EntitySpec, doc: Doc, include: frozenset[str]) -> Record:
    opening = take_opening(company, spec.name, doc)
    if opening is not None:
        check_open(company, opening.day)
    record = _write(company, spec, doc, None, set(doc), include)
    if opening is not None:
        create(company, ENTITIES["JournalEntry"], opening_journal(company, spec.name, record.body, opening))
    return record


def read(company: Company, spec: EntitySpec, object_id: str) -> Record:
    """The object with this Id."""
    check_operation(spec, "read")
    if spec.name in ("Preferences", "CompanyInfo"):
        object_id = "1"
    return company.fetch(spec.name, object_id)


@noted("Update")
def update(company: Company, spec: EntitySpec, body: Any, include: frozenset[str] = frozenset()) -> Record:
    """A changed object: sparse changes only what is given, full makes everything else null (section 6)."""
    check_operation(spec, "update")
    if spec.name == TEMPLATE:
        template = read_template(company, body)
        return company.put(spec.name, template, _current(company, spec, template))
    doc, too_long = clean_but_lengths(spec, body)
    drop_unused(company, spec, doc)
    with told_with(too_long):
        return _rewritten(company, spec, doc, include)


def _rewritten(company: Company, spec: EntitySpec, doc: Doc, include: frozenset[str]) -> Record:
    if spec.name == "ExchangeRate":
        return _set_rate(company, spec, doc)
    before = _current(company, spec, doc)
    check_repeated(company, spec.name, doc, before.body)
    given = {name for name, value in doc.items() if value is not None}
    if spec.name == "Preferences":
        resolve(company, spec, doc)
        return company.put(spec.name, changed_preferences(before.body, doc), before)
    if spec.is_transaction:
        keep_links(spec.name, doc)
    kept = before.body if doc.get("sparse") else _computed_part(spec, before.body)
    doc = {**deepcopy(kept), **doc}
    if spec.is_transaction:
        doc["TxnDate"] = doc.get("TxnDate") or before.body["TxnDate"]
    if spec.posts:
        check_changeable(company, spec, before, doc["TxnDate"])
    if spec.name in SALES and company.settings.form_addresses == "flatten":
        flatten_addresses(doc)
    return _write(company, spec, doc, before, given, include)


def _set_rate(company: Company, spec: EntitySpec, doc: Doc) -> Record:
    """The rate of a day; one that is there is changed, and its token must fit."""
    day = str(doc.get("AsOfDate") or company.today())
    known = company.find(spec.name, rate_id(str(doc.get("SourceCurrencyCode")), day))
    if known is not None:
        known = _current(company, spec, {**doc, "Id": known.body["Id"]})
    return _write(company, spec, doc, known, set(doc), frozenset())


def add_to_list(company: Company, spec: EntitySpec, body: Doc) -> Record:
    """Something that QuickBooks makes by itself, in a list that clients cannot write to."""
    return _write(company, spec, clean(spec, body, whole=True), None, set(body), frozenset())


@noted("Delete")
def delete(company: Company, spec: EntitySpec, body: Any) -> str:
    """Delete a transaction for good; its Id."""
    check_operation(spec, "delete")
    before = _current(company, spec, _handle(template_part(spec, body)))
    object_id = str(before.body["Id"])
    if spec.posts:
        check_changeable(company, spec, before, before.body["TxnDate"])
        if company.applied.get((spec.name, object_id)):
            raise refuse("800", "Object cannot be deleted because other objects refer to it")
        unsettle(company, spec.name, before.body)
    company.forget(spec.name, object_id)
    return object_id


@noted("Void")
def void(company: Company, spec: EntitySpec, body: Any) -> Record:
    """Zero a transaction and free what was linked to it; it stays, marked in its note (6.1, 6.4)."""
    check_operation(spec, "void")
    before = _current(company, spec, _handle(body))
    key = (spec.name, str(before.body["Id"]))
    if key in company.banked:
        raise refuse("6450", "Since the transaction is already settled, you can't void it.")
    check_open(company, before.body["TxnDate"])
    doc = deepcopy(before.body)
    note = str(doc.get("PrivateNote") or "")
    doc["PrivateNote"] = note if note.startswith("Voided") else f"Voided - {note}" if note else "Voided"
    if spec.name in SETTLERS:
        doc.update(TotalAmt=0, Line=[])
    else:
        doc["Line"] = [zeroed(line) for line in doc["Line"]]
        doc.update(TxnTaxDetail={"TotalTax": 0}, Deposit=None, LinkedTxn=[])
    return _store(company, spec, doc, before, {"Line", "TxnTaxDetail"}, frozenset())


@noted("Emailed")
def send(company: Company, spec: EntitySpec, object_id: str, send_to: str = "") -> Record:
    """Send by e-mail; ``send_to`` replaces the address (quickbooks-online.md 6.1)."""
    check_operation(spec, "send")
    return mailed(company, spec, company.fetch(spec.name, object_id), send_to)


def check_operation(spec: EntitySpec, operation: Operation) -> None:
    """500 where the entity does not know the operation."""
    if operation not in spec.operations:
        raise unsupported(operation)


def check_changeable(company: Company, spec: EntitySpec, before: Record, new_day: str) -> None:
    """6540 for what stands in a deposit, 6210 or 6200 in a closed period."""
    if (spec.name, str(before.body["Id"])) in company.banked:
        raise refuse("6540", DEPOSITED)
    check_open(company, before.body["TxnDate"])
    check_open(company, new_day)


def _handle(body: Any) -> Doc:
    """Only Id and SyncToken of a delete or void matter; whatever else is sent along is ignored."""
    if not isinstance(body, dict):
        raise unreadable()
    return {name: str(body[name]) for name in ("Id", "SyncToken") if body.get(name) not in (None, "")}


def _current(company: Company, spec: EntitySpec, doc: Doc) -> Record:
    if spec.name in ("Preferences", "CompanyInfo"):
        doc["Id"] = "1"
    absent = [missing(name) for name in ("Id", "SyncToken") if doc.get(name) is None]
    if absent:
        raise Refusal(*absent)
    before = company.fetch(spec.name, str(doc["Id"]))
    if str(doc["SyncToken"]) != before.body["SyncToken"]:
        raise refuse(
            "5010",
            "Stale Object Error : You and another user were working on this at the same time. "
            f"Another user finished before you did, so your work was not saved. [Entity={spec.name}]",
        )
    return before


def _computed_part(spec: EntitySpec, body: Doc) -> Doc:
    """What a full update does not touch: read-only properties, links, and the number where none is sent."""
    kept = {"Id", "SyncToken", "MetaData", "LinkedTxn"}
    return {
        name: value
        for name, value in body.items()
        if name in kept or (name in spec.fields and spec.fields[name].read_only)
    }


def _write(
    company: Company, spec: EntitySpec, doc: Doc, before: Record | None, given: set[str], include: frozenset[str]
) -> Record:
    if "TotalAmt" in spec.fields and spec.fields["TotalAmt"].required and doc.get("TotalAmt") is None:
        raise broken_rule("You must set a transaction amount.")
    absent = [missing(name) for name, field in spec.fields.items() if field.required and not _there(doc.get(name))]
    if absent:
        # Both are told at once, as seen live (quickbooks-online.md 2.5).
        raise Refusal(*number_in_use(company, spec, doc, before.body if before else None, include), *absent)
    if spec.is_transaction:
        check_limits(company, spec.name, doc, before is None)
    resolve(company, spec, doc)
    if spec.posts:
        check_stock(company, doc)
    if spec.name == "Attachable":
        check_attachable(company, doc)
    return _store(company, spec, doc, before, given, include)


def _store(
    company: Company, spec: EntitySpec, doc: Doc, before: Record | None, given: set[str], include: frozenset[str]
) -> Record:
    old = before.body if before else None
    complete(company, spec, doc, old, given)
    if not spec.is_transaction:
        check_name(company, spec, doc, old)
        record = company.put(spec.name, doc, before)
        follow_name(company, spec.name, record, old)
        for name, target in attached_anew(company, spec.name, doc, old):
            company.put(name, target.body, target)
        return record
    if "DocNumber" in spec.fields:
        assign_number(company, spec, doc, old, include)
    record = company.put(spec.name, doc, before)
    return settle(company, spec.name, record, old) if spec.posts else record


def _there(value: Any) -> bool:
    return value is not None and value != []
