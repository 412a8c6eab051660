"""Workbooks that mean harm, or are past a bound, are refused with the reason (reliability.md section 4)."""

import os
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from register_samples import part, rezip, write_xlsx

from qbo_milestones.adapters.registers import xlsx, xlsx_package
from qbo_milestones.adapters.registers.limits import Limits
from qbo_milestones.errors import BadSettings

SHEET = "xl/worksheets/sheet2.xml"


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    return write_xlsx(tmp_path / "register.xlsx")


def refused(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(BadSettings) as found:
        xlsx.read(path, limits=limits)
    assert path.stem in str(found.value)
    return str(found.value)


def test_a_zip_bomb(workbook: Path) -> None:
    rezip(workbook, {SHEET: part(workbook, SHEET).replace(b"</sheetData>", b" " * 30_000_000 + b"</sheetData>")})
    assert "zip bomb" in refused(workbook)


def test_more_than_may_be_unpacked(workbook: Path) -> None:
    assert "unpacks to more than 1,000 bytes" in refused(workbook, Limits(unpacked_bytes=1_000))


def test_a_large_file(workbook: Path) -> None:
    assert "larger than 1,000 bytes" in refused(workbook, Limits(file_bytes=1_000))


def test_many_parts(workbook: Path) -> None:
    rezip(workbook, {f"xl/extra{i}.bin": b"" for i in range(2_001)})
    assert "more than 2,000 parts" in refused(workbook)


def test_a_zip_directory_that_lies_about_a_size(workbook: Path) -> None:
    """The directory says 100 bytes, and even has their checksum; 30 MB would come out."""
    bomb = part(workbook, SHEET).replace(b"</sheetData>", b" " * 30_000_000 + b"</sheetData>")
    rezip(workbook, {SHEET: bomb})
    with zipfile.ZipFile(workbook) as package:
        entry = package.getinfo(SHEET)
    raw = bytearray(workbook.read_bytes())
    lie = struct.pack("<L", zlib.crc32(bomb[:100])), struct.pack("<L", 100)
    central = raw.index(b"PK\x01\x02", entry.header_offset)
    while raw[central + 46 : central + 46 + len(SHEET)] != SHEET.encode():
        central = raw.index(b"PK\x01\x02", central + 4)
    for place, crc in ((entry.header_offset, 14), (central, 16)):
        raw[place + crc : place + crc + 4] = lie[0]
        raw[place + crc + 8 : place + crc + 12] = lie[1]
    workbook.write_bytes(raw)
    assert "more than its directory says" in refused(workbook)


def test_a_zip_directory_that_promises_more(workbook: Path) -> None:
    raw = bytearray(workbook.read_bytes())
    central = raw.index(b"PK\x01\x02")
    raw[central + 24 : central + 28] = struct.pack("<L", struct.unpack("<L", raw[central + 24 : central + 28])[0] + 1)
    workbook.write_bytes(raw)
    assert "less than its directory says" in refused(workbook)


def test_two_parts_of_one_name(workbook: Path) -> None:
    with zipfile.ZipFile(workbook, "a") as package, pytest.warns(UserWarning, match="Duplicate"):
        package.writestr(SHEET, b"<worksheet/>")
    assert "two parts of one name" in refused(workbook)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"xl/vbaProject.bin": b"x"}, "macros"),
        ({"xl/externalLinks/externalLink1.xml": b"<a/>"}, "links to other workbooks"),
        ({"EncryptedPackage": b"x"}, "encrypted"),
        ({"xl/workbook.xml": None}, "cannot? be read|not a workbook"),
        ({SHEET: b"<worksheet"}, "save it again"),
        ({"xl/_rels/workbook.xml.rels": b"<<"}, "damaged"),
        ({SHEET: "<worksheet/>".encode("utf-16")}, "not UTF-8"),
    ],
)
def test_parts_that_a_register_may_not_have(workbook: Path, change: dict[str, bytes | None], said: str) -> None:
    rezip(workbook, change)
    with pytest.raises(BadSettings, match=said):
        xlsx.read(workbook)


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'


@pytest.mark.parametrize("name", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"])
def test_entities(workbook: Path, name: str) -> None:
    head, _, rest = part(workbook, name).partition(b"?>")
    rezip(workbook, {name: head + b"?>" + ENTITIES + rest})
    assert "document type definition" in refused(workbook)


def test_entities_across_the_border_of_two_pieces(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_package, "_CHUNK", 1)
    head, _, rest = part(workbook, SHEET).partition(b"?>")
    for padding in range(16):
        rezip(workbook, {SHEET: head + b"?>" + b" " * padding + b"<!DOCTYPE x>" + rest})
        with pytest.raises(xlsx_package.Unfit, match="document type definition"):
            xlsx_package.inspect(str(workbook), Limits())


def test_an_encrypted_workbook(tmp_path: Path) -> None:
    path = tmp_path / "secret.xlsx"
    path.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 4_096)
    assert "encrypted" in refused(path)


