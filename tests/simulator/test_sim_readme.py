"""The simulator's page cannot fall behind: every switch, every desk of the side door, every kind of fault is on it."""

from dataclasses import fields
from pathlib import Path

import qbo_milestones.simulator
from qbo_milestones.simulator.settings import CHOICES, Settings
from qbo_milestones.simulator.side_door.side_door import DESKS
from qbo_milestones.simulator.world.mischief import KINDS

PAGE = (Path(qbo_milestones.simulator.__file__).parent / "README.md").read_text(encoding="utf-8")


def test_every_switch_is_on_the_page_with_its_choices() -> None:
    """Issue: what is unsure is a switch, and the page lists it."""
    assert [field.name for field in fields(Settings) if f"`{field.name}`" not in PAGE] == []
    lines = {name: next(line for line in PAGE.splitlines() if f"`{name}`" in line) for name in CHOICES}
    assert [(name, one) for name, line in lines.items() for one in CHOICES[name] if f"`{one}`" not in line] == []


def test_every_desk_of_the_side_door_is_on_the_page() -> None:
    """What can be asked under /_sim/."""
    assert [place for _, place in DESKS if f"{place}`" not in PAGE and f"{place}?" not in PAGE] == []


def test_every_kind_of_fault_is_on_the_page() -> None:
    """What can be spoiled, and how."""
    assert [kind for kind in KINDS if f"`{kind}`" not in PAGE] == []
