"""Was it accepted? The records of one deliverable against each other: the latest valid decision decides.

The rules (accounting.md 6.1; rulings 16, 37, 41), for the records of the row's current revision:

* A record that repeats another to the letter is ignored and noted.
* A valid acceptance has the word, the right person, the written channel, a date that is not in the future, and
  evidence. Invalid or unclear records before it are noted, as are later invalid acceptances: neither counts.
* Whatever speaks against it and does not surely come before it holds the row, valid or not, and with evidence or not:
  nothing is billed over a client's open word. Two records of one date, of which one has no time, have no order.
* A complete rejection followed by an acceptance is the normal cycle; an incomplete one holds until it is complete.
* Acceptances that repeat each other count from the first of them; two of different content are a conflict.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from zoneinfo import ZoneInfo

from qbo_milestones.model.business_days import add_business_days
from qbo_milestones.pipeline.gate.decision import SHEET, Desk, Reading, Word, read
from qbo_milestones.pipeline.gate.held import Reason, reason
from qbo_milestones.pipeline.gate.people import blank, named_person
from qbo_milestones.pipeline.gate.verdict import Acceptance
from qbo_milestones.pipeline.register import Contract, Deliverable, Place, SignOff, fold

_DEEMED = frozenset(("deemed", "deemed acceptance"))
_CONTENT = tuple(field.name for field in fields(SignOff) if field.name not in ("row", "problems"))


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a deliverable is accepted: by what, or why not. `reasons` is empty only with an acceptance."""

    acceptance: Acceptance | None
    reasons: tuple[Reason, ...] = ()


def judge(
    row: Deliverable, contract: Contract | None, local: ZoneInfo, records: Sequence[SignOff], desk: Desk
) -> Judgement:
    """The verdict on all records of one deliverable. `local` is the zone of its contract."""
    customer = contract.customer if contract else ""
    unnamed = () if named_person(row.approver, customer) else (_no_approver(row),)
    unique, notes = _unrepeated(records) if len(records) > 1 else (records, ())
    current = [record for record in unique if record.revision in (row.revision, None)]
    if not current:
        return Judgement(None, (*unnamed, *_unsigned(row, contract, unique, local, desk)))
    readings = [read(record, row, customer, local, desk) for record in current]
    accepting = [reading for reading in readings if reading.accepts]
    if not accepting:
        return Judgement(None, (*unnamed, *_unaccepted(readings)))
    reasons, run, noted = _weighed(readings, accepting)
    if reasons or unnamed:
        return Judgement(None, (*unnamed, *reasons))
    first, *later = (_acceptance(reading, desk) for reading in run)
    return Judgement(replace(first, notes=(*notes, *noted), later=tuple(later)))


def _acceptance(reading: Reading, desk: Desk) -> Acceptance:
    return Acceptance(reading.record, _accepted_on(reading, desk), reading.record.signed_by.strip())


def _accepted_on(first: Reading, desk: Desk) -> date:
    """The date in the company's zone; a date alone stays that date (register.md, Signed at)."""
    if first.moment is None:
        raise AssertionError("an acceptance without a date is not valid")
    instant = first.moment.instant
    return instant.astimezone(desk.company).date() if instant else first.moment.day


def _no_approver(row: Deliverable) -> Reason:
    says = f"{row.approver!r} is a role, not a person" if not blank(row.approver) else "no approver"
    text = f"{says}. Name the person who approves, the role in brackets: Dana Reyes (client product owner)."
    return reason("MISSING_APPROVER", Place("Deliverables", row.row, "Approver"), text)


def _unrepeated(records: Sequence[SignOff]) -> tuple[Sequence[SignOff], tuple[str, ...]]:
    """The records without those that repeat an earlier row to the letter, and a note on each of these."""
    first: dict[tuple[object, ...], SignOff] = {}
    notes = []
    for record in sorted(records, key=lambda each: each.row):
        content = tuple(
            fold(value) if isinstance(value, str) else value for value in (getattr(record, name) for name in _CONTENT)
        )
        earlier = first.setdefault(content, record)
        if earlier is not record:
            notes.append(f"{SHEET} row {record.row} repeats row {earlier.row} and is ignored.")
    return tuple(first.values()), tuple(notes)


