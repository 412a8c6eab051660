"""An empty register to fill in: four sheets with notes, drop-downs and the three example rows of the requirements."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from qbo_milestones.errors import BadSettings
from qbo_milestones.pipeline.reading.columns import CHANGES, CONTRACTS, DELIVERABLES, FORMS, SIGN_OFFS, Column, Form

Value = str | Decimal | date
_PREPARED = 5_000  # rows that have drop-downs
_INK, _PAPER, _REQUIRED, _OPTIONAL = "#1F2937", "#FFFFFF", "#1F4E79", "#5B7C99"
_TABS = {CONTRACTS: "#1F4E79", DELIVERABLES: "#2E7D32", SIGN_OFFS: "#B26A00", CHANGES: "#6A4C93"}
# Percentages are text on purpose: a sheet stores 100% as 1, which cannot be told from 1% (ruling 40).
_AS_TEXT = frozenset(("id", "ids", "percent", "sha256", "text", "word", "currency", "delegates"))
_NUMBERS = {"day": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm", "amount": "#,##0.00", "whole": "0", "count": "0"}
_WIDTHS = {"day": 13, "moment": 18, "amount": 15, "whole": 10, "count": 12, "word": 16, "currency": 10, "percent": 10}
_WIDE = {
    "acceptance_test": 44,
    "output": 34,
    "fallback": 38,
    "partial_acceptance": 38,
    "disputes": 38,
    "change_process": 38,
    "name": 28,
    "customer": 26,
    "approver": 32,
    "delegates": 34,
    "statement": 40,
    "description": 44,
    "defects": 36,
    "sha256": 66,
}

_EXAMPLE_CONTRACT: Mapping[str, Value] = {
    "reference": "SOW-2026-001",
    "version": Decimal(1),
    "effective_from": date(2026, 1, 5),
    "customer": "Example Client Inc.",
    "currency": "USD",
    "value": Decimal(20000),
    "document": "contracts/SOW-2026-001.pdf",
    "signed_on": date(2026, 1, 5),
    "signed_by": "Dana Reyes",
    "terms": "Net 30",
    "po_number": "PO-4711",
    "profile": "unbilled",
    "revenue_policy": "point_in_time_acceptance",
    "window": Decimal(5),
    "deemed_clause": "section 7.3",
    "calendar": "US",
    "time_zone": "America/New_York",
    "partial_acceptance": "section 7.4: the accepted part is split off in writing",
    "disputes": "section 12: written notice within 10 business days",
    "change_process": "section 9: written change request, decided on scope and fee",
    "risk": "normal",
    "owner": "Robin Hale",
}
_SHARED: Mapping[str, Value] = {"contract": "SOW-2026-001", "contract_version": Decimal(1), "revision": Decimal(1)}
_EXAMPLE_DELIVERABLES: Sequence[Mapping[str, Value]] = (
    {
        **_SHARED,
        "id": "D-101",
        "milestone": "M1 Scope",
        "name": "Scope baseline package",
        "type": "deliverable",
        "output": "deliverables/scope-baseline.pdf",
        "acceptance_test": "required deliverables submitted and written approval recorded",
        "approver": "Dana Reyes (client approver)",
        "billable": "yes",
        "trigger": "acceptance",
        "fallback": "no invoice; log gaps and resubmit",
        "amount": Decimal(8000),
        "target_date": date(2026, 2, 27),
        "owner": "Robin Hale",
    },
    {
        **_SHARED,
        "id": "D-102",
        "milestone": "M2 Staging",
        "name": "Staging release milestone",
        "type": "deliverable",
        "output": "https://staging.example.com",
        "acceptance_test": "acceptance criteria met in staging and sign-off recorded",
        "approver": "Sam Ortiz (client product owner)",
        "delegates": "Kim Lee 2026-03-01..2026-03-31",
        "billable": "yes",
        "trigger": "deemed",
        "fallback": "keep pending; remediate and re-review",
        "percent": "60%",
        "target_date": date(2026, 4, 30),
        "blocked_by": "QA-101",
        "owner": "Robin Hale",
    },
    {
        **_SHARED,
        "id": "QA-101",
        "milestone": "M2 Staging",
        "name": "Internal QA gate",
        "type": "control",
        "output": "internal review record",
        "acceptance_test": "internal review completed",
        "approver": "Lee Brandt (delivery lead)",
        "billable": "no",
        "trigger": "none",
        "fallback": "block downstream milestone until resolved",
        "target_date": date(2026, 4, 20),
        "owner": "Lee Brandt",
    },
)
_EXAMPLES: Mapping[Form, Sequence[Mapping[str, Value]]] = {
    CONTRACTS: (_EXAMPLE_CONTRACT,),
    DELIVERABLES: _EXAMPLE_DELIVERABLES,
}


def template(path: Path) -> None:
    """Write an empty register with the example rows (R33, R35). Raises BadSettings rather than overwrite a file."""
    if path.suffix.casefold() != ".xlsx":
        raise BadSettings(f"{path.name} is not an .xlsx name; give the template one")
    if path.exists():
        raise BadSettings(f"{path} exists and is not overwritten; name another file")
    if not path.parent.is_dir():
        raise BadSettings(f"there is no folder {path.parent}; make it first")
    with Workbook(str(path)) as workbook:
        workbook.set_properties({"title": "Milestone acceptance register"})
        for form in FORMS:
            _write_sheet(workbook, form)


def _write_sheet(workbook: Workbook, form: Form) -> None:
    sheet = workbook.add_worksheet(form.name)
    sheet.set_tab_color(_TABS[form])
    sheet.freeze_panes(1, 1)
    sheet.set_row(0, 32)
    sheet.set_comments_author("Register")
    columns = [column for column in form.columns if column.kind != "share"]
    for index, column in enumerate(columns):
        _write_column(workbook, sheet, index, column)
        for row, example in enumerate(_EXAMPLES.get(form, ()), 1):
            if column.field in example:
                _write_cell(sheet, row, index, example[column.field], _body(workbook, column))
    sheet.autofilter(0, 0, _PREPARED, len(columns) - 1)


def _write_column(workbook: Workbook, sheet: Worksheet, index: int, column: Column) -> None:
    width = _WIDE.get(column.field) or max(_WIDTHS.get(column.kind, 22), len(column.name) + 3)
    sheet.set_column(index, index, width, _body(workbook, column))
    sheet.write_string(0, index, column.name, _head(workbook, column))
    required = "\nExpected." if column.expected else ""
    sheet.write_comment(0, index, f"{column.meaning}{required}", {"x_scale": 1.8, "y_scale": 0.9, "font_size": 9})
    if column.choices:
        sheet.data_validation(
            1,
            index,
            _PREPARED,
            index,
            {
                "validate": "list",
                "source": list(column.choices),
                "error_title": column.name,
                "error_message": "Choose one of: " + ", ".join(column.choices),
            },
        )


def _head(workbook: Workbook, column: Column) -> Format:
    return workbook.add_format(
        {
            "bold": True,
            "font_color": _PAPER,
            "bg_color": _REQUIRED if column.expected else _OPTIONAL,
            "text_wrap": True,
            "valign": "vcenter",
            "border": 1,
            "border_color": _PAPER,
        }
    )


def _body(workbook: Workbook, column: Column) -> Format:
    number = "@" if column.kind in _AS_TEXT else _NUMBERS[column.kind]
    return workbook.add_format({"num_format": number, "valign": "top", "text_wrap": True, "font_color": _INK})


def _write_cell(sheet: Worksheet, row: int, index: int, value: Value, look: Format) -> None:
    # Never the general write(): it would make a formula of a text that begins with "=".
    match value:
        case str():
            sheet.write_string(row, index, value, look)
        case Decimal():
            sheet.write_number(row, index, value, look)
        case date():
            sheet.write_datetime(row, index, value, look)
