"""CSV as it really comes: encodings, delimiters, quotes (register.md)."""

from pathlib import Path

import pytest
from register_samples import GRIDS, content, kinds, write_csv

from qbo_milestones.adapters.registers import csv_folder
from qbo_milestones.adapters.registers.limits import Limits
from qbo_milestones.adapters.registers.source import read
from qbo_milestones.errors import BadSettings
from qbo_milestones.pipeline.register import Register, check


def one(tmp_path: Path, text: str | bytes) -> Register:
    file = tmp_path / "register.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(str(file))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiter_and_encoding_are_found_out(tmp_path: Path, delimiter: str, encoding: str) -> None:
    plain = read(str(write_csv(tmp_path / "plain")))
    found = read(str(write_csv(tmp_path / "other", delimiter=delimiter, encoding=encoding)))
    assert content(found) == content(plain)


def test_windows_1252_is_read_with_a_warning(tmp_path: Path) -> None:
    found = read(str(write_csv(tmp_path / "old", encoding="cp1252")))
    assert found.contracts["007"][0].customer == "Bücher & Co"
    warnings = [it for it in found.problems if it.kind == "BAD_ENCODING"]
    assert [(it.place.sheet, it.warning) for it in warnings] == [("Contracts", True)]


def test_text_that_is_neither_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="neither UTF-8 nor Windows-1252"):
        one(tmp_path, b"Deliverable ID,Contract\nD-\x81,SOW\n")
    with pytest.raises(BadSettings, match="UTF-16"):
        one(tmp_path, b"\xff\xfeD\x00\x00\xd8x")


def test_excels_first_line_names_the_delimiter(tmp_path: Path) -> None:
    found = one(tmp_path, "sep=;\nDeliverable ID;Output\nD-1;a,b,c\n")
    assert [(it.id, it.output, it.row) for it in found.deliverables] == [("D-1", "a,b,c", 2)]


def test_quoted_line_ends_stay_in_their_cell_and_count_as_one_row(tmp_path: Path) -> None:
    found = one(tmp_path, 'Deliverable ID,Acceptance test\r\nD-1,"1. a\r\n2. ""b"""\r\n\r\nD-2,x\r\n')
    assert [(it.row, it.acceptance_test) for it in found.deliverables] == [(2, '1. a\n2. "b"'), (4, "x")]


@pytest.mark.parametrize("broken", ['D-1,"never closed\nD-2,x\n', 'D-1,"a" b\nD-2,x\n'])
def test_broken_quotes_stop_the_file_rather_than_swallow_rows(tmp_path: Path, broken: str) -> None:
    """A sign-off or a change swallowed by an open quote would be billed or held without a word."""
    with pytest.raises(BadSettings, match="quotes are broken"):
        one(tmp_path, "Deliverable ID,Output\n" + broken)


def test_nul_and_control_characters_are_errors_of_their_cell(tmp_path: Path) -> None:
    found = one(tmp_path, "Deliverable ID,Output\nD-\x001,x\nD-2,a\x00b\nD-3,ok\n")
    assert [it.id for it in found.deliverables] == ["D-2", "D-3"]
    assert kinds(check(found)) == ["BAD_ID", "BAD_TEXT"]


def test_what_a_spreadsheet_would_run_is_only_text_here(tmp_path: Path) -> None:
    """reliability.md section 4: formula injection."""
    found = one(tmp_path, 'Deliverable ID,Output,Amount\n=cmd|calc,"=HYPERLINK(""http://x"")",=1+2\n')
    assert found.deliverables[0].id == "=cmd|calc"
    assert found.deliverables[0].output == '=HYPERLINK("http://x")'
    assert kinds(found.deliverables[0].problems) == ["BAD_AMOUNT"]


def test_bounds(tmp_path: Path) -> None:
    folder = write_csv(tmp_path / "f", GRIDS)
    with pytest.raises(BadSettings, match="larger than 100 bytes"):
        csv_folder.read(folder, limits=Limits(unpacked_bytes=100))
    with pytest.raises(BadSettings, match=r"Deliverables\.csv has more than 3 rows"):
        csv_folder.read(folder, limits=Limits(rows=3))


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    folder = write_csv(tmp_path / "f", GRIDS)
    (folder / "Huge export.csv").write_bytes(b"\x81\xff" * 100)
    (folder / "notes.txt").write_text("x")
    assert len(read(str(folder)).deliverables) == 4