def _unsigned(
    row: Deliverable, contract: Contract | None, others: Sequence[SignOff], local: ZoneInfo, desk: Desk
) -> Iterator[Reason]:
    """Nothing is on record for the current revision."""
    signed = [record for record in others if fold(record.decision).startswith("accepted")]
    if signed:
        record = max(signed, key=lambda each: (each.revision or 0, each.row))
        text = f"revision {record.revision} was signed, the row is at revision {row.revision}. Have this one signed."
        yield reason("SIGNOFF_AFTER_SCOPE_CHANGE", Place(SHEET, record.row, "Revision"), text)
        return
    deemed = list(_deemed(row, contract, desk.rules.now.astimezone(local).date())) if row.trigger in _DEEMED else []
    yield from deemed
    if not deemed:
        place = Place("Deliverables", row.row, "Deliverable ID")
        who = row.approver.strip() or "the approver"
        text = f"no sign-off of {row.id} revision {row.revision} is on record. Ask {who} for a short written approval."
        yield reason("AWAITING_SIGNOFF", place, text)


def _deemed(row: Deliverable, contract: Contract | None, today: date) -> Iterator[Reason]:
    """Why lapse of the window does not bill it: either it cannot, or it may be running (R32)."""
    if contract is None or row.submitted_on is None or row.submitted_on > today:
        return
    sheet = "Contracts"
    if contract.window is None:
        text = "no acceptance window, so silence accepts nothing. Get the written sign-off."
        yield reason("DEEMED_NOT_ALLOWED", Place(sheet, contract.row, "Acceptance window"), text)
    if blank(contract.deemed_clause):
        text = "no clause allows deemed acceptance. Get the written sign-off."
        yield reason("DEEMED_NOT_ALLOWED", Place(sheet, contract.row, "Deemed clause"), text)
    if blank(row.submission_evidence):
        text = "nothing proves that it was handed over, so no window runs. Get the written sign-off."
        yield reason("DEEMED_NOT_ALLOWED", Place("Deliverables", row.row, "Submission evidence"), text)
    if contract.window is None or blank(contract.deemed_clause) or blank(row.submission_evidence):
        return
    place = Place("Deliverables", row.row, "Submitted on")
    # Holidays only make the window longer, so a window that runs by working days alone surely runs.
    if today <= add_business_days(row.submitted_on, min(contract.window, 2600)):
        text = f"the acceptance window of {contract.window} business days from {row.submitted_on} is running."
        yield reason("WINDOW_RUNNING", place, f"{text} Get the written sign-off; lapse alone is not billed yet.")
    else:
        text = f"the acceptance window of {contract.window} business days from {row.submitted_on} may have lapsed"
        yield reason(
            "DEEMED_NOT_ALLOWED", place, f"{text}, but lapse alone is not billed yet. Get the written sign-off."
        )


def _unaccepted(readings: Sequence[Reading]) -> tuple[Reason, ...]:
    """No record accepts: the last decision that stands against it, and all that is wrong with what came after."""
    standing = [each for each in readings if each.word in _AGAINST and not each.faults and each.moment]
    if standing:
        last = max(standing, key=_order)
        readings = [each for each in readings if each is last or not _before(each, last)]
    found = [why for each in sorted(readings, key=_order) for why in (*_against(each), *each.faults, *_evidence(each))]
    return tuple(dict.fromkeys(found))


def _evidence(reading: Reading) -> tuple[Reason, ...]:
    """Evidence is what an acceptance needs; a rejection holds without."""
    return reading.lapses if reading.word not in (Word.REJECTED, Word.REVOKED) else ()


