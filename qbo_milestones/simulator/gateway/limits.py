"""When the gateway says: too many (quickbooks-online.md 4)."""

from qbo_milestones.simulator.gateway.refusals import throttled
from qbo_milestones.simulator.gateway.visit import Visit
from qbo_milestones.simulator.messages import Answer


def over_limit(call: Visit) -> Answer | None:
    """429 where one more call is too many; otherwise the call is counted."""
    world, is_batch = call.world, call.head == "batch"
    admitted = not world.settings.throttle or world.throttle.admit(call.realm, call.app, is_batch, world.clock.now())
    return None if admitted else throttled(world, call.request)
