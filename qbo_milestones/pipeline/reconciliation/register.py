"""The register changed behind the billing: what the gate found of rows that are already posted, as flags."""

from qbo_milestones.model.flag import Flag
from qbo_milestones.model.money import Money

KINDS = frozenset({"REGISTER_CHANGED", "REGISTER_REMOVED", "ACCEPTANCE_REVOKED_BILLED"})


def flag_register(
    kind: str,
    deliverable: str,
    sentence: str,
    where: str,
    amount: Money | None,
    *,
    invoice_number: str = "",
    journal_number: str = "",
) -> Flag:
    """A flag on a billed row. `deliverable` is the id as written, `where` the place in the register as text.

    It names no document, so that it stays the same finding whatever happens to the invoice.
    """
    if kind not in KINDS:
        raise AssertionError(f"{kind} is not a finding of the register")
    return Flag(
        kind, deliverable, sentence, amount, invoice_number=invoice_number, journal_number=journal_number, where=where
    )