def _weighed(
    readings: Sequence[Reading], accepting: Sequence[Reading]
) -> tuple[tuple[Reason, ...], list[Reading], tuple[str, ...]]:
    """Valid acceptances against all other records: what holds, the acceptances that count, and what is only noted."""
    if len(readings) == 1:
        return (), list(accepting), ()
    last = max(accepting, key=_order)
    holding: list[Reason] = []
    notes: list[str] = []
    cutoff: Reading | None = None
    for each in sorted((one for one in readings if not one.accepts), key=_order):
        if not _before(each, last):
            late = list(_opposing(each, last))
            holding += late
            notes += [] if late else [_note(each)]
        elif each.faults or each.word not in _AGAINST:
            notes.append(_note(each))
        else:
            cutoff = each
            holding += _unreviewed(each)
    run = sorted((one for one in accepting if cutoff is None or _before(cutoff, one)), key=_order)
    holding += _unlike(run)
    return tuple(dict.fromkeys(holding)), run, tuple(notes)


_AGAINST = frozenset((Word.REJECTED, Word.REVOKED, Word.PARTLY))


def _before(one: Reading, other: Reading) -> bool:
    return one.moment is not None and other.moment is not None and one.moment.surely_before(other.moment)


def _order(reading: Reading) -> tuple[bool, object, int]:
    """By time, those without one last, then by row."""
    when = reading.moment
    return (when is None, when.latest if when else (), reading.record.row)


def _opposing(each: Reading, accepted: Reading) -> Iterator[Reason]:
    """What a record holds that is not surely earlier than the acceptance."""
    if each.word in (Word.ACCEPTED, Word.CLARIFIED):
        return
    if each.word is Word.REJECTED and not each.faults and (_before(accepted, each) is False or list(_unreviewed(each))):
        text = f"rejected, while row {accepted.record.row} accepts the same revision. Put the two in order by evidence."
        yield reason("SIGNOFF_CONFLICT", each.place, text)
        yield from _unreviewed(each)
        return
    yield from _against(each)
    yield from each.faults


def _against(each: Reading) -> Iterator[Reason]:
    """The reasons of a decision that does not accept."""
    if each.word is Word.REJECTED:
        yield reason("REJECTED", each.place, "rejected. Remedy the defects and have it reviewed again.")
        yield from _unreviewed(each)
    elif each.word is Word.REVOKED:
        yield reason("REVOKED", each.place, "the acceptance was revoked. A new written acceptance unlocks it.")
    elif each.word is Word.PARTLY:
        why = each.why or "accepted in part"
        advice = "Agree the split in writing; write each part as a deliverable of its own."
        yield reason("PARTIAL_ACCEPTANCE", each.place, f"{why}. {advice}")
    elif each.word in (Word.UNCLEAR, Word.CLARIFIED):
        why = each.why or "a clarification that does not say accepted in full"
        yield reason("SIGNOFF_AMBIGUOUS", each.place, f"{why}. Get a written clarification from the approver.")


def _unreviewed(each: Reading) -> Iterator[Reason]:
    """What a rejection lacks (R73)."""
    if each.word is not Word.REJECTED:
        return
    if blank(each.record.defects):
        text = "rejected without defects by criterion. Complete the defect record."
        yield reason("REJECTED_NO_REREVIEW", Place(SHEET, each.record.row, "Defects"), text)
    if each.record.re_review_date is None:
        text = "rejected without a re-review date. Set one."
        yield reason("REJECTED_NO_REREVIEW", Place(SHEET, each.record.row, "Re-review date"), text)


def _unlike(run: Sequence[Reading]) -> Iterator[Reason]:
    """Two acceptances of one revision that accept different things (6.1)."""
    contents = {(fold(each.record.version_reviewed), fold(each.record.criteria)): each for each in reversed(run)}
    if len(contents) > 1:
        rows = ", ".join(str(each.record.row) for each in sorted(contents.values(), key=_order)[:5])
        text = f"rows {rows} accept different versions or criteria of one revision. Put them in order by evidence."
        yield reason("SIGNOFF_CONFLICT", run[-1].place, text)


def _note(each: Reading) -> str:
    kinds = ", ".join(dict.fromkeys(why.kind for why in (*each.faults, *each.lapses)))
    return f"{each.place}: {each.record.decision or 'no decision'} does not count{f' ({kinds})' if kinds else ''}."
