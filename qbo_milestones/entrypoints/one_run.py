"""One run of one company from its settings to its aftermath: the same for a person's command and for the worker."""

from dataclasses import replace
from datetime import date

from qbo_milestones.aftermath import around
from qbo_milestones.config import Settings
from qbo_milestones.entrypoints.logbook import about
from qbo_milestones.entrypoints.signals import Stop
from qbo_milestones.run.night import run
from qbo_milestones.run.outcome import Outcome
from qbo_milestones.run.world import Tell
from qbo_milestones.wiring import opened


def run_once(
    settings: Settings,
    stop: Stop,
    tell: Tell,
    *,
    due: date | None = None,
    looks_only: bool = False,
    wait: bool = False,
    retry: frozenset[str] = frozenset(),
) -> Outcome:
    """A run, of the date that is `due` where one is; with `looks_only` it pulls and reviews and posts nothing.

    Raises what ended it early, after people were told.
    """
    with about(settings), around(settings, pings=not looks_only) as ending:
        with opened(settings, due=due, stopping=stop) as (world, rules):
            rules = replace(rules, may_post=rules.may_post and not looks_only)
            outcome = run(world, rules, tell, wait=wait, retry=retry)
        ending.code = outcome.exit_code
    return outcome
