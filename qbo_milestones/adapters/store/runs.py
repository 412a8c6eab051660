"""Runs, and what each deliverable promised when it was first seen."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import Connection, func, insert, select, update

from qbo_milestones.adapters.store import audit, audit_facts
from qbo_milestones.adapters.store.columns import AnyRow
from qbo_milestones.adapters.store.tables import company as company_table
from qbo_milestones.adapters.store.tables import content as content_table
from qbo_milestones.adapters.store.tables import run as run_table
from qbo_milestones.errors import RuleBroken
from qbo_milestones.pipeline.gate.promise import Promise
from qbo_milestones.ports import Lease, RunRecord

_r, _c, _y = run_table.c, content_table.c, company_table.c


def start(connection: Connection, company: str, lease: Lease, business_date: date, now: datetime) -> int:
    """A new run's number, one more than the last of this company."""
    number = (connection.scalar(select(func.max(_r.id)).where(_r.company == company)) or 0) + 1
    values = {"company": company, "id": number, "business_date": business_date, "fence": lease.fence, "started_at": now}
    connection.execute(insert(run_table).values(**values))
    audit.append(connection, company, now, lease.owner, (audit_facts.run_started(number, business_date),))
    return number


def finish(
    connection: Connection,
    company: str,
    lease: Lease,
    run: int,
    now: datetime,
    exit_code: int,
    counts: Mapping[str, str],
) -> None:
    """The end of a run that has none yet."""
    values = {"finished_at": now, "exit_code": exit_code, "counts": json.dumps(dict(counts), sort_keys=True)}
    where = (_r.company == company, _r.id == run, _r.finished_at.is_(None))
    if connection.execute(update(run_table).where(*where).values(**values)).rowcount != 1:
        raise RuleBroken(f"run {run} of company {company} is not under way")
    audit.append(connection, company, now, lease.owner, (audit_facts.run_ended(run, exit_code, counts),))


def epoch(connection: Connection, company: str) -> str:
    """The count of runs as this database has it, empty for a new one."""
    return connection.scalar(select(_y.epoch).where(_y.company == company)) or ""


def set_epoch(connection: Connection, company: str, lease: Lease, epoch: str, now: datetime) -> None:
    """Keep the count of runs."""
    connection.execute(update(company_table).where(_y.company == company).values(epoch=epoch))
    audit.append(connection, company, now, lease.owner, (audit.Event("epoch.set", {"epoch": epoch}),))


def newest(connection: Connection, company: str, count: int) -> tuple[RunRecord, ...]:
    """The newest runs first."""
    query = select(run_table).where(_r.company == company).order_by(_r.id.desc()).limit(count)
    return tuple(as_record(row) for row in connection.execute(query))


def as_record(row: AnyRow) -> RunRecord:
    """A row of the table as the run that it tells of."""
    return RunRecord(row.id, row.business_date, row.started_at, row.finished_at, row.exit_code, json.loads(row.counts))


def keep_contents(connection: Connection, company: str, contents: Iterable[Promise], now: datetime) -> None:
    """Those of a piece that were never seen; the first sight stands (ruling 17)."""
    first: dict[tuple[str, int, str], str] = {}
    for promise in contents:
        first.setdefault((promise.deliverable, promise.revision, promise.sign_off), promise.content_hash)
    names = {deliverable for deliverable, _, _ in first}
    query = select(_c.deliverable, _c.revision, _c.sign_off)
    query = query.where(_c.company == company, _c.deliverable.in_(sorted(names)))
    standing = {(row.deliverable, row.revision, row.sign_off) for row in connection.execute(query)}
    rows = [
        {
            "company": company,
            "deliverable": deliverable,
            "revision": revision,
            "sign_off": sign_off,
            "content_hash": content_hash,
            "first_seen_at": now,
        }
        for (deliverable, revision, sign_off), content_hash in first.items()
        if (deliverable, revision, sign_off) not in standing
    ]
    if rows:
        connection.execute(insert(content_table), rows)


def contents(connection: Connection, company: str, deliverables: Iterable[str]) -> tuple[Promise, ...]:
    """What was first seen of some deliverables."""
    query = select(_c.deliverable, _c.revision, _c.sign_off, _c.content_hash)
    query = query.where(_c.company == company, _c.deliverable.in_(list(deliverables)))
    return tuple(Promise(*row) for row in connection.execute(query))
