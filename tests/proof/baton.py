"""Several processes at once, and yet the same every time: one holds the baton, and dice say when it is passed on."""

import random
import threading
from collections.abc import Callable

from journeys.mortal import Crash, Death

from .timeline import MachineClock, Timeline

# How long to wait for one's turn, by the wall's clock, before the baton counts as lost.
_LOST_S = 120.0
# How much time passes where the baton is passed on: most often next to none.
_MOST_S = 0.5
# How likely a process stands still there for long, its heartbeat too, and how long.
_STOPPED, _STOPPED_S = 0.006, (25.0, 900.0)
# Of the others, each renews its lease at least so often.
_BEAT_S = 18.0


class Baton:
    """Who may go on. Time passes only where it is passed."""

    def __init__(self, chance: random.Random, timeline: Timeline) -> None:
        self.chance, self.timeline = chance, timeline
        self.clocks: dict[int, MachineClock] = {}
        self.beating = False
        self._stopped: set[int] = set()
        self._turn = threading.Condition()
        self._running: list[int] = []
        self._holder = 0

    def run(self, works: list[Callable[[], None]]) -> None:
        """Every work in a thread of its own, until all are done. Raises what the first of them raised."""
        broken: list[BaseException] = []

        def work(me: int) -> None:
            try:
                self._await(me)
                works[me]()
            except BaseException as error:
                broken.append(error)
            finally:
                self._leave(me)

        self._running, self._holder = list(range(len(works))), 0
        threads = [threading.Thread(target=work, args=(me,), name=f"worker {me}") for me in self._running]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if broken:
            raise broken[0]

    def pass_on(self, me: int, seconds: float | None = None) -> None:
        """Let time pass, and another go on, or the same."""
        if seconds is None:
            seconds = self._pause(me)
        while seconds > 0:
            self.timeline.move(min(seconds, _BEAT_S))
            seconds -= _BEAT_S
            self._beat()
        with self._turn:
            self._holder = self.chance.choice(self._running)
            self._turn.notify_all()
        self._await(me)
        self._stopped.discard(me)

    def _pause(self, me: int) -> float:
        if self.chance.random() >= _STOPPED:
            return self.chance.uniform(0, _MOST_S)
        self._stopped.add(me)
        return self.chance.uniform(*_STOPPED_S)

    def _beat(self) -> None:
        """The heartbeats of all that do not stand still, as their threads would."""
        self.beating = True
        for me, clock in self.clocks.items():
            if clock.heartbeat is not None and me not in self._stopped:
                clock.heartbeat.renew()
        self.beating = False

    def _await(self, me: int) -> None:
        with self._turn:
            if not self._turn.wait_for(lambda: self._holder == me, _LOST_S):
                raise AssertionError("the baton was lost")

    def _leave(self, me: int) -> None:
        with self._turn:
            self._running.remove(me)
            if self._running and self._holder == me:
                self._holder = self.chance.choice(self._running)
            self._turn.notify_all()


class Turns(Death):
    """A process that may lose the baton after each commit and each answer, and may die at any boundary.

    `busy` says that it holds what another would wait for without end.
    """

    def __init__(self, baton: Baton, me: int, mortality: float) -> None:
        super().__init__()
        self._baton, self._me, self._mortality = baton, me, mortality
        self.busy: Callable[[], bool] = lambda: False

    def step(self, where: str) -> None:
        """One boundary. A process paused between its last check and the socket is what no client can be safe from
        (reliability.md 1.4): the baton is not passed there.
        """
        self.check()
        if self._baton.beating:
            return
        if self._baton.chance.random() < self._mortality:
            self.dead = True
            raise Crash(where)
        if where.startswith("after") and not self.busy():
            self._baton.pass_on(self._me)
