"""Opening the database: a private file, durable commits, and transactions that say beforehand whether they write."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, StatementError

from qbo_milestones.adapters.store import file_lock
from qbo_milestones.errors import BadSettings, RuleBroken, Unavailable

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_WRITES = "qbo_milestones_writes"
_PATIENCE = "qbo_milestones_patience"

# How long a writer waits for another's transaction, in milliseconds. Ours are short; a longer wait is a fault.
_BUSY_MS = 15_000


_PRAGMAS = (
    # NORMAL may lose the last commits at a power cut: a lost `sending` row is a second invoice (C6).
    "synchronous = FULL",
    "foreign_keys = ON",
    "recursive_triggers = ON",
    # Keys are hashes and fall everywhere: 64 MiB hold the upper pages of 100,000 postings' indexes.
    "cache_size = -65536",
)


def open_engine(url: str, patience: float = 1.0) -> Engine:
    """An engine on the database of `url`, as `sqlite:////var/lib/qbo/milestones.db`.

    A file is created with mode 0600 in a folder of 0700 (reliability.md 4). Raises BadSettings for an address that
    is none, a database in memory, and a file or folder that others may open. `patience` scales how long a writer
    waits for another's transaction: its send must leave while the quiet time allows for it (ruling 7).
    """
    try:
        address = make_url(url)
    except ArgumentError:
        raise BadSettings("The database address cannot be read; write it as sqlite:////folder/file.db.") from None
    if address.get_backend_name() != "sqlite":
        return create_engine(address, pool_pre_ping=True)
    if not address.database or address.database == ":memory:" or address.query:
        raise BadSettings("The database must be a file, without options; write it as sqlite:////folder/file.db.")
    _make_private(Path(address.database))
    engine = create_engine(
        address,
        connect_args={"timeout": _BUSY_MS * patience / 1000},
        max_overflow=30,
        execution_options={_PATIENCE: patience},
    )
    event.listen(
        engine, "connect", partial(_prepare, Path(address.database).parent, max(1, round(_BUSY_MS * patience)))
    )
    event.listen(engine, "begin", _begin)
    return engine


def patience_of(engine: Engine) -> float:
    """What all waits for this database are scaled by, see open_engine."""
    return float(engine.get_execution_options().get(_PATIENCE, 1.0))


def _make_private(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Never open a database that stands: closing that handle would drop SQLite's own locks in this process.
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        raise BadSettings(f"The database {path} cannot be created: {error.strerror}.") from None
    for place, mode in ((path.parent, "700"), (path, "600")):
        if place.stat().st_mode & _OTHERS:
            raise BadSettings(f"Others may open {place}, where the postings stand; run: chmod {mode} {place}")
    if not path.is_file():
        raise BadSettings(f"The database {path} is not a file.")


def _prepare(folder: Path, busy_ms: int, connection: Any, _record: Any) -> None:
    # The driver must not begin transactions by itself, or a write would start as a read and fail half-way.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {busy_ms}").close()
    # SQLite does not wait where two switch a new file to WAL at once, but fails one of them: the folder makes it wait.
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        file_lock.take(handle, busy_ms / 1000, f"the folder {folder}")
        connection.execute("PRAGMA journal_mode = WAL").close()
    finally:
        os.close(handle)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One short transaction that writes, committed durably when the block ends.

    Raises RuleBroken where a constraint or trigger refused it, Unavailable where the database itself failed (full,
    read-only, locked): then nothing of it was written.
    """
    with _named(), engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One short transaction that only reads, all of it from the same instant."""
    with _named(), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def _named() -> Iterator[None]:
    # The driver's message names columns, never values: it is safe to show.
    try:
        yield
    except IntegrityError as error:
        raise RuleBroken(str(error.orig)) from None
    except DBAPIError as error:
        raise Unavailable(f"the database failed: {error.orig}") from None
    except StatementError as error:
        # A value that a column refuses, as an instant without a zone.
        raise RuleBroken(str(error.orig)) from None
