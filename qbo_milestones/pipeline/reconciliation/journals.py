"""Acceptance journals: one per billed deliverable, as we posted it (accounting.md 6.3)."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from qbo_milestones.model.books import Document, DocumentKind
from qbo_milestones.model.flag import Flag
from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.outbox import Outgoing, Stage
from qbo_milestones.pipeline.posting import PostingKind
from qbo_milestones.pipeline.reconciliation.edits import edit_sentence
from qbo_milestones.pipeline.reconciliation.sentences import day, handle, listed, name, order, plain
from qbo_milestones.pipeline.reconciliation.tree import Tree

_JOURNAL = DocumentKind.JOURNAL_ENTRY
_SIDES = {"Debit": "Credit", "Credit": "Debit"}

# What a journal does to the ledger: account, side and whole cents, in a fixed order.
_Effect = tuple[tuple[str, str, int], ...]


def lost(tree: Tree) -> Iterator[Flag]:
    """JOURNAL_MISSING, JOURNAL_DELETED: our journal is no longer in the books, and no other stands in its place."""
    for outgoing, held in _ours(tree):
        if held and held.live:
            continue
        if not _replaced(tree, outgoing):
            # A journal cannot be voided by the API; one that a person voided is as good as deleted.
            kind, what = ("JOURNAL_DELETED", "was deleted in") if held else ("JOURNAL_MISSING", "is not in")
            sentence = (
                f"Journal {outgoing.number or outgoing.books_id} of {outgoing.deliverable_id} over {outgoing.amount}, "
                f"posted by this program, {what} QuickBooks; its revenue is no longer in the books."
            )
            yield _flag(tree, kind, outgoing, sentence, outgoing.amount, f"{_JOURNAL.value} {outgoing.books_id}")


def never_posted(tree: Tree) -> Iterator[Flag]:
    """JOURNAL_MISSING: a live invoice of ours whose journal is neither in the outbox nor in the books."""
    under_way = {o.identity.deliverable for o in tree.case.outgoing if _stands(o)}
    for outgoing in tree.posted.values():
        deliverable = outgoing.identity.deliverable
        held = tree.held(outgoing)
        is_invoice = outgoing.identity.kind is PostingKind.INVOICE
        if not is_invoice or deliverable in under_way or held is None or not held.live:
            continue
        if not any(d.total == outgoing.amount for d in tree.claims.get((_JOURNAL, deliverable), ())):
            number = outgoing.number or plain(held.number) or held.id
            sentence = (
                f"{outgoing.deliverable_id} is billed by invoice {number} over "
                f"{outgoing.amount}, but QuickBooks holds no acceptance journal of it: the revenue is not in the books."
            )
            yield _flag(tree, "JOURNAL_MISSING", outgoing, sentence, outgoing.amount, handle(held))


def edited(tree: Tree) -> Iterator[Flag]:
    """JOURNAL_EDITED: accounts, sides, amounts, date, customer, number or note are not as posted."""
    for outgoing, held in _ours(tree):
        if held and outgoing.as_posted and (_JOURNAL, held.id) in tree.edited:
            change = edit_sentence(tree, outgoing.as_posted, held)
            sentence = (
                f"Journal {plain(held.number) or held.id} of {outgoing.deliverable_id} was changed by hand: {change}."
            )
            yield _flag(tree, "JOURNAL_EDITED", outgoing, sentence, held.total, handle(held))


def duplicate(tree: Tree) -> Iterator[Flag]:
    """JOURNAL_DUPLICATE: more than one live journal that books one deliverable, beyond those that were reversed."""
    for (kind, deliverable), documents in tree.claims.items():
        if kind is not _JOURNAL or deliverable in tree.disputed or len(documents) < 2:
            continue
        alike = _booking(tree, deliverable, documents)
        if len(alike) > 1:
            yield _duplicate(tree, deliverable, alike)


CHECKS: tuple[Callable[[Tree], Iterator[Flag]], ...] = (lost, never_posted, edited, duplicate)


def _ours(tree: Tree) -> Iterator[tuple[Outgoing, Document | None]]:
    for outgoing in tree.posted.values():
        if outgoing.identity.kind is PostingKind.JOURNAL:
            yield outgoing, tree.held(outgoing)


def _stands(outgoing: Outgoing) -> bool:
    """Whether a journal posting is on its way, posted, or has a flag of its own."""
    return outgoing.identity.kind is PostingKind.JOURNAL and outgoing.stage is not Stage.WITHDRAWN


def _replaced(tree: Tree, outgoing: Outgoing) -> bool:
    """Whether a person entered the lost journal again as it was: then nothing is wrong any more."""
    if outgoing.as_posted is None:
        return False
    others = tree.claims.get((_JOURNAL, outgoing.identity.deliverable), ())
    return any(_effect(other) == _effect(outgoing.as_posted) for other in others if not tree.is_ours(other))


def _effect(document: Document) -> _Effect:
    return tuple(sorted((line.account_id, line.side, line.amount.minor) for line in document.lines if line.amount))


def _reversal(effect: _Effect) -> _Effect:
    return tuple(sorted((account, _SIDES.get(side, side), minor) for account, side, minor in effect))


def _accounts(effect: _Effect) -> frozenset[tuple[str, str]]:
    return frozenset((account, side) for account, side, _ in effect)


def _booking(tree: Tree, deliverable: str, documents: Sequence[Document]) -> list[Document]:
    """The journals that book the acceptance, ours first; each reversal takes one of its own amounts away.

    What the acceptance journal does is known from ours, or from one that bears a stamp: any other journal that
    mentions the deliverable may be about anything.
    """
    patterns = {_accounts(_effect(d)) for d in _models(tree, deliverable, documents)}
    reversed_ = Counter(_reversal(_effect(d)) for d in documents)
    alike: list[Document] = []
    # Ours comes last, so that it is kept where a reversal could belong to either.
    for document in sorted(documents, key=tree.is_ours):
        effect = _effect(document)
        if not effect or _accounts(effect) not in patterns:
            continue
        if reversed_[effect]:
            reversed_[effect] -= 1
        else:
            alike.append(document)
    return sorted(alike, key=lambda d: (not tree.is_ours(d), order(d)))


def _models(tree: Tree, deliverable: str, documents: Sequence[Document]) -> Iterator[Document]:
    for outgoing in tree.postings.get((PostingKind.JOURNAL, deliverable), ()):
        if outgoing.as_posted:
            yield outgoing.as_posted
    yield from (d for d in documents if d.stamp)


def _duplicate(tree: Tree, deliverable: str, alike: list[Document]) -> Flag:
    details = [f"{name(d)} of {day(d.txn_date)} over {d.total}" for d in alike]
    row = tree.row(deliverable)
    return Flag(
        "JOURNAL_DUPLICATE",
        tree.written(deliverable),
        f"The acceptance of {tree.written(deliverable)} is booked {len(alike)} times: {listed(details)}.",
        _excess(alike),
        tuple(sorted(map(handle, alike))),
        tree.invoice_number(deliverable),
        ", ".join(filter(None, (plain(d.number) for d in alike))),
        where=row.where if row else "",
    )


def _excess(alike: list[Document]) -> Money:
    amount = alike[1].total
    for document in alike[2:]:
        if document.total.currency == amount.currency:
            amount += document.total
    return amount


def _flag(tree: Tree, kind: str, outgoing: Outgoing, sentence: str, amount: Money, document: str) -> Flag:
    deliverable = outgoing.identity.deliverable
    is_journal = outgoing.identity.kind is PostingKind.JOURNAL
    row = tree.row(deliverable)
    return Flag(
        kind,
        outgoing.deliverable_id,
        sentence,
        amount,
        (document,),
        tree.invoice_number(deliverable),
        outgoing.number if is_journal else "",
        where=row.where if row else "",
    )
