"""What differs between two states of one company: objects created, updated and deleted, property by property."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.shelf import Record, Shelf

FRAME = {"SyncToken", "MetaData"}
"""What changes with every write; the tokens are told apart from the other properties."""


def differences(before: Company, after: Company) -> Doc:
    """By entity; entities in which nothing differs are left out."""
    found = {name: _on_shelf(before.shelves[name], after.shelves[name]) for name in after.shelves}
    return {name: groups for name, groups in found.items() if groups}


def _on_shelf(before: Shelf, after: Shelf) -> Doc:
    created = [_named(record) for key, record in after.records.items() if key not in before.records]
    deleted = [_named(record) for key, record in before.records.items() if key not in after.records]
    updated = [
        _updated(old, new)
        for key, new in after.records.items()
        if (old := before.records.get(key)) is not None and old is not new and old.body != new.body
    ]
    groups = {"created": created, "updated": updated, "deleted": deleted}
    return groups if any(groups.values()) else {}


def _named(record: Record) -> Doc:
    return {"Id": record.body["Id"], "SyncToken": record.body["SyncToken"]}


def _updated(old: Record, new: Record) -> Doc:
    names = [name for name in {**old.body, **new.body} if name not in FRAME]
    pairs = {name: _pair(old.body.get(name), new.body.get(name)) for name in names}
    return {
        "Id": new.body["Id"], "SyncToken": _pair(old.body["SyncToken"], new.body["SyncToken"]),
        "properties": {name: pair for name, pair in pairs.items() if pair["before"] != pair["after"]},
    }  # fmt: skip


def _pair(before: object, after: object) -> Doc:
    return {"before": before, "after": after}
