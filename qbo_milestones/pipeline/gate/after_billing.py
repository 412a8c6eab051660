"""What happened to billed rows since: changed, removed, or their acceptance taken back (rulings 1, 17; E12, E13)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.gate.decision import SHEET as SIGN_OFFS
from qbo_milestones.pipeline.gate.moments import Moment, moment, zone
from qbo_milestones.pipeline.gate.people import person
from qbo_milestones.pipeline.gate.row_checks import SHEET, claims_billing
from qbo_milestones.pipeline.gate.verdict import Billed
from qbo_milestones.pipeline.register import Deliverable, Place, Register, SignOff, content_hash, fold

_TAKEN_BACK = frozenset(("revoked", "rejected"))
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a person must look at: REGISTER_CHANGED, REGISTER_REMOVED or ACCEPTANCE_REVOKED_BILLED.

    `deliverable` is the id as the register writes it, or its key where the row is gone; `amount` is what was billed.
    """

    kind: str
    deliverable: str
    sentence: str
    place: Place | None
    amount: Money


def changed_after_billing(register: Register, billed: Mapping[str, Billed]) -> tuple[Difference, ...]:
    """Every billed deliverable whose row no longer says what was billed, in the order of their keys."""
    rows: dict[str, list[Deliverable]] = defaultdict(list)
    for row in register.deliverables:
        if (key := row.key) in billed:
            rows[key].append(row)
    return tuple(
        difference
        for key in sorted(billed)
        for difference in _differences(key, rows.get(key, ()), register, billed[key])
    )


def _differences(key: str, rows: Sequence[Deliverable], register: Register, each: Billed) -> Iterator[Difference]:
    if not rows:
        text = f"{key} is billed ({each.where}), but no row that can be read has this ID any more. Put it back."
        yield Difference("REGISTER_REMOVED", key, text, None, each.amount)
        return
    changes = [_changes(row, register, each) for row in rows]
    if all(changes):
        row, found = min(zip(rows, changes, strict=True), key=lambda pair: pair[0].row)
        place = Place(SHEET, row.row, found[0][0])
        what = "; ".join(text for _, text in found)
        text = f"{place}: {row.id} is billed ({each.where}), and its row was changed since: {what}."
        yield Difference("REGISTER_CHANGED", row.id, text, place, each.amount)
    row = min(rows, key=lambda one: one.row)
    if back := _taken_back(row, register, each):
        place = Place(SIGN_OFFS, back.row, "Decision")
        text = f"{place}: {row.id} is billed ({each.where}), and was {fold(back.decision)} since{_by(back, row)}."
        yield Difference("ACCEPTANCE_REVOKED_BILLED", row.id, text, place, each.amount)


def _changes(row: Deliverable, register: Register, each: Billed) -> list[tuple[str, str]]:
    """What differs from what was billed: column and words."""
    found = []
    if row.revision != each.revision:
        found.append(("Revision", f"revision {each.revision} is now {row.revision}"))
    if row.amount is not None and row.percent is None and row.amount != each.amount:
        found.append(("Amount", f"the amount of {each.amount} is now {row.amount}"))
    if each.contract.strip() and fold(row.contract) != fold(each.contract):
        found.append(("Contract", f"the contract {each.contract} is now {row.contract or 'empty'}"))
    if not claims_billing(row):
        found.append(("Billable", f"it is billable no longer: {row.billable}"))
    if not found and each.content_hash and each.content_hash not in _hashes(row, register):
        found.append(
            ("Acceptance test", "what the client agreed to (output, criteria, approver or share) is not the same")
        )
    return found


def _hashes(row: Deliverable, register: Register) -> frozenset[str]:
    """The content hashes that an unchanged row can have.

    A row that names no version was billed on the one then in force, so an amendment since is not a change of the row.
    """
    versions = register.contracts.get(fold(row.contract), ())
    if row.contract_version is not None:
        versions = tuple(each for each in versions if each.version == row.contract_version)
    return frozenset({content_hash(row), *(content_hash(row, version) for version in versions)})


def _taken_back(row: Deliverable, register: Register, each: Billed) -> SignOff | None:
    """The latest rejection or revocation of the billed revision that does not surely come before an acceptance.

    One by another person than the approver counts too: the sentence says by whom, and a person decides.
    """
    records = [one for one in register.sign_offs.get(row.key, ()) if one.revision in (each.revision, None)]
    back = [one for one in records if fold(one.decision) in _TAKEN_BACK]
    if not back:
        return None
    local = _zone(row, register)
    accepted = [_moment(one, local) for one in records if fold(one.decision) == "accepted"]
    known = [one for one in accepted if one is not None]
    last = max(known, key=lambda one: one.latest, default=None)
    late = [one for one in back if not _before(_moment(one, local), last)]
    return max(late, key=lambda one: (one.signed_on is None, str(one.signed_on), one.row), default=None)


def _zone(row: Deliverable, register: Register) -> ZoneInfo:
    versions = register.contracts.get(fold(row.contract), ())
    names = [each.time_zone.strip() for each in versions if each.version == row.contract_version or len(versions) == 1]
    return (zone(names[0]) if names and names[0] else None) or _UTC


def _moment(record: SignOff, local: ZoneInfo) -> Moment | None:
    return moment(record.signed_on, record.signed_time, local) if record.signed_on else None


def _before(one: Moment | None, other: Moment | None) -> bool:
    return one is not None and other is not None and one.surely_before(other)


def _by(record: SignOff, row: Deliverable) -> str:
    if not record.signed_by.strip():
        return ""
    stranger = "" if person(record.signed_by) == person(row.approver) else f", who is not the approver {row.approver}"
    return f" by {record.signed_by.strip()}{stranger}"
