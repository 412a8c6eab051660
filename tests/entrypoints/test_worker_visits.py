"""The worker's own loop on a clock that is moved: what is due, what was hinted at, what went wrong (issue 4)."""

import json
import logging
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from qbo_milestones.adapters.log import formatter
from qbo_milestones.adapters.quickbooks.tokens import Tokens
from qbo_milestones.adapters.store.events import Hint, keep_events, waiting_hints
from qbo_milestones.config import Settings
from qbo_milestones.entrypoints import worker
from qbo_milestones.entrypoints.signals import Stop
from qbo_milestones.entrypoints.worker import Worker, read_all, tell_of_next_run
from qbo_milestones.errors import BadSettings, NotConnected, Refused, Unavailable
from qbo_milestones.keys import make_key, sealed_tokens
from qbo_milestones.wiring import load_settings, scheduled, stored

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
REALM = "9341450000000077"
worker_log = logging.getLogger(worker.__name__)


class MovedClock:
    """Time that only a test moves."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - START).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Nights:
    """Runs that do nothing but begin and end in the database, each with the exit code that is set for its company."""

    def __init__(self, clock: MovedClock) -> None:
        self.clock, self.done = clock, list[tuple[str, date | None]]()
        self.ends: dict[str, int | Exception] = {}

    def __call__(self, settings: Settings, stop: Stop, day: date | None) -> int:  # noqa: ARG002 - it never takes long
        end = self.ends.get(settings.company, 0)
        self.done.append((settings.company, day))
        if isinstance(end, Exception):
            raise end
        with stored(settings, self.clock, day) as store:
            now = self.clock.now()
            lease = store.take_lease("night", now, timedelta(seconds=30))
            number = store.start_run(lease, now.date(), now)
            store.finish_run(lease, number, now, end, {})
            store.release_lease(lease)
        use_connection(settings, self.clock)
        return end


def use_connection(settings: Settings, clock: MovedClock) -> None:
    """The tokens are renewed, as by every real run."""
    make_key(settings)
    with stored(settings, clock) as store:
        now, room = clock.now(), sealed_tokens(settings, store)
        tokens = Tokens(store.company, "a" * 40, "r" * 40, now, now + timedelta(days=100), None, 1, now)
        assert room.save(tokens, room.version())


class Office:
    """Companies with their settings, and a worker of them."""

    def __init__(self, folder: Path, **companies: str) -> None:
        self.clock = MovedClock()
        self.nights = Nights(self.clock)
        self.sources = [self._company(folder / name, name, more) for name, more in companies.items()]
        self.connect()
        self.start()

    def _company(self, folder: Path, name: str, more: str) -> Path:
        folder.mkdir()
        realm = f"{REALM[:-2]}{len(name):02}"
        text = f'company = "{name}"\n{more}\n[quickbooks]\nrealm = "{realm}"\n[key]\nsource = "file"\n'
        (folder / "settings.toml").write_text(text, encoding="utf-8")
        return folder

    def start(self) -> None:
        """The worker, or after its death another."""
        self.stop = Stop()
        self.worker = Worker(self.sources, (), self.stop, self.clock, self.nights)

    def connect(self) -> None:
        """Every company's connection was just used, so there is nothing to keep alive for 30 days."""
        for source in self.sources:
            use_connection(load_settings(source), self.clock)

    def visit(self) -> list[int | None]:
        """One tick, company after company."""
        return [self.worker.visit(source) for source in self.sources]

    def stages(self, number: int = 0) -> list[tuple[date, str, int | None]]:
        """The due dates of one company, oldest first."""
        with scheduled(load_settings(self.sources[number])) as (_, schedule):
            return [(one.business_date, one.stage, one.exit_code) for one in reversed(schedule.newest(1000))]

    def move(self, **by: float) -> None:
        """Let time pass."""
        self.clock.at += timedelta(**by)


MakeOffice = Callable[..., Office]


@pytest.fixture
def make_office(tmp_path: Path) -> MakeOffice:
    """Makes an office of companies by name, each with more lines of settings."""
    return lambda **companies: Office(tmp_path, **companies)


