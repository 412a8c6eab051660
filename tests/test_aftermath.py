"""What goes with every run: pings, metrics and digest, from the database alone; nothing of it ever fails a run."""

import logging
import os
import stat
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from store.makers import COMPANY, DAY, NOW, TTL, StillClock, answer, planned, usd

from listener import Listener, listening
from qbo_milestones.adapters.quickbooks.tokens import Tokens
from qbo_milestones.adapters.store.engine import writing
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.adapters.store.unattended import due_run
from qbo_milestones.aftermath import around, last_digest, write_metrics
from qbo_milestones.config import Settings, load
from qbo_milestones.entrypoints.one_run import run_once
from qbo_milestones.entrypoints.signals import Stop
from qbo_milestones.errors import BadSettings, NotConnected, Refused, Unavailable
from qbo_milestones.keys import make_key, sealed_tokens
from qbo_milestones.model.flag import Flag
from qbo_milestones.pipeline.outbox import Stage
from qbo_milestones.wiring import stored

FLAG = Flag("INVOICE_VOIDED", "D-7", "Acme Robotics' invoice was voided.", usd("10"), ("Invoice 145",))


class Desk:
    """A company whose people are told; runs are written as a run writes them."""

    def __init__(self, folder: Path, listener: Listener) -> None:
        self.folder, self.listener, self.clock = folder, listener, StillClock()
        self.settings = self.with_options()

    def with_options(self, *more: str) -> Settings:
        """The settings, with more of them."""
        options = [
            *("company=northlight", f"quickbooks.realm={COMPANY}", "key.source=file", "metrics.file=out/n.prom"),
            *(f"digest.to={self.listener.room}", f"ping.url={self.listener.address}"),
        ]
        return load(self.folder, {}, [*options, *more])

    def run(self, code: int = 0, post: str = "", flags: tuple[Flag, ...] = (), **counts: str) -> int:
        """One run with its row; with `post` a deliverable is posted."""
        with stored(self.settings, self.clock) as store:
            lease = store.take_lease("tests", self.clock.now(), TTL)
            number = store.start_run(lease, self.clock.now().date(), self.clock.now())
            if post:
                sent = store.begin(lease, planned(store, lease, post), self.clock.now())
                store.move(lease, sent, Stage.POSTED, self.clock.now(), document=answer(sent, post), tid="1-a")
                counts["posted"] = "1"
            store.keep_flags(lease, flags, number, DAY)
            store.finish_run(lease, number, self.clock.now() + timedelta(seconds=90), code, counts)
            store.release_lease(lease)
        return number

    def die(self) -> int:
        """A run whose process is killed."""
        with stored(self.settings, self.clock) as store:
            lease = store.take_lease("tests", self.clock.now(), TTL)
            number = store.start_run(lease, self.clock.now().date(), self.clock.now())
            store.release_lease(lease)
        return number

    def night(self, code: int = 0, post: str = "", flags: tuple[Flag, ...] = (), **counts: str) -> None:
        """A whole night, with what goes with it."""
        self.clock.at += timedelta(days=1)
        with around(self.settings, self.clock) as ending:
            self.run(code, post, flags, **counts)
            ending.code = code

    @property
    def texts(self) -> list[str]:
        """Every digest that was received."""
        return [f"{one['title']}\n{one['message']}" for one in self.listener.messages()]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk with a receiver that takes everything."""
    with listening() as listener:
        yield Desk(tmp_path, listener)


def test_a_night_with_news_is_told_once_with_its_money(desk: Desk) -> None:
    """Issue 4, Operation: a digest after a run that has something to say, one per run, no client's name in it."""
    desk.night(1, "d-1", (FLAG,))
    (text,) = desk.texts
    assert text.startswith(
        "northlight: 1 posted, 1 flag waits for you\nRun 1 for 2026-11-24, begun at 2026-11-24 03:17 UTC"
    )
    for line in (
        "done, and a person is waited for.",
        "Posted 1 document, invoices over 10,000.00 USD.",
        "Opened: INVOICE_VOIDED D-7 10.00 USD (urgent, billing clerk).",
        "Open flags: urgent 1, high 0, normal 0.",
        f"See: qbo-milestones flags --config {desk.folder}",
    ):
        assert line in text
    assert "Acme" not in text
    with stored(desk.settings) as store:
        head = store.audit_head()
    assert text.endswith(f"Audit log: row {head.seq}, {head.hash}.")
    assert desk.listener.ends == ["start", "room", "1"]
    assert desk.listener.bodies[-1] == text.replace("\n", "\n\n", 1)


