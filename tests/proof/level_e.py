"""Level E: random seeds; three workers on one database by turns, clocks that jump, differ and change season, faults."""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from journeys.mortal import Crash
from qbo_milestones.errors import Failure

from .baton import Baton, Turns
from .first_day import WORLDS
from .ground import AFTER_QUIET_S, SIGNED, Ground
from .oracle import judge
from .score import Finding, Score, Size, Wrong, scored
from .spoils import SPOILS, Plan

LETTER = "E"
TITLE = "random seeds: three workers, clocks that differ, faults, deaths"

_SEEDS = {Size.CI: 300, Size.NIGHTLY: 10_000, Size.RELEASE: 100_000}
_OF_A_UNIT = 12
# Each comes so often; the others have the company most of the time.
_WORKERS, _VISITS = 3, 3
# How likely a request is spoiled: one of the posting path, another; and how likely a process dies at a boundary.
_ON_PATH, _BESIDE, _MORTALITY = 0.4, 0.03, 0.003
# A noon, and the nights in which New York's month, year or season ends a few minutes later.
_STARTS = (
    datetime(2026, 11, 23, 17, tzinfo=UTC),
    datetime(2026, 12, 1, 4, 56, tzinfo=UTC),
    datetime(2027, 1, 1, 4, 56, tzinfo=UTC),
    datetime(2027, 3, 14, 6, 56, tzinfo=UTC),
    datetime(2027, 11, 7, 5, 56, tzinfo=UTC),
)
# Until a worker comes again: at once, within the quiet time, after it.
_PAUSES_S = (0, 40, 90, 250, 500)


def units(size: Size) -> Sequence[str]:
    """`seeds FIRST LAST`."""
    return [f"seeds {first} {first + _OF_A_UNIT - 1}" for first in range(1, _SEEDS[size] + 1, _OF_A_UNIT)]


def play(schedule: str) -> Score:
    """A unit, or one schedule: `seed N`."""
    word, first, *last = schedule.split()
    numbers = range(int(first), int(last[0]) + 1) if word == "seeds" else (int(first),)
    return sum((_played(number) for number in numbers), Score())


def _played(number: int) -> Score:
    found = list(_found(random.Random(number)))  # noqa: S311 - a proof's dice
    return scored(LETTER, f"seed {number}", 1, found)


def _found(chance: random.Random) -> Iterator[Finding]:
    # One clock is as far from QuickBooks' as another, but for seconds: they are the agency's.
    skew_s = chance.choice((0, 0, -290, 290))
    with Ground(chance.choice(WORLDS), start=chance.choice(_STARTS), skew_s=skew_s) as ground:
        try:
            baton = Baton(chance, ground.first_day.timeline)
            baton.run([_worker(ground, baton, me, skew_s + me) for me in range(_WORKERS)])
            if not ground.settle([AFTER_QUIET_S] * 9):
                yield Wrong.STUCK, f"not done after nine quiet nights: {ground.told}"
            yield from judge(ground, SIGNED)
        except Exception as fault:
            yield Wrong.OTHER, f"{type(fault).__name__}: {fault}"


def _worker(ground: Ground, baton: Baton, me: int, skew_s: float) -> Callable[[], None]:
    def work() -> None:
        for n in range(_VISITS):
            turns = Turns(baton, me, _MORTALITY)
            machine = ground.machine_on(ground.machine.home, owner=f"office {me}.{n}", skew_s=skew_s, death=turns)
            turns.busy = machine.tokens.held
            machine.wire.plan = _Dice(baton.chance)
            baton.clocks[me] = machine.clock
            try:
                machine.run()
            except (Failure, Crash):
                pass
            finally:
                machine.close()
            baton.pass_on(me, baton.chance.choice(_PAUSES_S))

    return work


class _Dice(Plan):
    """Any request may be spoiled, in any way."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance

    def next(self, on_path: bool) -> str:
        """What befalls the next request."""
        if self._chance.random() >= (_ON_PATH if on_path else _BESIDE):
            return ""
        return self._chance.choice(tuple(SPOILS))
