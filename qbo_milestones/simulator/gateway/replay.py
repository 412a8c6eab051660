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
    world, identity = call.world, _identity(call)
    first = _first(call, identity)
    if first is not None:
        return first
    asked = Call(call.request, call.parts, call.lag, world.conditions.of(call.realm))
    answer = perform(world.companies[call.realm], asked)
    if identity is not None:
        world.request_ids.remember(world.settings, identity, answer, world.clock.now())
    return answer


def replayed(call: Visit) -> Answer | None:
    """The first answer of a requestid that is known, or why the id cannot be used; None for a new one."""
    return _first(call, _identity(call))


def _first(call: Visit, identity: Identity | None) -> Answer | None:
    if identity is None:
        return None
    world = call.world
    try:
        check_request_id(world.settings, call.request.query["requestid"], call.head == "batch")
        return world.request_ids.replay(world.settings, identity, world.clock.now())
    except Refusal as refusal:
        return fault_answer(world.companies[call.realm], refusal)


def _identity(call: Visit) -> Identity | None:
    """Which request a write is; reads need no requestid, and theirs means nothing."""
    request_id = call.request.query.get("requestid")
    if not request_id or not call.writes:
        return None
    return Identity(call.realm, call.app, "\n".join([request_id, *_batch_ids(call)]), _hash(call))


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
