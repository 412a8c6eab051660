"""Delivery: what is in the outbox goes to QuickBooks, in parallel lanes, each posting exactly once."""

import logging
from collections import deque
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime

from structlog.contextvars import bind_contextvars

from qbo_milestones.errors import Doubtful, Failure, NotConnected, Refused, Unavailable
from qbo_milestones.model.books import Changes, Document
from qbo_milestones.pipeline.outbox import (
    SET_ASIDE,
    Finding,
    Outgoing,
    Stage,
    conclude,
    differences,
    look_up_due,
    sought,
    stage_after,
)
from qbo_milestones.ports import Lease, Sent
from qbo_milestones.run.heartbeat import Heartbeat
from qbo_milestones.run.stopping import asked_to_stop, go_on, rest
from qbo_milestones.run.world import Rules, Tell, World

_log = logging.getLogger(__name__)

# How often one posting that was surely not applied is tried again in one run, and how often QuickBooks' throttle is
# waited out; the next night tries anew.
_TRIES = 3
_PAUSES = 10


@dataclass
class Tally:
    """What one delivery did, counted; `doubtful` and `waiting` are what it left. `stopped` is why it ended early."""

    posted: int = 0
    adopted: int = 0
    refused: int = 0
    doubtful: int = 0
    disputed: int = 0
    waiting: int = 0
    set_aside: int = 0
    stopped: Failure | None = None
    tries: dict[str, int] = field(default_factory=dict)
    pause_s: float = 0
    pauses: int = 0

    def __add__(self, later: "Tally") -> "Tally":
        """Both deliveries; what is left is what the later one left."""
        return Tally(
            self.posted + later.posted,
            self.adopted + later.adopted,
            self.refused + later.refused,
            later.doubtful,
            self.disputed + later.disputed,
            later.waiting,
            later.set_aside,
            later.stopped,
        )


def mark_interrupted(world: World, lease: Lease) -> int:
    """What was being sent when a run died may or may not stand in the books: doubtful (reliability.md 1.5)."""
    interrupted = tuple(world.store.outgoing(frozenset({Stage.SENDING})))
    for outgoing in interrupted:
        failure = Doubtful("The run ended before the answer was read.")
        world.store.move(lease, outgoing, Stage.DOUBTFUL, world.clock.now(), failure=failure)
    return len(interrupted)


def set_aside(world: World, lease: Lease, outgoing: Outgoing) -> None:
    """What was sent in vain, which proves that it was not applied: refused by ourselves, to be planned anew."""
    now = world.clock.now()
    text = "It was never applied, and the register, the set-up or the date changed before it was sent again."
    refusal = Refused(text, code=SET_ASIDE)
    world.store.move(lease, world.store.begin(lease, outgoing, now), Stage.REFUSED, now, failure=refusal)


def deliver(
    world: World,
    rules: Rules,
    heartbeat: Heartbeat,
    sendable: frozenset[str],
    tell: Tell,
    outdated: frozenset[str] = frozenset(),
) -> Tally:
    """Send what is planned, after looking up what is doubtful and due. Journals stand before their invoices (R87).

    Only of the `sendable` deliverables (folded ids) is anything sent: their sign-off holds now (I8). What is `outdated`
    (posting keys) and was never applied is set aside for the next run to plan anew.
    """
    tally = Tally()
    planned = world.store.outgoing(frozenset({Stage.PLANNED}))
    again = []
    for outgoing in _resolved(world, rules, heartbeat, tally):
        if outgoing.key in outdated:
            set_aside(world, heartbeat.lease, outgoing)
            tally.set_aside += 1
        else:
            again.append(outgoing)
    ready = _Ready(one for one in (*planned, *again) if one.identity.deliverable in sendable)
    with ThreadPoolExecutor(rules.lanes, thread_name_prefix="lane") as lanes:
        _send_all(world, rules, heartbeat, lanes, ready, tally, tell)
    tally.waiting = len(ready) + tally.set_aside
    return tally


def doubtful_until(world: World, rules: Rules, sendable: frozenset[str]) -> datetime | None:
    """When the last doubtful posting may be looked up and sent again; None where there is none.

    One that may not be sent was looked for already, and is not waited for.
    """
    doubtful = world.store.outgoing(frozenset({Stage.DOUBTFUL}))
    sent = [o.last_sent_at for o in doubtful if o.last_sent_at and o.identity.deliverable in sendable]
    return max(sent) + rules.quiet if sent else None


