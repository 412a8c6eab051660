"""Protocols: what a run asks of the world."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from qbo_milestones.model.books import Changes, Document, DocumentKind, Setup
from qbo_milestones.pipeline.outbox import Sought
from qbo_milestones.pipeline.posting import Posting


class Clock(Protocol):
    """Time. Tests move it; nothing else may ask the system."""

    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back, for leases and throttles."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Books(Protocol):
    """QuickBooks, of one company. Every call may raise NotConnected, Unavailable, Refused or Doubtful.

    A read that fails is Unavailable: unknown, never "deleted". Methods may be called from several threads.
    """

    def render(self, posting: Posting) -> bytes:
        """The body of a posting on the wire, to be frozen (ruling 10). Pure, and the same for the same posting."""
        ...

    def read_body(self, kind: DocumentKind, body: bytes, currency: str) -> Document:
        """Our own body as a document, to compare with what the books hold."""
        ...

    def send(self, kind: DocumentKind, body: bytes, requestid: str) -> Document:
        """Create the document: once, without any retry of its own. Returns what QuickBooks says it holds."""
        ...

    def look_up(self, sought: Sought) -> tuple[Document, ...]:
        """All live documents that could be the sought one: one query, paged until exhausted."""
        ...

    def setup(self) -> Setup:
        """Preferences, accounts, terms, classes, locations, tax codes; customers and items stay empty."""
        ...

    def changes(self, since: datetime) -> Changes:
        """All that changed since, deleted ones included. `complete` is False where the answer may have been cut."""
        ...

    def pages(self, kinds: tuple[str, ...], since: datetime | None) -> Iterator[Changes]:
        """Everything of the kinds (DocumentKind values, "Customer", "Item") that was updated at or after `since`."""
        ...

    def read(self, kind: DocumentKind, id_: str) -> Document:
        """One document by its id; a deleted one where QuickBooks says it is gone."""
        ...
