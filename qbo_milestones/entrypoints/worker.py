"""The worker: sees that the run of every company's every date exists, and runs what is due, side by side, for months.

The scheduler is the clock tick and not the truth: whatever it skips, doubles or forgets, due dates are rows of the
database (reliability.md 1.10).
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from structlog.contextvars import bound_contextvars

from qbo_milestones.adapters.store.events import settle_hints, waiting_hints
from qbo_milestones.adapters.store.schedule import ENDS
from qbo_milestones.aftermath import write_metrics
from qbo_milestones.config import Settings
from qbo_milestones.entrypoints.one_run import run_once
from qbo_milestones.entrypoints.signals import Stop
from qbo_milestones.errors import BadSettings, Failure
from qbo_milestones.model.exit_code import DONE, WAITING, worst
from qbo_milestones.pipeline.calendar import timetable
from qbo_milestones.ports import Clock
from qbo_milestones.run.outcome import exit_code_of, why_stopped
from qbo_milestones.wiring import SystemClock, calendar_of, keep_alive, load_settings, scheduled

_log = logging.getLogger(__name__)

Run = Callable[[Settings, Stop, date | None], int]
"""Runs one company, for a date or (None) to look without posting; its exit code, or raises what ended it early."""

_TICK_S = 60
_LATE_TICKS = 3
_NOTICE_S = 0.2
_SIDE_BY_SIDE = 8
_ALIVE_EVERY = timedelta(days=1)
_LOOKS_AGAIN_AFTER = timedelta(hours=1)
# No night takes this long: something of it waits without end, and its company's later nights with it.
_HANGS_AFTER = timedelta(hours=6)
_HANGS_AGAIN_AFTER = timedelta(hours=1)
_COMPLAINS_AGAIN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Task:
    """What a company is to do now: the run of a date, or where there is none a look, in which nothing is posted."""

    company: str
    began_at: datetime
    day: date | None = None


def _run(settings: Settings, stop: Stop, day: date | None) -> int:
    return run_once(settings, stop, lambda _: None, due=day, looks_only=day is None).exit_code


class Worker:
    """Several companies, each by its settings, read anew for every visit; what ails one never stops another."""

    def __init__(
        self,
        sources: Sequence[Path],
        options: Sequence[str],
        stop: Stop,
        clock: Clock | None = None,
        run: Run = _run,
    ) -> None:
        self._sources, self._options, self._stop = sources, options, stop
        self._clock, self._run = clock or SystemClock(), run
        self._pool = ThreadPoolExecutor(min(len(sources), _SIDE_BY_SIDE), thread_name_prefix="company")
        self._busy: dict[Path, Future[int | None]] = {}
        self._turn = threading.Lock()
        self._told: dict[Path, tuple[str, datetime]] = {}
        self._ticked_at = time.monotonic()
        self._alive_until: dict[Path, datetime] = {}
        self._looks_from: dict[Path, datetime] = {}
        self._hangs_from: dict[Path, datetime] = {}

    def tick(self) -> None:
        """Visit every company that is not being visited; of one that is for hours, say so each hour."""
        with self._turn:
            now = self._clock.now()
            self._ticked_at = time.monotonic()
            for source in self._sources:
                busy = self._busy.get(source)
                if busy is not None and not busy.done():
                    self._watch(source, now)
                elif not self._stop():
                    self._hangs_from[source] = now + _HANGS_AFTER
                    self._busy[source] = self._pool.submit(self.visit, source)

    def _watch(self, source: Path, now: datetime) -> None:
        if now >= self._hangs_from[source]:
            self._hangs_from[source] = now + _HANGS_AGAIN_AFTER
            sentence = "A visit has not ended for hours, and this company waits; restart the worker, which is safe."
            _log.error("visit_hangs", extra={"settings": str(source), "text": sentence})

    def tick_if_late(self, after_s: float) -> None:
        """Tick where nobody did for so long: a scheduler whose clock was put back sleeps until its old next time."""
        if time.monotonic() - self._ticked_at > after_s:
            _log.warning("tick_was_late")
            self.tick()

    def close(self) -> int:
        """Wait for the runs under way, which end soon where they are asked to stop; the worst exit code of the last."""
        self._pool.shutdown(wait=True)
        return worst({future.result() for future in self._busy.values()})

    def complaints(self) -> Mapping[Path, str]:
        """Why a company is not served, in a sentence, for those of which that is so."""
        return {source: sentence for source, (sentence, _) in self._told.items()}

    def visit(self, source: Path) -> int | None:
        """Run what is due of one company. The exit code, None where nothing was to be done; never raises."""
        try:
            settings = load_settings(source, self._options)
        except Exception as error:  # whatever it is, other companies go on, and this one once it can be read
            # Nobody knows what it is called: that stands in what cannot be read.
            with bound_contextvars(settings=str(source)):
                return self._complain(source, error)
        with bound_contextvars(settings=settings.company):
            try:
                code = self._visit(source, settings)
                if code is None:
                    self._keep_alive(source, settings)
                    write_metrics(settings, self._clock)
            except Exception as error:  # the same, and later ticks go on
                return self._complain(source, error)
        self._told.pop(source, None)
        return code

    def _visit(self, source: Path, settings: Settings) -> int | None:
        task = None if self._stop() else self._task(source, settings)
        if task is None:
            return None
        with bound_contextvars(company=task.company):
            return self._work(source, settings, task)

    def _work(self, source: Path, settings: Settings, task: Task) -> int:
        facts: dict[str, object] = {"business_date": task.day}
        _log.info("task_started", extra=facts)
        try:
            code = self._run(settings, self._stop, task.day)
        except Exception as error:  # its own exit code says what it was; the run itself has logged it
            code = exit_code_of(error)
            facts["text"] = why_stopped(error)
        self._settle(source, settings, task, code, whole="text" not in facts)
        level = logging.INFO if code in (DONE, WAITING) else logging.WARNING
        _log.log(level, "task_ended", extra={**facts, "exit_code": code})
        return code

    def _task(self, source: Path, settings: Settings) -> Task | None:
        """What is due now: the run of a date, else a look because QuickBooks hinted at changes, else nothing."""
        with scheduled(settings) as (store, schedule):
            now = self._clock.now()
            owed = schedule.ensure(calendar_of(settings), now)
            for day in owed:
                event = "run_due" if day == owed[-1] else "run_missed"
                _log.info(event, extra={"business_date": day})
            claimed = schedule.claim(now)
            if claimed is not None:
                return Task(store.company, now, claimed)
            rest = timedelta(minutes=settings.schedule.hint_rest_min) * settings.posting.patience
            rested = all((one.finished_at or one.started_at) + rest < now for one in store.runs(1))
            if not rested or now < self._looks_from.get(source, now):
                return None
            return Task(store.company, now) if store.company in waiting_hints(store.engine, now) else None

    def _settle(self, source: Path, settings: Settings, task: Task, code: int, *, whole: bool) -> None:
        """After the task, however it ended. A date's row is settled by its run; this is for one that did not begin."""
        now = self._clock.now()
        with scheduled(settings) as (store, schedule):
            if whole and code in ENDS:
                settle_hints(store.engine, store.company, task.began_at, now)
            elif task.day is not None:
                schedule.settle(task.day, now, code)
            else:
                # Looks cost metered reads: what went wrong once will hardly be right in a minute.
                self._looks_from[source] = now + _LOOKS_AGAIN_AFTER * settings.posting.patience

    def _keep_alive(self, source: Path, settings: Settings) -> None:
        now = self._clock.now()
        if self._stop() or now < self._alive_until.get(source, now):
            return
        self._alive_until[source] = now + _ALIVE_EVERY
        keep_alive(settings, self._clock)

    def _complain(self, source: Path, error: Exception) -> int:
        """Once an hour, and when it is something else: the same is no news every minute. Returns the exit code."""
        sentence, code, now = why_stopped(error), exit_code_of(error), self._clock.now()
        told, at = self._told.get(source, ("", now))
        if told != sentence or now - at >= _COMPLAINS_AGAIN_AFTER:
            self._told[source] = (sentence, now)
            extra = {"text": sentence, "exit_code": code}
            _log.error("company_not_served", exc_info=not isinstance(error, Failure), extra=extra)
        return code


