"""What a run works with: its counterparts, and the rules that the settings give it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from qbo_milestones.model.money import Money
from qbo_milestones.pipeline import gate
from qbo_milestones.pipeline.outbox import QUIET
from qbo_milestones.pipeline.plan import PlanRules
from qbo_milestones.ports import Books, Clock, Epochs, EvidenceRoom, Registers, Store

# How long a dead worker is waited for (reliability.md 1.9).
LEASE = timedelta(seconds=30)

Tell = Callable[[str], None]
"""Progress, one short sentence at a time."""


def never() -> bool:
    """Nobody asks this run to stop."""
    return False


@dataclass(frozen=True, slots=True)
class World:
    """The counterparts of one company. `stopping` says whether the run is asked to end before its work is done."""

    books: Books
    store: Store
    registers: Registers
    evidence: EvidenceRoom
    clock: Clock
    epochs: Epochs
    stopping: Callable[[], bool] = never


@dataclass(frozen=True, slots=True)
class Rules:
    """How one company is billed. `company` is the realm; `may_post` is False while a real company is previewed only.

    `invoices` and `amount` are the limits of one business date; `quiet` and `lease_for` are how long a lost answer and
    a dead worker are waited for.
    """

    company: str
    zone: ZoneInfo
    home_currency: str
    item: str
    unbilled_account: str
    revenue_account: str
    owner: str
    class_name: str = ""
    location: str = ""
    tax_code: str = ""
    own_numbers: bool = True
    send: bool = False
    starts_on: date | None = None
    starts_on_required: bool = False
    links_accepted: bool = False
    may_post: bool = True
    invoices: int | None = None
    amount: Money | None = None
    quiet: timedelta = QUIET
    lanes: int = 10
    lease_for: timedelta = LEASE

    def today(self, now: datetime) -> date:
        """The company's date at an instant."""
        return now.astimezone(self.zone).date()

    def for_gate(self, now: datetime) -> gate.Rules:
        """What the gate needs of this."""
        return gate.Rules(
            now=now,
            zone=self.zone.key,
            starts_on=self.starts_on,
            starts_on_required=self.starts_on_required,
            links_accepted=self.links_accepted,
            home_currency=self.home_currency,
        )

    def for_plan(self, now: datetime) -> PlanRules:
        """What the plan needs of this."""
        return PlanRules(
            company=self.company,
            today=self.today(now),
            item=self.item,
            unbilled_account=self.unbilled_account,
            revenue_account=self.revenue_account,
            class_name=self.class_name,
            location=self.location,
            tax_code=self.tax_code,
            own_numbers=self.own_numbers,
            send=self.send,
        )
