"""Tables and views of a database as a register (register.md)."""

from pathlib import Path

import pytest
from register_samples import kinds, write_sql
from sqlalchemy import create_engine, text

from qbo_milestones.adapters.registers import sql
from qbo_milestones.adapters.registers.limits import Limits
from qbo_milestones.errors import BadSettings


def run(path: Path, *statements: str) -> str:
    address = f"sqlite:///{path}"
    engine = create_engine(address)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
    return address


def test_views_with_names_as_databases_write_them_serve_as_sheets(tmp_path: Path) -> None:
    address = run(
        tmp_path / "r.db",
        "CREATE TABLE work (ref TEXT, sow TEXT, fee REAL, billable BOOLEAN)",
        "INSERT INTO work VALUES ('0012', 'S', 0.1, 1), ('2', 'S', 12.345, 0)",
        "CREATE VIEW deliverables AS SELECT ref AS deliverable_id, sow AS contract, fee AS amount, billable FROM work",
        "CREATE TABLE contracts (contract TEXT, currency TEXT, customer TEXT)",
        "INSERT INTO contracts VALUES ('S', 'USD', 'Acme')",
        "CREATE TABLE sign_offs (deliverable_id TEXT, decision TEXT, signed_at DATE)",
        "INSERT INTO sign_offs VALUES ('0012', 'accepted', '10/28/2026'), ('0012', 'accepted', '2026-10-28')",
    )
    found = sql.read(address)
    assert [(it.id, str(it.amount), it.billable) for it in found.deliverables] == [
        ("0012", "0.10 USD", "yes"),
        ("2", "None", "no"),
    ]
    assert kinds(found.deliverables[1].problems) == ["BAD_AMOUNT"]
    assert [kinds(it.problems) for it in found.sign_offs["0012"]] == [["BAD_DATE"], []]


def test_bytes_numbers_and_nothing(tmp_path: Path) -> None:
    address = run(
        tmp_path / "r.db",
        "CREATE TABLE deliverables (deliverable_id, output, owner)",
        "INSERT INTO deliverables VALUES (7, x'ff41', NULL)",
    )
    (row,) = sql.read(address).deliverables
    assert (row.id, row.output, row.owner) == ("7", "\ufffdA", "")
    assert kinds(row.problems) == ["NUMERIC_ID"]


def test_a_failing_database_is_named_without_its_password() -> None:
    with pytest.raises(BadSettings, match="cannot be read") as refused:
        sql.read(f"sqlite:///{Path(__file__)}")
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_bounds_hold_for_a_database_too(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="more than 3 rows"):
        sql.read(write_sql(tmp_path / "r.db"), limits=Limits(rows=3))
