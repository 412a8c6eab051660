"""Postings that got stuck on their way: sent with an unknown end, disputed, or refused by QuickBooks."""

import re

from qbo_milestones.model.flag import Flag
from qbo_milestones.pipeline.case import Facts
from qbo_milestones.pipeline.outbox import Outgoing, Stage
from qbo_milestones.pipeline.posting import PostingKind
from qbo_milestones.pipeline.reconciliation.sentences import plain

# QuickBooks' codes (accounting.md 4.4, 6.2): the closed period is also known by its text, as one report shows 5010.
_CLOSED = frozenset({"6200", "6210"})
_CLOSED_TEXT = re.compile(r"account(?:ing)? period (?:has |is )?closed", re.IGNORECASE)
_INACTIVE = frozenset({"610", "2500", "6250"})


def flag_outgoing(outgoing: Outgoing, facts: Facts) -> Flag | None:
    """The flag of a posting that is stuck; None where it is not.

    A refused one whose deliverable is no longer accepted, or was invoiced by hand, will not be sent again: nothing is
    left to do about it.
    """
    row = facts.rows.get(outgoing.identity.deliverable)
    if outgoing.stage is Stage.REFUSED and not (row and row.accepted and not row.by_hand):
        return None
    found = _finding(outgoing)
    if found is None:
        return None
    kind, sentence = found
    is_invoice = outgoing.identity.kind is PostingKind.INVOICE
    return Flag(
        kind,
        outgoing.deliverable_id,
        sentence,
        outgoing.amount,
        (_handle(outgoing),),
        outgoing.number if is_invoice else "",
        "" if is_invoice else outgoing.number,
        where=row.where if row else "",
    )


def _finding(outgoing: Outgoing) -> tuple[str, str] | None:
    what = f"{outgoing.identity.kind.value.capitalize()} {outgoing.number}".strip()
    subject = f"{what} of {outgoing.deliverable_id} over {outgoing.amount}"
    answer = plain(outgoing.reason, 200)
    if outgoing.stage is Stage.DOUBTFUL:
        return "SEND_RESULT_UNKNOWN", f"{subject} was sent, and QuickBooks' answer did not arrive{_told(answer)}."
    if outgoing.stage is Stage.DISPUTED:
        return "POSTING_DISPUTED", f"{subject} may stand in QuickBooks twice, or not as it was sent{_told(answer)}."
    if outgoing.refused_by_quickbooks:
        code = f" (code {outgoing.code})" if outgoing.code else ""
        return _refusal(outgoing), f"QuickBooks refused {subject}{_told(answer or 'no reason given')}{code}."
    return None


def _told(answer: str) -> str:
    return f": {answer.rstrip('.')}" if answer else ""


def _refusal(outgoing: Outgoing) -> str:
    if outgoing.code in _CLOSED or _CLOSED_TEXT.search(outgoing.reason):
        return "PERIOD_CLOSED_POSTING"
    return "ITEM_OR_CUSTOMER_INACTIVE" if outgoing.code in _INACTIVE else "POSTING_REFUSED"


def _handle(outgoing: Outgoing) -> str:
    """By our number, as QuickBooks has given no id: so that journal and invoice of one deliverable stay apart."""
    return f"{outgoing.document_kind.value} {outgoing.books_id or outgoing.number or outgoing.identity.letter}"