def read_all(sources: Sequence[Path], options: Sequence[str]) -> list[Settings]:
    """The settings of those companies whose settings can be read; of the others a visit complains.

    One that cannot be read must not keep the others from being billed. Raises BadSettings where none can be read, or
    one company is named twice.
    """
    every: dict[Path, Settings] = {}
    unreadable: list[BadSettings] = []
    for source in sources:
        try:
            every[source] = load_settings(source, options)
        except BadSettings as error:
            unreadable.append(error)
    if unreadable and not every:
        raise unreadable[0]
    places = [(settings.home_folder, settings.company) for settings in every.values()]
    for source, place in zip(every, places, strict=True):
        if places.count(place) > 1 or sources.count(source) > 1:
            raise BadSettings(f"{source} is company {place[1]} in {place[0]}, which another --config names too.")
    return list(every.values())


def serve(sources: Sequence[Path], options: Sequence[str], stop: Stop) -> None:
    """Work until it is asked to stop, then hear out what is in the air. Raises BadSettings as read_all."""
    every = read_all(sources, options)
    worker = Worker(sources, options, stop)
    scheduler = _scheduler(every, worker.tick)
    scheduler.start()
    _log.info("worker_started", extra={"count": len(sources), "companies": [one.company for one in every]})
    while not stop():
        time.sleep(_NOTICE_S)
        worker.tick_if_late(_LATE_TICKS * _TICK_S * _patience(every))
    _log.info("draining", extra={"signal": stop.signal})
    scheduler.shutdown()
    worker.close()
    _log.info("worker_ended")


