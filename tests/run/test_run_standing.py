"""The ends of a connection, told ahead (issue 4: both expiries with warnings ahead)."""

from datetime import UTC, datetime, timedelta

import pytest

from qbo_milestones.run.standing import Ending, Link, ends_ahead

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def steps(idle: float, hard: float) -> dict[Ending, int]:
    """The step that was reached, where the ends are so many days away."""
    link = Link(idle_end=NOW + timedelta(days=idle), hard_end=NOW + timedelta(days=hard))
    return {one.ending: one.within for one in ends_ahead(link, NOW)}


@pytest.mark.parametrize(
    ("days", "unused", "five_years"),
    [
        (100, None, None),
        (90, None, 90),
        (31, None, 90),
        (30, 30, 30),
        (15, 30, 30),
        (14, 14, 14),
        (3, 3, 3),
        (-1, 3, 3),
    ],
)
def test_each_end_is_told_at_its_steps(days: int, unused: int | None, five_years: int | None) -> None:
    """100 idle days at 30, 14 and 3; five years at 90, 30, 14 and 3."""
    found = steps(days, days)
    assert (found.get(Ending.UNUSED), found.get(Ending.FIVE_YEARS)) == (unused, five_years)


def test_a_warning_says_when_and_what_to_do() -> None:
    """What is near stands there with its day and the command."""
    (one,) = ends_ahead(Link(hard_end=NOW + timedelta(days=20)), NOW)
    assert "2026-12-13" in one.sentence
    assert "qbo-milestones reconnect" in one.sentence
    assert ends_ahead(Link(), NOW) == ()
