"""The gateway before every company: token, limits, requestid, faults on demand, headers, the log."""

from dataclasses import replace

from qbo_milestones.simulator.gateway.company_door import refused_entry, refused_scheme
from qbo_milestones.simulator.gateway.credentials import refused_token
from qbo_milestones.simulator.gateway.limits import metered, over_limit
from qbo_milestones.simulator.gateway.log import log_entry
from qbo_milestones.simulator.gateway.replay import once, replayed
from qbo_milestones.simulator.gateway.spoiling import Work, answer_or_spoil
from qbo_milestones.simulator.gateway.visit import Visit, visit
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.world.world import World

STANDING_HEADERS = {
    "QBO-Version": "1950.134", "Expires": "0", "Via": "1.1 simulator",
    "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
    "Strict-Transport-Security": "max-age=15552000",
}  # fmt: skip
"""quickbooks-online.md 2.4."""


def handle_api(world: World, request: Request) -> Answer:
    """The answer to one call under /v3/company/, with its place in the log."""
    call = visit(world, request)
    answer = _while_under_way(call, answer_or_spoil(world, request, work_of(call)))
    return answer.with_headers({**STANDING_HEADERS, "intuit_tid": world.trace_id("api")})


def work_of(call: Visit) -> Work:
    """The ways of a call through the gateway."""
    world = call.world
    return Work(
        note=lambda: world.note(log_entry(call)),
        refused=lambda: _refused_at_the_door(call),
        serve=lambda lag: _served(replace(call, lag=lag)),
        serve_late=lambda: metered(call, once(call)) if call.realm in world.companies else Answer(404, ""),
        catch_up=world.carry_out_late_calls,
    )


def _while_under_way(call: Visit, answer: Answer) -> Answer:
    """An answer that waits keeps its call under way until it has left; all others leave at once."""
    if not answer.delay_s:
        return answer
    under_way, whose = call.world.throttle.under_way, (call.realm, call.app)
    under_way[whose] += 1

    def left() -> None:
        under_way[whose] -= 1

    return replace(answer, after=left)


def _served(call: Visit) -> Answer:
    """Token, limits, requestid, then the company. Whether a replay counts against the limits is a switch."""
    refused = _refused_at_the_door(call)
    if refused is not None:
        return refused
    free = None if call.world.settings.requestid_replay_counts else replayed(call)
    return free or over_limit(call) or metered(call, once(call))


def _refused_at_the_door(call: Visit) -> Answer | None:
    """What comes back where the token does not open this company, or the path names nothing in it."""
    return (
        refused_scheme(call) or refused_token(call) or refused_entry(call) or (None if call.parts else Answer(404, ""))
    )