class _Ready:
    """Postings that may be sent, in order; an invoice waits until its journal is posted."""

    def __init__(self, planned: Iterable[Outgoing]) -> None:
        self._queue: deque[Outgoing] = deque()
        self._after: dict[str, list[Outgoing]] = {}
        for outgoing in planned:
            if outgoing.after:
                self._after.setdefault(outgoing.after, []).append(outgoing)
            else:
                self._queue.append(outgoing)

    def __len__(self) -> int:
        return len(self._queue) + sum(len(waiting) for waiting in self._after.values())

    def __bool__(self) -> bool:
        return bool(self._queue)

    def add(self, outgoing: Iterable[Outgoing]) -> None:
        self._queue.extend(outgoing)

    def release(self, posted_keys: Iterable[str]) -> None:
        for key in posted_keys:
            self._queue.extend(self._after.pop(key, ()))

    def take(self) -> Outgoing:
        return self._queue.popleft()

    def waits_for(self) -> frozenset[str]:
        return frozenset(self._after)


def _send_all(
    world: World,
    rules: Rules,
    heartbeat: Heartbeat,
    lanes: ThreadPoolExecutor,
    ready: _Ready,
    tally: Tally,
    tell: Tell,
) -> None:
    """Only this thread writes to the store; the lanes do nothing but one request each."""
    ready.release(world.store.posted_keys(ready.waits_for()))
    flying: dict[Future[Sent], Outgoing] = {}
    try:
        while (ready and _may_begin(world, tally)) or flying:
            if not heartbeat.may_send:
                raise Unavailable("The lease on this company was not renewed in time; another worker may have it.")
            if tally.pause_s and not flying:
                _wait_out(world, tally, tell)
            while ready and len(flying) < rules.lanes and not tally.pause_s and _may_begin(world, tally):
                outgoing = world.store.begin(heartbeat.lease, ready.take(), world.clock.now())
                # A copy: what the lane logs bears the run, and its own posting.
                flying[lanes.submit(copy_context().run, _send, world, heartbeat, outgoing)] = outgoing
            answered, _ = wait(flying, timeout=heartbeat.pulse_s, return_when=FIRST_COMPLETED)
            for future in answered:
                _settle(world, heartbeat, flying.pop(future), future, ready, tally)
                tell(f"Posted {tally.posted:,}; {len(ready) + len(flying):,} to go")
    except Unavailable as lost:
        # The lease is gone: another worker owns the company. What is in the air stays `sending`, which is safe.
        tally.stopped = lost


def _may_begin(world: World, tally: Tally) -> bool:
    """A run that is asked to stop hears out the requests in the air and sends nothing more."""
    if world.stopping() and tally.stopped is None:
        tally.stopped = asked_to_stop()
    return tally.stopped is None


def _send(world: World, heartbeat: Heartbeat, outgoing: Outgoing) -> Sent:
    if not heartbeat.may_send:
        # This process slept since it wrote `sending`; another may have taken over, so the request does not leave.
        raise Unavailable("The lease ran out before the request left.")
    bind_contextvars(posting=outgoing.key, deliverable=outgoing.deliverable_id, attempt=outgoing.attempt)
    return world.books.send(outgoing.document_kind, outgoing.body, outgoing.requestid)


def _settle(
    world: World, heartbeat: Heartbeat, outgoing: Outgoing, future: Future[Sent], ready: _Ready, tally: Tally
) -> None:
    now = world.clock.now()
    failure = future.exception()
    if failure is None:
        _accept(world, heartbeat, outgoing, future.result(), ready, tally)
    elif not isinstance(failure, Failure):
        # Our own fault, after the request may have left: the posting stays `sending`, the run ends.
        raise failure
    else:
        stage = stage_after(failure)
        moved = world.store.move(heartbeat.lease, outgoing, stage, now, failure=failure)
        tally.refused += stage is Stage.REFUSED
        tally.doubtful += stage is Stage.DOUBTFUL
        if stage is Stage.PLANNED:
            _again(moved, failure, ready, tally)


def _accept(world: World, heartbeat: Heartbeat, outgoing: Outgoing, answer: Sent, ready: _Ready, tally: Tally) -> None:
    """The answer must be our document: one without our stamp proves nothing (reliability.md 1.3, DONE)."""
    now, held = world.clock.now(), answer.document
    if held.stamp != outgoing.identity.stamp_code:
        text = "QuickBooks answered with a document that does not bear our stamp."
        _doubt(world, heartbeat, outgoing, Doubtful(text, tid=answer.tid, status=200), tally)
        return
    try:
        today = world.books.read(held.kind, held.id) if answer.replayed else held
    except Failure as failure:
        text = f"QuickBooks answered with what it did before, and that could not be read: {failure.text}"
        _doubt(world, heartbeat, outgoing, Doubtful(text, code=failure.code, tid=failure.tid), tally)
        return
    sent = world.books.read_body(outgoing.document_kind, outgoing.body, outgoing.amount.currency)
    reason = "; ".join(differences(sent, held))
    world.store.move(heartbeat.lease, outgoing, Stage.POSTED, now, document=held, reason=reason, tid=answer.tid)
    if today is not held:
        # It may have been deleted or voided since: a person's decision, which the review then tells of.
        world.store.keep_books(heartbeat.lease, Changes(documents=(today,)))
    tally.posted += 1
    ready.release((outgoing.key,))


