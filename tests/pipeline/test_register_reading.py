"""Whole sheets: headers, rows, doubles, currencies, and what is wrong with them (register.md; rulings 17, 40, 44)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from register_grids import CONTRACTS, Grid, all_kinds, kinds, on, register, sheet

from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.reading.cells import Cell, Moment, ReadingRules
from qbo_milestones.pipeline.reading.columns import FORMS
from qbo_milestones.pipeline.reading.header import rule_problems
from qbo_milestones.pipeline.reading.rows import Row, Sheet, letters
from qbo_milestones.pipeline.reading.sheets import read_register
from qbo_milestones.pipeline.register import check, content_hash

ROWS: Grid = (
    ("Deliverable ID", "Contract", "Amount", "Type"),
    ("D-1", "SOW-1", "100.00", "Deliverable"),
    ("D-2", "sow-1 ", Decimal(250), "task"),
)


def test_rows_become_deliverables_in_their_contracts_currency() -> None:
    """R33: the fields of a row, and the row that a person finds it in."""
    found = register(contracts=CONTRACTS, deliverables=ROWS)
    first, second = found.deliverables
    assert (first.id, first.row, first.type, first.amount) == ("D-1", 2, "deliverable", Money(Decimal(100), "USD"))
    assert (second.id, second.row, second.amount) == ("D-2", 3, Money(Decimal(250), "USD"))
    assert all_kinds(found) == []


def test_the_header_is_found_below_titles() -> None:
    titles: Grid = (("Register of Acme",), (), ("Deliverable ID means the trace key",), ("Deliverable ID",), ())
    found = register(contracts=CONTRACTS, deliverables=(*titles, *ROWS))
    assert [it.row for it in found.deliverables] == [7, 8]


def test_a_header_is_not_looked_for_below_fifty_rows() -> None:
    found = register(contracts=CONTRACTS, deliverables=(*(((),) * 50), *ROWS))
    assert found.deliverables == ()
    assert all_kinds(found) == ["NO_HEADER"]


@pytest.mark.parametrize(
    "names",
    [
        ("DELIVERABLE ID", "contract", "AMOUNT", "type"),
        ("deliverable_id", "Contract:", " amount ", "Type*"),
        ("Deliverable-Id", "Con tract", "(Amount)", "\uff34ype"),
    ],
)
def test_headers_match_without_regard_to_case_spaces_and_punctuation(names: tuple[str, ...]) -> None:
    found = register(contracts=CONTRACTS, deliverables=(names, *ROWS[1:]))
    assert found.deliverables == register(contracts=CONTRACTS, deliverables=ROWS).deliverables


def test_the_rules_rename_sheets_and_columns() -> None:
    rules = ReadingRules(
        sheets={"deliverables": "Backlog"}, columns={"Deliverables": {"deliverable_id": "Ref no.", "Amount": "Fee"}}
    )
    grid = (("REF NO", "Contract", "Fee", "Amount", "Type"), ("D-1", "SOW-1", "5", "x", "task"))
    found = read_register([sheet("backlog", grid), sheet("Contracts", CONTRACTS)], rules)
    assert [(it.id, str(it.amount)) for it in found.deliverables] == [("D-1", "5.00 USD")]
    assert rule_problems(rules) == ()


def test_rules_that_rename_nothing_of_ours_are_wrong() -> None:
    rules = ReadingRules(sheets={"X": "a"}, columns={"Y": {}, "Changes": {"Z": "b"}}, date_order="ydm")
    assert len(rule_problems(rules)) == 4


def test_missing_columns_are_named_with_what_stands_there() -> None:
    found = register(deliverables=(("Ref", "Fee"), ("D-1", "5")))
    problem = next(it for it in check(found) if it.kind == "NO_HEADER")
    assert "Deliverable ID" in problem.sentence
    assert "'Ref', 'Fee'" in problem.sentence
    missing = [it.place.column for it in check(register(deliverables=ROWS)) if it.kind == "MISSING_COLUMN"]
    assert {"Approver", "Acceptance test", "Output"} <= set(missing)
    assert "Amount" not in missing


def test_of_two_columns_of_one_name_neither_is_read() -> None:
    grid = (("Deliverable ID", "Contract", "Amount", "amount"), ("D-1", "SOW-1", "5", "6"))
    found = register(contracts=CONTRACTS, deliverables=grid)
    assert found.deliverables[0].amount is None
    assert any("several columns are called 'Amount'" in it.sentence for it in found.problems)


def test_two_key_columns_or_two_sheets_of_one_name_stop_the_register() -> None:
    """Either could be meant, and a change or a revoked sign-off would be left out with the other."""
    grid = (("Deliverable ID", "Deliverable ID", "Amount"), ("D-1", "D-2", "5"))
    assert "NO_HEADER" in all_kinds(register(contracts=CONTRACTS, deliverables=grid))
    found = read_register([sheet("Deliverables", ROWS), sheet("Sign-offs", ()), sheet("sign offs", ())])
    assert "MISSING_SHEET" in all_kinds(found)


def test_a_register_without_deliverables_says_so() -> None:
    assert all_kinds(register(contracts=CONTRACTS, changes=())) == ["MISSING_SHEET"]
    assert all_kinds(register(contracts=CONTRACTS, deliverables=())) == ["NO_HEADER"]
    assert all_kinds(register(contracts=CONTRACTS, deliverables=ROWS[:1], sign_offs=(), changes=((),))) == []


def test_empty_rows_are_skipped_and_rows_without_an_id_reported() -> None:
    """Ruling 44: a totals row is reported by its number, never billed, and no error of the file."""
    found = register(contracts=CONTRACTS, deliverables=(*ROWS, (), ("", " ", None), ("", "", "350.00", "")))
    assert len(found.deliverables) == 2
    (problem,) = (it for it in check(found) if it.kind == "MISSING_ID")
    assert (problem.place.row, problem.warning) == (6, True)


def test_a_duplicate_id_stops_the_rows_that_bear_it_and_no_other() -> None:
    """R64: all of them, however they are written, each named with all the rows."""
    found = register(contracts=CONTRACTS, deliverables=(*ROWS, ("d-1 ", "SOW-1", "7", "task"), ("D-1", "", "", "")))
    assert [it.id for it in found.deliverables] == ["D-2"]
    doubles = [it for it in found.problems if it.kind == "DUPLICATE_ID"]
    assert [it.place.row for it in doubles] == [2, 4, 5]
    assert all("rows 2, 4, 5" in it.sentence for it in doubles)


def test_an_unreadable_id_refuses_its_row_only() -> None:
    """Ruling 37: a row whose id is unreadable is a refused row."""
    found = register(contracts=CONTRACTS, deliverables=(*ROWS, (on("2026-10-01"), "SOW-1", "7", "task")))
    assert len(found.deliverables) == 2
    assert all_kinds(found) == ["BAD_ID"]


def test_a_bad_cell_stays_with_its_row_and_the_row_still_comes_out() -> None:
    grid = (*ROWS[:1], ("D-1", "SOW-1", "ten", "Deliverable"))
    (row,) = register(contracts=CONTRACTS, deliverables=grid).deliverables
    assert row.amount is None
    assert kinds(row.problems) == ["BAD_AMOUNT"]
    assert str(row.problems[0].place) == "Deliverables row 2, column Amount"


@pytest.mark.parametrize(
    ("amount", "percent", "found", "wrong"),
    [
        ("100", "", "100.00 USD", []),
        ("", "25%", "25", []),
        ("", Decimal("0.25"), "25", ["FRACTION_PERCENT"]),
        ("100", "25%", "", ["BAD_AMOUNT"]),
        ("100.001", "", "", ["BAD_AMOUNT"]),
        ("", "", "", []),
    ],
)
def test_amount_or_percent(amount: Cell, percent: Cell, found: str, wrong: list[str]) -> None:
    """Ruling 40: one of the two; both are an error, and then neither counts."""
    grid = (("Deliverable ID", "Contract", "Amount", "Percent"), ("D-1", "SOW-1", amount, percent))
    (row,) = register(contracts=CONTRACTS, deliverables=grid).deliverables
    assert str(row.amount or row.percent or "") == found
    assert kinds(row.problems) == wrong


def test_what_is_wrong_in_many_rows_is_said_of_each() -> None:
    """Texts that repeat are read once, their warnings and errors are not."""
    grid = (("Deliverable ID", "Contract", "Percent"), *((f"D-{i}", "SOW-1", "0.25") for i in range(3)))
    rows = register(contracts=CONTRACTS, deliverables=grid).deliverables
    assert [kinds(it.problems) for it in rows] == [["FRACTION_PERCENT"]] * 3
    assert [it.percent for it in rows] == [Decimal(25)] * 3


def test_a_combined_column() -> None:
    grid = (("Deliverable ID", "Contract", "Amount / Percent"), ("D-1", "SOW-1", "25 %"), ("D-2", "SOW-1", "1,000"))
    one, two = register(contracts=CONTRACTS, deliverables=grid).deliverables
    assert (one.percent, one.amount) == (Decimal(25), None)
    assert (two.percent, str(two.amount)) == (None, "1,000.00 USD")


VERSIONS: Grid = (
    ("Contract", "Version", "Currency", "Customer", "Contract value"),
    ("SOW-1", "2", "USD", "A", "1"),
    ("SOW-1", "1", "JPY", "A", "1"),
)


@pytest.mark.parametrize(
    ("contract", "version", "amount", "wrong"),
    [
        ("SOW-1", "1", "5 JPY", []),
        ("SOW-1", "2", "5.00 USD", []),
        ("SOW-1", "3", None, ["UNKNOWN_CONTRACT"]),
        ("SOW-1", "", None, ["UNKNOWN_CONTRACT"]),
        ("SOW-9", "", None, ["UNKNOWN_CONTRACT"]),
        ("", "", None, []),
    ],
)
def test_the_currency_is_that_of_the_contracts_version(
    contract: str, version: str, amount: str | None, wrong: list[str]
) -> None:
    """R26: a deliverable stands on its version."""
    grid = (("Deliverable ID", "Contract", "Contract version", "Amount"), ("D-1", contract, version, "5"))
    found = register(contracts=VERSIONS, deliverables=grid)
    assert [it.version for it in found.contracts["sow-1"]] == [1, 2]
    assert (str(it.amount) if (it := found.deliverables[0]).amount else None) == amount
    assert kinds(it.problems) == wrong


def test_two_rows_of_one_version_both_say_so() -> None:
    found = register(contracts=(*VERSIONS, ("sow-1", "2", "USD", "B", "9")), deliverables=ROWS[:1])
    marked = {it.row: kinds(it.problems) for it in found.contracts["sow-1"]}
    assert marked == {3: [], 2: ["DUPLICATE_VERSION"], 4: ["DUPLICATE_VERSION"]}


def test_contract_cells_that_cannot_be_read() -> None:
    grid = (
        ("Contract", "Version", "Currency", "Customer", "Contract value", "Retention", "Effective from"),
        ("A", "two", "Dollars", "C", "5", "1", "soon"),
        ("B", "", "", "C", "5", "", ""),
    )
    found = register(contracts=grid, deliverables=ROWS[:1])
    (bad,), (bare,) = found.contracts["a"], found.contracts["b"]
    assert kinds(bad.problems) == ["BAD_NUMBER", "BAD_DATE", "BAD_WORD", "BAD_NUMBER"]
    assert (bad.version, bad.value) == (0, None)
    assert kinds(bare.problems) == ["BAD_WORD"]
    assert bare.version == 1


def test_sign_offs_by_deliverable_with_wall_clock_date_and_time() -> None:
    """R98: when it was accepted."""
    grid: Grid = (
        ("Deliverable ID", "Decision", "Signed by", "Signed at", "Channel"),
        ("d-1", "Accepted in Part", "Dana", "2026-10-28 14:30", ""),
        ("D-1", "rejected", "Dana", on("2026-10-27"), "Verbal"),
        ("D-9", "accepted", "Dana", "soon", ""),
    )
    found = register(contracts=CONTRACTS, deliverables=ROWS, sign_offs=grid)
    one, two = found.sign_offs["d-1"]
    assert (one.decision, one.signed_on, str(one.signed_time)) == ("accepted in part", date(2026, 10, 28), "14:30:00")
    assert (two.channel, two.signed_time) == ("verbal", None)
    assert kinds(found.sign_offs["d-9"][0].problems) == ["BAD_DATE"]
    (unknown,) = (it for it in found.problems if it.kind == "UNKNOWN_DELIVERABLE")
    assert unknown.warning


def test_the_sign_off_of_a_duplicate_id_is_not_of_an_unknown_deliverable() -> None:
    found = register(
        contracts=CONTRACTS,
        deliverables=(*ROWS, ROWS[1]),
        sign_offs=(("Deliverable ID", "Decision"), ("D-1", "accepted")),
    )
    assert "UNKNOWN_DELIVERABLE" not in all_kinds(found)


def test_changes_keep_their_sign_and_come_out_without_an_id_too() -> None:
    """R28: an undecided change must not vanish because somebody forgot its number."""
    grid: Grid = (
        ("Change ID", "Contract", "Deliverable ID", "Decision", "Fee delta"),
        ("C-1", "SOW-1", "D-1", "Fee update", "-50"),
        ("", "SOW-1", "D-2", "undecided", ""),
    )
    one, two = register(contracts=CONTRACTS, deliverables=ROWS, changes=grid).changes
    assert (str(one.fee_delta), one.decision) == ("(50.00) USD", "fee update")
    assert (two.deliverable, kinds(two.problems)) == ("D-2", ["MISSING_ID"])


def test_formulas_are_reported_where_they_decide_something() -> None:
    """register.md: a formula is read by its cached value, and reported in amount, sign-off and id columns."""
    headers = ("Deliverable ID", "Contract", "Amount", "Output")
    sheets = [
        sheet("Contracts", CONTRACTS),
        sheet("Deliverables", (headers, ("D-1", "SOW-1", Decimal(5), "x")), {2: [2, 3]}),
        sheet("Sign-offs", (("Deliverable ID", "Statement"), ("D-1", "ok")), {2: [1]}),
    ]
    found = read_register(sheets)
    formulas = [it for it in check(found) if it.kind == "FORMULA"]
    assert [str(it.place) for it in formulas] == [
        "Deliverables row 2, column Amount",
        "Sign-offs row 2, column Statement",
    ]
    assert all(it.warning for it in formulas)
    assert "C2" in formulas[0].sentence


@pytest.mark.parametrize(("index", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (255, "IV"), (702, "AAA")])
def test_columns_are_named_as_a_spreadsheet_names_them(index: int, name: str) -> None:
    assert letters(index) == name


def test_problems_are_listed_by_sheet_row_and_column() -> None:
    found = register(
        changes=(("Change ID", "Decision", "Decided at"), ("C-1", "x", "soon")),
        deliverables=(*ROWS[:1], ("D-2", "SOW-1", "x", "y"), ("D-1", "SOW-9", "x", "y")),
        contracts=CONTRACTS,
    )
    places = [(it.place.sheet, it.place.row) for it in check(found) if it.kind != "MISSING_COLUMN"]
    assert places == [("Deliverables", 2), ("Deliverables", 3), ("Deliverables", 3), ("Changes", 2)]


def test_the_content_hash_changes_with_what_was_agreed_and_with_nothing_else() -> None:
    """Ruling 17."""
    found = register(contracts=CONTRACTS, deliverables=ROWS)
    row, contract = found.deliverables[0], found.contracts["sow-1"][0]
    base = content_hash(row, contract)
    same = (
        replace(row, row=9, owner="x", target_date=date(2026, 1, 1), submitted_on=date(2026, 1, 1)),
        replace(row, id=" d-1"),
    )
    assert {content_hash(it, contract) for it in same} == {base}
    others = (
        replace(row, output="x"),
        replace(row, acceptance_test="x"),
        replace(row, approver="x"),
        replace(row, amount=Money(Decimal(101), "USD")),
        replace(row, amount=Money(Decimal(100), "EUR")),
        replace(row, amount=None, percent=Decimal(100)),
        replace(row, trigger="x"),
        replace(row, revision=2),
        replace(row, billable="no"),
    )
    hashes = {base, content_hash(row, replace(contract, version=2)), *(content_hash(it, contract) for it in others)}
    assert len(hashes) == len(others) + 2


def test_the_content_hash_of_a_percentage_follows_the_contract_value() -> None:
    found = register(contracts=CONTRACTS, deliverables=ROWS)
    row = replace(found.deliverables[0], amount=None, percent=Decimal("25.0"))
    contract = found.contracts["sow-1"][0]
    assert content_hash(row, contract) == content_hash(replace(row, percent=Decimal(25)), contract)
    assert content_hash(row, contract) != content_hash(row, replace(contract, value=Money(Decimal(1), "USD")))
    assert content_hash(replace(row, acceptance_test="a  b\n"), contract) == content_hash(
        replace(row, acceptance_test="a b"), contract
    )


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=20),
    st.sampled_from(["D-1", "SOW-1", "1", "25%", "2026-10-28", "accepted", "USD", "\u202e", "1.234,5", "x" * 40_000]),
    st.decimals(),
    st.builds(Moment, st.dates(), st.none() | st.times()),
)
HEADERS = st.sampled_from([column.name for form in FORMS for column in form.columns])
GRIDS = st.lists(st.lists(CELLS | HEADERS, max_size=8), max_size=6)
HEADED = st.builds(
    lambda form, order, rows: [[form.columns[i % len(form.columns)].name for i in order], *rows],
    st.sampled_from(FORMS),
    st.permutations(range(28)),
    st.lists(st.lists(CELLS, min_size=20, max_size=28), max_size=4),
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from([form.name for form in FORMS] + ["Other"]), GRIDS | HEADED, max_size=4),
    st.booleans(),
    st.sampled_from(["", "dmy", "mdy", "ymd"]),
)
def test_no_grid_of_cells_raises(grids: dict[str, list[list[Cell]]], comma: bool, order: str) -> None:
    """design.md, Failures: what is wrong with the data is a value."""
    rules = ReadingRules(decimal_comma=comma, date_order=order)
    found = read_register([sheet(name, grid) for name, grid in grids.items()], rules)
    assert all(problem.sentence.isprintable() for problem in check(found))
    for row in found.deliverables:
        content_hash(row, None)


@given(st.permutations(range(4)), st.permutations((0, 1)), st.sampled_from([str.upper, str.lower, str.title]))
def test_the_order_of_columns_and_sheets_and_the_case_of_headers_do_not_matter(
    order: list[int], sheet_order: list[int], case: object
) -> None:
    assert callable(case)
    headers = [case(str(cell)) for cell in ROWS[0]]
    grid = [[row[i] for i in order] for row in (headers, *ROWS[1:])]
    sheets = [sheet("Contracts", CONTRACTS), sheet("Deliverables", grid)]
    found = read_register([sheets[i] for i in sheet_order])
    assert found.deliverables == register(contracts=CONTRACTS, deliverables=ROWS).deliverables


def test_rows_are_taken_one_by_one() -> None:
    """design.md, Speed: memory stays bounded by streaming."""
    seen: list[int] = []

    def rows() -> list[Row]:
        return [Row(1, ROWS[0]), Row(2, ROWS[1])]

    def streamed() -> object:
        for row in rows():
            seen.append(row.number)
            yield row

    found = read_register([sheet("Contracts", CONTRACTS), Sheet("Deliverables", streamed())])  # type: ignore[arg-type]
    assert seen == [1, 2]
    assert len(found.deliverables) == 1
