"""The proving ground: real code, a real database file, the simulator's core in this process, a clock that is moved."""

import json
import logging
import os
import random
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

import requests
from sqlalchemy import Connection, Engine, create_engine, event

from journeys.agency import UNBILLED_ACCOUNT, Papers
from journeys.mortal import Crash, Death
from journeys.simulated import APP, START
from qbo_milestones.adapters.epochs import EpochFile
from qbo_milestones.adapters.quickbooks.books import QuickBooksBooks
from qbo_milestones.adapters.quickbooks.client import Client
from qbo_milestones.adapters.quickbooks.grant import Grant, keep_connection
from qbo_milestones.adapters.quickbooks.login import Login
from qbo_milestones.adapters.quickbooks.throttle import Throttle
from qbo_milestones.adapters.quickbooks.vault import Key, Vault
from qbo_milestones.adapters.store.engine import open_engine
from qbo_milestones.adapters.store.migrate import migrate
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.errors import Failure
from qbo_milestones.keys import SealedTokens
from qbo_milestones.model.audit import AuditHead
from qbo_milestones.pipeline.outbox import QUIET
from qbo_milestones.pipeline.reading.cells import ReadingRules
from qbo_milestones.pipeline.register import Register, fold
from qbo_milestones.ports import Epochs, Lease
from qbo_milestones.run.heartbeat import Heartbeat
from qbo_milestones.run.night import run
from qbo_milestones.run.outcome import Outcome
from qbo_milestones.run.world import Rules, World
from qbo_milestones.simulator.front import handle, new_world
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.settings import Settings
from qbo_milestones.simulator.world.metering import Metering
from qbo_milestones.simulator.world.mischief import Mischief, Rule
from qbo_milestones.simulator.world.throttle import Throttle as Throttled
from qbo_milestones.simulator.world.world import DEFAULT_REALM as REALM
from qbo_milestones.simulator.world.world import World as Simulator
from qbo_milestones.wiring import EvidenceFolder, RegisterAt

from .wire import BASE, Wire

AFTER_QUIET_S = QUIET.total_seconds() + 31
# Long ago enough that the first run needs a fresh access token.
_CONNECTED_AT = START - timedelta(hours=2)
_SEALED_BY = Vault(Key(bytes(range(32))))
_FAST = Path("/dev/shm")  # noqa: S108 - fsync costs nothing there; each process makes a private folder of its own


class Timeline:
    """The one time of everybody."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.world: Simulator | None = None

    def move(self, seconds: float) -> None:
        """Let so much time pass; what QuickBooks does late it does in its own time, not when it is asked next."""
        until = self.at + timedelta(seconds=seconds)
        while self.world is not None and (due := min((late.due for late in self.world.late), default=until)) < until:
            self.at = max(due, self.at)
            self.world.carry_out_late_calls()
        self.at = until


class MachineClock:
    """A machine's clock, ahead of the world's by `skew_s`. Sleeping lets time pass; the lease is renewed meanwhile."""

    def __init__(self, timeline: Timeline, skew_s: float = 0) -> None:
        self.timeline, self.skew = timeline, timedelta(seconds=skew_s)
        self.heartbeat: Heartbeat | None = None

    def now(self) -> datetime:
        """See ports.Clock."""
        return self.timeline.at + self.skew

    def monotonic(self) -> float:
        """See ports.Clock."""
        return (self.timeline.at - START).total_seconds()

    def sleep(self, seconds: float) -> None:
        """See ports.Clock."""
        while self.heartbeat is not None and seconds > self.heartbeat.pulse_s:
            self.timeline.move(self.heartbeat.pulse_s)
            seconds -= self.heartbeat.pulse_s
            self.heartbeat.renew()
        self.timeline.move(seconds)


class Beating(Heartbeat):
    """The heartbeat of a machine whose clock is moved: it beats while time passes, as its thread would."""

    def __init__(self, world: World, rules: Rules, lease: Lease) -> None:
        super().__init__(world, rules, lease)
        self._clock: Any = world.clock

    def __enter__(self) -> Self:
        self._clock.heartbeat = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clock.heartbeat = None


@dataclass(frozen=True)
class Odds:
    """A world of the model check: how long a requestid is remembered (None: for ever), how far a query lags behind,
    and whether we number our invoices. Two documents of one number are always taken.
    """

    window_s: int | None = 0
    lag_s: int = 0
    own_numbers: bool = True

    @property
    def text(self) -> str:
        """As schedules name it: `60/300`, `ever/0`."""
        return f"{'ever' if self.window_s is None else self.window_s}/{self.lag_s}"

    @classmethod
    def named(cls, text: str) -> "Odds":
        """The odds that a schedule names."""
        window, lag = text.split("/")
        return cls(None if window == "ever" else int(window), int(lag))

    def settings(self, **switches: object) -> Settings:
        """The simulator's switches."""
        given = {"requestid_window_s": self.window_s, "duplicate_docnumber": "accept", "refresh_grace_s": 86_400}
        return Settings().changed({**given, **switches})


