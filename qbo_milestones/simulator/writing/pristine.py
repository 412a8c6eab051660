"""Companies fresh from their seed: each is read once and copied from then on, in a fraction of a millisecond."""

from datetime import UTC, datetime
from functools import lru_cache

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.clock import Clock
from qbo_milestones.simulator.seed.companies import SEEDS
from qbo_milestones.simulator.settings import Settings
from qbo_milestones.simulator.writing.contents import load

FOUNDED = datetime(2019, 3, 1, 14, tzinfo=UTC)
"""When everything in a seed was made: long before what a client does, and the same after every reset."""


def fresh_company(realm: str, clock: Clock, settings: Settings, seed: str, name: str) -> Company:
    """A company of its own, as its seed has it."""
    company = _pristine(seed, name).copy()
    company.realm, company.clock, company.settings = realm, clock, settings
    return company


@lru_cache(maxsize=32)
def _pristine(seed: str, name: str) -> Company:
    company = Company("", Clock(lambda: FOUNDED), Settings())
    load(company, SEEDS[seed](name))
    return company
