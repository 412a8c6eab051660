"""One night as it is told afterwards: what was sent and what came of it, and which flags it opened and cleared."""

from dataclasses import dataclass
from datetime import datetime

from qbo_milestones.model.flag import Flag
from qbo_milestones.model.money import Money


@dataclass(frozen=True, slots=True)
class Send:
    """One send of one posting. `outcome` is the stage that followed, empty while nobody knows."""

    deliverable: str
    kind: str
    number: str
    amount: Money
    send: int
    sent_at: datetime
    outcome: str
    code: str
    tid: str
    books_id: str


@dataclass(frozen=True, slots=True)
class Night:
    """What one run did beyond its counts."""

    sends: tuple[Send, ...]
    opened: tuple[Flag, ...]
    cleared: tuple[Flag, ...]
