"""Each level finds what it is there for: a rule of the protocol is taken out of the real code, and books go wrong."""

import itertools
from datetime import datetime

import pytest

from qbo_milestones.adapters.quickbooks.books import QuickBooksBooks
from qbo_milestones.adapters.store import leases
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.errors import Unavailable
from qbo_milestones.model.books import DocumentKind
from qbo_milestones.pipeline.outbox import Outgoing, Stage
from qbo_milestones.ports import Lease, Sent
from qbo_milestones.run import delivery, night
from qbo_milestones.run.history import History
from qbo_milestones.run.world import World

from . import level_b, level_c, level_d, level_e
from .score import Score, Wrong


def look_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No quiet time (I5)."""
    monkeypatch.setattr(delivery, "look_up_due", lambda *_: True)


def look_up_never(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is doubtful is sent again without a look (I4)."""
    monkeypatch.setattr(delivery, "_found", lambda *_: ())


def another_requestid_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes under a new id (I3), unknown to the database, which would refuse it."""
    ids, send = itertools.count(), QuickBooksBooks.send

    def with_another(books: QuickBooksBooks, kind: DocumentKind, body: bytes, _requestid: str) -> Sent:
        return send(books, kind, body, f"id{next(ids)}")

    monkeypatch.setattr(QuickBooksBooks, "send", with_another)


def test_level_b_misses_the_quiet_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 1 of reliability.md 1.3: for 120 s after a lost answer "not found" proves nothing."""
    look_up_at_once(monkeypatch)
    assert level_b.play("0/0 20 known 12:late").count(Wrong.DUPLICATE) == 1


def test_level_b_misses_the_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the requestid is forgotten, only the look-up knows."""
    look_up_never(monkeypatch)
    assert level_b.play("single lost once known").count(Wrong.DUPLICATE) > 0


def test_level_b_misses_the_requestid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a query lags longer than the quiet time, only the requestid knows."""
    another_requestid_each_time(monkeypatch)
    assert level_b.play("ever/900 20 known 12:lost").count(Wrong.DUPLICATE) == 1


def test_level_c_misses_the_doubt_after_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    """C2 to C4: what was being sent when the process died may stand in the books."""

    def as_never_sent(world: World, lease: Lease) -> int:
        for outgoing in tuple(world.store.outgoing(frozenset({Stage.SENDING}))):
            failure = Unavailable("The run ended before the answer was read.")
            world.store.move(lease, outgoing, Stage.PLANNED, world.clock.now(), failure=failure)
        return 0

    monkeypatch.setattr(night, "mark_interrupted", as_never_sent)
    # The database refuses it before the books go wrong.
    assert "was sent under fence" in level_c.play("every crash-0/300 4").broken[0].sentence


def test_level_c_misses_the_row_before_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """I1 and C10: a posting whose row could not be written is not sent."""
    begin = DatabaseStore.begin

    def somehow(store: DatabaseStore, lease: Lease, outgoing: Outgoing, now: datetime) -> Outgoing:
        try:
            return begin(store, lease, outgoing, now)
        except Unavailable:
            return outgoing

    monkeypatch.setattr(DatabaseStore, "begin", somehow)
    found = [broken.sentence for part in range(1, 9) for broken in level_c.play(f"every full-ever {part}").broken]
    assert "something was sent after its row could not be written" in found


def test_a_database_from_before_its_first_run_looks_before_it_sends() -> None:
    """Ruling 2, rule 4: it has no cursor, and forgot the last run as much as any other that is put back."""
    assert not level_c.play("restore-new 0/300 40 2").broken


def test_level_c_misses_the_look_after_a_restore(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 4 of reliability.md 1.3: a database that forgot the last run looks before it sends."""
    monkeypatch.setattr(night, "recognise", lambda _: History.KNOWN)
    found = sum((level_c.play(f"every restore-fresh {part} p3:late") for part in range(1, 9)), Score())
    assert found.count(Wrong.DUPLICATE) > 0


def test_level_d_misses_the_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A walk that fails is told step by step."""
    look_up_never(monkeypatch)
    broken = next(one for n in range(1, 20) for one in level_d.play(f"seed {n}").broken)
    assert (broken.wrong, "state.run_" in broken.sentence) == (Wrong.DUPLICATE, True)


def test_level_e_misses_the_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of random schedules many lose an answer."""
    look_up_never(monkeypatch)
    assert level_e.play("seeds 1 12").count(Wrong.DUPLICATE) > 0


def test_level_e_misses_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """I7: workers that all believe to hold the company break what the database guards."""
    monkeypatch.setattr(leases, "check", lambda *_: None)
    assert level_e.play("seeds 1 12").broken


def test_what_is_spoiled_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken schedule plays itself again, to the same end."""
    look_up_never(monkeypatch)
    broken = level_b.play("pairs lost 500_after").broken
    assert broken
    last = broken[-1].schedule
    assert level_b.play(last).broken == tuple(one for one in broken if one.schedule == last)
