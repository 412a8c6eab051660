"""The calendar: each date once, in order, whatever the clocks do (issue 4; reliability.md 1.10; ruling 15)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from qbo_milestones.pipeline.calendar import Calendar, DueRun, jitter_of, timetable

ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "America/Santiago",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Nuuk",
    "Africa/Cairo",
)
TIMES = ("00:00", "00:05", "00:30", "01:30", "02:30", "03:17", "23:30", "23:59")
_times = st.times(max_value=time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0))
calendars = st.builds(
    Calendar,
    st.sampled_from(ZONES).map(ZoneInfo),
    st.sampled_from(TIMES).map(time.fromisoformat) | _times,
    st.integers(0, 3600).map(lambda seconds: timedelta(seconds=seconds)),
)
days = st.dates(date(2011, 6, 1), date(2030, 12, 31))


def shown(zone: str, at: str, day: str) -> str:
    """When the run of a day is due, by the company's own clock."""
    calendar = Calendar(ZoneInfo(zone), time.fromisoformat(at))
    return calendar.due_at(date.fromisoformat(day)).astimezone(calendar.zone).isoformat()


@pytest.mark.parametrize(
    ("zone", "at", "day", "due"),
    [
        ("America/New_York", "03:17", "2026-11-23", "2026-11-23T03:17:00-05:00"),
        # Left out: the first moment after the gap. Twice: the first.
        ("America/New_York", "02:30", "2027-03-14", "2027-03-14T03:00:00-04:00"),
        ("America/New_York", "01:30", "2026-11-01", "2026-11-01T01:30:00-04:00"),
        ("Europe/Berlin", "02:30", "2027-03-28", "2027-03-28T03:00:00+02:00"),
        ("Europe/Berlin", "02:30", "2026-10-25", "2026-10-25T02:30:00+02:00"),
        # The change is at midnight.
        ("America/Santiago", "00:05", "2026-09-06", "2026-09-06T01:00:00-03:00"),
        ("America/Santiago", "00:00", "2026-09-06", "2026-09-06T01:00:00-03:00"),
        ("America/Nuuk", "23:30", "2027-03-27", "2027-03-28T00:00:00-01:00"),
        # By half an hour.
        ("Australia/Lord_Howe", "02:15", "2026-10-04", "2026-10-04T02:30:00+11:00"),
        ("Asia/Kolkata", "00:30", "2026-11-23", "2026-11-23T00:30:00+05:30"),
    ],
)
def test_when_a_run_is_due(zone: str, at: str, day: str, due: str) -> None:
    """Reliability.md 1.10."""
    assert shown(zone, at, day) == due


def test_a_date_that_a_zone_left_out_is_no_business_date() -> None:
    """Samoa had no 30 December 2011."""
    calendar = Calendar(ZoneInfo("Pacific/Apia"), time(3, 17))
    assert not calendar.exists(date(2011, 12, 30))
    assert calendar.next_after(date(2011, 12, 29)) == date(2011, 12, 31)
    now = calendar.due_at(date(2011, 12, 31))
    assert calendar.owed(date(2011, 12, 28), now) == (date(2011, 12, 29), date(2011, 12, 31))


@given(calendars, days)
def test_due_instants_only_grow(calendar: Calendar, day: date) -> None:
    """Two business dates are never due at once, nor in the wrong order."""
    if not calendar.exists(day):
        return
    following = calendar.next_after(day)
    assert calendar.due_at(day) < calendar.due_at(following)


@given(calendars, days, st.integers(-3600, 90_000))
def test_a_date_is_the_newest_from_its_instant_to_that_of_the_next(calendar: Calendar, day: date, seconds: int) -> None:
    """At every instant exactly one date is the newest that is due."""
    now = datetime.combine(day, time(), UTC) + timedelta(seconds=seconds)
    newest = calendar.newest_due(now)
    assert calendar.due_at(newest) <= now < calendar.due_at(calendar.next_after(newest))


