"""Change data capture: what changed since an instant, deleted stubs last (quickbooks-online.md 4.3)."""

from datetime import datetime, timedelta

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.render import shown
from qbo_milestones.simulator.faults import Refusal, broken_rule, missing, refuse
from qbo_milestones.simulator.schema.entities import entity

LOOK_BACK = timedelta(days=30)
LIMIT = 1000


def changes(company: Company, entities: str, since: str) -> Doc:
    """``CDCResponse`` for a comma-separated list of entities; at most 1,000 objects in all."""
    names = [name.strip() for name in entities.split(",") if name.strip()]
    if not names or not since:
        raise Refusal(*[missing(what) for what, there in (("entities", names), ("changedSince", since)) if not there])
    start = _start(company, since)
    groups: list[Doc] = []
    room = LIMIT
    for name in names:
        group = _group(company, name, start, room)
        if group:
            room -= group["maxResults"]
            groups.append(group)
    if groups:
        groups[-1]["totalCount"] = LIMIT - room
    return {"CDCResponse": [{"QueryResponse": groups or [{}]}]}


def _start(company: Company, since: str) -> datetime:
    try:
        found = datetime.fromisoformat(since.strip().replace(" ", "+"))
    except ValueError:
        raise refuse("2070", f"Invalid date {since}", "changedSince") from None
    start = found if found.tzinfo else found.replace(tzinfo=company.zone)
    if start < company.now() - LOOK_BACK:
        raise broken_rule("changedSince must not be more than 30 days ago.", "changedSince")
    return start


def _group(company: Company, name: str, start: datetime, room: int) -> Doc:
    spec = entity(name)
    if not spec.cdc:
        raise refuse("500", f"Operation ChangeDataCapture is not supported for {spec.name}")
    shelf = company.shelves[spec.name]
    found: list[Doc] = []
    for object_id in shelf.ids_updated_since(start):
        if len(found) >= room:
            break
        found.append(shown(company, spec.name, shelf.records[object_id]))
    found += _stubs(company, spec.name, start)[: room - len(found)]
    return {spec.name: found, "startPosition": 1, "maxResults": len(found)} if found else {}


def _stubs(company: Company, name: str, start: datetime) -> list[Doc]:
    gone = [item for item in company.deletions.values() if item.entity == name and item.deleted >= start]
    return [
        {"status": "Deleted", "domain": "QBO", "Id": item.object_id,
         "MetaData": {"LastUpdatedTime": company.shown(item.deleted)}}
        for item in sorted(gone, key=lambda item: item.deleted)
    ]  # fmt: skip
