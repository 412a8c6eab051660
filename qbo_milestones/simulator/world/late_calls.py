"""Calls that are put off: their client was cut off, their time is still to come."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Late:
    """A call that is carried out once the simulated time has come."""

    due: datetime
    perform: Callable[[], None]
