"""The side door under /_sim/: what a test or a demonstration must be able to set and see. JSON, no login."""

from qbo_milestones.simulator.amounts import Doc, read_json, write_json
from qbo_milestones.simulator.asked import NotUnderstood
from qbo_milestones.simulator.faults import Refusal
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.side_door import (
    books,
    checkpoints,
    clock,
    conditions,
    connections,
    log,
    mails,
    metering,
    spoilers,
    switches,
    webhooks,
)
from qbo_milestones.simulator.side_door.desk import Desks
from qbo_milestones.simulator.world.world import World

PREFIX = "/_sim/"
FAMILIES = (books, checkpoints, clock, conditions, connections, log, mails, metering, spoilers, switches, webhooks)
DESKS: Desks = {place: desk for family in FAMILIES for place, desk in family.DESKS.items()}
"""One file a family; a new desk goes into its family's table."""
AFTER_THE_POST = {("POST", "clock"): "clock", ("POST", "webhooks/deliver"): "webhooks/deliveries"}
"""Desks that are answered once everything due has been posted, and what is answered then."""


def handle_side_door(world: World, request: Request) -> Answer:
    """The answer to one request under /_sim/; what it does not understand is a 400 with the reason."""
    name = request.path.removeprefix(PREFIX).strip("/")
    desk = DESKS.get((request.method, name))
    if desk is None:
        known = [f"{method} {path}" for method, path in DESKS]
        return _refused(404, NotUnderstood(f"no {request.method} {name}", known=known).as_json())
    try:
        body = read_json(request.body) if request.body.strip() else {}
        answer = desk(world, request, body)
    except NotUnderstood as error:
        return _refused(400, error.as_json())
    except (Refusal, ValueError, KeyError, TypeError, AttributeError) as error:
        return _refused(400, {"error": f"{type(error).__name__}: {error}", "key": None, "known": []})
    then = AFTER_THE_POST.get((request.method, name)) if world.post_room.lines else None
    asked = Request("GET", PREFIX + then, {"since": str(world.post_room.posted)}, {}) if then else None
    return Answer(200, write_json(answer), then=asked)


def _refused(status: int, error: Doc) -> Answer:
    return Answer(status, write_json(error))
