"""The frame of every report: its header, columns, cells, rows and sections (quickbooks-online.md 6.6)."""

from collections.abc import Iterable, Sequence

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.reports.periods import ALWAYS
from qbo_milestones.simulator.reports.questions import Question
from qbo_milestones.simulator.reports.specs import Content, Spec

BLANK: Doc = {"value": ""}
NOTHING: Doc = {"value": "", "id": ""}
NO_DATE = "0-00-00"
"""What a missing date looked like before Reports v2."""
FILTER_NAMES = {
    "customer": "Customer", "vendor": "Vendor", "employee": "Employee", "item": "Item", "class": "Class",
    "department": "Department",
}  # fmt: skip
"""Parameter -> the name under which the header repeats it."""


def amount(cents: int) -> str:
    """``1234.50``, as the summaries write money."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def short_amount(cents: int) -> str:
    """``.50``, as the details write money: no zero before the point."""
    sign, whole = "-" if cents < 0 else "", abs(cents) // 100
    return f"{sign}{whole or ''}.{abs(cents) % 100:02d}"


def cell(value: str, object_id: str = "") -> Doc:
    """One cell, with the Id of what it names."""
    return {"value": value, "id": object_id} if object_id else {"value": value}


def money_cells(amounts: Iterable[int | None], blank: str = "") -> list[Doc]:
    """Cells of a summary; ``blank`` is written where there is nothing."""
    return [{"value": blank if each is None else amount(each)} for each in amounts]


def column(title: str, kind: str, key: str, more: Sequence[tuple[str, str]] = ()) -> Doc:
    """One column; ``more`` is what its MetaData says beside the key."""
    pairs = [*more, ("ColKey", key)]
    return {"ColTitle": title, "ColType": kind, "MetaData": [{"Name": name, "Value": value} for name, value in pairs]}


def data(cells: list[Doc], **more: str) -> Doc:
    """A row of figures inside a section."""
    return {"ColData": cells, "type": "Data", **more}


def section(rows: list[Doc] | None, summary: list[Doc] | None, header: list[Doc] | None = None, group: str = "") -> Doc:
    """A section: header, rows, summary, each only where there is one."""
    made: Doc = {"Header": {"ColData": header}} if header else {}
    if rows is not None:
        made["Rows"] = {"Row": rows} if rows else {}
    if summary is not None:
        made["Summary"] = {"ColData": summary}
    made["type"] = "Section"
    return {**made, "group": group} if group else made


def grand_total(cells: list[Doc]) -> Doc:
    """The last row of a list of figures."""
    return section(None, [cell("TOTAL"), *cells], group="GrandTotal")


def header(company: Company, spec: Spec, question: Question, empty: bool) -> Doc:
    """What the report is about: only what was asked, or taken for granted, is repeated."""
    made: Doc = {
        "Time": company.clock.now().astimezone(company.zone).isoformat(timespec="seconds"), "ReportName": spec.name,
    }  # fmt: skip
    if question.macro and spec.says_period:
        made["DateMacro"] = question.macro
    if spec.says_basis:
        made["ReportBasis"] = question.basis
    if question.period != ALWAYS:
        made |= {"StartPeriod": question.period.start, "EndPeriod": question.period.end}
    if spec.says_split:
        made["SummarizeColumnsBy"] = question.split
    made["Currency"] = company.home_currency()
    filters = {shown: ",".join(sorted(question.filters[name])) for name, shown in FILTER_NAMES.items()
               if name in question.filters}  # fmt: skip
    return {**made, **filters, "Option": _options(spec, question, empty)}


def _options(spec: Spec, question: Question, empty: bool) -> list[Doc]:
    options = [("AccountingStandard", "GAAP")] if spec.says_standard else []
    options += [("report_date", question.day)] if spec.on_a_day else []
    return [{"Name": name, "Value": value} for name, value in [*options, ("NoReportData", str(empty).lower())]]


def report_body(company: Company, spec: Spec, question: Question, content: Content) -> Doc:
    """The whole report; without rows, ``Rows`` is empty."""
    return {
        "Header": header(company, spec, question, content.empty), "Columns": {"Column": content.columns},
        "Rows": {"Row": content.rows} if content.rows else {},
    }  # fmt: skip
