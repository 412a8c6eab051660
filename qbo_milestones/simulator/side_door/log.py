"""The side door's desks for the log of requests."""

from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.gateway.log import shown_entry
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.side_door.desk import Desks
from qbo_milestones.simulator.world.world import World


def _requests(world: World, request: Request, _body: Any) -> Doc:
    since = int(request.query.get("since", "0"))
    found = [shown_entry(entry) for entry in world.log if entry["n"] > since]
    return {"requests": found, "last": world.asked}


def _clear_requests(world: World, _request: Request, _body: Any) -> Doc:
    world.log.clear()
    return {"last": world.asked}


DESKS: Desks = {("GET", "requests"): _requests, ("DELETE", "requests"): _clear_requests}
