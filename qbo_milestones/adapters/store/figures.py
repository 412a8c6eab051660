"""The figures of one company for those who watch many: counts, ages and ends, from our database alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, Table, exists, func, select

from qbo_milestones.adapters.store import metering, outbox
from qbo_milestones.adapters.store.engine import reading
from qbo_milestones.adapters.store.tables import attempt as attempt_table
from qbo_milestones.adapters.store.tables import flag as flag_table
from qbo_milestones.adapters.store.tables import posting as posting_table
from qbo_milestones.adapters.store.tables import run as run_table
from qbo_milestones.adapters.store.unattended import NIGHTLY, due_run
from qbo_milestones.model.exit_code import DONE, WAITING
from qbo_milestones.model.flag import Severity
from qbo_milestones.model.metering import month_of
from qbo_milestones.pipeline.outbox import Stage

_p, _a, _r, _f, _d = posting_table.c, attempt_table.c, run_table.c, flag_table.c, due_run.c
_TOO_MANY = 429
# A person may be waited for; the run itself did all its work.
_GOOD_CODES = (DONE, WAITING)


@dataclass(frozen=True, slots=True)
class Figures:
    """One company at one instant. `results` counts sends by what followed, `lost` the runs that never ended.

    `metered` are this month's calls of the company, `metered_by_app` those of all companies of this database.
    `last_success` is when a run last did all its work, by its kind: `night` is a due date's, `other` a person's or a
    look, in which nothing is posted.
    `last_exit_code` and `last_took_s` (seconds) are of the newest run that ended, None where none did.
    """

    stages: Mapping[str, int]
    results: Mapping[str, int]
    flags: Mapping[str, int]
    oldest_doubtful_s: float
    adopted: int
    throttled: int
    lost: int
    metered: int
    metered_by_app: int
    last_success: Mapping[str, datetime]
    last_exit_code: int | None
    last_took_s: float | None


def figures(engine: Engine, company: str, now: datetime) -> Figures:
    """All of them from one instant of the database."""
    with reading(engine) as connection:
        sent = select(func.min(_p.first_sent_at)).where(_p.company == company, _p.stage == Stage.DOUBTFUL.value)
        oldest = connection.scalar(sent)
        ended = select(run_table).where(_r.company == company, _r.finished_at.is_not(None))
        last = connection.execute(ended.order_by(_r.id.desc()).limit(1)).one_or_none()
        newest = select(func.max(_r.id)).where(_r.company == company).scalar_subquery()
        return Figures(
            stages={stage.value: count for stage, count in outbox.counts(connection, company).items()},
            results=_results(connection, company),
            flags=_flags(connection, company),
            oldest_doubtful_s=(now - oldest).total_seconds() if oldest else 0.0,
            adopted=_count(connection, posting_table, _p.company == company, _p.adopted.is_(True)),
            throttled=_count(connection, attempt_table, _a.company == company, _a.http_status == _TOO_MANY),
            # The newest one may be under way.
            lost=_count(connection, run_table, _r.company == company, _r.finished_at.is_(None), _r.id < newest),
            metered=metering.calls(connection, company, month_of(now)),
            metered_by_app=metering.calls_of_all(connection, month_of(now)),
            last_success=_last_success(connection, company),
            last_exit_code=last.exit_code if last else None,
            last_took_s=(last.finished_at - last.started_at).total_seconds() if last else None,
        )


def _last_success(connection: Connection, company: str) -> dict[str, datetime]:
    of_a_date = exists().where(
        _d.company == _r.company, _d.run == _r.id, _d.kind.startswith(NIGHTLY), _d.stage == "done"
    )
    query = select(func.max(_r.finished_at)).where(_r.company == company, _r.exit_code.in_(_GOOD_CODES))
    found = {
        "night": connection.scalar(query.where(of_a_date)),
        "other": connection.scalar(query.where(~of_a_date)),
    }
    return {kind: at for kind, at in found.items() if at is not None}


def _count(connection: Connection, table: Table, *where: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(*where)) or 0


def _results(connection: Connection, company: str) -> dict[str, int]:
    query = select(_a.outcome, func.count().label("times")).where(_a.company == company, _a.outcome.is_not(None))
    return {row.outcome: row.times for row in connection.execute(query.group_by(_a.outcome))}


def _flags(connection: Connection, company: str) -> dict[str, int]:
    query = select(_f.severity, func.count().label("times")).where(_f.company == company, _f.cleared_on.is_(None))
    found = {row.severity: row.times for row in connection.execute(query.group_by(_f.severity))}
    return {severity.value: found.get(severity.value, 0) for severity in Severity}
