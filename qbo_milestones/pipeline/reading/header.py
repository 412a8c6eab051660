"""The header of a sheet: found by its names, whatever stands above it, and matched to the columns of the register."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from qbo_milestones.pipeline.reading.cells import Cell, ReadingRules, plain, shown
from qbo_milestones.pipeline.reading.columns import DELIVERABLES, FORMS, SIGN_OFFS, Column, Form, squeeze

V = TypeVar("V")
LOOKED_AT = 50  # rows among which the header row is looked for
# In the one-sheet form these plain headers belong to the sign-off or the deliverable (ruling 43).
_TAKEN = frozenset(squeeze(column.name) for column in DELIVERABLES.columns) | {squeeze("Signed by")}
_SHARED = {
    ("Contracts", "reference"): ("Contract",),
    ("Contracts", "version"): ("Contract version",),
    ("Sign-offs", "deliverable"): ("Deliverable ID",),
    ("Sign-offs", "revision"): ("Sign-off revision", "Revision"),
}


@dataclass(frozen=True, slots=True)
class Header:
    """A header row that was found: where (0 is the first row looked at), its texts, and their positions."""

    position: int
    texts: tuple[str, ...]
    positions: Mapping[str, tuple[int, ...]]

    def where(self, names: Iterable[str]) -> tuple[int, ...]:
        """Positions of the columns that bear the first of `names` that any column bears."""
        return next((self.positions[name] for name in map(squeeze, names) if name in self.positions), ())


def _header(position: int, cells: Sequence[Cell]) -> Header:
    texts = tuple(" ".join(plain(cell)[:200].split()) for cell in cells)
    positions: dict[str, tuple[int, ...]] = {}
    for i, name in enumerate(map(squeeze, texts)):
        if name:
            positions[name] = (*positions.get(name, ()), i)
    return Header(position, texts, positions)


def canonical_sheets(names: Sequence[str], rules: ReadingRules) -> dict[str, str]:
    """Which of the sheets that stand there is which of ours: canonical name to name as it stands.

    A single sheet is Deliverables whatever it is called (the one-sheet form).
    """
    found = {}
    for form in FORMS:
        wanted = squeeze(_renamed(rules.sheets, form.name) or form.name)
        if match := [name for name in names if squeeze(name) == wanted]:
            found[form.name] = match[0]
    return found or ({DELIVERABLES.name: names[0]} if len(names) == 1 else {})


def doubled_sheets(names: Sequence[str], rules: ReadingRules) -> tuple[str, ...]:
    """Sheets of ours that several of those there could be: reading one would be to leave out the other."""
    there = [squeeze(name) for name in names]
    return tuple(
        form.name for form in FORMS if there.count(squeeze(_renamed(rules.sheets, form.name) or form.name)) > 1
    )


def find_header(rows: Sequence[Sequence[Cell]], form: Form, rules: ReadingRules) -> Header | None:
    """The row that names the key column and more of the form's columns than any other; None if none does."""
    best, most = None, 0
    for position, cells in enumerate(rows[:LOOKED_AT]):
        header = _header(position, cells)
        if not header.where(_names(form, form.key, rules)):
            continue
        hits = sum(bool(header.where(_names(form, column, rules))) for column in form.columns)
        # The key's name alone can stand in a sentence or a list; a header has at least one more column.
        if hits > max(most, 1):
            best, most = header, hits
    return best


def columns_understood(rows: Sequence[Sequence[Cell]], form: Form, rules: ReadingRules) -> int:
    """How many of the form's columns the best header among the rows names; 0 without a header."""
    header = find_header(rows, form, rules)
    return len(own_columns(header, form, rules)) if header else 0


def own_columns(header: Header, form: Form, rules: ReadingRules) -> dict[str, tuple[int, ...]]:
    """Positions of each of the form's columns, by field; a column that is not there is left out."""
    found = {column.field: header.where(_names(form, column, rules)) for column in form.columns}
    return {field: where for field, where in found.items() if where}


