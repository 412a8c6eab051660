"""Access tokens for one company: one refresh at a time, the new pair kept before it is used (reliability.md 1.8)."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from qbo_milestones.adapters.quickbooks.tokens import Tokens, TokenStore
from qbo_milestones.errors import NotConnected
from qbo_milestones.ports import Clock

# A token with less left is renewed before use, so that it does not end on its way.
_LEAST_LEFT = timedelta(minutes=5)
INVALID_GRANT = "invalid_grant"


def keep_connection(store: TokenStore, tokens: Tokens) -> Tokens:
    """Keep the tokens of a fresh sign-in as the next version of what the store has; returns them as kept.

    Raises NotConnected where somebody else connected at the same moment.
    """
    with store.lock():
        # Only the version is asked for: the old tokens may be sealed by a key that is lost.
        version = store.version()
        kept = replace(tokens, version=version + 1)
        if not store.save(kept, version):
            raise NotConnected("somebody else connected at the same moment; look at the status and connect again")
    return kept


class Refresher(Protocol):
    """Who exchanges a refresh token for a new pair."""

    def refresh(self, tokens: Tokens) -> Tokens:
        """The next version. Raises NotConnected (invalid_grant), BadSettings or Unavailable."""
        ...


class Grant:
    """The permission that a person gave for one company. For use by several threads; any number of processes.

    Intuit kills the old refresh token when it gives a new one, and may revoke the connection when two refresh at
    once. So whoever refreshes holds the store's lock, reads again first, and keeps the new pair before using it.
    `patience` scales how early a token is renewed (ruling 7).
    """

    def __init__(self, store: TokenStore, refresher: Refresher, clock: Clock, patience: float = 1.0) -> None:
        self._store, self._refresher, self._clock = store, refresher, clock
        self._least_left = _LEAST_LEFT * patience
        self._one_at_a_time = threading.Lock()
        self._tokens: Tokens | None = None
        self._unsaved: Tokens | None = None
        self._dead_version = 0

    def access_token(self) -> str:
        """A token with at least five minutes left; goes to the network only where there is none.

        Raises NotConnected where a person must connect again, Unavailable where Intuit cannot be reached.
        """
        tokens = self._tokens
        if tokens is None or not self._fresh(tokens):
            tokens = self._renewed("")
        return tokens.access

    def renewed(self, refused: str) -> str:
        """Another token than `refused`, which QuickBooks answered with a 401. Raises as `access_token`."""
        return self._renewed(refused).access

    def _renewed(self, refused: str) -> Tokens:
        with self._one_at_a_time:
            # Another thread may have been faster, and another process too.
            if self._tokens is None or not self._usable(self._tokens, refused):
                with self._store.lock():
                    self._tokens = self._stored_or_refreshed(refused)
            return self._tokens

    def _stored_or_refreshed(self, refused: str) -> Tokens:
        self._save_late()
        stored = self._load()
        if self._usable(stored, refused):
            return stored
        if stored.version == self._dead_version:
            raise NotConnected("the connection to QuickBooks has ended; connect again", code=INVALID_GRANT)
        try:
            fresh = self._refresher.refresh(stored)
        except NotConnected as ended:
            return self._after_invalid_grant(stored, refused, ended)
        return self._kept(fresh, stored.version)

    def _after_invalid_grant(self, stored: Tokens, refused: str, ended: NotConnected) -> Tokens:
        """Somebody without our lock may have rotated it: look once more, then give up; never loop."""
        again = self._load()
        if again.version != stored.version and self._usable(again, refused):
            return again
        self._dead_version = again.version
        raise ended

    def _kept(self, fresh: Tokens, expected_version: int) -> Tokens:
        """The pair as the store has it. Should saving break, the pair is held in memory to be saved next time."""
        self._unsaved = fresh
        saved = self._store.save(fresh, expected_version)
        self._unsaved = None
        stored = self._load()
        if saved and stored != fresh:
            raise NotConnected("the new tokens could not be read back from the store; connect again")
        return stored

    def _save_late(self) -> None:
        if self._unsaved is not None:
            self._store.save(self._unsaved, self._unsaved.version - 1)
            self._unsaved = None

    def _load(self) -> Tokens:
        tokens = self._store.load()
        if tokens is None:
            raise NotConnected("not connected to QuickBooks yet; run connect")
        return tokens

    def _usable(self, tokens: Tokens, refused: str) -> bool:
        return tokens.access != refused and self._fresh(tokens)

    def _fresh(self, tokens: Tokens) -> bool:
        return tokens.access_expires_at - self._clock.now() >= self._least_left
