"""The batch endpoint: independent items, each with its own answer or Fault (quickbooks-online.md 4.2)."""

from typing import Any
from urllib.parse import parse_qsl

from qbo_milestones.simulator.amounts import Doc, write_json
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.past import behind
from qbo_milestones.simulator.books.render import shown_text
from qbo_milestones.simulator.calls.change_data import LIMIT, changes
from qbo_milestones.simulator.calls.operations import Call, body_of, change, deleted_stub
from qbo_milestones.simulator.calls.permissions import check_permitted, check_queried
from qbo_milestones.simulator.calls.queries import query_response
from qbo_milestones.simulator.faults import Refusal, broken_rule, missing, refuse, unsupported
from qbo_milestones.simulator.reports.reports import report
from qbo_milestones.simulator.schema.entities import BY_ELEMENT
from qbo_milestones.simulator.world.request_ids import LONGEST, LONGEST_BID
from qbo_milestones.simulator.writing import documents

BESIDE_THE_OBJECT = frozenset({"bId", "operation", "optionsData"})


def batch(company: Company, call: Call) -> str:
    """``BatchItemResponse`` with one entry per item, in their order."""
    body = body_of(call.request)
    items = body.get("BatchItemRequest") if isinstance(body, dict) else None
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise Refusal(missing("BatchItemRequest"))
    limit = company.settings.batch_limit
    if len(items) > limit:
        raise refuse("1040", f"The Batch Request or BatchItemRequest is too big. The limit is {limit}")
    strict = company.settings.batch_long_ids == "2130"
    if strict and call.request.query.get("requestid") and any(len(_b_id(item)) > LONGEST_BID for item in items):
        raise refuse("2130", f"bId must not be longer than {LONGEST_BID} characters", "bId")
    answers = ",".join(_Items(company, call).answers(items))
    return f'{{"BatchItemResponse":[{answers}],"time":"{company.answer_time()}"}}'


class _Items:
    """The items of one batch; together they answer with no more than 1,000 objects."""

    def __init__(self, company: Company, call: Call) -> None:
        self.company, self.call = company, call
        self.room = LIMIT

    def answers(self, items: list[Doc]) -> list[str]:
        """One JSON object per item: what came of it, and the bId it was sent with."""
        return [self._item(item) for item in items]

    def _item(self, item: Doc) -> str:
        try:
            answer = self._do(item)
        except Refusal as refusal:
            answer = f'"Fault":{write_json(refusal.as_json())}'
        b_id = "" if item.get("bId") is None else f',"bId":{write_json(str(item["bId"]))}'
        return f"{{{answer}{b_id}}}"

    def _do(self, item: Doc) -> str:
        self._check_length(item)
        if "Query" in item:
            return f'"QueryResponse":{self._fitting(*self._found(str(item["Query"])))}'
        if "CDCQuery" in item:
            return f'"CDCResponse":{{"QueryResponse":{self._fitting(*self._changes(item["CDCQuery"]))}}}'
        if "ReportQuery" in item:
            return f'"Report":{write_json(self._report(str(item["ReportQuery"])))}'
        return self._write(item)

    def _check_length(self, item: Doc) -> None:
        """Seen live: requestid and bId together are the item's own id, and that has 50 characters at most."""
        request_id = self.call.request.query.get("requestid", "")
        length = len(request_id) + len(_b_id(item))
        if request_id and length > LONGEST:
            raise broken_rule(
                f"You cannot enter more than {LONGEST} characters in the request_id field. "
                f"You tried entering {(request_id + _b_id(item))[:10]}..., which is {length} characters."
            )

    def _fitting(self, text: str, objects: int) -> str:
        """The answer, unless the 1,000 objects of a batch are used up by then."""
        if objects > self.room:
            raise refuse("10100", f"The result set is too big: a batch answers with at most {LIMIT} objects")
        self.room -= objects
        return text

    def _found(self, statement: str) -> tuple[str, int]:
        check_queried(self.call.condition, statement)
        return query_response(self.company, statement, self.call.lag)

    def _changes(self, asked: Any) -> tuple[str, int]:
        wanted = asked if isinstance(asked, dict) else {}
        company = behind(self.company, self.call.lag)
        return changes(company, str(wanted.get("Entities") or ""), str(wanted.get("ChangedSince") or ""))

    def _report(self, asked: str) -> Doc:
        path, _, questions = asked.partition("?")
        return report(self.company, path.rstrip("/").rpartition("/")[2], dict(parse_qsl(questions)))

    def _write(self, item: Doc) -> str:
        name = next((name for name in item if name in BY_ELEMENT), None)
        if name is None:
            raise refuse("2000", f"Invalid or unsupported object name: {', '.join(set(item) - BESIDE_THE_OBJECT)}")
        spec, operation = BY_ELEMENT[name], str(item.get("operation") or "create").lower()
        check_permitted(self.call.condition, spec.name, writes=True)
        if operation not in ("create", "update", "delete", "void", "send"):
            raise unsupported(str(item["operation"]))
        if operation == "delete":
            return write_json(deleted_stub(spec, documents.delete(self.company, spec, item[name]), item[name]))[1:-1]
        include = frozenset(str(item.get("optionsData") or "").lower().split(","))
        if operation == "send":
            record = documents.send(self.company, spec, _id_of(item[name]), "")
        else:
            record = change(self.company, spec, item[name], operation, include)
        return f'"{name}":{shown_text(self.company, spec.name, record)}'


def _b_id(item: Doc) -> str:
    return str(item.get("bId") or "")


def _id_of(body: Any) -> str:
    return str(body.get("Id") or "") if isinstance(body, dict) else ""
