"""Runs a statement on a company: which properties may be asked for, which index helps, what comes out."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.render import live_value
from qbo_milestones.simulator.books.shelf import INDEXED, Record
from qbo_milestones.simulator.faults import refuse
from qbo_milestones.simulator.query.grammar import Condition, Statement, Value
from qbo_milestones.simulator.schema.entities import entity
from qbo_milestones.simulator.schema.fields import EntitySpec, Field

TIMES = {"metadata.createtime": "created", "metadata.lastupdatedtime": "updated"}
Test = Callable[[Record], bool]
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b, "<": lambda a, b: a < b, ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b, "IN": lambda a, b: a == b,
}  # fmt: skip


def matching(company: Company, statement: Statement, hidden_after: datetime | None) -> tuple[EntitySpec, list[Record]]:
    """The records that fit, sorted, not yet cut to a page. Objects made after ``hidden_after`` do not show yet."""
    spec = entity(statement.entity)
    conditions = list(statement.conditions)
    if spec.is_name_list and not any(condition.name.lower() == "active" for condition in conditions):
        conditions.append(Condition("Active", "=", (Value("flag", "true"),)))
    tests = [_test(company, spec, condition) for condition in conditions]
    records = [record for record in _candidates(company, spec, conditions) if all(test(record) for test in tests)]
    if hidden_after is not None:
        records = [record for record in records if record.created <= hidden_after]
    return spec, _sorted(company, spec, statement, records)


def _candidates(company: Company, spec: EntitySpec, conditions: list[Condition]) -> Iterable[Record]:
    """As few records as an index can narrow it to; the tests decide."""
    shelf = company.shelves[spec.name]
    for condition in conditions:
        ids = _indexed_ids(company, spec, condition)
        if ids is not None:
            found = (shelf.records.get(object_id) for object_id in dict.fromkeys(ids))
            return [record for record in found if record is not None]
    return shelf.records.values()


def _indexed_ids(company: Company, spec: EntitySpec, condition: Condition) -> Iterable[str] | None:
    shelf = company.shelves[spec.name]
    texts = [value.content for value in condition.values if value.kind in ("text", "number")]
    name = _proper_name(spec, condition.name)
    if condition.operator in ("=", "IN") and texts and " " not in texts:
        if name == "Id":
            return texts
        if name in INDEXED:
            return [object_id for content in texts for object_id in shelf.ids_with(name, content)]
    if name == "MetaData.LastUpdatedTime" and condition.operator in (">", ">=", "="):
        return shelf.ids_updated_since(_instant(company, condition.values[0]))
    return None


def _proper_name(spec: EntitySpec, name: str) -> str:
    lower = name.lower()
    if lower in TIMES:
        return "MetaData.CreateTime" if lower.endswith("createtime") else "MetaData.LastUpdatedTime"
    return next((field for field in spec.fields if field.lower() == lower.removesuffix(".value")), "")


def _field(spec: EntitySpec, name: str, use: str) -> tuple[str, Field]:
    """The property by its proper name; 4001 where it does not exist or may not be used so."""
    proper = _proper_name(spec, name)
    if not proper:
        head = name.split(".")[0]
        nested = _proper_name(spec, head) if "." in name else ""
        if not nested:
            raise refuse("4001", f"QueryValidationError: Property {name} not found for Entity {spec.name}")
        raise refuse("4001", f"QueryValidationError: property '{name}' is not {use}")
    field = Field("date", filterable=True, sortable=True) if proper.startswith("MetaData.") else spec.fields[proper]
    inside = field.kind == "group" and any(part.filterable for part in field.inner.values())
    fits = field.filterable or inside if use == "queryable" else field.sortable
    if not fits:
        raise refuse("4001", f"QueryValidationError: property '{name}' is not {use}")
    return proper, field


def _test(company: Company, spec: EntitySpec, condition: Condition) -> Test:
    proper, field = _field(spec, condition.name, "queryable")
    if proper == "Id" and condition.operator not in ("=", "IN"):
        raise refuse("4001", "QueryValidationError: property 'Id' supports only = and IN")
    for value in condition.values:
        if value.kind == "number" and company.settings.unquoted_numbers == "refuse":
            raise refuse("4000", f'QueryParserError: Encountered " <NUMBER> "{value.content} "".')
    if proper.startswith("MetaData."):
        return _time_test(company, proper, condition)
    if condition.operator == "LIKE":
        return _like_test(company, spec, proper, condition.values[0].content)
    wanted = [_wanted(company, field, value) for value in condition.values]
    compare = COMPARE[condition.operator]

    def fits(record: Record) -> bool:
        found = _comparable(field, live_value(company, spec.name, record.body, proper))
        if found is None:
            return None in wanted and condition.operator in ("=", "IN")
        return any(value is not None and compare(found, value) for value in wanted)

    return fits


def _time_test(company: Company, proper: str, condition: Condition) -> Test:
    wanted = [_instant(company, value) for value in condition.values]
    compare = COMPARE.get(condition.operator)
    if compare is None:
        raise refuse("4001", f"QueryValidationError: property '{proper}' does not support LIKE")
    created = proper == "MetaData.CreateTime"
    return lambda record: any(compare(record.created if created else record.updated, value) for value in wanted)


def _instant(company: Company, value: Value) -> datetime:
    """A timestamp with an offset, Z, or none (company time); a bare date is its midnight in the company."""
    content = company.today() if value.kind == "today" else value.content.strip().replace(" ", "+")
    try:
        found = datetime.fromisoformat(content)
    except ValueError:
        raise refuse("4001", f"QueryValidationError: value {content} is not a date-time") from None
    return found if found.tzinfo else found.replace(tzinfo=company.zone)


def _like_test(company: Company, spec: EntitySpec, proper: str, pattern: str) -> Test:
    parts = [re.escape(part) for part in pattern.lower().split("%")]
    like = re.compile(".*".join(parts), re.DOTALL)

    def fits(record: Record) -> bool:
        found = _text_of(live_value(company, spec.name, record.body, proper))
        return found is not None and like.fullmatch(found) is not None

    return fits


def _text_of(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("value", value.get("Address"))
    return None if value is None else str(value).lower()


def _comparable(field: Field, value: Any) -> Any:
    if value is None:
        return None
    if field.kind in ("number", "integer"):
        return Decimal(value)
    return bool(value) if field.kind == "flag" else _text_of(value)


def _wanted(company: Company, field: Field, value: Value) -> Any:
    if value.content == " " and value.kind == "text":
        return None
    content = company.today() if value.kind == "today" else value.content
    try:
        if field.kind in ("number", "integer"):
            return Decimal(content.strip())
        if field.kind == "date":
            return date.fromisoformat(content[:10]).isoformat()
    except (InvalidOperation, ValueError):
        raise refuse("4001", f"QueryValidationError: value {content} does not fit the property") from None
    if field.kind == "flag":
        return content.lower() == "true"
    return content.lower()


def _sorted(company: Company, spec: EntitySpec, statement: Statement, records: list[Record]) -> list[Record]:
    for name, descending in reversed(statement.order):
        if name.lower() == "id" and company.settings.orderby_id == "ignore":
            continue
        if name.lower() == "id" and company.settings.orderby_id == "refuse":
            raise refuse("4001", "QueryValidationError: property 'Id' is not sortable")
        proper, field = _field(spec, name, "sortable")
        records = sorted(records, key=_sort_key(company, spec, proper, field), reverse=descending)
    return records


def _sort_key(company: Company, spec: EntitySpec, proper: str, field: Field) -> Callable[[Record], tuple[bool, Any]]:
    def key(record: Record) -> tuple[bool, Any]:
        if proper.startswith("MetaData."):
            return True, record.created if proper.endswith("CreateTime") else record.updated
        if proper == "Id":
            return True, int(record.body["Id"]) if str(record.body["Id"]).isdigit() else 0
        found = _comparable(field, live_value(company, spec.name, record.body, proper))
        return found is not None, found

    return key


def projected(spec: EntitySpec, statement: Statement, body: Doc) -> Doc:
    """Only the columns asked for, marked sparse; ``*`` gives everything."""
    if not statement.columns:
        return body
    wanted: Doc = {"domain": body.get("domain", "QBO"), "sparse": True, "Id": body["Id"]}
    for name in statement.columns:
        proper = _proper_name(spec, name) or _proper_name(spec, name.split(".")[0])
        if not proper:
            raise refuse("4001", f"QueryValidationError: Property {name} not found for Entity {spec.name}")
        top = proper.split(".")[0]
        if top in body:
            wanted[top] = body[top]
    return wanted
