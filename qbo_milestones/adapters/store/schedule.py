"""Due runs: one row for each business date, made by whoever ticks first, and ended once (reliability.md 1.10)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, insert, select, update

from qbo_milestones.adapters.store import books, leases, runs
from qbo_milestones.adapters.store.engine import reading, writing
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.adapters.store.unattended import NIGHTLY, due_run
from qbo_milestones.errors import Unavailable
from qbo_milestones.model.exit_code import DONE, MISMATCH, TEMPORARY, WAITING
from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.calendar import Calendar, DueRun
from qbo_milestones.ports import Clock, Lease

_d = due_run.c

# A run that was kept from its work by the world is tried again soon, and then ever later (exit code 75).
_BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))
# What only a person can put right is tried once an hour, in case one did.
_HOURLY = timedelta(hours=1)
_DAY = timedelta(days=1)
# A run that came to its end, though a person may be waited for: there is nothing to try again.
ENDS = frozenset({DONE, WAITING, MISMATCH})


class Schedule:
    """The due runs of one company. `patience` scales how long one waits for its next try, for tests."""

    def __init__(self, engine: Engine, company: str, patience: float = 1) -> None:
        self._engine, self._company, self._patience = engine, company, patience

    def ensure(self, calendar: Calendar, now: datetime) -> tuple[date, ...]:
        """See that every date that came due has its row; the older ones that are not done are missed (ruling 15).

        Several processes may do this at once: each date is made by one of them. Returns the dates that are new here.
        Dates that were made while the clock was ahead stand for ever, so the right ones are a series of their own.
        """
        with reading(self._engine) as connection:
            last = self._last(connection)
            spoiled = self._is_spoiled(connection, calendar, last, now)
            if last is not None and not spoiled and not calendar.owed(last, now):
                return ()
        with writing(self._engine) as connection:
            last, series = self._last(connection), self._number(connection)
            if self._is_spoiled(connection, calendar, last, now):
                last, series = None, series + 1
            owed = (calendar.first(now),) if last is None else calendar.owed(last, now)
            if owed:
                leases.ensure_company(connection, self._company)
                self._miss(connection, now)
                connection.execute(
                    insert(due_run), [self._row(calendar, series, day, day == owed[-1], now) for day in owed]
                )
        return owed

    def claim(self, now: datetime) -> date | None:
        """The date whose run is to be tried now, for one caller; another gets it again only after a while."""
        due = (self._counts, _d.stage == "due", _d.next_try_at <= now)
        with reading(self._engine) as connection:
            if connection.scalar(select(_d.business_date).where(*due)) is None:
                return None
        with writing(self._engine) as connection:
            row = connection.execute(select(_d.business_date, _d.tries).where(*due)).one_or_none()
            if row is None:
                return None
            values = {"tries": row.tries + 1, "next_try_at": now + self._pause(row.tries)}
            connection.execute(update(due_run).where(*due).values(**values))
            day: date = row.business_date
            return day

    def settle(self, day: date, now: datetime, exit_code: int, run: int | None = None) -> bool:
        """What a try came to: tried again later, or done, for which there must have been a run.

        False where the date was done or missed meanwhile.
        """
        with writing(self._engine) as connection:
            return self.settle_in(connection, day, now, exit_code, run)

    def settle_in(self, connection: Connection, day: date, now: datetime, exit_code: int, run: int | None) -> bool:
        """The same in a transaction that stands."""
        still = self._one(day) & (_d.stage == "due")
        tries = connection.scalar(select(_d.tries).where(still))
        if tries is None:
            return False
        values: dict[str, object] = {"exit_code": exit_code} if run is None else {"exit_code": exit_code, "run": run}
        if run is not None and exit_code in ENDS:
            values |= {"stage": "done", "ended_at": now}
        else:
            wait = self._pause(tries - 1) if exit_code == TEMPORARY else _HOURLY * self._patience
            values |= {"next_try_at": now + wait}
        connection.execute(update(due_run).where(still).values(**values))
        return True

    def insist_due(self, connection: Connection, day: date) -> None:
        """Raises Unavailable where the date's run was done or missed meanwhile."""
        stage = connection.scalar(select(_d.stage).where(self._one(day)))
        if stage != "due":
            raise Unavailable(f"The run of {day} is {stage} already; another worker was faster.")

    def newest(self, count: int) -> tuple[DueRun, ...]:
        """The newest dates first."""
        query = select(due_run).where(self._counts)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(_d.business_date.desc()).limit(count)).all()
        return tuple(
            DueRun(
                row.business_date,
                row.stage,
                row.due_at,
                row.next_try_at,
                row.tries,
                row.ended_at,
                row.run,
                row.exit_code,
            )
            for row in rows
        )

    def _one(self, day: date) -> ColumnElement[bool]:
        return and_(self._counts, _d.business_date == day)

    def _last(self, connection: Connection) -> date | None:
        query = select(func.max(_d.business_date)).where(self._counts)
        last: date | None = connection.scalar(query)
        return last

    def _miss(self, connection: Connection, now: datetime) -> None:
        unfinished = (self._counts, _d.stage == "due")
        connection.execute(update(due_run).where(*unfinished).values(stage="missed", ended_at=now))

    def _is_spoiled(self, connection: Connection, calendar: Calendar, last: date | None, now: datetime) -> bool:
        """Whether dates were made by a clock that was ahead; a clock that is behind now must not look like one.

        QuickBooks' own clock, as of the last reading of the books, tells them apart: no right clock is behind it.
        """
        if last is None or last <= calendar.next_after(calendar.newest_due(now)):
            return False
        read_at = books.cursor(connection, self._company)
        return read_at is not None and read_at <= now + _DAY

    def _number(self, connection: Connection) -> int:
        """Which series counts: the newest."""
        kinds = select(func.max(_d.kind)).where(_d.company == self._company, _d.kind.startswith(NIGHTLY))
        found = connection.scalar(kinds)
        return int((found or NIGHTLY).removeprefix(NIGHTLY) or 1)

    @property
    def _counts(self) -> ColumnElement[bool]:
        """The dates of the series that counts."""
        every = due_run.alias("every").c
        newest = select(func.max(every.kind)).where(every.company == self._company, every.kind.startswith(NIGHTLY))
        return and_(_d.company == self._company, _d.kind == newest.scalar_subquery())

    def _row(self, calendar: Calendar, series: int, day: date, runs: bool, now: datetime) -> dict[str, object]:
        due_at = calendar.due_at(day)
        ended = {"stage": "due", "ended_at": None} if runs else {"stage": "missed", "ended_at": now}
        return {
            "company": self._company,
            "kind": NIGHTLY if series == 1 else f"{NIGHTLY}{series:03}",
            "business_date": day,
            "due_at": due_at,
            "next_try_at": due_at,
            **ended,
        }

    def _pause(self, tries: int) -> timedelta:
        return _BACKOFF[min(max(tries, 0), len(_BACKOFF) - 1)] * self._patience


