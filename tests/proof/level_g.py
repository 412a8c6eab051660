"""Level G: workers that are stopped longer than their lease and wake up as zombies; and a death in mid-transaction.

A zombie may end the calls that it had in flight, and nothing else: its fence is old. The second kind, `cuts`, is what
on PostgreSQL will be `stop -m immediate`: on SQLite the worker is killed while it holds the database's write lock.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from journeys.simulated import HARDEST, Doc

from .aftermath import FAIR_ENDS, findings
from .nursery import Child
from .premises import QUIET_S, Premises, premises
from .score import Finding, Score, Size, Wrong, scored

LETTER = "G"
TITLE = "SIGSTOP longer than the lease, death in mid-transaction"
_SIZES = {Size.CI: (3, 2), Size.NIGHTLY: (100, 50), Size.RELEASE: (500, 200)}
_A_UNIT = 5
# A company that remembers no requestid would carry out what a zombie had in flight, however late: the protocol rests
# on nobody sleeping between check and socket for longer than the quiet time (reliability.md 1.4).
_LONGEST_S = QUIET_S / 2
_CALLS: Doc = {"kind": "latency", "method": "POST", "rate": 1, "latency_s": 0.015}
_LAG: Doc = {"kind": "query_lag", "entity": "query", "rate": 1, "query_lag_s": 0.5}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Zombie:
    """A worker that stands still, unless it had ended, and the requestids that it had in flight."""

    child: Child
    stopped: bool
    in_flight: frozenset[str]


def units(size: Size) -> Sequence[str]:
    """Each unit is one agency under so many zombies, or so many deaths in a transaction."""
    return [unit for kind, count in zip(_KINDS, _SIZES[size], strict=True) for unit in _pieces(kind, count)]


def _pieces(kind: str, count: int) -> Iterator[str]:
    for seed, first in enumerate(range(0, count, _A_UNIT)):
        yield f"{LETTER} seed={seed} {kind}={min(_A_UNIT, count - first)}"


def play(schedule: str) -> Score:
    """One agency; one schedule a zombie, or a death."""
    (_, seed), (kind, count) = (word.split("=") for word in schedule.split()[1:])
    # Every other company catches no repetition itself; the others remember requestids, and their zombies sleep long.
    remembers = int(seed) % 2 == 1
    with premises({} if remembers else HARDEST) as place:
        shift = Shift(place, Random(schedule), remembers)  # noqa: S311 - the same for the same schedule
        found: list[Finding] = []
        while shift.done < int(count):
            found += _KINDS[kind](shift)
        found += findings(place)
    _log.info("%s: %s", schedule, dict(shift.landed.most_common()))
    return scored(LETTER, schedule, int(count), found)


class Shift:
    """One trouble after another in one agency. `done` counts those that hit, `landed` says what."""

    def __init__(self, place: Premises, dice: Random, remembers: bool) -> None:
        self.place, self.dice, self._remembers = place, dice, remembers
        self.done, self.landed = 0, Counter[str]()
        for trouble in (_CALLS, _LAG):
            place.simulated.side("POST", "faults", trouble)

    def zombies(self) -> Iterator[Finding]:
        """One or two are stopped, another takes over, and then they wake."""
        began = time.monotonic()
        stopped = [self._stopped() for _ in range(self.dice.choice((1, 1, 2)))]
        self.place.wait_for_lease()
        fence = self.place.fence()
        heir = self._start(*(["--wait"] if self._remembers else []))
        latest = began + (4 * QUIET_S if self._remembers else _LONGEST_S)
        taken = self._taken_over(heir, fence)
        # Now and then they wake while the heir is still at work.
        early = self.dice.random() < 0.3
        alone = heir.over_within(self.dice.random() * 0.1 if early else latest - time.monotonic())
        if taken:
            yield from self._woken(stopped, alone)
            self.done += any(zombie.stopped for zombie in stopped)
        else:
            # One that stands still in a transaction, or in a refresh, keeps all others out; it simply goes on.
            self.landed["nobody could take over"] += 1
            yield from self._let_go(stopped)
        yield from _ended(heir, heir.wait())

    def cuts(self) -> Iterator[Finding]:
        """A worker is killed while it holds the database's write lock: nothing of that transaction stands."""
        while True:
            child = self._posting()
            while child.stop():
                if self.place.locked():
                    child.kill()
                    self.landed[f"killed in a transaction, {len(self.place.in_flight())} in flight"] += 1
                    self.place.wait_for_lease()
                    self.done += 1
                    return
                child.go_on()
                time.sleep(self.dice.random() * 0.004)
            yield from _ended(child, child.wait())

    def _start(self, *words: str) -> Child:
        return self.place.start("run", "--json", *words)

    def _posting(self) -> Child:
        """A worker in the middle of its sends."""
        self.place.wait_for_lease()
        before, sends = self.place.seen(), self.place.more_work(self.dice)
        child = self._start()
        self.place.wait_for_sends(child, before.sends + self.dice.randint(1, sends))
        return child

    def _stopped(self) -> Zombie:
        child = self._posting()
        time.sleep(self.dice.random() * 0.02)
        stopped = child.stop()
        in_flight = self.place.in_flight() if stopped else frozenset()
        self.landed[f"stopped with {len(in_flight)} in flight" if stopped else "had ended"] += 1
        return Zombie(child, stopped, in_flight)

    def _taken_over(self, heir: Child, fence: int) -> bool:
        """Whether the heir gets the lease, within a quarter of the quiet time."""
        latest = time.monotonic() + QUIET_S / 4
        while not (taken := self.place.fence() > fence) and not heir.over and time.monotonic() < latest:
            time.sleep(0.005)
        return taken

    def _woken(self, zombies: list[Zombie], alone: bool) -> Iterator[Finding]:
        """They go on. Where nobody else is at work, all that happens now is theirs."""
        before = self.place.record()
        last = self.place.simulated.side("GET", "requests")["last"]
        yield from self._let_go(zombies)
        if not alone:
            self.landed["woke beside the heir"] += 1
            return
        asked = self.place.simulated.side("GET", f"requests?since={last}")["requests"]
        sent = Counter(each["requestid"] for each in asked if each["entity"] in ("invoice", "journalentry"))
        allowed = Counter(each for zombie in zombies for each in zombie.in_flight)
        self.landed["sent what was in flight"] += sent.total()
        if sent - allowed:
            yield Wrong.OTHER, f"a zombie sent {sent.total()} requests, with {allowed.total()} in flight"
        after = self.place.record()
        if changed := sorted(name for name in before if before[name] != after[name]):
            yield Wrong.OTHER, f"a zombie changed the database: {', '.join(changed)}"

    def _let_go(self, zombies: list[Zombie]) -> Iterator[Finding]:
        for zombie in zombies:
            zombie.child.go_on()
        for zombie in zombies:
            yield from _ended(zombie.child, zombie.child.wait())


_KINDS = {"zombies": Shift.zombies, "cuts": Shift.cuts}


def _ended(child: Child, code: int) -> Iterator[Finding]:
    if code not in FAIR_ENDS:
        yield Wrong.OTHER, f"worker {child.pid} ended with {code}"
