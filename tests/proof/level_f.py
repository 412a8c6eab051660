"""Level F: kill -9 of real workers again and again, against a company over TCP that loses answers meanwhile."""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from journeys.simulated import HARDEST, Doc

from .aftermath import FAIR_ENDS, findings
from .nursery import Child
from .premises import Premises, Seen, premises
from .score import Finding, Score, Size, Wrong, scored

LETTER = "F"
TITLE = "kill -9 of real processes"
_KILLS = {Size.CI: 60, Size.NIGHTLY: 2_000, Size.RELEASE: 10_000}
_A_UNIT = {Size.CI: 30, Size.NIGHTLY: 25, Size.RELEASE: 50}
# Every so many starts the installed command is executed anew instead of forked.
_WHOLE = 10
# How long a run takes until it sends, and from its last send to its end, on two cores.
_BEFORE_SENDING_S, _CLOSING_S = 0.25, 0.12
_log = logging.getLogger(__name__)

_WRITING: Doc = {"method": "POST", "latency_s": 0.008}
# Seconds are a hundredth of QuickBooks' own, and less: a loaded machine needs some of the quiet time for itself.
_TROUBLES: tuple[Doc, ...] = (
    *(
        {"kind": kind, "entity": entity, "rate": rate, **_WRITING, **more}
        for entity in ("invoice", "journalentry")
        for kind, rate, more in (
            ("lost_answer", 0.05, {}),
            ("late_commit", 0.05, {"after_s": 0.8}),
            ("reset", 0.03, {}),
            ("truncate", 0.02, {}),
            ("garbled", 0.02, {}),
            ("status", 0.03, {}),
            ("status", 0.02, {"after_commit": True}),
            ("refuse_before", 0.02, {}),
            ("throttle", 0.01, {}),
            ("latency", 1, {}),
        )
    ),
    *({"kind": "query_lag", "entity": entity, "rate": 1, "query_lag_s": 1.2} for entity in ("query", "cdc")),
    *({"kind": "lost_answer", "entity": entity, "rate": 0.02} for entity in ("query", "cdc")),
    {"kind": "lost_answer", "entity": "oauth", "statement": "grant_type=refresh_token", "rate": 0.2},
    {"kind": "latency", "entity": "oauth", "rate": 1, "latency_s": 0.05},
)


@dataclass(frozen=True, slots=True)
class Aim:
    """When to kill: once so many sends of this run were begun, all of them answered where it `closes`, and later."""

    sends: int
    closes: bool
    later_s: float


def units(size: Size) -> Sequence[str]:
    """Each unit is one agency under so many kills."""
    kills = _A_UNIT[size]
    return [f"{LETTER} seed={seed} kills={kills}" for seed in range(_KILLS[size] // kills)]


def play(schedule: str) -> Score:
    """One agency; one schedule a kill."""
    asked = dict(word.split("=") for word in schedule.split()[1:])
    seed, kills = int(asked["seed"]), int(asked["kills"])
    # Every other company catches no repetition itself; the rest take no number twice, and remember requestids.
    with premises(HARDEST if seed % 2 else {}) as place:
        soak = Soak(place, Random(schedule))  # noqa: S311 - the same for the same schedule
        found = [*soak.kill(kills), *findings(place)]
        renewed = place.refreshes()
    _log.info("%s: kills landed %s; %d refreshes", schedule, dict(soak.landed.most_common()), renewed)
    return scored(LETTER, schedule, soak.landed.total(), found)


class Soak:
    """Kills one worker after another, each with a night that is due. `landed` counts where."""

    def __init__(self, place: Premises, dice: Random) -> None:
        self.place, self.dice = place, dice
        self.landed: Counter[str] = Counter()
        self._starts = 0
        for trouble in _TROUBLES:
            place.simulated.side("POST", "faults", {**trouble, "seed": dice.randrange(1 << 30)})

    def kill(self, kills: int) -> list[Finding]:
        """So many; returns what ended as it must not."""
        found: list[Finding] = []
        while self.landed.total() < kills:
            before, sends = self.place.seen(), self.place.more_work(self.dice)
            self._starts += 1
            self.place.make_due()
            child = self.place.start("worker", "--once", whole=self._starts % _WHOLE == 0)
            if self._struck(child, self._aim(sends), before):
                self.landed[_where(before, self.place.seen())] += 1
            elif child.code not in FAIR_ENDS:
                found.append((Wrong.OTHER, f"a run ended with {child.code}: {self.place.out.read_text()[-600:]}"))
            # Mostly the next one comes when the lease of the dead has ended, sometimes too early.
            if self.dice.random() < 0.9:
                self.place.wait_for_lease()
            self.place.turn_page()
        return found

    def _aim(self, sends: int) -> Aim:
        """Mostly while it sends; also before that, and while it closes its books."""
        draw, share = self.dice.random(), self.dice.random()
        if draw < 0.15:
            return Aim(0, False, share * _BEFORE_SENDING_S)
        if draw < 0.75:
            return Aim(1 + int(share * sends), False, self.dice.random() * 0.03)
        return Aim(1, True, share * _CLOSING_S)

    def _struck(self, child: Child, aim: Aim, before: Seen) -> bool:
        """Whether the kill came before the end of the run."""
        if aim.sends:
            self.place.wait_for_sends(child, before.sends + aim.sends, aim.closes)
        time.sleep(aim.later_s)
        return child.kill() == -9


def _where(before: Seen, after: Seen) -> str:
    """What the dead run was doing, by what it left."""
    if after.runs == before.runs:
        return "starting"
    if after.ended > before.ended:
        return "ending"
    if after.open:
        return "sending"
    if after.sends > before.sends:
        return "between sends" if set(after.stages) & {"planned"} else "after the last send"
    return "before the first send"
