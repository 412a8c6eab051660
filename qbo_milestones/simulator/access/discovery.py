"""The discovery document and the public key that it points to (quickbooks-online.md 1.1)."""

import json

from qbo_milestones.simulator.access.addresses import AUTHORIZE, INTUIT_ISSUER, JWKS, REVOKE, TOKEN, USERINFO
from qbo_milestones.simulator.access.signing import public_key
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.world.world import World


def issuer(world: World, request: Request) -> str:
    """Who signs: this server, or by the switch ``openid_issuer`` Intuit's own name, which some clients hold fixed."""
    return INTUIT_ISSUER if world.settings.openid_issuer == "intuit" else f"{request.base_url}/op/v1"


def discovery(world: World, request: Request) -> Answer:
    """The discovery document, with this server's own addresses."""
    base = request.base_url
    document = {
        "issuer": issuer(world, request), "authorization_endpoint": base + AUTHORIZE, "token_endpoint": base + TOKEN,
        "userinfo_endpoint": base + USERINFO, "revocation_endpoint": base + REVOKE, "jwks_uri": base + JWKS,
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
    }  # fmt: skip
    return Answer(200, json.dumps(document))


def jwks(_world: World, _request: Request) -> Answer:
    """The keys that id_tokens are signed with: one."""
    return Answer(200, json.dumps({"keys": [public_key()]}))
