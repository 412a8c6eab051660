"""What every desk of the side door shares: its shape, and which company it is about."""

from collections.abc import Callable
from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.asked import NotUnderstood
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.world.world import World

Desk = Callable[[World, Request, Any], Doc]
"""A world, the request and its JSON body make the JSON of the answer."""
Desks = dict[tuple[str, str], Desk]
"""(method, path after /_sim/) -> desk."""


def company_asked(world: World, request: Request, body: Any = None) -> Company:
    """The company that ``?realm=`` or ``"realm"`` names, else the default one."""
    named = body.get("realm") if isinstance(body, dict) else None
    realm = str(request.query.get("realm") or named or world.default_realm)
    if realm not in world.companies:
        raise NotUnderstood(f"no company {realm}", "realm", world.companies)
    return world.companies[realm]
