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
from qbo_milestones.errors import Doubtful, NotConnected, Unavailable

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def pair(version: int, ends: datetime = NOW + timedelta(hours=1)) -> Tokens:
    return Tokens("1", f"access-{version}", f"refresh-{version}", ends, NOW + timedelta(days=100), None, version, NOW)


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


class Scripted:
    """Intuit by a script: each answer a refresh value, or a failure; `asked` keeps which token was sent."""

    def __init__(self, clock: MovedClock, *answers: str | Exception) -> None:
        self.clock, self.answers, self.asked = clock, list(answers), list[str]()

    def refresh(self, tokens: Tokens) -> Tokens:
        self.asked.append(tokens.refresh)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        now = self.clock.now()
        fresh = pair(tokens.version + 1, now + timedelta(hours=1))
        return replace(fresh, refresh=answer, obtained_at=now)


NO = NotConnected("no", code="invalid_grant")
LOST = Doubtful("no answer")


def test_the_token_before_is_tried_once_within_its_day() -> None:
    """reliability.md 1.8.3: keep the previous refresh token 24 h; Intuit may never have learnt that we got the new."""
    clock = MovedClock(NOW + timedelta(hours=2))
    intuit, store = Scripted(clock, "refresh-2", NO, "refresh-3"), MemoryStore(pair(1))
    grant = Grant(store, intuit, clock)
    grant.access_token()
    clock.move(7200)
    assert grant.access_token() == "access-3"
    assert intuit.asked == ["refresh-1", "refresh-2", "refresh-1"]
    assert store.ended is None


def test_the_token_before_is_not_tried_after_a_day() -> None:
    clock = MovedClock(NOW + timedelta(hours=2))
    intuit, store = Scripted(clock, "refresh-2", NO), MemoryStore(pair(1))
    grant = Grant(store, intuit, clock)
    grant.access_token()
    clock.move(86_401)
    with pytest.raises(NotConnected, match="qbo-milestones connect"):
        grant.access_token()
    assert intuit.asked == ["refresh-1", "refresh-2"]
    assert store.ended == clock.now()


def test_both_tokens_refused_is_the_end() -> None:
    clock = MovedClock(NOW + timedelta(hours=2))
    intuit, store = Scripted(clock, "refresh-2", NO, NO), MemoryStore(pair(1))
    grant = Grant(store, intuit, clock)
    grant.access_token()
    clock.move(7200)
    for _ in range(3):
        with pytest.raises(NotConnected):
            grant.access_token()
    assert intuit.asked == ["refresh-1", "refresh-2", "refresh-1"]


def test_a_value_that_stays_leaves_the_token_before_it_alone() -> None:
    """quickbooks-online.md 1.5: inside 24 hours the same value may come back."""
    clock = MovedClock(NOW + timedelta(hours=2))
    store = MemoryStore(pair(1))
    grant = Grant(store, Scripted(clock, "refresh-2", "refresh-2"), clock)
    grant.access_token()
    first = store.tokens
    clock.move(7200)
    grant.access_token()
    assert first is not None
    assert store.tokens is not None
    assert (store.tokens.previous, store.tokens.previous_until) == ("refresh-1", first.previous_until)
    assert store.tokens.version == 3


def test_the_mark_stands_while_an_answer_may_be_lost() -> None:
    """reliability.md 1.8: REFRESHING before the question; it goes with the new pair, or if nothing was asked."""
    clock = MovedClock(NOW + timedelta(hours=2))
    store, seen = MemoryStore(pair(1)), list[datetime | None]()

    class Looking(Scripted):
        def refresh(self, tokens: Tokens) -> Tokens:
            seen.append(store.since)
            return super().refresh(tokens)

    intuit = Looking(clock, Unavailable("away"), LOST, LOST, Unavailable("away"), LOST, "refresh-2")
    grant = Grant(store, intuit, clock)
    for left in (None, clock.now(), clock.now(), clock.now()):
        with pytest.raises(Unavailable):
            grant.access_token()
        assert store.since == left
    assert grant.access_token() == "access-2"
    assert store.since is None
    assert seen == [clock.now()] * 6
    assert set(intuit.asked) == {"refresh-1"}


def test_a_connection_that_ended_is_known_to_every_process() -> None:
    """reliability.md 1.8.4: NEEDS_RECONNECT, never loop; an access token that looks good is not used either."""
    clock = MovedClock(NOW)
    store, intuit = MemoryStore(pair(1)), Scripted(clock)
    store.end(1, NOW)
    with pytest.raises(NotConnected, match="qbo-milestones connect"):
        Grant(store, intuit, clock).access_token()
    assert intuit.asked == []


def test_an_idle_connection_is_kept_alive() -> None:
    """reliability.md 1.8.5: a refresh every 30 days, though nobody needs an access token."""
    clock = MovedClock(NOW)
    store, month = MemoryStore(pair(1)), timedelta(days=30)
    grant = Grant(store, Scripted(clock, "refresh-2"), clock)
    clock.move(30 * 86_400 - 1)
    assert not grant.keep_alive(month)
    clock.move(1)
    assert grant.keep_alive(month)
    assert not grant.keep_alive(month)
    assert grant.access_token() == "access-2"


def test_the_hard_end_is_remembered_where_intuit_says_nothing() -> None:
    clock = MovedClock(NOW + timedelta(hours=2))
    hard = NOW + timedelta(days=1800)
    store = MemoryStore(replace(pair(1), hard_expires_at=hard))
    Grant(store, Scripted(clock, "refresh-2"), clock).access_token()
    assert store.tokens is not None
    assert store.tokens.hard_expires_at == hard
