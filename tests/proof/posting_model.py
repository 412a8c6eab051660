"""One posting on its way into the model of QuickBooks, by the real decisions: every sequence of faults, counted.

What decides is the code that bills: answers.judged and transport_failure class an answer, outbox.stage_after, ARROWS,
look_up_due and conclude say what follows, Identity.requestid what is sent under. A policy that is weaker than ours
takes one of these rules away (reliability.md 1.4), to show that the model can fail.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count

import requests

from qbo_milestones.adapters.quickbooks.answers import judged, transport_failure
from qbo_milestones.adapters.quickbooks.faults import Answer
from qbo_milestones.errors import Failure
from qbo_milestones.model.books import Document
from qbo_milestones.model.money import from_minor
from qbo_milestones.pipeline.outbox import ARROWS, QUIET, Finding, Outgoing, Stage, conclude, look_up_due, stage_after
from qbo_milestones.pipeline.posting import Identity, PostingKind

from .quickbooks_model import FOR_EVER, Fault, Quickbooks, World
from .score import Wrong

NOW = datetime(2026, 11, 23, 3, 17, tzinfo=UTC)
IDENTITY = Identity("9130000000000001", "d-103", PostingKind.INVOICE)
AMOUNT = from_minor(1_000_000, "USD")
OURS = Outgoing(IDENTITY, "D-103", 1, "SOW-1", 1, "7", AMOUNT, "D-103-A", b"{}")
NOTE = f"D-103 rev 1 | SOW-1 v1 | {IDENTITY.stamp_code}"
SENT = Document(OURS.document_kind, "", "", AMOUNT, AMOUNT, number=OURS.number, customer_id="7", note=NOTE)

QUIET_S = int(QUIET.total_seconds())
# What QuickBooks asks for after a throttle.
REST_S = 60
_INVALID = b'{"Fault": {"type": "ValidationFault", "Error": [{"code": "2500", "Message": "Invalid Reference Id"}]}}'
_BROKEN = b'{"Fault": {"type": "SystemFault", "Error": [{"code": "10000", "Message": "An application error"}]}}'
_ANSWERS = {
    Fault.REFUSED: (400, _INVALID),
    Fault.THROTTLED: (429, b""),
    Fault.FAILED_BEFORE: (500, _BROKEN),
    Fault.FAILED_AFTER: (500, _BROKEN),
    Fault.GARBLED: (200, b'{"Invoice": {"Id": "1'),
    Fault.DELIVERED_AGAIN: (504, b"<html>Gateway Time-out</html>"),
}
DEATHS = frozenset(fault for fault in Fault if fault.startswith("dies"))
_ENDS = frozenset({Stage.POSTED, Stage.DISPUTED})


@dataclass(frozen=True, slots=True)
class Policy:
    """What is done about a posting; the defaults are what our code does.

    `quiet_s` is how long a lost answer rests before it is looked for, None where nobody looks. `forgets`: each death
    loses the database's row, as a restore does; `looks_first`: then everything planned is looked for.
    """

    name: str
    quiet_s: int | None = QUIET_S
    same_id: bool = True
    write_ahead: bool = True
    doubts_500: bool = True
    forgets: bool = False
    looks_first: bool = False


@cache
def failure_of(fault: Fault) -> Failure:
    """What the adapter makes of a fault."""
    if fault is Fault.UNREACHABLE:
        return transport_failure(requests.ConnectTimeout(), writes=True)
    if fault not in _ANSWERS:
        return transport_failure(requests.ReadTimeout(), writes=True)
    status, body = _ANSWERS[fault]
    failure = judged(Answer(status, "application/json", body), writes=True).failure
    assert failure is not None
    return failure


@cache
def due(age_s: int, quiet_s: int) -> bool:
    """The real rule, on a posting that was sent so long ago."""
    return look_up_due(replace(OURS, last_sent_at=NOW - timedelta(seconds=age_s)), NOW, timedelta(seconds=quiet_s))


@cache
def finding_of(documents: int) -> Finding:
    """The real rule, on so many documents that hold what we sent."""
    return conclude(OURS, tuple(replace(SENT, id=str(n)) for n in range(documents)), SENT)[0]


@cache
def requestid(attempt: int) -> str:
    """The real one."""
    return replace(OURS, attempt=attempt).requestid


# A state without its date: stage, attempt, sends, seconds since the last send, dead, and of QuickBooks in how many
# seconds each document shows, what it remembers and since when, and what is still coming.
Frozen = tuple[Stage, int, int, int, bool, tuple[int, ...], tuple[tuple[str, int], ...], tuple[tuple[int, str], ...]]
NEVER = -1
START: Frozen = (Stage.PLANNED, 1, 0, NEVER, False, (), (), ())


class Life:
    """One posting and its worker, thawed at instant 0. `told` is its story where one is wanted."""

    def __init__(self, policy: Policy, world: World, state: Frozen, told: list[str] | None = None) -> None:
        self.policy, self.world, self.told, self.now = policy, world, told, 0
        self.stage, self.attempt, self.sends, age, self.dead, applied, arrived, coming = state
        self.sent_at = None if age == NEVER else -age
        known = {requestid: -since for requestid, since in arrived}
        self.books = Quickbooks(world, list(applied), known, list(coming))

    def frozen(self) -> Frozen:
        """What the future depends on, and nothing else, so that equal futures are counted once."""
        now, books, policy = self.now, self.books, self.policy
        oldest = policy.quiet_s or 0
        age = NEVER if self.sent_at is None else min(now - self.sent_at, oldest)
        known = (one for one in books.arrived.items() if books.remembers(one[0], now))
        arrived = ((one, 0 if self.world.window_s == FOR_EVER else now - at) for one, at in known)
        return (
            self.stage,
            self.attempt,
            0 if policy.same_id else self.sends,
            age,
            self.dead,
            tuple(sorted(max(0, shows - now) for shows in books.applied)),
            tuple(sorted(arrived)),
            tuple(sorted((at - now, one) for at, one in books.coming)),
        )

    def step(self, fault: Fault | None) -> None:
        """Until one send is over, with its fault or without; or until the posting needs no send any more."""
        self._wake()
        self._look_up()
        if self.stage in _ENDS:
            return
        if fault is Fault.DIES_BEFORE_THE_ROW:
            self._die("before the row of the send was written")
            return
        self._send(fault)

    def _pass(self, seconds: int) -> None:
        self.now += seconds
        self.books.pass_time(self.now)

    def _go(self, stage: Stage) -> None:
        assert (self.stage, stage) in ARROWS, f"no arrow from {self.stage} to {stage}"
        self.stage = stage

    def _die(self, where: str) -> None:
        self.dead = True
        self._tell(f"the worker dies {where}; the row says {self.stage}")

    def _wake(self) -> None:
        """A new worker; what was being sent is doubtful. A restored database has planned it anew."""
        if not self.dead:
            return
        self._pass(self.world.restart_s)
        self.dead = False
        if self.policy.forgets:
            self.stage, self.attempt, self.sent_at = Stage.PLANNED, 1, None
            if self.policy.looks_first:
                self._go(Stage.SENDING)
                self.sent_at = self.now
        if self.stage is Stage.SENDING:
            self._go(Stage.DOUBTFUL)
        self._tell(f"a new worker finds it {self.stage}")

    def _look_up(self) -> None:
        """The resolver: at the first instant at which our rule lets it look."""
        quiet_s = self.policy.quiet_s
        if self.stage is not Stage.DOUBTFUL or quiet_s is None:
            return
        if self.sent_at is not None:
            self._pass(max(0, quiet_s - (self.now - self.sent_at)))
            age = self.now - self.sent_at
            assert due(age, quiet_s)
            assert age > quiet_s or not due(quiet_s - 1, quiet_s)
        found = self.books.found(self.now)
        self._tell(f"looked for, {found} found")
        finding = finding_of(found)
        if finding is not Finding.RESEND:
            self._go(Stage.POSTED if finding is Finding.ADOPT else Stage.DISPUTED)

    def _send(self, fault: Fault | None) -> None:
        before = self.stage, self.sent_at
        self._go(Stage.SENDING)
        self.sent_at, self.sends = self.now, self.sends + 1
        if not self.policy.write_ahead:
            before, (self.stage, self.sent_at) = (self.stage, self.sent_at), before
        self._tell(f"sent as attempt {self.attempt}: {fault or 'answered'}")
        if fault is Fault.DIES_BEFORE_SENDING:
            self._die("before it is sent")
            return
        under = requestid(self.attempt if self.policy.same_id else 1000 + self.sends)
        self._pass(self.books.receive(under, self.now, fault))
        if fault in DEATHS:
            self._die("before the answer is kept")
            return
        if not self.policy.write_ahead:
            self.stage, self.sent_at = before
        self._keep(fault)

    def _keep(self, fault: Fault | None) -> None:
        """The answer in the outbox, and how long the worker rests."""
        if fault is None:
            self._go(Stage.POSTED)
            return
        failure = failure_of(fault)
        proved = fault in (Fault.FAILED_BEFORE, Fault.FAILED_AFTER) and not self.policy.doubts_500
        self._go(Stage.PLANNED if proved else stage_after(failure))
        if fault is Fault.THROTTLED:
            self._pass(REST_S)
        if self.stage is Stage.REFUSED:
            # A person corrects the cause, and the next run plans it under the next attempt's id.
            self._pass(self.world.restart_s)
            self._go(Stage.PLANNED)
            self.attempt, self.sent_at = self.attempt + 1, None

    def _tell(self, what: str) -> None:
        if self.told is not None:
            self.told.append(f"{self.now} s: {what}")


def verdict(life: Life) -> Wrong | None:
    """What is wrong in the end, when all that is still coming has come."""
    for at, _ in tuple(life.books.coming):
        life.books.pass_time(max(life.now, at))
    applied = len(life.books.applied)
    if applied > 1:
        return Wrong.DUPLICATE
    if life.stage is not Stage.POSTED:
        return Wrong.STUCK
    return None if applied else Wrong.LOST


def settle(life: Life) -> None:
    """No more faults."""
    for sends in count():
        if life.stage in _ENDS:
            return
        assert sends < 9, "it never comes to rest"
        life.step(None)
