"""OAuth 2.0 as Intuit does it: discovery, consent, tokens, revoke, userinfo (quickbooks-online.md 1)."""

import base64
import binascii
import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode

from qbo_milestones.simulator.access.consent import RIGHTS, consent_page, no_such_app, wrong_redirect
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.world.grants import ACCESS_LIFE_S, App, Code, Grant
from qbo_milestones.simulator.world.world import World

AUTHORIZE, TOKEN = "/connect/oauth2", "/oauth2/v1/tokens/bearer"
REVOKE, USERINFO = "/v2/oauth2/tokens/revoke", "/v1/openid_connect/userinfo"
JWKS = "/op/v1/jwks"
DISCOVERY = ("/.well-known/openid_configuration", "/.well-known/openid_sandbox_configuration")
SCOPES = set(RIGHTS)
BAD_REFRESH = "Incorrect or invalid refresh token"


def handle_oauth(world: World, request: Request) -> Answer | None:
    """The answer of an OAuth endpoint, None where the path is not one."""
    path = request.path.rstrip("/")
    if path in DISCOVERY:
        return discovery(request)
    desk = ENDPOINTS.get((request.method, path))
    return desk(world, request) if desk else None


def discovery(request: Request) -> Answer:
    """The discovery document, with this server's own addresses."""
    base = request.base_url
    document = {
        "issuer": f"{base}/op/v1", "authorization_endpoint": base + AUTHORIZE, "token_endpoint": base + TOKEN,
        "userinfo_endpoint": base + USERINFO, "revocation_endpoint": base + REVOKE, "jwks_uri": base + JWKS,
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"], "scopes_supported": sorted(SCOPES),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
    }  # fmt: skip
    return Answer(200, json.dumps(document))


def _error(status: int, error: str, description: str = "") -> Answer:
    body = {"error": error, **({"error_description": description} if description else {})}
    return Answer(status, json.dumps(body))


def _authorize(world: World, request: Request) -> Answer:
    """Show the consent page, or redirect at once where the switch or ``sim_approve=1`` says so."""
    query = request.query
    app = world.grants.apps.get(query.get("client_id", ""))
    redirect_uri = query.get("redirect_uri", "")
    if app is None:
        return no_such_app(query.get("client_id", ""))
    if not app.takes(redirect_uri):
        return wrong_redirect(app.name, redirect_uri)
    if query.get("response_type") != "code" or not query.get("state"):
        return _back(redirect_uri, error="invalid_request", state=query.get("state", ""))
    if not set(query.get("scope", "").split()) <= SCOPES or not query.get("scope"):
        return _back(redirect_uri, error="invalid_scope", state=query["state"])
    if world.settings.auto_approve or query.get("sim_approve") == "1":
        return _approved(world, app, query, query.get("sim_realm", ""))
    return consent_page(app.name, world.company_names(), query)


def _decide(world: World, request: Request) -> Answer:
    """The click on the consent page."""
    form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
    app = world.grants.apps.get(form.get("client_id", ""))
    if app is None:
        return no_such_app(form.get("client_id", ""))
    if not app.takes(form.get("redirect_uri", "")):
        return wrong_redirect(app.name, form.get("redirect_uri", ""))
    if form.get("decision") != "approve":
        return _back(form["redirect_uri"], error="access_denied", state=form.get("state", ""))
    return _approved(world, app, form, form.get("realm", ""))


def _approved(world: World, app: App, query: dict[str, str], realm: str) -> Answer:
    realm = realm if realm in world.companies else world.default_realm
    expires = world.clock.now() + timedelta(seconds=world.settings.code_life_s)
    code = world.grants.new_code(app.client_id, realm, query["redirect_uri"], query.get("scope", ""), expires)
    world.changed = True
    return _back(query["redirect_uri"], code=code, state=query.get("state", ""), realmId=realm)


def _back(redirect_uri: str, **answer: str) -> Answer:
    return Answer(302, "", headers={"Location": f"{redirect_uri}?{urlencode(answer)}"})


