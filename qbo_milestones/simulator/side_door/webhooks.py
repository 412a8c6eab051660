"""The side door's desks for webhooks: register an endpoint, see and make deliveries, make events and trouble."""

from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.asked import NotUnderstood, one_of, only, text
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.side_door.desk import Desks, company_asked
from qbo_milestones.simulator.webhooks.catalogue import TOLD
from qbo_milestones.simulator.webhooks.endpoints import endpoint
from qbo_milestones.simulator.webhooks.post_room import News
from qbo_milestones.simulator.webhooks.tricks import trick
from qbo_milestones.simulator.world.grants import DEFAULT_APP
from qbo_milestones.simulator.world.world import World


def _webhooks(world: World, _request: Request, _body: Any) -> Doc:
    return {"webhooks": [line.endpoint.as_json() for line in world.post_room.lines.values()]}


def _register(world: World, request: Request, body: Any) -> Doc:
    world.post_room.register(endpoint(body, sorted(world.grants.apps), DEFAULT_APP))
    return _webhooks(world, request, body)


def _remove(world: World, request: Request, body: Any) -> Doc:
    """The endpoint of ``?client_id=``, or every one; what waits for it is thrown away."""
    lines = world.post_room.lines
    named = request.query.get("client_id")
    for client_id in [one_of(named, "client_id", lines)] if named else list(lines):
        del lines[client_id]
    return _webhooks(world, request, body)


def _deliveries(world: World, request: Request, _body: Any) -> Doc:
    since = request.query.get("since", "0")
    if not since.isdecimal():
        raise NotUnderstood(f"since is the number of a delivery, not {since!r}", "since")
    return world.post_room.picture(int(since))


def _deliver(world: World, _request: Request, body: Any) -> Doc:
    """Everything due goes out before this is answered; the answer is what was posted."""
    only(body)
    return world.post_room.picture(world.post_room.posted)


def _event(world: World, request: Request, body: Any) -> Doc:
    """An event by hand, also of what this simulator does not do itself: merges, budgets, journal codes."""
    wanted = only(body, "realm", "entity", "id", "operation", "deleted_id")
    entity = one_of(wanted.get("entity"), "entity", TOLD)
    operation = one_of(wanted.get("operation"), "operation", TOLD[entity])
    realm, now = company_asked(world, request, wanted).realm, world.clock.now()
    news = News(realm, entity, text(wanted, "id"), operation, now, deleted_id=text(wanted, "deleted_id", ""))
    world.tell(news)
    return world.post_room.picture(world.post_room.posted)


def _mischief(world: World, _request: Request, _body: Any) -> Doc:
    return {"mischief": [each.as_json() for each in world.post_room.tricks]}


def _add_mischief(world: World, request: Request, body: Any) -> Doc:
    world.post_room.tricks += [trick(each) for each in (body if isinstance(body, list) else [body])]
    return _mischief(world, request, body)


def _clear_mischief(world: World, request: Request, body: Any) -> Doc:
    world.post_room.tricks.clear()
    return _mischief(world, request, body)


DESKS: Desks = {
    ("GET", "webhooks"): _webhooks, ("POST", "webhooks"): _register, ("DELETE", "webhooks"): _remove,
    ("GET", "webhooks/deliveries"): _deliveries, ("POST", "webhooks/deliver"): _deliver,
    ("POST", "webhooks/events"): _event, ("GET", "webhooks/mischief"): _mischief,
    ("POST", "webhooks/mischief"): _add_mischief, ("DELETE", "webhooks/mischief"): _clear_mischief,
}  # fmt: skip
