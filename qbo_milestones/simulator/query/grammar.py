"""The query language: a grammar, and what a statement means once it is read (quickbooks-online.md 5)."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

from lark import Lark, Token, Transformer, UnexpectedInput

from qbo_milestones.simulator.query.complaints import complaint

GRAMMAR = r"""
start: _SELECT projection? _FROM NAME where? order? _page? ";"?
_page: start_at at_most? | at_most start_at?
projection: "*" ("," NAME)* -> everything | _COUNT "(" "*" ")" -> count | NAME ("," (NAME | "*"))* -> columns
where: _WHERE _both
_both: _one (_AND _one)*
_one: condition | negated | "(" _both ")"
negated: _NOT condition
condition: NAME OPERATOR value -> compare
         | NAME NOT_EQUAL value -> compare
         | NAME _LIKE STRING -> like
         | NAME _IN "(" value ("," value)* ")" -> within
value: STRING -> text | (INTEGER | DECIMAL) -> number | _TRUE -> yes | _FALSE -> no | _CURRENT_DATE -> today
order: (_ORDERBY | _ORDER _BY) sort ("," sort)*
sort: NAME (_ASC | DESC)?
start_at: _STARTPOSITION INTEGER
at_most: _MAXRESULTS INTEGER
_SELECT: "select"i
_FROM: "from"i
_WHERE: "where"i
_AND: "and"i
_NOT: "not"i
_IN: "in"i
_LIKE: "like"i
_COUNT: "count"i
_TRUE: "true"i
_FALSE: "false"i
_CURRENT_DATE: "current_date"i
_ORDERBY: "orderby"i
_ORDER: "order"i
_BY: "by"i
_ASC: "asc"i
DESC: "desc"i
_STARTPOSITION: "startposition"i
_MAXRESULTS: "maxresults"i
OPERATOR: "<=" | ">=" | "=" | "<" | ">"
NOT_EQUAL: "!="
DECIMAL.2: /-?\d+\.\d+(?!\w)/
INTEGER: /-?\d+(?!\w)/
NAME: /[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(\.\*)?/
STRING: /'(\\.|[^'\\])*'/s
%ignore /\s+/
"""
MAX_ROWS = 1000
DEFAULT_ROWS = 100

Kind = Literal["text", "number", "flag", "today"]


@dataclass(frozen=True, slots=True)
class Value:
    """A literal: how it was written and what stands there. Escapes in a text are not yet resolved."""

    kind: Kind
    content: str


@dataclass(frozen=True, slots=True)
class Condition:
    """``name operator value``; IN holds several values, LIKE one pattern. ``place``: where the operator stands."""

    name: str
    operator: str
    values: tuple[Value, ...]
    negated: bool = False
    place: tuple[int, int] = field(default=(1, 1), compare=False)


@dataclass(frozen=True, slots=True)
class Statement:
    """A whole query. ``columns`` is empty for ``*``."""

    entity: str
    columns: tuple[str, ...] = ()
    count: bool = False
    conditions: tuple[Condition, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    start: int = 1
    rows: int = DEFAULT_ROWS


class _Reader(Transformer[Token, Any]):
    """Turns the tree of the grammar into the parts of a Statement."""

    def start(self, parts: list[Any]) -> Statement:
        found: dict[str, Any] = {}
        for part in parts:
            found.update({"entity": str(part)} if isinstance(part, Token) else part)
        return Statement(**found)

    def everything(self, _: list[Any]) -> dict[str, Any]:
        return {}

    def count(self, _: list[Any]) -> dict[str, Any]:
        return {"count": True}

    def columns(self, names: list[Token]) -> dict[str, Any]:
        return {"columns": tuple(str(name) for name in names)}

    def where(self, conditions: list[Condition]) -> dict[str, Any]:
        return {"conditions": tuple(conditions)}

    def compare(self, parts: list[Any]) -> Condition:
        operator = parts[1]
        return Condition(str(parts[0]), str(operator), (parts[2],), place=(operator.line or 1, operator.column or 1))

    def like(self, parts: list[Any]) -> Condition:
        return Condition(str(parts[0]), "LIKE", (self.text(parts[1:]),))

    def within(self, parts: list[Any]) -> Condition:
        return Condition(str(parts[0]), "IN", tuple(parts[1:]))

    def negated(self, parts: list[Condition]) -> Condition:
        return replace(parts[0], negated=not parts[0].negated)

    def text(self, parts: list[Any]) -> Value:
        return Value("text", str(parts[0])[1:-1])

    def number(self, parts: list[Any]) -> Value:
        return Value("number", str(parts[0]))

    def yes(self, _: list[Any]) -> Value:
        return Value("flag", "true")

    def no(self, _: list[Any]) -> Value:
        return Value("flag", "false")

    def today(self, _: list[Any]) -> Value:
        return Value("today", "")

    def order(self, sorts: list[tuple[str, bool]]) -> dict[str, Any]:
        return {"order": tuple(sorts)}

    def sort(self, parts: list[Token]) -> tuple[str, bool]:
        return str(parts[0]), len(parts) > 1

    def start_at(self, parts: list[Token]) -> dict[str, Any]:
        return {"start": int(parts[0])}

    def at_most(self, parts: list[Token]) -> dict[str, Any]:
        return {"rows": int(parts[0])}


_LARK = Lark(GRAMMAR, parser="lalr", lexer="basic", transformer=_Reader(), maybe_placeholders=False)


@lru_cache(maxsize=4096)
def parse(statement: str, expectations: bool = False) -> Statement:
    """Read a statement; 4000 in the words of QuickBooks' parser where it is none, with what it expected if wanted."""
    try:
        found = _LARK.parse(statement)
    except UnexpectedInput as error:
        raise complaint(error, statement, expectations) from None
    return found  # type: ignore[return-value]
