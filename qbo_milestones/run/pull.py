"""The books, pulled back: by one change request where it can serve, page by page where it cannot (ruling 28)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from qbo_milestones.model.books import Changes, DocumentKind
from qbo_milestones.pipeline.outbox import Stage
from qbo_milestones.ports import Lease
from qbo_milestones.run.world import Tell, World

# Requests of QuickBooks run side by side, so one that committed late may bear an earlier time (reliability.md 1.5 C8).
OVERLAP = timedelta(minutes=10)
KINDS = (*(kind.value for kind in DocumentKind), "Customer", "Item")
_AT_ONCE = 100


def pull(world: World, lease: Lease, tell: Tell, *, whole: bool = False) -> None:
    """Bring our copy of the books up to date; with `whole`, by reading all of them.

    Raises Unavailable or NotConnected, and then nothing is known anew.
    """
    cursor = None if whole else world.store.cursor()
    if cursor is None:
        tell("Reading the whole books; runs after this one read only what changed")
        _read_whole(world, lease)
        return
    changes = world.books.changes(cursor - OVERLAP)
    if changes.complete:
        world.store.keep_books(lease, changes, changes.read_until)
        return
    tell("More changed than one answer holds; reading page by page")
    _read_since(world, lease, cursor - OVERLAP)
    _look_for_ours(world, lease)


def _read_whole(world: World, lease: Lease) -> None:
    began = world.clock.now()
    last = _keep_pages(world, lease, None)
    world.store.forget_unseen(lease, tuple(DocumentKind), began)
    world.store.keep_books(lease, Changes(), last)


def _read_since(world: World, lease: Lease, since: datetime) -> None:
    last = _keep_pages(world, lease, since)
    world.store.keep_books(lease, Changes(), last)


def _keep_pages(world: World, lease: Lease, since: datetime | None) -> datetime | None:
    """Keeps every page; returns QuickBooks' time of the first, so that what changed meanwhile is read again."""
    first: datetime | None = None
    for page in world.books.pages(KINDS, since):
        first = first or page.read_until
        world.store.keep_books(lease, page)
    return first


def _look_for_ours(world: World, lease: Lease) -> None:
    """Paging never shows a deletion, so our documents are asked for by their ids.

    A query may lag, so what it does not list is read by itself before it counts as deleted.
    """
    for kind, ids in _posted(world):
        missing = sorted(frozenset(ids) - world.books.present(kind, ids))
        found = tuple(world.books.read(kind, id_) for id_ in missing)
        world.store.keep_books(lease, Changes(documents=found))


def _posted(world: World) -> Iterator[tuple[DocumentKind, tuple[str, ...]]]:
    for kind in (DocumentKind.INVOICE, DocumentKind.JOURNAL_ENTRY):
        ours = (
            outgoing.books_id
            for outgoing in world.store.outgoing(frozenset({Stage.POSTED}))
            if outgoing.document_kind is kind
        )
        while ids := tuple(islice(ours, _AT_ONCE)):
            yield kind, ids
