"""The outbox and its history: what is stuck, whether the invariants hold, the audit log, and the nights that were."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select

from qbo_milestones.adapters.quickbooks.json import read_body
from qbo_milestones.adapters.store import metering
from qbo_milestones.adapters.store.engine import reading
from qbo_milestones.adapters.store.invariants import breaches
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.adapters.store.unattended import NIGHTLY, due_run
from qbo_milestones.checkup.findings import Finding, broken, warning, well
from qbo_milestones.config import Settings
from qbo_milestones.model.audit import BROKEN_REMEDY, AuditHead, AuditState
from qbo_milestones.model.breach import Breach
from qbo_milestones.model.metering import month_of, reached
from qbo_milestones.pipeline.outbox import QUIET, Outgoing, Stage

_STUCK = {
    Stage.SENDING: "The next run looks for it; if no run is under way, start one.",
    Stage.DOUBTFUL: "The next run after the quiet time looks for it in QuickBooks.",
    Stage.DISPUTED: "See `qbo-milestones flags`: a person chooses which document stands.",
    Stage.REFUSED: "See `qbo-milestones flags`: correct the cause, then `run --retry ID` where nothing else changed.",
}
# A night, and two hours for a late one (reliability.md 5).
_A_NIGHT = timedelta(hours=26)
_STOP = "Stop the worker and look at these postings in QuickBooks before anything more is sent; report it."


def stuck(store: DatabaseStore, now: datetime) -> Iterator[Finding]:
    """The oldest posting of each stage in which one should not stay (I12)."""
    found: dict[Stage, list[Outgoing]] = {}
    for one in store.outgoing(frozenset(_STUCK)):
        found.setdefault(one.stage, []).append(one)
    if not found:
        yield well("Postings", "None is stuck.")
    for stage, ones in found.items():
        oldest = min(ones, key=lambda one: one.last_sent_at or now)
        age = (now - (oldest.last_sent_at or now)).total_seconds() / 3600
        called = oldest.number or oldest.deliverable_id
        sentence = f"{len(ones)} {stage}; the oldest, {called}, was last sent {age:.1f} hours ago."
        yield warning(f"Postings, {stage}", sentence, _STUCK[stage])


def invariants(engine: Engine, company: str, quiet: timedelta) -> Iterator[Finding]:
    """I1 to I9 and I12, asked of the data again (reliability.md 1.6)."""
    by_name: dict[str, list[Breach]] = {}
    with reading(engine) as connection:
        for breach in breaches(connection, company, min(quiet, QUIET), read_body):
            by_name.setdefault(breach.invariant, []).append(breach)
    if not by_name:
        yield well("Invariants", "I1 to I9 and I12 hold for every posting on record.")
    for name, found in by_name.items():
        more = f" And {len(found) - 1:,} more." if len(found) > 1 else ""
        posting = f" (posting {found[0].posting})" if found[0].posting else ""
        yield broken(f"Invariant {name}", f"{found[0].sentence}{posting}{more}", _STOP)


def history(store: DatabaseStore, count: int, anchor: AuditHead) -> Iterator[Finding]:
    """I11: the audit log's chain from its first row to the anchor beside the key; and whether the database is older."""
    check = store.check_audit(anchor, whole=True)
    if check.state is AuditState.BROKEN:
        yield broken("Audit log", check.sentence, BROKEN_REMEDY)
    else:
        yield well("Audit log", f"{check.head.seq:,} rows, and each continues the one before it.")
    if check.state is AuditState.OLDER or int(store.epoch() or 0) < count:
        sentence = "This database is older than the last run: it was restored, or is another machine's."
        remedy = "The next run reads all documents and looks for every posting before it sends; let it."
        yield warning("History", sentence, remedy)
    else:
        yield well("History", f"The database made the last run ({count:,} runs counted).")


def nights(engine: Engine, store: DatabaseStore, now: datetime) -> Iterator[Finding]:
    """When the last run was, and which business dates were passed over."""
    newest = next(iter(store.runs(1)), None)
    if newest is None:
        yield well("Runs", "There was none yet.")
    elif now - newest.started_at > _A_NIGHT:
        hours = (now - newest.started_at).total_seconds() / 3600
        sentence = f"The last run ({newest.business_date}) began {hours:,.0f} hours ago."
        yield warning("Runs", sentence, "See that the worker runs, or start `qbo-milestones run`.")
    elif newest.finished_at is None:
        yield warning("Runs", f"Run {newest.id} has not ended: it is under way, or it died.", "The next run goes on.")
    else:
        yield well("Runs", f"The last one, of {newest.business_date}, ended with exit code {newest.exit_code}.")
    d = due_run.c
    since = (now - timedelta(days=30)).date()
    missed = select(func.count(), func.max(d.business_date))
    missed = missed.where(d.company == store.company, d.kind.startswith(NIGHTLY), d.stage == "missed")
    missed = missed.where(d.business_date >= since)
    with reading(engine) as connection:
        dates, last = connection.execute(missed).one()
    if dates:
        sentence = f"{dates} business dates of the last 30 days had no run of their own, the last on {last}."
        yield warning("Schedule", sentence, "The run after them billed what was due then; see why the worker was off.")
    else:
        yield well("Schedule", "No business date of the last 30 days was missed.")


def metered(engine: Engine, settings: Settings, company: str, now: datetime) -> Finding:
    """How much of the app's monthly allowance the companies of this database have used (reliability.md 1.2)."""
    most = settings.limits.metered_per_month
    with reading(engine) as connection:
        calls = metering.calls_of_all(connection, month_of(now))
        own = metering.calls(connection, company, month_of(now))
    sentence = f"{calls:,} of {most:,} this month, {own:,} of them for this company."
    if reached(calls, most):
        return warning("Metered calls", sentence, "Past the limit Intuit blocks all reads until the month ends.")
    return well("Metered calls", sentence)
