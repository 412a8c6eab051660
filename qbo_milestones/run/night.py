"""One run of one company, whole: pull, decide, enqueue, deliver, review, in this order."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from structlog.contextvars import bound_contextvars

from qbo_milestones.errors import BadSettings, Failure, RuleBroken, Unavailable
from qbo_milestones.model.audit import AuditCheck, AuditState
from qbo_milestones.pipeline.frozen import contradictions
from qbo_milestones.pipeline.gate.promise import promises
from qbo_milestones.pipeline.outbox import Outgoing, Stage
from qbo_milestones.pipeline.posting import Posting
from qbo_milestones.pipeline.preflight import refusals
from qbo_milestones.ports import FlagChange, Lease
from qbo_milestones.run.decision import Decision, decide
from qbo_milestones.run.delivery import Tally, deliver, doubtful_until, mark_interrupted, set_aside
from qbo_milestones.run.heartbeat import Heartbeat
from qbo_milestones.run.history import History, count_run, look_first, recognise, verify
from qbo_milestones.run.outcome import Outcome, exit_code_of, why_stopped
from qbo_milestones.run.pull import pull
from qbo_milestones.run.review import review
from qbo_milestones.run.stopping import asked_to_stop, go_on, rest
from qbo_milestones.run.world import Rules, Tell, World

_log = logging.getLogger(__name__)


def run(
    world: World,
    rules: Rules,
    tell: Tell,
    *,
    wait: bool = False,
    retry: frozenset[str] = frozenset(),
    beating: type[Heartbeat] = Heartbeat,
) -> Outcome:
    """One run. `wait` stays until doubtful postings may be looked up; `retry` names deliverables whose refused
    postings a person wants sent again. `beating` renews the lease; another one where a test moves the clock.

    Raises the Failure that ended the run early, or RuleBroken where a rule of the protocol was about to be broken; the
    run's row then bears its exit code.
    """
    lease = world.store.take_lease(rules.owner, world.clock.now(), rules.lease_for)
    try:
        with bound_contextvars(company=rules.company), beating(world, rules, lease) as heartbeat:
            return _recorded(world, rules, heartbeat, tell, wait, retry)
    finally:
        world.store.release_lease(lease)


def _recorded(
    world: World, rules: Rules, heartbeat: Heartbeat, tell: Tell, wait: bool, retry: frozenset[str]
) -> Outcome:
    now = world.clock.now()
    check = verify(world)
    metered = world.store.metered_calls()
    number = world.store.start_run(heartbeat.lease, rules.today(now), now)
    with bound_contextvars(run=number, run_id=f"{rules.company}/{number}"):
        _log.info("run_started", extra={"business_date": rules.today(now)})
        try:
            _insist_on_whole_log(check)
            outcome = _work(world, rules, heartbeat, number, tell, wait, retry)
        except Exception as error:
            code = exit_code_of(error)
            _log.error("run_stopped", exc_info=True, extra={"exit_code": code})
            _end(world, heartbeat.lease, number, code, {"stopped": why_stopped(error)}, metered)
            _anchor(world, check)
            raise
        _end(world, heartbeat.lease, number, outcome.exit_code, outcome.counts, metered)
        _anchor(world, check)
        told = {name.replace(" ", "_"): count for name, count in outcome.counts.items() if name != "amount"}
        _log.info("run_ended", extra={"exit_code": outcome.exit_code, **told})
    return outcome


def _end(world: World, lease: Lease, number: int, code: int, counts: Mapping[str, str], metered: int) -> None:
    """The run's row, with the metered calls since there were `metered` of them."""
    told = {**counts, "metered": str(world.store.metered_calls() - metered)}
    world.store.finish_run(lease, number, world.clock.now(), code, told)


def _insist_on_whole_log(check: AuditCheck) -> None:
    """Nothing is sent for a company whose log was altered: every run ends here until a person has looked (I11)."""
    if check.state is AuditState.BROKEN:
        raise RuleBroken(f"{check.sentence} See `qbo-milestones audit verify`.")


def _anchor(world: World, check: AuditCheck) -> None:
    """Keep the log's end beside the key; of an altered log the last good one stays, or the next run would trust it."""
    if check.state is not AuditState.BROKEN:
        world.epochs.keep_anchor(world.store.audit_head())


