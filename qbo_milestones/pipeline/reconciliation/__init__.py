"""Why is it flagged? What we posted held against what the books hold now, one family of checks a file."""

from collections.abc import Iterable

from qbo_milestones.model.flag import Flag, Severity
from qbo_milestones.pipeline.case import Case, Facts
from qbo_milestones.pipeline.reconciliation import deliveries, invoices, journals
from qbo_milestones.pipeline.reconciliation.by_hand import flag_by_hand, hold_invoiced
from qbo_milestones.pipeline.reconciliation.payments import check_payments
from qbo_milestones.pipeline.reconciliation.postings import flag_outgoing
from qbo_milestones.pipeline.reconciliation.register import flag_register
from qbo_milestones.pipeline.reconciliation.strays import reconcile_strays
from qbo_milestones.pipeline.reconciliation.tree import lay_out

__all__ = ["flag_by_hand", "flag_outgoing", "flag_register", "hold_invoiced", "reconcile", "reconcile_strays"]

_CHECKS = (*invoices.CHECKS, *journals.CHECKS, *deliveries.CHECKS)
_URGENCY = tuple(Severity)


def reconcile(case: Case, facts: Facts) -> tuple[Flag, ...]:
    """The flags of one customer tree, most urgent first; the order of the documents does not matter."""
    tree = lay_out(case, facts)
    found = [flag for check in _CHECKS for flag in check(tree)]
    return _in_order((*found, *check_payments(tree)))


def _in_order(flags: Iterable[Flag]) -> tuple[Flag, ...]:
    return tuple(sorted(flags, key=lambda flag: (_URGENCY.index(flag.rule.severity), flag.key)))
