"""All objects of one entity in one company, with the indexes that keep a search from reading them all."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from qbo_milestones.simulator.amounts import Doc

INDEXED = ("DocNumber", "CustomerRef", "DisplayName", "Name", "PaymentRefNum")


@dataclass(slots=True)
class Record:
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


class Shelf:
    """Records by Id, found also by number, customer, name and time of the last change."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self._ids_by: dict[str, defaultdict[str, dict[str, None]]] = {name: defaultdict(dict) for name in INDEXED}
        self._by_update: list[tuple[datetime, str]] = []

    def put(self, record: Record) -> None:
        """Store a record under its Id, in place of the one that was there."""
        object_id = str(record.body["Id"])
        self._forget(object_id)
        self.records[object_id] = record
        insort(self._by_update, (record.updated, object_id))
        for name in INDEXED:
            value = index_value(record.body, name)
            if value is not None:
                self._ids_by[name][value][object_id] = None

    def drop(self, object_id: str) -> None:
        """Remove a record for good."""
        self._forget(object_id)
        del self.records[object_id]

    def _forget(self, object_id: str) -> None:
        before = self.records.get(object_id)
        if before is None:
            return
        del self._by_update[bisect_left(self._by_update, (before.updated, object_id))]
        for name in INDEXED:
            value = index_value(before.body, name)
            if value is not None:
                del self._ids_by[name][value][object_id]

    def ids_with(self, name: str, value: str) -> list[str]:
        """Ids of the objects whose indexed property has this value, any case."""
        return list(self._ids_by[name].get(value.lower(), ()))

    def ids_updated_since(self, instant: datetime) -> Iterator[str]:
        """Ids of the objects changed at or after an instant, oldest change first."""
        start = bisect_left(self._by_update, (instant, ""))
        return (object_id for _, object_id in self._by_update[start:])