def test_flags_are_told_most_urgent_first_by_whose_they_are(desk: Desk) -> None:
    """R62: the person that `[owners]` names for the role; without open flags nobody is sent to look at them."""
    desk.settings = desk.with_options("owners.billing clerk=Marta Lind")
    early = Flag("PAYMENT_UNMATCHED", "D-1", "Nobody knows what it pays.", usd("5"), ("Payment 9",))
    desk.night(1, "", (early, FLAG))
    (text,) = desk.texts
    assert text.startswith("northlight: 2 flags wait for you\n")
    opened = [line for line in text.splitlines() if line.startswith("Opened: ")]
    assert opened == [
        "Opened: INVOICE_VOIDED D-7 10.00 USD (urgent, Marta Lind).",
        "Opened: PAYMENT_UNMATCHED D-1 5.00 USD (normal, Marta Lind).",
    ]
    desk.night(0)
    assert desk.texts[-1].startswith("northlight: 2 flags cleared\n")
    assert "See: " not in desk.texts[-1]


def test_a_night_without_news_is_silent(desk: Desk) -> None:
    """reliability.md 5: nothing happened stays silent; flags that stand as before are nothing new."""
    desk.night(1, "", (FLAG,))
    desk.night(1, "", (FLAG,))
    desk.night(1, "", (FLAG,))
    assert len(desk.texts) == 1
    desk.night(0)
    assert "Cleared: INVOICE_VOIDED" in desk.texts[-1]
    desk.night(0)
    assert len(desk.texts) == 2
    assert desk.listener.ends[-2:] == ["start", "0"]
    assert desk.listener.bodies[-1] == "all done."


@pytest.mark.parametrize("code", [2, 3, 4, 5, 70, 75])
def test_a_run_that_failed_is_never_silent(desk: Desk, code: int) -> None:
    """reliability.md 5; what stopped it stands in words of ours, since QuickBooks' may name clients."""

    def failing() -> None:
        with around(desk.settings, desk.clock):
            desk.run(code, stopped="Acme Robotics is inactive")
            raise Refused("Acme Robotics is inactive")

    with pytest.raises(Refused):
        failing()
    (text,) = desk.texts
    assert "northlight: run 1 stopped" in text
    assert "Acme" not in "".join(desk.listener.bodies)


def test_a_run_that_could_not_begin_is_told_once_a_day(desk: Desk) -> None:
    """A worker tries again and again: one message a day for each way to fail, and the monitor hears each."""
    for _ in range(3):
        with pytest.raises(NotConnected), around(desk.settings, desk.clock):
            raise NotConnected("connect again")
    assert [text.splitlines()[0] for text in desk.texts] == [
        "northlight: no run took place, stopped, since QuickBooks wants the owner to connect again: run "
        "`qbo-milestones connect`"
    ]
    desk.clock.at += timedelta(days=1)
    with pytest.raises(NotConnected), around(desk.settings, desk.clock):
        raise NotConnected("connect again")
    assert len(desk.texts) == 2
    assert [end for end in desk.listener.ends if end != "room"] == ["start", "3"] * 4


