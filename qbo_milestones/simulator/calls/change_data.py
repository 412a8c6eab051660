"""Change data capture: what changed since an instant, deleted stubs last (quickbooks-online.md 4.3)."""

from datetime import datetime, timedelta

from qbo_milestones.simulator.amounts import Doc, write_json
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.render import shown_text
from qbo_milestones.simulator.calls.queries import UNCOUNTED
from qbo_milestones.simulator.faults import Refusal, missing, refuse, unsupported
from qbo_milestones.simulator.query.literals import instant
from qbo_milestones.simulator.schema.entities import entity
from qbo_milestones.simulator.schema.fields import EntitySpec

LOOK_BACK = timedelta(days=30)
LIMIT = 1000


def changes(company: Company, entities: str, since: str) -> tuple[str, int]:
    """The list of ``QueryResponse`` groups as JSON text, one for each entity asked for in the order asked, and how
    many objects are in it; at most 1,000. What did not change is an empty group (captured)."""
    names = [name.strip() for name in entities.split(",") if name.strip()]
    if not names or not since.strip():
        raise Refusal(*[missing(what) for what, there in (("entities", names), ("changedSince", since)) if not there])
    specs = [_checked(company, name) for name in names]
    start = _start(company, since)
    groups: list[str] = []
    room = LIMIT
    for spec in specs:
        texts = _changed(company, spec, start, room)
        room -= len(texts)
        groups.append(_group(spec, texts))
    return f"[{','.join(groups)}]", LIMIT - room


def _checked(company: Company, name: str) -> EntitySpec:
    spec = entity(name)
    allowed = spec.cdc or (spec.name == "TimeActivity" and company.settings.cdc_time_activity)
    if not allowed:
        raise unsupported(f"cdc for entity {spec.name}")
    return spec


def _start(company: Company, since: str) -> datetime:
    start = instant(company, since)
    if start is None:
        raise refuse("2070", f"Invalid date: {since}", "changedSince")
    earliest = company.now() - LOOK_BACK
    if start < earliest and company.settings.cdc_too_old == "refuse":
        raise unsupported(f"cdc with changedSince date {since} which is older than fixed days")
    return max(start, earliest)


def _group(spec: EntitySpec, texts: list[str]) -> str:
    if not texts:
        return "{}"
    total = "" if spec.name in UNCOUNTED else f',"totalCount":{len(texts)}'
    return f'{{"{spec.element}":[{",".join(texts)}],"startPosition":1,"maxResults":{len(texts)}{total}}}'


def _changed(company: Company, spec: EntitySpec, start: datetime, room: int) -> list[str]:
    """Objects in the order of their last change, then the stubs of deleted ones, ``room`` at most."""
    shelf = company.shelves[spec.name]
    texts: list[str] = []
    for object_id in shelf.ids_by_update(start):
        if len(texts) >= room:
            return texts
        texts.append(shown_text(company, spec.name, shelf.records[object_id]))
    return texts + [write_json(stub) for stub in _stubs(company, spec.name, start)[: room - len(texts)]]


def _stubs(company: Company, name: str, start: datetime) -> list[Doc]:
    """What was deleted and is not there again under the same Id."""
    gone = [item for item in company.deletions.values() if item.entity == name and item.deleted >= start]
    there = company.shelves[name].records
    return [
        {"status": "Deleted", "domain": "QBO", "Id": item.object_id,
         "MetaData": {"LastUpdatedTime": company.shown(item.deleted)}}
        for item in sorted(gone, key=lambda item: item.deleted) if item.object_id not in there
    ]  # fmt: skip
