"""Level I itself: a mutant that lives, dies of something else, or no longer fits the code is seen."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import qbo_milestones

from . import level_i
from .level_i import Fates, play, tried, wrong_with
from .mutants import MUTANTS, Change, DoesNotApply, Mutant, apply
from .score import Size, Wrong

GUARDS = frozenset(mutant.guard for mutant in MUTANTS)
FIRST = MUTANTS[0]


def test_there_are_ten_and_each_has_a_guard_of_its_own() -> None:
    """reliability.md 2, level I; the guards are all tests of their file."""
    assert len(MUTANTS) == len(GUARDS) == len(level_i.units(Size.CI)) == 10
    text = level_i.TESTS.read_text(encoding="utf-8")
    assert {
        line.split("(")[0].removeprefix("def ") for line in text.splitlines() if line.startswith("def test_")
    } == GUARDS


@pytest.mark.parametrize(
    ("fates", "words"),
    [
        (Fates(GUARDS - {FIRST.guard}, frozenset({FIRST.guard})), ""),
        (Fates(GUARDS, frozenset()), "it lives"),
        (Fates(frozenset(), GUARDS), "not only"),
        (Fates(frozenset(), frozenset()), "did not run"),
        (Fates(frozenset(), frozenset({FIRST.guard})), "without its guard"),
    ],
)
def test_only_its_own_guard_may_kill_it(fates: Fates, words: str) -> None:
    """Ruling 33: with the guarding test removed it survives."""
    assert (words in wrong_with(FIRST, fates)) is True
    assert bool(wrong_with(FIRST, fates)) is bool(words)


def test_a_change_that_takes_nothing_away_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests do not simply fail on every copy of the package."""
    line = "# Every legal arrow, and no other"
    harmless = replace(FIRST, name="harmless", changes=(Change("pipeline/outbox.py", line, f"{line},"),))
    assert tried(harmless) == Fates(GUARDS, frozenset())
    monkeypatch.setitem(level_i._BY_NAME, "harmless", harmless)
    monkeypatch.setattr(level_i, "tried", lambda _: Fates(GUARDS, frozenset()))
    (alive,) = play("harmless").broken
    assert (alive.level, alive.schedule, alive.wrong) == ("I", "harmless", Wrong.OTHER)


def test_a_mutant_that_does_not_fit_the_code_is_no_mutant(tmp_path: Path) -> None:
    """Its text stands there once, or the code has changed under it."""
    copy = tmp_path / "qbo_milestones"
    shutil.copytree(Path(qbo_milestones.__file__).parent / "pipeline", copy / "pipeline")
    for old in ("no such line", "Stage"):
        with pytest.raises(DoesNotApply):
            apply(Mutant("any", "", "", (Change("pipeline/outbox.py", old, ""),)), copy)
