"""Checkpoints of all books, to which the world can be rewound as often as wanted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.world.late_calls import Late
from qbo_milestones.simulator.world.request_ids import RequestIds


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The books of every company as they were, what request ids had been answered, and the calls put off.

    Tokens, clock, switches, rules and the log are no part of it.
    """

    taken: datetime
    companies: dict[str, Company]
    request_ids: RequestIds
    late: tuple[Late, ...]

    def copy(self) -> Self:
        """Books that may be changed without changing these."""
        companies = {realm: company.copy() for realm, company in self.companies.items()}
        return type(self)(self.taken, companies, self.request_ids.copy(), self.late)
