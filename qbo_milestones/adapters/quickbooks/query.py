"""QuickBooks' query language, written safely (quickbooks-online.md 5)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

Value = str | int | Decimal | bool | date | datetime

UPDATED = "MetaData.LastUpdatedTime"
CREATED = "MetaData.CreateTime"
MOST_ROWS = 1000
_TIMES = frozenset({UPDATED, CREATED})
_DOCUMENT = _TIMES | {"Id", "DocNumber", "TxnDate"}
_NAMES = _TIMES | {"Id", "Name", "Active", "FullyQualifiedName"}
_OPERATORS = frozenset({"=", "<", ">", "<=", ">=", "IN"})

# What may be asked for, and by what: nothing else ever reaches a statement.
PROPERTIES: dict[str, frozenset[str]] = {
    "Invoice": _DOCUMENT | {"CustomerRef", "DueDate", "Balance"},
    "CreditMemo": _DOCUMENT | {"CustomerRef", "Balance"},
    "SalesReceipt": _DOCUMENT | {"CustomerRef"},
    "RefundReceipt": _DOCUMENT | {"CustomerRef"},
    "JournalEntry": _DOCUMENT,
    "Payment": _TIMES | {"Id", "CustomerRef", "TxnDate", "PaymentRefNum"},
    "Deposit": _TIMES | {"Id", "TxnDate"},
    "Customer": _TIMES | {"Id", "DisplayName", "Active"},
    "Item": _NAMES,
    "Account": _NAMES | {"AccountType"},
    "Term": _NAMES,
    "Class": _NAMES,
    "Department": _NAMES,
    "TaxCode": _NAMES,
    "Preferences": _TIMES,
}
_SPECIAL = re.compile(r"(['\\])")


@dataclass(frozen=True, slots=True)
class Condition:
    """`property operator value`, a tuple for IN; conditions are joined by AND, as the language has no OR."""

    property: str
    operator: str
    value: Value | tuple[str, ...]


def literal(value: Value) -> str:
    r"""A value as it stands in a statement: quoted, numbers too; booleans bare; instants with their offset.

    Quotes and backslashes get a backslash, so that a value ending in one does not swallow the closing quote.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"'{instant(value)}'"
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return "'" + _SPECIAL.sub(r"\\\1", text) + "'"


def instant(at: datetime) -> str:
    """An instant to the whole second, with its offset. Raises ValueError for a time without one."""
    if at.utcoffset() is None:
        raise ValueError("a time without an offset")
    return at.replace(microsecond=0).isoformat()


def select(
    entity: str,
    conditions: Sequence[Condition] = (),
    *,
    what: str = "*",
    inactive: bool = False,
    order_by: str = "",
    start: int = 0,
    rows: int = 0,
) -> str:
    """A statement; `inactive` adds the rows that lists hide. Raises ValueError for names that are not allowed."""
    if entity not in PROPERTIES or what not in {"*", "count(*)"}:
        raise ValueError(f"not a query: {what} from {entity}")
    where = [_condition(entity, condition) for condition in conditions]
    where += [f"{_property(entity, 'Active')} IN (true, false)"] if inactive else []
    parts = ["SELECT", what, "FROM", entity]
    parts += [f"WHERE {' AND '.join(where)}"] if where else []
    parts += [f"ORDERBY {_property(entity, order_by)} ASC"] if order_by else []
    parts += [f"STARTPOSITION {start:d}"] if start else []
    parts += [f"MAXRESULTS {rows:d}"] if rows else []
    return " ".join(parts)


def _condition(entity: str, condition: Condition) -> str:
    if condition.operator not in _OPERATORS:
        raise ValueError(f"not an operator: {condition.operator}")
    value, listed = condition.value, condition.operator == "IN"
    if isinstance(value, tuple) != listed or value == ():
        raise ValueError(f"{condition.operator} with {value!r}")
    text = f"({', '.join(map(literal, value))})" if isinstance(value, tuple) else literal(value)
    return f"{_property(entity, condition.property)} {condition.operator} {text}"


def _property(entity: str, name: str) -> str:
    if name not in PROPERTIES[entity]:
        raise ValueError(f"{entity} has no {name} to ask for")
    return name
