"""Stopping: a run that is asked to end finishes what is in the air, sends nothing more, and leaves the rest planned."""

from qbo_milestones.errors import Unavailable
from qbo_milestones.run.world import World

# How soon a waiting run notices that it is asked to stop, in seconds.
_SLICE_S = 2.0


def asked_to_stop() -> Unavailable:
    """Why a drained run ended: it is no failure, and the next run goes on (exit code 75, reliability.md 5)."""
    return Unavailable("It was asked to stop. What was not sent yet waits for the next run.")


def go_on(world: World) -> None:
    """Between two steps of a run: raises Unavailable where the run was asked to stop."""
    if world.stopping():
        raise asked_to_stop()


def rest(world: World, seconds: float) -> None:
    """Wait so many seconds, but not on when the run is asked to stop."""
    while seconds > 0 and not world.stopping():
        world.clock.sleep(min(seconds, _SLICE_S))
        seconds -= _SLICE_S
