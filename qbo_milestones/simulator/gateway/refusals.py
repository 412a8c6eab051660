"""What the gateway itself answers: the lower-case envelope, and the request limit in its three shapes."""

from qbo_milestones.simulator.amounts import write_json
from qbo_milestones.simulator.faults import GATEWAY, fault_xml, gateway_json, gateway_message
from qbo_milestones.simulator.messages import Answer
from qbo_milestones.simulator.world.world import World

THROTTLED = "The request limit was reached. Try again later"
XML = "application/xml;charset=UTF-8"


def gateway_fault(world: World, code: str, detail: str) -> Answer:
    """A fault in the gateway's own envelope (quickbooks-online.md 1.7)."""
    return Answer(GATEWAY[code][2], write_json(gateway_json(code, detail, _epoch_ms(world))))


def throttled(world: World) -> Answer:
    """429 in the shape that the switch ``throttle_body`` names."""
    shape, when = world.settings.throttle_body, world.clock.now().isoformat()
    answer = gateway_fault(world, "3001", THROTTLED)
    message = gateway_message("3001")
    if shape == "xml":
        answer = Answer(429, fault_xml("SERVICE", "003001", message, THROTTLED, when), XML)
    elif shape == "fault":
        error = {"Message": message, "Detail": THROTTLED, "code": "003001", "element": ""}
        answer = Answer(429, write_json({"Fault": {"Error": [error], "type": "SERVICE"}, "time": when}))
    wait = world.settings.retry_after_s
    return answer if wait is None else answer.with_headers({"Retry-After": str(wait)})


def made_up_fault(world: World, status: int, code: str, message: str, detail: str) -> Answer:
    """Any status and error in the gateway's envelope, for faults on demand."""
    shape = gateway_json("3001", detail, _epoch_ms(world))
    shape["fault"]["error"][0].update(message=message, code=code)
    return Answer(status, write_json(shape))


def _epoch_ms(world: World) -> int:
    return int(world.clock.now().timestamp() * 1000)
