"""The query language: a grammar, and what a statement means once it is read (quickbooks-online.md 5)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from qbo_milestones.simulator.faults import refuse

GRAMMAR = r"""
start: "SELECT"i projection "FROM"i NAME where? order? start_at? at_most?
projection: "*" -> everything | COUNT -> count | NAME ("," ("*" | NAME))* -> columns
          | "*" ("," NAME)+ -> everything
where: "WHERE"i condition ("AND"i condition)*
condition: NAME OPERATOR value -> compare
         | NAME "LIKE"i TEXT -> like
         | NAME "IN"i "(" value ("," value)* ")" -> within
value: TEXT -> text | NUMBER -> number | TRUE -> yes | FALSE -> no | "CURRENT_DATE"i -> today
order: ("ORDERBY"i | "ORDER"i "BY"i) sort ("," sort)*
sort: NAME DIRECTION?
start_at: "STARTPOSITION"i INTEGER
at_most: "MAXRESULTS"i INTEGER
DIRECTION.2: /(asc|desc)(?![\w.])/i
COUNT.2: /count\s*\(\s*\*\s*\)/i
TRUE.2: /true(?![\w.])/i
FALSE.2: /false(?![\w.])/i
OPERATOR: "<=" | ">=" | "=" | "<" | ">"
INTEGER.3: /\d+(?![\w.])/
NUMBER.2: /-?\d+(\.\d+)?(?![\w.])/
NAME: /[A-Za-z_][\w]*(\.[A-Za-z_]\w*)*/
TEXT: /'(\\.|[^'\\])*'/s
%ignore /\s+/
%ignore ";"
"""
MAX_ROWS = 1000
DEFAULT_ROWS = 100

Kind = Literal["text", "number", "flag", "today"]


@dataclass(frozen=True, slots=True)
class Value:
    """A literal: how it was written and what it says."""

    kind: Kind
    content: str


@dataclass(frozen=True, slots=True)
class Condition:
    """``name operator value``; IN holds several values, LIKE one pattern."""

    name: str
    operator: str
    values: tuple[Value, ...]


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
    """Turns the tree of the grammar into a Statement."""

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
        return Condition(str(parts[0]), str(parts[1]), (parts[2],))

    def like(self, parts: list[Any]) -> Condition:
        return Condition(str(parts[0]), "LIKE", (self.text(parts[1:]),))

    def within(self, parts: list[Any]) -> Condition:
        return Condition(str(parts[0]), "IN", tuple(parts[1:]))

    def text(self, parts: list[Any]) -> Value:
        return Value("text", str(parts[0])[1:-1].replace("\\'", "'"))

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
        return str(parts[0]), len(parts) > 1 and parts[1].lower() == "desc"

    def start_at(self, parts: list[Token]) -> dict[str, Any]:
        return {"start": max(1, int(parts[0]))}

    def at_most(self, parts: list[Token]) -> dict[str, Any]:
        return {"rows": min(MAX_ROWS, int(parts[0]))}


_LARK = Lark(GRAMMAR, parser="lalr", transformer=_Reader())


@lru_cache(maxsize=4096)
def parse(statement: str) -> Statement:
    """Read a statement; 4000 with the place of the first thing that does not belong."""
    try:
        found = _LARK.parse(statement.strip())
    except UnexpectedInput as error:
        raise refuse("4000", f"QueryParserError: {_where(error, statement)}") from None
    return found  # type: ignore[return-value]


def _where(error: UnexpectedInput, statement: str) -> str:
    if isinstance(error, UnexpectedToken):
        token = error.token
        if token.type == "$END":
            return f'Encountered "<EOF>" at line 1, column {len(statement) + 1}.'
        return f'Encountered " <{_kind(token)}> "{token} "" at line {token.line}, column {token.column}.'
    if isinstance(error, UnexpectedCharacters):
        word = (re.match(r"[\w.]+|.", statement.strip()[error.pos_in_stream :], re.DOTALL) or [""])[0]
        return f'Encountered " <IDENTIFIER> "{word} "" at line {error.line}, column {error.column}.'
    return f'Encountered "<EOF>" at line 1, column {len(statement) + 1}.'


def _kind(token: Token) -> str:
    return {"NAME": "IDENTIFIER", "TEXT": "STRING_LITERAL", "NUMBER": "NUMBER"}.get(token.type, token.type)
