"""A flag: a finding that a person must look at; and the closed list of kinds, with who looks and by when."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from qbo_milestones.model.business_days import add_business_days
from qbo_milestones.model.money import Money


class Severity(StrEnum):
    """How soon a person must have looked (accounting.md 6)."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"


class Owner(StrEnum):
    """Who clears it, as a role; the settings may name the person (accounting.md 6)."""

    ACCOUNT_MANAGER = "account manager"
    DELIVERY_LEAD = "delivery lead"
    BILLING_CLERK = "billing clerk"
    REVENUE_ACCOUNTANT = "revenue accountant"
    TREASURY = "treasury"
    INTEGRATION = "integration"
    CONTROLLER = "controller"


class Block(StrEnum):
    """What stands still while the flag is open."""

    BILLING = "billing"
    PAYOUT = "payout"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class FlagKind:
    """One kind of finding: how urgent, what it blocks, whose it is, and what that person should do."""

    name: str
    severity: Severity
    blocks: frozenset[Block]
    owner: Owner
    action: str


@dataclass(frozen=True, slots=True)
class Flag:
    """One finding. `subject` is the deliverable ID or empty; `documents` name QuickBooks' ones as `Invoice 145`.

    `facts` distinguishes two findings of one kind on the same documents; `also` names the kinds this one covers
    (ruling 29); `where` points into the register.
    """

    kind: str
    subject: str
    sentence: str
    amount: Money | None = None
    documents: tuple[str, ...] = ()
    invoice_number: str = ""
    journal_number: str = ""
    payment_reference: str = ""
    where: str = ""
    also: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What makes it the same finding in the next run: kind, deliverable, documents (accounting.md 6)."""
        return "|".join((self.kind, self.subject, *sorted(self.documents)))

    @property
    def rule(self) -> FlagKind:
        """The kind's row in the list."""
        return KINDS[self.kind]


