"""The data file: one SQLite database that is brought up to date before an answer leaves."""

import json
import sqlite3
from collections.abc import Iterator
from enum import Enum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from qbo_milestones.simulator.amounts import read_json, write_json
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.watched import Watched
from qbo_milestones.simulator.data_file.parts import COMPANY, SMALL, WORLD, Part, Stored
from qbo_milestones.simulator.data_file.plain import plain, typed
from qbo_milestones.simulator.world.world import World

OURS, FORMAT = 0x51424F53, 1
"""The application id ("QBOS") and the format, in the head of the file."""
SMALL_PART = "world"
UNREADABLE = (
    "It was left as it is. Put a copy in its place, or name a file that is not there yet to start with a fresh company."
)
UNWRITABLE = (
    "Make its folder, make room or give yourself the right to write there, or name another file; without --data "
    "nothing is kept."
)
Place = tuple[str, str]
"""Realm (empty for what belongs to no company) and part."""
PUT = (
    "INSERT INTO kept (realm, part, key, value) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (realm, part, key) DO UPDATE SET value = excluded.value"
)


HEAD = b"SQLite format 3\0"


class BadDataFile(Exception):
    """A file that cannot be used, why, and what to do."""


class What(Enum):
    """What happened to a key since the file was brought up to date."""

    SET = "set"
    REMOVED = "removed"
    BACK = "removed and set again, which makes it the last one"


def _check_head(path: Path) -> None:
    """SQLite takes a file that is shorter than its own head for a new one, and would write over it."""
    with path.open("rb") as file:
        if file.read(len(HEAD)) not in (b"", HEAD):
            raise sqlite3.DatabaseError("file is not a database")


