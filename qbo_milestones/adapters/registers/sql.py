"""Tables or views of a database, named as the sheets are, read row by row over any SQLAlchemy URL."""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Boolean, Connection, MetaData, Table, create_engine, inspect, select, type_coerce
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlalchemy.types import NULLTYPE

from qbo_milestones.adapters.registers.limits import COLUMNS, Limits, capped
from qbo_milestones.errors import BadSettings
from qbo_milestones.pipeline.reading.cells import Cell, Moment, ReadingRules
from qbo_milestones.pipeline.reading.rows import Row, Sheet
from qbo_milestones.pipeline.reading.sheets import read_register
from qbo_milestones.pipeline.register import Register

_AT_ONCE = 1_000  # rows fetched together
_MIDNIGHT = " 00:00:00.000000"  # how SQLite keeps a date alone in a column for date and time


def read(address: str, rules: ReadingRules | None = None, limits: Limits | None = None) -> Register:
    """The register of a database. Raises BadSettings when it cannot be reached or read.

    The header is row 1, so that the first row of a table is row 2, as in a sheet. No message holds the password.
    """
    limits = limits or Limits()
    url = _url(address)
    shown = url.render_as_string(hide_password=True)
    try:
        # One reading, one connection: nothing is kept open for another.
        with create_engine(url, poolclass=NullPool).connect() as connection:
            sheets = _sheets(connection, limits)
            return read_register(sheets, rules, source=shown)
    except (NoSuchModuleError, ImportError):
        raise BadSettings(f"{shown}: there is no driver for {url.drivername}; install it") from None
    except SQLAlchemyError as trouble:
        # The text of a driver's error can hold the address with its password, and the rows themselves.
        kind = type(trouble).__name__
        raise BadSettings(f"{shown} cannot be read ({kind}); check the address, its rights and its tables") from None


def _url(address: str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError:
        raise BadSettings(
            "the register's database address cannot be read; write dialect://user@host/database"
        ) from None
    # SQLite would make a new, empty file of a slip of the keys.
    file = url.database if url.get_backend_name() == "sqlite" else None
    if file and not file.startswith(("file:", ":")) and not Path(file).is_file():
        raise BadSettings(f"there is no database {file}; name the one that holds the register")
    return url


def _sheets(connection: Connection, limits: Limits) -> list[Sheet]:
    there = inspect(connection)
    names = [*there.get_table_names(), *there.get_view_names()]
    # Nothing is asked of a table before its rows are wanted.
    return [Sheet(name, capped(_rows(connection, name), name, limits)) for name in names]


def _rows(connection: Connection, name: str) -> Iterator[Row]:
    """The column names as row 1, then the rows, always in the same order."""
    table = Table(name, MetaData(), autoload_with=connection)
    columns = list(table.columns)[:COLUMNS]
    yield Row(1, [column.name for column in columns])
    order = list(table.primary_key.columns) or columns[:3]
    # What the driver gives, unconverted: SQLite would raise for a date that is none, and stop the file for a cell.
    raw = [it if isinstance(it.type, Boolean) else type_coerce(it, NULLTYPE) for it in columns]
    found = connection.execution_options(yield_per=_AT_ONCE).execute(select(*raw).order_by(*order))
    for number, row in enumerate(found, 2):
        yield Row(number, [_cell(value) for value in row])


def _cell(value: object) -> Cell:
    """What a driver gives, as a cell. A float is the shortest decimal that is it, as a person sees it."""
    match value:
        case str():
            return value.removesuffix(_MIDNIGHT)
        case None | bool() | Decimal():
            return value
        case int():
            return Decimal(value)
        case float():
            return Decimal(repr(value))
        case datetime():
            return _moment(value)
        case date():
            return Moment(value)
        case bytes():
            return value.decode("utf-8", errors="replace")
    return str(value)


def _moment(value: datetime) -> Moment:
    """Date and time apart; midnight without a zone is a date alone, as in a sheet."""
    clock = value.timetz().replace(microsecond=0)
    return Moment(value.date(), None if clock == time() else clock)