class DueStore(DatabaseStore):
    """The store of a run that is due: the end of the run and of its date are one transaction, never one alone."""

    def __init__(self, engine: Engine, company: str, clock: Clock, schedule: Schedule, day: date) -> None:
        super().__init__(engine, company, clock)
        self._schedule, self._day = schedule, day

    def start_run(self, lease: Lease, business_date: date, now: datetime) -> int:  # noqa: ARG002 - the due date counts
        """See ports.Store; the run belongs to the date that is due. Raises Unavailable where that was done already."""
        with self._writing(lease) as connection:
            self._schedule.insist_due(connection, self._day)
            return runs.start(connection, self._company, lease, self._day, now)

    def invoiced_for(self, business_date: date) -> tuple[Money, ...]:  # noqa: ARG002 - the due date counts
        """See ports.Store; of the date that is due, though it may be tried after midnight."""
        return super().invoiced_for(self._day)

    def finish_run(self, lease: Lease, run: int, now: datetime, exit_code: int, counts: Mapping[str, str]) -> None:
        """See ports.Store. What is doubtful may be looked for in minutes: its date is not done, whatever else waits."""
        doubtful = exit_code in ENDS and counts.get("doubtful", "0") != "0"
        with self._writing(lease) as connection:
            runs.finish(connection, self._company, lease, run, now, exit_code, counts)
            self._schedule.settle_in(connection, self._day, now, TEMPORARY if doubtful else exit_code, run)
