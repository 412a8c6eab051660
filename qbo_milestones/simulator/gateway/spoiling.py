"""Faults on demand, carried out: which of the rules that fire change what, and in which order."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from qbo_milestones.simulator.amounts import write_json
from qbo_milestones.simulator.books.past import NO_LAG, Lag
from qbo_milestones.simulator.catalogue import DETAILS, MESSAGES, WITHOUT_ELEMENT
from qbo_milestones.simulator.gateway.envelopes import XML, fault_json, fault_xml
from qbo_milestones.simulator.gateway.refusals import made_up_fault, throttled
from qbo_milestones.simulator.gateway.visit import PREFIX
from qbo_milestones.simulator.gateway.xml_bodies import xml_of
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.world.late_calls import Late
from qbo_milestones.simulator.world.mischief import STALE, Rule
from qbo_milestones.simulator.world.world import World


@dataclass(frozen=True, slots=True)
class Work:
    """One request's ways through its door: noted on the log, refused, served at once, or served late; and what is
    to be done when time has passed."""

    note: Callable[[], dict[str, Any]]
    refused: Callable[[], Answer | None]
    serve: Callable[[Lag], Answer]
    serve_late: Callable[[], Answer]
    catch_up: Callable[[], None]


def answer_or_spoil(world: World, request: Request, work: Work) -> Answer:
    """Note the request, serve it, and let the rules that fire do their mischief; its fate stands in the log."""
    entry = work.note()
    world.keep_past()
    rules = world.mischief.fired(request, entry["entity"], entry["realm"] or "", str(world.settings.mischief_seed))
    answer = _spoiled(world, request, work, rules) if rules else work.serve(NO_LAG)
    entry["status"], entry["fate"] = answer.status, "+".join(rule.kind for rule in rules) or answer.fate
    return answer


def _spoiled(world: World, request: Request, work: Work, rules: list[Rule]) -> Answer:
    """In this order, whatever the order of the rules: the clock, the work or what stands in for it, its body, the
    wire, the delay, the clock again. Of several rules for one stage the first counts; clock and delays add up.
    """
    _move_clock(world, work, rules, "before")
    instead = _first(rules, INSTEAD)
    answer = _instead(world, request, work, instead) if instead else work.serve(_lag(rules))
    for stage in (BODIES, FATES):
        chosen = _first(rules, stage)
        answer = answer if chosen is None or answer.fate != "send" else stage[chosen.kind](answer)
    _move_clock(world, work, rules, "after")
    return replace(answer, delay_s=answer.delay_s + sum(rule.latency_s for rule in rules))


def _move_clock(world: World, work: Work, rules: list[Rule], when: str) -> None:
    """Time passes before the call is served, or right after it; what was put off till then is done then."""
    seconds = sum(rule.advance_s for rule in rules if rule.kind == "clock_moved" and rule.when == when)
    if seconds:
        world.clock.advance(seconds)
        work.catch_up()


def _lag(rules: list[Rule]) -> Lag:
    """The longest of each kind."""
    young = [rule.query_lag_s for rule in rules if rule.kind == "query_lag"]
    stale = [rule.query_lag_s for rule in rules if rule.kind == STALE]
    return Lag(max(young, default=0.0), max(stale, default=0.0))


def _first(rules: list[Rule], kinds: dict[str, Any]) -> Rule | None:
    return next((rule for rule in rules if rule.kind in kinds), None)


def _instead(world: World, request: Request, work: Work, rule: Rule) -> Answer:
    """What is answered where the work is not done, or not now; ``after_commit`` does it unheard."""
    if rule.after_commit:
        work.serve(NO_LAG)
    return INSTEAD[rule.kind](world, request, work, rule)


def _throttle(world: World, request: Request, _work: Work, _rule: Rule) -> Answer:
    return throttled(world, request)


def _revoke(world: World, request: Request, work: Work, _rule: Rule) -> Answer:
    """The connection that the request's token belongs to ends, and the request finds it so."""
    form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    for token in (bearer, form.get("refresh_token", "")):
        world.grants.revoke(token)
    return work.serve(NO_LAG)


def _drop(_world: World, _request: Request, _work: Work, _rule: Rule) -> Answer:
    return Answer(0, "", fate="drop")


def _put_off(world: World, request: Request, work: Work, rule: Rule) -> Answer:
    """The token is looked at now, the work is done later; the client hears nothing of it."""
    refused = work.refused()
    if refused is not None:
        return refused
    world.late.append(Late(world.clock.now() + timedelta(seconds=rule.after_s), request))
    return Answer(0, "", fate="drop")


def _fault(world: World, request: Request, _work: Work, rule: Rule) -> Answer:
    """A Fault of any status and code, or the bodies that come from in front of the service."""
    code, message, detail, kind = _words(rule)
    shape = rule.body or ("fault" if request.path.startswith(PREFIX) else "oauth")
    if shape == "gateway":
        return made_up_fault(world, rule.status, code, message, detail)
    if shape == "oauth":
        error = {"error": rule.code or "server_error", "error_description": rule.detail or rule.message or "Try again"}
        return Answer(rule.status, write_json(error))
    if shape in ("empty", "html"):
        text = "" if shape == "empty" else f"<html><body><h1>{rule.status}</h1></body></html>"
        return Answer(rule.status, text, "text/html")
    element = None if code in WITHOUT_ELEMENT else ""
    return Answer(rule.status, fault_json(code, message, detail, kind, world.clock.now().isoformat(), element))


def _fault_in_200(world: World, request: Request, work: Work, rule: Rule) -> Answer:
    return replace(_fault(world, request, work, rule), status=200)


def _xml_fault(world: World, _request: Request, _work: Work, rule: Rule) -> Answer:
    code, message, detail, kind = _words(rule)
    return Answer(rule.status, fault_xml(code, message, detail, kind, world.clock.now().isoformat()), XML)


def _words(rule: Rule) -> tuple[str, str, str, str]:
    """Code, message, detail and type of a rule's Fault."""
    code = rule.code or "10000"
    message = rule.message or MESSAGES.get(code, "An application error has occurred")
    return (
        code,
        message,
        rule.detail or DETAILS.get(code, message),
        "ValidationFault" if rule.status == 400 else "SystemFault",
    )


def _as_xml(answer: Answer) -> Answer:
    body = answer.body if isinstance(answer.body, bytes) else xml_of(answer.body)
    return replace(answer, body=body, content_type=XML)


def _garble(answer: Answer) -> Answer:
    return replace(answer, status=200, body="<html>not what you asked for", content_type="text/html")


def _lose(answer: Answer) -> Answer:
    return replace(answer, fate="drop")


def _reset(answer: Answer) -> Answer:
    return replace(answer, fate="reset")


def _truncate(answer: Answer) -> Answer:
    return replace(answer, fate="truncate")


INSTEAD: dict[str, Callable[[World, Request, Work, Rule], Answer]] = {
    "status": _fault, "xml_fault": _xml_fault, "fault_in_200": _fault_in_200, "throttle": _throttle,
    "token_revoked": _revoke, "refuse_before": _drop, "late_commit": _put_off,
}  # fmt: skip
BODIES: dict[str, Callable[[Answer], Answer]] = {"garbled": _garble, "xml_answer": _as_xml}
FATES: dict[str, Callable[[Answer], Answer]] = {"lost_answer": _lose, "reset": _reset, "truncate": _truncate}
