"""The worker: sees that the run of every company's every date exists, and runs what is due, side by side, for months.

The scheduler is the clock tick and not the truth: whatever it skips, doubles or forgets, due dates are rows of the
database (reliability.md 1.10).
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from qbo_milestones.adapters.store.events import settle_hints, waiting_hints
from qbo_milestones.adapters.store.schedule import ENDS
from qbo_milestones.aftermath import write_metrics
from qbo_milestones.config import Settings
from qbo_milestones.entrypoints.one_run import run_once
from qbo_milestones.entrypoints.signals import Stop
from qbo_milestones.errors import BadSettings, Failure
from qbo_milestones.model.exit_code import DONE, INTEGRITY, INTERNAL, MISMATCH, RECONNECT, TEMPORARY, USAGE, WAITING
from qbo_milestones.ports import Clock
from qbo_milestones.run.outcome import exit_code_of, why_stopped
from qbo_milestones.wiring import SystemClock, calendar_of, keep_alive, load_settings, scheduled

_log = logging.getLogger(__name__)

Run = Callable[[Settings, Stop, date | None], int]
"""Runs one company, for a date or (None) to look without posting; its exit code, or raises what ended it early."""

_TICK_S = 60
_NOTICE_S = 0.2
_SIDE_BY_SIDE = 8
_ALIVE_EVERY = timedelta(days=1)
_LOOKS_AGAIN_AFTER = timedelta(hours=1)
# No night takes this long: something of it waits without end, and its company's later nights with it.
_HANGS_AFTER = timedelta(hours=6)
_HANGS_AGAIN_AFTER = timedelta(hours=1)
_WORST = (INTERNAL, INTEGRITY, MISMATCH, RECONNECT, USAGE, TEMPORARY, WAITING, DONE)


@dataclass(frozen=True, slots=True)
class Task:
    """What a company is to do now: the run of a date, or where there is none a look, in which nothing is posted."""

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
        self._told: dict[Path, str] = {}
        self._alive_until: dict[Path, datetime] = {}
        self._looks_from: dict[Path, datetime] = {}
        self._hangs_from: dict[Path, datetime] = {}

    def tick(self) -> None:
        """Visit every company that is not being visited; of one that is for hours, say so each hour."""
        with self._turn:
            now = self._clock.now()
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
            _log.error("visit_hangs", extra={"company": source.name, "text": sentence})

    def close(self) -> int:
        """Wait for the runs under way, which end soon where they are asked to stop; the worst exit code of the last."""
        self._pool.shutdown(wait=True)
        codes = {future.result() for future in self._busy.values()}
        return next((code for code in _WORST if code in codes), DONE)

    def visit(self, source: Path) -> int | None:
        """Run what is due of one company. The exit code, None where nothing was to be done; never raises."""
        try:
            settings = load_settings(source, self._options)
            code = self._visit(source, settings)
            if code is None:
                self._keep_alive(source, settings)
                write_metrics(settings)
        except Exception as error:  # whatever it is, other companies and later ticks go on
            self._complain(source, error)
            return exit_code_of(error)
        self._told.pop(source, None)
        return code

    def _visit(self, source: Path, settings: Settings) -> int | None:
        task = None if self._stop() else self._task(source, settings)
        if task is None:
            return None
        facts = {"company": settings.company, "business_date": task.day}
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
                _log.info(event, extra={"company": settings.company, "business_date": day})
            claimed = schedule.claim(now)
            if claimed is not None:
                return Task(now, claimed)
            rest = timedelta(minutes=settings.schedule.hint_rest_min) * settings.posting.patience
            rested = all((one.finished_at or one.started_at) + rest < now for one in store.runs(1))
            if not rested or now < self._looks_from.get(source, now):
                return None
            return Task(now) if store.company in waiting_hints(store.engine, now) else None

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
        keep_alive(settings)

    def _complain(self, source: Path, error: Exception) -> None:
        """Once, until it is something else: a company that is not connected is no news every minute."""
        sentence = why_stopped(error)
        if self._told.get(source) != sentence:
            self._told[source] = sentence
            extra = {"company": source.name, "text": sentence, "exit_code": exit_code_of(error)}
            _log.error("company_not_served", exc_info=not isinstance(error, Failure), extra=extra)


def read_all(sources: Sequence[Path], options: Sequence[str]) -> list[Settings]:
    """The settings of every company. Raises BadSettings where one cannot be read, or is named twice."""
    every = [load_settings(source, options) for source in sources]
    places = [(settings.home_folder, settings.company) for settings in every]
    for source, place in zip(sources, places, strict=True):
        if places.count(place) > 1:
            raise BadSettings(f"{source} is company {place[1]} in {place[0]}, which another --config names too.")
    return every


def serve(sources: Sequence[Path], options: Sequence[str], stop: Stop) -> None:
    """Work until it is asked to stop, then hear out what is in the air. Raises BadSettings before it begins."""
    every = read_all(sources, options)
    worker = Worker(sources, options, stop)
    scheduler = _scheduler(every, worker.tick)
    scheduler.start()
    _log.info("worker_started", extra={"count": len(every)})
    while not stop():
        time.sleep(_NOTICE_S)
    _log.info("draining", extra={"signal": stop.signal})
    scheduler.shutdown()
    worker.close()
    _log.info("worker_ended")


def run_what_is_due(sources: Sequence[Path], options: Sequence[str], stop: Stop) -> int:
    """One visit to every company; returns the worst exit code. Raises BadSettings before it begins."""
    read_all(sources, options)
    worker = Worker(sources, options, stop)
    worker.tick()
    return worker.close()


def _scheduler(every: Sequence[Settings], tick: Callable[[], None]) -> BackgroundScheduler:
    """A tick now, each minute, and at each company's time of day; a late one is made up for, many are one."""
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = BackgroundScheduler(timezone=UTC, jobstores={"default": MemoryJobStore()}, job_defaults=defaults)
    patience = min(settings.posting.patience for settings in every)
    scheduler.add_job(tick, IntervalTrigger(seconds=_TICK_S * patience, timezone=UTC), next_run_time=datetime.now(UTC))
    for settings in every:
        calendar = calendar_of(settings)
        at = datetime.combine(date(2000, 1, 1), calendar.at) + calendar.jitter
        trigger = CronTrigger(hour=at.hour, minute=at.minute, second=at.second, timezone=calendar.zone)
        scheduler.add_job(tick, trigger)
    return scheduler