def _work(
    world: World, rules: Rules, heartbeat: Heartbeat, number: int, tell: Tell, wait: bool, retry: frozenset[str]
) -> Outcome:
    lease = heartbeat.lease
    history = recognise(world)
    if history is History.RESTORED:
        world.store.record(lease, "database.restored", {"run": str(number)}, world.clock.now())
    mark_interrupted(world, lease)
    _begin_quiet_anew(world, rules, lease, history)
    go_on(world)
    now = world.clock.now()
    restored = history is History.RESTORED
    decision = _planned(world, rules, lease, tell, retry, restored=restored, whole=restored)
    posts = rules.may_post and not refusals(decision.checks)
    if posts or not restored:
        # A run that sends nothing has looked for nothing either: the next one still finds a restored database.
        count_run(world, lease)
    tally, latest = Tally(), decision
    if posts:
        tally = deliver(world, rules, heartbeat, decision.sendable, tell, decision.outdated)
        if wait and tally.stopped is None:
            tally, latest = _deliver_the_doubtful(world, rules, heartbeat, decision, tally, tell, restored=restored)
    change = _reviewed(world, rules, lease, number, latest, tally)
    return Outcome(number, rules.today(now), decision, tally, change, world.store.flags())


def _planned(
    world: World, rules: Rules, lease: Lease, tell: Tell, retry: frozenset[str], *, restored: bool, whole: bool
) -> Decision:
    """Read the books, decide, and commit what was decided."""
    pull(world, lease, tell, whole=whole)
    go_on(world)
    _doubt_strays(world, lease)
    decision = decide(world, rules, world.clock.now(), tell, retry)
    go_on(world)
    _insist_on_retry(decision, retry)
    enqueue(world, rules, lease, decision, retry)
    _doubt_unheard_of(world, lease, decision, retry, restored=restored)
    return decision


def _begin_quiet_anew(world: World, rules: Rules, lease: Lease, history: History) -> None:
    """What is doubtful, and nobody knows when it was sent last: the quiet time begins now.

    The life that a restored database forgot may have sent it a moment ago; or our clock was far ahead when we did.
    Where it was only a little ahead, as one machine's is of another's, it is safer to wait until then.
    """
    latest = world.clock.now() + rules.quiet
    doubtful = world.store.outgoing(frozenset({Stage.DOUBTFUL}))
    unknown = (o for o in doubtful if history is History.RESTORED or (o.last_sent_at and o.last_sent_at > latest))
    look_first(world, lease, unknown)


def _doubt_unheard_of(world: World, lease: Lease, decision: Decision, retry: frozenset[str], *, restored: bool) -> None:
    """What another life may be sending at this moment: all of it after a restore, and what a person wants after another
    machine's was lost.
    """
    ours = {pair.invoice.identity.deliverable for pair in decision.pairs}
    planned = (one for one in world.store.outgoing(frozenset({Stage.PLANNED})) if one.identity.deliverable in ours)
    unheard = (o for o in planned if restored or (o.identity.deliverable in retry and o.key not in decision.known))
    look_first(world, lease, unheard)


def _doubt_strays(world: World, lease: Lease) -> None:
    """What is planned or refused, and stands in the books, was sent in a life that the database forgot: doubtful.

    Before anything is decided, for it is billed.
    """
    strayed = world.store.unsent_in_books()
    if not strayed:
        return
    for refused in tuple(world.store.outgoing(frozenset({Stage.REFUSED}))):
        if refused.key in strayed:
            world.store.retry(lease, refused, world.clock.now())
    planned = world.store.outgoing(frozenset({Stage.PLANNED}))
    look_first(world, lease, (outgoing for outgoing in planned if outgoing.key in strayed))


def _reviewed(world: World, rules: Rules, lease: Lease, number: int, decision: Decision, tally: Tally) -> FlagChange:
    """The review; a run that is asked to stop leaves it to the next one, and its flags as they are."""
    if world.stopping():
        tally.stopped = tally.stopped or asked_to_stop()
        return FlagChange((), (), ())
    return review(world, rules, lease, number, decision)


