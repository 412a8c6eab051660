"""Level C: death before and after each commit and each request, a full disk, an older database put back (1.5)."""

import shutil
import sqlite3
from collections.abc import Sequence
from itertools import count, product
from pathlib import Path

from journeys.mortal import Death

from .first_day import WORLDS, Odds
from .ground import AFTER_QUIET_S, SIGNED, Ground
from .oracle import judge
from .score import Finding, Score, Size, Wrong, scored
from .spoils import Plan
from .wire import Wire

LETTER = "C"
TITLE = "death at every commit and request, full disk, restored database"

# How long after the disturbed run the next one comes: within the quiet time, the same day, the next day.
_GAPS_S = (40, 4_000, 80_000)
# A unit has every eighth boundary, so that it is short; a second death comes at every ninth.
_PARTS, _STRIDE, _FIRST_DEATHS = 8, 9, range(1, 160, 3)
# What befalls the request during which, or after which, the process dies.
_IN_FLIGHT = tuple(f"p{n}:{kind}" for n, kind in product(range(1, 5), ("late", "lost", "500_after", "reset")))


def units(size: Size) -> Sequence[str]:
    """`every FORM PART [PLAN]`: one schedule of the form for every boundary of the part, until there are no more."""
    parts = range(1, _PARTS + 1)
    forms = ["crash-known", "full-ever", "restore-fresh", "restore-new"]
    if size is not Size.CI:
        forms += ["crash-new", "full-once", "restore-same", *(f"crash-{world.text}" for world in WORLDS)]
    found = [f"every {form} {part}" for form, part in product(forms, parts)]
    found += [f"every restore-fresh {part} p3:late" for part in parts]
    if size is not Size.CI:
        found += [f"every crash-known {part} {plan}" for plan, part in product(_IN_FLIGHT, parts)]
        found += [f"every restore-fresh {part} {plan}" for plan, part in product(_IN_FLIGHT, parts)]
        found += [f"twice {first}" for first in _FIRST_DEATHS]
    return found


def play(schedule: str) -> Score:
    """A unit, or one schedule: `FORM WINDOW/LAG GAP AT[,AT] [PLAN]`."""
    word, *rest = schedule.split()
    if word == "every":
        return _every(rest[0], int(rest[1]), rest[2:])
    if word == "twice":
        return _twice(int(rest[0]))
    return _played(schedule)[0]


def _every(form: str, part: int, plan: list[str]) -> Score:
    kind, _, what = form.partition("-")
    score = Score()
    for n in count(part, _PARTS):
        odds = what if "/" in what else WORLDS[(n // _PARTS + part) % len(WORLDS)].text
        # An epoch out of the same backup tells of no restore: it may only be put back when the books are at rest.
        gap = _GAPS_S[n % 3] if form != "restore-same" else _GAPS_S[1 + n % 2]
        one, struck = _played(" ".join([kind if "/" in what else form, odds, str(gap), str(n), *plan]))
        if not struck:
            return score
        score += one
    raise AssertionError("count ends never")


def _twice(first: int) -> Score:
    """The process dies at this boundary, and the next one at every ninth of its own."""
    score = Score()
    for n in count(1, _STRIDE):
        odds = WORLDS[(first + n) % len(WORLDS)].text
        one, struck = _played(f"crash-known {odds} {_GAPS_S[(first + n // _STRIDE) % 3]} {first},{n}")
        if not struck:
            return score
        score += one
    raise AssertionError("count ends never")


def _played(schedule: str) -> tuple[Score, bool]:
    """One schedule, and whether what should befall it did."""
    form, odds, gap, at, *plan = schedule.split()
    kind, _, what = form.partition("-")
    deaths = [int(n) for n in at.split(",")] if kind == "crash" else []
    with Ground(Odds.named(odds), known=what != "new", deaths=deaths) as ground:
        ground.machine.wire.plan = Plan(" ".join(plan))
        found: list[Finding] = []
        try:
            struck = _FORMS[kind](ground, what, int(at.split(",")[0]), found)
            done = ground.settle((float(gap), *[AFTER_QUIET_S] * 7))
            if kind == "restore" and ground.answer():
                done = ground.settle()
            if not done:
                found.append((Wrong.STUCK, f"not done after seven quiet nights: {ground.told}"))
            found += judge(ground, SIGNED)
        except Exception as fault:
            found, struck = [(Wrong.OTHER, f"{type(fault).__name__}: {fault}")], True
        if kind == "crash":
            struck = ground.died == len(deaths)
    return scored(LETTER, schedule, 1, found), struck


def _crash(ground: Ground, _what: str, _at: int, _found: list[Finding]) -> bool:
    """The deaths that were planned come in this run and those after it."""
    ground.night()
    return True


class _Full(Death):
    """From a commit on, or at it alone, the disk is full (C10). Knows how many writes had left when it filled up."""

    def __init__(self, commit: int, ever: bool) -> None:
        super().__init__()
        self._commit, self._ever, self._commits = commit, ever, 0
        self.wire: Wire | None = None
        self.sent: int | None = None

    def step(self, where: str) -> None:
        """A commit fails as SQLite's does."""
        if where != "before commit":
            return
        self._commits += 1
        if self._commits == self._commit or (self._ever and self._commits > self._commit):
            if self.sent is None and self.wire is not None:
                self.sent = self.wire.writes
            raise sqlite3.OperationalError("database or disk is full")


def _full(ground: Ground, what: str, at: int, found: list[Finding]) -> bool:
    disk = _Full(at, what == "ever")
    ground.reopen(death=disk)
    disk.wire = wire = ground.machine.wire
    ground.night()
    if what == "ever" and disk.sent not in (None, wire.writes):
        found.append((Wrong.OTHER, "something was sent after its row could not be written"))
    ground.reopen()
    return disk.sent is not None


class _Copying(Death):
    """After a commit the machine's files are copied, as a backup does."""

    def __init__(self, commit: int, home: Path) -> None:
        super().__init__()
        self._commit, self._home, self._commits = commit, home, 0
        self.backup: Path | None = None

    def step(self, where: str) -> None:
        """A consistent copy: nothing is being written between two transactions."""
        if where != "after commit":
            return
        self._commits += 1
        if self._commits == self._commit:
            self.backup = self._home.with_name(f"{self._home.name}-backup")
            shutil.rmtree(self.backup, ignore_errors=True)
            shutil.copytree(self._home, self.backup, ignore=shutil.ignore_patterns("*-shm"))


def _restore(ground: Ground, what: str, at: int, _found: list[Finding]) -> bool:
    """The run ends well; then its database is what it was at the commit (C9)."""
    copying = _Copying(at, ground.machine.home)
    ground.reopen(death=copying)
    ground.night()
    if copying.backup is None:
        return False
    ground.machine.close()
    if what != "same":
        # The count of runs and the audit log's end are kept apart, and are as new as ever.
        for kept in ground.machine.home.glob("epoch*"):
            shutil.copy2(kept, copying.backup)
    ground.reopen(copying.backup)
    return True


_FORMS = {"crash": _crash, "full": _full, "restore": _restore}
