"""Workbooks as spreadsheets write them: exact numbers, dates of both systems, formulas, odd places (register.md)."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from register_samples import GRIDS, Value, content, kinds, part, rezip, write_xlsx
from xlsxwriter import Workbook

from qbo_milestones.adapters.registers import xlsx
from qbo_milestones.adapters.registers.template import template
from qbo_milestones.errors import BadSettings
from qbo_milestones.pipeline.register import check


@pytest.mark.parametrize("options", [{"date_1904": True}, {"constant_memory": True}])
def test_the_way_a_workbook_is_kept_does_not_matter(tmp_path: Path, options: dict[str, bool]) -> None:
    """Both date systems; shared and inline strings."""
    plain = xlsx.read(write_xlsx(tmp_path / "plain.xlsx"))
    assert content(xlsx.read(write_xlsx(tmp_path / "other.xlsx", options=options))) == content(plain)
    assert plain.deliverables[0].target_date == date(2026, 3, 1)
    assert str(plain.sign_offs["d-1"][0].signed_time) == "14:30:00"
    assert plain.sign_offs["2026-10"][0].signed_time is None


def test_numbers_are_the_decimals_that_the_sheet_shows(tmp_path: Path) -> None:
    """A sheet keeps binary floats; their shortest decimal is what was typed."""
    amounts = ["0.1", "1234.56", "1e3", "8999999999999.99", "4.35"]
    grid: list[tuple[Value, ...]] = [
        ("Deliverable ID", "Contract", "Amount"),
        *((f"D-{a}", "SOW-1", Decimal(a)) for a in amounts),
    ]
    found = xlsx.read(write_xlsx(tmp_path / "r.xlsx", {**GRIDS, "Deliverables": grid}))
    assert [it.amount and it.amount.amount for it in found.deliverables] == [Decimal(a) for a in amounts]


def test_spreadsheets_own_noise_in_a_number_is_not_money(tmp_path: Path) -> None:
    """What Excel writes for 1234.56 is read as that; the noise of a sum is an error, never rounded away."""
    path = write_xlsx(tmp_path / "r.xlsx")
    sheet = part(path, "xl/worksheets/sheet2.xml")
    for written, amount in ((b"1234.5599999999999", "1,234.56 USD"), (b"1234.5600000000002", "None")):
        rezip(path, {"xl/worksheets/sheet2.xml": sheet.replace(b"<v>1234.56</v>", b"<v>" + written + b"</v>")})
        assert str(xlsx.read(path).deliverables[0].amount) == amount


@pytest.mark.parametrize("value", [b"NaN", b"INF", b"-inf", b"1E308", b"1E-300"])
def test_numbers_that_are_none(tmp_path: Path, value: bytes) -> None:
    path = write_xlsx(tmp_path / "r.xlsx")
    sheet = part(path, "xl/worksheets/sheet2.xml").replace(b"<v>1234.56</v>", b"<v>" + value + b"</v>")
    rezip(path, {"xl/worksheets/sheet2.xml": sheet})
    row = xlsx.read(path).deliverables[0]
    assert row.amount is None
    assert kinds(row.problems) == ["BAD_AMOUNT"]


def test_formulas_are_read_by_their_result_and_reported_with_their_cell(tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    with Workbook(str(path)) as book:
        sheet = book.add_worksheet("Deliverables")
        sheet.merge_range(0, 1, 0, 4, "A title")
        for column, header in enumerate(("Deliverable ID", "Contract", "Amount", "Output"), 2):
            sheet.write_string(3, column, header)
        sheet.write_string(4, 2, "D-1")
        sheet.write_string(4, 3, "SOW-1")
        sheet.write_formula(4, 4, "=SUM(1,2)", value=3)
        sheet.write_formula(4, 5, '="x"&"y"', value="xy")
        contracts = book.add_worksheet("Contracts")
        for column, (header, value) in enumerate((("Contract", "SOW-1"), ("Currency", "USD"), ("Customer", "A"))):
            contracts.write_string(0, column, header)
            contracts.write_string(1, column, value)
    (row,) = xlsx.read(path).deliverables
    assert (row.row, str(row.amount), row.output) == (5, "3.00 USD", "xy")
    assert kinds(row.problems) == ["FORMULA"]
    assert "E5" in row.problems[0].sentence


def test_formulas_are_found_in_cells_that_do_not_say_where_they_are(tmp_path: Path) -> None:
    """The address of a cell is optional: then it follows the one before."""
    path = write_xlsx(tmp_path / "r.xlsx")
    sheet = part(path, "xl/worksheets/sheet2.xml").replace(b"<v>1234.56</v>", b"<f>1+1</f><v>1234.56</v>")
    bare = re.sub(rb'<c r="[A-Z]+[0-9]+"', b"<c", sheet)
    assert bare != sheet
    rezip(path, {"xl/worksheets/sheet2.xml": bare})
    (problem,) = (it for it in xlsx.read(path).deliverables[0].problems if it.kind == "FORMULA")
    assert "F2" in problem.sentence


def test_a_cell_that_shows_an_error_is_empty(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "r.xlsx")
    sheet = part(path, "xl/worksheets/sheet2.xml")
    changed = sheet.replace(b'<c r="F2"><v>1234.56</v>', b'<c r="F2" t="e"><f>1/0</f><v>#DIV/0!</v>')
    assert changed != sheet
    rezip(path, {"xl/worksheets/sheet2.xml": changed})
    row = xlsx.read(path).deliverables[0]
    assert (row.amount, kinds(row.problems)) == (None, ["FORMULA"])


def test_a_sheet_may_begin_anywhere(tmp_path: Path) -> None:
    """Empty columns on the left and empty rows above count for places, not for reading."""
    shifted = {name: [(), *((None, None, *row) for row in grid)] for name, grid in GRIDS.items()}
    found = xlsx.read(write_xlsx(tmp_path / "r.xlsx", shifted))
    assert [it.row for it in found.deliverables] == [3, 4, 5, 6]
    assert [it.id for it in found.deliverables] == ["D-1", "1E5", "2026-10", "D-2"]


def test_the_template_reads_back_with_its_three_rows_and_no_problem(tmp_path: Path) -> None:
    """R33, R35: the example rows, with their criteria, approvers, triggers and fallbacks."""
    template(tmp_path / "new.xlsx")
    found = xlsx.read(tmp_path / "new.xlsx")
    assert check(found) == ()
    assert [(it.name, it.type, it.billable, it.trigger) for it in found.deliverables] == [
        ("Scope baseline package", "deliverable", "yes", "acceptance"),
        ("Staging release milestone", "deliverable", "yes", "deemed"),
        ("Internal QA gate", "control", "no", "none"),
    ]
    assert [it.fallback for it in found.deliverables] == [
        "no invoice; log gaps and resubmit",
        "keep pending; remediate and re-review",
        "block downstream milestone until resolved",
    ]
    (contract,) = found.contracts["sow-2026-001"]
    fixed, share = found.deliverables[0].amount, found.deliverables[1].percent
    assert contract.value is not None
    assert fixed is not None
    assert share is not None
    assert fixed.amount + contract.value.amount * share / 100 == contract.value.amount


def test_the_template_has_notes_drop_downs_and_a_frozen_header(tmp_path: Path) -> None:
    path = tmp_path / "new.xlsx"
    template(path)
    sheet = part(path, "xl/worksheets/sheet2.xml")
    assert b'state="frozen"' in sheet
    assert sheet.count(b"<dataValidation ") == 3
    assert b"The trace key" in part(path, "xl/comments2.xml")


def test_the_template_overwrites_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    path.write_bytes(b"mine")
    for wrong in (path, tmp_path / "x.csv", tmp_path / "no" / "x.xlsx"):
        with pytest.raises(BadSettings):
            template(wrong)
    assert path.read_bytes() == b"mine"
