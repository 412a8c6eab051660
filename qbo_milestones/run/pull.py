"""The books, pulled back: by one change request where it can serve, page by page where it cannot (ruling 28)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from qbo_milestones.model.books import Changes, DocumentKind
from qbo_milestones.pipeline.outbox import QUIET, Stage
from qbo_milestones.ports import Lease
from qbo_milestones.run.stopping import go_on
from qbo_milestones.run.world import Tell, World

# Requests of QuickBooks run side by side, so one that committed late may bear an earlier time (reliability.md 1.5 C8).
OVERLAP = timedelta(minutes=10)
# CDC looks back 30 days; after a longer absence only a whole read shows what was deleted.
LOOK_BACK = timedelta(days=29)
KINDS = (*(kind.value for kind in DocumentKind), "Customer", "Item")
_POSTED_KINDS = (DocumentKind.INVOICE, DocumentKind.JOURNAL_ENTRY)
_AT_ONCE = 100


def pull(world: World, lease: Lease, tell: Tell, *, whole: bool = False) -> None:
    """Bring our copy of the books up to date; with `whole`, by reading all of them.

    Raises Unavailable (the run is asked to stop, too) or NotConnected; the cursor stays, so that nothing is missed the
    next time.
    """
    cursor = None if whole else world.store.cursor()
    if cursor is None or world.clock.now() - cursor > LOOK_BACK:
        tell("Reading the whole books; runs after this one read only what changed")
        world.store.keep_books(lease, Changes(), _read_whole(world, lease, KINDS))
        return
    since = cursor - OVERLAP
    changes = world.books.changes(since, KINDS)
    if not changes.complete:
        tell("More changed than one answer holds; reading kind by kind")
        for kind in KINDS:
            go_on(world)
            _read_kind(world, lease, kind, since)
    # Last of all: what an earlier step failed to read must be read again.
    world.store.keep_books(lease, changes, changes.read_until)


def _read_kind(world: World, lease: Lease, kind: str, since: datetime) -> None:
    """One kind's changes; where those are cut too, its pages, and by another way what was deleted."""
    changes = world.books.changes(since, (kind,))
    world.store.keep_books(lease, changes)
    if changes.complete:
        return
    if kind in _POSTED_KINDS:
        _keep_pages(world, lease, (kind,), since)
        _look_for_ours(world, lease, DocumentKind(kind))
    else:
        _read_whole(world, lease, (kind,))


def _read_whole(world: World, lease: Lease, kinds: tuple[str, ...]) -> datetime | None:
    began = world.clock.now()
    first = _keep_pages(world, lease, kinds, None)
    # A query may lag: what was seen a moment ago and is not in it is not gone for that (I5).
    wanted = [DocumentKind(kind) for kind in kinds if kind in set(DocumentKind)]
    world.store.forget_unseen(lease, wanted, began - QUIET)
    return first


def _keep_pages(world: World, lease: Lease, kinds: tuple[str, ...], since: datetime | None) -> datetime | None:
    """Keeps every page; returns QuickBooks' time of the first, so that what changed meanwhile is read again."""
    first: datetime | None = None
    for page in world.books.pages(kinds, since):
        go_on(world)
        first = first or page.read_until
        world.store.keep_books(lease, page)
    return first


def _look_for_ours(world: World, lease: Lease, kind: DocumentKind) -> None:
    """Paging never shows a deletion, so our documents are asked for by their ids.

    A query may lag, so what it does not list is read by itself before it counts as deleted.
    """
    for ids in _posted(world, kind):
        missing = sorted(frozenset(ids) - world.books.present(kind, ids))
        found = tuple(world.books.read(kind, id_) for id_ in missing)
        world.store.keep_books(lease, Changes(documents=found))


def _posted(world: World, kind: DocumentKind) -> Iterator[tuple[str, ...]]:
    posted = world.store.outgoing(frozenset({Stage.POSTED}))
    ours = (outgoing.books_id for outgoing in posted if outgoing.document_kind is kind)
    while ids := tuple(islice(ours, _AT_ONCE)):
        yield ids