def review_date(severity: Severity, opened: date) -> date:
    """When it is next looked at: urgent the same day, high in two working days, normal at the month's end."""
    if severity is Severity.URGENT:
        return opened
    if severity is Severity.HIGH:
        return add_business_days(opened, 2)
    following = date(opened.year + opened.month // 12, opened.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def _kind(name: str, severity: Severity, blocks: str, owner: Owner, action: str) -> FlagKind:
    letters = {"B": Block.BILLING, "P": Block.PAYOUT, "C": Block.CLOSE}
    return FlagKind(name, severity, frozenset(letters[letter] for letter in blocks), owner, action)


_U, _H, _N = Severity.URGENT, Severity.HIGH, Severity.NORMAL
_AM, _AR, _RA = Owner.ACCOUNT_MANAGER, Owner.BILLING_CLERK, Owner.REVENUE_ACCOUNTANT
_IT, _TR = Owner.INTEGRATION, Owner.TREASURY

KINDS = {
    kind.name: kind
    for kind in (
        # Register after posting
        _kind(
            "REGISTER_CHANGED",
            _H,
            "BP",
            _AM,
            "Restore the billed row in the register, or agree a credit with the client.",
        ),
        _kind(
            "REGISTER_REMOVED", _H, "P", _AM, "Put the billed row back into the register; a billed ID is never deleted."
        ),
        # Invoice
        _kind(
            "INVOICE_NO_ACCEPTANCE",
            _U,
            "BPC",
            _AR,
            "Void or credit the invoice, or record the sign-off that it lacks; never date one back.",
        ),
        _kind("ACCEPTANCE_REVOKED_BILLED", _U, "PC", _RA, "Decide on a credit memo and a reversing journal."),
        _kind(
            "INVOICE_MISSING",
            _U,
            "BPC",
            _AR,
            "Find out who removed the invoice; decide to re-issue it or to reverse the journal.",
        ),
        _kind("INVOICE_DELETED", _U, "BPC", _AR, "Decide to re-issue the invoice or to reverse the journal."),
        _kind("INVOICE_VOIDED", _U, "BPC", _AR, "Decide to re-issue the invoice or to reverse the journal."),
        _kind(
            "INVOICE_EDITED",
            _H,
            "PC",
            _AR,
            "Undo the edit in QuickBooks, or correct by a credit memo and a new invoice.",
        ),
        _kind(
            "INVOICE_UNTAGGED",
            _H,
            "C",
            _AR,
            "Find out what the invoice is for: credit it, or record the deliverable and its sign-off.",
        ),
        _kind("INVOICE_DUPLICATE_DELIVERABLE", _U, "BPC", _AR, "Void the later, unpaid invoice in QuickBooks."),
        _kind(
            "INVOICED_BY_HAND",
            _U,
            "BC",
            _AR,
            "Void that invoice, note its number in the register, or take the ID out of it.",
        ),
        # Journal
        _kind(
            "JOURNAL_MISSING", _H, "PC", _RA, "Find out why the acceptance journal is not in QuickBooks; post it again."
        ),
        _kind("JOURNAL_DELETED", _U, "PC", _RA, "Enter the acceptance journal again as it was."),
        _kind("JOURNAL_EDITED", _U, "PC", _RA, "Undo the edit of the acceptance journal in QuickBooks."),
        _kind("JOURNAL_DUPLICATE", _U, "PC", _RA, "Reverse the later journal."),
        # Payments
        _kind("PAYMENT_UNMATCHED", _N, "", _AR, "Find out what the client paid for; nothing was created for it."),
        _kind("PAYMENT_UNAPPLIED", _H, "P", _AR, "Apply the payment to the invoice that it is for."),
        _kind("PAYMENT_OVERPAID", _H, "", _AR, "Agree with the client: refund the excess or keep it as a credit."),
        _kind(
            "PAYMENT_DUPLICATE_REF",
            _U,
            "P",
            _AR,
            "Check the bank statement; void the payment that was entered twice, or refund it.",
        ),
        _kind("PAYMENT_DUPLICATE_AMOUNT", _U, "P", _AR, "Check the bank statement whether both payments arrived."),
        _kind(
            "PAYMENT_REF_REUSED",
            _H,
            "P",
            _AR,
            "Check the bank statement whether one payment was entered as two, or a reference was mistyped.",
        ),
        _kind(
            "INVOICE_PAID_TWICE",
            _U,
            "P",
            _AR,
            "Ask the client which invoice the second payment was meant for; refund it if none.",
        ),
        # Posting
        _kind(
            "SEND_RESULT_UNKNOWN", _U, "B", _IT, "Look in QuickBooks for the document; the next run looks for it too."
        ),
        _kind(
            "POSTING_DISPUTED",
            _U,
            "B",
            _IT,
            "Leave one document that holds what was to be posted; the next run takes it as ours.",
        ),
        _kind("POSTING_REFUSED", _H, "BC", _AR, "Correct what QuickBooks names, then run again."),
        _kind(
            "ITEM_OR_CUSTOMER_INACTIVE",
            _H,
            "B",
            _AR,
            "Make the item or customer active again in QuickBooks, then run again.",
        ),
        _kind(
            "PERIOD_CLOSED_POSTING",
            _H,
            "C",
            _RA,
            "Open the period in QuickBooks or let the next run post after the closing date.",
        ),
        _kind("LATE_ACCEPTANCE_CLOSED_PERIOD", _H, "", _RA, "Confirm that the revenue belongs in the open period."),
        _kind(
            "ECHO_DIFFERS",
            _H,
            "C",
            _AR,
            "Compare the document in QuickBooks with what was sent; QuickBooks changed it on the way in.",
        ),
        _kind("LIMIT_REACHED", _H, "B", _RA, "Look through the plan; raise the limit in the settings if it is right."),
        _kind(
            "ITEM_ACCOUNT_CHANGED", _U, "BC", _RA, "Point the milestone item back at Unbilled receivable in QuickBooks."
        ),
    )
}
