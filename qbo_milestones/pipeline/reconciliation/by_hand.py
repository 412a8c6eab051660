"""Before anything is sent: is it billed already by an invoice that this program did not make? (design.md, always 2)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set

from qbo_milestones.model.books import Document
from qbo_milestones.model.flag import Flag
from qbo_milestones.model.money import zero
from qbo_milestones.pipeline.gate import Billable, Held, Reason, Verdict
from qbo_milestones.pipeline.posting import Identity, PostingKind, document_number
from qbo_milestones.pipeline.reconciliation.sentences import day, name, order
from qbo_milestones.pipeline.reconciliation.tags import tags_of
from qbo_milestones.pipeline.register import Place, fold

_KIND = "INVOICED_BY_HAND"


def hold_invoiced(verdicts: Sequence[Verdict], invoices: Iterable[Document], company: str) -> tuple[Verdict, ...]:
    """Hold the billable rows that a live invoice without their stamp bills: by tag, by number, or by id and amount.

    After the posting it would be INVOICE_DUPLICATE_DELIVERABLE, and the client charged twice. An invoice that only
    mentions the id and bills less than the row's amount, before tax, bills something else: a deposit, say.
    """
    wanted = {each.deliverable.key: each for each in verdicts if isinstance(each, Billable)}
    found = _billed(wanted, {each.deliverable.key for each in verdicts}, invoices, company) if wanted else {}
    return tuple(_held(each, found) if each.deliverable.key in found else each for each in verdicts)


def _billed(
    wanted: Mapping[str, Billable], rows: Set[str], invoices: Iterable[Document], company: str
) -> dict[str, Document]:
    """The earliest invoice of each wanted deliverable that somebody else made."""
    ours = {key: Identity(company, key, PostingKind.INVOICE) for key in wanted}
    numbers = {fold(document_number(ours[key], each.deliverable.id)): key for key, each in wanted.items()}
    found: dict[str, Document] = {}
    for invoice in invoices:
        for key in _named(invoice, wanted, rows.__contains__) | {numbers.get(fold(invoice.number), "")}:
            # What bears the stamp is ours, and looked for by it.
            if key not in wanted or invoice.stamp == ours[key].stamp_code:
                continue
            if key not in found or order(invoice) < order(found[key]):
                found[key] = invoice
    return found


def _named(invoice: Document, wanted: Mapping[str, Billable], known: Callable[[str], bool]) -> set[str]:
    tags = tags_of(invoice, known)
    bills = sum((line.amount for line in invoice.lines if line.amount.amount > 0), zero(invoice.total.currency))
    amounts = {id_: wanted[id_].amount for id_ in tags.mentioned if id_ in wanted}
    mentioned = {id_ for id_, amount in amounts.items() if amount.currency == bills.currency and not bills < amount}
    return {fold(id_) for id_ in tags.bracketed} | mentioned


def _held(verdict: Verdict, found: Mapping[str, Document]) -> Verdict:
    row = verdict.deliverable
    invoice, place = found[row.key], Place("Deliverables", row.row, "Already invoiced as")
    text = (
        f"{place}: {name(invoice)} of {day(invoice.txn_date)} over {invoice.total}, which this program did not make, "
        f"names {row.id} ({verdict.amount}). Void it, and this program bills {row.id}. If it is to stand for {row.id}, "
        "write its number here and see to the acceptance journal. If it bills something else, take the ID out of it."
    )
    return Held(row, (Reason(_KIND, text, place),), verdict.amount)


def flag_by_hand(held: Iterable[Held]) -> Iterator[Flag]:
    """The flag of each row that is held by a person's invoice: somebody must say what it bills."""
    for one in held:
        for reason in one.reasons:
            if reason.kind == _KIND:
                place = str(reason.place) if reason.place else ""
                yield Flag(_KIND, one.deliverable.id, reason.sentence, one.amount, where=place)