def test_what_is_only_put_off_is_not_told(desk: Desk) -> None:
    """Another run is under way, or QuickBooks is away for a minute: the next try tells, or the missed date."""
    with pytest.raises(Unavailable), around(desk.settings, desk.clock):
        raise Unavailable("Another run works")
    assert desk.texts == []
    assert desk.listener.ends == ["start", "75"]


def test_a_crash_between_run_and_digest_tells_it_after_the_next_run(desk: Desk) -> None:
    """reliability.md 1.5, C5: at least once, with the run's number; one that died is told of too, once.

    Not before that run: a receiver that hangs must not put it off.
    """
    desk.night(0)
    posted, died = desk.run(0, "d-1"), desk.die()
    desk.clock.at += timedelta(days=1)
    with around(desk.settings, desk.clock) as ending:
        assert desk.texts == []
        desk.run()
        ending.code = 0
    assert f"Run {posted} for" in desk.texts[0]
    assert f"run {died} did not end" in desk.texts[1]
    assert desk.listener.bodies[-1] == "all done."
    desk.night(0)
    assert len(desk.texts) == 2


def test_a_run_without_a_row_is_told_beside_the_ones_before_it(desk: Desk) -> None:
    """What died before it could tell does not hide that tonight nothing took place."""
    desk.run(0, "d-1")
    desk.clock.at += timedelta(days=1)
    with pytest.raises(NotConnected), around(desk.settings, desk.clock):
        raise NotConnected("connect again")
    assert [text.partition(",")[0] for text in desk.texts] == [
        "northlight: 1 posted\nRun 1 for 2026-11-23",
        "northlight: no run took place",
    ]
    assert "no run took place" in desk.listener.bodies[-1]


