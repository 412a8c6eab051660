"""Hints of webhooks: each event once, waiting until a run has looked, forgotten after a month."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import Engine, func, select

from qbo_milestones.adapters.store.engine import reading
from qbo_milestones.adapters.store.events import KEPT_FOR, Hint, keep_events, settle_hints, waiting_hints
from qbo_milestones.adapters.store.unattended import webhook_event

from .makers import COMPANY, NOW

LATER = NOW + timedelta(minutes=5)


def hints(*ids: str, company: str = COMPANY) -> list[Hint]:
    return [Hint(company, id_) for id_ in ids]


def test_an_event_is_kept_once(engine: Engine) -> None:
    """reliability.md 4, Webhooks: replay defence by the event's id; within one post too."""
    assert keep_events(engine, hints("a", "b", "a"), NOW) == 2
    assert keep_events(engine, hints("b", "c"), LATER) == 1
    assert keep_events(engine, [], LATER) == 0
    assert waiting_hints(engine, NOW) == {COMPANY: NOW}
    assert waiting_hints(engine, LATER) == {COMPANY: LATER}
    assert waiting_hints(engine, NOW - timedelta(seconds=1)) == {}


def test_a_look_settles_what_came_before_it(engine: Engine) -> None:
    """What arrives while a run reads is looked at by the next; another company's stays; a replay wakes nobody."""
    keep_events(engine, hints("a"), NOW)
    keep_events(engine, hints("x", company="77"), NOW)
    keep_events(engine, hints("b"), LATER)
    settle_hints(engine, COMPANY, NOW, LATER)
    assert waiting_hints(engine, LATER) == {COMPANY: LATER, "77": NOW}
    settle_hints(engine, COMPANY, LATER, LATER)
    keep_events(engine, hints("a", "b"), LATER)
    assert waiting_hints(engine, LATER) == {"77": NOW}


def test_ids_are_forgotten_after_a_month(engine: Engine) -> None:
    """Unique ids kept 30 days: longer than an event is believed, and not for ever."""
    keep_events(engine, hints("old"), NOW)
    keep_events(engine, hints("a"), NOW + KEPT_FOR)
    assert keep_events(engine, hints("old"), NOW + KEPT_FOR) == 0
    keep_events(engine, hints("b"), NOW + KEPT_FOR + timedelta(seconds=1))
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(webhook_event)) == 2


def test_many_at_once_keep_each_once(engine: Engine) -> None:
    """Deliveries overlap: Intuit repeats what was not answered in time."""
    ids = [f"event-{number}" for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda turn: keep_events(engine, hints(*ids[turn % 5 :]), NOW), range(16)))
    assert sum(kept) == 20
