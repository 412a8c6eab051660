"""What the gate is given beside the register, and what it answers: Billable, or Held with every reason."""

from dataclasses import dataclass
from datetime import date, datetime

from qbo_milestones.model.flag import Severity
from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.gate.held import Reason
from qbo_milestones.pipeline.register import Contract, Deliverable, SignOff

_BILLED = frozenset({"ALREADY_BILLED", "ALREADY_INVOICED"})
_BY_HAND = frozenset({"ALREADY_INVOICED", "INVOICED_BY_HAND"})


@dataclass(frozen=True, slots=True)
class Rules:
    """How one company decides. `now` is aware; `zone` is the company's IANA zone; `links_accepted` is the setting
    `evidence.links`; a sign-off before `starts_on`, a date in the company's zone, is not billed (ruling 11).
    """

    now: datetime
    zone: str
    starts_on: date | None
    starts_on_required: bool
    links_accepted: bool
    home_currency: str


@dataclass(frozen=True, slots=True)
class Billed:
    """What stands, or may stand, in the books for a deliverable; `where` is such as "Invoice D-103-A" (ruling 1).

    `content_hash` is empty where it is not known (found in the books by its stamp alone); `invoiced` is False where
    only the journal stands.
    """

    deliverable_key: str
    revision: int
    amount: Money
    contract: str
    content_hash: str
    where: str
    invoiced: bool = True
    customer_id: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file of evidence as it was found. `problem` says why it proves nothing; `sha256` is empty until hashed.

    `size` is in bytes.
    """

    path: str
    problem: str = ""
    sha256: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A valid sign-off. `accepted_on` is in the company's zone; `notes` tell of records that did not count (ruling 41).

    `later` are further valid ones, in order: a row that changed since the first may stand by one of them.
    """

    sign_off: SignOff
    accepted_on: date
    signed_by: str
    notes: tuple[str, ...] = ()
    later: tuple["Acceptance", ...] = ()


@dataclass(frozen=True, slots=True)
class Billable:
    """A row that may be billed. `contract` is the version that it stands on (R26).

    `cap` is the value of the version in force on the billing date (ruling 39); None stands for that of `contract`.
    `sha256` is of the evidence, empty until confirmed, and for a link without one.
    """

    deliverable: Deliverable
    contract: Contract
    acceptance: Acceptance
    amount: Money
    sha256: str = ""
    cap: Money | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A row that is not billed, and every reason. `amount` is what it would come to, where that is known."""

    deliverable: Deliverable
    reasons: tuple[Reason, ...]
    amount: Money | None = None

    @property
    def billed(self) -> bool:
        """Whether it is held because it is billed already, by us or by hand: nothing of it is left to bill."""
        return any(reason.kind in _BILLED for reason in self.reasons)

    @property
    def by_hand(self) -> bool:
        """Whether a person's invoice stands for it, noted in the register or found in the books."""
        return any(reason.kind in _BY_HAND for reason in self.reasons)

    @property
    def severity(self) -> Severity:
        """That of its most urgent reason."""
        return min((reason.rule.severity for reason in self.reasons), key=list(Severity).index)


Verdict = Billable | Held
