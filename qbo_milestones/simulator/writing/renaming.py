"""A changed name is shown beside every reference to it, in old documents too."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.refs import display_name
from qbo_milestones.simulator.schema.entities import ENTITIES
from qbo_milestones.simulator.schema.fields import Field
from qbo_milestones.simulator.writing.parties import KINDS, kind_of_party

PARTY = "EntityRef"
"""A reference that says beside itself what it refers to."""
Fields = Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class Renamed:
    """An object, and what references to it show from now on."""

    entity: str
    object_id: str
    name: str


def rename(company: Company, entity: str, record: Record, before: Doc) -> None:
    """Show a name that changed wherever it is referred to; what refers to it has no new SyncToken and time.

    By the switch ``renamed_references`` old documents keep the name that they were written with.
    """
    new = display_name(record.body)
    if new == display_name(before) or company.settings.renamed_references == "then":
        return
    renamed = Renamed(entity, str(record.body["Id"]), str(new))
    for name, shelf in company.shelves.items():
        fields = _leading_to(name, entity)
        for other in list(shelf.records.values()) if fields else ():
            body = _with_name(fields, other.body, renamed)
            if body is not other.body:
                company.amend(name, other, body)


@cache
def _leading_to(name: str, entity: str) -> Fields:
    """Of an entity's properties those in which it can refer to the other entity, and of groups such parts alone."""
    return _pruned(ENTITIES[name].fields, entity)


def _pruned(fields: Fields, entity: str) -> Fields:
    found: dict[str, Field] = {}
    for name, field in fields.items():
        if field.kind == "ref" and not field.bare:
            if field.target == entity or (name == PARTY and not field.target and entity in KINDS):
                found[name] = field
        elif field.inner and (inner := _pruned(field.inner, entity)):
            found[name] = replace(field, inner=inner)
    return found


def _with_name(fields: Fields, doc: Doc, renamed: Renamed) -> Doc:
    """The document itself where it does not show the name, else one like it that shows the new one."""
    changed: Doc = {}
    for name, field in fields.items():
        value = doc.get(name)
        if not value:
            continue
        now = _value(doc, value, field, renamed)
        if now is not value:
            changed[name] = now
    return {**doc, **changed} if changed else doc


def _value(holder: Doc, value: Any, field: Field, renamed: Renamed) -> Any:
    if field.kind == "ref":
        return _reference(holder, value, field, renamed)
    if field.kind == "list":
        items = [_with_name(field.inner, item, renamed) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return _reference({}, _with_name(field.inner, value, renamed), field, renamed)


def _reference(holder: Doc, value: Doc, field: Field, renamed: Renamed) -> Doc:
    """A reference, or the group of a deposit line that is one itself (quickbooks-online.md 6.5)."""
    if value.get("value") != renamed.object_id or value.get("name") in (None, renamed.name):
        return value
    is_it = field.target == renamed.entity if field.target else kind_of_party(holder, value) == renamed.entity
    return {**value, "name": renamed.name} if is_it else value
