"""The register as the program understands it: its four kinds of rows, and what is wrong with them."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from qbo_milestones.model.money import Money


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the register something stands, as a person finds it: sheet, row as the spreadsheet counts, column."""

    sheet: str
    row: int
    column: str = ""

    def __str__(self) -> str:
        return f"{self.sheet} row {self.row}" + (f", column {self.column}" if self.column else "")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a cell or a row. A warning does not stop the row; an error does.

    `kind` is one of: BAD_ID, DUPLICATE_ID, MISSING_ID, BAD_AMOUNT, BAD_DATE, BAD_NUMBER, BAD_WORD, BAD_TEXT,
    BAD_DELEGATE, FORMULA, NUMERIC_ID, FRACTION_PERCENT, UNKNOWN_CONTRACT, UNKNOWN_DELIVERABLE, DUPLICATE_VERSION,
    MISSING_COLUMN, NO_HEADER, MISSING_SHEET, BAD_ENCODING. With NO_HEADER or MISSING_SHEET a whole sheet could not
    be read, and the readers refuse the register.
    """

    kind: str
    place: Place
    sentence: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    """One version of a statement of work (register.md, Contracts). Text that is not there is empty."""

    reference: str
    version: int
    effective_from: date | None
    customer: str
    currency: str
    value: Money | None
    row: int
    project: str = ""
    document: str = ""
    signed_on: date | None = None
    signed_by: str = ""
    terms: str = ""
    po_number: str = ""
    bill_email: str = ""
    tax_code: str = ""
    profile: str = "unbilled"
    revenue_policy: str = "point_in_time_acceptance"
    window: int | None = None
    deemed_clause: str = ""
    calendar: str = ""
    time_zone: str = ""
    partial_acceptance: str = ""
    disputes: str = ""
    change_process: str = ""
    retention: Decimal | None = None
    risk: str = "normal"
    owner: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Delegate:
    """Who else may sign, between two dates, both counted."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Deliverable:
    """One row of the sheet Deliverables. `id` is as written; `key` is how ids are compared.

    `type`, `billable` and `trigger` are folded words as the sheet has them; the gate says what it does not know.
    """

    id: str
    contract: str
    row: int
    contract_version: int | None = None
    milestone: str = ""
    name: str = ""
    type: str = ""
    output: str = ""
    acceptance_test: str = ""
    approver: str = ""
    delegates: tuple[Delegate, ...] = ()
    billable: str = ""
    trigger: str = ""
    fallback: str = ""
    amount: Money | None = None
    percent: Decimal | None = None
    target_date: date | None = None
    revision: int = 1
    parent: str = ""
    blocked_by: tuple[str, ...] = ()
    submitted_on: date | None = None
    submitted_time: time | None = None
    submission_evidence: str = ""
    item: str = ""
    class_name: str = ""
    location: str = ""
    tax_code: str = ""
    already_invoiced_as: str = ""
    owner: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def key(self) -> str:
        """The id as ids are compared."""
        return fold(self.id)


@dataclass(frozen=True, slots=True)
class SignOff:
    """One row of the sheet Sign-offs.

    `signed_on` and `signed_time` are the wall clock of the contract's zone; a time that came with an offset keeps
    it, and the gate moves it into that zone. A date alone stays that date.
    """

    deliverable: str
    row: int
    revision: int | None = None
    decision: str = ""
    signed_by: str = ""
    signed_on: date | None = None
    signed_time: time | None = None
    evidence: str = ""
    sha256: str = ""
    statement: str = ""
    channel: str = "written"
    version_reviewed: str = ""
    criteria: str = ""
    defects: str = ""
    re_review_date: date | None = None
    rejected_part: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the sheet Changes: a request, and the written decision on scope and fee."""

    id: str
    contract: str
    row: int
    deliverable: str = ""
    requested_on: date | None = None
    description: str = ""
    decision: str = ""
    fee_delta: Money | None = None
    decided_by: str = ""
    decided_on: date | None = None
    evidence: str = ""
    problems: tuple[Problem, ...] = ()


_NONE: Mapping[str, tuple[SignOff, ...]] = MappingProxyType({})
_SHEETS = ("contracts", "deliverables", "sign-offs", "changes")


@dataclass(frozen=True, slots=True)
class Register:
    """A whole register. Contracts by folded reference, oldest version first; sign-offs by folded deliverable id.

    `problems` are those that belong to no row that stands here: refused rows, whole-sheet warnings.
    `source` names the register for people; `sha256` is the hash of what was read, empty for a database.
    """

    contracts: Mapping[str, tuple[Contract, ...]]
    deliverables: tuple[Deliverable, ...]
    sign_offs: Mapping[str, tuple[SignOff, ...]] = field(default_factory=lambda: _NONE)
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()
    source: str = ""
    sha256: str = ""


def check(register: Register) -> tuple[Problem, ...]:
    """Everything that is wrong with a register, each once, by sheet, row and column, in the order of the sheets."""
    several = (
        register.problems,
        *(it.problems for versions in register.contracts.values() for it in versions),
        *(it.problems for it in register.deliverables),
        *(it.problems for one in register.sign_offs.values() for it in one),
        *(it.problems for it in register.changes),
    )
    found = dict.fromkeys(problem for problems in several for problem in problems)
    return tuple(sorted(found, key=lambda it: (*_sheet_order(it.place), it.place.row, it.place.column, it.kind)))


def contract_of(register: Register, row: Deliverable) -> Contract | None:
    """The contract version that a row names, or its newest (R26)."""
    versions = register.contracts.get(fold(row.contract), ())
    named = [version for version in versions if version.version == row.contract_version] or list(versions)
    return named[-1] if named else None


def content_hash(deliverable: Deliverable, contract: Contract | None = None) -> str:
    """SHA-256 of what a client agrees to by a sign-off on this revision (ruling 17), in hexadecimal.

    White space and Unicode form do not count; every other character does. Of the contract, only its reference and
    version count, and its value where the deliverable is a percentage of it.
    """
    value = contract.value if contract and deliverable.percent is not None else None
    agreed = {
        "id": deliverable.key,
        "revision": deliverable.revision,
        "output": _even(deliverable.output),
        "acceptance_test": _even(deliverable.acceptance_test),
        "approver": _even(deliverable.approver),
        "amount": str(deliverable.amount or ""),
        "percent": "" if deliverable.percent is None else f"{deliverable.percent.normalize():f}",
        "contract": fold(contract.reference if contract else deliverable.contract),
        "version": contract.version if contract else deliverable.contract_version,
        "value": str(value or ""),
        "trigger": deliverable.trigger,
        "billable": deliverable.billable,
    }
    return hashlib.sha256(json.dumps(agreed, sort_keys=True).encode()).hexdigest()


def signed_hash(deliverable: Deliverable) -> str:
    """SHA-256 of what an approver looked at and judged by: output and acceptance test (R15), in hexadecimal."""
    text = "\x1f".join((_even(deliverable.output), _even(deliverable.acceptance_test)))
    return hashlib.sha256(text.encode()).hexdigest()


def _even(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _sheet_order(place: Place) -> tuple[int, str]:
    name = fold(place.sheet)
    return (_SHEETS.index(name) if name in _SHEETS else len(_SHEETS), name)


@lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """An id or a name as it is compared: trimmed, NFKC, casefolded, white space folded (register.md; ruling 42)."""
    if text.isascii():  # the same, several times faster, for nearly every id there is
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
