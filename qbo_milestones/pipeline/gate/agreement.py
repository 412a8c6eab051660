"""The contract that a row stands on: its version, the version in force, and what the contract lacks for billing.

A row stands on the version that it names, whose terms count for it (R26); one that names none stands on the newest in
force. Contract value, cap and payment schedule are always of the newest version in force on the billing date, over
all rows of the reference, whichever version they stand on (rulings 19, 39; accounting.md 4.1).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from qbo_milestones.pipeline.gate.held import Reason, of_problem, reason
from qbo_milestones.pipeline.gate.moments import zone
from qbo_milestones.pipeline.gate.people import blank
from qbo_milestones.pipeline.register import Contract, Deliverable, Place, fold

_SHEET = "Contracts"


@dataclass(frozen=True, slots=True)
class Standing:
    """One version of a contract as all its rows see it. `key` is the folded reference, `local` the contract's zone.

    `contract` is None where the row names none that is known; `in_force` is None where no version is in force today.
    """

    key: str
    contract: Contract | None
    in_force: Contract | None
    versions: tuple[Contract, ...]
    local: ZoneInfo
    reasons: tuple[Reason, ...] = ()


def in_force(versions: Sequence[Contract], on: date) -> Contract | None:
    """The newest version whose Effective from and Signed on are both not later than `on` (ruling 39)."""
    counted = [
        version
        for version in versions
        if version.effective_from is not None
        and version.effective_from <= on
        and version.signed_on is not None
        and version.signed_on <= on
    ]
    return max(counted, key=lambda version: version.version, default=None)


class Agreements:
    """Each contract looked at once, however many rows stand on it. `today` is in the company's zone."""

    def __init__(
        self, contracts: Mapping[str, tuple[Contract, ...]], today: date, company: ZoneInfo, home: str
    ) -> None:
        self._contracts, self._today, self._company, self._home = contracts, today, company, home
        self._known: dict[tuple[str, int | None], Standing] = {}

    def of(self, row: Deliverable) -> Standing:
        """The contract of a row."""
        name = (row.contract, row.contract_version)
        standing = self._known.get(name)
        if standing is None:
            standing = self._known[name] = self._look_up(*name)
        return standing

    def _look_up(self, reference: str, version: int | None) -> Standing:
        key = fold(reference)
        versions = self._contracts.get(key, ())
        current = in_force(versions, self._today)
        if version is None:
            contract = current or max(versions, key=lambda each: each.version, default=None)
        else:
            contract = next((each for each in versions if each.version == version), None)
        if contract is None:
            return Standing(key, None, current, versions, self._company)
        reasons = tuple(why for check in CHECKS for why in check(contract, self._today, self._home))
        local = zone(contract.time_zone.strip()) if contract.time_zone.strip() else None
        return Standing(key, contract, current, versions, local or self._company, reasons)


def _readable(contract: Contract, _today: date, _home: str) -> Iterator[Reason]:
    yield from (of_problem(problem) for problem in contract.problems if not problem.warning)


_WANTED = (
    ("document", "Document", "MISSING_SOW_REF", "no signed document is named. Name its file or link."),
    ("customer", "Customer", "MISSING_CUSTOMER", "no customer. Write its name as QuickBooks has it."),
    (
        "terms",
        "Payment terms",
        "MISSING_TERMS",
        "no payment terms. Write the name that QuickBooks has, such as Net 30.",
    ),
    ("partial_acceptance", "Partial acceptance", "MISSING_TERMS", "it does not say how partial acceptance is handled."),
    (
        "disputes",
        "Disputes",
        "MISSING_TERMS",
        "it does not say how disputes are handled. Write the clause or a sentence.",
    ),
    ("change_process", "Change process", "MISSING_TERMS", "it does not say how scope and fee are changed (R18)."),
    ("signed_by", "Signed by", "CONTRACT_NOT_SIGNED", "it does not say who signed this version. Write the name."),
)


def _complete(contract: Contract, _today: date, _home: str) -> Iterator[Reason]:
    for field, column, kind, text in _WANTED:
        if blank(getattr(contract, field)):
            yield reason(kind, Place(_SHEET, contract.row, column), f"{contract.reference}: {text}")


def _valued(contract: Contract, _today: date, _home: str) -> Iterator[Reason]:
    place = Place(_SHEET, contract.row, "Contract value")
    unread = any(each.place.column == place.column and not each.warning for each in contract.problems)
    if contract.value is None and not unread:
        yield reason("MISSING_AMOUNT", place, "no contract value, so nothing limits what is billed. Write it.")
    elif contract.value is not None and contract.value.amount <= 0:
        yield reason("BAD_AMOUNT", place, f"the contract value is {contract.value}; it must be more than nothing.")


def _signed(contract: Contract, today: date, _home: str) -> Iterator[Reason]:
    signed, effective = Place(_SHEET, contract.row, "Signed on"), Place(_SHEET, contract.row, "Effective from")
    name = f"{contract.reference} version {contract.version}"
    if contract.signed_on is None:
        yield reason("CONTRACT_NOT_SIGNED", signed, f"{name} has no date of signature. Write when it was signed.")
    elif contract.signed_on > today:
        text = f"{name} is signed only on {contract.signed_on}. Wait, or correct the date."
        yield reason("CONTRACT_NOT_IN_FORCE", signed, text)
    if contract.effective_from is None:
        yield reason("CONTRACT_NOT_IN_FORCE", effective, f"{name} does not say from when it counts. Write the date.")
    elif contract.effective_from > today:
        text = f"{name} counts only from {contract.effective_from}. Wait, or correct the date."
        yield reason("CONTRACT_NOT_IN_FORCE", effective, text)


def _supported(contract: Contract, _today: date, home: str) -> Iterator[Reason]:
    def cell(column: str) -> Place:
        return Place(_SHEET, contract.row, column)

    if contract.retention:
        text = f"{contract.retention}% is held back; retention is not billed by this version. Bill it by hand."
        yield reason("RETENTION_NOT_SUPPORTED", cell("Retention"), text)
    if contract.profile not in ("unbilled", ""):
        text = f"the profile is {contract.profile}; only unbilled is billed by this version. Bill it by hand."
        yield reason("PROFILE_NOT_SUPPORTED", cell("Profile"), text)
    if contract.revenue_policy not in ("point_in_time_acceptance", ""):
        text = (
            f"the revenue policy is {contract.revenue_policy}; only point_in_time_acceptance is billed by this version."
        )
        yield reason("REVENUE_POLICY_NOT_SUPPORTED", cell("Revenue policy"), f"{text} Bill it by hand.")
    if contract.currency != home and not any(each.place.column == "Currency" for each in contract.problems):
        says = f"the currency is {contract.currency}" if contract.currency else "no currency"
        text = f"{says}; this version bills only in the home currency {home}. Bill it by hand, or write {home}."
        yield reason("CURRENCY_NOT_SUPPORTED", cell("Currency"), text)


def _zoned(contract: Contract, _today: date, _home: str) -> Iterator[Reason]:
    name = contract.time_zone.strip()
    if name and zone(name) is None:
        text = (
            f"{name[:60]!r} is no time zone, so the date of a sign-off is not known. Write one such as Europe/Berlin."
        )
        yield reason("UNKNOWN_TIME_ZONE", Place(_SHEET, contract.row, "Time zone"), text)


CHECKS = (_readable, _complete, _valued, _signed, _supported, _zoned)
