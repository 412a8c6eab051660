"""A machine of the agency: its files, and everything that a process has open on them, which may die at every step."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import requests
from sqlalchemy import Connection, Engine, create_engine, event

from journeys.agency import UNBILLED_ACCOUNT, Papers
from journeys.mortal import Death
from journeys.simulated import APP
from qbo_milestones.adapters.epochs import EpochFile
from qbo_milestones.adapters.quickbooks.books import QuickBooksBooks
from qbo_milestones.adapters.quickbooks.client import Client
from qbo_milestones.adapters.quickbooks.grant import Grant, keep_connection
from qbo_milestones.adapters.quickbooks.login import Login
from qbo_milestones.adapters.quickbooks.throttle import Throttle
from qbo_milestones.adapters.quickbooks.vault import Key, Vault
from qbo_milestones.adapters.store.engine import open_engine
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.keys import SealedTokens
from qbo_milestones.model.audit import AuditHead
from qbo_milestones.pipeline.reading.cells import ReadingRules
from qbo_milestones.pipeline.register import Register
from qbo_milestones.ports import Epochs
from qbo_milestones.run.night import run
from qbo_milestones.run.outcome import Outcome
from qbo_milestones.run.world import Rules, World
from qbo_milestones.simulator.world.world import DEFAULT_REALM as REALM
from qbo_milestones.simulator.world.world import World as Simulator
from qbo_milestones.wiring import EvidenceFolder, RegisterAt

from .timeline import Beating, MachineClock, Timeline
from .wire import BASE, Wire

_SEALED_BY = Vault(Key(bytes(range(32))))


@dataclass
class Machine:
    """A machine of the agency: files in `home`, and everything that a process has open on them."""

    timeline: Timeline
    home: Path
    papers: Papers | None = None
    owner: str = "office"
    skew_s: float = 0
    death: Death = field(default_factory=Death)
    rules: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = MachineClock(self.timeline, self.skew_s)
        self.wire = Wire(self._quickbooks, self.clock, self.death.step)
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
            browser.mount(BASE, Wire(self._quickbooks, self.clock))
            answer = browser.get(f"{page}&sim_approve=1", allow_redirects=False)
        keep_connection(self.tokens, self.login.exchange(answer.headers["Location"], state))

    @property
    def _quickbooks(self) -> Simulator:
        if self.timeline.world is None:
            raise AssertionError("a machine needs a QuickBooks to speak to")
        return self.timeline.world

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
