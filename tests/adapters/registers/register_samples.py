"""One register written in every form, and the tools to write hostile files."""

import csv
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Date, DateTime, MetaData, Numeric, String, Table, create_engine, text
from xlsxwriter import Workbook

from qbo_milestones.pipeline.register import Problem, Register

Value = str | Decimal | date | datetime | None
Grids = Mapping[str, Sequence[Sequence[Value]]]

CONTRACTS: Sequence[Sequence[Value]] = (
    ("Contract", "Version", "Effective from", "Customer", "Currency", "Contract value", "Signed on", "Signed by"),
    ("SOW-1", Decimal(1), date(2026, 1, 5), "Acme, Inc.", "USD", Decimal("10000.50"), date(2026, 1, 5), "Cleo Å"),
    ("007", Decimal(2), date(2026, 1, 5), "Bücher & Co", "JPY", Decimal(5000), date(2026, 1, 6), "Cleo"),
)
DELIVERABLES: Sequence[Sequence[Value]] = (
    ("Deliverable ID", "Contract", "Contract version", "Type", "Acceptance test", "Amount", "Percent", "Target date"),
    ("D-1", "SOW-1", Decimal(1), "deliverable", '1. complete\n2. "signed"', Decimal("1234.56"), None, date(2026, 3, 1)),
    ("1E5", "007", Decimal(2), "task", "=1+2", Decimal(300), None, None),
    ("2026-10", "SOW-1", Decimal(1), "deliverable", "ok; or not", None, "25%", date(2026, 4, 1)),
    ("D-2", "SOW-1", Decimal(1), "deliverable", "ok", Decimal("0.125"), None, None),
)
SIGN_OFFS: Sequence[Sequence[Value]] = (
    ("Deliverable ID", "Decision", "Signed by", "Signed at", "Evidence"),
    ("D-1", "accepted", "Dana Reyes", datetime(2026, 10, 28, 14, 30, tzinfo=ZoneInfo("UTC")), "a\\b.pdf"),
    ("2026-10", "rejected", "Dana Reyes", date(2026, 10, 29), None),
)
CHANGES: Sequence[Sequence[Value]] = (
    ("Change ID", "Contract", "Decision", "Fee delta"),
    ("C-1", "SOW-1", "fee update", Decimal("-50.25")),
)
GRIDS: Grids = {"Contracts": CONTRACTS, "Deliverables": DELIVERABLES, "Sign-offs": SIGN_OFFS, "Changes": CHANGES}


def write_xlsx(path: Path, grids: Grids = GRIDS, options: Mapping[str, Any] | None = None) -> Path:
    """The grids as a workbook, real numbers and dates, texts as texts."""
    with Workbook(str(path), options or {}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for name, grid in grids.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(grid):
                for j, cell in enumerate(row):
                    match cell:
                        case str():
                            sheet.write_string(i, j, cell)
                        case Decimal():
                            sheet.write_number(i, j, cell)
                        case datetime():
                            sheet.write_datetime(i, j, cell.replace(tzinfo=None), moment)
                        case date():
                            sheet.write_datetime(i, j, cell, day)
    return path


def write_csv(folder: Path, grids: Grids = GRIDS, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    """The grids as a folder of CSV files."""
    folder.mkdir(exist_ok=True)
    for name, grid in grids.items():
        with (folder / f"{name}.csv").open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows([[_text(cell) for cell in row] for row in grid])
    return folder


def _text(cell: Value) -> str:
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    return "" if cell is None else str(cell)


def write_sql(path: Path, grids: Grids = GRIDS) -> str:
    """The grids as tables of a SQLite database, with real types; its address."""
    address = f"sqlite:///{path}"
    engine = create_engine(address)
    metadata = MetaData()
    with engine.begin() as connection:
        for name, grid in grids.items():
            columns = [Column(str(header), _type(grid, i)) for i, header in enumerate(grid[0])]
            table = Table(name, metadata, Column("row", Numeric, primary_key=True), *columns)
            table.create(connection)
            rows = [
                {"row": n} | {str(h): _naive(c) for h, c in zip(grid[0], row, strict=True)}
                for n, row in enumerate(grid[1:])
            ]
            connection.execute(table.insert(), rows)
        connection.execute(text('CREATE VIEW "notes" AS SELECT 1 AS one'))
    engine.dispose()
    return address


def _naive(cell: Value) -> Value:
    return cell.replace(tzinfo=None) if isinstance(cell, datetime) else cell


def _type(grid: Sequence[Sequence[Value]], column: int) -> Any:
    kinds = {type(row[column]) for row in grid[1:]} - {type(None)}
    if datetime in kinds:
        return _Moments()
    return Date() if date in kinds else Numeric(20, 4) if Decimal in kinds else String()


class _Moments(DateTime):
    """Takes dates too, as their midnight."""

    def bind_processor(self, dialect: Any) -> Any:
        process = DateTime().dialect_impl(dialect).bind_processor(dialect)
        assert process is not None
        return lambda it: process(datetime.combine(it, time()) if type(it) is date else it)


def content(register: Register) -> Register:
    """The register without where it came from."""
    return replace(register, source="", sha256="")


def kinds(problems: Sequence[Problem]) -> list[str]:
    """Kinds of problems, without the columns that the samples do not have."""
    return [it.kind for it in problems if it.kind != "MISSING_COLUMN"]


def rezip(path: Path, changes: Mapping[str, bytes | None], level: int = zipfile.ZIP_DEFLATED) -> Path:
    """The same workbook with parts replaced, added, or (None) left out."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts |= {name: part for name, part in changes.items() if part is not None}
    with zipfile.ZipFile(path, "w", level) as package:
        for name, part in parts.items():
            if changes.get(name, b"") is not None:
                package.writestr(name, part)
    return path


def part(path: Path, name: str) -> bytes:
    """One part of a workbook."""
    with zipfile.ZipFile(path) as package:
        return package.read(name)
