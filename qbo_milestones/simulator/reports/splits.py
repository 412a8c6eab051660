"""Columns of summaries: the whole, slices of time, or one for each customer, vendor, class, location or item."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import NamedTuple

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Entry
from qbo_milestones.simulator.reports.accounts import shown_name
from qbo_milestones.simulator.reports.basis import READERS
from qbo_milestones.simulator.reports.frame import column
from qbo_milestones.simulator.reports.periods import SLICES, Period, slice_title, slices
from qbo_milestones.simulator.reports.questions import Question, first_month

ENTITIES = {
    "Customers": ("customer", "Customer"), "Vendors": ("vendor", "Vendor"), "Classes": ("class", "Class"),
    "Departments": ("department", "Department"), "Employees": ("employee", "Employee"),
    "ProductsAndServices": ("item", "Item"),
}  # fmt: skip
"""Value of ``summarize_column_by`` -> (what is read of a line, entity)."""
NOT_SPECIFIED = "Not Specified"
Vector = dict[str, int]
"""Cents by column key."""


class Part(NamedTuple):
    """One column: its key, title and MetaData; slices of time have a period."""

    key: str
    title: str
    more: tuple[tuple[str, str], ...] = ()
    period: Period | None = None


class Split:
    """Puts each line into its column."""

    def __init__(self, company: Company, question: Question) -> None:
        self._company, self._word = company, question.split
        self.times = _times(company, question)
        self._ends = [part.period.end for part in self.times if part.period]
        self._reader: Callable[[Entry], str] | None = None
        if question.split in ENTITIES:
            self._reader = READERS[ENTITIES[question.split][0]]

    @property
    def by_time(self) -> bool:
        """Whether columns follow each other in time."""
        return self._reader is None

    def key(self, day: str, entry: Entry) -> str:
        """Key of the column of a line; for slices of time the first one that ends on its day or later."""
        if self._reader is not None:
            return self._reader(entry)
        place = bisect_left(self._ends, day)
        return self.times[place].key if place < len(self.times) else ""

    def parts(self, used: Iterable[str]) -> list[Part]:
        """The columns in order; of customers and their like only those that have figures, unnamed ones last."""
        if self._reader is None:
            return self.times
        named = [self._named(key) for key in set(used)]
        return sorted(named, key=lambda part: (part.title == NOT_SPECIFIED, part.title.lower(), part.key))

    def _named(self, key: str) -> Part:
        entity = ENTITIES[self._word][1]
        record = self._company.find(entity, key) if key and entity in self._company.shelves else None
        title = shown_name(record.body, "FullyQualifiedName") if record else key or NOT_SPECIFIED
        return Part(key, title)

    def columns(self, parts: list[Part], first: str) -> list[Doc]:
        """The columns as the report shows them, the total last."""
        made = [column("", first, first.lower())]
        made += [column(part.title, "Money", part.key or "0", part.more) for part in parts]
        total = [] if self._word == "Total" else [column("Total" if self.by_time else "TOTAL", "Money", "total")]
        return made + total


def _times(company: Company, question: Question) -> list[Part]:
    unit = SLICES.get(question.split)
    if unit is None:
        return [Part("total", "Total", (), question.period)] if question.split == "Total" else []
    made = []
    for period in slices(question.period, unit, first_month(company)):
        title = slice_title(period, unit)
        made.append(Part(title, title, (("StartDate", period.start), ("EndDate", period.end)), period))
    return made


def values(parts: list[Part], vector: Vector, cumulative: bool = False) -> list[int | None]:
    """The figures of a row by column, with the total where there is more than the whole; None where there is none.

    ``cumulative``: the last column of balances is the total already.
    """
    made = [vector.get(part.key) for part in parts]
    if [part.key for part in parts] == ["total"]:
        return made
    last = made[-1] if cumulative and made else sum(vector.values()) if vector else None
    return [*made, last]
