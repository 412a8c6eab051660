"""One refresh at a time, kept before use, never looping (reliability.md 1.8)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from quickbooks_doubles import MovedClock
from quickbooks_tokens import MemoryStore

from qbo_milestones.adapters.quickbooks.grant import Grant, keep_connection
from qbo_milestones.adapters.quickbooks.tokens import Tokens
from qbo_milestones.errors import NotConnected, Unavailable

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def pair(version: int, ends: datetime = NOW + timedelta(hours=1)) -> Tokens:
    return Tokens("1", f"access-{version}", f"refresh-{version}", ends, NOW + timedelta(days=100), None, version)


class Intuit:
    """Rotates at every refresh; a used refresh token is dead. Two at once would be seen in `most`."""

    def __init__(self, clock: MovedClock, live: int = 1) -> None:
        self.clock, self.live, self.calls, self.inside, self.most = clock, live, 0, 0, 0
        self.failure: Exception | None = None

    def refresh(self, tokens: Tokens) -> Tokens:
        self.calls += 1
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            if self.failure is not None:
                raise self.failure
            if tokens.refresh != f"refresh-{self.live}":
                raise NotConnected("ended", code="invalid_grant")
            self.live += 1
            return pair(self.live, self.clock.now() + timedelta(hours=1))
        finally:
            self.inside -= 1


def test_a_good_token_costs_nothing() -> None:
    clock = MovedClock(NOW)
    intuit = Intuit(clock)
    grant = Grant(MemoryStore(pair(1)), intuit, clock)
    assert [grant.access_token() for _ in range(3)] == ["access-1"] * 3
    assert intuit.calls == 0


def test_with_less_than_five_minutes_left_it_is_renewed() -> None:
    clock = MovedClock(NOW)
    intuit = Intuit(clock)
    grant = Grant(MemoryStore(pair(1)), intuit, clock)
    clock.move(3600 - 300)
    assert grant.access_token() == "access-1"
    clock.move(1)
    assert grant.access_token() == "access-2"
    assert intuit.calls == 1


def test_many_threads_refresh_once() -> None:
    clock = MovedClock(NOW + timedelta(hours=2))
    intuit = Intuit(clock)
    grant = Grant(MemoryStore(pair(1)), intuit, clock)
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _: grant.access_token(), range(32)))
    assert set(tokens) == {"access-2"}
    assert intuit.calls == 1


def test_a_401_seen_by_many_threads_is_one_refresh() -> None:
    clock = MovedClock(NOW)
    intuit = Intuit(clock)
    grant = Grant(MemoryStore(pair(1)), intuit, clock)
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _: grant.renewed("access-1"), range(32)))
    assert set(tokens) == {"access-2"}
    assert intuit.calls == 1


def test_processes_share_what_one_of_them_got() -> None:
    clock = MovedClock(NOW + timedelta(hours=2))
    intuit, store = Intuit(clock), MemoryStore(pair(1))
    grants = [Grant(store, intuit, clock) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(Grant.access_token, grants))
    assert set(tokens) == {"access-2"}
    assert (intuit.calls, intuit.most) == (1, 1)


def test_the_new_pair_is_kept_before_it_is_used() -> None:
    clock = MovedClock(NOW + timedelta(hours=2))
    intuit, store = Intuit(clock), MemoryStore(pair(1))
    grant = Grant(store, intuit, clock)
    store.broken = True
    with pytest.raises(OSError, match="disk full"):
        grant.access_token()
    assert store.tokens == pair(1)
    store.broken = False
    assert grant.access_token() == "access-2"
    assert store.tokens is not None
    assert store.tokens.version == 2
    assert intuit.calls == 1


def test_a_lost_race_takes_what_the_other_kept() -> None:
    clock = MovedClock(NOW + timedelta(hours=2))
    intuit = Intuit(clock)

    class Racing(MemoryStore):
        def save(self, tokens: Tokens, expected_version: int) -> bool:
            self.tokens = replace(tokens, access="theirs", version=expected_version + 2)
            return False

    grant = Grant(Racing(pair(1)), intuit, clock)
    assert grant.access_token() == "theirs"


def test_invalid_grant_is_looked_at_once_more_and_then_never_again() -> None:
    clock = MovedClock(NOW + timedelta(hours=2))
    intuit, store = Intuit(clock, live=9), MemoryStore(pair(1))
    grant = Grant(store, intuit, clock)
    for _ in range(5):
        with pytest.raises(NotConnected):
            grant.access_token()
    assert intuit.calls == 1
    keep_connection(store, replace(pair(9, clock.now() + timedelta(hours=1)), version=1))
    assert grant.access_token() == "access-9"


def test_invalid_grant_while_another_rotated_is_no_end() -> None:
    clock = MovedClock(NOW + timedelta(hours=2))
    store = MemoryStore(pair(1))

    class Late:
        def refresh(self, tokens: Tokens) -> Tokens:
            store.tokens = pair(tokens.version + 1, clock.now() + timedelta(hours=1))
            raise NotConnected("ended", code="invalid_grant")

    assert Grant(store, Late(), clock).access_token() == "access-2"


def test_intuit_away_is_tried_again_next_time() -> None:
    clock = MovedClock(NOW + timedelta(hours=2))
    intuit = Intuit(clock)
    intuit.failure = Unavailable("away")
    grant = Grant(MemoryStore(pair(1)), intuit, clock)
    with pytest.raises(Unavailable):
        grant.access_token()
    intuit.failure = None
    assert grant.access_token() == "access-2"


def test_nothing_connected_says_so() -> None:
    clock = MovedClock(NOW)
    with pytest.raises(NotConnected, match="connect"):
        Grant(MemoryStore(), Intuit(clock), clock).access_token()


def test_the_lock_is_held_while_intuit_is_asked() -> None:
    clock = MovedClock(NOW + timedelta(hours=2))
    store, held = MemoryStore(pair(1)), threading.Event()

    class Looking(Intuit):
        def refresh(self, tokens: Tokens) -> Tokens:
            if store._lock.locked():
                held.set()
            return super().refresh(tokens)

    Grant(store, Looking(clock), clock).access_token()
    assert held.is_set()


def test_a_reconnection_goes_on_counting() -> None:
    store = MemoryStore(pair(7))
    assert keep_connection(store, pair(1)).version == 8


def test_tokens_keep_their_secrets_and_come_back_whole() -> None:
    tokens = replace(pair(3), hard_expires_at=NOW + timedelta(days=1800))
    assert "access-3" not in f"{tokens} {tokens!r}"
    assert "refresh-3" not in f"{tokens} {tokens!r}"
    assert Tokens.from_bytes(tokens.to_bytes()) == tokens
    assert Tokens.from_bytes(pair(3).to_bytes()) == pair(3)


def test_patience_scales_how_early_it_is_renewed() -> None:
    clock = MovedClock(NOW)
    intuit = Intuit(clock)
    grant = Grant(MemoryStore(pair(1)), intuit, clock, patience=0.01)
    clock.move(3600 - 3)
    assert grant.access_token() == "access-1"
    clock.move(0.1)
    assert grant.access_token() == "access-2"
