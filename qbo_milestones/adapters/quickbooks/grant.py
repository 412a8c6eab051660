"""Access tokens for one company: one refresh at a time, the new pair kept before it is used (reliability.md 1.8)."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from qbo_milestones.adapters.quickbooks.tokens import Stored, Tokens, TokenStore
from qbo_milestones.errors import BadSettings, Doubtful, NotConnected, Unavailable
from qbo_milestones.ports import Clock

# A token with less left is renewed before use, so that it does not end on its way.
_LEAST_LEFT = timedelta(minutes=5)
# How long the refresh token before this one is kept: by some of Intuit's pages it lives a day (reliability.md 1.8).
_PREVIOUS_FOR = timedelta(hours=24)
INVALID_GRANT = "invalid_grant"
_ENDED = "Intuit no longer accepts the connection to QuickBooks: run `qbo-milestones connect`"

_Good = Callable[[Tokens], bool]
_log = logging.getLogger(__name__)


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
        """The next version.

        Raises NotConnected (invalid_grant), Doubtful (sent, and its answer was lost), and BadSettings or Unavailable
        where it surely had no effect.
        """
        ...


class Unconfirmed:
    """The access token of a sign-in that is not kept yet, good for a first look at the company."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def access_token(self) -> str:
        """See client.Access."""
        return self._tokens.access

    def renewed(self, refused: str) -> str:  # noqa: ARG002 - see client.Access
        """There is no other one. Raises NotConnected."""
        raise NotConnected("QuickBooks does not accept the new connection; start connecting again")


class Grant:
    """The permission that a person gave for one company. For use by several threads; any number of processes.

    Intuit kills the old refresh token when it gives a new one, and may revoke the connection when two refresh at
    once. So whoever refreshes holds the store's lock, reads again first, says so in the store before asking, and
    keeps the new pair before using it. An answer that was lost is asked for once more with the token that was sent.
    `patience` scales how early a token is renewed (ruling 7).
    """

    def __init__(self, store: TokenStore, refresher: Refresher, clock: Clock, patience: float = 1.0) -> None:
        self._store, self._refresher, self._clock = store, refresher, clock
        self._least_left = _LEAST_LEFT * patience
        self._one_at_a_time = threading.Lock()
        self._tokens: Tokens | None = None
        self._unsaved: Tokens | None = None

    def access_token(self) -> str:
        """A token with at least five minutes left; goes to the network only where there is none.

        Raises NotConnected where a person must connect again, Unavailable where Intuit cannot be reached.
        """
        tokens = self._tokens
        return tokens.access if tokens is not None and self._fresh(tokens) else self._renewed(self._fresh).access

    def renewed(self, refused: str) -> str:
        """Another token than `refused`, which QuickBooks answered with a 401. Raises as `access_token`."""
        return self._renewed(lambda tokens: tokens.access != refused and self._fresh(tokens)).access

    def keep_alive(self, idle: timedelta) -> bool:
        """Refresh where nobody did for `idle`, so that the connection does not end of idleness; whether it did.

        Raises as `access_token`.
        """
        known = self._stored().tokens.version
        return self._renewed(lambda tokens: self._clock.now() - tokens.obtained_at < idle).version != known

    def _renewed(self, good: _Good) -> Tokens:
        with self._one_at_a_time:
            # Another thread may have been faster, and another process too.
            if self._tokens is None or not good(self._tokens):
                with self._store.lock():
                    self._tokens = self._stored_or_refreshed(good)
            return self._tokens

    def _stored_or_refreshed(self, good: _Good) -> Tokens:
        self._save_late()
        stored = self._stored()
        return stored.tokens if good(stored.tokens) else self._refreshed(stored, good)

    def _refreshed(self, stored: Stored, good: _Good) -> Tokens:
        tokens, doubted = stored.tokens, stored.refreshing_since is not None
        if not doubted and not self._store.mark(tokens.version, self._clock.now()):
            raise Unavailable("the connection was changed at the same moment; try again")
        try:
            fresh = self._asked(tokens, doubted)
        except NotConnected:
            return self._after_invalid_grant(tokens, good)
        return self._kept(fresh, tokens.version)

    def _asked(self, tokens: Tokens, doubted: bool) -> Tokens:
        """Intuit's answer. `doubted`: the same was asked before and its answer lost, so this is the one repetition.

        Raises NotConnected (invalid_grant), BadSettings, Unavailable.
        """
        for repeated in (doubted, True):
            try:
                return _following(tokens, self._refresher.refresh(tokens), self._clock)
            except Doubtful as lost:
                _log.warning("refresh_answer_lost", extra={"company": tokens.realm})
                doubted = True
                if repeated:
                    raise Unavailable(lost.text, code=lost.code) from None
            except (Unavailable, BadSettings):
                # Surely without effect, so the mark goes, unless it tells of an earlier question.
                if not doubted:
                    self._store.mark(tokens.version, None)
                raise
        raise AssertionError("unreachable: the last repetition returns or raises")

    def _after_invalid_grant(self, asked: Tokens, good: _Good) -> Tokens:
        """Somebody without our lock may have rotated it: look once more, try the token before, give up; never loop."""
        again = self._stored().tokens
        if again.version != asked.version:
            if good(again):
                return again
            raise Unavailable("the connection was renewed elsewhere at the same moment; try again")
        if again.previous_until is not None and self._clock.now() < again.previous_until:
            try:
                fresh = self._asked(replace(again, refresh=again.previous), doubted=True)
            except NotConnected:
                pass
            else:
                return self._kept(fresh, again.version)
        self._store.end(again.version, self._clock.now())
        _log.error("connection_ended", extra={"company": asked.realm})
        raise NotConnected(_ENDED, code=INVALID_GRANT)

    def _kept(self, fresh: Tokens, expected_version: int) -> Tokens:
        """The pair as the store has it. Should saving break, the pair is held in memory to be saved next time."""
        self._unsaved = fresh
        saved = self._store.save(fresh, expected_version)
        self._unsaved = None
        stored = self._stored().tokens
        if saved and stored != fresh:
            raise NotConnected("the new tokens could not be read back from the store; connect again")
        _log.info("token_refreshed", extra={"company": fresh.realm})
        return stored

    def _save_late(self) -> None:
        if self._unsaved is not None:
            self._store.save(self._unsaved, self._unsaved.version - 1)
            self._unsaved = None

    def _stored(self) -> Stored:
        """What the store has. Raises NotConnected, without asking Intuit, where that has ended."""
        stored = self._store.load()
        if stored is None:
            raise NotConnected("not connected to QuickBooks: run `qbo-milestones connect`")
        if stored.ended_at is not None:
            raise NotConnected(_ENDED, code=INVALID_GRANT)
        return stored

    def _fresh(self, tokens: Tokens) -> bool:
        return tokens.access_expires_at - self._clock.now() >= self._least_left


def _following(old: Tokens, fresh: Tokens, clock: Clock) -> Tokens:
    """`fresh` with what it does not say itself: the hard end as known, and the token that it replaces."""
    hard = fresh.hard_expires_at or old.hard_expires_at
    if fresh.refresh == old.refresh:
        return replace(fresh, hard_expires_at=hard, previous=old.previous, previous_until=old.previous_until)
    return replace(fresh, hard_expires_at=hard, previous=old.refresh, previous_until=clock.now() + _PREVIOUS_FOR)
