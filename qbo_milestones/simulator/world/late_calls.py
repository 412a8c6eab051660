"""Calls that are put off: their client was cut off, their time is still to come."""

from dataclasses import dataclass
from datetime import datetime

from qbo_milestones.simulator.messages import Request


@dataclass(frozen=True, slots=True)
class Late:
    """A call that is carried out once the simulated time has come."""

    due: datetime
    request: Request
