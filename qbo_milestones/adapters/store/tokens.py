"""The connection's sealed tokens, changed by compare-and-swap, and the lock under which they are refreshed.

Nothing here can open what it holds: sealing and opening is the QuickBooks login's, its key never comes here.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine, insert, select, update

from qbo_milestones.adapters.store import audit, file_lock, leases
from qbo_milestones.adapters.store.engine import patience_of, reading, writing
from qbo_milestones.adapters.store.tables import token as token_table
from qbo_milestones.errors import BadSettings

_t = token_table.c

# How long another's refresh is waited for, in seconds: longer than the time-outs of its one request.
_LOCK_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Sealed:
    """Sealed bytes (none after a disconnection), their version, and what is known of them: see tables.token."""

    sealed: bytes
    version: int
    refreshing_since: datetime | None = None
    ended_at: datetime | None = None


def companies_of(engine: Engine) -> tuple[str, ...]:
    """The companies that have tokens, or had some."""
    with reading(engine) as connection:
        return tuple(connection.scalars(select(_t.company).order_by(_t.company)))


class TokenRoom:
    """The one row of a company's tokens. For any number of threads and processes.

    Compare-and-swap stands in for the lease, since a refresh may be due at any time. Any method may raise Unavailable
    when the database fails; then nothing was written.
    """

    def __init__(self, engine: Engine, company: str) -> None:
        self._engine, self._company = engine, company

    def load(self) -> Sealed | None:
        """What stands there; None before the first connection."""
        query = select(_t.sealed, _t.version, _t.refreshing_since, _t.ended_at).where(_t.company == self._company)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Sealed(row.sealed, row.version, row.refreshing_since, row.ended_at)

    def save(self, sealed: bytes, expected_version: int) -> bool:
        """Keep them as version `expected_version` + 1 (0: there are none yet); False where another was faster.

        In the same statement the marks of the old version go: its refresh has succeeded.
        """
        if expected_version == 0:
            return self._first(sealed)
        values = {"version": expected_version + 1, "sealed": sealed, "refreshing_since": None, "ended_at": None}
        return self._change(expected_version, values)

    def reseal(self, sealed: bytes, version: int, by: str, at: datetime) -> bool:
        """The same version, sealed by another key; its marks stay. False where another changed it.

        The audit log says by whom the key was changed, in the same transaction.
        """
        where = (_t.company == self._company, _t.version == version)
        with writing(self._engine) as connection:
            changed = connection.execute(update(token_table).where(*where).values(sealed=sealed)).rowcount == 1
            if changed:
                audit.append(connection, self._company, at, by, [audit.Event("key.rotated", {})])
        return changed

    def mark(self, version: int, since: datetime | None) -> bool:
        """Say that a refresh of this version was begun, or (None) that it had no effect. False where it is gone."""
        return self._change(version, {"refreshing_since": since})

    def end(self, version: int, at: datetime) -> bool:
        """Say for all processes that Intuit no longer accepts this version. False where it is gone."""
        return self._change(version, {"ended_at": at})

    def remove(self) -> None:
        """Forget them; none there is fine. The count of versions stays, so that nobody's late answer is kept again."""
        row = {"sealed": b"", "version": _t.version + 1, "refreshing_since": None, "ended_at": None}
        with writing(self._engine) as connection:
            connection.execute(update(token_table).where(_t.company == self._company).values(**row))

    def _first(self, sealed: bytes) -> bool:
        with writing(self._engine) as connection:
            leases.ensure_company(connection, self._company)
            if connection.scalar(select(_t.version).where(_t.company == self._company)) is not None:
                return False
            connection.execute(insert(token_table).values(company=self._company, version=1, sealed=sealed))
        return True

    def _change(self, version: int, values: dict[str, object]) -> bool:
        where = (_t.company == self._company, _t.version == version)
        with writing(self._engine) as connection:
            return connection.execute(update(token_table).where(*where).values(**values)).rowcount == 1

    @contextmanager
    def lock(self) -> Iterator[None]:
        """One holder at a time among all threads and processes; the kernel frees it when its holder is killed.

        It is a file beside the database, one for each company (reliability.md 1.8). Raises BadSettings for a database
        that is not a file, Unavailable where another process holds it for a minute.
        """
        if self._engine.dialect.name != "sqlite" or not self._engine.url.database:
            raise BadSettings(f"Tokens cannot be refreshed on {self._engine.dialect.name} yet; use SQLite.")
        path = Path(f"{self._engine.url.database}.{quote(self._company, safe='')}.refresh-lock")
        # Its own handle each time: threads of one process exclude each other too.
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            file_lock.take(handle, _LOCK_WAIT_S * patience_of(self._engine), "the connection's tokens")
            yield
        finally:
            os.close(handle)
