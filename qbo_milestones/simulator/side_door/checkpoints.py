"""The side door's desks for checkpoints: take one, rewind to it, see what changed since, drop it."""

from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.asked import NotUnderstood, only, text
from qbo_milestones.simulator.books.differences import differences
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.side_door.desk import Desks
from qbo_milestones.simulator.world.checkpoints import Checkpoint
from qbo_milestones.simulator.world.world import World

UNNAMED = "checkpoint"
"""What a checkpoint is called where it is given no name."""


def _known(world: World, name: str, key: str) -> Checkpoint:
    if name not in world.checkpoints:
        raise NotUnderstood(f"no checkpoint {name}", key, world.checkpoints)
    return world.checkpoints[name]


def _checkpoints(world: World, _request: Request, _body: Any) -> Doc:
    rows = [{"name": name, "taken": each.taken.isoformat()} for name, each in world.checkpoints.items()]
    return {"checkpoints": rows}


def _take(world: World, request: Request, body: Any) -> Doc:
    """A name that is taken names the new one."""
    world.checkpoint(text(only(body, "name"), "name", UNNAMED))
    return _checkpoints(world, request, body)


def _rewind(world: World, request: Request, body: Any) -> Doc:
    name = text(only(body, "name"), "name", UNNAMED)
    _known(world, name, "name")
    world.rewind(name)
    return _checkpoints(world, request, body)


def _drop(world: World, request: Request, body: Any) -> Doc:
    """One by ``?name=``, or all of them."""
    name = request.query.get("name")
    if name is None:
        world.checkpoints.clear()
    else:
        _known(world, name, "name")
        del world.checkpoints[name]
    return _checkpoints(world, request, body)


def _changes(world: World, request: Request, _body: Any) -> Doc:
    """Company by company; a company in which nothing changed is left out, as are computed balances."""
    name = request.query.get("since", UNNAMED)
    before = _known(world, name, "since")
    both = [realm for realm in world.companies if realm in before.companies]
    found = {realm: differences(before.companies[realm], world.companies[realm]) for realm in both}
    return {
        "since": name, "taken": before.taken.isoformat(),
        "companies": {realm: each for realm, each in found.items() if each},
        "added": [realm for realm in world.companies if realm not in before.companies],
        "removed": [realm for realm in before.companies if realm not in world.companies],
    }  # fmt: skip


DESKS: Desks = {
    ("POST", "checkpoint"): _take, ("POST", "rewind"): _rewind, ("GET", "changes"): _changes,
    ("GET", "checkpoints"): _checkpoints, ("DELETE", "checkpoints"): _drop,
}  # fmt: skip
