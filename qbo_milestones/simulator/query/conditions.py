"""A condition of a statement as a test on stored objects."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.render import live_value
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.faults import Refusal
from qbo_milestones.simulator.query.complaints import invalid, unexpected
from qbo_milestones.simulator.query.grammar import Condition
from qbo_milestones.simulator.query.literals import is_null, text_of, wanted_instant, wanted_value
from qbo_milestones.simulator.query.properties import Property
from qbo_milestones.simulator.schema.fields import Field

Test = Callable[[Record], bool]
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b, "<": lambda a, b: a < b, ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b, "IN": lambda a, b: a == b, "!=": lambda a, b: a == b,
}  # fmt: skip
EQUALITY = ("=", "!=", "IN")
NAMED_IDS = ("TaxCode", "ExchangeRate")
"""Entities whose Ids are no numbers."""
CREATED, UPDATED = "MetaData.CreateTime", "MetaData.LastUpdatedTime"


def test_of(company: Company, entity_name: str, condition: Condition, found: Property) -> Test:
    """Whether an object meets the condition. 4001 where operator or literal do not fit the property."""
    _check_operator(company, condition, found)
    if found.name == "Id" and entity_name not in NAMED_IDS:
        _check_numbers(company, condition)
    turned = condition.negated != (condition.operator == "!=")
    test = _plain_test(company, entity_name, condition, found)
    return (lambda record: not test(record)) if turned else test


def _check_operator(company: Company, condition: Condition, found: Property) -> None:
    if condition.operator == "!=" and company.settings.query_negation == "refuse":
        raise unexpected("!=", condition.place)
    if condition.negated and company.settings.query_negation == "refuse":
        raise unexpected("not", condition.place)
    if company.settings.unquoted_numbers == "refuse" and any(value.kind == "number" for value in condition.values):
        raise unexpected(condition.operator.lower(), condition.place)
    kind = found.field.kind
    only_equal = found.name == "Id" or kind == "flag"
    if only_equal and condition.operator not in EQUALITY:
        raise _does_not_support(found, condition.operator)
    if condition.operator == "LIKE" and (kind in ("number", "integer") or found.name in (CREATED, UPDATED)):
        raise _does_not_support(found, condition.operator)


def _check_numbers(company: Company, condition: Condition) -> None:
    for text in (text_of(company, value) for value in condition.values if not is_null(value)):
        if not text.removeprefix("-").isdecimal():
            raise invalid(f"value '{text}' is not a valid number for property 'Id'")


def _does_not_support(found: Property, operator: str) -> Refusal:
    return invalid(f"operator {operator} is not supported for property '{found.name}'")


def _plain_test(company: Company, entity_name: str, condition: Condition, found: Property) -> Test:
    if found.name in (CREATED, UPDATED):
        return _time_test(company, condition, found)
    if condition.operator == "LIKE":
        return _like_test(company, entity_name, condition, found)
    wanted = [wanted_value(company, found.name, found.field, value) for value in condition.values]
    compare, null_fits = COMPARE[condition.operator], None in wanted and condition.operator in EQUALITY
    values = [value for value in wanted if value is not None]
    field = found.field

    def fits(record: Record) -> bool:
        held = [comparable(field, value) for value in values_at(company, entity_name, record, found)]
        if not held:
            return null_fits
        return any(compare(one, value) for one in held for value in values)

    return fits


def _time_test(company: Company, condition: Condition, found: Property) -> Test:
    if any(is_null(value) for value in condition.values):
        return lambda _: False
    wanted = [wanted_instant(company, found.name, value) for value in condition.values]
    compare, created = COMPARE[condition.operator], found.name == CREATED
    return lambda record: any(compare(record.created if created else record.updated, value) for value in wanted)


def _like_test(company: Company, entity_name: str, condition: Condition, found: Property) -> Test:
    pattern = text_of(company, condition.values[0]).lower()
    like = re.compile(".*".join(re.escape(part) for part in pattern.split("%")), re.DOTALL)

    def fits(record: Record) -> bool:
        texts = (text_value(value) for value in values_at(company, entity_name, record, found))
        return any(like.fullmatch(text) is not None for text in texts)

    return fits


def values_at(company: Company, entity_name: str, record: Record, found: Property) -> list[Any]:
    """What stands at a property's path; several where lists are on the way, none where it is absent."""
    held: list[Any] = [live_value(company, entity_name, record.body, found.path[0])]
    for name in found.path[1:]:
        held = [value.get(name) for one in held for value in _spread(one) if isinstance(value, dict)]
    return [value for value in held if value is not None]


def _spread(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else (value,)


def comparable(field: Field, value: Any) -> Any:
    """A stored value in the form in which it is compared: numbers by size, texts without case."""
    if field.kind in ("number", "integer"):
        return Decimal(value)
    return bool(value) if field.kind == "flag" else text_value(value)


def text_value(value: Any) -> str:
    """A stored value as text in lower case; a reference is its Id, an e-mail its address."""
    if isinstance(value, dict):
        value = value.get("value", value.get("Address"))
    return str(value).lower()


def bounds(company: Company, condition: Condition) -> tuple[datetime | None, datetime | None]:
    """Between which instants (both included) a condition on a metadata time can be met at all."""
    if condition.negated or condition.operator == "!=" or any(is_null(value) for value in condition.values):
        return None, None
    instants = [wanted_instant(company, condition.name, value) for value in condition.values]
    low = min(instants) if condition.operator in ("=", ">", ">=", "IN") else None
    return low, max(instants) if condition.operator in ("=", "<", "<=", "IN") else None
