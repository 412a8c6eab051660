"""A room for tokens in memory, with the lock and the compare-and-swap that the real one has."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from qbo_milestones.adapters.quickbooks.tokens import Stored, Tokens


class MemoryStore:
    """Keeps one connection; several grants may share it, as processes do."""

    def __init__(self, tokens: Tokens | None = None) -> None:
        self.tokens, self.broken = tokens, False
        self.since: datetime | None = None
        self.ended: datetime | None = None
        self._lock, self._swap = threading.Lock(), threading.Lock()

    def load(self) -> Stored | None:
        return None if self.tokens is None else Stored(self.tokens, self.since, self.ended)

    def version(self) -> int:
        return self.tokens.version if self.tokens is not None else 0

    def save(self, tokens: Tokens, expected_version: int) -> bool:
        if self.broken:
            raise OSError("disk full")
        with self._swap:
            if self.version() != expected_version:
                return False
            self.tokens, self.since, self.ended = tokens, None, None
            return True

    def mark(self, version: int, since: datetime | None) -> bool:
        if self.version() != version:
            return False
        self.since = since
        return True

    def end(self, version: int, at: datetime) -> bool:
        if self.version() != version:
            return False
        self.ended = at
        return True

    @contextmanager
    def lock(self) -> Iterator[None]:
        with self._lock:
            yield