def test_a_receiver_that_hangs_holds_up_no_run_and_is_spoken_of(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hang counts as undelivered: the run is over, its ping is sent, the next digest speaks of it."""
    monkeypatch.setattr("qbo_milestones.adapters.messages.LIMIT_S", 0.3)
    with listening(0) as hanging:
        desk.settings = desk.with_options(f"digest.to={hanging.room}")
        desk.night(0, "d-1")
        hanging.released.set()
    assert desk.listener.ends == ["start", "0"]
    desk.settings = desk.with_options()
    desk.night(0)
    assert "The digest of run 1 did not reach everybody" in desk.texts[0]


def test_dates_without_a_run_are_told_once(desk: Desk) -> None:
    """Ruling 15; a run that did not take place is never passed over."""
    with stored(desk.settings) as store, writing(store.engine) as connection:
        store_row = {"company": COMPANY, "kind": "nightly", "due_at": NOW, "next_try_at": NOW, "ended_at": NOW}
        for day, stage in ((date(2026, 11, 22), "missed"), (date(2026, 11, 23), "done")):
            values = {**store_row, "business_date": day, "stage": stage}
            connection.exec_driver_sql("INSERT OR IGNORE INTO company (company) VALUES (?)", (COMPANY,))
            connection.execute(insert(due_run).values(**values))
    desk.night(0)
    desk.night(0)
    (text,) = desk.texts
    assert "No run took place for 2026-11-22; this one did the work of those days too." in text


def test_a_mark_of_metered_calls_is_told_once_a_month(desk: Desk) -> None:
    """reliability.md 1.2: at 50, 80 and 95 percent, once each; two passed in one night are one sentence."""
    desk.settings = desk.with_options("limits.metered_per_month=10")
    for calls in (4, 1, 0, 3, 0, 2, 0):
        with stored(desk.settings, desk.clock) as store:
            for _ in range(calls):
                store.meter(10).count()
        desk.night(0)
    told = [line for text in desk.texts for line in text.splitlines() if "metered" in line]
    assert [line.partition("over ")[2].partition(" of")[0] for line in told] == ["50 %", "80 %", "95 %"]
    assert len(desk.texts) == 3


def test_a_nearing_end_of_the_connection_is_told_once_a_step(desk: Desk) -> None:
    """reliability.md 5: before 100 idle days or five years are over; each step is news once."""
    make_key(desk.settings)
    end = NOW + timedelta(days=16)
    with stored(desk.settings, desk.clock) as store:
        tokens = Tokens(COMPANY, "a" * 40, "r" * 40, NOW, end, None, 1, NOW)
        assert sealed_tokens(desk.settings, store).save(tokens, 0)
    for _ in range(14):
        desk.night(0)
    told = [line for text in desk.texts for line in text.splitlines() if line.startswith("The connection ends on")]
    assert [text.partition(" for ")[0].rpartition("Run ")[2] for text in desk.texts] == ["1", "2", "13"]
    assert {line.partition(". ")[0] for line in told} == {"The connection ends on 2026-12-09"}


def test_a_digest_that_reached_nobody_is_spoken_of_in_the_next_one(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """A failed delivery is logged and told in the next digest, and never fails the run."""
    desk.listener.status = 503
    with caplog.at_level(logging.WARNING):
        desk.night(0, "d-1")
    assert "digest_undelivered" in [record.message for record in caplog.records]
    desk.listener.status = 200
    received = len(desk.texts)
    desk.night(0)
    desk.night(0)
    assert len(desk.texts) == received + 1
    assert "The digest of run 1 did not reach everybody; `qbo-milestones runs 1` shows that run." in desk.texts[-1]


def test_nothing_of_it_fails_a_run_or_hides_why_it_failed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Disk full, database locked, monitor gone: the run ends as it ended."""

    def broken(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("qbo_milestones.aftermath.figures", broken)
    monkeypatch.setattr("qbo_milestones.aftermath.Nights", broken)
    with around(desk.settings, desk.clock) as ending:
        ending.code = 0
    with pytest.raises(BadSettings, match="the cell"), around(desk.settings, desk.clock):
        raise BadSettings("the cell")
    assert desk.listener.ends == ["start", "0", "start", "2"]


def test_a_company_that_was_never_connected_only_pings(desk: Desk) -> None:
    """There is no database row to tell of yet."""
    desk.settings = desk.with_options("quickbooks.realm=")
    with pytest.raises(NotConnected), around(desk.settings, desk.clock):
        raise NotConnected("connect")
    assert desk.listener.ends == ["start", "3"]
    with pytest.raises(NotConnected):
        last_digest(desk.settings)


def test_without_settings_nothing_is_sent_or_written(desk: Desk) -> None:
    """Each of the three is off until it is set."""
    desk.settings = load(desk.folder, {}, [f"quickbooks.realm={COMPANY}", "key.source=file"])
    desk.night(0, "d-1")
    assert desk.listener.paths == []
    assert sorted(path.name for path in desk.folder.iterdir()) == ["data"]


def test_the_last_digest_can_be_had_again(desk: Desk) -> None:
    """`digest --send`: whether or not it was sent, and although it has no news."""
    with pytest.raises(BadSettings, match="no run yet"):
        last_digest(desk.settings, clock=desk.clock)
    desk.run(0)
    digest, failed = last_digest(desk.settings, clock=desk.clock)
    assert (digest.title, failed, desk.texts) == ("northlight: all done", (), [])
    assert last_digest(desk.settings, send=True, clock=desk.clock) == (digest, ())
    assert desk.texts == [f"{digest.title}\n{digest.text}"]


def test_a_look_by_day_tells_people_and_not_the_monitor(desk: Desk) -> None:
    """The monitor waits for the night: a look that goes well must not hide that it did not take place."""
    with around(desk.settings, desk.clock, pings=False) as ending:
        desk.run(1, "", (FLAG,))
        ending.code = 1
    assert len(desk.texts) == 1
    assert desk.listener.ends == ["room"]


@pytest.mark.parametrize(("looks_only", "heard"), [(True, []), (False, ["start", "3"])])
def test_the_monitor_hears_of_every_run_and_of_no_look(desk: Desk, heard: list[str], *, looks_only: bool) -> None:
    """The same for whoever begins it, here one that fails at once."""
    desk.settings = desk.with_options("quickbooks.realm=")
    with pytest.raises(NotConnected):
        run_once(desk.settings, Stop(), lambda _: None, looks_only=looks_only)
    assert desk.listener.ends == heard


def test_the_metrics_file_has_what_alerts_need(desk: Desk) -> None:
    """reliability.md 5, metrics: by the names that our page tells, and parsed by Prometheus' own parser."""
    from prometheus_client.parser import text_string_to_metric_families

    desk.night(1, "d-1", (FLAG,))
    with stored(desk.settings, desk.clock) as store:
        _leave_one_doubtful(store, desk.clock)
        store.meter(10).count()
    desk.die()
    desk.clock.at += timedelta(hours=2)
    desk.run(75)
    write_metrics(desk.settings, desk.clock)
    text = (desk.folder / "out" / "n.prom").read_text(encoding="utf-8")
    found = {
        (sample.name.removeprefix("qbo_milestones_"), sample.labels.get("stage") or sample.labels.get("result")
         or sample.labels.get("severity") or ""): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }  # fmt: skip
    expected = {
        ("postings", "posted"): 1, ("postings", "doubtful"): 1, ("doubtful_oldest_seconds", ""): 7200,
        ("posts_total", "posted"): 1, ("posts_total", "doubtful"): 1, ("adopted_total", ""): 0, ("disputed", ""): 0,
        ("metered_calls_month", ""): 1, ("metered_calls_app_month", ""): 1, ("metered_calls_allowed", ""): 500_000,
        ("flags", "urgent"): 0,
        ("lease_lost_total", ""): 1, ("run_last_exit_code", ""): 75, ("run_duration_seconds", ""): 90,
        ("throttled_total", ""): 0,
        ("run_last_success_timestamp", ""): (NOW + timedelta(days=1, seconds=90)).timestamp(),
    }  # fmt: skip
    assert {key: found[key] for key in expected} == expected
    assert 'company="northlight"' in text
    assert "Acme" not in text


def test_a_look_is_no_night(desk: Desk) -> None:
    """A look after a hint posts nothing: were it a nightly success, an alert on a night that is missing never came."""
    make_key(desk.settings)
    looked = desk.run(0)
    write_metrics(desk.settings, desk.clock)
    text = (desk.folder / "out" / "n.prom").read_text(encoding="utf-8")
    assert 'kind="other"' in text
    assert 'kind="night"' not in text
    with stored(desk.settings, desk.clock) as store, writing(store.engine) as connection:
        row = {"company": COMPANY, "kind": "nightly", "due_at": NOW, "next_try_at": NOW, "ended_at": NOW}
        connection.execute(insert(due_run).values(**row, business_date=DAY, stage="done", run=looked, exit_code=0))
    write_metrics(desk.settings, desk.clock)
    assert 'kind="night"' in (desk.folder / "out" / "n.prom").read_text(encoding="utf-8")


def test_the_metrics_are_for_others_to_read(desk: Desk) -> None:
    """The collector is another user, and a service's mask is 0077; what it reads is always whole."""
    former = os.umask(0o077)
    try:
        desk.night(0)
    finally:
        os.umask(former)
    assert stat.S_IMODE((desk.folder / "out" / "n.prom").stat().st_mode) == 0o644
    assert stat.S_IMODE((desk.folder / "out").stat().st_mode) == 0o755
    assert [path.name for path in (desk.folder / "out").iterdir()] == ["n.prom"]


def _leave_one_doubtful(store: DatabaseStore, clock: StillClock) -> None:
    lease = store.take_lease("doubt", clock.now(), TTL)
    sent = store.begin(lease, planned(store, lease, "d-9"), clock.now())
    store.move(lease, sent, Stage.DOUBTFUL, clock.now())
    store.release_lease(lease)
