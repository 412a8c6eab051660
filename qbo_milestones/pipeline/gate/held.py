"""Why a row is held: one reason, and the closed list of kinds with owner and action (accounting.md 6.1; ruling 37)."""

from dataclasses import dataclass

from qbo_milestones.model.flag import Owner, Severity
from qbo_milestones.pipeline.register import Place, Problem


@dataclass(frozen=True, slots=True)
class HeldKind:
    """One kind of reason: how urgent, whose it is, and what that person should do."""

    name: str
    severity: Severity
    owner: Owner
    action: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that keeps a row from being billed. The sentence names the cell, what is wrong and what to do."""

    kind: str
    sentence: str
    place: Place | None = None

    @property
    def rule(self) -> HeldKind:
        """The kind's row in the list."""
        return KINDS[self.kind]


def reason(kind: str, place: Place, text: str) -> Reason:
    """A reason whose sentence starts with its cell."""
    return Reason(kind, f"{place}: {text}", place)


def of_problem(problem: Problem) -> Reason:
    """What a cell that could not be read means for its row; a kind that is not known here is a cell all the same."""
    kind = problem.kind if problem.kind in KINDS else "UNREADABLE_CELL"
    # The reader may or may not have named the cell in its sentence.
    named = str(problem.place) in problem.sentence
    return Reason(kind, problem.sentence if named else f"{problem.place}: {problem.sentence}", problem.place)


_U, _H, _N = Severity.URGENT, Severity.HIGH, Severity.NORMAL
_AM, _DL, _AR, _RA = Owner.ACCOUNT_MANAGER, Owner.DELIVERY_LEAD, Owner.BILLING_CLERK, Owner.REVENUE_ACCOUNTANT

