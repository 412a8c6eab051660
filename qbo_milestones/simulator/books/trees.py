"""Names that stand under other names: jobs, sub-accounts, categories, found without reading the whole list."""

from collections.abc import Iterator

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.refs import ref_id


def children(company: Company, name: str, object_id: str) -> list[Record]:
    """What stands directly under an object."""
    shelf = company.shelves[name]
    return [shelf.records[child] for child in shelf.ids_with("ParentRef", object_id)]


def descendants(company: Company, name: str, object_id: str) -> Iterator[Record]:
    """Everything under an object, parents first."""
    for child in children(company, name, object_id):
        yield child
        yield from descendants(company, name, str(child.body["Id"]))


def ancestors(company: Company, name: str, object_id: str) -> Iterator[Record]:
    """The object itself, its parent, and so on to the top; a circle ends where it closes."""
    seen: set[str] = set()
    while object_id and object_id not in seen:
        record = company.find(name, object_id)
        if record is None:
            return
        seen.add(object_id)
        yield record
        object_id = ref_id(record.body, "ParentRef")