def test_each_date_is_run_once_through_a_spring_change(make_office: MakeOffice) -> None:
    """It must show, issue 4: a real worker's loop, its clock moved, two companies, restarts, a week without power."""
    office = make_office(northlight='[schedule]\nat = "00:05"', southwind='time_zone = "America/Santiago"')
    office.clock.at = datetime(2027, 2, 20, 3, 59, tzinfo=UTC)
    office.connect()
    for n in range(60):
        office.visit()
        if n % 7 == 3:
            office.start()
            office.visit()
        office.move(hours=168 if n == 20 else 11.3)
    for number, name in enumerate(("northlight", "southwind")):
        dates = [day for day, _, _ in office.stages(number)]
        assert dates == [dates[0] + timedelta(days=n) for n in range(len(dates))]
        assert dates[0] in (date(2027, 2, 19), date(2027, 2, 20))
        assert len(dates) > 30
        done = [day for day, stage, _ in office.stages(number) if stage == "done"]
        assert [day for company, day in office.nights.done if company == name] == done
        assert 5 <= sum(stage == "missed" for _, stage, _ in office.stages(number)) <= 7
    assert date(2027, 3, 15) in [day for _, day in office.nights.done]


def test_one_company_s_failure_does_not_stop_another(make_office: MakeOffice) -> None:
    """Issue 4: whatever it is, a refusal of the world or a fault of ours."""
    office = make_office(northlight="", southwinds="", west="")
    office.nights.ends = {"northlight": NotConnected("the connection ended"), "southwinds": ZeroDivisionError()}
    assert office.visit() == [3, 70, 0]
    assert [office.stages(n)[0][1:] for n in range(3)] == [("due", 3), ("due", 70), ("done", 0)]
    assert office.visit() == [None, None, None]
    office.nights.ends = {}
    office.move(minutes=61)
    assert office.visit() == [0, 0, None]


def test_what_quickbooks_refuses_before_the_run_is_tried_again(make_office: MakeOffice) -> None:
    """A refusal asks for a person, and nothing was done: neither the date nor the hints are settled."""
    office = make_office(northlight="")
    hint(office, "a")
    office.nights.ends = {"northlight": Refused("you have no access to this company")}
    assert office.visit() == [70]
    assert (office.stages(), waiting(office)) == ([(date(2026, 11, 23), "due", 70)], True)
    office.nights.ends = {}
    office.move(minutes=61)
    assert (office.visit(), waiting(office)) == ([0], False)


def test_what_is_temporary_is_tried_again_the_same_date(make_office: MakeOffice) -> None:
    """Issue 4: QuickBooks away, or another run under way: 1, 5, 15 ... minutes later."""
    office = make_office(northlight="")
    office.nights.ends = {"northlight": Unavailable("another run is under way")}
    tries = []
    for minute in range(60):
        if office.visit() == [75]:
            tries.append(minute)
        office.move(minutes=1)
    assert tries == [0, 1, 6, 21, 51]
    office.nights.ends = {}
    office.move(hours=1)
    assert office.visit() == [0]
    assert [stage for _, stage, _ in office.stages()] == ["done"]


def test_an_edit_of_the_settings_is_taken_up_and_a_bad_one_hurts_only_its_company(make_office: MakeOffice) -> None:
    """Issue 4: settings are read anew for every run."""
    office = make_office(northlight='[schedule]\nat = "03:00"', southwind="")
    assert office.visit() == [0, 0]
    settings = office.sources[0] / "settings.toml"
    good = settings.read_text(encoding="utf-8")
    settings.write_text(good.replace("[schedule]", "[schedul]"), encoding="utf-8")
    office.move(hours=24)
    assert office.visit() == [2, 0]
    settings.write_text(good.replace("03:00", "23:00"), encoding="utf-8")
    assert office.visit() == [None, None]
    office.move(hours=17)
    assert office.visit() == [0, None]
    assert [day for day, _, _ in office.stages()] == [date(2026, 11, 23), date(2026, 11, 24)]


def test_a_company_that_is_not_connected_yet_is_told_once_and_begins_when_it_is(
    make_office: MakeOffice, caplog: pytest.LogCaptureFixture
) -> None:
    """Issue 4; no line each minute of what everybody knows."""
    office = make_office(northlight="")
    settings = office.sources[0] / "settings.toml"
    good = settings.read_text(encoding="utf-8")
    settings.write_text(good.replace('realm = "', 'realm = ""\n# "'), encoding="utf-8")
    assert [office.visit() for _ in range(5)] == [[3]] * 5
    assert [one.message for one in caplog.records].count("company_not_served") == 1
    settings.write_text(good, encoding="utf-8")
    assert office.visit() == [0]


