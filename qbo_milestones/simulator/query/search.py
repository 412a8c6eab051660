"""Runs a statement on a company: which index narrows it, in which order objects come, where a page ends."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.shelf import INDEXED, Record, Shelf
from qbo_milestones.simulator.query.complaints import invalid
from qbo_milestones.simulator.query.conditions import UPDATED, Test, bounds, comparable, test_of, values_at
from qbo_milestones.simulator.query.grammar import MAX_ROWS, Condition, Statement, Value
from qbo_milestones.simulator.query.literals import is_null, text_of
from qbo_milestones.simulator.query.properties import Property, filtered_property, queried_entity, sorted_property
from qbo_milestones.simulator.schema.fields import EntitySpec

Found = list[tuple[Condition, Property]]
ONLY_ACTIVE = Condition("Active", "=", (Value("flag", "true"),))


@dataclass(frozen=True, slots=True)
class Page:
    """The records of one page. ``total`` is known only where the search came to its end."""

    spec: EntitySpec
    records: list[Record]
    start: int
    total: int | None


def counted(company: Company, statement: Statement) -> int:
    """How many objects fit; STARTPOSITION and MAXRESULTS do not matter."""
    spec = queried_entity(statement)
    return sum(1 for _ in _matching(company, spec, statement))


def page(company: Company, statement: Statement) -> Page:
    """The page that is asked for."""
    spec = queried_entity(statement)
    start, rows = _window(company, statement)
    found = list(islice(_matching(company, spec, statement), start - 1 + rows + 1))
    total = len(found) if len(found) <= start - 1 + rows else None
    return Page(spec, found[start - 1 : start - 1 + rows], start, total)


def _window(company: Company, statement: Statement) -> tuple[int, int]:
    """First row and number of rows; 0 starts at 1, as pipelines in use rely on; other limits are 4001 (seen live)."""
    if statement.start < 0:
        raise invalid(f"value {statement.start} is too small. Min allowed value is 0")
    if statement.rows < 1:
        raise invalid(f"value {statement.rows} is too small. Min allowed value is 1")
    if statement.rows > MAX_ROWS and company.settings.too_many_rows == "refuse":
        raise invalid(f"value {statement.rows} is too large. Max allowed value is {MAX_ROWS}")
    return max(1, statement.start), min(MAX_ROWS, statement.rows)


def _matching(company: Company, spec: EntitySpec, statement: Statement) -> Iterator[Record]:
    """The objects that fit, in their order, found one after the other."""
    found: Found = [(condition, filtered_property(spec, condition.name)) for condition in _conditions(spec, statement)]
    tests = [test_of(company, spec.name, condition, prop) for condition, prop in found]
    keys = _sort_keys(company, spec, statement)
    by_update = [descending for prop, descending in keys if prop.name == UPDATED]
    in_order = len(keys) == 1 and len(by_update) == 1
    ids = _narrowed(company, spec, found, by_update[0] if in_order else None)
    records = _fitting(company.shelves[spec.name], ids, tests)
    return records if in_order else iter(_sorted(company, spec, keys, records))


def _conditions(spec: EntitySpec, statement: Statement) -> list[Condition]:
    asked = any(condition.name.lower() == "active" for condition in statement.conditions)
    return [*statement.conditions, *([] if asked or not spec.is_name_list else [ONLY_ACTIVE])]


def _fitting(shelf: Shelf, ids: Iterable[str] | None, tests: list[Test]) -> Iterator[Record]:
    records: Iterable[Record | None] = shelf.records.values() if ids is None else map(shelf.records.get, ids)
    for record in records:
        if record is not None and all(test(record) for test in tests):
            yield record


def _narrowed(company: Company, spec: EntitySpec, found: Found, by_update: bool | None) -> Iterable[str] | None:
    """As few Ids as an index can narrow it to; None for all. ``by_update``: in that order (descending or not)."""
    shelf = company.shelves[spec.name]
    low, high = _update_bounds(company, found)
    if by_update is not None:
        return shelf.ids_by_update(low, high, descending=by_update)
    lists: list[list[str]] = [ids for each in found if (ids := _indexed_ids(company, shelf, *each)) is not None]
    if low is not None or high is not None:
        lists.append(list(shelf.ids_by_update(low, high)))
    shortest: list[str] | None = min(lists, key=len, default=None)
    return None if shortest is None else shelf.in_order(shortest)


def _update_bounds(company: Company, found: Found) -> tuple[datetime | None, datetime | None]:
    pairs = [bounds(company, condition) for condition, prop in found if prop.name == UPDATED]
    lows, highs = [low for low, _ in pairs if low], [high for _, high in pairs if high]
    return max(lows, default=None), min(highs, default=None)


def _indexed_ids(company: Company, shelf: Shelf, condition: Condition, prop: Property) -> list[str] | None:
    if condition.operator not in ("=", "IN") or condition.negated or any(is_null(value) for value in condition.values):
        return None
    texts = [text_of(company, value) for value in condition.values]
    if prop.name == "Id":
        return list(dict.fromkeys(texts))
    if prop.name in INDEXED:
        return list(dict.fromkeys(object_id for text in texts for object_id in shelf.ids_with(prop.name, text)))
    return None


def _sort_keys(company: Company, spec: EntitySpec, statement: Statement) -> list[tuple[Property, bool]]:
    keys = [(sorted_property(spec, name), descending) for name, descending in statement.order]
    by_id = company.settings.orderby_id
    if by_id == "refuse" and any(prop.name == "Id" for prop, _ in keys):
        raise invalid("property 'Id' is not sortable")
    return [(prop, descending) for prop, descending in keys if prop.name != "Id" or by_id == "sort"]


def _sorted(
    company: Company, spec: EntitySpec, keys: list[tuple[Property, bool]], records: Iterable[Record]
) -> Iterable[Record]:
    for prop, descending in reversed(keys):
        records = sorted(records, key=_sort_key(company, spec, prop), reverse=descending)
    return records


def _sort_key(company: Company, spec: EntitySpec, prop: Property) -> Callable[[Record], tuple[bool, Any]]:
    """Objects without the property come first."""

    def key(record: Record) -> tuple[bool, Any]:
        if prop.path[0] == "MetaData":
            return True, record.updated if prop.name == UPDATED else record.created
        if prop.name == "Id":
            return True, int(record.body["Id"]) if str(record.body["Id"]).isdecimal() else 0
        held = values_at(company, spec.name, record, prop)
        return bool(held), comparable(prop.field, held[0]) if held else None

    return key
