"""The gateway before every company: tokens, throttles, requestid, faults on demand, headers, the log."""

from hashlib import sha256
from typing import Any

from qbo_milestones.simulator.amounts import read_json
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.calls.api import fault_answer, perform
from qbo_milestones.simulator.calls.operations import Call
from qbo_milestones.simulator.faults import Refusal
from qbo_milestones.simulator.gateway.refusals import gateway_fault, throttled
from qbo_milestones.simulator.gateway.spoiling import Work, answer_or_spoil
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.world.request_ids import check_request_id
from qbo_milestones.simulator.world.world import World

PREFIX = "/v3/company/"
STANDING_HEADERS = {
    "QBO-Version": "1950.134", "Expires": "0", "Via": "1.1 simulator",
    "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
    "Strict-Transport-Security": "max-age=15552000",
}  # fmt: skip
"""quickbooks-online.md 2.4."""
SHORTEST_TOKEN = 20
LOGGED = 20_000
"""Bytes of a body that is not JSON that the log keeps."""


def handle_api(world: World, request: Request) -> Answer:
    """The answer to one call under /v3/company/, with its place in the log."""
    realm, *rest = request.path.removeprefix(PREFIX).strip("/").split("/")
    parts = tuple(rest)
    work = Work(
        note=lambda: world.note(_log_entry(world, request, realm, parts[0] if parts else "")),
        refused=lambda: _refused_at_the_door(world, request, realm, parts),
        serve=lambda lag_s: _served(world, request, realm, parts, lag_s),
        serve_late=lambda: _once(world, world.companies[realm], Call(request, parts), _app(world, request)),
    )
    answer = answer_or_spoil(world, request, work)
    return answer.with_headers({**STANDING_HEADERS, "intuit_tid": _trace_id(world)})


def _trace_id(world: World) -> str:
    digest = sha256(f"{world.seed}/{world.resets}/{world.asked}".encode()).hexdigest()
    return f"1-{digest[:8]}-{digest[8:32]}"


def _log_entry(world: World, request: Request, realm: str, entity: str) -> dict[str, Any]:
    try:
        body: Any = read_json(request.body) if request.body else None
    except ValueError:
        body = request.body[:LOGGED].decode("utf-8", "replace")
    return {
        "time": world.clock.now().isoformat(), "method": request.method, "path": request.path,
        "query": request.query, "realm": realm, "entity": entity, "body": body, "status": None,
        "requestid": request.query.get("requestid"), "app": _app(world, request) or None,
    }  # fmt: skip


def _bearer(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def _app(world: World, request: Request) -> str:
    """The client id that the request's token was given to, empty for a token that nobody gave."""
    access = world.grants.access.get(_bearer(request))
    return access.grant.client_id if access else ""


def _served(world: World, request: Request, realm: str, parts: tuple[str, ...], lag_s: float) -> Answer:
    """Token, throttle, requestid, then the company."""
    refused = _refused_at_the_door(world, request, realm, parts)
    if refused is not None:
        return refused
    app, is_batch = _app(world, request), parts[0] == "batch"
    if world.settings.throttle and not world.throttle.admit(realm, app, is_batch, world.clock.now()):
        return throttled(world)
    return _once(world, world.companies[realm], Call(request, parts, lag_s), app)


def _refused_at_the_door(world: World, request: Request, realm: str, parts: tuple[str, ...]) -> Answer | None:
    """What comes back where the token does not open this company, or the path names nothing in it."""
    return _refused_token(world, request, realm) or (None if parts else Answer(404, ""))


def _refused_token(world: World, request: Request, realm: str) -> Answer | None:
    token = _bearer(request)
    access = world.grants.access.get(token)
    if access is None:
        malformed = 0 < len(token) < SHORTEST_TOKEN
        detail = "Malformed bearer token: too short or too long" if malformed else f"Token invalid: {token[:3]}..."
        answer = gateway_fault(world, "3200", detail if token else "Token missing")
        return answer.with_headers({"WWW-Authenticate": 'Bearer realm="Intuit", error="invalid_token"'})
    if world.clock.now() >= access.expires:
        return gateway_fault(world, "3200", f"Token expired: {token[:3]}...")
    if access.grant.revoked:
        return gateway_fault(world, "3200", f"Token revoked: {token[:3]}...")
    if access.grant.realm != realm or realm not in world.companies:
        return gateway_fault(world, "3100", "The token was not given for this company")
    if "com.intuit.quickbooks.accounting" not in access.grant.scope:
        return gateway_fault(world, "3100", "The token does not have the scope accounting")
    return None


def _once(world: World, company: Company, call: Call, app: str) -> Answer:
    """A write with a requestid that is known gets its first answer again."""
    request_id = call.request.query.get("requestid", "")
    writes = call.request.method == "POST" and call.parts[0] != "query"
    if not writes or not request_id:
        world.changed = world.changed or writes
        return perform(company, call)
    now, body = world.clock.now(), call.request.body
    try:
        check_request_id(request_id, call.parts[0] == "batch")
        first = world.request_ids.replay(world.settings, company.realm, app, request_id, body, now)
    except Refusal as refusal:
        return fault_answer(company, refusal)
    if first is not None:
        return first
    answer = perform(company, call)
    world.request_ids.remember(world.settings, company.realm, app, request_id, body, answer, now)
    world.changed = True
    return answer