# In the last one a query lags for longer than the quiet time: there only the requestid keeps documents single.
WORLDS = (*(Odds(window, lag) for window in (0, 60, None) for lag in (0, 300)), Odds(None, 900))


class Seed:
    """One of a process: a company as it is on the first day, connected; `new` is a database that knows only that,
    `known` one that made a run in which nothing was signed.
    """

    def __init__(self) -> None:
        parent = str(_FAST) if _FAST.is_dir() and os.access(_FAST, os.W_OK) else None
        self.home = Path(tempfile.mkdtemp(prefix="qbo-proof-", dir=parent))
        # Unlike atexit, also at the end of a process of a pool.
        Finalize(None, shutil.rmtree, (self.home, True), exitpriority=1)
        self.timeline = Timeline(_CONNECTED_AT)
        self.world = self.timeline.world = new_world(lambda: self.timeline.at)
        self.world.use(Odds().settings())
        quiet = {"NameValue": [{"Name": "WarnDuplicateJournalNumber", "Value": "false"}]}
        body = json.dumps({"preferences": {"OtherPrefs": quiet}}).encode()
        handle(self.world, Request("POST", "/_sim/settings", {}, {}, body))
        path = self.home / "seed" / "store.db"
        engine = open_engine(f"sqlite:///{path}")
        migrate(engine)
        engine.dispose()
        papers = Papers(self.home / "nothing signed")
        papers.row("D-103", "70.00")
        papers.write()
        with Machine(self, path.parent, papers) as machine:
            machine.connect()
        self.new = _files(path.parent)
        with Machine(self, path.parent, papers) as machine:
            machine.run()
        self.known = _files(path.parent)
        self.world.checkpoint("first")
        self._grants = deepcopy(self.world.grants)

    def begin(self, odds: Odds, start: datetime, **switches: object) -> None:
        """The first day again, in a world of these odds."""
        world = self.world
        self.timeline.at = start
        world.rewind("first")
        world.grants = deepcopy(self._grants)
        world.mischief = Mischief()
        world.throttle, world.metering = Throttled(), Metering()
        world.log.clear()
        world.use(odds.settings(**switches))
        if odds.lag_s:
            lag = Rule("query_lag", query_lag_s=odds.lag_s)
            lag.turns.times = None
            world.mischief.rules.append(lag)
        # Tenacity's waits and nothing else; the same schedule is the same every time.
        random.seed(1)


def _files(home: Path) -> dict[str, bytes]:
    """A machine's files after its process ended: the last one that closes a database leaves all of it in one."""
    return {file.name: file.read_bytes() for file in home.iterdir()}


@cache
def seed() -> Seed:
    """This process's."""
    return Seed()


