"""Completes and checks recorded time (quickbooks-online.md 6; the entity page of TimeActivity)."""

from datetime import datetime

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import Refusal, broken_rule, missing, refuse
from qbo_milestones.simulator.refs import ref_id

LIMITS = {"Hours": 8760, "Minutes": 59, "Seconds": 59, "BreakHours": 8760, "BreakMinutes": 59, "BreakSeconds": 59}


def complete_time(company: Company, _name: str, doc: Doc, _before: Doc | None, _given: set[str]) -> None:
    """Whose time, how long, for whom it is billed, in place."""
    who = f"{doc['NameOf']}Ref"
    if not ref_id(doc, who):
        raise Refusal(missing(who))
    for name, most in LIMITS.items():
        if doc.get(name) is not None and not 0 <= int(doc[name]) <= most:
            raise refuse("2090", f"Invalid number: {name} is 0 to {most}", name)
    _check_span(doc)
    doc["BillableStatus"] = doc.get("BillableStatus") or "NotBillable"
    if doc["BillableStatus"] == "Billable" and not ref_id(doc, "CustomerRef"):
        raise broken_rule("Billable time needs a customer.", "CustomerRef")
    doc["Taxable"] = bool(doc.get("Taxable"))
    doc["HourlyRate"] = doc.get("HourlyRate") or 0
    doc["Hours"], doc["Minutes"] = doc.get("Hours") or 0, doc.get("Minutes") or 0
    doc.setdefault("LinkedTxn", [])
    item = company.find("Item", ref_id(doc, "ItemRef"))
    if item is not None and not doc["HourlyRate"]:
        doc["HourlyRate"] = item.body.get("UnitPrice") or 0


def _check_span(doc: Doc) -> None:
    start, end = doc.get("StartTime"), doc.get("EndTime")
    if bool(start) != bool(end):
        raise Refusal(missing("EndTime" if start else "StartTime"))
    if not start:
        return
    try:
        length = datetime.fromisoformat(str(end)) - datetime.fromisoformat(str(start))
    except (ValueError, TypeError):
        raise refuse("2060", f"Invalid date format {start} {end}", "StartTime") from None
    if length.total_seconds() < 0:
        raise refuse("2190", "EndTime must not be before StartTime", "EndTime")
    worked = (
        int(length.total_seconds()) // 60 - 60 * int(doc.get("BreakHours") or 0) - int(doc.get("BreakMinutes") or 0)
    )
    doc["Hours"], doc["Minutes"] = divmod(max(worked, 0), 60)
