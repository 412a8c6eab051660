"""Workbook, CSV folder and database give the same register, and ids survive each of them (register.md)."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from register_samples import DELIVERABLES, GRIDS, Grids, content, kinds, write_csv, write_sql, write_xlsx

from qbo_milestones.adapters.registers.source import read
from qbo_milestones.errors import BadSettings
from qbo_milestones.pipeline.reading.cells import ReadingRules
from qbo_milestones.pipeline.register import check


def test_all_forms_of_a_register_give_the_same_register(tmp_path: Path) -> None:
    """R1, R33: nothing of the rows depends on how they are kept."""
    workbook = read(str(write_xlsx(tmp_path / "register.xlsx")))
    folder = read(str(write_csv(tmp_path / "folder")))
    database = read(write_sql(tmp_path / "register.db"))
    assert content(workbook) == content(folder)
    assert content(workbook) == content(database)
    assert [it.id for it in workbook.deliverables] == ["D-1", "1E5", "2026-10", "D-2"]
    assert kinds(check(workbook)) == ["BAD_AMOUNT"]
    assert workbook.deliverables[1].acceptance_test == "=1+2"
    assert workbook.contracts["007"][0].customer == "Bücher & Co"


def test_one_sheet_in_any_form_gives_the_same_register(tmp_path: Path) -> None:
    """Ruling 43."""
    headers = (*DELIVERABLES[0], "Customer", "Currency", "Contract value", "Decision", "Signed by")
    first = (*DELIVERABLES[1], "Acme", "USD", Decimal(5000), "accepted", "Dana")
    grids = {"Sheet1": (headers, first)}
    workbook = read(str(write_xlsx(tmp_path / "one.xlsx", grids)))
    file = read(str(write_csv(tmp_path / "folder", grids) / "Sheet1.csv"))
    assert content(workbook) == content(file)
    assert str(workbook.contracts["sow-1"][0].value) == "5,000.00 USD"
    assert set(workbook.sign_offs) == {"d-1"}


def test_a_source_is_named_and_hashed(tmp_path: Path) -> None:
    workbook, folder = write_xlsx(tmp_path / "register.xlsx"), write_csv(tmp_path / "folder")
    assert read(str(workbook)).source == "register.xlsx"
    hashes = {read(str(workbook)).sha256, read(str(folder)).sha256}
    with (folder / "Changes.csv").open("a") as file:
        file.write("C-2,SOW-1,declined,\n")
    hashes.add(read(str(folder)).sha256)
    assert {len(it) for it in hashes} == {64}
    assert len(hashes) == 3


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("nowhere.xlsx", "there is no register"),
        ("empty", "holds no .csv file"),
        ("text.txt", "not an .xlsx workbook"),
        ("register.xlsm", "without macros"),
        ("sqlite:///nowhere.db", "there is no database"),
        ("oracle+nothing://user:hunter2@host/db", "no driver"),
        ("://", "cannot be read"),
    ],
)
def test_a_source_that_cannot_be_read_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    for name in ("text.txt", "register.xlsm"):
        (tmp_path / name).write_text("x")
    with pytest.raises(BadSettings, match=said) as refused:
        read(source)
    assert "hunter2" not in str(refused.value)
    assert not (tmp_path / "nowhere.db").exists()


def test_a_sheet_that_is_not_understood_stops_the_register(tmp_path: Path) -> None:
    """R28: changes that cannot be read would let through what they hold back."""
    grids: Grids = {**GRIDS, "Changes": (("Ref", "What"), ("C-1", "undecided"))}
    for source in (write_xlsx(tmp_path / "r.xlsx", grids), write_csv(tmp_path / "f", grids)):
        with pytest.raises(BadSettings, match="Changes: no header row") as refused:
            read(str(source))
        assert "Change ID" in str(refused.value)
        assert "'Ref', 'What'" in str(refused.value)


def test_wrong_rules_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="no column 'Colour'"):
        read(str(tmp_path), ReadingRules(columns={"Deliverables": {"Colour": "x"}}))


IDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_categories=["Cc", "Cf", "Cs", "Zs", "Zl", "Zp"]),
    min_size=1,
    max_size=60,
).filter(lambda it: not it.startswith("\ufeff"))
ODD = st.sampled_from(
    ["007", "1E5", "2026-10", "=1+2", "TRUE", "1,234", '"x"', "'x", "-1", "+1", "@x", "#N/A", "0x10", ";"]
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(IDS | ODD, min_size=1, max_size=20, unique_by=lambda it: "".join(it.split()).casefold()))
def test_ids_survive_every_form(ids: list[str]) -> None:
    """R54: the id of the sheet is the id of the invoice, character by character."""
    grid = [("Deliverable ID", "Contract"), *((id_, "SOW-1") for id_ in ids)]
    with TemporaryDirectory() as folder:
        csv_folder = read(str(write_csv(Path(folder) / "csv", {"Deliverables": grid})))
        workbook = read(str(write_xlsx(Path(folder) / "r.xlsx", {"Deliverables": grid})))
    assert content(csv_folder) == content(workbook)
    kept = {it.id for it in workbook.deliverables}
    doubles = {row for it in workbook.problems if it.kind == "DUPLICATE_ID" for row in [it.place.row]}
    longer = {it.place.row for it in workbook.problems if it.kind == "BAD_ID"}
    assert kept == {id_ for row, id_ in enumerate(ids, 2) if row not in doubles | longer}


def test_rows_keep_their_numbers_in_every_form(tmp_path: Path) -> None:
    """Empty rows and titles count, as a person counts them."""
    grid = [("A title",), (), *DELIVERABLES[:2], (), DELIVERABLES[2]]
    grids: Grids = {**GRIDS, "Deliverables": grid}
    workbook = read(str(write_xlsx(tmp_path / "r.xlsx", grids)))
    folder = read(str(write_csv(tmp_path / "f", grids)))
    assert [it.row for it in workbook.deliverables] == [4, 6]
    assert replace(content(workbook), problems=()) == replace(content(folder), problems=())
