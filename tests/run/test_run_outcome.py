"""How a run that was ended early is told (reliability.md 5, exit codes)."""

import pytest

from qbo_milestones.errors import BadSettings, Doubtful, NotConnected, Refused, RuleBroken, Unavailable
from qbo_milestones.run.outcome import exit_code_of, why_stopped


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadSettings("a"), 2),
        (NotConnected("a"), 3),
        (Refused("a"), 70),
        (Unavailable("a"), 75),
        (Doubtful("a"), 75),
        (RuleBroken("a"), 5),
        (ValueError("a"), 70),
        (AssertionError("a"), 70),
    ],
)
def test_every_error_has_its_exit_code(error: Exception, code: int) -> None:
    """reliability.md 5: 5 is an integrity stop, 70 any other fault of ours; a refused question never ends as "done"."""
    assert exit_code_of(error) == code


def test_only_our_own_words_are_kept() -> None:
    """Ruling 23: the text of another library's exception may hold a token."""
    assert why_stopped(ValueError("Bearer abc")) == "a fault of ours"
    assert why_stopped(RuleBroken("no such arrow")) == "no such arrow"