def run_what_is_due(
    sources: Sequence[Path], options: Sequence[str], stop: Stop, tell: Callable[[str], None] = lambda _: None
) -> int:
    """One visit to every company; tells when each one's next run is. Returns the worst exit code.

    Raises BadSettings as read_all.
    """
    every = read_all(sources, options)
    worker = Worker(sources, options, stop)
    worker.tick()
    code = worker.close()
    for source, sentence in worker.complaints().items():
        tell(f"{source}: {sentence}")
    for settings in every:
        tell_of_next_run(settings, SystemClock().now(), tell)
    return code


def tell_of_next_run(settings: Settings, now: datetime, tell: Callable[[str], None]) -> None:
    """When the company runs next, to the log and in a line; nothing of a company that nobody connected."""
    try:
        with scheduled(settings) as (_, schedule):
            found = timetable(calendar_of(settings), schedule.newest(1), now)
            _log.info("next_run", extra={"business_date": found.next_date, "next_try_at": found.next_at})
    except Failure:
        # The visit has complained of it.
        return
    at = found.next_at.astimezone(settings.zone)
    tell(f"{settings.company}: the next run is that of {found.next_date}, at {at:%Y-%m-%d %H:%M %Z}.")


def _patience(every: Sequence[Settings]) -> float:
    return min(settings.posting.patience for settings in every)


def _scheduler(every: Sequence[Settings], tick: Callable[[], None]) -> BackgroundScheduler:
    """A tick now, each minute, and at each company's time of day; a late one is made up for, many are one."""
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = BackgroundScheduler(timezone=UTC, jobstores={"default": MemoryJobStore()}, job_defaults=defaults)
    often = IntervalTrigger(seconds=_TICK_S * _patience(every), timezone=UTC)
    scheduler.add_job(tick, often, next_run_time=datetime.now(UTC))
    for settings in every:
        calendar = calendar_of(settings)
        at = datetime.combine(date(2000, 1, 1), calendar.at) + calendar.jitter
        trigger = CronTrigger(hour=at.hour, minute=at.minute, second=at.second, timezone=calendar.zone)
        scheduler.add_job(tick, trigger)
    return scheduler
