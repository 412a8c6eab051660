"""What `trace` prints for people: one deliverable from contract to bank, top to bottom."""

from collections.abc import Iterator

from rich.markup import escape
from rich.table import Table

from qbo_milestones.entrypoints.tables import console, heading
from qbo_milestones.pipeline.settlement import Funds, Settlement
from qbo_milestones.pipeline.trail import TracedPosting, Trail

_FUNDS = {
    Funds.F0: "no money yet",
    Funds.F1: "received, not yet deposited",
    Funds.F2: "on a bank account in QuickBooks",
}


def show(found: Trail) -> None:
    """The story in the order in which it happened; a gap is said as one."""
    heading(f"{found.id}: {found.deliverable.name if found.deliverable else 'no longer in the register'}")
    table = Table.grid(padding=(0, 2))
    for what, text in _lines(found):
        table.add_row(f"[bold]{what}[/]", escape(text))
    console.print(table)


def _lines(found: Trail) -> Iterator[tuple[str, str]]:
    yield from _agreed(found)
    yield from _signed(found)
    if not found.trace.postings:
        yield "Posted", "nothing; `qbo-milestones plan` says why"
    hashed = {one.evidence: one.evidence_sha256 for one in found.trace.postings if one.evidence_sha256}
    for evidence, sha256 in hashed.items():
        yield "Evidence", f"{evidence}, SHA-256 {sha256}"
    for posting in found.trace.postings:
        yield from _posted(found, posting)
    for settlement in found.settlements:
        yield from _paid(settlement)


def _agreed(found: Trail) -> Iterator[tuple[str, str]]:
    contract, row = found.contract, found.deliverable
    if contract:
        yield (
            "Contract",
            f"{contract.reference} version {contract.version}, {contract.customer}, {contract.value or 'no value'}, "
            f"signed {contract.signed_on or 'never'} by {contract.signed_by or 'nobody'}; "
            f"terms {contract.terms or 'none'}",
        )
    if row:
        yield "Deliverable", f"Deliverables row {row.row}, {row.output or 'no output'}, revision {row.revision}"
        yield "Acceptance test", " / ".join(row.acceptance_test.split("\n")) or "none"
        yield "Approver", row.approver or "none"


def _signed(found: Trail) -> Iterator[tuple[str, str]]:
    if not found.sign_offs:
        yield "Sign-off", "none on record"
    for one in found.sign_offs:
        when = " ".join(
            filter(None, (str(one.signed_on or "no date"), f"{one.signed_time:%H:%M}" if one.signed_time else ""))
        )
        yield (
            "Sign-off",
            f"{one.decision} by {one.signed_by or 'nobody'}, {when}, {one.channel}; {one.evidence or 'no evidence'}",
        )


def _posted(found: Trail, posting: TracedPosting) -> Iterator[tuple[str, str]]:
    outgoing = posting.outgoing
    what = "Journal" if outgoing.identity.kind.value == "journal" else "Invoice"
    id_ = f"QuickBooks id {outgoing.books_id}, " if outgoing.books_id else ""
    adopted = ", found in the books" if outgoing.adopted else ""
    number = outgoing.number or "(numbered by QuickBooks)"
    yield what, f"{number}, {id_}{posting.txn_date}, {outgoing.amount}: {outgoing.stage.value}{adopted}"
    for attempt in found.trace.attempts:
        if attempt.posting_key == outgoing.key:
            outcome = attempt.outcome.value if attempt.outcome else "unknown"
            tid = f", intuit_tid {attempt.tid}" if attempt.tid else ""
            yield "  sent", f"{attempt.sent_at:%Y-%m-%d %H:%M:%S %Z}: {outcome}{tid} {attempt.text}".rstrip()


def _paid(settlement: Settlement) -> Iterator[tuple[str, str]]:
    due = f", due {settlement.due_date}" if settlement.due_date else ""
    yield (
        "Settlement",
        f"{settlement.state.value}: {settlement.paid} paid, {settlement.credited} credited, {settlement.open} open of "
        f"{settlement.total}{due}; {_FUNDS[settlement.funds]} ({settlement.funds.name})",
    )
    for receipt in settlement.receipts:
        yield (
            "  payment",
            f"{receipt.reference or 'no reference'}, QuickBooks id {receipt.payment_id}, {receipt.date or 'no date'}, "
            f"{receipt.applied} applied; {_FUNDS[receipt.funds]}",
        )
