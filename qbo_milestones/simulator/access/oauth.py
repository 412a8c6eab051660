"""OAuth 2.0 as Intuit does it: which address leads to which desk, and what every answer carries."""

from collections.abc import Callable

from qbo_milestones.simulator.access.addresses import AUTHORIZE, DISCOVERY, JWKS, RECONNECT, REVOKE, TOKEN, USERINFO
from qbo_milestones.simulator.access.authorize import authorize, decide, reconnect
from qbo_milestones.simulator.access.discovery import discovery, jwks
from qbo_milestones.simulator.access.identity import userinfo
from qbo_milestones.simulator.access.tokens import revoke, token
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.world.world import World

Desk = Callable[[World, Request], Answer]
STANDING_HEADERS = {"Cache-Control": "no-cache, no-store", "Strict-Transport-Security": "max-age=15552000"}
DESKS: dict[str, dict[str, Desk]] = {
    **{path: {"GET": discovery} for path in DISCOVERY},
    AUTHORIZE: {"GET": authorize, "POST": decide},
    TOKEN: {"POST": token},
    REVOKE: {"POST": revoke},
    USERINFO: {"GET": userinfo},
    JWKS: {"GET": jwks},
    RECONNECT: {"GET": reconnect},
}


def is_oauth(request: Request) -> bool:
    """Whether a request is for an OAuth endpoint; a slash at its end does no harm."""
    return request.path.rstrip("/") in DESKS


def handle_oauth(world: World, request: Request) -> Answer:
    """The answer of an OAuth endpoint."""
    desks = DESKS[request.path.rstrip("/")]
    desk = desks.get(request.method)
    answer = desk(world, request) if desk else Answer(405, "", headers={"Allow": ", ".join(desks)})
    return answer.with_headers({**STANDING_HEADERS, **answer.headers, "intuit_tid": world.trace_id("oauth")})