def enqueue(world: World, rules: Rules, lease: Lease, decision: Decision, retry: frozenset[str]) -> None:
    """Commit what was decided: adopted documents, the first sight of each promise, and the postings with their bytes.

    What waits from earlier runs stays only if this run would write it the same to the byte; the rest is set aside.
    """
    store, now = world.store, world.clock.now()
    store.adopt(lease, decision.adoptions, now)
    store.keep_contents(lease, promises(decision.register), now)
    if not rules.may_post or refusals(decision.checks):
        return
    postings = (posting for pair in decision.pairs for posting in pair.postings)
    wanted = [(_unheard_of(posting, decision, retry, now), world.books.render(posting)) for posting in postings]
    _insist_on_amounts(world, rules, decision, wanted)
    bodies = {posting.key: body for posting, body in wanted}
    beyond = {posting.key for pair in decision.beyond for posting in pair.postings}
    for waiting in decision.waiting:
        same = bodies.get(waiting.key) == waiting.body
        if waiting.stage is Stage.PLANNED and not same and waiting.key not in beyond:
            _set_aside(world, lease, waiting)
        again = waiting.identity.deliverable in retry or not waiting.refused_by_quickbooks
        if waiting.stage is Stage.REFUSED and same and again:
            store.retry(lease, waiting, now)
    store.plan(lease, wanted, now)


def _insist_on_amounts(world: World, rules: Rules, decision: Decision, wanted: Iterable[tuple[Posting, bytes]]) -> None:
    """What is about to be frozen must say what the gate let through, to the cent (I9)."""
    amounts = {billable.deliverable.key: billable.amount for billable in decision.billables}
    for posting, body in wanted:
        identity, amount = posting.identity, amounts[posting.identity.deliverable]
        held = world.books.read_body(identity.kind.document_kind, body, rules.home_currency)
        if found := contradictions(identity, posting.number, amount, held):
            raise RuleBroken(f"{identity.kind} of {posting.deliverable_id} is not what was decided: {found[0]}")


def _unheard_of(posting: Posting, decision: Decision, retry: frozenset[str], now: datetime) -> Posting:
    """The posting; one that a person wants after another machine's was lost gets an attempt number of its own.

    QuickBooks answers a requestid with what it did the first time, though that was deleted since
    (quickbooks-online.md 3). Minutes are unlike any count of attempts.
    """
    if posting.identity.deliverable not in retry or posting.key in decision.known:
        return posting
    return replace(posting, first_attempt=int(now.timestamp()) // 60)


def _set_aside(world: World, lease: Lease, waiting: Outgoing) -> None:
    """Never sent: withdrawn. Sent in vain, which proves that it was not applied: refused, by ourselves."""
    now = world.clock.now()
    if waiting.first_sent_at is None:
        world.store.withdraw(lease, waiting, now, "The register or the date changed before it was sent.")
        return
    set_aside(world, lease, waiting)


def _insist_on_retry(decision: Decision, retry: frozenset[str]) -> None:
    """A person's word sends nothing that does not pass the gate."""
    passed = {pair.invoice.identity.deliverable for pair in decision.pairs}
    if missing := sorted(retry - passed):
        why = _why_not(decision)
        unknown = "nothing of it waits to be sent, or the register has no such row"
        told = (f"{key} cannot be sent again: {why.get(key, unknown)}" for key in missing)
        raise BadSettings("\n".join(told))


def _why_not(decision: Decision) -> dict[str, str]:
    """Why a deliverable is not among the pairs of this run, by folded id."""
    spent = "it is past the limits of this business date: wait for the next one, or raise them in [limits]"
    return {
        **{pair.invoice.identity.deliverable: spent for pair in decision.beyond},
        **{one.deliverable.key: "; ".join(reason.sentence for reason in one.reasons) for one in decision.held},
    }


def _deliver_the_doubtful(
    world: World, rules: Rules, heartbeat: Heartbeat, decision: Decision, tally: Tally, tell: Tell, *, restored: bool
) -> tuple[Tally, Decision]:
    """Wait out the quiet time and deliver again, until nothing is doubtful or the world stops us (ruling 7).

    Minutes passed, so the books are read and everything is decided anew: what is sent passes the gate now (I8).
    """
    while (until := doubtful_until(world, rules, decision.sendable)) is not None and tally.stopped is None:
        left = (until - world.clock.now()).total_seconds()
        if left <= 0:
            # It was due already and could not be asked about: the next run asks again.
            break
        tell(f"Waiting {left:.0f} s before looking for postings whose answer was lost")
        rest(world, left)
        try:
            go_on(world)
            decision = _planned(world, rules, heartbeat.lease, tell, frozenset(), restored=restored, whole=False)
        except BadSettings as changed:
            # Documents were posted, so it is not the exit code that says that none was.
            tally.stopped = Unavailable(f"Something was changed while it waited: {changed.text}")
            break
        except Failure as failure:
            tally.stopped = failure
            break
        if refusals(decision.checks):
            break
        tally = tally + deliver(world, rules, heartbeat, decision.sendable, tell, decision.outdated)
    return tally, decision
