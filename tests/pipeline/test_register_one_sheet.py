"""The one-sheet form: contracts and sign-offs inline in Deliverables (ruling 43)."""

from dataclasses import replace

from register_grids import CONTRACTS, Grid, all_kinds, kinds, register, sheet

from qbo_milestones.pipeline.reading.cells import ReadingRules
from qbo_milestones.pipeline.reading.sheets import read_register

HEADERS = (
    "Deliverable ID",
    "Contract",
    "Contract version",
    "Customer",
    "Currency",
    "Contract value",
    "Contract signed by",
    "Signed on",
    "Amount",
    "Revision",
    "Decision",
    "Signed by",
    "Signed at",
    "Evidence",
)
SOW = ("SOW-1", "1", "Acme", "USD", "1,000", "Cleo", "2026-01-05")
NO_SOW = ("SOW-1", "1", "", "", "", "", "")
ONE: Grid = (
    HEADERS,
    ("D-1", *SOW, "400", "1", "accepted", "Dana", "2026-10-28", "a.pdf"),
    ("D-2", *NO_SOW, "600", "2", "", "", "", ""),
)


def test_one_sheet_gives_contracts_deliverables_and_sign_offs() -> None:
    found = read_register([sheet("Sheet1", ONE)])
    (contract,) = found.contracts["sow-1"]
    (sign_off,) = found.sign_offs["d-1"]
    assert (contract.customer, str(contract.value), contract.signed_by) == ("Acme", "1,000.00 USD", "Cleo")
    assert [str(it.amount) for it in found.deliverables] == ["400.00 USD", "600.00 USD"]
    assert (sign_off.signed_by, sign_off.evidence, sign_off.revision) == ("Dana", "a.pdf", 1)
    assert set(found.sign_offs) == {"d-1"}
    assert all_kinds(found) == []


def test_it_is_the_register_that_the_sheets_of_their_own_give() -> None:
    one = read_register([sheet("Sheet1", ONE)])
    contracts = (
        ("Contract", "Version", "Customer", "Currency", "Contract value", "Signed by", "Signed on"),
        (*SOW[:2], *SOW[2:]),
    )
    deliverables = tuple((row[0], row[1], row[2], row[8], row[9]) for row in ONE)
    sign_offs = (
        ("Deliverable ID", "Revision", "Decision", "Signed by", "Signed at", "Evidence"),
        ("D-1", "1", "accepted", "Dana", "2026-10-28", "a.pdf"),
    )
    four = register(contracts=contracts, deliverables=deliverables, sign_offs=sign_offs)
    assert replace(one, problems=()) == replace(four, problems=())


def test_prefixes_tell_apart_what_would_collide() -> None:
    headers = tuple({"Decision": "Sign-off decision", "Signed by": "Sign-off signed by"}.get(it, it) for it in HEADERS)
    found = read_register([sheet("Sheet1", (headers, *ONE[1:]))])
    assert found.sign_offs["d-1"][0].signed_by == "Dana"
    assert found.contracts["sow-1"][0].signed_by == "Cleo"


def test_an_unprefixed_signature_is_never_the_contracts() -> None:
    headers = tuple("x" if it == "Contract signed by" else it for it in HEADERS)
    found = read_register([sheet("Sheet1", (headers, *ONE[1:]))])
    assert found.contracts["sow-1"][0].signed_by == ""


def test_rows_that_disagree_about_their_contract_say_so() -> None:
    other = ("D-3", "SOW-1", "1", "Other", "EUR", "", "", "", "5", "1", "", "", "", "")
    found = read_register([sheet("Sheet1", (*ONE, other))])
    (contract,) = found.contracts["sow-1"]
    assert kinds(contract.problems) == ["DUPLICATE_VERSION"]
    assert "row 4" in contract.problems[0].sentence
    assert "Customer, Currency" in contract.problems[0].sentence


def test_a_later_row_may_give_what_the_first_left_out() -> None:
    found = read_register([sheet("Sheet1", (HEADERS, ONE[2], ONE[1]))])
    assert found.contracts["sow-1"][0].customer == "Acme"
    assert all_kinds(found) == []


def test_sheets_of_their_own_win_over_inline_columns() -> None:
    found = register(contracts=CONTRACTS, deliverables=ONE)
    assert str(found.contracts["sow-1"][0].value) == "10,000.00 USD"
    assert set(found.sign_offs) == {"d-1"}


def test_renamed_columns_serve_inline_too() -> None:
    rules = ReadingRules(columns={"Deliverables": {"Contract": "SOW"}, "Sign-offs": {"Signed by": "Approved by"}})
    headers = tuple({"Contract": "SOW", "Signed by": "Approved by"}.get(it, it) for it in HEADERS)
    found = read_register([sheet("Sheet1", (headers, *ONE[1:]))], rules)
    assert found.sign_offs["d-1"][0].signed_by == "Dana"
    assert "sow-1" in found.contracts
