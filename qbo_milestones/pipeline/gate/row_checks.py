"""What a row of the sheet Deliverables must have before it can be billed (R6, R7, R10-R13, R33, R38)."""

from collections.abc import Iterator

from qbo_milestones.pipeline.gate.agreement import Standing
from qbo_milestones.pipeline.gate.held import Reason, of_problem, reason
from qbo_milestones.pipeline.gate.people import blank
from qbo_milestones.pipeline.register import Deliverable, Place

SHEET = "Deliverables"
_YES = frozenset(("yes", "y", "true"))
_NO = frozenset(("no", "n", "false"))
_NO_CHARGE = frozenset(("n/c", "nc", "no charge"))
_MARKERS = frozenset(("milestone", "task", "control"))
_TRIGGERS = frozenset(
    (
        "acceptance",
        "deemed",
        "deemed acceptance",
        # The example rows of requirements.md, word for word.
        "invoice after recorded acceptance",
        "invoice after sign-off, or deemed acceptance per contract terms",
    )
)

# Words in Type or Invoice trigger that say that this is no milestone billing at all (R42, R101; accounting.md 4 E4-E5).
_ELSEWHERE = (
    (
        "TIME_AND_MATERIALS",
        ("time and material", "time & material", "t&m", "hour", "time sheet", "timesheet", "expense"),
    ),
    ("TIME_AND_MATERIALS", ("reimburs", "per diem", "day rate", "daily rate")),
    ("DEPOSIT_NOT_SUPPORTED", ("deposit", "retainer", "advance", "prepay", "down payment", "downpayment")),
    ("RETENTION_NOT_SUPPORTED", ("retention", "retainage", "holdback")),
)

_MISSING = (
    ("output", "Output", "NOT_A_DELIVERABLE", "nothing that the client can inspect. Name the file, link or place."),
    (
        "acceptance_test",
        "Acceptance test",
        "MISSING_CRITERIA",
        "no acceptance criteria. Write them, then have it signed.",
    ),
    ("fallback", "Fallback if rejected", "MISSING_FALLBACK", "it does not say what happens if the client rejects it."),
    ("name", "Deliverable", "MISSING_NAME", "the output has no name. Name it as the contract does."),
)


def claims_billing(row: Deliverable) -> bool:
    """Whether the row is meant to be billed: Billable neither says no nor no charge."""
    return row.billable not in _NO and row.billable not in _NO_CHARGE


def scheduled(row: Deliverable) -> bool:
    """Whether the row counts in the payment schedule of its contract: a deliverable that is meant to be billed."""
    return claims_billing(row) and row.type not in _MARKERS


def settled(row: Deliverable) -> Iterator[Reason]:
    """Why nothing more is asked of a row: it was invoiced by hand, or is not meant to be billed at all."""
    if not blank(row.already_invoiced_as):
        text = f"it was invoiced by hand as {row.already_invoiced_as.strip()} and is not billed again."
        yield reason("ALREADY_INVOICED", Place(SHEET, row.row, "Already invoiced as"), text)
    if row.billable in _NO_CHARGE:
        text = "there is no charge for it (N/C), so there is nothing to invoice."
        yield reason("NOT_BILLABLE", Place(SHEET, row.row, "Billable"), text)
    elif row.billable in _NO:
        yield reason("NOT_BILLABLE", Place(SHEET, row.row, "Billable"), "the register says that it is not billable.")
    else:
        return
    yield from _marker(row)


def _marker(row: Deliverable) -> Iterator[Reason]:
    if row.type in _MARKERS:
        amount = " Its amount is not billed." if row.amount is not None or row.percent is not None else ""
        text = f"a {row.type} is a progress marker; only a deliverable can be billed.{amount}"
        yield reason("NOT_A_DELIVERABLE", Place(SHEET, row.row, "Type"), text)


def _readable(row: Deliverable, _standing: Standing) -> Iterator[Reason]:
    yield from (of_problem(problem) for problem in row.problems if not problem.warning)


def _elsewhere(words: str) -> str:
    return next((kind for kind, signs in _ELSEWHERE if any(sign in words for sign in signs)), "")


_ELSEWHERE_TEXT = {
    "TIME_AND_MATERIALS": "time, materials and costs are billed outside this register.",
    "DEPOSIT_NOT_SUPPORTED": "deposits and advances are not billed by this version; finance invoices them by hand.",
    "RETENTION_NOT_SUPPORTED": "retention is not billed by this version; finance invoices it by hand.",
}


def _typed(row: Deliverable, _standing: Standing) -> Iterator[Reason]:
    if row.type == "deliverable":
        return
    place = Place(SHEET, row.row, "Type")
    if row.type in _MARKERS:
        yield from _marker(row)
    elif kind := _elsewhere(row.type):
        yield reason(kind, place, f"{row.type[:60]!r}: {_ELSEWHERE_TEXT[kind]}")
    else:
        says = f"{row.type[:60]!r} is no type" if row.type else "no type"
        yield reason("UNKNOWN_TYPE", place, f"{says}. Write deliverable, milestone, task or control.")


def _billable(row: Deliverable, _standing: Standing) -> Iterator[Reason]:
    if row.billable not in _YES:
        says = f"{row.billable[:60]!r} is neither yes, no nor N/C" if row.billable else "it does not say yes, no or N/C"
        yield reason("NOT_BILLABLE", Place(SHEET, row.row, "Billable"), f"{says}. Write one of the three.")


def _complete(row: Deliverable, _standing: Standing) -> Iterator[Reason]:
    for field, column, kind, text in _MISSING:
        value = getattr(row, field)
        if blank(value):
            says = f"{value.strip()!r} says nothing: " if value.strip() else ""
            yield reason(kind, Place(SHEET, row.row, column), says + text)
    if row.target_date is None and not _unread(row, "Target date"):
        text = "no target date. Write when it should be done."
        yield reason("MISSING_TARGET_DATE", Place(SHEET, row.row, "Target date"), text)


def _unread(row: Deliverable, *columns: str) -> bool:
    """Whether the cell is not empty but could not be read, so that its own problem names it."""
    return any(problem.place.column in columns and not problem.warning for problem in row.problems)


def _triggered(row: Deliverable, _standing: Standing) -> Iterator[Reason]:
    if row.trigger in _TRIGGERS:
        return
    place = Place(SHEET, row.row, "Invoice trigger")
    if kind := _elsewhere(row.trigger):
        yield reason(kind, place, f"{row.trigger[:60]!r}: {_ELSEWHERE_TEXT[kind]}")
        return
    says = f"{row.trigger[:80]!r} is no trigger" if row.trigger else "no invoice trigger"
    yield reason("NO_TRIGGER", place, f"{says}. Only acceptance, or deemed acceptance, lets a deliverable be billed.")


def _contracted(row: Deliverable, standing: Standing) -> Iterator[Reason]:
    if standing.contract is not None:
        yield from standing.reasons
        return
    if blank(row.contract):
        text = "no contract reference. Name the statement of work."
        yield reason("MISSING_SOW_REF", Place(SHEET, row.row, "Contract"), text)
    elif not standing.versions:
        text = f"{row.contract} does not stand on the sheet Contracts. Correct the reference, or add the contract."
        yield reason("MISSING_SOW_REF", Place(SHEET, row.row, "Contract"), text)
    else:
        text = f"{row.contract} has no version {row.contract_version}. Correct it, or add the version."
        yield reason("MISSING_SOW_REF", Place(SHEET, row.row, "Contract version"), text)


# Approver and sign-off are looked at in sign_off.py, the amount in amounts.py.
CHECKS = (_readable, _typed, _billable, _complete, _triggered, _contracted)
