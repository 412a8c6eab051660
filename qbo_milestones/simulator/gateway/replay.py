"""A write with a requestid that is known gets its first answer again (quickbooks-online.md 3)."""

from qbo_milestones.simulator.calls.api import fault_answer, perform
from qbo_milestones.simulator.calls.operations import Call
from qbo_milestones.simulator.faults import Refusal
from qbo_milestones.simulator.gateway.visit import Visit
from qbo_milestones.simulator.messages import Answer
from qbo_milestones.simulator.world.request_ids import check_request_id


def once(call: Visit) -> Answer:
    """Do what is asked, but never twice under one requestid."""
    world, company, app = call.world, call.world.companies[call.realm], call.app
    asked = Call(call.request, call.parts, call.lag, world.conditions.of(call.realm))
    request_id = call.request.query.get("requestid", "")
    if not call.writes or not request_id:
        world.changed = world.changed or call.writes
        return perform(company, asked)
    now, body = world.clock.now(), call.request.body
    try:
        check_request_id(request_id, call.head == "batch")
        first = world.request_ids.replay(world.settings, company.realm, app, request_id, body, now)
    except Refusal as refusal:
        return fault_answer(company, refusal)
    if first is not None:
        return first
    answer = perform(company, asked)
    world.request_ids.remember(world.settings, company.realm, app, request_id, body, answer, now)
    world.changed = True
    return answer
