"""The gateway before every company: tokens, throttles, requestid, faults on demand, headers, the log."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

from qbo_milestones.simulator.amounts import read_json, write_json
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.calls.api import fault_answer, perform
from qbo_milestones.simulator.calls.operations import Call
from qbo_milestones.simulator.faults import GATEWAY, MESSAGES, Refusal, fault_xml, gateway_json, gateway_message
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.world.grants import Access
from qbo_milestones.simulator.world.mischief import BEFORE, Rule
from qbo_milestones.simulator.world.request_ids import check_request_id
from qbo_milestones.simulator.world.world import Late, World

PREFIX = "/v3/company/"
STANDING_HEADERS = {
    "QBO-Version": "1950.134", "Expires": "0", "Via": "1.1 simulator",
    "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
    "Strict-Transport-Security": "max-age=15552000",
}  # fmt: skip
"""quickbooks-online.md 2.4."""
THROTTLED = "The request limit was reached. Try again later"
SHORTEST_TOKEN = 20
LOGGED = 20_000
"""Bytes of a body that is not JSON that the log keeps."""


def handle_api(world: World, request: Request) -> Answer:
    """The answer to one call under /v3/company/, with its place in the log."""
    realm, *parts = request.path.removeprefix(PREFIX).strip("/").split("/")
    entity = parts[0] if parts else ""
    entry = world.note(_log_entry(world, request, realm, entity))
    rule = world.mischief.chosen(request, entity, realm)
    answer = (
        _spoiled(world, request, realm, tuple(parts), rule) if rule else _served(world, request, realm, tuple(parts))
    )
    entry["status"], entry["fate"] = answer.status, answer.fate if rule is None else rule.kind
    return answer.with_headers({**STANDING_HEADERS, "intuit_tid": _trace_id(world)})


def _trace_id(world: World) -> str:
    digest = sha256(f"{world.seed}/{world.resets}/{world.asked}".encode()).hexdigest()
    return f"1-{digest[:8]}-{digest[8:32]}"


def _log_entry(world: World, request: Request, realm: str, entity: str) -> dict[str, Any]:
    try:
        body: Any = read_json(request.body) if request.body else None
    except ValueError:
        body = request.body[:LOGGED].decode("utf-8", "replace")
    access = world.grants.access.get(_bearer(request))
    return {
        "time": world.clock.now().isoformat(), "method": request.method, "path": request.path,
        "query": request.query, "realm": realm, "entity": entity, "body": body, "status": None,
        "requestid": request.query.get("requestid"), "app": access.grant.client_id if access else None,
    }  # fmt: skip


def _bearer(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def _served(world: World, request: Request, realm: str, parts: tuple[str, ...], lag_s: float = 0.0) -> Answer:
    """Token, throttle, requestid, then the company."""
    access = world.grants.access.get(_bearer(request))
    refused = _refused_token(world, request, access, realm)
    if refused is not None or access is None:
        return refused or _gateway_fault(world, request, "3200", "Token missing")
    is_batch = parts[:1] == ("batch",)
    if world.settings.throttle and not world.throttle.admit(realm, access.grant.client_id, is_batch, world.clock.now()):
        return throttled(world, request)
    company = world.companies[realm]
    if not parts:
        return Answer(404, "")
    return _once(world, company, Call(request, parts, lag_s), access.grant.client_id)


def _refused_token(world: World, request: Request, access: Access | None, realm: str) -> Answer | None:
    token = _bearer(request)
    if access is None:
        malformed = 0 < len(token) < SHORTEST_TOKEN
        detail = "Malformed bearer token: too short or too long" if malformed else f"Token invalid: {token[:3]}..."
        answer = _gateway_fault(world, request, "3200", detail if token else "Token missing")
        return answer.with_headers({"WWW-Authenticate": 'Bearer realm="Intuit", error="invalid_token"'})
    if world.clock.now() >= access.expires:
        return _gateway_fault(world, request, "3200", f"Token expired: {token[:3]}...")
    if access.grant.revoked:
        return _gateway_fault(world, request, "3200", f"Token revoked: {token[:3]}...")
    if access.grant.realm != realm or realm not in world.companies:
        return _gateway_fault(world, request, "3100", "The token was not given for this company")
    if "com.intuit.quickbooks.accounting" not in access.grant.scope:
        return _gateway_fault(world, request, "3100", "The token does not have the scope accounting")
    return None


def _gateway_fault(world: World, request: Request, code: str, detail: str) -> Answer:
    del request
    epoch_ms = int(world.clock.now().timestamp() * 1000)
    return Answer(GATEWAY[code][2], write_json(gateway_json(code, detail, epoch_ms)))


def throttled(world: World, request: Request) -> Answer:
    """429 in the shape that the switch ``throttle_body`` names."""
    shape, when = world.settings.throttle_body, world.clock.now().isoformat()
    answer = _gateway_fault(world, request, "3001", THROTTLED)
    message = gateway_message("3001")
    if shape == "xml":
        xml = fault_xml("SERVICE", "003001", message, THROTTLED, when)
        answer = Answer(429, xml, "application/xml;charset=UTF-8")
    elif shape == "fault":
        error = {"Message": message, "Detail": THROTTLED, "code": "003001", "element": ""}
        answer = Answer(429, write_json({"Fault": {"Error": [error], "type": "SERVICE"}, "time": when}))
    wait = world.settings.retry_after_s
    return answer if wait is None else answer.with_headers({"Retry-After": str(wait)})


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


def _spoiled(world: World, request: Request, realm: str, parts: tuple[str, ...], rule: Rule) -> Answer:
    if rule.kind in BEFORE:
        answer = _instead(world, request, realm, parts, rule)
    else:
        served = _served(world, request, realm, parts, rule.query_lag_s)
        answer = _spoil_answer(served, rule)
    return replace(answer, delay_s=rule.latency_s)


def _instead(world: World, request: Request, realm: str, parts: tuple[str, ...], rule: Rule) -> Answer:
    """What happens where the call is not carried out, or only later."""
    if rule.kind == "throttle":
        return throttled(world, request)
    if rule.kind == "token_revoked":
        access = world.grants.access.get(_bearer(request))
        if access is not None:
            access.grant.revoked = True
        return _served(world, request, realm, parts)
    if rule.kind == "late_commit":
        return _put_off(world, request, realm, parts, rule)
    if rule.kind == "refuse_before":
        return Answer(0, "", fate="drop")
    return _planned_fault(world, rule)


def _put_off(world: World, request: Request, realm: str, parts: tuple[str, ...], rule: Rule) -> Answer:
    """The token is looked at now, the work is done later; the client hears nothing of it."""
    access = world.grants.access.get(_bearer(request))
    refused = _refused_token(world, request, access, realm)
    if refused is not None or access is None or not parts:
        return refused or Answer(404, "")
    app = access.grant.client_id

    def perform_late() -> None:
        entry = world.note(_log_entry(world, request, realm, parts[0]))
        answer = _once(world, world.companies[realm], Call(request, parts), app)
        entry["status"], entry["fate"] = answer.status, "late"

    world.late.append(Late(world.clock.now() + timedelta(seconds=rule.after_s), perform_late))
    return Answer(0, "", fate="drop")


def _planned_fault(world: World, rule: Rule) -> Answer:
    code = rule.code or "10000"
    message = rule.message or MESSAGES.get(code, "An application error has occurred")
    detail, when = rule.detail or message, world.clock.now().isoformat()
    kind = "ValidationFault" if rule.status == 400 else "SystemFault"
    if rule.kind == "xml_fault":
        return Answer(rule.status, fault_xml(kind, code, message, detail, when), "application/xml;charset=UTF-8")
    if rule.body == "gateway":
        epoch_ms = int(world.clock.now().timestamp() * 1000)
        shape = gateway_json("3001", detail, epoch_ms)
        shape["fault"]["error"][0].update(message=message, code=code)
        return Answer(rule.status, write_json(shape))
    if rule.body in ("empty", "html"):
        text = "" if rule.body == "empty" else f"<html><body><h1>{rule.status}</h1></body></html>"
        return Answer(rule.status, text, "text/html")
    error = {"Message": message, "Detail": detail, "code": code, "element": ""}
    return Answer(rule.status, write_json({"Fault": {"Error": [error], "type": kind}, "time": when}))


def _spoil_answer(answer: Answer, rule: Rule) -> Answer:
    """The call was carried out; its answer does not arrive as it was."""
    if rule.kind == "garbled":
        return replace(answer, status=200, body="<html>not what you asked for", content_type="text/html")
    if rule.kind == "lost_answer":
        return replace(answer, fate="drop")
    if rule.kind == "reset":
        return replace(answer, fate="reset")
    return replace(answer, fate="truncate") if rule.kind == "truncate" else answer
