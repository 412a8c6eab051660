"""The books of a company as they are inside, for tests that nothing has changed in them."""

from typing import Any

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.shelf import Shelf


def inside(company: Company) -> dict[str, Any]:
    """Objects, indexes, ledger, links, counters, files, mails: all that an operation can change."""
    ledger = company.ledger
    return {
        "objects": {name: dict(shelf.records) for name, shelf in company.shelves.items()},
        "indexes": {name: _indexes(shelf) for name, shelf in company.shelves.items()},
        "postings": dict(ledger.postings),
        "balances": [_without_zeros(each) for each in (ledger.accounts, ledger.foreign, ledger.parties)],
        "applied": {key: dict(group) for key, group in company.applied.items() if group},
        **{name: dict(getattr(company, name)) for name in ("banked", "deletions", "last_ids", "standing", "files")},
        "mails": dict(company.mails), "changes": list(company.changes), "zone": company.zone,
    }  # fmt: skip


def _indexes(shelf: Shelf) -> Any:
    """By value and by time of the last change; values that nothing has any more do not count."""
    found = vars(shelf)
    by_value = {name: _without_zeros(ids) for name, ids in found["_ids_by"].items()}
    return by_value, list(found["_by_update"])


def _without_zeros(given: Any) -> dict[Any, Any]:
    return {key: value for key, value in given.items() if value}
