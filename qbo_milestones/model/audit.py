"""The audit log as others see it: its end, its rows, and what a check of its chain found (reliability.md 1.6, I11)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

BROKEN_REMEDY = (
    "Nothing is posted. Keep the database as it is, stop the worker, and find out who or what changed it; compare what "
    "QuickBooks holds. When you can answer for it, as after a backup was put back, run `qbo-milestones audit accept "
    "--reason ...`: the next run then reads all documents and looks for every posting before it sends."
)


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The end of the log; 0 and no hash before its first row. Kept outside the database, it is the anchor.

    An anchor also knows the row with which a person `accepted` a log that was not whole; 0 where nobody had to.
    """

    seq: int = 0
    hash: str = ""
    accepted: int = 0


class AuditState(StrEnum):
    """What the chain says of the database."""

    INTACT = "intact"
    # The anchor is ahead of a chain that is whole, and the other tables agree with it: an older database was put back.
    OLDER = "older"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """A check of the chain. `row` is the first one that is not as it was written, 0 where none is."""

    state: AuditState
    head: AuditHead
    row: int = 0
    sentence: str = "The chain is whole."


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row of the log. `content` has identities, amounts, hashes and trace ids; no names, bodies or tokens."""

    seq: int
    at: datetime
    actor: str
    event: str
    content: Mapping[str, str]
    hash: str
