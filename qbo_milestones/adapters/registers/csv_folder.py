"""CSV files: a folder with one file a sheet, or one file in the one-sheet form. All cells are text.

Encodings: UTF-8, with or without a byte order mark, and UTF-16 with one. A file that is neither is read as
Windows-1252, what old spreadsheets write, with a warning, since a name may then be read wrongly. The delimiter is the
comma, semicolon or tab with which the most of the header is understood; a first line `sep=;` decides.
"""

import codecs
import csv
import hashlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from qbo_milestones.adapters.registers.limits import COLUMNS, SPLIT, Limits, capped
from qbo_milestones.errors import BadSettings
from qbo_milestones.pipeline.reading.cells import ReadingRules
from qbo_milestones.pipeline.reading.columns import FORMS
from qbo_milestones.pipeline.reading.header import LOOKED_AT, canonical_sheets, columns_understood
from qbo_milestones.pipeline.reading.rows import Row, Sheet
from qbo_milestones.pipeline.reading.sheets import read_register
from qbo_milestones.pipeline.register import Place, Problem, Register

_DELIMITERS = ",;\t"
_SAMPLE = 2**16


def read(path: Path, rules: ReadingRules | None = None, limits: Limits | None = None) -> Register:
    """The register of a folder of CSV files, or of one file. Raises BadSettings when it cannot be read as such."""
    rules, limits = rules or ReadingRules(), limits or Limits()
    files = [path] if path.is_file() else sorted(it for it in path.iterdir() if it.suffix.casefold() == ".csv")
    if not files:
        raise BadSettings(
            f"{path} holds no .csv file; name a folder with Contracts.csv, Deliverables.csv, Sign-offs.csv"
        )
    by_name = {file.stem: file for file in files}
    if len(by_name) < len(files):
        raise BadSettings(f"{path} holds two files of one name; remove all but one")
    names = canonical_sheets(list(by_name), rules)
    ours = {there: by_name[there] for there in names.values()}
    if sum(file.stat().st_size for file in ours.values()) > limits.unpacked_bytes:
        raise BadSettings(f"{path} is larger than {limits.unpacked_bytes:,} bytes; {SPLIT}")
    forms = {there: name for name, there in names.items()}
    # Other files are named, for what is said about a missing sheet, but not read.
    sheets = [
        _sheet(file, forms[name], rules, limits) if name in ours else Sheet(name, ()) for name, file in by_name.items()
    ]
    return read_register(sheets, rules, source=path.name, sha256=_hash(list(ours.values())))


def _hash(files: list[Path]) -> str:
    """One hash over the names and contents of all files."""
    whole = hashlib.sha256()
    for file in files:
        with file.open("rb") as content:
            whole.update(f"{file.name} {hashlib.file_digest(content, 'sha256').hexdigest()}\n".encode())
    return whole.hexdigest()


def _sheet(file: Path, form: str, rules: ReadingRules, limits: Limits) -> Sheet:
    encoding, problems = _encoding(file)
    delimiter = _delimiter(file, encoding, form, rules)
    return Sheet(file.stem, capped(_rows(file, encoding, delimiter), file.name, limits), problems)


def _encoding(file: Path) -> tuple[str, tuple[Problem, ...]]:
    with file.open("rb") as content:
        mark = content.read(2)
    if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16", ()
    if _decodes(file, "utf-8"):
        return "utf-8-sig", ()
    if not _decodes(file, "cp1252"):
        raise BadSettings(f"{file.name} is neither UTF-8 nor Windows-1252 text; save it as 'CSV UTF-8'")
    sentence = "the file is not UTF-8 and was read as Windows-1252; check the names in it, and save it as 'CSV UTF-8'"
    return "cp1252", (Problem("BAD_ENCODING", Place(file.stem, 1), sentence, warning=True),)


def _decodes(file: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with file.open("rb") as content:
            while chunk := content.read(2**20):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(file: Path, encoding: str, form: str, rules: ReadingRules) -> str:
    try:
        with file.open(encoding=encoding, newline="") as text:
            sample = text.read(_SAMPLE)
    except UnicodeDecodeError:
        raise BadSettings(
            f"{file.name} is not UTF-16 text although it begins as such; save it as 'CSV UTF-8'"
        ) from None
    first = sample.partition("\n")[0].strip()
    if first.casefold().startswith("sep=") and len(first) == 5:
        return first[4]
    ours = next(it for it in FORMS if it.name == form)
    lines = sample.splitlines(keepends=True)
    understood = {}
    for delimiter in _DELIMITERS:
        # Leniently: the sample may end within quotes, and a wrong delimiter may break them.
        cells = list(islice(csv.reader(lines, delimiter=delimiter), LOOKED_AT))
        understood[delimiter] = columns_understood(cells, ours, rules)
    return max(_DELIMITERS, key=lambda it: understood[it])


def _rows(file: Path, encoding: str, delimiter: str) -> Iterator[Row]:
    """Records with their number, as a spreadsheet that opens the file counts rows."""
    with file.open(encoding=encoding, newline="") as text:
        # Strict: a quote that is never closed would swallow the rows that follow it, sign-offs among them.
        records = csv.reader(text, delimiter=delimiter, strict=True)
        number = 0
        try:
            for record in records:
                if not number and record[:1] and record[0].casefold() in ("sep=", f"sep={delimiter}"):
                    continue
                number += 1
                yield Row(number, record[:COLUMNS])
        except csv.Error as broken:
            where = f"{file.name}, line {records.line_num}"
            raise BadSettings(
                f"{where}: the quotes are broken ({broken}); save the file again from a spreadsheet"
            ) from None
        except UnicodeDecodeError:
            raise BadSettings(f"{file.name} is broken in mid-text; save it as 'CSV UTF-8'") from None
