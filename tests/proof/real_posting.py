"""One posting in the real store, sent by the real delivery into the modelled QuickBooks."""

import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from qbo_milestones.adapters.store.engine import open_engine
from qbo_milestones.adapters.store.migrate import migrate
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.model.books import Document
from qbo_milestones.pipeline.outbox import Outgoing, Stage
from qbo_milestones.pipeline.posting import InvoiceDraft, Posting
from qbo_milestones.ports import Books, Lease, Sent, Store
from qbo_milestones.run.delivery import deliver, doubtful_until, mark_interrupted
from qbo_milestones.run.heartbeat import Heartbeat
from qbo_milestones.run.history import look_first
from qbo_milestones.run.world import Rules, World

from .posting_model import DEATHS, IDENTITY, NOTE, NOW, OURS, SENT, Policy, failure_of
from .quickbooks_model import Fault, Quickbooks
from .quickbooks_model import World as Weather

DAY = date(2026, 11, 20)
DRAFT = InvoiceDraft("7", DAY, DAY, OURS.amount, "11", "Design", NOTE, number=OURS.number)
POSTING = Posting(IDENTITY, "D-103", 1, "SOW-1", 1, DAY, DRAFT, OURS.number, "c" * 64)
RULES = Rules(
    company=IDENTITY.company,
    zone=ZoneInfo("America/New_York"),
    home_currency="USD",
    item="Milestone",
    unbilled_account="Unbilled",
    revenue_account="Revenue",
    owner="one",
    lease_for=timedelta(days=9),
    lanes=1,
)
SENDABLE = frozenset({IDENTITY.deliverable})


class Crash(BaseException):
    """The process ends here."""


class MovedClock:
    """Stands until it is moved; sleeping moves it. Leases do not age: they are no part of the model."""

    seconds = 0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        self.seconds += int(seconds)


class Company:
    """The real store and the real delivery, on the modelled books; `log` is told in the model's words."""

    def __init__(
        self, folder: Path, planned: Path, policy: Policy, weather: Weather, faults: tuple[Fault, ...]
    ) -> None:
        self.file, self.planned = Path(shutil.copy2(planned, folder / "store.db")), planned
        self.policy, self.weather, self.faults = policy, weather, list(faults)
        self.clock, self.log = MovedClock(), list[str]()
        self.quickbooks = Quickbooks(weather)
        self.ids = {IDENTITY.requestid(attempt): attempt for attempt in range(1, 20)}
        self.lease: Lease
        self.open()

    def open(self) -> None:
        """Another process on the file; the lease of a dead one has run out."""
        self.engine = open_engine(f"sqlite:///{self.file}")
        self.store = DatabaseStore(self.engine, IDENTITY.company, self.clock)
        self.lease = self.store.take_lease("one", self.clock.now(), RULES.lease_for)
        nobody = cast(Any, None)
        books, store = cast(Books, self), cast(Store, _BeginsOrDies(self))
        self.world = World(books, store, nobody, nobody, self.clock, nobody)

    def close(self) -> None:
        self.store.release_lease(self.lease)
        self.engine.dispose()

    def live(self) -> None:
        """Runs, one after the other, until the posting needs no more; enough of them for all faults."""
        for _ in range(20):
            if (one := self.row()).stage in (Stage.POSTED, Stage.DISPUTED):
                return
            if one.stage is Stage.REFUSED:
                self.clock.sleep(self.weather.restart_s)
                self.store.retry(self.lease, one, self.clock.now())
            try:
                self.wait_until_due()
                self.deliver()
            except Crash:
                self.restart()

    def deliver(self, sendable: frozenset[str] = SENDABLE) -> None:
        """One delivery, now."""
        with Heartbeat(self.world, RULES, self.lease) as heartbeat:
            deliver(self.world, RULES, heartbeat, sendable, lambda _: None)

    def wait_until_due(self) -> None:
        """What `run --wait` does."""
        if until := doubtful_until(self.world, RULES, SENDABLE):
            self.clock.sleep(max(0, (until - self.clock.now()).total_seconds()))

    def restart(self) -> None:
        """A new worker, on what the database holds, or on what it held before anything was sent."""
        self.close()
        self.clock.sleep(self.weather.restart_s)
        if self.policy.forgets:
            for left in self.file.parent.glob(f"{self.file.name}-*"):
                left.unlink()
            shutil.copy2(self.planned, self.file)
        self.open()
        mark_interrupted(self.world, self.lease)
        if self.policy.forgets:
            look_first(
                replace(self.world, store=self.store), self.lease, self.store.outgoing(frozenset({Stage.PLANNED}))
            )

    def row(self) -> Outgoing:
        (one,) = self.store.outgoing()
        return one

    def next_fault(self) -> Fault | None:
        return self.faults.pop(0) if self.faults else None

    # The modelled books, as the delivery sees them

    def read_body(self, *_: object) -> Document:
        return SENT

    def look_up(self, _: object) -> tuple[Document, ...]:
        self.quickbooks.pass_time(self.clock.seconds)
        found = self.quickbooks.found(self.clock.seconds)
        self.log.append(f"{self.clock.seconds} s: looked for, {found} found")
        return tuple(self.document(n) for n in range(found))

    def document(self, n: int) -> Document:
        return Document(
            SENT.kind, str(n), "0", SENT.total, SENT.balance, number=SENT.number, customer_id="7", note=NOTE
        )

    def send(self, _kind: object, body: bytes, requestid: str) -> Sent:
        assert body == OURS.body
        fault, now = self.next_fault(), self.clock.seconds
        self.log.append(f"{now} s: sent as attempt {self.ids[requestid]}: {fault or 'answered'}")
        if fault is Fault.DIES_BEFORE_SENDING:
            raise Crash
        self.quickbooks.pass_time(now)
        self.clock.sleep(self.quickbooks.receive(requestid, now, fault))
        if fault in DEATHS:
            raise Crash
        if fault is not None:
            raise failure_of.__wrapped__(fault)
        return Sent(self.document(0), "tid")


class _BeginsOrDies:
    """The store, but death may come before the row of a send is written."""

    def __init__(self, company: Company) -> None:
        self._company = company

    def __getattr__(self, name: str) -> Any:
        return getattr(self._company.store, name)

    def begin(self, lease: Lease, outgoing: Outgoing, now: datetime) -> Outgoing:
        faults = self._company.faults
        if faults and faults[0] is Fault.DIES_BEFORE_THE_ROW:
            faults.pop(0)
            raise Crash
        return self._company.store.begin(lease, outgoing, now)


def plan_one(path: Path) -> Path:
    """A database in which one posting is planned."""
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    store = DatabaseStore(engine, IDENTITY.company, MovedClock())
    lease = store.take_lease("planner", NOW, RULES.lease_for)
    store.plan(lease, [(POSTING, OURS.body)], NOW)
    store.release_lease(lease)
    engine.dispose()
    return path
