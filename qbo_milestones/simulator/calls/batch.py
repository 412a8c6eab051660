"""The batch endpoint: independent items, each with its own answer or Fault (quickbooks-online.md 4.2)."""

from typing import Any

from qbo_milestones.simulator.amounts import write_json
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.render import shown_text
from qbo_milestones.simulator.calls.operations import Call, body_of, change, deleted_stub, query_response
from qbo_milestones.simulator.calls.permissions import check_permitted, check_queried
from qbo_milestones.simulator.faults import Refusal, missing, refuse
from qbo_milestones.simulator.schema.entities import ENTITIES
from qbo_milestones.simulator.world.request_ids import LONGEST_BID
from qbo_milestones.simulator.writing import documents


def batch(company: Company, call: Call) -> str:
    """``BatchItemResponse`` with one entry per item, in their order."""
    body = body_of(call.request)
    items = body.get("BatchItemRequest") if isinstance(body, dict) else None
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise Refusal(missing("BatchItemRequest"))
    limit = company.settings.batch_limit
    if len(items) > limit:
        raise refuse("1040", f"Batch size {len(items)} exceeds the allowed limit of {limit}")
    if "requestid" in call.request.query and any(len(str(item.get("bId", ""))) > LONGEST_BID for item in items):
        raise refuse("2130", f"bId must not be longer than {LONGEST_BID} characters", "bId")
    answers = ",".join(_item(company, item, call) for item in items)
    return f'{{"BatchItemResponse":[{answers}],"time":"{company.answer_time()}"}}'


def _item(company: Company, item: Any, call: Call) -> str:
    try:
        answer = _do(company, item, call)
    except Refusal as refusal:
        answer = f'"Fault":{write_json(refusal.as_json())}'
    return f'{{{answer},"bId":{write_json(str(item.get("bId", "")))}}}'


def _do(company: Company, item: Any, call: Call) -> str:
    if "Query" in item:
        statement = str(item["Query"])
        check_queried(call.condition, statement)
        return f'"QueryResponse":{query_response(company, statement, call.query_lag_s)}'
    name = next((name for name in item if name in ENTITIES), None)
    if name is None:
        raise refuse("2000", f"Invalid or unsupported object name: {', '.join(item)}")
    check_permitted(call.condition, name, writes=True)
    spec, operation = ENTITIES[name], str(item.get("operation", "create")).lower()
    if operation == "delete":
        return write_json(deleted_stub(spec, documents.delete(company, spec, item[name])))[1:-1]
    include = frozenset({str(item.get("optionsData", "")).lower()})
    return f'"{name}":{shown_text(company, name, change(company, spec, item[name], operation, include))}'
