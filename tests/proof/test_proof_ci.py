"""The proof's ci level, as a part of every test run: each unit of each level, shared among pytest's processes."""

import pytest

from .levels import LEVELS
from .proof_table import what_broke
from .running import play
from .score import Size

UNITS = [(letter, unit) for letter, level in LEVELS.items() for unit in level.units(Size.CI)]


@pytest.mark.parametrize(("letter", "unit"), UNITS, ids=[f"{letter} {unit}" for letter, unit in UNITS])
def test_nothing_twice_nothing_lost(letter: str, unit: str) -> None:
    """reliability.md 2: 0 duplicates, 0 lost, 0 unbalanced, 0 stuck; a failure says how to play it again."""
    score = play(LEVELS[letter], unit)
    assert not score.broken, "\n".join(what_broke(score.broken))
