"""Reads templates of transactions that come again: a schedule around a transaction that is never posted."""

from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import Problem, Refusal, missing
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.schema.entities import ENTITIES
from qbo_milestones.simulator.schema.fields import EntitySpec
from qbo_milestones.simulator.schema.recurring import KINDS, RECURRING
from qbo_milestones.simulator.writing.completers import complete
from qbo_milestones.simulator.writing.intake import clean
from qbo_milestones.simulator.writing.references import resolve

TEMPLATE = RECURRING.name
FRAME = ("Id", "SyncToken", "MetaData", "domain", "sparse", "RecurringInfo", "RecurDataRef")
"""What a template has around its transaction."""
LATER = ("DocNumber", "LinkedTxn")
"""What a transaction has only once it is made from its template."""
HANDLE = ("Id", "SyncToken", "MetaData")


def kind_of(body: Any) -> str:
    """Which kind of transaction a template holds, an empty text without one."""
    return next((kind for kind in KINDS if isinstance(body, dict) and isinstance(body.get(kind), dict)), "")


def template_part(spec: EntitySpec, body: Any) -> Doc:
    """Where the Id of a request stands: within the transaction of a template, else at its top."""
    kind = kind_of(body) if spec.name == TEMPLATE else ""
    found: Doc = body[kind] if kind else body
    return found


def read_template(company: Company, body: Any) -> Doc:
    """A template as it is kept: the completed transaction under its kind, the schedule beside it."""
    kind = _kind(body)
    given = {**body[kind]}
    schedule = clean(RECURRING, {"RecurringInfo": given.get("RecurringInfo")})["RecurringInfo"]
    if not schedule or not schedule.get("Name"):
        raise Refusal(missing("RecurringInfo.Name"))
    given["RecurringInfo"] = schedule
    spec = ENTITIES[kind]
    doc = clean(spec, {name: value for name, value in given.items() if name not in FRAME + LATER})
    absent = [missing(name) for name, field in spec.fields.items() if field.required and doc.get(name) in (None, [])]
    if absent:
        raise Refusal(*absent)
    dated = "TxnDate" in doc
    doc["TxnDate"] = doc.get("TxnDate") or company.today()
    resolve(company, spec, doc)
    complete(company, spec, doc, None, set(doc))
    if not dated:
        doc.pop("TxnDate")
    return _framed(company, kind, given, doc)


def kept_template(company: Company, body: Doc) -> Doc:
    """The same for a template that is loaded: its transaction stays as it is."""
    kind = _kind(body)
    given = body[kind]
    return _framed(company, kind, given, {name: value for name, value in given.items() if name not in FRAME})


def _kind(body: Any) -> str:
    kind = kind_of(body)
    if not kind:
        raise Refusal(Problem("2020", f"Required parameter {', '.join(KINDS)} is missing in the request", TEMPLATE))
    return kind


def _framed(company: Company, kind: str, given: Doc, doc: Doc) -> Doc:
    handle = {name: given[name] for name in HANDLE if given.get(name)}
    schedule = _scheduled(company, given.get("RecurringInfo") or {"Name": kind})
    return {**handle, kind: _known(doc), "Type": kind, "RecurringInfo": schedule,
            "RecurDataRef": _numbered(company, given)}  # fmt: skip


def _known(doc: Doc) -> Doc:
    return {name: value for name, value in doc.items() if value is not None}


def _scheduled(company: Company, schedule: Doc) -> Doc:
    """Automated and active unless it says otherwise; the next date is the first."""
    when = _known(schedule.get("ScheduleInfo") or {})
    kind = schedule.get("RecurType") or "Automated"
    if kind != "UnScheduled":
        when.setdefault("NumInterval", 1)
        when.setdefault("NextDate", when.get("StartDate") or company.today())
    active = schedule.get("Active") is not False
    return {"Name": schedule["Name"], "RecurType": kind, "Active": active, **({"ScheduleInfo": when} if when else {})}


def _numbered(company: Company, given: Doc) -> Doc:
    known = ref_id(given, "RecurDataRef")
    last = company.last_ids["RecurData"]
    company.last_ids["RecurData"] = max(last, int(known)) if known.isdigit() else last + 1
    return {"value": known or str(company.last_ids["RecurData"])}
