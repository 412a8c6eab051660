"""Requests that Intuit meters, counted by company and month; past an allowance it blocks them for the whole app.

Known are the calls that this database counted: an app's companies in other databases are not among them.
"""

import logging

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.dialects import postgresql, sqlite

from qbo_milestones.adapters.store import leases
from qbo_milestones.adapters.store.engine import reading, writing
from qbo_milestones.adapters.store.unattended import metered_call
from qbo_milestones.errors import Unavailable
from qbo_milestones.model.metering import month_of, reached
from qbo_milestones.ports import Clock

_m = metered_call.c
_log = logging.getLogger(__name__)


class Meter:
    """Counts the metered requests of one company, each in a short transaction of its own, so that a kill loses none.

    `most` is how many a month may have, of all the app's companies together: by their sum the alarm goes. For use by
    several threads, and never inside a transaction of the caller's.
    """

    def __init__(self, engine: Engine, company: str, clock: Clock, most: int) -> None:
        self._engine, self._company, self._clock, self._most = engine, company, clock, most

    def count(self) -> None:
        """One more. What was asked was answered, so a database that fails here stops nobody: it is only logged."""
        month = month_of(self._clock.now())
        try:
            with writing(self._engine) as connection:
                _add(connection, self._company, month)
                calls = calls_of_all(connection, month)
        except Unavailable:
            _log.warning("meter_failed", exc_info=True)
            return
        for alarm in reached(calls, self._most) - reached(calls - 1, self._most):
            _log.warning("metered_calls_alarm", extra={"percent": alarm, "metered": calls, "limit": self._most})


def _add(connection: Connection, company: str, month: str) -> None:
    leases.ensure_company(connection, company)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = dialect.insert(metered_call).values(company=company, month=month, calls=1)
    key = [_m.company, _m.month]
    connection.execute(row.on_conflict_do_update(index_elements=key, set_={"calls": _m.calls + 1}))


def calls(connection: Connection, company: str, month: str) -> int:
    """How many there were in a month (`2026-11`), or ever where it is empty."""
    query = select(func.coalesce(func.sum(_m.calls), 0)).where(_m.company == company)
    return connection.scalar(query.where(_m.month == month) if month else query) or 0


def calls_of_all(connection: Connection, month: str) -> int:
    """How many there were in a month (`2026-11`) of all companies of this database: Intuit's allowance is the app's."""
    return connection.scalar(select(func.coalesce(func.sum(_m.calls), 0)).where(_m.month == month)) or 0


def calls_of_app(engine: Engine, month: str) -> int:
    """The same, by itself. Raises Unavailable where the database fails."""
    with reading(engine) as connection:
        return calls_of_all(connection, month)
