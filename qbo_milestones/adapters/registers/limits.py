"""How much a register may be before it is refused unread (register.md, Bounds; reliability.md section 4)."""

from collections.abc import Iterator
from dataclasses import dataclass

from qbo_milestones.errors import BadSettings
from qbo_milestones.pipeline.reading.rows import Row

SPLIT = "move finished contracts to a second register"
COLUMNS = 256  # further columns are not looked at


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of a register, in bytes, pieces and seconds. Tests make them small; nothing makes them larger."""

    file_bytes: int = 60_000_000
    unpacked_bytes: int = 600_000_000
    entries: int = 2_000
    ratio: int = 100
    rows: int = 200_000
    memory_bytes: int = 2**30
    cpu_s: int = 60
    patience_s: int = 120  # by the clock, for the whole reading: a machine under load is not an attack


def capped(rows: Iterator[Row], sheet: str, limits: Limits) -> Iterator[Row]:
    """The rows, until there are more than a sheet may have: then BadSettings."""
    for number, row in enumerate(rows, 1):
        if number > limits.rows + 1:  # the header is not counted
            raise BadSettings(f"{sheet} has more than {limits.rows:,} rows; {SPLIT}")
        yield row