def _doubt(world: World, heartbeat: Heartbeat, outgoing: Outgoing, failure: Doubtful, tally: Tally) -> None:
    world.store.move(heartbeat.lease, outgoing, Stage.DOUBTFUL, world.clock.now(), failure=failure)
    tally.doubtful += 1


def _again(outgoing: Outgoing, failure: Failure, ready: _Ready, tally: Tally) -> None:
    """Surely not applied: once more, unless a person must act first or it was tried often enough tonight."""
    ready.add((outgoing,))
    if isinstance(failure, Unavailable) and failure.after_s and tally.pauses < _PAUSES:
        # QuickBooks asks for a rest; that is no failed try of this posting.
        tally.pause_s = max(tally.pause_s, failure.after_s)
        return
    tried = tally.tries[outgoing.key] = tally.tries.get(outgoing.key, 0) + 1
    if isinstance(failure, NotConnected) or tried >= _TRIES:
        tally.stopped = failure


def _wait_out(world: World, tally: Tally, tell: Tell) -> None:
    """All lanes rest for as long as QuickBooks asked (ruling 8)."""
    tell(f"QuickBooks asks for a rest of {tally.pause_s:.0f} s")
    rest(world, tally.pause_s)
    tally.pause_s, tally.pauses = 0, tally.pauses + 1


def _resolved(world: World, rules: Rules, heartbeat: Heartbeat, tally: Tally) -> list[Outgoing]:
    """Look for what is doubtful and due, and for what waits for a person. Returns what may be sent again.

    A disputed one is adopted as soon as one document stands that holds what we sent: the person has chosen.
    """
    again: list[Outgoing] = []
    for outgoing in tuple(world.store.outgoing(frozenset({Stage.DOUBTFUL, Stage.DISPUTED}))):
        now = world.clock.now()
        if not look_up_due(outgoing, now, rules.quiet):
            tally.doubtful += 1
            continue
        try:
            go_on(world)
            found = _found(world, outgoing, now)
        except (Unavailable, NotConnected) as failure:
            # Unknown stays unknown; the next run looks again.
            tally.doubtful += 1
            tally.stopped = failure
            break
        except Failure:
            # QuickBooks cannot be asked about this one; the others go on (R64).
            tally.doubtful += 1
            continue
        if _conclude(world, heartbeat, outgoing, found, tally) is Finding.RESEND and outgoing.stage is Stage.DOUBTFUL:
            again.append(outgoing)
    return again


def _found(world: World, outgoing: Outgoing, now: datetime) -> tuple[Document, ...]:
    """What QuickBooks finds now, and what was read before and bears the stamp, as a person may have renumbered it."""
    known = world.store.stamped(outgoing.document_kind, outgoing.identity.stamp_code)
    fresh = world.books.look_up(sought(outgoing, now))
    missing = {document.id for document in known} - {document.id for document in fresh}
    # Our copy may not know yet that one was deleted.
    return (*fresh, *(world.books.read(outgoing.document_kind, id_) for id_ in sorted(missing)))


def _conclude(
    world: World, heartbeat: Heartbeat, outgoing: Outgoing, found: tuple[Document, ...], tally: Tally
) -> Finding:
    sent = world.books.read_body(outgoing.document_kind, outgoing.body, outgoing.amount.currency)
    finding, documents = conclude(outgoing, found, sent)
    facts = {"posting": outgoing.key, "deliverable": outgoing.deliverable_id, "count": len(found), "outcome": finding}
    _log.info("posting_looked_up", extra=facts)
    now = world.clock.now()
    if finding is Finding.ADOPT:
        world.store.move(heartbeat.lease, outgoing, Stage.POSTED, now, document=documents[0], adopted=True)
        tally.adopted += 1
    elif finding is Finding.DISPUTE and outgoing.stage is Stage.DOUBTFUL:
        reason = "; ".join(_described(sent, document) for document in documents)
        world.store.move(heartbeat.lease, outgoing, Stage.DISPUTED, now, reason=reason)
        tally.disputed += 1
    return finding


def _described(sent: Document, found: Document) -> str:
    """A document that claims to be ours, and in what it is not what was to be posted."""
    name = f"{found.kind.value} {found.number} (id {found.id})"
    if not found.live:
        return f"{name}: voided"
    return ": ".join(filter(None, (name, ", ".join(differences(sent, found)))))
