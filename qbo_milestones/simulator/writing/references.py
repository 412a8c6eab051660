"""Checks that references point at something that may be used, and writes the target's name beside its Id."""

from collections.abc import Iterator, Mapping

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import INACTIVE, Problem, Refusal
from qbo_milestones.simulator.refs import display_name
from qbo_milestones.simulator.schema.fields import EntitySpec, Field

SPECIAL_ITEMS = {"SHIPPING_ITEM_ID", "GRATUITY_ITEM_ID"}
PLURALS = {"Class": "Classes", "TaxCode": "Tax codes", "PaymentMethod": "Payment methods"}


def resolve(company: Company, spec: EntitySpec, doc: Doc) -> None:
    """Name every reference of the document; raise 2500, 610 or 6250 for those that lead nowhere."""
    problems: list[Problem] = []
    for name, field, value in _references(spec.fields, doc):
        problem = _resolve_one(company, spec, name, field, value)
        if problem is not None:
            problems.append(problem)
    if problems:
        raise Refusal(*problems)


def _references(fields: Mapping[str, Field], doc: Doc) -> Iterator[tuple[str, Field, Doc]]:
    for name, value in doc.items():
        field = fields.get(name)
        if field is None or value is None:
            continue
        if field.kind == "ref" and field.target:
            yield name, field, value
        elif field.kind == "group":
            yield from _references(field.inner, value)
        elif field.kind == "list" and field.inner:
            for item in value:
                yield from _references(field.inner, item)


def _resolve_one(company: Company, spec: EntitySpec, name: str, field: Field, value: Doc) -> Problem | None:
    if field.target == "Item" and value["value"] in SPECIAL_ITEMS:
        return None
    target = company.find(field.target, value["value"])
    if target is None:
        if field.target == "Customer" and spec.is_transaction and name == "CustomerRef":
            return Problem("6250", "Invalid Sales Customer : the customer does not exist", name)
        if name == "ParentRef":
            return Problem("700", f"Parent reference is invalid : {field.target} {value['value']} not found", name)
        kind = PLURALS.get(field.target, field.target + "s")
        return Problem("2500", f"Invalid Reference Id : {kind} element id {value['value']} not found", name)
    name_reference(field, value, target.body)
    if target.body.get("Active") is False and not _is_own_parent(name):
        if field.target == "Customer" and spec.is_transaction:
            return Problem("6250", "Invalid Sales Customer : the customer has been made inactive", name)
        return Problem("610", INACTIVE, name)
    return None


def name_reference(field: Field, value: Doc, target: Doc) -> None:
    """Write the target's name beside its Id, where this reference shows one."""
    if field.bare:
        value.pop("name", None)
    else:
        value["name"] = display_name(target)


def _is_own_parent(name: str) -> bool:
    return name == "ParentRef"
