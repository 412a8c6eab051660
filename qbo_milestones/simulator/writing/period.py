"""The closing date: what lies on or before it cannot be changed through the API."""

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import CLOSED, refuse


def check_open(company: Company, day: str) -> None:
    """6210 (or 6200, by the switch ``closing_fault``) for a date in the closed period."""
    if day <= company.closed_until():
        raise refuse(company.settings.closing_fault, CLOSED, "TxnDate")
