"""Exit codes: the worst of several is one answer, wherever it is asked."""

import pytest

from qbo_milestones.model.exit_code import worst


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        ((), 0),
        ((None, 0), 0),
        ((0, 1), 1),
        ((1, 75), 75),
        ((75, 3, 1), 3),
        ((3, 2), 2),
        ((2, 4), 4),
        ((4, 5), 5),
        ((5, 70), 70),
    ],
)
def test_the_worst_is_told(codes: tuple[int | None, ...], told: int) -> None:
    """reliability.md 5: what a person must look at first; the doctor's 5 before 2, 3, 75 and 1."""
    assert worst(codes) == told
