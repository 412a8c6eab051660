"""Each level finds what it is there for: a rule of the protocol is taken out of the real code, and books go wrong."""

import itertools

import pytest

from qbo_milestones.adapters.quickbooks.books import QuickBooksBooks
from qbo_milestones.model.books import DocumentKind
from qbo_milestones.ports import Sent
from qbo_milestones.run import delivery

from . import level_b
from .score import Wrong


def look_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No quiet time (I5)."""
    monkeypatch.setattr(delivery, "look_up_due", lambda *_: True)


def look_up_never(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is doubtful is sent again without a look (I4)."""
    monkeypatch.setattr(QuickBooksBooks, "look_up", lambda *_: ())


def another_requestid_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes under a new id (I3), unknown to the database, which would refuse it."""
    ids, send = itertools.count(), QuickBooksBooks.send

    def with_another(books: QuickBooksBooks, kind: DocumentKind, body: bytes, _requestid: str) -> Sent:
        return send(books, kind, body, f"id{next(ids)}")

    monkeypatch.setattr(QuickBooksBooks, "send", with_another)


def test_level_b_misses_the_quiet_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 1 of reliability.md 1.3: for 120 s after a lost answer "not found" proves nothing."""
    look_up_at_once(monkeypatch)
    assert level_b.play("0/0/20 known 12:late").count(Wrong.DUPLICATE) == 1


def test_level_b_misses_the_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the requestid is forgotten, only the look-up knows."""
    look_up_never(monkeypatch)
    assert level_b.play("single lost once known").count(Wrong.DUPLICATE) > 0


def test_level_b_misses_the_requestid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a query lags longer than the quiet time, only the requestid knows."""
    another_requestid_each_time(monkeypatch)
    assert level_b.play("ever/900/20 known 12:lost").count(Wrong.DUPLICATE) == 1


def test_what_is_spoiled_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken schedule plays itself again, to the same end."""
    look_up_never(monkeypatch)
    broken = level_b.play("pairs lost 500_after").broken
    assert broken
    assert level_b.play(broken[-1].schedule).broken == (broken[-1],)
