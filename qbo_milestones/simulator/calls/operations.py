"""The operations of the company API: what a method and a path ask for, and the envelope of the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from qbo_milestones.simulator.amounts import Doc, read_json, write_json
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.render import shown, shown_text
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.calls.change_data import changes
from qbo_milestones.simulator.calls.permissions import check_permitted, check_queried
from qbo_milestones.simulator.faults import refuse
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.query.grammar import parse
from qbo_milestones.simulator.query.search import matching, projected
from qbo_milestones.simulator.reports.reports import report
from qbo_milestones.simulator.schema.entities import entity
from qbo_milestones.simulator.schema.fields import EntitySpec
from qbo_milestones.simulator.world.conditions import OPEN, Condition
from qbo_milestones.simulator.writing import documents

VOIDED_BY_UPDATE = "void"
NOT_UTF8 = (
    "Operation com.sun.org.apache.xerces.internal.impl.io.MalformedByteSequenceException: Invalid byte 1 of 1-byte "
    "UTF-8 sequence is not supported."
)


@dataclass(frozen=True, slots=True)
class Call:
    """One API call on a company in its state: request, path after the realm, the query's lag in simulated seconds."""

    request: Request
    parts: tuple[str, ...]
    query_lag_s: float = 0.0
    condition: Condition = OPEN

    @property
    def include(self) -> frozenset[str]:
        """The words of ``?include=``."""
        return frozenset(self.request.query.get("include", "").lower().split(","))


def route(company: Company, call: Call) -> str:
    """The JSON text that answers a call, the batch endpoint apart."""
    head, method = call.parts[0].lower(), call.request.method
    if head in DESKS:
        return DESKS[head](company, call)
    spec = entity(head)
    check_permitted(call.condition, spec.name, method == "POST")
    if method == "POST" and len(call.parts) == 1:
        return _write(company, spec, call)
    if method == "POST" and len(call.parts) == 3 and call.parts[2] == "send":
        return _one(company, spec, documents.send(company, spec, call.parts[1], call.request.query.get("sendTo", "")))
    if method == "GET" and len(call.parts) == (1 if spec.name == "Preferences" else 2):
        return _one(company, spec, documents.read(company, spec, call.parts[-1]))
    raise refuse("500", f"Operation {method} {'/'.join(call.parts)} is not supported")


def _one(company: Company, spec: EntitySpec, record: Record) -> str:
    return f'{{"{spec.name}":{shown_text(company, spec.name, record)},"time":"{company.answer_time()}"}}'


def body_of(request: Request) -> Any:
    """The JSON body with Decimals; 2120 where it is not JSON."""
    try:
        return read_json(request.body)
    except UnicodeDecodeError:
        raise refuse("500", NOT_UTF8) from None
    except ValueError as error:
        raise refuse("2120", f"The request body is not valid JSON: {error}") from None


def _write(company: Company, spec: EntitySpec, call: Call) -> str:
    if "json" not in call.request.headers.get("content-type", "application/json"):
        raise refuse("1050", f"Invalid content type {call.request.headers['content-type']}")
    body = body_of(call.request)
    operation = call.request.query.get("operation", "").lower()
    if operation == "delete":
        return _deleted(company, spec, documents.delete(company, spec, body))
    return _one(company, spec, change(company, spec, body, operation, call.include))


def change(company: Company, spec: EntitySpec, body: Any, operation: str, include: frozenset[str]) -> Record:
    """Create, update or void: an Id makes it an update, ``operation=void`` or ``include=void`` a void."""
    if operation == "void" or (operation == "update" and VOIDED_BY_UPDATE in include):
        return documents.void(company, spec, body)
    known = isinstance(body, dict) and body.get("Id") not in (None, "")
    if operation == "update" or known or spec.name in ("Preferences", "CompanyInfo"):
        return documents.update(company, spec, body, include)
    return documents.create(company, spec, body, include)


def deleted_stub(spec: EntitySpec, object_id: str) -> Doc:
    """What a delete answers in place of the object."""
    return {spec.name: {"status": "Deleted", "domain": "QBO", "Id": object_id}}


def _deleted(company: Company, spec: EntitySpec, object_id: str) -> str:
    return write_json({**deleted_stub(spec, object_id), "time": company.answer_time()})


def query_response(company: Company, statement_text: str, lag_s: float) -> str:
    """``QueryResponse`` of a statement, as JSON text without its braces' neighbours."""
    statement = parse(statement_text)
    hidden_after = company.clock.now() - timedelta(seconds=lag_s) if lag_s else None
    spec, records = matching(company, statement, hidden_after)
    if statement.count:
        return f'{{"totalCount":{len(records)}}}'
    page = records[statement.start - 1 : statement.start - 1 + statement.rows]
    if not page:
        return "{}"
    if statement.columns:
        texts = [write_json(projected(spec, statement, shown(company, spec.name, record))) for record in page]
    else:
        texts = [shown_text(company, spec.name, record) for record in page]
    total = f',"totalCount":{len(records)}' if len(page) == len(records) and statement.start == 1 else ""
    return f'{{"{spec.name}":[{",".join(texts)}],"startPosition":{statement.start},"maxResults":{len(page)}{total}}}'


def _query(company: Company, call: Call) -> str:
    posted = call.request.body.decode("utf-8", "replace") if call.request.method == "POST" else ""
    statement = call.request.query.get("query") or posted
    if not statement.strip():
        raise refuse("4000", "QueryParserError: the statement is empty")
    check_queried(call.condition, statement)
    answer = query_response(company, statement, call.query_lag_s)
    return f'{{"QueryResponse":{answer},"time":"{company.answer_time()}"}}'


def _changes(company: Company, call: Call) -> str:
    query = call.request.query
    found = changes(company, query.get("entities", ""), query.get("changedSince", ""))
    return write_json({**found, "time": company.answer_time()})


def _report(company: Company, call: Call) -> str:
    check_permitted(call.condition, call.parts[-1], writes=False)
    return write_json(report(company, call.parts[-1], call.request.query))


DESKS: dict[str, Callable[[Company, Call], str]] = {"query": _query, "cdc": _changes, "reports": _report}
