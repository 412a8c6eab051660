"""A register that the gate lets through, and ways to spoil it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.gate import (
    Billable,
    Billed,
    EvidenceFile,
    Held,
    Rules,
    Verdict,
    evidence_wanted,
    examine,
)
from qbo_milestones.pipeline.register import Change, Contract, Deliverable, Register, SignOff, fold

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RULES = Rules(NOW, "America/New_York", None, False, False, "USD")

CONTRACT = Contract(
    "SOW-1",
    1,
    date(2026, 1, 1),
    "Acme",
    "USD",
    Money(Decimal(100_000), "USD"),
    2,
    document="sow-1.pdf",
    signed_on=date(2026, 1, 2),
    signed_by="Ann Client",
    terms="Net 30",
    time_zone="America/New_York",
    partial_acceptance="clause 4",
    disputes="clause 5",
    change_process="clause 6",
)
ROW = Deliverable(
    "D-1",
    "SOW-1",
    7,
    contract_version=1,
    milestone="M1",
    name="Wireframes",
    type="deliverable",
    output="wireframes.pdf",
    acceptance_test="1. all pages drawn",
    approver="Dana Reyes (client product owner)",
    billable="yes",
    trigger="acceptance",
    fallback="resubmit",
    amount=Money(Decimal(1_000), "USD"),
    target_date=date(2026, 10, 1),
)
SIGNED = SignOff("D-1", 9, 1, "accepted", "Dana Reyes", date(2026, 10, 28), evidence="d-1.pdf", statement="Accepted.")


def usd(amount: str | int) -> Money:
    """Dollars."""
    return Money(Decimal(amount), "USD")


def register(
    rows: Iterable[Deliverable] = (ROW,),
    sign_offs: Iterable[SignOff] | None = None,
    contracts: Iterable[Contract] = (CONTRACT,),
    changes: Iterable[Change] = (),
) -> Register:
    """A register of these; where no sign-offs are given, every row is signed."""
    rows = tuple(rows)
    if sign_offs is None:
        sign_offs = [replace(SIGNED, deliverable=row.id, revision=row.revision) for row in rows]
    by_id: dict[str, tuple[SignOff, ...]] = {}
    for each in sign_offs:
        by_id[fold(each.deliverable)] = (*by_id.get(fold(each.deliverable), ()), each)
    versions: dict[str, tuple[Contract, ...]] = {}
    for contract in contracts:
        versions[fold(contract.reference)] = (*versions.get(fold(contract.reference), ()), contract)
    return Register(versions, rows, by_id, tuple(changes))


def verdicts(
    given: Register,
    billed: Mapping[str, Billed] | None = None,
    rules: Rules = RULES,
    missing: Iterable[str] = (),
) -> tuple[Verdict, ...]:
    """The gate's answer, with all evidence there but what is `missing`."""
    missing = set(missing)
    wanted = evidence_wanted(given, billed or {})
    found = {path: EvidenceFile(path, "was not found" if path in missing else "", size=1) for path in wanted}
    return examine(given, billed or {}, found, rules)


def held(verdict: Verdict) -> Held:
    """The verdict, which must be Held."""
    assert isinstance(verdict, Held), verdict
    return verdict


def billable(verdict: Verdict) -> Billable:
    """The verdict, which must be Billable."""
    assert isinstance(verdict, Billable), verdict
    return verdict


def kinds(verdict: Verdict) -> list[str]:
    """The kinds of all reasons, in their order; none for a billable row."""
    return [] if isinstance(verdict, Billable) else [why.kind for why in verdict.reasons]


def cells(verdict: Verdict) -> set[str]:
    """The cells that the reasons name."""
    return {str(why.place) for why in held(verdict).reasons}


def bill(row: Deliverable, amount: Money | None = None, content_hash: str = "") -> dict[str, Billed]:
    """What the books hold of a row."""
    money = amount or row.amount or usd(1)
    return {row.key: Billed(row.key, row.revision, money, row.contract, content_hash, f"Invoice {row.id}-A")}
