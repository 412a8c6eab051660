"""How our postings arrived: dated after a closed period (ruling 14), or changed by QuickBooks on the way in."""

from collections.abc import Callable, Iterator
from datetime import date

from qbo_milestones.model.flag import Flag
from qbo_milestones.pipeline.outbox import Outgoing
from qbo_milestones.pipeline.posting import PostingKind
from qbo_milestones.pipeline.reconciliation.sentences import day
from qbo_milestones.pipeline.reconciliation.tree import Tree


def late(tree: Tree) -> Iterator[Flag]:
    """Journals that a closed period pushed into a later one, until that later period is closed too."""
    closed = tree.facts.closed_until
    for outgoing, date_ in _standing(tree):
        if outgoing.moved_from is None or outgoing.identity.kind is not PostingKind.JOURNAL:
            continue
        if date_ is None or (closed is not None and date_ <= closed):
            # Whoever closed that period has accepted what stands in it.
            continue
        sentence = (
            f"{outgoing.deliverable_id} was accepted on {day(outgoing.moved_from)}, in a period that is closed; its "
            f"journal {outgoing.number} is dated {day(date_)}."
        )
        yield _flag("LATE_ACCEPTANCE_CLOSED_PERIOD", outgoing, sentence)


def changed_on_the_way(tree: Tree) -> Iterator[Flag]:
    """Documents that QuickBooks took otherwise than they were sent; a later edit by hand has its own flag."""
    for outgoing, _ in _standing(tree):
        if outgoing.reason and (outgoing.document_kind, outgoing.books_id) not in tree.edited:
            sentence = f"QuickBooks did not take {outgoing.number or outgoing.deliverable_id} as it was sent: "
            yield _flag("ECHO_DIFFERS", outgoing, f"{sentence}{outgoing.reason}.")


CHECKS: tuple[Callable[[Tree], Iterator[Flag]], ...] = (late, changed_on_the_way)


def _standing(tree: Tree) -> Iterator[tuple[Outgoing, date | None]]:
    for outgoing in tree.posted.values():
        held = tree.held(outgoing)
        if held is not None and held.live:
            yield outgoing, held.txn_date


def _flag(kind: str, outgoing: Outgoing, sentence: str) -> Flag:
    is_journal = outgoing.identity.kind is PostingKind.JOURNAL
    return Flag(
        kind,
        outgoing.deliverable_id,
        sentence,
        outgoing.amount,
        (f"{outgoing.document_kind.value} {outgoing.books_id}",),
        "" if is_journal else outgoing.number,
        outgoing.number if is_journal else "",
    )
