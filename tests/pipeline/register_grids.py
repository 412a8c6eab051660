"""Registers written as grids of cells, for tests of the reading rules."""

from collections.abc import Sequence
from datetime import date

from qbo_milestones.pipeline.reading.cells import Cell, Moment, ReadingRules
from qbo_milestones.pipeline.reading.rows import Row, Sheet
from qbo_milestones.pipeline.reading.sheets import read_register
from qbo_milestones.pipeline.register import Problem, Register, check

Grid = Sequence[Sequence[Cell]]
CONTRACTS: Grid = (
    ("Contract", "Version", "Customer", "Currency", "Contract value"),
    ("SOW-1", "1", "Acme", "USD", "10000"),
)


class Complaints:
    """Takes complaints down as (kind, warning)."""

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.sentences: list[str] = []
        self.warnings: list[bool] = []

    def __call__(self, kind: str, sentence: str, warning: bool = False) -> None:
        self.kinds.append(kind)
        self.sentences.append(sentence)
        self.warnings.append(warning)


def sheet(name: str, grid: Grid, formulas: dict[int, list[int]] | None = None) -> Sheet:
    """A sheet of a grid, its rows counted from 1."""
    return Sheet(name, [Row(i, list(cells), (formulas or {}).get(i, ())) for i, cells in enumerate(grid, 1)])


def register(rules: ReadingRules | None = None, **grids: Grid) -> Register:
    """The register of sheets given as keywords: `sign_offs` is the sheet Sign-offs."""
    return read_register([sheet(name.capitalize().replace("_", "-"), grid) for name, grid in grids.items()], rules)


def kinds(problems: Sequence[Problem]) -> list[str]:
    """The kinds of problems, without those of columns that a small grid does not have."""
    return [it.kind for it in problems if it.kind != "MISSING_COLUMN"]


def all_kinds(found: Register) -> list[str]:
    """The same for a whole register."""
    return kinds(check(found))


def on(text: str) -> Moment:
    """A real date cell."""
    return Moment(date.fromisoformat(text))
