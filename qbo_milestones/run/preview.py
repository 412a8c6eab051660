"""A preview: what the next run would do, decided on fresh books, with nothing sent and nothing put into the outbox."""

from dataclasses import dataclass

from qbo_milestones.errors import Unavailable
from qbo_milestones.pipeline.directory import index
from qbo_milestones.pipeline.preflight import Check, Subject, inspect
from qbo_milestones.ports import Lease
from qbo_milestones.run.decision import Decision, decide, read_setup
from qbo_milestones.run.heartbeat import Heartbeat
from qbo_milestones.run.history import SENTENCES, History, recognise
from qbo_milestones.run.pull import pull
from qbo_milestones.run.world import Rules, Tell, World


def preview(world: World, rules: Rules, tell: Tell) -> Decision:
    """What would be billed and why each other row is held.

    While a run holds the company its books are being brought up to date anyway, so they are taken as they stand.
    """
    refresh(world, rules, tell)
    return decide(world, rules, world.clock.now(), tell)


@dataclass(frozen=True, slots=True)
class Preflight:
    """How the company is set up, and whether our database knows its history (ruling 2)."""

    company_name: str
    history: str
    checks: tuple[Check, ...]


def preflight(world: World, rules: Rules, tell: Tell) -> Preflight:
    """The checks before the first write, on fresh books and the register. Changes nothing in QuickBooks."""
    history = SENTENCES[recognise(world)]
    refresh(world, rules, tell)
    setup = read_setup(world)
    checks = inspect(Subject(index(setup), rules.for_plan(world.clock.now()), world.registers.read()))
    return Preflight(setup.company_name, history, checks)


def refresh(world: World, rules: Rules, tell: Tell) -> None:
    """Pull the books, unless a run is doing so."""
    lease = _lease(world, rules)
    if lease is None:
        tell("A run is under way; this is decided on the books as it last read them")
        return
    try:
        with Heartbeat(world, rules, lease):
            pull(world, lease, tell, whole=recognise(world) is History.RESTORED)
    finally:
        world.store.release_lease(lease)


def _lease(world: World, rules: Rules) -> Lease | None:
    try:
        return world.store.take_lease(rules.owner, world.clock.now(), rules.lease_for)
    except Unavailable:
        return None
