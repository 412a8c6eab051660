"""A room for tokens in memory, with the lock and the compare-and-swap that the real one has."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from qbo_milestones.adapters.quickbooks.tokens import Tokens


class MemoryStore:
    """Keeps one connection; several grants may share it, as processes do."""

    def __init__(self, tokens: Tokens | None = None) -> None:
        self.tokens, self.broken = tokens, False
        self._lock, self._swap = threading.Lock(), threading.Lock()

    def load(self) -> Tokens | None:
        return self.tokens

    def version(self) -> int:
        return self.tokens.version if self.tokens is not None else 0

    def save(self, tokens: Tokens, expected_version: int) -> bool:
        if self.broken:
            raise OSError("disk full")
        with self._swap:
            if self.version() != expected_version:
                return False
            self.tokens = tokens
            return True

    @contextmanager
    def lock(self) -> Iterator[None]:
        with self._lock:
            yield
