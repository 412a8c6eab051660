"""Checks that references point at something that may be used, and writes the target's name beside its Id."""

from collections.abc import Iterator, Mapping

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import Problem, Refusal, made_inactive, no_number
from qbo_milestones.simulator.refs import display_name
from qbo_milestones.simulator.schema.fields import EntitySpec, Field

SPECIAL_ITEMS = {"SHIPPING_ITEM_ID", "GRATUITY_ITEM_ID"}
TABLES = {
    "Account": "Accounts", "Class": "Klasses", "Department": "Depts", "Customer": "Names", "Vendor": "Names",
    "Employee": "Names",
}  # fmt: skip
"""Entity -> the table of the service in which it is looked for, as faults name it (seen live; others are guessed)."""
CATEGORY = "Invalid Reference Id : An item in this transaction is set up as a category instead of a product or service."
WITHOUT_NUMBER = frozenset({"TaxCode"})
"""Entities some of whose Ids are words."""


def resolve(company: Company, spec: EntitySpec, doc: Doc) -> None:
    """Name every reference of the document; raise 2030, 2500, 610, 700 or 6250 for those that lead nowhere."""
    problems: list[Problem] = []
    for path, field, value in _references(spec.fields, doc):
        problem = _resolve_one(company, spec, path, field, value)
        if problem is not None:
            problems.append(problem)
    if problems:
        raise Refusal(*problems)


def _references(fields: Mapping[str, Field], doc: Doc, above: str = "") -> Iterator[tuple[str, Field, Doc]]:
    """(path, field, value) of each reference: ``Line.SalesItemLineDetail.ItemRef``."""
    for name, value in doc.items():
        field, path = fields.get(name), f"{above}{name}"
        if field is None or value is None:
            continue
        if field.kind == "ref" and field.target:
            yield path, field, value
        elif field.kind == "group":
            yield from _references(field.inner, value, f"{path}.")
        elif field.kind == "list" and field.inner:
            for item in value:
                yield from _references(field.inner, item, f"{path}.")


def _resolve_one(company: Company, spec: EntitySpec, path: str, field: Field, value: Doc) -> Problem | None:
    if field.target == "Item" and value["value"] in SPECIAL_ITEMS:
        return None
    target = company.find(field.target, value["value"])
    if target is None:
        return _not_there(company, spec, path, field, value["value"])
    name_reference(field, value, target.body)
    if spec.is_transaction and target.body.get("Type") == "Category" and field.target == "Item":
        return Problem("2500", CATEGORY, path)
    if target.body.get("Active") is False and path != "ParentRef":
        if _is_buyer(company, spec, path):
            return Problem("6250", "InvalidSalesCustomer : the customer has been made inactive", path)
        return made_inactive(company.settings.inactive_reference, path)
    return None


def _not_there(company: Company, spec: EntitySpec, path: str, field: Field, object_id: str) -> Problem:
    if not object_id.isdecimal() and field.target not in WITHOUT_NUMBER:
        return no_number(object_id, f"{path}.value")
    if _is_buyer(company, spec, path):
        return Problem("6250", f"InvalidSalesCustomer : the customer {object_id} does not exist", path)
    if path == "ParentRef":
        return Problem("700", f"Parent Reference Invalid : {field.target} {object_id} not found", path)
    if field.target == "Item":
        return Problem("2500", f"Invalid Reference Id : {path}", path)
    return not_found(field.target, object_id)


def not_found(entity: str, object_id: str) -> Problem:
    """2500 in the words seen live: the table and the Id, not the property that held it."""
    table = TABLES.get(entity, f"{entity}s")
    return Problem("2500", f"Invalid Reference Id : {table} element id {object_id} not found", "Reference Id")


def _is_buyer(company: Company, spec: EntitySpec, path: str) -> bool:
    """Whether it is the customer of a sales form, for whom Intuit's page has a code of its own."""
    return path == "CustomerRef" and spec.is_transaction and company.settings.unknown_customer == "6250"


def name_reference(field: Field, value: Doc, target: Doc) -> None:
    """Write the target's name beside its Id, where this reference shows one."""
    if field.bare:
        value.pop("name", None)
    else:
        value["name"] = display_name(target)