_ROWS: tuple[tuple[str, Severity, Owner, str], ...] = (
    # Settled: nothing is left to bill
    ("ALREADY_BILLED", _N, _AR, "Nothing to do; it is billed once, whatever its revision."),
    ("ALREADY_INVOICED", _N, _AR, "Nothing to do; it was invoiced by hand."),
    ("NOT_BILLABLE", _N, _DL, "Nothing to do, or correct the column Billable."),
    ("BEFORE_GO_LIVE", _N, _AR, "Invoice it by hand if that was never done, and note the number in the register."),
    # The row
    ("NOT_A_DELIVERABLE", _N, _DL, "Keep it as a progress marker, or say what the client inspects."),
    ("UNKNOWN_TYPE", _H, _AM, "Write deliverable, milestone, task or control."),
    ("MISSING_NAME", _H, _AM, "Name the output."),
    ("MISSING_CRITERIA", _H, _AM, "Write the acceptance criteria and have this revision signed."),
    ("MISSING_APPROVER", _H, _AM, "Name the person who approves, the role in brackets."),
    ("NO_TRIGGER", _H, _AM, "Write the invoice trigger that the contract names."),
    ("MISSING_FALLBACK", _H, _AM, "Write what happens if the client rejects it."),
    ("MISSING_TARGET_DATE", _H, _AM, "Write when it should be done."),
    ("TIME_AND_MATERIALS", _H, _AM, "Bill time and costs outside this register."),
    ("DEPOSIT_NOT_SUPPORTED", _H, _AR, "Finance invoices deposits by hand."),
    ("SPLIT_NOT_SUPPORTED", _H, _AM, "Write each part as a deliverable of its own with its own sign-off."),
    # Amount
    ("MISSING_AMOUNT", _H, _AM, "Write an amount or a percentage."),
    ("BAD_AMOUNT", _H, _AM, "Correct the amount."),
    ("PERCENT_NOT_100", _H, _AM, "Correct the payment schedule of the contract."),
    ("OVERBILL_CAP", _U, _RA, "Agree an amendment, or reduce the amount."),
    # Contract
    ("MISSING_SOW_REF", _H, _AM, "Name the signed statement of work."),
    ("MISSING_TERMS", _H, _AM, "Write the terms that the contract has on it."),
    ("MISSING_CUSTOMER", _H, _AM, "Name the customer as QuickBooks has it."),
    ("CONTRACT_NOT_SIGNED", _H, _AM, "Have this version of the contract signed; write when and by whom."),
    ("CONTRACT_NOT_IN_FORCE", _H, _AM, "Wait for the version to count, or correct its dates."),
    ("CURRENCY_NOT_SUPPORTED", _H, _RA, "Bill it by hand, or agree a contract in the home currency."),
    ("RETENTION_NOT_SUPPORTED", _H, _RA, "Bill it by hand; retention is not billed by this version."),
    ("PROFILE_NOT_SUPPORTED", _H, _RA, "Bill it by hand, or use the profile unbilled."),
    ("REVENUE_POLICY_NOT_SUPPORTED", _H, _RA, "Bill it by hand, or use point_in_time_acceptance."),
    ("UNKNOWN_TIME_ZONE", _H, _AM, "Write a zone such as America/New_York."),
    # Sign-off
    ("AWAITING_SIGNOFF", _N, _AM, "Ask the approver for a short written approval."),
    ("SIGNOFF_WRONG_PERSON", _H, _AM, "Get the approval from the named approver."),
    ("SIGNOFF_AMBIGUOUS", _H, _AM, "Get a written clarification from the approver."),
    ("SIGNOFF_VERBAL", _H, _AM, "Get a short written approval."),
    ("SIGNOFF_CONFLICT", _U, _AM, "Put the records in order by their evidence."),
    ("SIGNOFF_AFTER_SCOPE_CHANGE", _H, _AM, "Have the current revision signed."),
    ("SIGNOFF_DATE_INVALID", _H, _AM, "Correct the date of the sign-off by its evidence."),
    ("MISSING_EVIDENCE", _H, _AM, "Put the file into the evidence folder and its path into the register."),
    ("EVIDENCE_HASH_MISMATCH", _U, _AM, "Find out which file was signed; correct the file or its SHA-256."),
    ("REJECTED", _N, _DL, "Remedy the defects and have it reviewed again."),
    ("REJECTED_NO_REREVIEW", _H, _DL, "Complete the defect record and set a re-review date."),
    ("REVOKED", _H, _AM, "Agree with the client; a new written acceptance unlocks it."),
    ("PARTIAL_ACCEPTANCE", _H, _AM, "Agree the split in writing; write each part as a deliverable of its own."),
    ("DEEMED_NOT_ALLOWED", _H, _AM, "Chase the written sign-off."),
    ("WINDOW_RUNNING", _N, _AM, "Chase the written sign-off, or wait."),
    # Other rows
    ("DEPENDENCY_OPEN", _N, _DL, "Resolve the control that blocks it."),
    ("DEPENDENCY_CIRCLE", _H, _DL, "Take one of the rows out of the circle."),
    ("CR_UNDECIDED", _H, _AM, "Get the written decision on the change request."),
    ("CR_TOUCHES_ACCEPTED", _H, _RA, "Leave the accepted work as it is; write the new fee as a new deliverable."),
    ("CR_FEE_NOT_SUPPORTED", _H, _RA, "Write the new fee as an amendment and a new deliverable."),
    # Cells that could not be read
    ("MISSING_ID", _H, _AM, "Give the row its Deliverable ID."),
    ("BAD_ID", _H, _AM, "Correct the ID."),
    ("DUPLICATE_ID", _H, _AM, "Give each row its own ID."),
    ("NUMERIC_ID", _H, _AM, "Format the ID as text."),
    ("BAD_DATE", _H, _AM, "Correct the date."),
    ("BAD_NUMBER", _H, _AM, "Correct the number."),
    ("BAD_WORD", _H, _AM, "Use one of the words that the column knows."),
    ("BAD_TEXT", _H, _AM, "Correct the text of the cell."),
    ("BAD_DELEGATE", _H, _AM, "Write each delegate as a name with two dates."),
    ("FORMULA", _H, _AM, "Replace the formula by its value."),
    ("FRACTION_PERCENT", _H, _AM, "Write the percentage with a percent sign."),
    ("UNKNOWN_CONTRACT", _H, _AM, "Correct the reference, or add the contract."),
    ("DUPLICATE_VERSION", _H, _AM, "Give each amendment its own version."),
    ("MISSING_COLUMN", _H, _AM, "Add the column."),
    ("UNREADABLE_CELL", _H, _AM, "Correct the cell."),
    # What stands in QuickBooks, its names and set-up
    ("CUSTOMER_NOT_FOUND", _H, _AR, "Correct the name, or make the customer in QuickBooks."),
    ("TERMS_NOT_FOUND", _H, _AR, "Correct the name, or make the terms in QuickBooks."),
    ("ITEM_NOT_FOUND", _H, _AR, "Correct the name, or make the item in QuickBooks."),
    ("ACCOUNT_NOT_FOUND", _H, _RA, "Correct the account in the settings."),
    ("CLASS_NOT_FOUND", _H, _AR, "Correct the name, or make the class in QuickBooks."),
    ("LOCATION_NOT_FOUND", _H, _AR, "Correct the name, or make the location in QuickBooks."),
    ("TAX_CODE_NOT_FOUND", _H, _AR, "Correct the tax code."),
    ("TAX_CODE_MISSING", _H, _AR, "Write a tax code."),
    ("ITEM_ACCOUNT_CHANGED", _U, _RA, "Point the item back at Unbilled receivable in QuickBooks."),
    ("JOURNAL_DIFFERS", _U, _RA, "Restore the row as it was, or reverse the journal in QuickBooks."),
    ("INVOICED_BY_HAND", _U, _AR, "Void that invoice, note its number in the register, or take the ID out of it."),
    ("POSTING_REFUSED", _H, _AR, "Correct what QuickBooks names, then run with --retry."),
    ("CURRENCY_MISMATCH", _H, _RA, "Bill the customer in its own currency."),
    ("MISSING_EMAIL", _H, _AR, "Write where the invoice goes."),
)

KINDS = {name: HeldKind(name, severity, owner, action) for name, severity, owner, action in _ROWS}
