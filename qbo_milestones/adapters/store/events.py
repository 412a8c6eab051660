"""Hints from QuickBooks' webhooks: kept once each by their ids, waiting until a run has looked at the company."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from qbo_milestones.adapters.store.engine import reading, writing
from qbo_milestones.adapters.store.unattended import webhook_event

_e = webhook_event.c

# An id is known for longer than an event is believed, so that none is taken twice (reliability.md 4).
KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Hint:
    """That something happened in a company (realm id). `id` is the event's, the same for each delivery of it."""

    company: str
    id: str


def keep_events(engine: Engine, hints: Iterable[Hint], now: datetime) -> int:
    """Keep those that are new, in one transaction, and forget ids that are old; returns how many were new.

    Raises Unavailable where the database fails.
    """
    rows = [{"event_id": hint.id, "company": hint.company, "received_at": now} for hint in hints]
    if not rows:
        return 0
    dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
    with writing(engine) as connection:
        connection.execute(delete(webhook_event).where(_e.received_at < now - KEPT_FOR))
        fresh = dialect.insert(webhook_event).on_conflict_do_nothing().returning(_e.event_id)
        return len(connection.execute(fresh, rows).all())


def waiting_hints(engine: Engine, until: datetime) -> Mapping[str, datetime]:
    """The companies (realm ids) of which something was heard by `until` and not looked at; with the newest instant."""
    query = select(_e.company, func.max(_e.received_at)).where(_e.handled_at.is_(None), _e.received_at <= until)
    with reading(engine) as connection:
        return {row[0]: row[1] for row in connection.execute(query.group_by(_e.company))}


def settle_hints(engine: Engine, company: str, until: datetime, now: datetime) -> None:
    """What was heard of a company by `until` has been looked at: by a run that began then or later."""
    where = (_e.company == company, _e.handled_at.is_(None), _e.received_at <= until)
    with writing(engine) as connection:
        connection.execute(update(webhook_event).where(*where).values(handled_at=now))
