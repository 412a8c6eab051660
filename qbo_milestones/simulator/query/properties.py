"""The properties of an entity as the query language knows them: which there are, what may be asked of them."""

from dataclasses import dataclass
from functools import lru_cache

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.faults import Refusal
from qbo_milestones.simulator.query.complaints import invalid
from qbo_milestones.simulator.query.grammar import Statement
from qbo_milestones.simulator.schema.entities import ENTITIES, entity_or_none
from qbo_milestones.simulator.schema.fields import EntitySpec, Field, text

NOT_QUERIED = frozenset({
    "chargecredit", "company", "customfielddefinition", "emaildeliveryinfo", "fixedasset", "inventorysite",
    "masteraccount", "othername", "pricelevel", "salesorder", "salesrep", "shipmethod", "statementcharge", "status",
    "syncactivity", "task", "taxpayment", "taxreturn", "taxservice", "tdsmetadata", "useralert", "vendortype",
})  # fmt: skip
"""Entities of the schema that cannot be queried; any other name is not even one (both texts seen live)."""
SELECTABLE_GROUPS = frozenset({"MetaData", "PrimaryEmailAddr", "BillEmail", "PrimaryPhone", "Mobile", "CustomField"})
"""Nested properties that a projection may name; addresses and most references are refused (seen live)."""
NEVER_SELECTABLE = {"Invoice": frozenset({"InvoiceLink"})}

REFERENCE = {"type": text(40, "f"), "value": text(20, "f")}
"""Parts of the one reference that may be asked for by its parts, that of an attachable."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property under its proper name: its path in an object and what the table of entities says of it."""

    name: str
    path: tuple[str, ...]
    field: Field


def queried_entity(statement: Statement) -> EntitySpec:
    """The entity of FROM, in any case; 4001 where there is none to query."""
    spec = entity_or_none(statement.entity)
    if spec is not None and "query" in spec.operations:
        return spec
    known = spec is not None or statement.entity.lower() in NOT_QUERIED
    text = "Metadata not found for Entity" if known else "invalid context declaration"
    raise invalid(f"{text}: {statement.entity}")


def _not_found(spec_name: str, name: str) -> Refusal:
    return invalid(f"Property {name} not found for Entity {spec_name}")


def filtered_property(spec: EntitySpec, name: str) -> Property:
    """The property of a condition; 4001 where there is none or it may not be filtered."""
    found = _looked_up(spec.name, name.lower())
    if found is None:
        raise _not_found(spec.name, name)
    address = found.field.inner.get("Address")
    if not found.field.filterable and not (address and address.filterable):
        raise invalid(f"property '{name}' is not queryable")
    return found


def sorted_property(spec: EntitySpec, name: str) -> Property:
    """The property of a sort key; 4001 where there is none or it may not be sorted by."""
    found = _looked_up(spec.name, name.lower())
    if found is None:
        raise _not_found(spec.name, name)
    if not found.field.sortable:
        raise invalid(f"property '{name}' is not sortable")
    return found


@lru_cache(maxsize=4096)
def _looked_up(spec_name: str, lower: str) -> Property | None:
    """A property by its dotted name in lower case: a reference ends it, its ``value`` is not a property of its own."""
    fields, path = ENTITIES[spec_name].fields, []
    field: Field | None = None
    for word in lower.split("."):
        name = next((name for name in fields if name.lower() == word), None)
        if name is None:
            return None
        field = fields[name]
        path.append(name)
        fields = REFERENCE if path == ["AttachableRef", "EntityRef"] else field.inner
    return Property(".".join(path), tuple(path), field) if field else None


def selected_paths(spec: EntitySpec, statement: Statement, groups: str) -> tuple[tuple[str, ...], ...]:
    """The paths that a projection names; empty for all. 4001 where one cannot be named."""
    named = [name for name in statement.columns if name != "*"]
    found = tuple(_selected(spec, name, groups) for name in named)
    return () if len(named) < len(statement.columns) else found


def _selected(spec: EntitySpec, name: str, groups: str) -> tuple[str, ...]:
    found = _looked_up(spec.name, name.lower().removesuffix(".*"))
    if found is None or found.path[0] in NEVER_SELECTABLE.get(spec.name, ()):
        raise _not_found(spec.name, name)
    top = spec.fields[found.path[0]]
    nested = top.kind in ("group", "ref", "any") and not top.filterable and found.path[0] not in SELECTABLE_GROUPS
    if nested and groups == "refuse":
        raise _not_found(spec.name, name)
    return found.path


def projected(body: Doc, paths: tuple[tuple[str, ...], ...]) -> Doc:
    """Only what was asked for, marked sparse, with the Id."""
    chosen: Doc = {"domain": body.get("domain", "QBO"), "sparse": True}
    if "Id" in body:
        chosen["Id"] = body["Id"]
    for path in paths:
        if path[0] in body and path[0] not in ("domain", "sparse"):
            chosen[path[0]] = _merged(chosen.get(path[0]), _part(body[path[0]], path[1:]))
    return chosen


def _part(value: object, path: tuple[str, ...]) -> object:
    if not path:
        return value
    if isinstance(value, list):
        return [_part(item, path) for item in value]
    if isinstance(value, dict) and path[0] in value:
        return {path[0]: _part(value[path[0]], path[1:])}
    return {}


def _merged(old: object, new: object) -> object:
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{name: _merged(old.get(name), item) for name, item in new.items()}}
    if isinstance(old, list) and isinstance(new, list):
        return [_merged(before, item) for before, item in zip(old, new, strict=True)]
    return new
