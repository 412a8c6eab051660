"""Which change requests stand in the way of a row: undecided ones, and new fees for what is named (R22, R28)."""

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from datetime import date

from qbo_milestones.pipeline.gate.held import Reason, reason
from qbo_milestones.pipeline.gate.people import blank
from qbo_milestones.pipeline.register import Change, Place, fold

_SHEET = "Changes"
_DECIDED = frozenset(("in scope", "fee update", "declined"))
_NAMED = 5


class ChangeRequests:
    """The sheet Changes by what each touches. `ids` are the folded ids of all deliverables.

    A change that names no deliverable, or one that does not exist, touches its whole contract while it is undecided.
    """

    def __init__(self, changes: Sequence[Change], ids: Container[str]) -> None:
        self._rows: dict[str, list[Change]] = defaultdict(list)
        undecided: dict[str, list[Change]] = defaultdict(list)
        for change in changes:
            key = fold(change.deliverable)
            if key and key in ids:
                self._rows[key].append(change)
            elif _lack(change)[0]:
                undecided[fold(change.contract)].append(change)
        self._contracts = {key: _of_contract(several) for key, several in undecided.items()}

    def touching(self, key: str, contract: str, accepted_on: date | None) -> Iterator[Reason]:
        """The reasons of one row, by folded id and folded contract reference."""
        if held := self._contracts.get(contract):
            yield held
        for change in self._rows.get(key, ()):
            yield from _of_row(change, accepted_on)


def _lack(change: Change) -> tuple[str, str]:
    """The column for want of which a change is not decided in writing, and what is wrong; two empty texts if it is."""
    for problem in change.problems:
        if not problem.warning:
            return problem.place.column, problem.sentence
    if change.decision not in _DECIDED:
        return "Decision", f"the decision is {change.decision or 'missing'}"
    if blank(change.decided_by):
        return "Decided by", "it does not say who decided"
    if change.decided_on is None:
        return "Decided at", "it does not say when it was decided"
    if blank(change.evidence):
        return "Evidence", "there is no evidence of the written decision"
    return ("", "")


def _undecided(change: Change) -> str:
    return f"change {change.id or 'without an ID'} has no written decision: {_lack(change)[1]}"


def _of_contract(several: Sequence[Change]) -> Reason:
    """One reason for all rows of the contract, so that many changes times many rows stay few."""
    ordered = sorted(several, key=lambda change: change.row)
    others = ", ".join(f"{change.id} (row {change.row})" for change in ordered[1 : _NAMED + 1])
    more = f", {len(ordered) - _NAMED - 1} more" if len(ordered) > _NAMED + 1 else ""
    also = f"; also {others}{more}" if others else ""
    text = f"{_undecided(ordered[0])}, and it touches the whole contract{also}. Get the written decision."
    return reason("CR_UNDECIDED", Place(_SHEET, ordered[0].row, _lack(ordered[0])[0]), text)


def _of_row(change: Change, accepted_on: date | None) -> Iterator[Reason]:
    column, _ = _lack(change)
    place = Place(_SHEET, change.row, column or "Decision")
    if column:
        yield reason("CR_UNDECIDED", place, f"{_undecided(change)}. Get the written decision.")
    if change.decision != "fee update":
        return
    if change.fee_delta is None:
        text = f"change {change.id} updates the fee, but not by how much. Write the fee delta."
        yield reason("CR_UNDECIDED", Place(_SHEET, change.row, "Fee delta"), text)
    if accepted_on is not None and (change.decided_on is None or change.decided_on >= accepted_on):
        text = (
            f"change {change.id} would re-price work that was accepted on {accepted_on}. Write it as a new deliverable."
        )
        yield reason("CR_TOUCHES_ACCEPTED", place, text)
    else:
        text = f"change {change.id} updates the fee of this row, which this version does not apply."
        advice = "Write the new fee as an amendment and a new deliverable."
        yield reason("CR_FEE_NOT_SUPPORTED", place, f"{text} {advice}")