@dataclass
class Machine:
    """A machine of the agency: files in `home`, and everything that a process has open on them."""

    seed: Seed
    home: Path
    papers: Papers | None = None
    owner: str = "office"
    skew_s: float = 0
    death: Death = field(default_factory=Death)
    rules: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = MachineClock(self.seed.timeline, self.skew_s)
        self.wire = Wire(self.seed.world, self.clock, self.death.step)
        self.engine = _may_die(open_engine(f"sqlite:///{self.home / 'store.db'}"), self.death)
        self.store = DatabaseStore(self.engine, REALM, self.clock)
        self.login = Login(
            *APP, "http://localhost:8765/callback", f"{BASE}/.well-known/openid_sandbox_configuration", self.clock
        )
        self.login.mount(BASE, self.wire)
        self.tokens = _Tokens(self.store.tokens, _SEALED_BY, REALM)
        grant = Grant(self.tokens, self.login, self.clock)
        self.client = _Wired(f"{BASE}/v3", REALM, grant, Throttle(self.clock), self.clock)
        self.client.wire = self.wire
        self.books = QuickBooksBooks(self.client, self.clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing of it is left but the files."""
        self.engine.dispose()
        self.login.close()
        self.client.hang_up()

    def connect(self) -> None:
        """The owner says yes."""
        page, state = self.login.authorization_url()
        with requests.Session() as browser:
            browser.mount(BASE, Wire(self.seed.world, self.clock))
            answer = browser.get(f"{page}&sim_approve=1", allow_redirects=False)
        keep_connection(self.tokens, self.login.exchange(answer.headers["Location"], state))

    @property
    def world(self) -> World:
        """The counterparts of a run."""
        if self.papers is None:
            raise AssertionError("a machine without a register runs nothing")
        register = _Read(self.papers)
        epochs: Epochs = _MortalEpochs(EpochFile(self.home / "epoch"), self.death)
        return World(self.books, self.store, register, EvidenceFolder(self.papers.evidence), self.clock, epochs)

    def run(self, retry: frozenset[str] = frozenset()) -> Outcome:
        """One night; `retry` are the folded ids that a person names. Raises what ends it early."""
        given = Rules(
            company=REALM,
            zone=ZoneInfo("America/New_York"),
            home_currency="USD",
            item="Milestone",
            unbilled_account=UNBILLED_ACCOUNT,
            revenue_account="Milestone revenue",
            owner=self.owner,
            starts_on=date(2026, 1, 1),
            lanes=1,
        )
        rules = replace(given, **self.rules)  # type: ignore[arg-type]  # fields of Rules by name
        return run(self.world, rules, _say_nothing, retry=retry, beating=Beating)


@dataclass(frozen=True, slots=True)
class _Tokens(SealedTokens):
    """The sealed tokens, which can say whether this process holds the lock under which they are refreshed."""

    holders: list[int] = field(default_factory=list)

    def held(self) -> bool:
        """Whether another process would wait for us."""
        return bool(self.holders)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """See tokens.TokenStore."""
        with SealedTokens.lock(self):
            self.holders.append(1)
            try:
                yield
            finally:
                self.holders.pop()


class _Wired(Client):
    """The client, its sessions mounted on the wire instead of sockets."""

    wire: Wire

    def _start_session(self) -> requests.Session:
        fresh = self._own.session is None
        session = super()._start_session()
        if fresh:
            session.mount(BASE, self.wire)
            self.__dict__.setdefault("opened", []).append(session)
        return session

    def hang_up(self) -> None:
        """Close the sessions of all threads."""
        for session in self.__dict__.get("opened", []):
            session.close()


_parsed: dict[Path, tuple[object, Register]] = {}


@dataclass(frozen=True)
class _Read:
    """The register, parsed again only when its papers were written anew."""

    papers: Papers

    def read(self) -> Register:
        """See ports.Registers."""
        folder = self.papers.folder
        # Not by their times: two writings may fall into one tick of the file system's clock.
        written = tuple(file.read_bytes() for file in sorted(folder.iterdir()))
        kept = _parsed.get(folder)
        if kept is None or kept[0] != written:
            kept = _parsed[folder] = written, RegisterAt(str(folder), ReadingRules()).read()
        return kept[1]


@dataclass(frozen=True)
class _MortalEpochs:
    inner: EpochFile
    death: Death

    def read(self) -> int:
        self.death.check()
        return self.inner.read()

    def write(self, count: int) -> None:
        self.death.step("before epoch")
        self.inner.write(count)
        self.death.step("after epoch")

    def anchor(self) -> AuditHead:
        self.death.check()
        return self.inner.anchor()

    def keep_anchor(self, head: AuditHead) -> None:
        self.death.step("before anchor")
        self.inner.keep_anchor(head)
        self.death.step("after anchor")


# What statements look like as SQL, for all databases of this process: compiling them anew took half of the time.
_COMPILED: dict[Any, Any] = {}


@cache
def _dialect() -> Any:
    """One dialect for all engines, since compiled statements belong to one; its commits may be a process's last."""
    dialect: Any = create_engine("sqlite://").dialect
    commit = dialect.do_commit

    def do_commit(raw: Any) -> None:
        death = raw.info.pop("written", None)
        if death is None:
            commit(raw)
            return
        death.step("before commit")
        commit(raw)
        death.step("after commit")

    dialect.do_commit = do_commit
    return dialect


def _may_die(engine: Engine, death: Death) -> Engine:
    """Death may come before and after each commit that writes; the dead begin no transaction."""

    def mark(connection: Connection) -> None:
        if connection.get_execution_options().get("qbo_milestones_writes", False):
            connection.info["written"] = death

    event.listen(engine, "begin", lambda _: death.check(), insert=True)
    event.listen(engine, "commit", mark)
    engine.dialect = _dialect()
    engine.update_execution_options(compiled_cache=_COMPILED)
    return engine


def _say_nothing(_: str) -> None:
    """Nobody watches."""


# What `two_rows` lets through, in cents.
SIGNED = {"D-101": 120_000, "D-102": 80_050}


@cache
def two_rows() -> Papers:
    """A register with two billable rows and one that nobody signed, which many schedules share."""
    papers = Papers(seed().home / "two rows")
    papers.accept("D-101", "1200.00")
    papers.accept("D-102", "800.50")
    papers.row("D-103", "70.00")
    papers.write()
    return papers


class Ground:
    """One schedule: a company on its first day and a machine with an empty database."""

    def __init__(
        self,
        odds: Odds,
        papers: Papers | None = None,
        rules: dict[str, object] | None = None,
        *,
        known: bool = True,
        deaths: Iterable[int] = (),
        start: datetime = START,
        skew_s: float = 0,
        **switches: object,
    ) -> None:
        self.seed, self.odds = seed(), odds
        self._first_day = self.seed.known if known else self.seed.new
        self.papers = papers or two_rows()
        self.rules = {"own_numbers": odds.own_numbers, **(rules or {})}
        self.seed.begin(odds, start, **switches)
        self._skew_s = skew_s
        self.homes = 0
        # At which boundary each process dies, one after the other; those that come later live.
        self.deaths = iter(deaths)
        self.machine = self.machine_on(self.fresh_home(), death=Death(next(self.deaths, 0)))
        if start != START:
            # Months later the first day's tokens have ended.
            self.machine.connect()
        self.failures: list[Failure] = []
        self.died = 0

    @property
    def told(self) -> str:
        """The last failures, in words."""
        return "; ".join(map(str, self.failures[-2:]))

    def fresh_home(self, *, known: bool = True) -> Path:
        """A folder with the files of the first day, or those of a new machine."""
        self.homes += 1
        home = self.seed.home / f"home{self.homes}"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(mode=0o700)
        for name, content in (self._first_day if known else self.seed.new).items():
            path = home / name
            path.write_bytes(content)
            path.chmod(0o600)
        return home

    def machine_on(self, home: Path, **more: Any) -> Machine:
        """A process on these files."""
        return Machine(self.seed, home, self.papers, rules=self.rules, **{"skew_s": self._skew_s, **more})

    def __enter__(self) -> Self:
        # Thousands of runs that end early; what they log is proved elsewhere.
        logging.disable()
        return self

    def __exit__(self, *_: object) -> None:
        logging.disable(logging.NOTSET)
        self.machine.close()

    def reopen(self, home: Path | None = None, death: Death | None = None) -> None:
        """The process ended; another one on the same files or others, with the same plan of what is spoiled."""
        plan, before = self.machine.wire.plan, self.machine
        before.close()
        self.machine = self.machine_on(home or before.home, death=death or Death(next(self.deaths, 0)))
        self.machine.wire.plan = plan

    def move(self, seconds: float) -> None:
        """Time passes while nothing runs."""
        self.seed.timeline.move(seconds)

    def night(self, retry: frozenset[str] = frozenset()) -> Outcome | None:
        """One run; None where the world or death ended it early."""
        try:
            return self.machine.run(retry)
        except Failure as failure:
            self.failures.append(failure)
        except Crash:
            self.died += 1
            self.reopen()
        return None

    def settle(self, gaps_s: Iterable[float] = (AFTER_QUIET_S,) * 6) -> bool:
        """No faults any more; nights with these pauses before each, until one had nothing to do and wrote nothing."""
        self.machine.wire.plan.heal()
        for gap in gaps_s:
            self.move(gap)
            before = self.machine.wire.writes
            outcome = self.night()
            done = outcome is not None and not (outcome.tally.doubtful or outcome.tally.waiting)
            if done and self.machine.wire.writes == before:
                return True
        return False

    def answer(self) -> bool:
        """A person looks at the journals whose invoice the database forgot, and says that none was deleted."""
        missing = {
            fold(each.flag.subject) for each in self.machine.store.flags() if each.flag.kind == "INVOICE_MISSING"
        }
        if missing:
            self.night(frozenset(missing))
        return bool(missing)