class DataFile:
    """Keeps one world in one file, for which it alone holds the lock.

    Every row is one key of one part. The order of the rows is the order of the keys, so that what is read back lists
    its objects as before.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._touched: dict[tuple[Place, Any], What] = {}
        self._emptied: list[Place] = []
        self._followed: dict[Place, Watched[Any, Any]] = {}
        self._companies: dict[str, Company] = {}
        self._small: dict[str, Any] = {}
        try:
            # Tokens are in it, so a new one is for its owner alone; one that is there keeps its mode.
            path.touch(mode=0o600)
            path.open("ab").close()
            _check_head(path)
            self._database = sqlite3.connect(path, timeout=0.5, isolation_level=None, check_same_thread=False)
            self._prepare()
        except (OSError, sqlite3.DatabaseError) as error:
            raise self._bad(error) from error

    def _prepare(self) -> None:
        # Against a killed process the journal is enough; only a power cut would need the slow writes of FULL.
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = DELETE", "synchronous = OFF"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute("BEGIN EXCLUSIVE")
        if self._database.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None:
            self._database.execute(f"PRAGMA application_id = {OURS}")
            self._database.execute(f"PRAGMA user_version = {FORMAT}")
            self._database.execute(
                "CREATE TABLE kept (realm TEXT, part TEXT, key TEXT, value, PRIMARY KEY (realm, part, key))"
            )
        self._database.execute("COMMIT")
        if self._pragma("application_id") != OURS:
            raise sqlite3.NotSupportedError("it is the database of something else")
        if self._pragma("user_version") != FORMAT:
            raise sqlite3.NotSupportedError(f"its format is {self._pragma('user_version')}, not {FORMAT}")

    def _pragma(self, name: str) -> int:
        return int(self._database.execute(f"PRAGMA {name}").fetchone()[0])

    def _bad(self, error: Exception) -> BadDataFile:
        name = f"The data file {self._path}"
        if isinstance(error, OSError):
            return BadDataFile(f"{name} cannot be written: {error.strerror}. {UNWRITABLE}")
        if "locked" in str(error):
            return BadDataFile(f"{name} is in use by another simulator. Stop that one, or name another file.")
        return BadDataFile(f"{name} is damaged or not the simulator's ({type(error).__name__}: {error}). {UNREADABLE}")

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    # reading --------------------------------------------------------------------------------------

    def restore_or_begin(self, world: World) -> None:
        """Make the world what the file says, or let a new file say what the world is."""
        if self._database.execute("SELECT 1 FROM kept LIMIT 1").fetchone():
            self.restore(world)
        else:
            self.save(world)

    def restore(self, world: World) -> None:
        """Make the world what the file says, as it is: nothing is computed anew."""
        world.clear()
        try:
            self._restore_small(world)
            for realm, part, key, value in self._rows("part != ?"):
                owner, parts = (world.companies[realm], COMPANY) if realm else (world, WORLD)
                parts[part].restore(owner, key, value)
        except (sqlite3.DatabaseError, ValueError, TypeError, LookupError, ArithmeticError, AssertionError) as error:
            raise self._bad(error) from error
        self._small = _small_of(world)
        for container in self._followed.values():
            container.watch(None)
        self._followed.clear()
        self._companies.clear()
        self._follow(world)
        self._touched.clear()
        self._emptied.clear()

    def _restore_small(self, world: World) -> None:
        found = {key: read_json(value) for _, _, key, value in self._rows("part = ?")}
        for name, small in SMALL.items():
            small.put(world, typed(small.kind, found[name]))

    def _rows(self, which: str) -> Iterator[tuple[str, str, str, Stored]]:
        statement = f"SELECT realm, part, key, value FROM kept WHERE {which} ORDER BY rowid"  # noqa: S608 - ours
        yield from self._database.execute(statement, (SMALL_PART,))

    # writing --------------------------------------------------------------------------------------

    def save(self, world: World) -> None:
        """Write what changed since the last time. After a failure, the next call writes it."""
        self._follow(world)
        small = _small_of(world)
        changed = {name: value for name, value in small.items() if self._small.get(name, self) != value}
        if not self._touched and not self._emptied and not any(SMALL[name].alone for name in changed):
            return
        self._database.execute("BEGIN IMMEDIATE")
        try:
            self._write(changed)
            self._database.execute("COMMIT")
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._touched.clear()
        self._emptied.clear()
        self._small = small

    def _write(self, small: dict[str, Any]) -> None:
        run = self._database.executemany
        run("DELETE FROM kept WHERE realm = ? AND part = ?", self._emptied)
        gone = [_row(*where) for where, what in self._touched.items() if what is not What.SET]
        if gone:
            run("DELETE FROM kept WHERE realm = ? AND part = ? AND key = ?", gone)
        run(PUT, self._now_there())
        run(PUT, [("", SMALL_PART, name, write_json(plain(value))) for name, value in small.items()])

    def _now_there(self) -> Iterator[tuple[str, str, str, Stored]]:
        for place, key in self._touched:
            container: dict[Any, Any] = self._followed.get(place) or {}
            if key in container:
                yield (*_row(place, key), _part(place).codec.write(container[key]))

    # following ------------------------------------------------------------------------------------

    def _follow(self, world: World) -> None:
        """Look at the parts that are new or stand in place of others: after a reset, a rewind, a load."""
        for name, part in WORLD.items():
            self._look_at(("", name), part.of(world))
        for realm in [realm for realm in self._companies if realm not in world.companies]:
            del self._companies[realm]
            for name in COMPANY:
                self._empty((realm, name), self._followed.pop((realm, name)))
        for realm, company in world.companies.items():
            if self._companies.get(realm) is not company:
                self._companies[realm] = company
                for name, part in COMPANY.items():
                    self._look_at((realm, name), part.of(company))

    def _look_at(self, place: Place, container: Watched[Any, Any]) -> None:
        before = self._followed.get(place)
        if before is container:
            return
        self._followed[place] = container
        container.watch(partial(self._note, place))
        if before is not None and not _goes_on(before, container):
            self._empty(place, before)
            before = None
        old: dict[Any, Any] = before or {}
        for key in old.keys() - container.keys():
            self._note(place, key, removed=True)
        for key, value in container.items():
            if key not in old or old[key] is not value:
                self._note(place, key, removed=False)
        if before is not None:
            before.watch(None)

    def _empty(self, place: Place, before: Watched[Any, Any]) -> None:
        before.watch(None)
        self._emptied.append(place)
        for where in [where for where in self._touched if where[0] == place]:
            del self._touched[where]

    def _note(self, place: Place, key: Any, removed: bool) -> None:
        touched, where = self._touched, (place, key)
        if removed:
            touched.pop(where, None)
            touched[where] = What.REMOVED
        elif touched.get(where) is What.REMOVED:
            del touched[where]
            touched[where] = What.BACK
        else:
            touched.setdefault(where, What.SET)


def _part(place: Place) -> Part:
    return (COMPANY if place[0] else WORLD)[place[1]]


def _row(place: Place, key: Any) -> tuple[str, str, str]:
    return (*place, json.dumps(key, default=plain))


def _small_of(world: World) -> dict[str, Any]:
    return {name: small.of(world) for name, small in SMALL.items()}


def _goes_on(before: dict[Any, Any], now: dict[Any, Any]) -> bool:
    """Whether the new one lists first what both have, in the same order, and then what is new."""
    both = [key for key in before if key in now]
    return both == list(islice(now, len(both)))
