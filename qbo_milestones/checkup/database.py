"""The database file, looked at without changing it: its pages, its rules, how we open it, and the room on its disk."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from qbo_milestones.adapters.store import triggers
from qbo_milestones.adapters.store.engine import open_engine, reading
from qbo_milestones.adapters.store.migrate import HEAD, version
from qbo_milestones.checkup.findings import Finding, broken, failed, warning, well
from qbo_milestones.errors import BadSettings
from qbo_milestones.model.exit_code import TEMPORARY, USAGE

_FULL = 2
# A night of a large company needs some tens of MB; below the second nothing can be committed, so nothing is sent.
_ROOM, _LEAST_ROOM = 1024**3, 64 * 1024**2
_RESTORE = "Stop the worker, keep this file for whoever repairs it, and put back the newest backup."


@contextmanager
def read_only(path: Path) -> Iterator[Engine]:
    """An engine that cannot write, on a database that exists; the tables are taken as they are."""
    engine = create_engine("sqlite://", creator=partial(_open, path), poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    try:
        yield engine
    finally:
        engine.dispose()


def _open(path: Path) -> sqlite3.Connection:
    opened = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=15, check_same_thread=False)
    # The driver must not begin transactions by itself.
    opened.isolation_level = None
    opened.execute("PRAGMA query_only = ON").close()
    return opened


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def pages(path: Path) -> Iterator[Finding]:
    """The file itself: readable, whole, without rows that belong to nothing."""
    try:
        with closing(_open(path)) as raw:
            whole = [row[0] for row in raw.execute("PRAGMA integrity_check(5)")]
            strays = raw.execute("PRAGMA foreign_key_check").fetchall()
            mode = raw.execute("PRAGMA journal_mode").fetchone()[0]
    except sqlite3.DatabaseError as error:
        yield broken("Database", f"{path} cannot be read: {error}.", _RESTORE)
        return
    if whole != ["ok"]:
        yield broken("Database", f"{path} is damaged: {whole[0]}.", _RESTORE)
    elif strays:
        yield broken("Database", f"{len(strays)} rows belong to rows that are not there ({strays[0][0]}).", _RESTORE)
    else:
        yield well("Database", f"{path} is whole.")
    if mode != "wal":
        yield warning("Journal", f"The journal mode is {mode}, not WAL.", "The next run sets it.")
    else:
        yield _durable(path)


def _durable(path: Path) -> Finding:
    """How our own connections are set; not asked of a file that opening would change."""
    try:
        engine = open_engine(f"sqlite:///{path}")
    except BadSettings as refused:
        return failed("Journal", refused, "Do as it says; until then nothing is sent.")
    try:
        with reading(engine) as connection:
            found = connection.exec_driver_sql("PRAGMA synchronous").scalar()
    finally:
        engine.dispose()
    if found != _FULL:
        return broken("Journal", f"Commits are not durable (synchronous is {found}).", "Report this; stop the worker.")
    return well("Journal", "WAL, and every commit is on the disk before anything is sent (synchronous = FULL).")


def rules(engine: Engine) -> Iterator[Finding]:
    """The migration and the triggers, which the next command that writes would put right by itself."""
    found = version(engine)
    if found > HEAD:
        sentence = f"The database was made by a newer version of this program (migration {found})."
        yield broken("Tables", sentence, "Update the program.", USAGE)
        return
    if found != HEAD:
        sentence = f"The tables are of migration {found or 'none'}, this program's are {HEAD}."
        yield warning("Tables", sentence, "The next run brings them up to date.")
        return
    yield well("Tables", f"Up to date (migration {HEAD}).")
    with reading(engine) as connection:
        standing, wanted = triggers.standing(connection), triggers.rules()
    unlike = sorted(name for name in wanted.keys() | standing.keys() if wanted.get(name) != standing.get(name))
    if unlike:
        sentence = f"{len(unlike)} of {len(wanted)} rules are missing or changed, {unlike[0]} first."
        remedy = "The next run makes them anew. Find out who changed the database, and look at the invariants below."
        yield broken("Rules", sentence, remedy)
    else:
        yield well("Rules", f"All {len(wanted)} rules of the outbox stand in the database.")


def room(path: Path) -> Finding:
    """Free space on the disk of the database."""
    free = shutil.disk_usage(path.parent).free
    sentence = f"{free / 1024**2:,.0f} MB are free on the disk of the database."
    if free < _LEAST_ROOM:
        return broken("Disk", sentence, "Make room: nothing can be committed, so nothing is sent.", TEMPORARY)
    return warning("Disk", sentence, "Make room soon.") if free < _ROOM else well("Disk", sentence)
