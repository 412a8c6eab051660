"""Whether a token opens the company that it was brought to (quickbooks-online.md 1.7)."""

from qbo_milestones.simulator.gateway.envelopes import (
    APP_REFUSED,
    APP_UNKNOWN,
    SCOPE_REFUSED,
    TOKEN_EMPTY,
    TOKEN_REFUSED,
    USER_REFUSED,
    GatewayFault,
)
from qbo_milestones.simulator.gateway.refusals import gateway_fault
from qbo_milestones.simulator.gateway.visit import Visit
from qbo_milestones.simulator.messages import Answer
from qbo_milestones.simulator.world.grants import Access

SHORTEST_TOKEN, LONGEST_TOKEN = 20, 4096
ACCOUNTING = "com.intuit.quickbooks.accounting"
OPENS = {"development": "sandbox", "production": "production"}
"""Which companies a pair of keys opens (quickbooks-online.md 1.1)."""
REVOKED = {"3200": TOKEN_REFUSED, "3201": USER_REFUSED, "3100": APP_REFUSED}
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Intuit", error="invalid_token"'}


def refused_token(visit: Visit) -> Answer | None:
    """The gateway's no, or None for a token that is good here."""
    access = visit.access
    if not visit.token:
        return _no(visit, TOKEN_EMPTY, "oauth_token")
    if access is None:
        return _no(visit, TOKEN_REFUSED, _unknown(visit.token)).with_headers(CHALLENGE)
    if access.grant.client_id not in visit.world.grants.apps:
        return _no(visit, APP_UNKNOWN, None)
    if visit.world.clock.now() >= access.expires:
        return _no(visit, TOKEN_REFUSED, f"Token expired: {visit.token[:3]}...")
    if access.grant.revoked:
        return _no(visit, REVOKED[visit.world.settings.revoked_grant], f"Token revoked: {visit.token[:3]}...")
    return _refused_here(visit, access)


def _refused_here(visit: Visit, access: Access) -> Answer | None:
    if access.grant.realm != visit.realm or visit.realm not in visit.world.companies:
        return _no(visit, APP_REFUSED, None)
    environment = OPENS.get(visit.world.grants.apps[access.grant.client_id].environment)
    if environment not in (None, visit.world.conditions.of(visit.realm).environment):
        return _no(visit, APP_REFUSED, None)
    if ACCOUNTING not in access.grant.scope.split():
        return _no(visit, SCOPE_REFUSED, "The access token does not have sufficient scope")
    return None


def _unknown(token: str) -> str:
    well_formed = SHORTEST_TOKEN <= len(token) <= LONGEST_TOKEN
    return f"Token invalid: {token[:3]}..." if well_formed else "Malformed bearer token: too short or too long"


def _no(visit: Visit, fault: GatewayFault, detail: str | None) -> Answer:
    return gateway_fault(visit.world, visit.request, fault, detail)
