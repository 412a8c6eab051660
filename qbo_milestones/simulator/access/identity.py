"""Who the person is who connected: userinfo by scope, and the id_token (quickbooks-online.md 1.1 and 1.3)."""

import json
from datetime import datetime

from qbo_milestones.simulator.access.discovery import issuer
from qbo_milestones.simulator.access.signing import signed
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.world.grants import ACCESS_LIFE_S, Grant
from qbo_milestones.simulator.world.world import World

SUBJECT = "01875812-e615-4047-95cb-8c93ac1789ef"
PERSON: dict[str, dict[str, object]] = {
    "profile": {"givenName": "Robin", "familyName": "Ledger"},
    "email": {"email": "robin@northlight.example", "emailVerified": True},
    "phone": {"phoneNumber": "+1 2125550143", "phoneNumberVerified": True},
    "address": {"address": {
        "streetAddress": "18 Lantern Street", "locality": "New York", "region": "NY", "postalCode": "10013",
        "country": "US",
    }},
}  # fmt: skip
"""Scope -> what it shows, in Intuit's own names (not those of OpenID)."""


def id_token(world: World, request: Request, grant: Grant, nonce: str, asked: datetime) -> str:
    """A signed statement of who connected which company, for the app that was asked for it."""
    now = int(world.clock.now().timestamp())
    claims = {
        "sub": SUBJECT, "aud": [grant.client_id], **({"realmid": grant.realm} if grant.names_company else {}),
        "auth_time": int(asked.timestamp()), "iss": issuer(world, request), "exp": now + ACCESS_LIFE_S, "iat": now,
        **({"nonce": nonce} if nonce else {}),
    }  # fmt: skip
    return signed(claims)


def userinfo(world: World, request: Request) -> Answer:
    """What the token's scopes show of the person; nothing without openid."""
    access = world.grants.access.get(request.headers.get("authorization", "").removeprefix("Bearer "))
    if access is None or access.grant.revoked or world.clock.now() >= access.expires:
        return _refused(401, "invalid_token")
    scopes = access.grant.scope.split()
    if "openid" not in scopes:
        return _refused(403, "insufficient_scope")
    found: dict[str, object] = {"sub": SUBJECT}
    for scope, shown in PERSON.items():
        found.update(shown if scope in scopes else {})
    return Answer(200, json.dumps(found))


def _refused(status: int, error: str) -> Answer:
    challenge = {"WWW-Authenticate": f'Bearer realm="Intuit", error="{error}"'}
    return Answer(status, json.dumps({"error": error}), headers=challenge)
