"""The story of a connection: who connected a company, when, as which realm, under what title, and when it ended."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, insert, select, update

from qbo_milestones.adapters.store import audit
from qbo_milestones.adapters.store.engine import reading, writing
from qbo_milestones.adapters.store.tables import company as company_table
from qbo_milestones.adapters.store.unattended import connection as connection_table

_c = connection_table.c


@dataclass(frozen=True, slots=True)
class Story:
    """One company's; instants are aware. `disconnected_at` is None while it is connected."""

    title: str
    connected_by: str
    connected_at: datetime
    disconnected_at: datetime | None


def realm_of(engine: Engine, name: str) -> str:
    """The realm of the company that was connected under this name; empty where none was."""
    query = select(company_table.c.company).where(company_table.c.name == name)
    with reading(engine) as connection:
        return connection.scalar(query) or ""


def story_of(engine: Engine, company: str) -> Story | None:
    """What is known of it; None where it was never connected."""
    with reading(engine) as connection:
        row = connection.execute(select(connection_table).where(_c.company == company)).one_or_none()
    if row is None:
        return None
    return Story(row.title, row.connected_by, row.connected_at, row.disconnected_at)


def keep_connected(engine: Engine, company: str, title: str, by: str, at: datetime) -> None:
    """A person connected it, for the first time or again; the audit log says so in the same transaction."""
    values = {"title": title, "connected_by": by, "connected_at": at, "disconnected_at": None}
    with writing(engine) as connection:
        again = connection.execute(update(connection_table).where(_c.company == company).values(**values)).rowcount
        if not again:
            connection.execute(insert(connection_table).values(company=company, **values))
        name = "connection.renewed" if again else "connection.made"
        audit.append(connection, company, at, by, [audit.Event(name, {})])


def keep_disconnected(engine: Engine, company: str, by: str, at: datetime) -> None:
    """A person gave it up; one that was given up already keeps its instant."""
    where = (_c.company == company, _c.disconnected_at.is_(None))
    with writing(engine) as connection:
        if connection.execute(update(connection_table).where(*where).values(disconnected_at=at)).rowcount:
            audit.append(connection, company, at, by, [audit.Event("connection.ended", {})])