@given(calendars, days, st.integers(0, 40 * 86_400))
def test_what_is_owed_is_each_date_since(calendar: Calendar, day: date, seconds: int) -> None:
    """Ruling 15: one for each missed date, none twice, none of the future."""
    last = calendar.newest_due(datetime.combine(day, time(), UTC))
    now = calendar.due_at(last) + timedelta(seconds=seconds)
    owed = calendar.owed(last, now)
    assert list(pairwise((last, *owed))) == [(one, calendar.next_after(one)) for one in (last, *owed)][:-1]
    newest = owed[-1] if owed else last
    assert newest == calendar.newest_due(now)


@given(calendars, days, st.integers(0, 86_400))
def test_a_company_begins_with_today_or_the_next_run(calendar: Calendar, day: date, seconds: int) -> None:
    """Issue 4: a first start does not invent past dates."""
    now = datetime.combine(day, time(), UTC) + timedelta(seconds=seconds)
    first, today = calendar.first(now), now.astimezone(calendar.zone).date()
    assert first >= today or calendar.due_at(first) > now
    assert first == today or calendar.due_at(first) > now


@given(st.text(), st.integers(0, 120))
def test_jitter_is_a_company_s_own_and_bounded(company: str, minutes: int) -> None:
    """Issue 4: jitter, the same every night."""
    found = jitter_of(company, timedelta(minutes=minutes))
    assert timedelta() <= found <= timedelta(minutes=minutes)
    assert found == jitter_of(company, timedelta(minutes=minutes))
    assert found.microseconds == 0


