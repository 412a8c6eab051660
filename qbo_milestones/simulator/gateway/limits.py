"""When the gateway says: too many; and what it counts for the bill (quickbooks-online.md 4)."""

from qbo_milestones.simulator.amounts import read_json
from qbo_milestones.simulator.gateway.refusals import throttled
from qbo_milestones.simulator.gateway.visit import Visit
from qbo_milestones.simulator.messages import Answer
from qbo_milestones.simulator.world.metering import CORE_PLUS, kind_of


def over_limit(call: Visit) -> Answer | None:
    """429 where one more call is too many; otherwise the call is counted."""
    world, is_batch, now = call.world, call.head == "batch", call.world.clock.now()
    most = world.settings.coreplus_limit
    blocked = most is not None and _kind(call) == CORE_PLUS and world.metering.used(call.app, now) >= most
    if blocked or _mailed_out(call):
        return throttled(world, call.request)
    admitted = not world.settings.throttle or world.throttle.admit(world.settings, call.realm, call.app, is_batch, now)
    return None if admitted else throttled(world, call.request)


def metered(call: Visit, answer: Answer) -> Answer:
    """The answer; if it is a success, the call is on the bill."""
    if answer.status == 200 and answer.body[:8] not in ('{"Fault"', b'{"Fault"'):
        call.world.metering.note(call.app, call.realm, _kind(call), _units(call), call.world.clock.now())
    return answer


def _kind(call: Visit) -> str:
    return kind_of(call.request.method, call.head)


def _units(call: Visit) -> int:
    """How many a batch counts for is not known: the switch ``batch_units`` says one, or one for each item."""
    each = call.head == "batch" and call.world.settings.batch_units == "items"
    return len(read_json(call.request.body)["BatchItemRequest"]) if each else 1


def _mailed_out(call: Visit) -> bool:
    """Whether a sandbox has sent all the mails of its day."""
    sends = call.request.method == "POST" and call.parts[2:] == ("send",)
    if not sends or not call.world.settings.throttle or call.world.conditions.of(call.realm).environment != "sandbox":
        return False
    company = call.world.companies[call.realm]
    today = [
        mail
        for mail in company.mails.values()
        if mail.sent.astimezone(company.zone).date().isoformat() == company.today()
    ]
    return len(today) >= call.world.settings.limit_mails_day
