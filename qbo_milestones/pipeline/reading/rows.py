"""Rows of a sheet: raw cells in, the fields that a form knows out, with everything that was wrong taken down."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import Any, NamedTuple

from qbo_milestones.pipeline.reading import cells, dates, figures
from qbo_milestones.pipeline.reading.cells import Cell, ReadingRules
from qbo_milestones.pipeline.reading.columns import DELIVERABLES, Form, squeeze
from qbo_milestones.pipeline.reading.header import (
    LOOKED_AT,
    Header,
    find_header,
    missing_columns,
    no_header,
    own_columns,
)
from qbo_milestones.pipeline.register import Place, Problem

Reader = Callable[[Cell, cells.Complain], Any]
Values = dict[str, Any]
_REMEMBERED = 4_096  # texts kept for each column, so that what repeats is read once and held once
_UNKNOWN = object()
# A formula there means that an amount, a percentage or an id can change without anybody typing it.
_WATCHED = frozenset(("id", "amount", "percent", "share"))


class Row(NamedTuple):
    """A row as the sheet counts it, its cells, and the positions of those that hold a formula."""

    number: int
    cells: Sequence[Cell]
    formulas: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it was found: raw rows, which may be read once only, and what was wrong with it as a whole."""

    name: str
    rows: Iterable[Row]
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Notebook:
    """Where complaints about the cell that is being read are taken down, with its place.

    `column` is the register's own name of the column; `called` is what it is called there, where that is another.
    """

    sheet: str
    row: int = 0
    column: str = ""
    called: str = ""
    problems: list[Problem] = field(default_factory=list)

    def __call__(self, kind: str, sentence: str, warning: bool = False) -> None:
        told = f"{sentence} (its column there: {cells.shown(self.called)})" if self.called else sentence
        self.problems.append(Problem(kind, Place(self.sheet, self.row, self.column), told, warning))

    def turn(self, row: int) -> None:
        """A new page, for a new row."""
        self.row, self.problems = row, []
        self.at("")

    def at(self, column: str, called: str = "") -> None:
        """Which column the next complaints are about."""
        self.column, self.called = column, called


@dataclass(frozen=True, slots=True)
class Slot:
    """One column that is read: where it stands, which field it fills, how, its name, and its name there if another."""

    index: int
    fills: str
    read: Reader
    column: str
    called: str
    watched: bool
    remembered: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opened:
    """A sheet whose header was found, with the rows below it."""

    name: str
    header: Header
    header_row: int
    rows: Iterator[Row]


def open_sheet(sheet: Sheet, form: Form, rules: ReadingRules, problems: list[Problem]) -> Opened | None:
    """The sheet from its header on; None when it is empty, or, with a problem, when it has no header."""
    problems.extend(sheet.problems)
    rows = iter(sheet.rows)
    first = list(islice(rows, LOOKED_AT))
    if all(is_blank(row) for row in first) and form is not DELIVERABLES:
        return None
    header = find_header([row.cells for row in first], form, rules)
    if header is None:
        place = Place(sheet.name, first[0].number if first else 1)
        problems.append(Problem("NO_HEADER", place, no_header([row.cells for row in first] or [()], form, rules)))
        return None
    below = chain(first[header.position + 1 :], rows)
    return Opened(sheet.name, header, first[header.position].number, below)


def slots_of(form: Form, opened: Opened, rules: ReadingRules, problems: list[Problem]) -> list[Slot]:
    """How each column of a form is read in its own sheet; what is missing or stands there twice is a problem."""
    return slots_at(form, own_columns(opened.header, form, rules), opened, rules, problems)


def slots_at(
    form: Form, found: Mapping[str, tuple[int, ...]], opened: Opened, rules: ReadingRules, problems: list[Problem]
) -> list[Slot]:
    """How the columns of a form are read where they were found, by field."""
    note = Notebook(opened.name, opened.header_row)
    for name in missing_columns(form, found):
        note.column = name
        note("MISSING_COLUMN", f"there is no column {name!r}; add it, or map it in the settings")
    readers = readers_for(rules)
    slots = []
    for column in form.columns:
        match found.get(column.field, ()):
            case (index,):
                watched = column.kind in _WATCHED or form.name == "Sign-offs"
                read = partial(cells.word, choices=column.choices) if column.kind == "word" else readers[column.kind]
                there = opened.header.texts[index]
                called = "" if squeeze(there) == squeeze(column.name) else there
                slots.append(Slot(index, column.field, read, column.name, called, watched))
            case (_, _, *_):
                # Reading either would be a guess about somebody's money.
                note.column = column.name
                kind = "NO_HEADER" if column is form.key else "MISSING_COLUMN"
                note(kind, f"several columns are called {column.name!r}, so none is read; rename all but one")
    problems.extend(note.problems)
    return slots


def readers_for(rules: ReadingRules) -> Mapping[str, Reader]:
    """How each kind of column is read under the rules."""
    return {
        "id": cells.identifier,
        "ids": cells.identifiers,
        "text": cells.text,
        "whole": cells.whole,
        "count": cells.count,
        "currency": cells.currency,
        "sha256": cells.sha256,
        "delegates": dates.delegates,
        "day": partial(dates.day, order=rules.date_order),
        "moment": partial(dates.moment, order=rules.date_order),
        "amount": partial(figures.amount, decimal_comma=rules.decimal_comma),
        "percent": partial(figures.percent, decimal_comma=rules.decimal_comma),
        "share": partial(figures.share, decimal_comma=rules.decimal_comma),
    }


def read_cells(row: Row, slots: Sequence[Slot], note: Notebook) -> Values:
    """The fields of one row that hold something. Complaints go to `note`, which stands on that row."""
    values: Values = {}
    held, width = row.cells, len(row.cells)
    for slot in slots:
        cell = held[slot.index] if slot.index < width else None
        if cell is None or cell == "":
            continue
        if type(cell) is str and (known := slot.remembered.get(cell, _UNKNOWN)) is not _UNKNOWN:
            values[slot.fills] = known
            continue
        note.column, note.called, before = slot.column, slot.called, len(note.problems)
        value = slot.read(cell, note)
        if value is None or value == "" or value == ():
            continue
        values[slot.fills] = value
        if type(cell) is str and len(slot.remembered) < _REMEMBERED and len(note.problems) == before:
            slot.remembered[cell] = value
    if row.formulas:
        _note_formulas(row, slots, note)
    note.at("")
    return values


def _note_formulas(row: Row, slots: Sequence[Slot], note: Notebook) -> None:
    for slot in slots:
        if slot.watched and slot.index in row.formulas:
            note.at(slot.column, slot.called)
            cell = f"{letters(slot.index)}{row.number}"
            note("FORMULA", f"{cell} is a formula and was read by its last result; type the value itself", True)


def is_blank(row: Row) -> bool:
    """Whether nothing that a person can see stands in the row."""
    return not any(cell is not None and not (isinstance(cell, str) and not cell.strip()) for cell in row.cells)


def letters(index: int) -> str:
    """The name of a column in a spreadsheet: A for 0, AA for 26."""
    name = ""
    while index >= 0:
        index, letter = divmod(index, 26)
        name, index = chr(65 + letter) + name, index - 1
    return name
