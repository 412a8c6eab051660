"""Due runs in the database: one row a date, one winner, ended once (issue 4, Schedule; reliability.md 1.10)."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, delete, insert, update

from qbo_milestones.adapters.store.engine import open_engine, writing
from qbo_milestones.adapters.store.schedule import DueStore, Schedule
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.adapters.store.unattended import due_run
from qbo_milestones.errors import RuleBroken, Unavailable
from qbo_milestones.model.books import Changes
from qbo_milestones.pipeline.calendar import Calendar, DueRun

from .makers import COMPANY, TTL, StillClock

NEW_YORK = ZoneInfo("America/New_York")
NIGHT = Calendar(NEW_YORK, time(3, 17))
MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
# Each zone with a time of day that its clocks trouble.
AWKWARD = (
    ("America/New_York", "02:30"),
    ("Europe/Berlin", "01:30"),
    ("America/Santiago", "00:05"),
    ("Asia/Kolkata", "03:17"),
    ("Australia/Lord_Howe", "02:15"),
    ("Africa/Cairo", "00:30"),
    ("Pacific/Apia", "23:59"),
)


@pytest.fixture
def schedule(engine: Engine) -> Schedule:
    """The due runs of one company."""
    return Schedule(engine, COMPANY)


def told(schedule: Schedule) -> list[tuple[date, str]]:
    """Dates and stages, oldest first."""
    return [(one.business_date, one.stage) for one in reversed(schedule.newest(2000))]


def row(schedule: Schedule, day: date = MONDAY) -> DueRun:
    """One date's row."""
    return next(one for one in schedule.newest(100) if one.business_date == day)


def test_a_company_begins_with_today_where_its_time_has_passed(schedule: Schedule) -> None:
    """Issue 4: no past dates are invented."""
    now = NIGHT.due_at(MONDAY) + MINUTE
    assert schedule.ensure(NIGHT, now) == (MONDAY,)
    assert schedule.claim(now) == MONDAY
    assert told(schedule) == [(MONDAY, "due")]


def test_before_its_time_it_begins_with_the_next_run_which_then_cannot_be_lost(schedule: Schedule) -> None:
    """Issue 4; the date that is waited for stands, so days without power in between are missed and not forgotten."""
    now = NIGHT.due_at(MONDAY) - MINUTE
    assert schedule.ensure(NIGHT, now) == (MONDAY,)
    assert schedule.claim(now) is None
    later = NIGHT.due_at(MONDAY + 3 * DAY)
    assert schedule.ensure(NIGHT, later) == (MONDAY + DAY, MONDAY + 2 * DAY, MONDAY + 3 * DAY)
    assert [stage for _, stage in told(schedule)] == ["missed", "missed", "missed", "due"]
    assert schedule.claim(later) == MONDAY + 3 * DAY


def test_only_the_newest_of_the_missed_dates_is_run(schedule: Schedule) -> None:
    """Ruling 15: one row each, only the newest executes."""
    now = NIGHT.due_at(MONDAY)
    schedule.ensure(NIGHT, now)
    assert schedule.claim(now) == MONDAY
    assert schedule.settle(MONDAY, now, 0, 1)
    back = NIGHT.due_at(MONDAY + 4 * DAY) + timedelta(hours=20)
    schedule.ensure(NIGHT, back)
    stages = [stage for _, stage in told(schedule)]
    assert stages == ["done", "missed", "missed", "missed", "due"]
    assert schedule.ensure(NIGHT, back + MINUTE) == ()


@pytest.mark.parametrize("code", [0, 1, 4])
def test_a_run_that_came_to_its_end_is_done(schedule: Schedule, code: int) -> None:
    """Issue 4: a person who is waited for is no reason to run again."""
    now = NIGHT.due_at(MONDAY)
    schedule.ensure(NIGHT, now)
    schedule.claim(now)
    assert schedule.settle(MONDAY, now + MINUTE, code, 7)
    found = row(schedule)
    assert (found.stage, found.exit_code, found.run, found.ended_at) == ("done", code, 7, now + MINUTE)
    assert not schedule.settle(MONDAY, now, 75)
    assert schedule.claim(now + DAY) is None