def inline_columns(header: Header, form: Form, rules: ReadingRules) -> dict[str, tuple[int, ...]]:
    """The same for a contract's or sign-off's columns that stand in Deliverables (ruling 43)."""
    found = {column.field: header.where(_inline_names(form, column, rules)) for column in form.columns}
    return {field: where for field, where in found.items() if where}


def holds_inline(form: Form, fields: Mapping[str, object]) -> bool:
    """Whether the inline columns are those of a one-sheet register, and not just the ids that sheets share."""
    shared = {field for name, field in _SHARED if name == form.name}
    return bool(set(fields) - shared)


def missing_columns(form: Form, found: Mapping[str, object]) -> tuple[str, ...]:
    """Expected columns of the form that are not there."""
    missing = [column.name for column in form.columns if column.expected and column.field not in found]
    if form is DELIVERABLES and not {"amount", "percent", "share"} & set(found):
        missing.append("Amount")
    return tuple(missing)


def no_header(rows: Sequence[Sequence[Cell]], form: Form, rules: ReadingRules) -> str:
    """The sentence for a sheet whose header was not found: what was looked for, and what stands there."""
    looked_for = (_names(form, form.key, rules)[0], *(c.name for c in form.columns[1:] if c.expected))
    fullest = max(rows[:LOOKED_AT], key=lambda cells: sum(isinstance(c, str) and bool(c.strip()) for c in cells))
    there = ", ".join(shown(cell) for cell in fullest[:40] if plain(cell).strip()) or "nothing"
    return (
        f"no header row in the first {LOOKED_AT} rows: looked for {', '.join(looked_for)}; found {there}. "
        "Name the columns so, or map them in the settings"
    )


def rule_problems(rules: ReadingRules) -> tuple[str, ...]:
    """What is wrong with the rules themselves: a sheet or column that the register does not have."""
    forms = {squeeze(form.name): form for form in FORMS}
    wrong = [f"there is no sheet {name!r} to rename" for name in rules.sheets if squeeze(name) not in forms]
    for sheet, columns in rules.columns.items():
        form = forms.get(squeeze(sheet))
        if form is None:
            wrong.append(f"there is no sheet {sheet!r} whose columns could be renamed")
            continue
        known = {squeeze(column.name) for column in form.columns}
        wrong += [f"{form.name} has no column {name!r} to rename" for name in columns if squeeze(name) not in known]
    if rules.date_order not in ("", "dmy", "mdy", "ymd"):
        wrong.append(f"the date order is {rules.date_order!r}; it can be dmy, mdy or ymd")
    return tuple(wrong)


def _names(form: Form, column: Column, rules: ReadingRules) -> tuple[str, ...]:
    """What a column may be called: only its new name where the rules rename it."""
    renamed = _renamed(_renamed(rules.columns, form.name) or {}, column.name)
    return (renamed,) if renamed else (column.name, *column.also)


def _inline_names(form: Form, column: Column, rules: ReadingRules) -> tuple[str, ...]:
    renamed = _renamed(_renamed(rules.columns, form.name) or {}, column.name)
    if renamed:
        return (renamed,)
    if shared := _SHARED.get((form.name, column.field)):
        # The shared column may itself be renamed, as a column of Deliverables.
        own = [c for c in DELIVERABLES.columns if c.name in shared]
        return (*shared, *(name for c in own for name in _names(DELIVERABLES, c, rules)))
    prefixed = f"{form.prefix} {column.name}"
    plain_allowed = squeeze(column.name) not in _TAKEN or (form is SIGN_OFFS and column.field == "signed_by")
    return (prefixed, column.name) if plain_allowed else (prefixed,)


def _renamed(mapping: Mapping[str, V], name: str) -> V | None:
    return next((value for key, value in mapping.items() if squeeze(key) == squeeze(name)), None)
