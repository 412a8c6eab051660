"""What the doctor found: one answer a check, and the exit code of all of them together."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from qbo_milestones.errors import Failure
from qbo_milestones.model.exit_code import DONE, INTEGRITY, WAITING, worst
from qbo_milestones.run.outcome import exit_code_of


class Mark(StrEnum):
    """How well it is."""

    OK = "ok"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. `remedy` says what to do, empty where all is well; `code` is the exit code that it alone leads to."""

    name: str
    mark: Mark
    sentence: str
    remedy: str = ""
    code: int = DONE


def well(name: str, sentence: str) -> Finding:
    """Nothing to do."""
    return Finding(name, Mark.OK, sentence)


def warning(name: str, sentence: str, remedy: str) -> Finding:
    """A person should look."""
    return Finding(name, Mark.WARNING, sentence, remedy, WAITING)


def broken(name: str, sentence: str, remedy: str, code: int = INTEGRITY) -> Finding:
    """It must be put right first."""
    return Finding(name, Mark.BROKEN, sentence, remedy, code)


def failed(name: str, failure: Failure, remedy: str) -> Finding:
    """A check that the world, or a setting, did not allow."""
    return broken(name, failure.text, remedy, exit_code_of(failure))


def exit_code(findings: Iterable[Finding]) -> int:
    """Of all: 5 before 2, 3, 75 and 1; 0 where all is well (reliability.md 5)."""
    return worst({finding.code for finding in findings})