def test_companies_are_spread() -> None:
    """Issue 4: a hundred companies do not ask in the same minute."""
    minutes = {jitter_of(f"company {n}", timedelta(minutes=10)) // timedelta(minutes=1) for n in range(100)}
    assert minutes >= set(range(10))


# Two years, tick by tick


def walked(calendar: Calendar, ticks: Iterable[datetime]) -> list[tuple[date, datetime, bool]]:
    """What a schedule makes of ticks: each date that came due, when it was seen, and whether it is the one to run."""
    made: list[tuple[date, datetime, bool]] = []
    for now in ticks:
        first = () if made else (calendar.first(now),)
        owed = calendar.owed(made[-1][0], now) if made else first
        made += [(day, now, day == owed[-1]) for day in owed]
    return made


def ticks_of(zone: ZoneInfo) -> Iterator[datetime]:
    """Two years: each 17 minutes for a day on both sides of a change of the clocks, else now and then, with gaps."""
    now, chance = datetime(2026, 2, 1, tzinfo=UTC), Random(zone.key)  # noqa: S311 - a seed, not a secret
    while now < datetime(2028, 2, 1, tzinfo=UTC):
        yield now
        day = timedelta(days=1)
        changes = (now - day).astimezone(zone).utcoffset() != (now + day).astimezone(zone).utcoffset()
        now += timedelta(minutes=17 if changes else chance.choice([17, 61, 317, 733, 1441, 2900]))


@pytest.mark.parametrize("at", [*TIMES, "02:15", "01:00"])
@pytest.mark.parametrize("zone", ZONES)
def test_two_years_of_ticks_make_each_date_once(zone: str, at: str) -> None:
    """It must show, issue 4: the clock driven through two years, one run per business date, none of them early."""
    calendar = Calendar(ZoneInfo(zone), time.fromisoformat(at), timedelta(seconds=41))
    made = walked(calendar, ticks_of(calendar.zone))
    dates = [day for day, _, _ in made]
    assert len(dates) >= 725
    assert all(later == calendar.next_after(earlier) for earlier, later in pairwise(dates))
    assert all(calendar.due_at(earlier) < calendar.due_at(later) for earlier, later in pairwise(dates))
    assert all(calendar.due_at(day) <= seen for day, seen, _ in made[1:])
    # The newest that was due at each tick is run, and only that.
    assert all(runs == (calendar.newest_due(seen) == day) for day, seen, runs in made[1:])


@pytest.mark.parametrize(
    ("zone", "at", "harm"),
    [
        # Skips the day after the spring change; fires twice in the autumn (reliability.md 1.10).
        ("America/New_York", "00:05", "2027-03-15"),
        ("America/New_York", "01:30", "2026-11-01"),
        ("Europe/Berlin", "00:05", "2027-03-29"),
        ("America/Santiago", "00:30", "2026-09-06"),
    ],
)
def test_what_the_scheduler_skips_or_doubles_does_no_harm(zone: str, at: str, harm: str) -> None:
    """Issue 4: APScheduler is the tick, not the truth; its own next times, beside the tick of each hour."""
    calendar = Calendar(ZoneInfo(zone), time.fromisoformat(at))
    trigger = CronTrigger(hour=calendar.at.hour, minute=calendar.at.minute, timezone=calendar.zone)
    start, hours = datetime(2026, 8, 20, tzinfo=UTC), 250 * 24
    fired: list[datetime] = []
    while not fired or fired[-1] < start + timedelta(hours=hours):
        following = trigger.get_next_fire_time(fired[-1] if fired else None, fired[-1] if fired else start)
        assert following is not None
        fired.append(following)
    days = [one.astimezone(calendar.zone).date() for one in fired]
    assert days.count(date.fromisoformat(harm)) != 1, "this defect is gone: the test shows nothing"
    made = walked(calendar, sorted([*fired, *(start + timedelta(hours=n) for n in range(hours))]))
    dates = [day for day, _, _ in made]
    assert date.fromisoformat(harm) in dates
    assert dates == [dates[0] + timedelta(days=n) for n in range(len(dates))]
    assert all(runs for _, _, runs in made), "each was seen in time"


# How it stands

NIGHT = Calendar(ZoneInfo("America/New_York"), time(3, 17))
MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def known(day: date, stage: str, code: int | None = None) -> DueRun:
    """A row; one that is due is tried again in an hour."""
    due = NIGHT.due_at(day)
    return DueRun(day, stage, due, due + timedelta(hours=1), 1, None, None, code)


def test_the_timetable_before_any_worker() -> None:
    """Issue 4, status: what one would do, and that there was none."""
    found = timetable(NIGHT, (), NIGHT.due_at(MONDAY) - timedelta(hours=2))
    assert (found.next_date, found.next_at, found.kept) == (MONDAY, NIGHT.due_at(MONDAY), False)


def test_the_timetable_tells_what_is_done_missed_and_next() -> None:
    """Issue 4, status: next due date and instant, last done, missed dates."""
    newest = (known(MONDAY, "done", 0), known(MONDAY - DAY, "missed"), known(MONDAY - 2 * DAY, "done", 0))
    found = timetable(NIGHT, newest, NIGHT.due_at(MONDAY) + DAY / 2)
    assert (found.next_date, found.next_at) == (MONDAY + DAY, NIGHT.due_at(MONDAY + DAY))
    assert (found.last_done, found.missed, found.last_try, found.kept) == (MONDAY, (MONDAY - DAY,), None, True)


def test_the_timetable_of_a_date_that_is_tried_again() -> None:
    """Its next try, and how the last one ended."""
    found = timetable(NIGHT, (known(MONDAY, "due", 75),), NIGHT.due_at(MONDAY) + DAY / 2)
    assert (found.next_date, found.next_at, found.last_try) == (
        MONDAY, NIGHT.due_at(MONDAY) + timedelta(hours=1), 75,
    )  # fmt: skip


def test_the_timetable_while_no_worker_runs() -> None:
    """The newest date that came due is overdue, whatever was left before it."""
    found = timetable(NIGHT, (known(MONDAY, "due"),), NIGHT.due_at(MONDAY + 3 * DAY) + DAY / 2)
    assert (found.next_date, found.next_at) == (MONDAY + 3 * DAY, NIGHT.due_at(MONDAY + 3 * DAY))
