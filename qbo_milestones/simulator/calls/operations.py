"""The operations of the company API: what a method and a path ask for, and the envelope of the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from json import dumps
from typing import Any

from qbo_milestones.simulator.amounts import Doc, read_json, write_json
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.past import NO_LAG, Lag, behind
from qbo_milestones.simulator.books.render import shown_text
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.calls.change_data import changes
from qbo_milestones.simulator.calls.permissions import check_permitted, check_queried
from qbo_milestones.simulator.calls.printing import printed
from qbo_milestones.simulator.calls.queries import query_response, statement_of
from qbo_milestones.simulator.faults import Refusal, refuse, unreadable, unsupported
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.reports.reports import report
from qbo_milestones.simulator.schema.entities import entity_or_none
from qbo_milestones.simulator.schema.fields import EntitySpec
from qbo_milestones.simulator.world.conditions import OPEN, Condition
from qbo_milestones.simulator.writing import documents
from qbo_milestones.simulator.writing.recurring import TEMPLATE, kind_of, template_part

VOIDED_BY_UPDATE = "void"
NO_ID = ("Preferences", "CompanyInfo", "ExchangeRate")
"""What is never created: every write changes it."""
LONGEST_PATH = 3
"""entity, Id, and what to do with it."""
READ_ELSEWHERE = frozenset({"Vendor", "Bill", "Purchase", "TaxCode"})
"""Entities whose missing Id is answered by another service, in other words (captured)."""
NOT_UTF8 = (
    "com.sun.org.apache.xerces.internal.impl.io.MalformedByteSequenceException: Invalid byte 1 of 1-byte UTF-8 sequence"
)


@dataclass(frozen=True, slots=True)
class Call:
    """One API call on a company in its state: request, path after the realm, how far its lists are behind."""

    request: Request
    parts: tuple[str, ...]
    lag: Lag = NO_LAG
    condition: Condition = OPEN

    @property
    def include(self) -> frozenset[str]:
        """The words of ``?include=``."""
        return frozenset(self.request.query.get("include", "").lower().split(","))


def route(company: Company, call: Call) -> str | Answer:
    """The JSON text, or a PDF, that answers a call, the batch endpoint apart."""
    head, method = call.parts[0].lower(), call.request.method
    if head in DESKS:
        return DESKS[head](company, call)
    spec = entity_or_none(head)
    if spec is None or len(call.parts) > LONGEST_PATH or "" in call.parts:
        raise no_resource(company, call)
    check_permitted(call.condition, spec.name, method == "POST")
    if method == "POST" and len(call.parts) == 1:
        return _write(company, spec, call)
    if method == "POST" and len(call.parts) == 3 and call.parts[2] == "send":
        return one_object(
            company, spec, documents.send(company, spec, call.parts[1], call.request.query.get("sendTo", ""))
        )
    if method == "GET" and len(call.parts) == 3 and call.parts[2] == "pdf":
        return printed(company, spec, call.parts[1])
    if method == "GET" and (len(call.parts) == 2 or (len(call.parts) == 1 and spec.name == "Preferences")):
        return one_object(company, spec, documents.read(company, spec, call.parts[-1]))
    if method == "GET" and len(call.parts) == 1 and spec.name in READ_ELSEWHERE:
        raise unsupported(f"operation could not find resource for entity {head}")
    raise no_method(call)


def no_method(call: Call) -> Refusal:
    """500, over HTTP 400, for a method that a path does not know (captured)."""
    return unsupported(f"No resource method found for {call.request.method}, return 405 with Allow header")


def no_resource(company: Company, call: Call) -> Refusal:
    """500, over HTTP 400, for a path that leads nowhere (captured)."""
    path = f"/v3/company/{company.realm}/{'/'.join(call.parts)}"
    full = f"{call.request.base_url}{path}"
    return unsupported(f"Could not find resource for relative : {path} of full path: {full}")


def one_object(company: Company, spec: EntitySpec, record: Record) -> str:
    """The envelope of one object."""
    return f'{{"{spec.element}":{shown_text(company, spec.name, record)},"time":"{company.answer_time()}"}}'


def body_of(request: Request) -> Any:
    """The JSON body with Decimals; 2010 where it is not JSON (captured)."""
    try:
        return read_json(request.body)
    except UnicodeDecodeError:
        raise unsupported(NOT_UTF8) from None
    except ValueError:
        raise unreadable() from None


def _check_content_type(company: Company, request: Request) -> None:
    """JSON it must be; which fault says so is a switch."""
    given = request.headers.get("content-type", "application/json")
    if "json" in given.lower():
        return
    if company.settings.content_type_fault == "1050":
        raise refuse("1050", f"Invalid content type {given}")
    raise unsupported("Cannot consume content type")


def _write(company: Company, spec: EntitySpec, call: Call) -> str:
    _check_content_type(company, call.request)
    body = body_of(call.request)
    operation = call.request.query.get("operation", "").lower()
    if operation == "delete":
        return _deleted(company, spec, documents.delete(company, spec, body), body)
    return one_object(company, spec, change(company, spec, body, operation, call.include))


def change(company: Company, spec: EntitySpec, body: Any, operation: str, include: frozenset[str]) -> Record:
    """Create, update or void: an Id makes it an update, ``operation=void`` or ``include=void`` a void."""
    if operation == "void" or (operation == "update" and VOIDED_BY_UPDATE in include):
        return documents.void(company, spec, body)
    known = isinstance(body, dict) and template_part(spec, body).get("Id") not in (None, "")
    if operation == "update" or known or spec.name in NO_ID:
        return documents.update(company, spec, body, include)
    return documents.create(company, spec, body, include)


def deleted_stub(spec: EntitySpec, object_id: str, body: Any) -> Doc:
    """What a delete answers in place of the object; a template's Id stands within its kind."""
    found: Doc = {"Id": object_id}
    kind = kind_of(body) if spec.name == TEMPLATE else ""
    return {spec.element: {"status": "Deleted", "domain": "QBO", **({kind: found} if kind else found)}}


def _deleted(company: Company, spec: EntitySpec, object_id: str, body: Any) -> str:
    return write_json({**deleted_stub(spec, object_id, body), "time": company.answer_time()})


def _query(company: Company, call: Call) -> str:
    if call.request.method not in ("GET", "POST"):
        raise no_method(call)
    statement = statement_of(call.request)
    check_queried(call.condition, statement)
    answer, _ = query_response(company, statement, call.lag)
    return f'{{"QueryResponse":{answer},"time":"{company.answer_time()}"}}'


def _changes(company: Company, call: Call) -> str:
    if call.request.method != "GET":
        raise no_method(call)
    query = call.request.query
    for name in query.get("entities", "").split(","):
        check_permitted(call.condition, name.strip(), writes=False)
    groups, _ = changes(behind(company, call.lag), query.get("entities", ""), query.get("changedSince", ""))
    return f'{{"CDCResponse":[{{"QueryResponse":{groups}}}],"time":"{company.answer_time()}"}}'


def _report(company: Company, call: Call) -> str:
    """Reports are texts all through, so the fast writer does for them."""
    check_permitted(call.condition, call.parts[-1], writes=False)
    return dumps(report(company, call.parts[-1], call.request.query), separators=(",", ":"))


DESKS: dict[str, Callable[[Company, Call], str]] = {"query": _query, "cdc": _changes, "reports": _report}