def test_a_zip_with_a_password(workbook: Path) -> None:
    raw = bytearray(workbook.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    workbook.write_bytes(raw)
    assert "encrypted" in refused(workbook)


@pytest.mark.parametrize("name", ["macros.xlsm", "old.xls", "binary.xlsb", "open.ods", "none"])
def test_other_kinds_of_workbooks(workbook: Path, name: str) -> None:
    path = workbook.rename(workbook.with_name(name))
    assert "not an .xlsx" in refused(path)


def test_what_is_no_zip_at_all(tmp_path: Path) -> None:
    for content in (b"", b"hello", b"PK\x03\x04" + b"\0" * 100):
        path = tmp_path / "r.xlsx"
        path.write_bytes(content)
        assert "damaged or not a workbook" in refused(path)


def test_a_folder_or_pipe_is_no_workbook(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    (tmp_path / "folder.xlsx").mkdir()
    assert "not a file" in refused(tmp_path / "pipe.xlsx")
    assert "not a file" in refused(tmp_path / "folder.xlsx")


def rows_of(count: int) -> bytes:
    return b"".join(
        b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>D-%d</t></is></c></row>' % (i, i, i) for i in range(3, count)
    )


def test_two_hundred_thousand_and_one_rows(workbook: Path) -> None:
    head, _, tail = part(workbook, SHEET).partition(b"</sheetData>")
    start = head[: head.index(b'<row r="2"')]
    for last, ok in ((200_002, True), (200_003, False)):
        rezip(workbook, {SHEET: start + rows_of(last) + b"</sheetData>" + tail})
        if ok:
            assert len(xlsx.read(workbook).deliverables) == 199_999
        else:
            assert "more than 200,000 rows in Deliverables" in refused(workbook)


def test_a_cell_far_out_does_not_take_the_memory_of_the_machine(workbook: Path) -> None:
    far = b'<row r="190000"><c r="XFD190000"><v>1</v></c></row></sheetData>'
    rezip(workbook, {SHEET: part(workbook, SHEET).replace(b"</sheetData>", far)})
    assert "within 512 MiB of memory" in refused(workbook, Limits(memory_bytes=2**29))


def test_a_text_that_many_cells_share_counts_each_time(workbook: Path) -> None:
    strings = part(workbook, "xl/sharedStrings.xml")
    index = strings.count(b"<si>")
    long = b"<si><t>%s</t></si></sst>" % os.urandom(15_000).hex().encode()
    cells = b"".join(b'<row r="%d"><c r="E%d" t="s"><v>%d</v></c></row>' % (i, i, index) for i in range(9, 3_000))
    sheet = part(workbook, SHEET).replace(b"</sheetData>", cells + b"</sheetData>")
    rezip(workbook, {SHEET: sheet, "xl/sharedStrings.xml": strings.replace(b"</sst>", long)})
    assert "holds more than 20,000,000 characters" in refused(workbook, Limits(unpacked_bytes=20_000_000))


def test_a_reader_that_takes_too_long_by_the_clock(workbook: Path) -> None:
    assert "took longer than 0 s" in refused(workbook, Limits(patience_s=0))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("time", "took longer than 1 s"),
        ("memory", "within 1,024 MiB of memory, or is damaged"),
        ("disk", "damaged"),
        ("nothing", "damaged"),
        ("nonsense", "answered nonsense"),
        ("refusal", r"is \[31mred$"),
    ],
)
def test_a_reader_that_was_taken_over_does_no_harm(
    workbook: Path, monkeypatch: pytest.MonkeyPatch, harm: str, said: str
) -> None:
    """The kernel ends it, what it writes is not believed, and the reason is said."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.setattr(xlsx, "_CHILD", "register_burner")
    path = workbook.rename(workbook.with_name(f"register-{harm}.xlsx"))
    with pytest.raises(BadSettings, match=said):
        xlsx.read(path, limits=Limits(cpu_s=1))
    assert not path.with_name(f"{path.name}.out").exists() or not path.with_name(f"{path.name}.out").stat().st_size


def test_the_reader_sees_nothing_of_our_environment(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser that is taken over finds no secret to take."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.setenv("QBO_SECRET", "canary")
    monkeypatch.setattr(xlsx, "_CHILD", "register_burner")
    with pytest.raises(BadSettings, match=r"PATH|PYTHONPATH") as found:
        xlsx.read(workbook.rename(workbook.with_name("register-environment.xlsx")))
    assert "QBO_SECRET" not in str(found.value)


def test_broken_characters_are_errors_of_their_cell(workbook: Path) -> None:
    sheet = part(workbook, "xl/sharedStrings.xml").replace(b"D-1", b"D-_x0000_1").replace(b"1E5", b"1E\xe2\x80\x8b5")
    rezip(workbook, {"xl/sharedStrings.xml": sheet})
    found = xlsx.read(workbook)
    assert [it.kind for it in found.problems if it.kind == "BAD_ID"]
    assert "1e5" not in {it.key for it in found.deliverables}
