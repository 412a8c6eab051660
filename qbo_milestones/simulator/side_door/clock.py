"""The side door's desk for the clock: look at it, stop it, move it."""

from datetime import datetime
from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.asked import NotUnderstood, number, only
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.side_door.desk import Desks
from qbo_milestones.simulator.world.world import World


def _clock(world: World, _request: Request, body: Any) -> Doc:
    wanted = only(body, "frozen", "now", "advance_s")
    instant = _instant(wanted["now"]) if "now" in wanted else None
    seconds = number(wanted, "advance_s", 0)
    if "frozen" in wanted:
        world.clock.freeze(bool(wanted["frozen"]))
    if instant is not None:
        world.clock.set(instant)
    if seconds:
        world.clock.advance(seconds)
    world.carry_out_late_calls()
    return world.clock.as_json()


def _instant(value: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise NotUnderstood(f"now is an instant with its offset, like 2026-11-01T08:00:00-04:00, not {value!r}", "now")
    return found


DESKS: Desks = {("GET", "clock"): _clock, ("POST", "clock"): _clock}
