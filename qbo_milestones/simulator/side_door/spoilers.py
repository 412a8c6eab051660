"""The side door's desks for faults on demand: set rules, see how often they counted and fired, take them away."""

from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.side_door.desk import Desks
from qbo_milestones.simulator.world.mischief import rule
from qbo_milestones.simulator.world.world import World


def _faults(world: World, _request: Request, _body: Any) -> Doc:
    return {"faults": [each.as_json() for each in world.mischief.rules], "late": len(world.late)}


def _add_faults(world: World, request: Request, body: Any) -> Doc:
    wanted = body if isinstance(body, list) else [body]
    world.mischief.rules += [rule(each) for each in wanted]
    world.keep_past()
    return _faults(world, request, body)


def _clear_faults(world: World, request: Request, body: Any) -> Doc:
    world.mischief.rules.clear()
    world.keep_past()
    return _faults(world, request, body)


DESKS: Desks = {("GET", "faults"): _faults, ("POST", "faults"): _add_faults, ("DELETE", "faults"): _clear_faults}
