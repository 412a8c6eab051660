"""The file that a workbook is: a zip of XML, checked before anything reads it, and scanned for formula cells.

The zip directory is only what the file says about itself, so every entry is also unpacked and counted.
"""

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import BinaryIO
from xml.parsers import expat

from defusedxml import ElementTree

from qbo_milestones.adapters.registers.limits import COLUMNS, Limits

Formulas = Mapping[int, list[int]]  # positions of the formula cells of a row, by number of the row
_CHUNK = 2**16
_OVERLAP = 64
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_FORMULA = re.compile(rb"<(?:[\w.-]{1,40}:)?f[\s/>]")
_NOT_UTF8 = (b"\xfe\xff", b"\xff\xfe", b"<\x00", b"\x00<", b"\x00\x00")
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


class Unfit(Exception):
    """The file may not be read; the text says why, as the rest of a sentence that begins with its name."""


def inspect(path: str, limits: Limits) -> dict[str, Formulas]:
    """Check the package against the limits; where formulas stand, by name of the sheet.

    Raises Unfit for macros, links to other files, encryption, a DTD, and anything past the limits.
    """
    try:
        with zipfile.ZipFile(path) as package, open(path, "rb") as file:  # noqa: PTH123
            _check_directory(package, limits)
            with_formulas = _check_contents(package, file, limits)
            sheets = _sheet_parts(package)
            return {name: _formulas(package, part, limits) for name, part in sheets.items() if part in with_formulas}
    except (zipfile.BadZipFile, zlib.error, struct.error, expat.ExpatError, NotImplementedError) as damage:
        raise Unfit("is damaged or not a workbook; save it again as .xlsx from a spreadsheet") from damage


def _check_directory(package: zipfile.ZipFile, limits: Limits) -> None:
    entries = package.infolist()
    names = [entry.filename.casefold() for entry in entries]
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > limits.entries:
        raise Unfit(f"holds more than {limits.entries:,} parts; save the register as a workbook of its own")
    if unpacked > limits.unpacked_bytes:
        raise Unfit(f"unpacks to more than {limits.unpacked_bytes:,} bytes; delete what is not the register")
    if unpacked > limits.ratio * max(packed, 1):
        raise Unfit(f"is packed more than {limits.ratio} to 1, as a zip bomb is; save it again from a spreadsheet")
    if any(entry.flag_bits & 1 for entry in entries) or "encryptedpackage" in names:
        raise Unfit("is encrypted; save it without a password")
    if len(set(names)) < len(names):
        raise Unfit("holds two parts of one name; save it again from a spreadsheet")
    if any("vbaproject" in name or "macrosheets/" in name for name in names):
        raise Unfit("holds macros; save it as .xlsx, without macros")
    if any("externallinks/" in name for name in names):
        raise Unfit("links to other workbooks; break the links (Data, Edit links) and save it again")


def _check_contents(package: zipfile.ZipFile, file: BinaryIO, limits: Limits) -> set[str]:
    """Unpack everything once; the names of the parts in which a formula stands."""
    left = limits.unpacked_bytes
    with_formulas = set()
    for entry in package.infolist():
        tail, size, is_xml = b"", 0, entry.filename.casefold().endswith((".xml", ".rels"))
        for chunk in _unpacked(file, entry):
            size, left = size + len(chunk), left - len(chunk)
            if size > entry.file_size or left < 0:
                raise Unfit("unpacks to more than its directory says; save it again from a spreadsheet")
            if not is_xml:
                continue
            if not tail and chunk.startswith(_NOT_UTF8):
                raise Unfit("holds XML that is not UTF-8; save it again from a spreadsheet")
            seen = tail + chunk
            if _DOCTYPE.search(seen):
                raise Unfit("holds a document type definition, which no spreadsheet writes; save it again from one")
            if entry.filename not in with_formulas and _FORMULA.search(seen):
                with_formulas.add(entry.filename)
            tail = seen[-_OVERLAP:]
        if size != entry.file_size:
            raise Unfit("unpacks to less than its directory says; save it again from a spreadsheet")
    return with_formulas


def _unpacked(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of an entry as they really are: zipfile itself would stop where the directory says they end."""
    file.seek(entry.header_offset)
    header = struct.unpack("<4s5H3L2H", file.read(30))
    if header[0] != b"PK\x03\x04" or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unfit("is packed in a way that no spreadsheet uses; save it again from one")
    file.seek(header[9] + header[10], 1)
    if entry.compress_type == zipfile.ZIP_STORED:
        yield file.read(entry.compress_size)
        return
    inflate, left = zlib.decompressobj(-zlib.MAX_WBITS), entry.compress_size
    while left > 0 and not inflate.eof:
        packed = file.read(min(_CHUNK, left))
        if not packed:
            return
        left -= len(packed)
        while packed and not inflate.eof:
            yield inflate.decompress(packed, 16 * _CHUNK)
            packed = inflate.unconsumed_tail
    if not inflate.eof:
        raise Unfit("is damaged; save it again from a spreadsheet")


def _sheet_parts(package: zipfile.ZipFile) -> dict[str, str]:
    """Which part of the package holds which sheet, by name of the sheet."""
    relations = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"), forbid_dtd=True)
    targets = {it.get("Id"): posixpath.join("/xl", it.get("Target") or "") for it in relations}
    workbook = ElementTree.fromstring(package.read("xl/workbook.xml"), forbid_dtd=True)
    sheets = (it for it in workbook.iter() if it.tag.rpartition("}")[2] == "sheet")
    found = {}
    for sheet in sheets:
        link = next((value for name, value in sheet.items() if name.endswith("}id")), None)
        found[sheet.get("name") or ""] = posixpath.normpath(targets.get(link, "")).lstrip("/")
    return found


def _formulas(package: zipfile.ZipFile, part: str, limits: Limits) -> Formulas:
    """Positions of the formula cells of one sheet, by row."""
    scan = _Scan(limits)
    parser = expat.ParserCreate()
    parser.StartElementHandler = scan.start
    parser.StartDoctypeDeclHandler = scan.doctype
    with package.open(part) as xml:
        while chunk := xml.read(16 * _CHUNK):
            parser.Parse(chunk)
    parser.Parse(b"", True)
    return scan.found


class _Scan:
    """Where the parser is in a sheet. A row or cell need not say where it is: then it follows the one before."""

    def __init__(self, limits: Limits) -> None:
        self.row, self.column, self.limits = 0, -1, limits
        self.found: dict[int, list[int]] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag.rpartition(":")[2]:
            case "row":
                self.row, self.column = int(attributes.get("r", self.row + 1)), -1
            case "c":
                self.column += 1
                if place := _CELL.fullmatch(attributes.get("r", "")):
                    self.column, self.row = _position(place[1]), int(place[2])
            case "f" if self.column < COLUMNS and self.row <= self.limits.rows + 1:
                self.found.setdefault(self.row, []).append(self.column)

    def doctype(self, *_: object) -> None:
        raise Unfit("holds a document type definition, which no spreadsheet writes; save it again from one")


def _position(letters: str) -> int:
    position = 0
    for letter in letters:
        position = position * 26 + ord(letter) - 64
    return position - 1
