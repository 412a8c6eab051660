"""A list that is cut where a page would grow too long, and says how much is not shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """The rows that are shown, and how many there are in all."""

    rows: Sequence[Row]
    total: int

    @property
    def hidden(self) -> int:
        """How many rows are not shown."""
        return self.total - len(self.rows)


def cut(rows: Iterable[Row], total: int, most: int) -> Listing[Row]:
    """The first ``most`` rows. Rows are only made as far as they are shown."""
    return Listing(list(islice(rows, most)), total)
