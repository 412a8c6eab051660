"""The demo's register shows what it is there to show: what is billed, and why each other row is held."""

import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import load_workbook

from qbo_milestones.adapters.evidence import find, fingerprint
from qbo_milestones.adapters.registers.source import read
from qbo_milestones.config import known, load
from qbo_milestones.model.books import Account, Customer, Item, Named, Preferences, Setup, Term
from qbo_milestones.model.flag import Owner
from qbo_milestones.pipeline.directory import index
from qbo_milestones.pipeline.gate import (
    Billable,
    Held,
    Rules,
    Verdict,
    confirm,
    evidence_wanted,
    examine,
    keep_cap,
)
from qbo_milestones.pipeline.gate.decision import evidence_path
from qbo_milestones.pipeline.plan import PlanRules, draw_up
from qbo_milestones.pipeline.register import Deliverable, Register, check, fold
from qbo_milestones.simulator.seed import accounts, items, lists, people

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "config" / "demo"
NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
RULES = Rules(NOW, "America/New_York", date(2026, 10, 1), False, False, "USD")
PLAN_RULES = PlanRules(
    "northlight", NOW.date(), "Milestone", "Unbilled receivable (accepted milestones)", "Milestone revenue"
)

BILLED = {
    "D-501": ("2026-10-02", "11250.00"),
    "D-102": ("2026-10-06", "8200.00"),
    "D-301": ("2026-10-09", "15415.13"),  # the cent that 33.33% of 46,250.00 leaves over
    "D-601": ("2026-10-13", "16500.00"),
    "D-105": ("2026-10-14", "7350.00"),  # by a delegate, in time
    "D-401": ("2026-10-15", "7200.00"),
    "D-402": ("2026-10-22", "9450.50"),  # conditional, then clarified
    "D-103": ("2026-10-28", "12400.00"),  # its evidence has the SHA-256 that the register gives
    "D-602": ("2026-10-30", "14750.00"),
    "D-302": ("2026-11-03", "15415.12"),  # rejected, then accepted
    "D-1001": ("2026-11-05", "5200.00"),
    "D-202": ("2026-11-10", "24000.00"),  # waited for QA-201, which is resolved
    "0042": ("2026-11-12", "3400.00"),
    "D-502": ("2026-11-17", "18600.00"),
    "D-604": ("2026-11-19", "2600.00"),  # fits under the cap after D-603 did not
    "FJ\u00d8-03": ("2026-11-20", "6175.25"),
}
TOTAL = Decimal("177906.00")

# Every other row, with every kind of reason, in order.
HELD = {
    "D-100": "ALREADY_INVOICED",
    "D-101": "BEFORE_GO_LIVE",
    "D-104": "PARTIAL_ACCEPTANCE",
    "D-106": "SIGNOFF_WRONG_PERSON",  # the delegate's time was over
    "D-107": "DEPENDENCY_OPEN",
    "QA-102": "NOT_BILLABLE NOT_A_DELIVERABLE",
    "D-108": "AWAITING_SIGNOFF",
    "T-109": "NOT_BILLABLE NOT_A_DELIVERABLE",
    "D-110": "AWAITING_SIGNOFF",
    "D-201": "MISSING_APPROVER",
    "QA-201": "NOT_BILLABLE NOT_A_DELIVERABLE",
    "D-203": "SIGNOFF_AMBIGUOUS",
    "D-204": "REJECTED",
    "D-205": "WINDOW_RUNNING",
    "M-206": "NOT_BILLABLE NOT_A_DELIVERABLE",
    "D-303": "AWAITING_SIGNOFF",
    "D-304": "NOT_BILLABLE",
    "D-403": "SIGNOFF_VERBAL",
    "D-404": "DEEMED_NOT_ALLOWED",
    "D-405": "NOT_A_DELIVERABLE",
    "T-406": "NOT_A_DELIVERABLE AWAITING_SIGNOFF",
    "D-503": "SIGNOFF_WRONG_PERSON",
    "D-504": "EVIDENCE_HASH_MISMATCH",
    "D-505": "MISSING_EVIDENCE",
    "D-506": "MISSING_EVIDENCE",  # a link alone
    "D-507": "SIGNOFF_DATE_INVALID",
    "D-508": "SIGNOFF_AFTER_SCOPE_CHANGE",
    "D-509": "REVOKED",
    "D-510": "REJECTED REJECTED_NO_REREVIEW",
    "D-603": "OVERBILL_CAP",
    "T-605": "TIME_AND_MATERIALS AWAITING_SIGNOFF",
    "D-701": "MISSING_TERMS",
    "D-702": "MISSING_TERMS AWAITING_SIGNOFF",
    "D-801": "CURRENCY_NOT_SUPPORTED",
    "D-901": "CUSTOMER_NOT_FOUND",
    "D-1002": "CR_UNDECIDED",
    "D-1003": "MISSING_CRITERIA",
    "D-1004": "NO_TRIGGER",
    "D-1005": "MISSING_AMOUNT",
    "D-1007": "SIGNOFF_CONFLICT",
    "D-1101": "MISSING_SOW_REF MISSING_AMOUNT",
}