def test_what_the_world_prevents_is_tried_again_ever_later(schedule: Schedule) -> None:
    """Issue 4; exit code 75: 1, 5, 15, 30, 60, 60 ... minutes after each try, on the same business date."""
    now = NIGHT.due_at(MONDAY)
    schedule.ensure(NIGHT, now)
    waits = []
    for _ in range(7):
        assert schedule.claim(now) == MONDAY
        assert schedule.settle(MONDAY, now, 75)
        then = row(schedule).next_try_at
        assert schedule.claim(then - timedelta(seconds=1)) is None
        waits.append((then - now) // MINUTE)
        now = then
    assert waits == [1, 5, 15, 30, 60, 60, 60]
    assert row(schedule).tries == 7


@pytest.mark.parametrize("code", [2, 3, 5, 70])
def test_what_a_person_must_put_right_is_tried_once_an_hour(schedule: Schedule, code: int) -> None:
    """Issue 4: settings, a connection that ended, a stop for integrity or a fault of ours."""
    now = NIGHT.due_at(MONDAY)
    schedule.ensure(NIGHT, now)
    schedule.claim(now)
    schedule.settle(MONDAY, now, code)
    assert row(schedule).next_try_at == now + timedelta(hours=1)
    assert (row(schedule).stage, row(schedule).exit_code) == ("due", code)


def test_a_date_without_a_run_is_never_done(schedule: Schedule) -> None:
    """What was refused before the run began (permissions in QuickBooks, say) is tried again, whatever its exit code."""
    now = NIGHT.due_at(MONDAY)
    schedule.ensure(NIGHT, now)
    schedule.claim(now)
    assert schedule.settle(MONDAY, now, 1)
    assert (row(schedule).stage, row(schedule).next_try_at) == ("due", now + timedelta(hours=1))


def test_a_claim_that_died_is_tried_again(schedule: Schedule) -> None:
    """reliability.md 1.5: kill -9 in a run leaves its date due; a little later somebody tries again."""
    now = NIGHT.due_at(MONDAY)
    schedule.ensure(NIGHT, now)
    assert schedule.claim(now) == MONDAY
    assert schedule.claim(now) is None
    assert schedule.claim(now + MINUTE) == MONDAY


def test_all_waits_scale_with_patience(engine: Engine) -> None:
    """Issue 4: all time-outs scale together by one setting."""
    schedule, now = Schedule(engine, COMPANY, 0.1), NIGHT.due_at(MONDAY)
    schedule.ensure(NIGHT, now)
    schedule.claim(now)
    assert row(schedule).next_try_at == now + timedelta(seconds=6)
    schedule.settle(MONDAY, now, 3)
    assert row(schedule).next_try_at == now + timedelta(minutes=6)


def test_the_run_and_its_date_end_in_one_transaction(engine: Engine, schedule: Schedule, clock: StillClock) -> None:
    """One run for each business date: nothing can die between the run's end and the date's."""
    now = NIGHT.due_at(MONDAY)
    schedule.ensure(NIGHT, now)
    schedule.claim(now)
    store = DueStore(engine, COMPANY, clock, schedule, MONDAY)
    lease = store.take_lease("worker", now, TTL)
    number = store.start_run(lease, MONDAY + 5 * DAY, now)
    store.finish_run(lease, number, now + MINUTE, 0, {})
    assert (row(schedule).stage, row(schedule).run) == ("done", number)
    assert store.runs(1)[0].business_date == MONDAY
    with pytest.raises(Unavailable, match="done already"):
        store.start_run(lease, MONDAY, now)
    assert len(store.runs(10)) == 1


def test_a_date_with_a_doubtful_posting_is_tried_again_soon(
    engine: Engine, schedule: Schedule, clock: StillClock
) -> None:
    """An open flag must not make a lost answer wait for the next night (ruling 7)."""
    now = NIGHT.due_at(MONDAY)
    schedule.ensure(NIGHT, now)
    schedule.claim(now)
    store = DueStore(engine, COMPANY, clock, schedule, MONDAY)
    lease = store.take_lease("worker", now, TTL)
    store.finish_run(lease, store.start_run(lease, MONDAY, now), now, 1, {"doubtful": "1"})
    assert (row(schedule).stage, row(schedule).next_try_at) == ("due", now + MINUTE)
    store.finish_run(lease, store.start_run(lease, MONDAY, now), now + MINUTE, 1, {"doubtful": "0"})
    assert row(schedule).stage == "done"


@pytest.mark.parametrize("stage", ["done", "missed"])
def test_the_database_refuses_to_run_a_date_again(engine: Engine, schedule: Schedule, stage: str) -> None:
    """Issue 4: refused by the database otherwise."""
    now = NIGHT.due_at(MONDAY)
    schedule.ensure(NIGHT, now)
    if stage == "done":
        schedule.settle(MONDAY, now, 0, 1)
    else:
        schedule.ensure(NIGHT, now + DAY)
    assert row(schedule).stage == stage
    of_monday = due_run.c.business_date == MONDAY
    values = {"company": COMPANY, "kind": "nightly", "business_date": MONDAY, "due_at": now, "next_try_at": now}
    for statement in (
        update(due_run).where(of_monday).values(stage="due", ended_at=None),
        update(due_run).where(of_monday).values(exit_code=9),
        delete(due_run).where(of_monday),
        insert(due_run).prefix_with("OR REPLACE").values(stage="due", **values),
    ):
        with pytest.raises(RuleBroken), writing(engine) as connection:
            connection.execute(statement)


# Two years


@pytest.fixture
def nodes(path: Path) -> Iterator[Callable[[], Engine]]:
    """Makes engines on one database, as two machines and their restarts have them."""
    made: list[Engine] = []

    def make() -> Engine:
        made.append(open_engine(f"sqlite:///{path}"))
        return made[-1]

    yield make
    for engine in made:
        engine.dispose()


@pytest.mark.parametrize(("zone", "at"), AWKWARD)
def test_two_years_have_one_run_for_each_date(nodes: Callable[[], Engine], zone: str, at: str) -> None:
    """It must show, issue 4: the clock driven through two years, ticks at awkward moments, two nodes, restarts."""
    calendar, chance = Calendar(ZoneInfo(zone), time.fromisoformat(at), timedelta(seconds=41)), Random(zone)  # noqa: S311
    pair = [Schedule(nodes(), COMPANY), Schedule(nodes(), COMPANY)]
    now, end = datetime(2026, 2, 1, tzinfo=UTC), datetime(2028, 2, 1, tzinfo=UTC)
    ran: list[date] = []
    while now < end:
        # Sometimes both tick in the same moment, sometimes one is down.
        up = chance.choice([pair, pair[:1], pair[1:]])
        for node in up:
            node.ensure(calendar, now)
        claims = [day for node in up if (day := node.claim(now)) is not None]
        assert len(claims) <= 1
        for day in claims:
            code = chance.choice([0, 0, 0, 0, 1, 75])
            assert up[0].settle(day, now, code, len(ran) + 1)
            if code != 75:
                ran.append(day)
        now += chance.choice([17, 30, 523, 1441, 1441, 2900, 7000]) * MINUTE
    rows = list(reversed(pair[0].newest(1000)))
    first = calendar.first(datetime(2026, 2, 1, tzinfo=UTC))
    expected = [first]
    while expected[-1] < rows[-1].business_date:
        expected.append(calendar.next_after(expected[-1]))
    assert [one.business_date for one in rows] == expected
    assert len(expected) >= 720
    assert all(earlier.due_at < later.due_at for earlier, later in pairwise(rows))
    assert [one.business_date for one in rows if one.stage == "done"] == ran == sorted(set(ran))
    assert {one.stage for one in rows[:-1]} <= {"done", "missed"}


def test_a_date_of_another_company_is_its_own(engine: Engine, schedule: Schedule) -> None:
    """Several companies in one database."""
    now = NIGHT.due_at(MONDAY)
    other = Schedule(engine, "9130000000000002")
    for one in (schedule, other):
        one.ensure(NIGHT, now)
        assert one.claim(now) == MONDAY
    assert schedule.settle(MONDAY, now, 0, 1)
    assert row(other).stage == "due"


def test_the_store_of_a_due_run_is_a_store(engine: Engine, schedule: Schedule, clock: StillClock) -> None:
    """A run knows nothing of the schedule."""
    assert isinstance(DueStore(engine, COMPANY, clock, schedule, MONDAY), DatabaseStore)


def read_books(engine: Engine, at: datetime) -> None:
    """QuickBooks said that it is so late."""
    store = DatabaseStore(engine, COMPANY, StillClock())
    lease = store.take_lease("tests", at, TTL)
    store.keep_books(lease, Changes(), at)
    store.release_lease(lease)


@pytest.mark.parametrize("ahead", [2, 21, 400])
def test_a_clock_that_was_ahead_silences_no_company(schedule: Schedule, engine: Engine, ahead: int) -> None:
    """reliability.md 1.10: put right, the real dates come due again, each once; those of then are never run."""
    now = NIGHT.due_at(MONDAY) + MINUTE
    schedule.ensure(NIGHT, now)
    read_books(engine, now)
    assert schedule.settle(MONDAY, now, 0, 1)
    wrong = now + ahead * DAY
    schedule.ensure(NIGHT, wrong)
    assert schedule.claim(wrong) == MONDAY + ahead * DAY
    right = now + timedelta(hours=3)
    assert schedule.ensure(NIGHT, right) == (MONDAY,)
    assert schedule.ensure(NIGHT, right) == ()
    for n in range(ahead + 3):
        at = right + n * DAY
        if n:
            assert schedule.ensure(NIGHT, at) == (MONDAY + n * DAY,)
        assert schedule.claim(at) == MONDAY + n * DAY
        assert schedule.settle(MONDAY + n * DAY, at, 0, n + 2)
        assert schedule.claim(at + 12 * timedelta(hours=1)) is None


def test_a_clock_that_is_behind_makes_no_dates_of_the_past(schedule: Schedule, engine: Engine) -> None:
    """QuickBooks' clock says that it is ours: nothing is dated years back, and nothing is forgotten."""
    now = NIGHT.due_at(MONDAY) + MINUTE
    schedule.ensure(NIGHT, now)
    read_books(engine, now)
    schedule.settle(MONDAY, now, 0, 1)
    assert schedule.ensure(NIGHT, now - 2000 * DAY) == ()
    assert schedule.claim(now - 2000 * DAY) is None
    assert schedule.ensure(NIGHT, now + DAY) == (MONDAY + DAY,)
