"""Where apps get tokens for codes, new ones for old ones, and give them back (quickbooks-online.md 1.4, 1.6)."""

import base64
import binascii
import json
from urllib.parse import parse_qsl

from qbo_milestones.simulator.access.identity import id_token
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.world.grants import ROTATES_AFTER_S, App, Code, Grant
from qbo_milestones.simulator.world.world import World

JSON = "application/json;charset=utf-8"
BAD_REFRESH, BAD_CODE = "Incorrect or invalid refresh token", "Invalid authorization code"
NOT_A_MEMBER = {
    "error_description": "Unauthorized Request: User is not a member of the specified Realm",
    "x_error_reason": "user_not_in_realm", "x_error_reason_detail": "The user is not in the specified realm",
    "error": "invalid_grant",
}  # fmt: skip
"""Seen live where the person who had connected lost their access."""


def token(world: World, request: Request) -> Answer:
    """Tokens for a code or for a refresh value."""
    form = _form(request)
    app = client(world, request, form)
    if app is None:
        return _error(world, 401, "invalid_client")
    if form.get("grant_type") == "authorization_code":
        return _exchanged(world, request, app, form)
    if form.get("grant_type") == "refresh_token":
        return _refreshed(world, request, app, form.get("refresh_token", ""))
    return _error(world, 400, "unsupported_grant_type" if form.get("grant_type") else "invalid_request")


def revoke(world: World, request: Request) -> Answer:
    """The app gives a connection up, by its refresh or access token; 400 without a body where there is none."""
    try:
        body = json.loads(request.body)
    except ValueError:
        body = _form(request)
    form = {str(name): str(value) for name, value in body.items()} if isinstance(body, dict) else {}
    app = client(world, request, form)
    if app is None:
        return _error(world, 401, "invalid_client")
    grant = world.grants.grant_of(form.get("token", ""))
    if grant is None or grant.revoked or grant.client_id != app.client_id:
        return Answer(400, "", JSON)
    world.grants.end(grant)
    return Answer(200, "", JSON)


def client(world: World, request: Request, form: dict[str, str]) -> App | None:
    """The app whose secret is right: in a Basic header, or (without one) in the form."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    if scheme:
        try:
            decoded = base64.b64decode(encoded, validate=True).decode() if scheme.lower() == "basic" else ""
        except (binascii.Error, UnicodeDecodeError):
            return None
        client_id, _, secret = decoded.partition(":")
    app = world.grants.apps.get(client_id)
    return app if app is not None and app.client_secret == secret else None


def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode("utf-8", "replace")))


def _error(world: World, status: int, error: str, description: str = "") -> Answer:
    """RFC 6749's error body; without a description where there is none or the switch says so."""
    told = {"error_description": description} if description and world.settings.oauth_error_description else {}
    return Answer(status, json.dumps({"error": error, **told}, separators=(",", ":")), JSON)


def _exchanged(world: World, request: Request, app: App, form: dict[str, str]) -> Answer:
    """A code is good once, for its app and its redirect address; a second use revokes what the first gave."""
    now, value = world.clock.now(), form.get("code", "")
    code = world.grants.codes.get(value)
    if code is None or code.client_id != app.client_id:
        return _error(world, 400, "invalid_grant", BAD_CODE)
    if code.used:
        _revoke_after_reuse(world, code)
        return _error(world, 400, "invalid_grant", BAD_CODE)
    if code.redirect_uri != form.get("redirect_uri") or now >= code.expires:
        return _error(world, 400, "invalid_grant", BAD_CODE)
    world.grants.use(value, code)
    grant = world.grants.new_grant(app.client_id, code.realm, code.scope, now)
    openid = "openid" in code.scope.split()
    return _tokens(world, request, grant, id_token(world, request, grant, code.nonce, code.asked) if openid else "")


def _revoke_after_reuse(world: World, code: Code) -> None:
    for grant in list(world.grants.connections.values()):
        if (grant.client_id, grant.realm) == (code.client_id, code.realm):
            world.grants.end(grant)


def _refreshed(world: World, request: Request, app: App, refresh_token: str) -> Answer:
    now = world.clock.now()
    grant = world.grants.usable(world.settings, refresh_token, app.client_id, now)
    if grant is None:
        _mistrust(world, refresh_token, app)
        return _error(world, 400, "invalid_grant", BAD_REFRESH)
    if world.conditions.of(grant.realm).person == "removed":
        return Answer(400, json.dumps(NOT_A_MEMBER), JSON)
    aged = grant.rotated is None or (now - grant.rotated).total_seconds() >= ROTATES_AFTER_S
    if world.settings.refresh_rotation == "always" or aged:
        world.grants.rotate(grant, now)
    else:
        world.grants.prolong(grant, now)
    return _tokens(world, request, grant)


def _mistrust(world: World, refresh_token: str, app: App) -> None:
    """By the switch ``stale_refresh`` a value that was used up before ends the whole connection."""
    grant = world.grants.by_refresh.get(refresh_token)
    stale = grant is not None and refresh_token in grant.retired and grant.client_id == app.client_id
    if grant is not None and stale and world.settings.stale_refresh == "revoke":
        world.grants.end(grant)


def _tokens(world: World, request: Request, grant: Grant, identity: str = "") -> Answer:
    now, life_s = world.clock.now(), world.settings.access_life_s
    left = int((grant.refresh_expires - now).total_seconds()) if grant.refresh_expires else 0
    body: dict[str, object] = {
        "token_type": "bearer", "access_token": world.grants.new_access(grant, now, life_s),
        "refresh_token": grant.refresh_token, "expires_in": life_s, "x_refresh_token_expires_in": left,
        **({"id_token": identity} if identity else {}),
    }  # fmt: skip
    if request.headers.get("x-include-refresh-token-hard-expires-in", "").lower() == "true":
        body["x_refresh_token_hard_expires_in"] = int((grant.hard_end - now).total_seconds())
    return Answer(200, json.dumps(body), JSON)
