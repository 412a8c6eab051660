"""The company in QuickBooks: can it be reached, how far apart are our clocks, and how is it set up."""

from collections.abc import Iterator

from qbo_milestones.checkup.findings import Finding, Mark, broken, failed, warning, well
from qbo_milestones.config import Settings
from qbo_milestones.errors import Failure, NotConnected, Unavailable
from qbo_milestones.model.exit_code import USAGE
from qbo_milestones.pipeline.directory import index
from qbo_milestones.pipeline.preflight import Check, Subject, inspect
from qbo_milestones.run.decision import read_setup
from qbo_milestones.run.world import Rules, World
from qbo_milestones.wiring import opened

# What `check` asks with the register in its hand.
_OF_THE_REGISTER = ("Customers", "Payment terms")


def company(settings: Settings) -> Iterator[Finding]:
    """Some ten metered reads. An access token that ended is renewed, as by every command; nothing else changes."""
    try:
        with opened(settings) as (world, rules):
            yield from _set_up(world, rules)
    except NotConnected as lost:
        yield failed("QuickBooks", lost, "Run `qbo-milestones connect`.")
    except Unavailable as away:
        yield failed("QuickBooks", away, "Try again later; the worker does so by itself.")
    except Failure as refused:
        yield failed("QuickBooks", refused, "Correct what it names.")


def _set_up(world: World, rules: Rules) -> Iterator[Finding]:
    setup = read_setup(world)
    yield well("QuickBooks", f"Answers for {setup.company_name} ({setup.preferences.home_currency}).")
    checks = inspect(Subject(index(setup), rules.for_plan(world.clock.now()), None))
    # Items are those of the last run; before the first there are none.
    read = world.store.cursor() is not None
    left_out = _OF_THE_REGISTER if read else (*_OF_THE_REGISTER, "Item")
    yield from (_finding(check) for check in checks if not check.name.startswith(left_out))
    if not read:
        yield warning("Books", "They were never read.", "Run `qbo-milestones check`, then `plan`.")


def _finding(check: Check) -> Finding:
    if check.ok:
        return Finding(check.name, Mark.OK, check.sentence)
    if check.stops:
        return broken(check.name, check.sentence, check.remedy, USAGE)
    return warning(check.name, check.sentence, check.remedy)
