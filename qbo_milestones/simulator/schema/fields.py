"""What a field of an entity may hold: the vocabulary in which the table of entities is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Kind = Literal["text", "number", "integer", "flag", "date", "choice", "ref", "group", "list", "any"]
Operation = Literal["create", "read", "query", "update", "delete", "void", "send", "pdf"]
Form = Literal["", "email", "uri", "country"]


@dataclass(frozen=True, slots=True)
class Field:
    """One property. ``limit`` counts characters; ``target`` names the entity that a reference points to.

    ``forbidden`` lists characters that a text must not hold, ``least`` and ``most`` bound a whole number, ``form`` is
    what a text must look like, and a ``bare`` reference shows no name.
    """

    kind: Kind
    limit: int = 0
    required: bool = False
    read_only: bool = False
    filterable: bool = False
    sortable: bool = False
    target: str = ""
    choices: tuple[str, ...] = ()
    inner: Mapping[str, "Field"] = field(default_factory=dict)
    forbidden: str = ""
    least: int | None = None
    most: int | None = None
    form: Form = ""
    bare: bool = False


@dataclass(frozen=True, slots=True)
class EntitySpec:
    """One entity. ``unique`` is the property that no two active objects share; ``posts``: it moves the ledger.

    ``wrapped_as``: what JSON calls it, where that is not its name.
    """

    name: str
    fields: Mapping[str, Field]
    operations: frozenset[Operation]
    posts: bool = False
    unique: str = ""
    cdc: bool = True
    wrapped_as: str = ""

    @property
    def element(self) -> str:
        """The key under which an object stands in JSON."""
        return self.wrapped_as or self.name

    @property
    def is_transaction(self) -> bool:
        """Transactions have a date and share one row of Ids."""
        return "TxnDate" in self.fields

    @property
    def is_name_list(self) -> bool:
        """Name lists are made inactive instead of deleted, and queries show only active ones."""
        return "Active" in self.fields


def _marked(kind: Kind, marks: str, limit: int = 0, target: str = "") -> Field:
    """Marks: ``!`` required, ``-`` read-only, ``f`` filterable, ``s`` sortable, ``b`` a bare reference."""
    return Field(kind, limit, "!" in marks, "-" in marks, "f" in marks, "s" in marks, target, bare="b" in marks)


def text(limit: int = 4000, marks: str = "", forbidden: str = "", form: Form = "") -> Field:
    """Text of at most ``limit`` characters, none of them forbidden."""
    return replace(_marked("text", marks, limit), forbidden=forbidden, form=form)


def number(marks: str = "") -> Field:
    """A decimal; numbers in quotes are tolerated, as in practice."""
    return _marked("number", marks)


def integer(marks: str = "", least: int | None = None, most: int | None = None) -> Field:
    """A whole number, bounded on demand."""
    return replace(_marked("integer", marks), least=least, most=most)


def flag(marks: str = "") -> Field:
    """true or false."""
    return _marked("flag", marks)


def date(marks: str = "") -> Field:
    """YYYY-MM-DD."""
    return _marked("date", marks)


def ref(target: str, marks: str = "") -> Field:
    """``{"value": id, "name": ...}``; an empty target is not looked up."""
    return _marked("ref", marks, target=target)


def anything(marks: str = "") -> Field:
    """A property whose inside is kept as it came."""
    return _marked("any", marks)


def choice(*choices: str, marks: str = "") -> Field:
    """One of these words."""
    return replace(_marked("choice", marks), choices=choices)


def group(**inner: Field) -> Field:
    """An object with these properties."""
    return Field("group", inner=inner)


def listing(inner: Mapping[str, Field], marks: str = "") -> Field:
    """A list of objects with these properties."""
    return Field("list", required="!" in marks, read_only="-" in marks, inner=inner)
