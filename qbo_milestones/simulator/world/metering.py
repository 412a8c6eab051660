"""How many Core and CorePlus calls each app made in each company, month by month (quickbooks-online.md 4.4)."""

from dataclasses import dataclass
from datetime import datetime

from qbo_milestones.simulator.books.watched import Tally

CORE, CORE_PLUS = "Core", "CorePlus"


@dataclass(frozen=True, slots=True)
class Use:
    """What is counted together: a month (YYYY-MM, UTC), an app, a company, and Core or CorePlus."""

    month: str
    app: str
    realm: str
    kind: str


class Metering:
    """The counters of one world; only calls that succeeded are counted."""

    def __init__(self) -> None:
        self.calls: Tally[Use] = Tally()

    def used(self, app: str, now: datetime) -> int:
        """The CorePlus calls of an app in this month, over all companies."""
        month = month_of(now)
        return sum(
            count for use, count in self.calls.items() if (use.month, use.app, use.kind) == (month, app, CORE_PLUS)
        )

    def note(self, app: str, realm: str, kind: str, units: int, now: datetime) -> None:
        """Count a call that succeeded."""
        self.calls[Use(month_of(now), app, realm, kind)] += units


def month_of(now: datetime) -> str:
    """The month that an instant belongs to."""
    return f"{now:%Y-%m}"


def kind_of(method: str, head: str) -> str:
    """Writing is Core; every reading, and a batch whatever is in it, is CorePlus."""
    return CORE if method == "POST" and head not in ("query", "batch") else CORE_PLUS
