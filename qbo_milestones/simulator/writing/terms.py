"""When a document is due, by its term."""

from datetime import date, timedelta

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.refs import ref_id


def due_date(company: Company, doc: Doc, preferred: str = "VendorAndPurchasesPrefs") -> str:
    """TxnDate plus the days of the term, or the day of the month that it names; without one, by the company's own."""
    day = date.fromisoformat(doc["TxnDate"])
    own = company.fetch("Preferences", "1").body.get(preferred) or {}
    record = company.find("Term", ref_id(doc, "SalesTermRef") or ref_id(own, "DefaultTerms"))
    if record is None:
        return day.isoformat()
    if record.body.get("DayOfMonthDue"):
        return _day_of_month(day, int(record.body["DayOfMonthDue"]), int(record.body.get("DueNextMonthDays") or 0))
    return (day + timedelta(days=int(record.body.get("DueDays") or 0))).isoformat()


def _day_of_month(day: date, due_day: int, grace_days: int) -> str:
    due = _in_month(day.year, day.month, due_day)
    if due < day + timedelta(days=grace_days) or due < day:
        due = _in_month(day.year + day.month // 12, day.month % 12 + 1, due_day)
    return due.isoformat()


def _in_month(year: int, month: int, day: int) -> date:
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day, last))
