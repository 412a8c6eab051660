"""The overbilling cap: what is billed on a contract never passes its value (accounting.md 4.2 check A; ruling 39)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from qbo_milestones.model.money import Money, from_minor
from qbo_milestones.pipeline.gate.amounts import by_contract
from qbo_milestones.pipeline.gate.held import Reason, reason
from qbo_milestones.pipeline.gate.verdict import Billable, Billed, Held, Verdict
from qbo_milestones.pipeline.register import Place, Register, fold


def keep_cap(verdicts: Sequence[Verdict], register: Register, billed: Mapping[str, Billed]) -> tuple[Verdict, ...]:
    """The verdicts with those held that would pass the cap of their contract, in the same order.

    Rows are taken by accepted date, then id: one that would pass the cap is held, a later one that fits may pass. What
    counts as billed is all in `billed`, by folded deliverable id, and what was invoiced by hand.
    """
    waiting: dict[str, list[int]] = defaultdict(list)
    for n, verdict in enumerate(verdicts):
        if isinstance(verdict, Billable):
            waiting[fold(verdict.contract.reference)].append(n)
    taken = _taken(verdicts, register, billed)
    answer = list(verdicts)
    for key, members in waiting.items():
        _keep(members, answer, taken.get(key, ()))
    return tuple(answer)


def _taken(verdicts: Iterable[Verdict], register: Register, billed: Mapping[str, Billed]) -> dict[str, list[Money]]:
    """What counts against the cap already, by folded contract reference."""
    taken = {key: [each.amount for each in several] for key, several in by_contract(billed.values()).items() if key}
    shares = {each.deliverable.row: each.amount for each in verdicts if isinstance(each, Held) and each.by_hand}
    # A document found by its stamp alone may not name its contract: the row does.
    unnamed = {key: each.amount for key, each in billed.items() if not each.contract.strip()}
    for row in register.deliverables:
        by_hand = row.row in shares
        if not by_hand and not unnamed:
            continue
        key = row.key
        amount = unnamed.pop(key, None)
        if amount is None and by_hand and key not in billed:
            amount = shares.get(row.row) or row.amount
        if amount and amount.amount > 0:
            taken.setdefault(fold(row.contract), []).append(amount)
    return taken


def _keep(members: Sequence[int], answer: list[Verdict], taken: Sequence[Money]) -> None:
    """Hold those of one contract that would pass its cap."""
    billables = [(n, verdict) for n in members if isinstance(verdict := answer[n], Billable)]
    billables.sort(key=lambda each: (each[1].acceptance.accepted_on, each[1].deliverable.key))
    values = [each.contract.value if each.cap is None else each.cap for _, each in billables]
    caps = [value for value in values if value is not None]
    # Rows on several versions share one cap: it is of the reference.
    cap = min(caps, key=lambda each: each.amount) if caps else None
    total = sum(amount.minor for amount in taken)
    foreign = cap is None or any(amount.currency != cap.currency for amount in (*taken, *caps))
    for n, each in billables:
        if foreign or cap is None or each.amount.currency != cap.currency or total + each.amount.minor > cap.minor:
            answer[n] = Held(each.deliverable, (_over(each, cap, total),), each.amount)
        else:
            total += each.amount.minor


def _over(each: Billable, cap: Money | None, total: int) -> Reason:
    place = Place("Deliverables", each.deliverable.row, "Amount" if each.deliverable.percent is None else "Percent")
    if cap is None or cap.currency != each.amount.currency:
        text = "what is billed on this contract cannot be set against its value: the currencies differ. Correct them."
        return reason("OVERBILL_CAP", place, text)
    left = max(cap.minor - total, 0)
    text = (
        f"{each.amount} would pass the value of {each.contract.reference}: of {cap}, "
        f"{from_minor(left, cap.currency)} is left. Agree an amendment, or reduce the amount."
    )
    return reason("OVERBILL_CAP", place, text)