def test_settings_that_cannot_be_read_keep_nobody_else_from_being_billed(
    make_office: MakeOffice, caplog: pytest.LogCaptureFixture
) -> None:
    """A typo and a reboot: the others are served at once, it is told once an hour, and taken up once it can be read."""
    office = make_office(northlight="", southwind="")
    settings = office.sources[0] / "settings.toml"
    good = settings.read_text(encoding="utf-8")
    settings.write_text(good + "[schedul]\n", encoding="utf-8")
    assert [one.company for one in read_all(office.sources, ())] == ["southwind"]
    codes = []
    for _ in range(121):
        codes.append(office.visit())
        office.move(minutes=1)
    assert codes == [[2, 0]] + [[2, None]] * 120
    told = [vars(one) for one in caplog.records if one.message == "company_not_served"]
    assert len(told) == 3
    assert "schedul" in told[0]["text"]
    assert (told[0]["levelname"], told[0]["exit_code"]) == ("ERROR", 2)
    assert list(office.worker.complaints()) == [office.sources[0]]
    settings.write_text(good, encoding="utf-8")
    assert office.visit() == [0, None]
    assert office.worker.complaints() == {}


def test_where_no_settings_can_be_read_nothing_begins(make_office: MakeOffice) -> None:
    """Nobody would be billed: better an end that is seen."""
    office = make_office(northlight="[schedule]", southwind="")
    with pytest.raises(BadSettings, match="nowhere"):
        read_all([office.sources[0] / "nowhere", office.sources[1] / "nowhere"], ())


