"""Completes and checks recorded time (quickbooks-online.md 6; the entity page of TimeActivity)."""

from datetime import datetime, timedelta

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import Problem, Refusal, missing, refuse
from qbo_milestones.simulator.refs import ref_id

PEOPLE = ("Employee", "Vendor")
LENGTH, BREAK = ("Hours", "Minutes", "Seconds"), ("BreakHours", "BreakMinutes", "BreakSeconds")
MOST_HOURS, MOST_OF_A_PART = 8760, 59
PLAIN = ("NotBillable", "Billable", None)
"""What a client may say of the state; the third follows from an invoice."""


def complete_time(company: Company, _name: str, doc: Doc, before: Doc | None, given: set[str]) -> None:
    """Whose time, how long, for whom it is billed, in place."""
    _check_person(doc)
    if "BillableStatus" in given and doc.get("BillableStatus") not in (*PLAIN, (before or {}).get("BillableStatus")):
        raise refuse("2170", "Invalid Enumeration : HAS_BEEN_BILLED", "BillableStatus")
    _check_length(doc, before, given)
    doc["BillableStatus"] = doc.get("BillableStatus") or "NotBillable"
    if doc["BillableStatus"] == "Billable" and not ref_id(doc, "CustomerRef"):
        raise refuse("6310", "A customer is required if the transaction is billable.", "CustomerRef")
    doc["Taxable"] = bool(doc.get("Taxable"))
    doc["HourlyRate"] = doc.get("HourlyRate") or 0
    doc["Hours"], doc["Minutes"] = doc.get("Hours") or 0, doc.get("Minutes") or 0
    doc.setdefault("LinkedTxn", [])
    item = company.find("Item", ref_id(doc, "ItemRef"))
    if item is not None and not doc["HourlyRate"]:
        doc["HourlyRate"] = item.body.get("UnitPrice") or 0


def _check_person(doc: Doc) -> None:
    if doc["NameOf"] not in PEOPLE:
        raise refuse("6300", f"The name must be Employee or Vendor: {doc['NameOf']}", "NameOf")
    own, other = (f"{kind}Ref" for kind in (doc["NameOf"], PEOPLE[doc["NameOf"] == "Employee"]))
    if not ref_id(doc, own):
        raise Refusal(missing(own))
    if ref_id(doc, other):
        raise refuse("6290", f"Either an employee or a vendor, not both: {ref_id(doc, other)}", other)


def _check_length(doc: Doc, before: Doc | None, given: set[str]) -> None:
    """A length, or a start and an end, which then make the length."""
    problem = _problem_of_parts(doc) or _problem_of_choice(doc, before, given)
    if problem is not None:
        raise Refusal(problem)
    if doc.get("StartTime"):
        worked = _worked(doc)
        minutes, seconds = divmod(int(worked.total_seconds()), 60)
        doc["Hours"], doc["Minutes"] = divmod(minutes, 60)
        doc["Seconds"] = seconds or doc.get("Seconds")


def _problem_of_parts(doc: Doc) -> Problem | None:
    for name in (*LENGTH, *BREAK):
        value = int(doc.get(name) or 0)
        if value < 0 or (not name.endswith("Hours") and value > MOST_OF_A_PART):
            return Problem("6340", f"You must specify a time (hours:minutes): {name} {value}", name)
        if value > MOST_HOURS:
            return Problem("6380", f"The time duration isn't within the valid range: {value}", name)
    return None


def _problem_of_choice(doc: Doc, before: Doc | None, given: set[str]) -> Problem | None:
    """Both are refused on creation; a later change may carry along what was computed."""
    span, length = bool(doc.get("StartTime") or doc.get("EndTime")), any(doc.get(name) for name in LENGTH)
    if before is None and span and given & {name for name in LENGTH if doc.get(name)}:
        return Problem("6390", "Specify a total elapsed time (hours:minutes) or the start and end time", "Hours")
    if not span and not length and not any(name in given for name in LENGTH):
        return Problem("6350", "Time (hours:minutes) is missing", "Hours")
    return None


def _worked(doc: Doc) -> timedelta:
    start, end = doc["StartTime"], doc.get("EndTime")
    try:
        length = datetime.fromisoformat(str(end)) - datetime.fromisoformat(str(start))
    except (ValueError, TypeError):
        raise refuse("6360", f"Enter a valid start and end time: {start} {end}", "StartTime") from None
    if length < timedelta(0):
        raise refuse("6370", f"The start time is after end time: {start} {end}", "StartTime")
    hours, minutes, seconds = (int(doc.get(name) or 0) for name in BREAK)
    worked = length - timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if worked < timedelta(0):
        raise refuse("6360", "Make sure break times aren't longer than the elapsed time", "BreakHours")
    return worked
