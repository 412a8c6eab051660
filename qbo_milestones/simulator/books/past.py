"""How the objects of a company were a while ago: for lists that lag behind what a read by Id shows."""

import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.shelf import Shelf
from qbo_milestones.simulator.books.versions import Past
from qbo_milestones.simulator.books.watched import Watched


@dataclass(frozen=True, slots=True)
class Lag:
    """Simulated seconds by which lists are behind: ``young_s`` for new objects, ``stale_s`` for every change."""

    young_s: float = 0.0
    stale_s: float = 0.0


NO_LAG = Lag()


def keep_past(company: Company, seconds: float) -> None:
    """Remember the objects' earlier versions for so long, or no longer at all."""
    if not seconds:
        company.past = None
    elif company.past is None:
        company.past = Past(ceil(seconds))
    else:
        company.past.keep_s = max(company.past.keep_s, ceil(seconds))


def behind(company: Company, lag: Lag) -> Company:
    """The company as its lists show it; to be read, never to be written. Balances that follow from the ledger are
    those of now.
    """
    if lag == NO_LAG:
        return company
    twin = copy.copy(company)
    now = company.clock.now()
    if lag.stale_s:
        _go_back(twin, now - timedelta(seconds=lag.stale_s))
    if lag.young_s:
        _hide_young(twin, now - timedelta(seconds=lag.young_s))
    return twin


def _go_back(twin: Company, instant: datetime) -> None:
    """Undo what happened after an instant, the latest first."""
    later = [version for version in (twin.past.versions if twin.past else []) if version.at > instant]
    shelves = {name: twin.shelves[name].copy() for name in {version.entity for version in later}}
    for version in reversed(later):
        shelf = shelves[version.entity]
        if version.before is not None:
            shelf.put(version.before)
        elif version.object_id in shelf.records:
            shelf.drop(version.object_id)
    twin.shelves = {**twin.shelves, **shelves}
    twin.deletions = Watched({key: gone for key, gone in twin.deletions.items() if gone.deleted <= instant})


def _hide_young(twin: Company, instant: datetime) -> None:
    twin.shelves = {name: _without_young(shelf, instant) for name, shelf in twin.shelves.items()}


def _without_young(shelf: Shelf, instant: datetime) -> Shelf:
    young = [object_id for object_id in shelf.ids_by_update(instant) if shelf.records[object_id].created > instant]
    if not young:
        return shelf
    older = shelf.copy()
    for object_id in young:
        older.drop(object_id)
    return older
