"""Before anything is sent: is it billed already by an invoice that this program did not make? (design.md, always 2)."""

from collections.abc import Iterable, Mapping, Sequence

from qbo_milestones.model.books import Document
from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.gate import Billable, Held, Reason, Verdict
from qbo_milestones.pipeline.posting import Identity, PostingKind, document_number
from qbo_milestones.pipeline.reconciliation.sentences import day, name, order
from qbo_milestones.pipeline.reconciliation.tags import tags_of
from qbo_milestones.pipeline.register import Place, fold


def hold_invoiced(verdicts: Sequence[Verdict], invoices: Iterable[Document], company: str) -> tuple[Verdict, ...]:
    """Hold the billable rows that a live invoice without their stamp bills: by tag, by number, or by id and amount.

    After the posting it would be INVOICE_DUPLICATE_DELIVERABLE, and the client charged twice. An invoice that only
    mentions the id, over another amount (a deposit, say), bills something else.
    """
    wanted = {each.deliverable.key: each for each in verdicts if isinstance(each, Billable)}
    found = _billed(wanted, invoices, company) if wanted else {}
    return tuple(_held(each, found) if each.deliverable.key in found else each for each in verdicts)


def _billed(wanted: Mapping[str, Billable], invoices: Iterable[Document], company: str) -> dict[str, Document]:
    """The earliest invoice of each wanted deliverable that somebody else made."""
    ours = {key: Identity(company, key, PostingKind.INVOICE) for key in wanted}
    numbers = {fold(document_number(ours[key], each.deliverable.id)): key for key, each in wanted.items()}
    found: dict[str, Document] = {}
    for invoice in invoices:
        for key in _named(invoice, wanted) | {numbers.get(fold(invoice.number), "")}:
            # What bears the stamp is ours, and looked for by it.
            if key not in wanted or invoice.stamp == ours[key].stamp_code:
                continue
            if key not in found or order(invoice) < order(found[key]):
                found[key] = invoice
    return found


def _named(invoice: Document, wanted: Mapping[str, Billable]) -> set[str]:
    tags = tags_of(invoice, wanted.__contains__)
    mentioned = {id_ for id_ in tags.mentioned if _comes_to(invoice, wanted[id_].amount)}
    return {fold(id_) for id_ in tags.bracketed} | mentioned


def _comes_to(invoice: Document, amount: Money) -> bool:
    return amount in (invoice.total, *(line.amount for line in invoice.lines))


def _held(verdict: Verdict, found: Mapping[str, Document]) -> Verdict:
    row = verdict.deliverable
    invoice, place = found[row.key], Place("Deliverables", row.row, "Already invoiced as")
    text = (
        f"{place}: {name(invoice)} of {day(invoice.txn_date)} over {invoice.total}, which this program did not make, "
        f"names {row.id}. If it bills it, write its number here; if not, take the ID out of it in QuickBooks."
    )
    return Held(row, (Reason("INVOICED_BY_HAND", text, place),), verdict.amount)
