"""What somebody changed on a document of ours: what it was and what it is now, in words."""

from collections.abc import Iterator
from itertools import zip_longest

from qbo_milestones.model.books import Document, DocumentKind, DocumentLine
from qbo_milestones.pipeline.reconciliation.sentences import day, quoted
from qbo_milestones.pipeline.reconciliation.tree import Tree

_MANY = 4


def edit_sentence(tree: Tree, before: Document, now: Document) -> str:
    """`date was 3 Nov 2026, is now 5 Nov 2026; ...`, at most four changes and how many more there are."""
    changes = list(_changes(tree, before, now)) or ["its content was changed"]
    more = len(changes) - _MANY
    return "; ".join(changes[:_MANY]) + (f"; and {more} more changes" if more > 0 else "")


def _changes(tree: Tree, before: Document, now: Document) -> Iterator[str]:
    pairs = [
        ("total", str(before.total), str(now.total)),
        ("customer", tree.customer(before.customer_id), tree.customer(now.customer_id)),
        ("date", day(before.txn_date), day(now.txn_date)),
        ("number", quoted(before.number), quoted(now.number)),
        *_line_pairs(before, now),
        ("private note", quoted(before.note), quoted(now.note)),
        ("reference", quoted(before.reference), quoted(now.reference)),
    ]
    if now.kind is DocumentKind.INVOICE:
        pairs.append(("due date", day(before.due_date), day(now.due_date)))
    yield from (f"{what} was {was}, is now {is_}" for what, was, is_ in pairs if was != is_)


def _line_pairs(before: Document, now: Document) -> Iterator[tuple[str, str, str]]:
    for n, (was, is_) in enumerate(zip_longest(before.lines, now.lines), start=1):
        if was is None or is_ is None:
            yield f"line {n}", _whole(was), _whole(is_)
            continue
        yield f"amount of line {n}", str(was.amount), str(is_.amount)
        yield f"description of line {n}", quoted(was.description), quoted(is_.description)
        yield f"item of line {n}", _id(was.item_id), _id(is_.item_id)
        yield f"account of line {n}", _id(was.account_id), _id(is_.account_id)
        yield f"side of line {n}", was.side or "none", is_.side or "none"
        yield f"class of line {n}", _id(was.class_id), _id(is_.class_id)
        if was.customer_id != is_.customer_id:
            yield f"customer of line {n}", _id(was.customer_id), _id(is_.customer_id)


def _whole(line: DocumentLine | None) -> str:
    return f"{quoted(line.description)} {line.amount}" if line else "not there"


def _id(id_: str) -> str:
    return f"id {id_}" if id_ else "none"
