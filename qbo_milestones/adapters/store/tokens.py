"""The connection's sealed tokens, changed by compare-and-swap, and the lock under which they are refreshed.

Nothing here can open what it holds: sealing and opening is the QuickBooks login's, its key never comes here.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, select, update

from qbo_milestones.adapters.store.tables import token as token_table
from qbo_milestones.errors import BadSettings

_t = token_table.c


def load(connection: Connection, company: str) -> tuple[bytes, int] | None:
    """The sealed bytes and their version; None before the first connection."""
    row = connection.execute(select(_t.sealed, _t.version).where(_t.company == company)).one_or_none()
    return None if row is None else (row.sealed, row.version)


def save(connection: Connection, company: str, sealed: bytes, expected_version: int) -> bool:
    """Put them in as version `expected_version` + 1, only if that version stands (0: none yet)."""
    if expected_version == 0:
        if load(connection, company) is not None:
            return False
        connection.execute(insert(token_table).values(company=company, version=1, sealed=sealed))
        return True
    where = (_t.company == company, _t.version == expected_version)
    values = {"version": expected_version + 1, "sealed": sealed}
    return connection.execute(update(token_table).where(*where).values(**values)).rowcount == 1


@contextmanager
def refresh_lock(engine: Engine) -> Iterator[None]:
    """One holder at a time among all threads and processes; the kernel frees it when its holder is killed.

    It is a file beside the database (reliability.md 1.8) and waits without end, so whoever holds it must have its own
    time-outs. Raises BadSettings for a database that is not a file.
    """
    if engine.dialect.name != "sqlite" or not engine.url.database:
        raise BadSettings(f"Tokens cannot be refreshed on {engine.dialect.name} yet; use SQLite.")
    path = Path(f"{engine.url.database}.refresh-lock")
    # Its own handle each time: threads of one process exclude each other too.
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
