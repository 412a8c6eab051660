"""All objects of one entity in one company, with the indexes that keep a search from reading them all."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.state import State, Value
from qbo_milestones.simulator.books.watched import GONE, Watched

INDEXED = (
    "DocNumber", "CustomerRef", "VendorRef", "DisplayName", "Name", "FullyQualifiedName", "ParentRef", "AcctNum",
    "PaymentRefNum",
)  # fmt: skip


@dataclass(slots=True)
class Record(Value):
    """One stored object. Its body is never changed in place: a change is another record, so that a checkpoint may
    share records with the books. ``text`` caches the JSON."""

    body: Doc
    created: datetime
    updated: datetime
    text: str = ""


def index_value(body: Doc, name: str) -> str | None:
    """The value an index holds: references by their Id, everything in lower case."""
    value = body.get(name)
    if isinstance(value, dict):
        value = value.get("value")
    return None if value is None else str(value).lower()


Change = tuple[datetime, int, str]
"""When an object last changed, and its Id: the shorter Id first, so that numbers keep their order."""
_AFTER_ALL = 1_000_000


def _change(instant: datetime, object_id: str) -> Change:
    return instant, len(object_id), object_id


class Shelf(State):
    """Records by Id, found also by number, customer, name and time of the last change."""

    def __init__(self) -> None:
        self.records: Watched[str, Record] = Watched()
        self._places: dict[str, int] = {}
        self._placed = 0
        self._ids_by: dict[str, defaultdict[str, dict[str, None]]] = {name: defaultdict(dict) for name in INDEXED}
        self._by_update: list[Change] = []

    def put(self, record: Record) -> None:
        """Store a record under its Id, in place of the one that was there."""
        object_id = str(record.body["Id"])
        before = self.records.get(object_id)
        if before is None:
            self._placed += 1
            self._places[object_id] = self._placed
        self._file(object_id, before, record)
        self.records[object_id] = record

    def drop(self, object_id: str) -> None:
        """Remove a record for good."""
        self._file(object_id, self.records.get(object_id), None)
        del self.records[object_id]
        del self._places[object_id]

    def take_back(self, object_id: str, before: Record) -> None:
        """Let a record stand here again as a memory holds it (``GONE``: not at all)."""
        if before is not GONE:
            self.put(before)
        elif object_id in self.records:
            self.drop(object_id)

    def _file(self, object_id: str, before: Record | None, now: Record | None) -> None:
        """Move an object in the indexes, where its place there is another one."""
        old, new = before.updated if before else None, now.updated if now else None
        if old != new:
            if old is not None:
                del self._by_update[bisect_left(self._by_update, _change(old, object_id))]
            if new is not None:
                insort(self._by_update, _change(new, object_id))
        for name, ids in self._ids_by.items():
            left = index_value(before.body, name) if before else None
            entered = index_value(now.body, name) if now else None
            if left != entered:
                if left is not None:
                    del ids[left][object_id]
                if entered is not None:
                    ids[entered][object_id] = None

    def ids_with(self, name: str, value: str) -> list[str]:
        """Ids of the objects whose indexed property has this value, any case, in the order in which they came."""
        return self.in_order(self._ids_by[name].get(value.lower(), ()))

    def in_order(self, ids: Iterable[str]) -> list[str]:
        """These Ids, as far as they are here, in the order in which their objects came."""
        return sorted((object_id for object_id in ids if object_id in self._places), key=self._places.__getitem__)

    def ids_by_update(
        self, low: datetime | None = None, high: datetime | None = None, *, descending: bool = False
    ) -> Iterator[str]:
        """Ids of the objects changed between two instants (both included), in the order of their last change."""
        start = 0 if low is None else bisect_left(self._by_update, (low, 0, ""))
        end = len(self._by_update) if high is None else bisect_left(self._by_update, (high, _AFTER_ALL, ""))
        places = range(end - 1, start - 1, -1) if descending else range(start, end)
        return (self._by_update[place][2] for place in places)
