"""What was promised, and what was signed: neither may change unseen (ruling 17; R15)."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from qbo_milestones.pipeline.gate.held import reason
from qbo_milestones.pipeline.gate.verdict import Billable, Held, Verdict
from qbo_milestones.pipeline.register import (
    Deliverable,
    Place,
    Register,
    SignOff,
    content_hash,
    contract_of,
    fold,
    signed_hash,
)


@dataclass(frozen=True, slots=True)
class Promise:
    """What a deliverable's revision said when it was first seen; the first sight stands for ever.

    `deliverable` is the folded id. `sign_off` is empty for the promise itself, whose hash is `content_hash`; else it
    tells one sign-off record, and the hash is of what that record was given for: output and criteria.
    """

    deliverable: str
    revision: int
    sign_off: str
    content_hash: str


def promises(register: Register) -> Iterator[Promise]:
    """What every row says now, and what stands signed under each of its sign-offs."""
    for row in register.deliverables:
        yield Promise(row.key, row.revision, "", content_hash(row, contract_of(register, row)))
        yield from _signed(row, register.sign_offs.get(row.key, ()))


def hold_changed(verdicts: Sequence[Verdict], first_seen: Iterable[Promise]) -> tuple[Verdict, ...]:
    """Hold the billable rows whose output or criteria are not those under which their sign-off was first seen.

    A sign-off that was never seen before stands for what the row says now (R15: criteria written later need a new one);
    where the first one no longer stands for the row, a later one may.
    """
    known = {(each.deliverable, each.revision, each.sign_off): each.content_hash for each in first_seen}
    return tuple(_kept(each, known) if isinstance(each, Billable) else each for each in verdicts)


def _kept(billable: Billable, known: dict[tuple[str, int, str], str]) -> Verdict:
    row, first = billable.deliverable, billable.acceptance
    now = signed_hash(row)
    for acceptance in (first, *first.later):
        if known.get((row.key, row.revision, sign_off_hash(acceptance.sign_off)), now) == now:
            return billable if acceptance is first else replace(billable, acceptance=acceptance)
    record = first.sign_off
    text = (
        f"the output or the acceptance test is not what stood here when the sign-off of {record.signed_by} "
        f"(Sign-offs row {record.row}) was first read. Have the new text signed, or restore the old one."
    )
    found = reason("SIGNOFF_AFTER_SCOPE_CHANGE", Place("Deliverables", row.row, "Acceptance test"), text)
    return Held(row, (found,), billable.amount)


def sign_off_hash(record: SignOff) -> str:
    """Which record it is: the person, the moment and the evidence; a new approval differs in one of them."""
    parts = (fold(record.signed_by), str(record.signed_on), str(record.signed_time), record.evidence.strip())
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _signed(row: Deliverable, records: Iterable[SignOff]) -> Iterator[Promise]:
    for record in records:
        if fold(record.decision) == "accepted" and record.revision in (None, row.revision):
            yield Promise(row.key, row.revision, sign_off_hash(record), signed_hash(row))
