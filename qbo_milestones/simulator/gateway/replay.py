"""A write with a requestid that is known gets its first answer again (quickbooks-online.md 3)."""

import re
from hashlib import sha256

from qbo_milestones.simulator.amounts import read_json
from qbo_milestones.simulator.calls.api import fault_answer, perform
from qbo_milestones.simulator.calls.operations import Call
from qbo_milestones.simulator.faults import Refusal
from qbo_milestones.simulator.gateway.visit import Visit
from qbo_milestones.simulator.messages import Answer
from qbo_milestones.simulator.world.request_ids import Identity, check_request_id


def once(call: Visit) -> Answer:
    """Do what is asked, but never twice under one requestid."""
    first = replayed(call)
    if first is not None:
        return first
    world = call.world
    asked = Call(call.request, call.parts, call.lag, world.conditions.of(call.realm))
    answer = perform(world.companies[call.realm], asked)
    world.changed = world.changed or call.writes
    if _request_id(call):
        world.request_ids.remember(world.settings, _identity(call), answer, world.clock.now())
    return answer


def replayed(call: Visit) -> Answer | None:
    """The first answer of a requestid that is known, or why the id cannot be used; None for a new one."""
    world, request_id = call.world, _request_id(call)
    if not request_id:
        return None
    try:
        check_request_id(world.settings, request_id, call.head == "batch")
        return world.request_ids.replay(world.settings, _identity(call), world.clock.now())
    except Refusal as refusal:
        return fault_answer(world.companies[call.realm], refusal)


def _request_id(call: Visit) -> str:
    """The id of a write; reads need none, and theirs means nothing."""
    return call.request.query.get("requestid", "") if call.writes else ""


def _identity(call: Visit) -> Identity:
    request_id = "\n".join([_request_id(call), *_batch_ids(call)])
    return Identity(call.realm, call.app, request_id, _hash(call))


def _batch_ids(call: Visit) -> list[str]:
    """Other bIds make another batch, though the requestid is the same."""
    if call.head != "batch":
        return []
    try:
        items = read_json(call.request.body)["BatchItemRequest"]
        return sorted(str(item.get("bId")) for item in items)
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def _hash(call: Visit) -> str:
    """What is asked for; the line between the parts of an upload is another one each time it is sent."""
    query, body = call.request.query, call.request.body
    boundary = re.search(r'boundary="?([^";]+)', call.request.headers.get("content-type", ""))
    if boundary is not None:
        body = body.replace(boundary[1].strip().encode("latin-1"), b"")
    asked = "\n".join([*call.parts, *(query.get(name, "") for name in ("operation", "include", "sendTo"))])
    return sha256(asked.encode() + b"\n" + body).hexdigest()
