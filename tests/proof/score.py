"""What a level of the proof found: schedules that were run, and in which of them what went wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Size(StrEnum):
    """How much of a level is run: with every test, every night, before a release."""

    CI = "ci"
    NIGHTLY = "nightly"
    RELEASE = "release"


class Wrong(StrEnum):
    """What may never happen. Other: a second run writes, a flag stays, the audit chain breaks, a fault of ours."""

    DUPLICATE = "duplicate"
    LOST = "lost"
    UNBALANCED = "unbalanced"
    STUCK = "stuck"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Broken:
    """One schedule that failed. `schedule` is exactly what its level's `play` takes to run it again."""

    level: str
    schedule: str
    wrong: Wrong
    sentence: str


@dataclass(frozen=True, slots=True)
class Score:
    """Schedules run, and those that failed."""

    schedules: int = 0
    broken: tuple[Broken, ...] = ()

    def __add__(self, other: "Score") -> "Score":
        return Score(self.schedules + other.schedules, self.broken + other.broken)

    def count(self, wrong: Wrong) -> int:
        """How many failed so."""
        return sum(one.wrong is wrong for one in self.broken)


Finding = tuple[Wrong, str]


def scored(level: str, schedule: str, schedules: int, findings: Iterable[Finding]) -> Score:
    """The score of one schedule, or of a unit of them; each kind of trouble once."""
    first: dict[Wrong, str] = {}
    for wrong, sentence in findings:
        first.setdefault(wrong, sentence)
    broken = tuple(Broken(level, schedule, wrong, sentence) for wrong, sentence in first.items())
    return Score(schedules, broken)


class Level(Protocol):
    """A level of the proof; a module that has these names is one."""

    LETTER: str
    TITLE: str

    def units(self, size: Size) -> Sequence[str]:
        """Pieces of work that processes can share, each a text that `play` takes; a few seconds each at most."""
        ...

    def play(self, schedule: str) -> Score:
        """Run one unit, or one schedule out of a `Broken`. Never raises for what the schedule shows."""
        ...


@runtime_checkable
class Storied(Protocol):
    """A level that can say what happens in a schedule, also in one that goes well."""

    def story(self, schedule: str) -> Sequence[str]:
        """What happened, a line each; nothing where there is nothing to say."""
        ...