def _client(world: World, request: Request) -> App | None:
    """The app whose Basic credentials are right."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    client_id, _, secret = decoded.partition(":")
    app = world.grants.apps.get(client_id)
    return app if scheme.lower() == "basic" and app is not None and app.client_secret == secret else None


def _token(world: World, request: Request) -> Answer:
    app = _client(world, request)
    if app is None:
        return _error(401, "invalid_client")
    form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
    if form.get("grant_type") == "authorization_code":
        grant = _exchange(world, app, form)
        return _tokens(world, request, grant) if grant else _error(400, "invalid_grant", "Invalid authorization code")
    if form.get("grant_type") == "refresh_token":
        return _refreshed(world, request, app, form.get("refresh_token", ""))
    return _error(400, "unsupported_grant_type")


def _exchange(world: World, app: App, form: dict[str, str]) -> Grant | None:
    """A code is good once, for its app and its redirect address; a second use revokes what the first gave."""
    code = world.grants.codes.get(form.get("code", ""))
    if code is None or code.client_id != app.client_id:
        return None
    if code.used:
        _revoke_after_reuse(world, code)
        return None
    if code.redirect_uri != form.get("redirect_uri") or world.clock.now() >= code.expires:
        return None
    code.used = True
    return world.grants.new_grant(app.client_id, code.realm, code.scope, world.clock.now())


def _revoke_after_reuse(world: World, code: Code) -> None:
    for grant in world.grants.by_refresh.values():
        if (grant.client_id, grant.realm) == (code.client_id, code.realm):
            grant.revoked = True


def _refreshed(world: World, request: Request, app: App, refresh_token: str) -> Answer:
    now = world.clock.now()
    grant = world.grants.usable(world.settings, refresh_token, app.client_id, now)
    if grant is None:
        return _error(400, "invalid_grant", BAD_REFRESH)
    aged = grant.rotated is None or (now - grant.rotated).total_seconds() >= 86400
    if world.settings.refresh_rotation == "always" or aged:
        world.grants.rotate(grant, now)
    else:
        world.grants.prolong(grant, now)
    return _tokens(world, request, grant)


def _tokens(world: World, request: Request, grant: Grant) -> Answer:
    now = world.clock.now()
    left = int((grant.refresh_expires - now).total_seconds()) if grant.refresh_expires else 0
    body: dict[str, object] = {
        "token_type": "bearer", "access_token": world.grants.new_access(grant, now),
        "refresh_token": grant.refresh_token, "expires_in": ACCESS_LIFE_S, "x_refresh_token_expires_in": left,
    }  # fmt: skip
    if request.headers.get("x-include-refresh-token-hard-expires-in", "").lower() == "true":
        body["x_refresh_token_hard_expires_in"] = int((grant.hard_end - now).total_seconds())
    world.changed = True
    return Answer(200, json.dumps(body))


def _revoke(world: World, request: Request) -> Answer:
    if _client(world, request) is None:
        return _error(401, "invalid_client")
    try:
        token = json.loads(request.body).get("token", "")
    except (ValueError, AttributeError):
        token = dict(parse_qsl(request.body.decode("utf-8", "replace"))).get("token", "")
    world.changed = True
    return Answer(200, "") if world.grants.revoke(str(token)) else _error(400, "invalid_request")


def _userinfo(world: World, request: Request) -> Answer:
    access = world.grants.access.get(request.headers.get("authorization", "").removeprefix("Bearer "))
    if access is None or access.grant.revoked or world.clock.now() >= access.expires:
        return _error(401, "invalid_token")
    person = {"sub": "simulated-user", "givenName": "Robin", "familyName": "Ledger",
              "email": "robin@northlight.example", "emailVerified": True}  # fmt: skip
    return Answer(200, json.dumps(person))


def _jwks(_world: World, _request: Request) -> Answer:
    return Answer(200, json.dumps({"keys": []}))


ENDPOINTS: dict[tuple[str, str], Callable[[World, Request], Answer]] = {
    ("GET", AUTHORIZE): _authorize, ("POST", AUTHORIZE): _decide, ("POST", TOKEN): _token,
    ("POST", REVOKE): _revoke, ("GET", USERINFO): _userinfo, ("GET", JWKS): _jwks,
}  # fmt: skip
