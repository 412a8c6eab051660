"""How much is each deliverable: its fixed amount, or its share of the contract value to the cent (accounting.md 4.1).

The schedule of a contract is all its deliverables that are meant to be billed, whichever version they stand on. All in
percentages, they total 100; mixed, the fixed amounts and the shares make the contract value; else all of the contract
is held (ruling 19). What is posted keeps its amount, and the open percentages share the rest by their weights.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from qbo_milestones.model.money import Money, allocate, from_minor
from qbo_milestones.pipeline.gate.agreement import Standing
from qbo_milestones.pipeline.gate.held import Reason, reason
from qbo_milestones.pipeline.gate.row_checks import SHEET, scheduled
from qbo_milestones.pipeline.gate.verdict import Billed
from qbo_milestones.pipeline.register import Deliverable, Place, fold

_NOTHING = Decimal(0)
_HUNDRED = Decimal(100)
# A percentage with more decimals than this is a slip; with so many, sums of a whole register stay exact.
_PERCENT_DECIMALS = 12
_COLUMNS = ("Amount", "Percent", "Amount / Percent")


@dataclass(frozen=True, slots=True)
class Priced:
    """What a row comes to; None where that is not known. With reasons, it is not billed, amount or not."""

    amount: Money | None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the register as the schedule sees it. `key` is its folded id."""

    row: Deliverable
    key: str
    standing: Standing


def price(lines: Sequence[Line], billed: Mapping[str, Billed]) -> list[Priced]:
    """The price of every row, in the order of the rows. `billed` is by folded deliverable id."""
    known = {line.key for line in lines if line.key}
    priced = [_alone(line) for line in lines]
    schedules: dict[str, list[int]] = defaultdict(list)
    for n, line in enumerate(lines):
        # A part that was split off is in its parent's share.
        if scheduled(line.row) and line.standing.versions and not (line.row.parent and fold(line.row.parent) in known):
            schedules[line.standing.key].append(n)
    shared = {key: ns for key, ns in schedules.items() if any(_is_share(lines[n].row) for n in ns)}
    posted = by_contract(billed.values()) if shared else {}
    for key, members in shared.items():
        # In the order of the sheet, which decides who gets the last cent (accounting.md 4.1).
        members.sort(key=lambda n: (lines[n].row.row, lines[n].key))
        _share(members, lines, priced, billed, posted.get(key, ()))
    return priced


def by_contract(billed: Iterable[Billed]) -> dict[str, list[Billed]]:
    """What is billed, by folded contract reference."""
    found: dict[str, list[Billed]] = defaultdict(list)
    for each in billed:
        found[fold(each.contract)].append(each)
    return found


def _is_share(row: Deliverable) -> bool:
    return row.amount is None and row.percent is not None


def _alone(line: Line) -> Priced:
    """The price by the row itself; a percentage is not known yet."""
    row = line.row
    if row.amount is None and row.percent is None:
        unread = any(problem.place.column in _COLUMNS and not problem.warning for problem in row.problems)
        text = "neither an amount nor a percentage. Write one of the two."
        return Priced(None, () if unread else (reason("MISSING_AMOUNT", Place(SHEET, row.row, "Amount"), text),))
    if row.amount is not None and row.percent is not None:
        text = "both an amount and a percentage. Empty one of the two."
        return Priced(None, (reason("BAD_AMOUNT", Place(SHEET, row.row, "Amount"), text),))
    if row.amount is not None:
        return Priced(row.amount, _bad_amount(row, row.amount, line.standing))
    share = row.percent or _NOTHING
    return Priced(None, () if _usable(share) else (_bad_percent(row, share),))


def _bad_amount(row: Deliverable, amount: Money, standing: Standing) -> tuple[Reason, ...]:
    contract = standing.contract
    if amount.amount > 0 and contract and amount.currency == contract.currency:
        return ()
    place = Place(SHEET, row.row, "Amount")
    found = []
    if amount.amount <= 0:
        found.append(reason("BAD_AMOUNT", place, f"{amount} cannot be billed; an amount is more than nothing."))
    if contract and contract.currency and contract.currency != amount.currency:
        text = f"{amount} is not in {contract.currency}, the currency of the contract. Correct one of the two."
        found.append(reason("BAD_AMOUNT", place, text))
    return tuple(found)


