"""Invoices: ours as we posted them, one per deliverable, and none for what nobody accepted (accounting.md 6.2)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import reduce

from qbo_milestones.model.books import Document, DocumentKind
from qbo_milestones.model.flag import Flag
from qbo_milestones.model.money import Money, zero
from qbo_milestones.pipeline.outbox import Outgoing, Stage
from qbo_milestones.pipeline.posting import PostingKind
from qbo_milestones.pipeline.reconciliation.edits import edit_sentence
from qbo_milestones.pipeline.reconciliation.sentences import day, handle, listed, name, plain, quoted
from qbo_milestones.pipeline.reconciliation.tree import Tree
from qbo_milestones.pipeline.register import fold

_INVOICE = DocumentKind.INVOICE


def missing(tree: Tree) -> Iterator[Flag]:
    """INVOICE_MISSING, INVOICE_DELETED, INVOICE_VOIDED: what we posted no longer counts in the books."""
    for outgoing, held in _ours(tree):
        if held and held.live:
            continue
        kind, what = _loss(held)
        sentence = (
            f"Invoice {outgoing.number or outgoing.books_id} of {outgoing.deliverable_id} over {outgoing.amount}, "
            f"posted by this program, {what} QuickBooks; the deliverable counts as billed and nobody owes for it."
        )
        yield _flag(tree, kind, outgoing, sentence, outgoing.amount)


def never_posted(tree: Tree) -> Iterator[Flag]:
    """INVOICE_MISSING: a live journal of ours whose invoice is neither in the outbox nor in the books.

    So it is with a journal that another machine left: its invoice may never have been sent, or was deleted since.
    """
    under_way = {o.identity.deliverable for o in tree.case.outgoing if _is_invoice_under_way(o)}
    for (kind, deliverable), journals in tree.postings.items():
        journal, row = journals[0], tree.row(deliverable)
        held = tree.held(journal)
        stands = kind is PostingKind.JOURNAL and held is not None and held.live
        if (
            not stands
            or deliverable in under_way
            or not row
            or not row.accepted
            or row.by_hand
            or tree.claims.get((_INVOICE, deliverable))
        ):
            continue
        sentence = (
            f"Journal {journal.number or journal.books_id} of {journal.deliverable_id} over {journal.amount} stands in "
            f"QuickBooks, but no invoice of it is known here. If none was deleted there, run again with "
            f"--retry {journal.deliverable_id}."
        )
        flag = _flag(tree, "INVOICE_MISSING", journal, sentence, journal.amount)
        yield replace(flag, documents=(f"{journal.document_kind.value} {journal.books_id}",), invoice_number="")


def edited(tree: Tree) -> Iterator[Flag]:
    """INVOICE_EDITED: customer, dates, amounts, lines, number or note are not as posted; payments change none."""
    for outgoing, held in _ours(tree):
        if held and outgoing.as_posted and (_INVOICE, held.id) in tree.edited:
            change = edit_sentence(tree, outgoing.as_posted, held)
            sentence = (
                f"Invoice {plain(held.number) or held.id} of {outgoing.deliverable_id} was changed by hand: {change}."
            )
            yield _flag(tree, "INVOICE_EDITED", outgoing, sentence, held.total)


def duplicate(tree: Tree) -> Iterator[Flag]:
    """INVOICE_DUPLICATE_DELIVERABLE: more than one live invoice of one deliverable, none of them credited whole."""
    for (kind, deliverable), documents in tree.claims.items():
        if kind is not _INVOICE or deliverable in tree.disputed or not _billable(tree, deliverable):
            continue
        standing = [d for d in documents if _bills(d) and not _credited(tree, d)]
        standing.sort(key=lambda d: not tree.is_ours(d))
        if len(standing) > 1:
            yield _duplicate(tree, deliverable, standing)


def no_acceptance(tree: Tree) -> Iterator[Flag]:
    """INVOICE_NO_ACCEPTANCE: an invoice names a deliverable that nobody accepted, or that nobody knows."""
    for (kind, deliverable), documents in tree.claims.items():
        if kind is not _INVOICE or _billable(tree, deliverable):
            continue
        row = tree.row(deliverable)
        why = "the register has no valid sign-off for it" if row else "neither the register nor the outbox knows it"
        for document in filter(_bills, documents):
            tags = tree.tags.get((kind, document.id))
            # Only a stamp can bring an id that the register does not know; it is shown as it stands there.
            subject = row.id if row else tags.stamped_id if tags else deliverable
            yield _unaccepted(tree, document, subject, why)


def untagged(tree: Tree) -> Iterator[Flag]:
    """INVOICE_UNTAGGED: the milestone item on a hand-made invoice that names no deliverable.

    With a tag that nobody knows it is INVOICE_NO_ACCEPTANCE (accounting.md 6.2).
    """
    for (kind, id_), tags in tree.tags.items():
        document = tree.documents[kind, id_]
        if kind is not _INVOICE or id_ in tree.claiming or not _bills(document):
            continue
        amount = _milestone_amount(tree, document)
        if amount is None:
            continue
        if tags.bracketed:
            yield _unaccepted(tree, document, tags.bracketed[0], "neither the register nor the outbox knows it")
        else:
            sentence = (
                f"{_who(tree, document)} bills {amount} with the milestone item, and names no deliverable: "
                f"it was not made by this program, and nothing shows what the client accepted."
            )
            yield Flag("INVOICE_UNTAGGED", "", sentence, amount, (handle(document),), plain(document.number))


CHECKS: tuple[Callable[[Tree], Iterator[Flag]], ...] = (
    missing,
    never_posted,
    edited,
    duplicate,
    no_acceptance,
    untagged,
)


def _is_invoice_under_way(outgoing: Outgoing) -> bool:
    gone = outgoing.stage is Stage.WITHDRAWN or (outgoing.stage is Stage.REFUSED and not outgoing.refused_by_quickbooks)
    return outgoing.identity.kind is PostingKind.INVOICE and not gone


def _ours(tree: Tree) -> Iterator[tuple[Outgoing, Document | None]]:
    for outgoing in tree.posted.values():
        if outgoing.identity.kind is PostingKind.INVOICE:
            yield outgoing, tree.held(outgoing)


def _loss(held: Document | None) -> tuple[str, str]:
    if held is None:
        return "INVOICE_MISSING", "is not in"
    if held.deleted:
        return "INVOICE_DELETED", "was deleted in"
    return "INVOICE_VOIDED", "was voided in"


def _flag(tree: Tree, kind: str, outgoing: Outgoing, sentence: str, amount: Money) -> Flag:
    deliverable = outgoing.identity.deliverable
    row = tree.row(deliverable)
    return Flag(
        kind,
        outgoing.deliverable_id,
        sentence,
        amount,
        (f"{_INVOICE.value} {outgoing.books_id}",),
        outgoing.number or tree.invoice_number(deliverable),
        tree.journal_number(deliverable),
        where=row.where if row else "",
    )


def _duplicate(tree: Tree, deliverable: str, standing: list[Document]) -> Flag:
    first, *later = standing
    row = tree.row(deliverable)
    details = [f"{name(d)} of {day(d.txn_date)} over {d.total}, open {d.balance}" for d in standing]
    which = "The one that this program posted is" if tree.is_ours(first) else "The earliest is"
    sentence = f"{tree.written(deliverable)} is billed {len(standing)} times: {listed(details)}. {which} {name(first)}."
    return Flag(
        "INVOICE_DUPLICATE_DELIVERABLE",
        tree.written(deliverable),
        sentence,
        _sum(later),
        tuple(sorted(map(handle, standing))),
        ", ".join(filter(None, (plain(d.number) for d in standing))),
        tree.journal_number(deliverable),
        where=row.where if row else "",
    )


def _unaccepted(tree: Tree, document: Document, deliverable: str, why: str) -> Flag:
    row = tree.row(fold(deliverable))
    subject = plain(deliverable)
    sentence = f"{_who(tree, document)} over {document.total} bills {subject or 'an unnamed deliverable'}, but {why}."
    return Flag(
        "INVOICE_NO_ACCEPTANCE",
        subject,
        sentence,
        document.total,
        (handle(document),),
        plain(document.number),
        where=row.where if row else "",
    )


def _who(tree: Tree, document: Document) -> str:
    number = quoted(document.number) if document.number else f"with id {document.id}"
    return f"Invoice {number} of {day(document.txn_date)} to {tree.customer(document.customer_id)}"


def _billable(tree: Tree, deliverable: str) -> bool:
    """Accepted now, or posted by us and so accepted then; a sign-off withdrawn since is the gate's finding."""
    row = tree.row(deliverable)
    return deliverable in tree.standing or (row is not None and row.accepted)


def _bills(document: Document) -> bool:
    """An invoice over nothing asks nobody for money."""
    return document.live and document.total.minor > 0


def _credited(tree: Tree, document: Document) -> bool:
    settlement = tree.settlements.get(document.id)
    return settlement is not None and settlement.credited == document.total


def _milestone_amount(tree: Tree, document: Document) -> Money | None:
    """What the lines with a milestone item come to; None where there is no such line."""
    lines = [line for line in document.lines if line.item_id in tree.facts.milestone_items]
    same = [line.amount for line in lines if line.amount.currency == document.total.currency]
    return reduce(Money.__add__, same, zero(document.total.currency)) if lines else None


def _sum(documents: list[Document]) -> Money:
    currency = documents[0].total.currency
    same = [d.total for d in documents if d.total.currency == currency]
    return reduce(Money.__add__, same, zero(currency))
