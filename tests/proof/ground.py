"""The proving ground: real code, a real database file, the simulator's core in this process, a clock that is moved."""

import logging
import shutil
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Self

from journeys.agency import Papers
from journeys.mortal import Crash, Death
from journeys.simulated import START
from qbo_milestones.errors import Failure
from qbo_milestones.pipeline.outbox import QUIET
from qbo_milestones.pipeline.register import fold
from qbo_milestones.run.outcome import Outcome

from .first_day import Odds, first_day
from .machine import Machine

AFTER_QUIET_S = QUIET.total_seconds() + 31
# What `two_rows` lets through, in cents.
SIGNED = {"D-101": 120_000, "D-102": 80_050}


@cache
def two_rows() -> Papers:
    """A register with two billable rows and one that nobody signed, which many schedules share."""
    papers = Papers(first_day().home / "two rows")
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
        self.first_day, self.odds = first_day(), odds
        self._files = self.first_day.known if known else self.first_day.new
        self.papers = papers or two_rows()
        self.rules = {"own_numbers": odds.own_numbers, **(rules or {})}
        self.first_day.begin(odds, start, **switches)
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
        home = self.first_day.home / f"home{self.homes}"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(mode=0o700)
        for name, content in (self._files if known else self.first_day.new).items():
            path = home / name
            path.write_bytes(content)
            path.chmod(0o600)
        return home

    def machine_on(self, home: Path, **more: Any) -> Machine:
        """A process on these files."""
        return Machine(self.first_day.timeline, home, self.papers, rules=self.rules, **{"skew_s": self._skew_s, **more})

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
        self.first_day.timeline.move(seconds)

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
