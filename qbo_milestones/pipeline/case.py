"""A case: one customer tree, with what we posted to it and what the books hold of it; the unit that is reconciled."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from qbo_milestones.model.books import Document
from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.outbox import Outgoing


@dataclass(frozen=True, slots=True)
class Case:
    """All of one customer tree (accounting.md 5 P8), deleted documents among them.

    `documents` are those whose header, or for journals any line, names a customer of the tree; `deposits` are the
    deposits that link a payment of the tree.
    """

    customer_ids: frozenset[str]
    outgoing: tuple[Outgoing, ...]
    documents: tuple[Document, ...]
    deposits: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """What the register says now of one deliverable. `accepted` is a valid sign-off now on record.

    `by_hand` says that a person's invoice bills it, noted in the register or found in the books.
    """

    id: str
    contract: str
    accepted: bool
    amount: Money | None
    where: str
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What every case is judged against. `rows` by folded deliverable id; `account_types` by account id.

    `closed_until` is the closing date of the books; `customer_names` by customer id, so that a finding names people.
    """

    today: date
    rows: Mapping[str, Row]
    milestone_items: frozenset[str]
    account_types: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    customer_names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    closed_until: date | None = None