def _usable(percent: Decimal) -> bool:
    return percent.is_finite() and 0 < percent <= _HUNDRED and -int(percent.as_tuple().exponent) <= _PERCENT_DECIMALS


def _bad_percent(row: Deliverable, percent: Decimal) -> Reason:
    text = (
        f"{percent}% is not a percentage above 0 and up to 100 with at most {_PERCENT_DECIMALS} decimals. Correct it."
    )
    return reason("BAD_AMOUNT", Place(SHEET, row.row, "Percent"), text)


def _share(
    members: Sequence[int],
    lines: Sequence[Line],
    priced: list[Priced],
    billed: Mapping[str, Billed],
    posted: Sequence[Billed],
) -> None:
    """Price the percentages of one contract, or hold every row of its schedule."""
    in_force = lines[members[0]].standing.in_force
    value = in_force.value if in_force else None
    if in_force is None or value is None or value.amount <= 0:
        return  # the contract's own reasons hold its rows, and there is nothing to take a percentage of
    place = Place("Contracts", in_force.row, "Contract value")
    within = {lines[n].key for n in members}
    constants = [
        *(each.amount for n in members if (each := billed.get(lines[n].key))),
        *(each.amount for each in posted if each.deliverable_key not in within),
        *(amount for n in members if lines[n].key not in billed and (amount := priced[n].amount)),
    ]
    refused = _refused([lines[n].row for n in members], constants, value, place)
    if refused:
        for n in members:
            priced[n] = Priced(priced[n].amount, (*priced[n].reasons, refused))
        return
    open_shares = [
        n for n in members if _is_share(lines[n].row) and lines[n].key not in billed and not priced[n].reasons
    ]
    rest = from_minor(value.minor - sum(amount.minor for amount in constants), value.currency)
    _spread(open_shares, lines, priced, rest, value)


def _refused(rows: Sequence[Deliverable], constants: Sequence[Money], value: Money, place: Place) -> Reason | None:
    """Why the schedule is refused (ruling 19); None where it adds up."""
    shares = [row.percent for row in rows if _is_share(row) and row.percent is not None]
    fixed = [row.amount for row in rows if row.amount is not None and row.percent is None]
    if any(amount.currency != value.currency or amount.amount < 0 for amount in (*fixed, *constants)):
        text = f"the payment schedule is not all in {value.currency}, or has amounts below nothing. Correct it."
        return reason("PERCENT_NOT_100", place, text)
    total = sum((percent for percent in shares if _usable(percent)), Decimal(0))
    if len(shares) == len(rows):
        text = f"the percentages of this contract total {_plain(total)}%, not 100%. Correct the payment schedule."
        return None if total == _HUNDRED else reason("PERCENT_NOT_100", place, text)
    # In integers: a product of decimals may be rounded.
    scale = 10**_PERCENT_DECIMALS
    fixed_minor = sum(amount.minor for amount in fixed)
    if fixed_minor * 100 * scale + value.minor * int(total * scale) == value.minor * 100 * scale:
        return None
    whole = f"fixed amounts of {from_minor(fixed_minor, value.currency)} and {_plain(total)}% of {value}"
    return reason("PERCENT_NOT_100", place, f"{whole} do not make {value}. Correct the payment schedule.")


def _plain(percent: Decimal) -> str:
    return f"{percent.normalize():f}"


def _spread(open_shares: Sequence[int], lines: Sequence[Line], priced: list[Priced], rest: Money, value: Money) -> None:
    """Share what is left by the weights; nothing left is the cap's matter."""
    if not open_shares:
        return
    if rest.amount <= 0:
        text = f"what is billed and fixed takes all of the contract value of {value}. Agree an amendment, or reduce it."
        for n in open_shares:
            place = Place(SHEET, lines[n].row.row, "Percent")
            priced[n] = Priced(None, (reason("OVERBILL_CAP", place, text),))
        return
    weights = [lines[n].row.percent or Decimal(0) for n in open_shares]
    for n, amount in zip(open_shares, allocate(rest, weights), strict=True):
        text = f"{lines[n].row.percent}% comes to less than the smallest coin of {value.currency}. Correct it."
        worthless = () if amount else (reason("BAD_AMOUNT", Place(SHEET, lines[n].row.row, "Percent"), text),)
        priced[n] = Priced(amount, worthless)
