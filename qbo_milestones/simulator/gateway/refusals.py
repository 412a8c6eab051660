"""What the gateway itself answers: its own faults, the request limit in its shapes, faults made up on demand."""

from qbo_milestones.simulator.amounts import write_json
from qbo_milestones.simulator.gateway.envelopes import (
    THROTTLED,
    XML,
    GatewayFault,
    fault_json,
    gateway_json,
    gateway_xml,
    pacific,
)
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.world.world import World

TOO_MANY = "The request limit was reached. Try again later"


def asks_json(request: Request) -> bool:
    """Whether JSON is asked for; otherwise the gateway says no in XML (quickbooks-online.md 1.6)."""
    asked = request.headers.get("accept", "").lower()
    return "application/json" in asked or request.query.get("format") == "json"


def gateway_fault(world: World, request: Request, fault: GatewayFault, detail: str | None) -> Answer:
    """The gateway's no: JSON where JSON was asked for, XML otherwise (quickbooks-online.md 1.7)."""
    now = world.clock.now()
    if asks_json(request):
        return Answer(fault.status, write_json(gateway_json(fault.code, fault.message, detail, fault.kind, now)))
    return Answer(fault.status, gateway_xml(fault.code, fault.message, detail, fault.kind, now), XML)


def throttled(world: World, request: Request) -> Answer:
    """429 in the shape that the switch ``throttle_body`` names; XML where JSON was not asked for."""
    now, shape = world.clock.now(), world.settings.throttle_body
    answer = gateway_fault(world, request, THROTTLED, TOO_MANY)
    if shape == "xml":
        answer = Answer(429, gateway_xml(THROTTLED.code, THROTTLED.message, TOO_MANY, THROTTLED.kind, now), XML)
    elif shape == "fault" and asks_json(request):
        body = fault_json("003001", THROTTLED.message, TOO_MANY, THROTTLED.kind, pacific(now), None)
        answer = Answer(429, body)
    wait = world.settings.retry_after_s
    return answer if wait is None else answer.with_headers({"Retry-After": str(wait)})


def made_up_fault(world: World, status: int, code: str, message: str, detail: str) -> Answer:
    """Any status and error in the gateway's envelope, for faults on demand."""
    return Answer(status, write_json(gateway_json(code, message, detail, "SERVICE", world.clock.now())))
