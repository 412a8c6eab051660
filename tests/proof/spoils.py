"""What can befall one request (reliability.md 1.4), and the plan that says which request it befalls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from qbo_milestones.ports import Clock
from qbo_milestones.simulator.front import handle
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.world.mischief import Filter, Rule
from qbo_milestones.simulator.world.world import World

Spoil = Callable[[World, Request, Clock], Answer | Exception]
# QuickBooks works on a request for 120 s at most; ours is waited for 130 s.
_LATEST_S, _READ_S, _CONNECT_S, _SLOW_S = 119, 130, 10, 100


def _refused(_world: World, _request: Request, _clock: Clock) -> Exception:
    nobody: Any = None
    return requests.ConnectionError(MaxRetryError(nobody, "/", NewConnectionError(nobody, "refused")))


def _connect_timeout(_world: World, _request: Request, clock: Clock) -> Exception:
    clock.sleep(_CONNECT_S)
    return requests.ConnectTimeout("no connection in time")


def _read_timeout(_world: World, _request: Request, clock: Clock) -> Exception:
    clock.sleep(_READ_S)
    return requests.ReadTimeout("no answer in time")


def _slow(world: World, request: Request, clock: Clock) -> Answer:
    answer = handle(world, request)
    clock.sleep(_SLOW_S)
    return answer


def _ruled(kind: str, **rule: Any) -> Spoil:
    """By one of the simulator's own faults on demand, for this request alone."""

    def spoil(world: World, request: Request, _clock: Clock) -> Answer:
        one = Rule(kind, Filter(path=request.path), **rule)
        world.mischief.rules.insert(0, one)
        try:
            return handle(world, request)
        finally:
            world.mischief.rules.remove(one)

    return spoil


# The fourteen; what they do to the books: nothing, the work, or the work later.
SPOILS: Mapping[str, Spoil] = {
    "refused": _refused,
    "connect_timeout": _connect_timeout,
    "reset": _ruled("refuse_before"),
    "lost": _ruled("lost_answer"),
    "late": _ruled("late_commit", after_s=_LATEST_S),
    "500_before": _ruled("status"),
    "500_after": _ruled("status", after_commit=True),
    "503": _ruled("status", status=503, body="html"),
    "504": _ruled("status", status=504, body="html", after_commit=True),
    "429": _ruled("throttle"),
    "401": _ruled("status", status=401, code="3200", message="message=AuthenticationFailed", body="gateway"),
    "truncated": _ruled("truncate"),
    "garbled": _ruled("garbled"),
    "timeout": _read_timeout,
    # Beyond the fourteen: an answer just before our patience ends, and a system fault in a good answer's clothes.
    "slow": _slow,
    "fault_in_200": _ruled("fault_in_200", after_commit=True),
}
FOURTEEN, MORE = tuple(SPOILS)[:14], tuple(SPOILS)[14:]


@dataclass
class Plan:
    """Which requests are spoiled, and how: `17:lost` the 17th, `17+:lost` it and all after it until `heal`;
    `p2:lost` the 2nd of the posting path, which is sends and look-ups.

    `spoiled` counts those that were.
    """

    text: str = ""
    calls: int = 0
    on_path: int = 0
    spoiled: int = 0
    _once: dict[int, str] = field(default_factory=dict)
    _on_path: dict[int, str] = field(default_factory=dict)
    _from: tuple[int, str] | None = None

    def __post_init__(self) -> None:
        for one in self.text.split():
            place, _, kind = one.partition(":")
            if place.endswith("+"):
                self._from = int(place[:-1]), kind
            elif place.startswith("p"):
                self._on_path[int(place[1:])] = kind
            else:
                self._once[int(place)] = kind

    def next(self, on_path: bool) -> str:
        """What befalls the next request; empty for nothing."""
        self.calls += 1
        self.on_path += on_path
        kind = self._once.get(self.calls, "")
        if on_path and not kind:
            kind = self._on_path.get(self.on_path, "")
        if self._from is not None and self.calls >= self._from[0] and not kind:
            kind = self._from[1]
        self.spoiled += bool(kind)
        return kind

    def heal(self) -> None:
        """What was spoiled for good is well again."""
        self._from = None