def test_events_tell_the_company_and_what_it_is_called(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """reliability.md 5: `company` is the realm, whoever logs; the name in the settings is a field of its own."""
    office, lines = make_office(northlight=""), list[dict[str, object]]()
    monkeypatch.setattr(worker_log, "handle", lambda record: lines.append(json.loads(formatter().format(record))))
    monkeypatch.setattr(worker_log, "level", logging.INFO)
    office.visit()
    assert [line["event"] for line in lines] == ["run_due", "task_started", "task_ended"]
    assert {(line["company"], line["settings"]) for line in lines} == {(REALM[:-2] + "10", "northlight")}
    settings = office.sources[0] / "settings.toml"
    settings.write_text("no settings", encoding="utf-8")
    office.visit()
    assert (lines[-1].get("company"), lines[-1]["settings"]) == (None, str(office.sources[0]))


def test_the_next_run_is_told_where_nothing_is_due(make_office: MakeOffice) -> None:
    """`worker --once` at a terminal: silence would look like a fault."""
    office = make_office(northlight='[schedule]\nat = "03:00"\njitter_min = 0')
    office.visit()
    said = list[str]()
    tell_of_next_run(load_settings(office.sources[0]), office.clock.now(), said.append)
    assert said == ["northlight: the next run is that of 2026-11-24, at 2026-11-24 03:00 EST."]


def test_a_connection_is_kept_alive_by_the_worker_s_own_clock(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """reliability.md 1.8.5; once a day at most, where nothing else is to be done."""
    office, asked = make_office(northlight=""), list[datetime]()
    monkeypatch.setattr(worker, "keep_alive", lambda _, clock: asked.append(clock.now()))
    for _ in range(5):
        office.visit()
        office.move(hours=10)
    assert [at - START for at in asked] == [timedelta(hours=10), timedelta(hours=40)]


def hint(office: Office, id_: str) -> None:
    """QuickBooks says that the first company changed."""
    with stored(load_settings(office.sources[0])) as store:
        keep_events(store.engine, [Hint(store.company, id_)], office.clock.now())


def waiting(office: Office) -> bool:
    """Whether something was heard that nobody looked at."""
    with stored(load_settings(office.sources[0])) as store:
        return bool(waiting_hints(store.engine, office.clock.now()))


def test_a_hint_leads_to_a_look_after_a_rest(make_office: MakeOffice) -> None:
    """Issue 4, webhooks: a company is due for a look, in which nothing is posted; posting stays the night's."""
    office = make_office(northlight="[schedule]\nhint_rest_min = 10")
    assert office.visit() == [0]
    hint(office, "a")
    office.move(minutes=9)
    assert (office.visit(), waiting(office)) == ([None], True)
    office.move(minutes=2)
    assert (office.visit(), waiting(office)) == ([0], False)
    assert [day for _, day in office.nights.done] == [date(2026, 11, 23), None]
    # Nothing new was heard.
    office.move(hours=1)
    assert office.visit() == [None]


def test_the_night_s_run_looks_too(make_office: MakeOffice) -> None:
    """What was heard before it began is known after it."""
    office = make_office(northlight="")
    hint(office, "a")
    assert office.visit() == [0]
    assert not waiting(office)


def test_a_look_that_failed_is_not_repeated_every_minute(make_office: MakeOffice) -> None:
    """Each costs metered reads; the hint stays."""
    office = make_office(northlight="")
    office.visit()
    hint(office, "a")
    office.nights.ends = {"northlight": Unavailable("QuickBooks is away")}
    office.move(minutes=11)
    codes = []
    for _ in range(70):
        codes += office.visit()
        office.move(minutes=1)
    assert codes.count(75) == 2
    assert waiting(office)


def test_a_worker_that_is_asked_to_stop_begins_nothing(make_office: MakeOffice) -> None:
    """Issue 4, drain: no new companies."""
    office = make_office(northlight="")
    office.stop.signal = 15
    assert office.visit() == [None]
    office.worker.tick()
    assert office.worker.close() == 0
    assert office.nights.done == []


def test_the_worst_of_one_round_is_the_exit_code(make_office: MakeOffice) -> None:
    """`worker --once` for cron and timers."""
    office = make_office(northlight="", southwinds="", west="")
    office.nights.ends = {"northlight": 1, "southwinds": NotConnected("ended"), "west": Unavailable("away")}
    office.worker.tick()
    assert office.worker.close() == 3


def test_two_names_for_one_company_are_refused(make_office: MakeOffice) -> None:
    """The same company twice would run against itself."""
    office = make_office(northlight="")
    with pytest.raises(BadSettings, match="another --config names too"):
        read_all([office.sources[0], office.sources[0] / "settings.toml"], ())


def test_the_default_time_is_outside_the_changes_of_the_clocks() -> None:
    """reliability.md 1.10: 03:17 local."""
    assert Settings().schedule.at == time(3, 17)
    assert (Settings().schedule.jitter_min, Settings().schedule.hint_rest_min) == (10, 10)
    assert ZoneInfo("America/New_York").key == Settings().time_zone


def test_a_visit_that_hangs_is_heard_each_hour(make_office: MakeOffice, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing else would tell that a company's nights no longer take place: other companies go on."""
    office, over = make_office(north="", south=""), threading.Event()

    def hanging(settings: Settings, stop: Stop, day: date | None) -> int:
        if settings.company == "north":
            over.wait(20)
        return office.nights(settings, stop, day)

    office.move(hours=24)
    office.worker._run = hanging
    with caplog.at_level(logging.ERROR):
        for hours in (0, 5.5, 1, 0.5, 0.25, 0.5, 1.5):
            office.move(hours=hours)
            office.worker.tick()
            office.worker._busy[office.sources[1]].result(20)
    over.set()
    office.worker.close()
    heard = [record for record in caplog.records if record.message == "visit_hangs"]
    assert [vars(record)["settings"] for record in heard] == [str(office.sources[0])] * 3
    assert [stage for _, stage, _ in office.stages()] == ["done"]


def test_a_scheduler_that_sleeps_until_an_old_tomorrow_is_not_waited_for(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """reliability.md 1.10: its clock was ahead and was put right; the monotonic one sees that nobody ticks."""
    office = make_office(northlight="[posting]\npatience = 0.001")
    stop = Stop()
    ticks: list[float] = []

    def tick(_: Worker) -> None:
        ticks.append(monotonic())
        stop.signal = len(ticks) // 3

    monkeypatch.setattr(worker, "_scheduler", lambda *_: BackgroundScheduler(timezone=UTC))
    monkeypatch.setattr(Worker, "tick", tick)
    began = monotonic()
    worker.serve(office.sources, (), stop)
    assert len(ticks) == 3
    assert ticks[0] - began >= 0.18
    assert not any(office.nights.done)
