"""Level I: mutants. Each lacks one rule; the test that guards the rule must kill it, and without that test it lives.

One run of test_rules_of_sending.py on the mutant shows both: its guard fails, and the nine others pass.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import qbo_milestones

from .mutants import MUTANTS, Mutant, apply
from .score import Broken, Score, Size, Wrong

LETTER = "I"
TITLE = "mutants: one rule less, killed by its own test and no other"
TESTS = Path(__file__).with_name("test_rules_of_sending.py")
ROOT = Path(__file__).parents[2]
PATIENCE_S = 300
_OUTCOME = re.compile(r"^(PASSED|FAILED|ERROR) \S+::(\w+)", re.MULTILINE)
_BY_NAME = {mutant.name: mutant for mutant in MUTANTS}


@dataclass(frozen=True, slots=True)
class Fates:
    """How the guarding tests ended: by their names."""

    passed: frozenset[str]
    failed: frozenset[str]


def units(_size: Size) -> Sequence[str]:
    """One a mutant, at every size."""
    return [mutant.name for mutant in MUTANTS]


def play(schedule: str) -> Score:
    """One mutant by its name."""
    mutant = _BY_NAME[schedule]
    sentence = wrong_with(mutant, tried(mutant))
    return Score(1, (Broken(LETTER, schedule, Wrong.OTHER, sentence),) if sentence else ())


def wrong_with(mutant: Mutant, fates: Fates) -> str:
    """Why it does not show what it should; empty where its guard alone killed it."""
    if mutant.guard not in fates.passed | fates.failed:
        return f"{mutant.guard} did not run"
    if mutant.guard in fates.passed:
        return f"it lives: {mutant.lost}, and {mutant.guard} passes"
    if others := sorted(fates.failed - {mutant.guard}):
        return f"not only {mutant.guard} kills it but {', '.join(others)} too"
    if missing := sorted({each.guard for each in MUTANTS} - fates.passed - fates.failed):
        return f"without its guard {', '.join(missing)} did not run"
    return ""


def tried(mutant: Mutant) -> Fates:
    """The guarding tests on the mutant, in another process that imports it in the place of the package."""
    with TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder) / "qbo_milestones"
        shutil.copytree(Path(qbo_milestones.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
        apply(mutant, copy)
        return _run_tests(Path(folder))


def _run_tests(folder: Path) -> Fates:
    options = ["-rA", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist", f"--basetemp={folder / 'tmp'}"]
    command = [sys.executable, "-P", "-m", "pytest", *options, str(TESTS)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment = {**kept, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    outcomes = _OUTCOME.findall(done.stdout)
    failed = frozenset(name for outcome, name in outcomes if outcome != "PASSED")
    return Fates(frozenset(name for _, name in outcomes) - failed, failed)
