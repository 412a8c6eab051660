"""What goes with every run, however it ends: the dead-man ping, the metrics file, and the digest to people."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from qbo_milestones.adapters.secrecy import hide
from qbo_milestones.adapters.store.figures import figures
from qbo_milestones.adapters.store.metering import calls_of_app
from qbo_milestones.adapters.store.nights import Nights
from qbo_milestones.adapters.store.notices import Notices
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.config import Settings
from qbo_milestones.errors import BadSettings, NotConnected, Unavailable
from qbo_milestones.keys import link_of
from qbo_milestones.model.exit_code import DONE, INTERNAL, INTERRUPTED, TEMPORARY, WAITING
from qbo_milestones.model.flag import Severity
from qbo_milestones.model.metering import month_of, reached
from qbo_milestones.ports import Clock, RunRecord
from qbo_milestones.run.digest import Digest, News, Readers, of_no_run, of_run, worth_telling
from qbo_milestones.run.outcome import exit_code_of, words
from qbo_milestones.wiring import SystemClock, stored

# How long the digest of another process is waited for: a receiver that hangs must not hold up a run.
_LOCK_TRIES, _LOCK_STEP_S = 50, 0.1

_log = logging.getLogger(__name__)


@dataclass
class Ending:
    """How the run ended; the caller says so, an exception says it by itself."""

    code: int = INTERNAL


@contextmanager
def around(settings: Settings, clock: Clock | None = None, *, pings: bool = True) -> Iterator[Ending]:
    """A run, within this block. Nothing that is done here ever fails the run or changes how it ends.

    Before it: the start ping. After it: metrics, the digest, also of earlier runs whose process died before it could
    tell, and the ping with the exit code. A look by day must not ping: it would hide that a night did not take place.
    """
    clock, run_id, ending = clock or SystemClock(), str(uuid4()), Ending()
    begun = clock.now()
    hide(settings.ping.url.get_secret_value(), *(one.get_secret_value() for one in settings.digest.to))
    if pings:
        _ping_start(settings, run_id)
    try:
        yield ending
    except Exception as error:
        ending.code = exit_code_of(error)
        raise
    except KeyboardInterrupt:
        ending.code = INTERRUPTED
        raise
    finally:
        write_metrics(settings, clock)
        text = _tell(settings, clock, begun, ending.code)
        if pings:
            _ping_end(settings, run_id, ending.code, text or f"{words(ending.code)}.")


def write_metrics(settings: Settings, clock: Clock | None = None) -> None:
    """Write the metrics file, where the settings name one; also between runs, since ages go on. Never raises."""
    if not settings.metrics.file:
        return
    from qbo_milestones.adapters import metrics

    now = (clock or SystemClock()).now()
    try:
        with stored(settings, clock) as store:
            link = link_of(settings, store, now)
            ends = {name: end for name, end in (("idle", link.idle_end), ("hard", link.hard_end)) if end is not None}
            found = figures(store.engine, store.company, now)
        path = settings.path(Path(settings.metrics.file))
        metrics.write(path, settings.company, found, settings.limits.metered_per_month, ends, now)
    except NotConnected:
        # There is nothing to measure before the first connection.
        return
    except Exception:  # a disk or a database that fails here must not become the run's end
        _log.warning("metrics_failed", exc_info=True)


def last_digest(
    settings: Settings, *, send: bool = False, clock: Clock | None = None
) -> tuple[Digest, tuple[str, ...]]:
    """The digest of the newest run that ended or died, whether or not it has news; sent if wanted.

    And which receivers did not take it, in words that are no secret. Raises NotConnected without a company,
    BadSettings without a run.
    """
    clock = clock or SystemClock()
    with stored(settings, clock) as store:
        newest = store.runs(1)
        if not newest:
            raise BadSettings("There was no run yet: nothing is to be told.")
        teller = _Teller(settings, store, clock.now())
        digest = teller.of(newest[0], teller.news()[0])
    return digest, _send(settings, digest) if send else ()


def _ping_start(settings: Settings, run_id: str) -> None:
    if address := settings.ping.url.get_secret_value():
        from qbo_milestones.adapters.ping import Ping

        Ping(address).start(run_id)


def _ping_end(settings: Settings, run_id: str, code: int, text: str) -> None:
    if address := settings.ping.url.get_secret_value():
        from qbo_milestones.adapters.ping import Ping

        Ping(address).end(run_id, code, text)


def _send(settings: Settings, digest: Digest) -> tuple[str, ...]:
    from qbo_milestones.adapters import messages

    return messages.send((one.get_secret_value() for one in settings.digest.to), digest.title, digest.text)


def _tell(settings: Settings, clock: Clock, begun: datetime, code: int) -> str:
    """Send what was not told yet; the text of the digest of the run that began at `begun`, for the ping.

    `code` is how it ended: one that has no row is told of too.
    """
    if not (settings.digest.to or settings.ping.url.get_secret_value()):
        return ""
    try:
        with _one_at_a_time(settings, clock), stored(settings, clock) as store:
            teller = _Teller(settings, store, clock.now())
            return teller.tell(begun) or teller.tell_of_no_run(begun, code)
    except NotConnected:
        return ""
    except Exception:  # as for the metrics
        _log.warning("digest_failed", exc_info=True)
        return ""


@contextmanager
def _one_at_a_time(settings: Settings, clock: Clock) -> Iterator[None]:
    """Two processes never tell of the same run. Raises Unavailable where another one is at it for too long."""
    settings.home_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.home_folder / f"{settings.company}.digest.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        for _ in range(_LOCK_TRIES):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                clock.sleep(_LOCK_STEP_S)
        else:
            raise Unavailable("another process is telling people of a run; what is left is told after the next one")
        yield
    finally:
        os.close(handle)


class _Teller:
    """What one company's people were told, and what they are to be told now."""

    def __init__(self, settings: Settings, store: DatabaseStore, now: datetime) -> None:
        self._settings, self._store, self._now = settings, store, now
        self._nights = Nights(store.engine, store.company)
        self._notices = Notices(store.engine, store.company)

    def tell(self, begun: datetime) -> str:
        """All that is new, oldest run first; the text of the run that began no earlier than `begun`.

        Told is kept after the sending: a crash between tells it twice (C5).
        """
        text = ""
        for record in self._untold():
            news, keys = self.news()
            if worth_telling(record, self._nights.night(record.id)) or news.urgent:
                told = self._deliver(self.of(record, news), keys, record.id)
                text = told if record.started_at >= begun else ""
            self._notices.keep(frozenset({f"digest:run:{record.id:09}"}), self._now)
        return text

    def tell_of_no_run(self, begun: datetime, code: int) -> str:
        """The digest of a run that ended before it had a row, once a day for each way to fail; else nothing.

        What is only put off is tried again soon; a date that goes by is missed, and told of as such.
        """
        newest, today = self._store.runs(1), self._now.astimezone(self._settings.zone).date()
        key = f"norun:{today}:{code}"
        had_a_row = bool(newest) and newest[0].started_at >= begun
        if had_a_row or code in (DONE, WAITING, TEMPORARY) or key in self._notices.known(key):
            return ""
        news, keys = self.news()
        digest = of_no_run(self._settings.company, today, code, news, self._store.audit_head())
        return self._deliver(digest, keys | {key}, None)

    def of(self, record: RunRecord, news: News) -> Digest:
        """The digest of a run."""
        night, head = self._nights.night(record.id), self._store.audit_head()
        open_ = [one.flag.rule.severity for one in self._store.flags()]
        flags = {severity.value: open_.count(severity) for severity in Severity}
        settings = self._settings
        readers = Readers(settings.company, settings.owners, settings.folder)
        return of_run(readers, record, night, flags, news, head)

    def news(self) -> tuple[News, frozenset[str]]:
        """What is new beside the run, and the keys to keep once it is told."""
        told = self._notices.known("")
        missed = [day for day in self._nights.missed() if f"missed:{day}" not in told]
        month, most = month_of(self._now), self._settings.limits.metered_per_month
        calls = calls_of_app(self._store.engine, month)
        marks = {mark: f"metered:{month}:{mark}" for mark in reached(calls, most)}
        fresh = [mark for mark, key in marks.items() if key not in told]
        ends = self._ends_ahead(told)
        undelivered = tuple(int(key.rpartition(":")[2]) for key in sorted(told) if key.startswith("undelivered:"))
        news = News(tuple(missed), max(fresh, default=0), calls, most, tuple(ends.values()), undelivered)
        keys = {*(f"missed:{day}" for day in missed), *(marks[mark] for mark in fresh), *ends}
        return news, frozenset(keys)

    def _untold(self) -> Iterator[RunRecord]:
        """The runs behind the last one that was told; before the first digest only the newest."""
        told = self._notices.known("digest:run:")
        newest = self._store.runs(1)
        if not newest:
            return
        last = int(max(told).rpartition(":")[2]) if told else newest[0].id - 1
        for record in self._nights.after(last):
            if record.finished_at is None and record.id == newest[0].id:
                # Under way, or the next run will know that it died.
                return
            yield record

    def _ends_ahead(self, told: frozenset[str]) -> dict[str, str]:
        """The sentences about the connection's nearing ends that were not told at this step yet, by their keys."""
        link = link_of(self._settings, self._store, self._now)
        keyed = {f"reconnect:{one.ending}:{one.at:%Y-%m-%d}:{one.within}": one.sentence for one in link.warnings}
        return {key: sentence for key, sentence in keyed.items() if key not in told}

    def _deliver(self, digest: Digest, keys: frozenset[str], run: int | None) -> str:
        failed = _send(self._settings, digest)
        earlier = self._notices.known("undelivered:")
        if failed:
            _log.warning("digest_undelivered", extra={"tries": len(failed)})
        else:
            self._notices.forget(earlier)
        late = {f"undelivered:{run:09}"} if failed and run is not None else set()
        self._notices.keep(keys | late, self._now)
        return f"{digest.title}\n\n{digest.text}"
