"""The first day of a company, made once in a process; each schedule begins with it, in a world of its own odds."""

import json
import os
import random
import shutil
import tempfile
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

from journeys.agency import Papers
from journeys.simulated import START
from qbo_milestones.adapters.store.engine import open_engine
from qbo_milestones.adapters.store.migrate import migrate
from qbo_milestones.simulator.front import handle, new_world
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.settings import Settings
from qbo_milestones.simulator.world.metering import Metering
from qbo_milestones.simulator.world.mischief import Mischief, Rule
from qbo_milestones.simulator.world.throttle import Throttle as Throttled

from .machine import Machine
from .timeline import Timeline

# Long ago enough that the first run needs a fresh access token.
_CONNECTED_AT = START - timedelta(hours=2)
_FAST = Path("/dev/shm")  # noqa: S108 - fsync costs nothing there; each process makes a private folder of its own


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


class FirstDay:
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
        with Machine(self.timeline, path.parent, papers) as machine:
            machine.connect()
        self.new = _files(path.parent)
        with Machine(self.timeline, path.parent, papers) as machine:
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
def first_day() -> FirstDay:
    """This process's."""
    return FirstDay()