# The example rows (R33, R35): name, acceptance test, approver's role, billable, trigger, fallback.
EXAMPLES = {
    "D-201": (
        "Scope baseline package",
        "required deliverables submitted and written approval recorded",
        "client approver role",
        "yes",
        "invoice after recorded acceptance",
        "no invoice; log gaps and resubmit",
    ),
    "D-202": (
        "Staging release milestone",
        "acceptance criteria met in staging and sign-off recorded",
        "Jonas Weber (client product owner)",
        "yes",
        "invoice after sign-off, or deemed acceptance per contract terms",
        "keep pending; remediate and re-review",
    ),
    "QA-201": (
        "Internal QA gate",
        "internal review completed",
        "Kofi Mensah (delivery lead)",
        "no",
        "none",
        "block downstream milestone until resolved",
    ),
}


@pytest.fixture(scope="module")
def register() -> Register:
    return read(str(DEMO / "register.xlsx"))


@pytest.fixture(scope="module")
def remade(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the generator writes today."""
    into = tmp_path_factory.mktemp("demo")
    script = ROOT / "scripts" / "make_demo_register.py"
    subprocess.run([sys.executable, str(script), "--into", str(into)], check=True, capture_output=True, cwd=ROOT)
    return into


def verdicts_on(register: Register) -> tuple[Verdict, ...]:
    """What the gate says on the 23rd of November, with the evidence as it lies there."""
    folder = DEMO / "evidence"
    found = examine(register, {}, find(folder, evidence_wanted(register, {})), RULES)
    paths = {evidence_path(each.acceptance.sign_off) for each in found if isinstance(each, Billable)}
    return keep_cap(confirm(found, {path: fingerprint(folder, path) for path in paths if path}), register, {})


def northlight() -> Setup:
    """The simulator's company, as the books would read it."""
    return Setup(
        "Northlight Studio",
        "US",
        Preferences("USD", False, True, date(2025, 12, 31), True, True, True, True, False, False),
        tuple(Account(row["Id"], row["Name"], row["AccountType"]) for row in accounts.ACCOUNTS),
        tuple(
            Item(row["Id"], row["Name"], row["IncomeAccountRef"]["value"])
            for row in items.ITEMS
            if row["Type"] == "Service"
        ),
        tuple(
            Customer(row["Id"], row["DisplayName"], row.get("ParentRef", {}).get("value", ""))
            for row in people.CUSTOMERS
        ),
        tuple(Term(str(row["Id"]), str(row["Name"]), int(str(row["DueDays"]))) for row in lists.TERMS),
        tuple(Named(row["Id"], row["Name"]) for row in lists.CLASSES),
        tuple(Named(row["Id"], row["Name"]) for row in lists.DEPARTMENTS),
    )


def rows_of(register: Register) -> dict[str, Deliverable]:
    return {row.id: row for row in register.deliverables}


def test_it_is_an_agency_of_some_size_and_every_kind_of_row(register: Register) -> None:
    types = {row.type for row in register.deliverables}
    versions = [version for several in register.contracts.values() for version in several]
    assert len(register.contracts) >= 6
    assert len(register.deliverables) >= 40
    assert {"deliverable", "milestone", "task", "control"} <= types
    assert {record.decision for several in register.sign_offs.values() for record in several} == {
        "accepted",
        "accepted in part",
        "rejected",
        "conditional",
        "revoked",
        "clarified",
    }
    assert [version.reference for version in versions if version.version == 2] == ["SOW-2026-014"]
    assert {version.project for version in versions if version.project} == {
        "Acme Robotics website",
        "Beta Health patient portal",
    }
    assert len({version.terms for version in versions}) >= 4
    assert sum(bool(version.po_number) for version in versions) >= 4


def test_the_example_rows_stand_there_word_for_word(register: Register) -> None:
    rows = rows_of(register)
    for id_, texts in EXAMPLES.items():
        row = rows[id_]
        assert (row.name, row.acceptance_test, row.approver, row.billable, row.trigger, row.fallback) == texts


def test_exactly_the_signed_off_rows_are_billed_in_the_order_of_acceptance(register: Register) -> None:
    billables = [each for each in verdicts_on(register) if isinstance(each, Billable)]
    plan = draw_up(billables, index(northlight()), PLAN_RULES)
    found = {pair.deliverable_id: (str(pair.journal.accepted_on), f"{pair.amount.amount:.2f}") for pair in plan.pairs}
    assert list(found.items()) == list(BILLED.items())
    assert sum(pair.amount.amount for pair in plan.pairs) == TOTAL
    assert {pair.currency for pair in (each.amount for each in plan.pairs)} == {"USD"}


def test_every_other_row_is_held_for_its_reasons(register: Register) -> None:
    found = verdicts_on(register)
    unwritten = draw_up([each for each in found if isinstance(each, Billable)], index(northlight()), PLAN_RULES).held
    held = (*(each for each in found if isinstance(each, Held)), *unwritten)
    kinds = {each.deliverable.id: " ".join(dict.fromkeys(why.kind for why in each.reasons)) for each in held}
    assert kinds == HELD
    assert set(BILLED) | set(HELD) == {row.id for row in register.deliverables}


def test_the_doubled_id_and_the_totals_row_are_reported_and_stop_nothing_else(register: Register) -> None:
    found = [(each.kind, each.place.sheet, each.warning) for each in check(register)]
    assert found == [
        ("DUPLICATE_ID", "Deliverables", False),
        ("DUPLICATE_ID", "Deliverables", False),
        ("MISSING_ID", "Deliverables", True),
    ]
    assert "D-1006" not in rows_of(register)


def test_what_is_billed_stays_within_each_contract_and_the_shares_make_its_value(register: Register) -> None:
    amounts: dict[str, Decimal] = {}
    for each in verdicts_on(register):
        if isinstance(each, Billable):
            key = fold(each.contract.reference)
            amounts[key] = amounts.get(key, Decimal(0)) + each.amount.amount
    for key, amount in amounts.items():
        value = register.contracts[key][-1].value
        assert value is not None
        assert amount <= value.amount
    shares = {id_: row.percent for id_, row in rows_of(register).items() if row.percent is not None}
    assert sum(shares[id_] for id_ in ("D-301", "D-302", "D-303")) == 100
    assert sum(shares[id_] for id_ in ("D-202", "D-204", "D-205")) == 75


def test_the_totals_row_is_the_sum_of_the_fixed_amounts() -> None:
    cells = load_workbook(str(DEMO / "register.xlsx")).get_sheet_by_name("Deliverables").to_python()
    header = next(row for row in cells if row[0] == "Deliverable ID")
    column = header.index("Amount")
    total = next(row for row in cells if row[header.index("Deliverable")] == "Total of the fixed amounts")
    figures = [Decimal(str(row[column])) for row in cells if row[0] and isinstance(row[column], float | int)]
    assert Decimal(str(total[column])) == sum(figures)


def test_names_are_those_of_the_simulated_company_but_for_one_customer(register: Register) -> None:
    directory = index(northlight())
    versions = [version for several in register.contracts.values() for version in several]
    strange = {
        version.customer
        for version in versions
        if not isinstance(directory.customer(version.customer, version.project), Customer)
    }
    assert strange == {"Juniper Hotels"}
    assert all(isinstance(directory.term(version.terms), Term) for version in versions)
    rows = register.deliverables
    assert all(isinstance(directory.class_(row.class_name), Named) for row in rows if row.class_name)
    assert all(isinstance(directory.location(row.location), Named) for row in rows if row.location)


def test_the_generator_writes_the_same_register_again(register: Register, remade: Path) -> None:
    ours, theirs = load_workbook(str(DEMO / "register.xlsx")), load_workbook(str(remade / "register.xlsx"))
    assert ours.sheet_names == theirs.sheet_names
    for name in ours.sheet_names:
        assert ours.get_sheet_by_name(name).to_python() == theirs.get_sheet_by_name(name).to_python()
    again = read(str(remade / "register.xlsx"))
    assert replace(again, source="", sha256="") == replace(register, source="", sha256="")


def test_the_evidence_folder_holds_what_the_generator_writes_and_nothing_else(remade: Path) -> None:
    ours, theirs = (
        {
            str(file.relative_to(folder)): file.read_bytes()
            for file in (folder / "evidence").rglob("*")
            if file.is_file()
        }
        for folder in (DEMO, remade)
    )
    assert ours == theirs


def test_the_settings_of_a_real_company_are_whole_and_valid() -> None:
    file = ROOT / "config" / "examples" / "real-company.toml"
    settings = load(file, {"QBO_MILESTONES_QUICKBOOKS__CLIENT_SECRET": "dummy"})
    assert settings.real
    assert not settings.live
    assert set(settings.owners) == set(Owner)
    written = set(settings_in(tomllib.loads(file.read_text(encoding="utf-8"))))
    secrets = {"quickbooks.client_secret", "quickbooks.webhook_verifier", "digest.to", "ping.url"}
    assert set(known()) - written == secrets
    comments = " ".join(line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#"))
    assert all(f"QBO_MILESTONES_{name.upper().replace('.', '__')}" in comments for name in secrets)


def settings_in(values: Mapping[str, object], prefix: str = "") -> Iterator[str]:
    """The settings of a TOML file as they are written with dots; tables of the user's own count as one."""
    for name, value in values.items():
        path = prefix + name
        own = path in ("owners", "register.columns", "register.sheets")
        yield from settings_in(value, f"{path}.") if isinstance(value, Mapping) and not own else (path,)
