"""Rows of customers, vendors, items and their like, with their figures; those under others stand inside them."""

from collections.abc import Callable, Iterable

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.reports.account_rows import Rows, added
from qbo_milestones.simulator.reports.frame import cell, section
from qbo_milestones.simulator.reports.names import Names
from qbo_milestones.simulator.reports.splits import Vector

NOT_SPECIFIED = "Not Specified"


class NameTable:
    """Figures by the Id of a name, laid out by ``cells``."""

    def __init__(
        self, names: Names, entity: str, figures: dict[str, Vector], cells: Callable[[Vector], list[Doc]],
        descending: bool,
    ) -> None:  # fmt: skip
        self._names, self._entity, self._figures, self._cells = names, entity, figures, cells
        self._descending = descending
        self._children: dict[str, set[str]] = {}
        for object_id in figures:
            self._hang(object_id)

    def _hang(self, object_id: str) -> None:
        """Put a name under the one it stands under, and that one under its own."""
        parent = self._names.parent(self._entity, object_id)
        known = self._children.setdefault(parent, set())
        if object_id not in known:
            known.add(object_id)
            if parent:
                self._hang(parent)

    def rows(self) -> Rows:
        """All rows and what they add up to."""
        return self._under("")

    def _under(self, parent: str) -> Rows:
        found = [self._row(object_id) for object_id in self._sorted(self._children.get(parent, ()))]
        return Rows([row for each in found for row in each.rows], added(*[each.sum for each in found]))

    def _sorted(self, ids: Iterable[str]) -> list[str]:
        keys = {each: (not each, self._names.own(self._entity, each).lower(), each) for each in ids}
        return sorted(keys, key=lambda each: keys[each], reverse=self._descending)

    def _row(self, object_id: str) -> Rows:
        own = self._figures.get(object_id, {})
        below = self._under(object_id) if object_id else Rows([], {})
        name = self._names.own(self._entity, object_id) if object_id else NOT_SPECIFIED
        label = [cell(name, object_id), *self._cells(own)]
        if not below.rows:
            return Rows([{"ColData": label}], own)
        total = added(own, below.sum)
        return Rows([section(below.rows, [cell(f"Total {name}"), *self._cells(total)], label)], total)
