"""The history of runs, read back for people: single runs, their sends, their flags, and dates without a run."""

from datetime import date

from sqlalchemy import Connection, Engine, select

from qbo_milestones.adapters.store import flags
from qbo_milestones.adapters.store.columns import AnyRow
from qbo_milestones.adapters.store.engine import reading
from qbo_milestones.adapters.store.runs import as_record
from qbo_milestones.adapters.store.tables import attempt as attempt_table
from qbo_milestones.adapters.store.tables import flag as flag_table
from qbo_milestones.adapters.store.tables import posting as posting_table
from qbo_milestones.adapters.store.tables import run as run_table
from qbo_milestones.adapters.store.unattended import NIGHTLY, due_run
from qbo_milestones.model.flag import KINDS, Flag
from qbo_milestones.model.money import from_minor
from qbo_milestones.model.night import Night, Send
from qbo_milestones.ports import RunRecord

_r, _a, _p, _f, _due = run_table.c, attempt_table.c, posting_table.c, flag_table.c, due_run.c


class Nights:
    """What was done by the runs of one company. Reads only."""

    def __init__(self, engine: Engine, company: str) -> None:
        self._engine, self._company = engine, company

    def record(self, number: int) -> RunRecord | None:
        """A run's row; None where there is none of that number."""
        query = select(run_table).where(_r.company == self._company, _r.id == number)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else as_record(row)

    def after(self, number: int) -> tuple[RunRecord, ...]:
        """The runs behind a number, the oldest first."""
        query = select(run_table).where(_r.company == self._company, _r.id > number).order_by(_r.id)
        with reading(self._engine) as connection:
            return tuple(as_record(row) for row in connection.execute(query))

    def night(self, number: int) -> Night:
        """What a run sent, and the flags that it opened and cleared; empty where there is no such run."""
        with reading(self._engine) as connection:
            return Night(
                tuple(_send(row) for row in self._sends(connection, number)),
                self._flags(connection, _f.opened_run == number),
                self._flags(connection, _f.cleared_run == number),
            )

    def nightly(self) -> frozenset[int]:
        """The runs that were the run of a business date; of a date that was tried again only its last one is known."""
        ran = (_due.company == self._company, _due.kind == NIGHTLY, _due.run.is_not(None))
        query = select(_due.run).where(*ran)
        with reading(self._engine) as connection:
            return frozenset(connection.scalars(query))

    def missed(self) -> tuple[date, ...]:
        """The business dates for which no run took place before the next one was due (ruling 15)."""
        missed = (_due.company == self._company, _due.kind.startswith(NIGHTLY), _due.stage == "missed")
        query = select(_due.business_date).where(*missed)
        with reading(self._engine) as connection:
            return tuple(connection.scalars(query.order_by(_due.business_date)))

    def _sends(self, connection: Connection, number: int) -> list[AnyRow]:
        # Each run has a lease of its own, so its fence names it.
        fence = select(_r.fence).where(_r.company == self._company, _r.id == number).scalar_subquery()
        same = (_p.company == _a.company) & (_p.seq == _a.posting_seq)
        query = select(
            *(_p.deliverable_id, _p.kind, _p.number, _p.amount_minor, _p.currency, _p.books_id),
            *(_a.n, _a.sent_at, _a.outcome, _a.code, _a.tid),
        ).join_from(attempt_table, posting_table, same)
        query = query.where(_a.company == self._company, _a.fence == fence)
        return list(connection.execute(query.order_by(_a.sent_at, _a.posting_seq, _a.n)))

    def _flags(self, connection: Connection, which: AnyRow) -> tuple[Flag, ...]:
        query = select(flag_table).where(_f.company == self._company, which).order_by(_f.seq)
        return tuple(flags.as_flag(row) for row in connection.execute(query) if row.kind in KINDS)


def _send(row: AnyRow) -> Send:
    return Send(
        deliverable=row.deliverable_id,
        kind=row.kind,
        number=row.number,
        amount=from_minor(row.amount_minor, row.currency),
        send=row.n,
        sent_at=row.sent_at,
        outcome=row.outcome or "",
        code=row.code,
        tid=row.tid,
        # A document that was found later is not the answer to an earlier send.
        books_id=(row.books_id or "") if row.outcome == "posted" else "",
    )
