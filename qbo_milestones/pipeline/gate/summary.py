"""How many rows, for how much, and why not: counts and sums that add up (design.md, What must always hold 5)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from qbo_milestones.model.money import Money, from_minor
from qbo_milestones.pipeline.gate.verdict import Billable, Verdict


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows and their sums, one a currency in the order of the codes. `without_amount` rows are in no sum."""

    rows: int
    sums: tuple[Money, ...]
    without_amount: int


@dataclass(frozen=True, slots=True)
class Summary:
    """All rows once: `total` = `billable` + `held`, and `held` = the sum of `by_kind`, which goes by first reason.

    `naming` counts how many rows name each kind, wherever among their reasons; those counts overlap.
    """

    total: Tally
    billable: Tally
    held: Tally
    by_kind: Mapping[str, Tally]
    naming: Mapping[str, int]


def summarise(verdicts: Sequence[Verdict]) -> Summary:
    """The counts and sums of one run."""
    first: dict[str, list[Money | None]] = defaultdict(list)
    naming: dict[str, int] = defaultdict(int)
    billable: list[Money | None] = []
    for verdict in verdicts:
        if isinstance(verdict, Billable):
            billable.append(verdict.amount)
            continue
        first[verdict.reasons[0].kind].append(verdict.amount)
        for kind in {why.kind for why in verdict.reasons}:
            naming[kind] += 1
    held = [amount for amounts in first.values() for amount in amounts]
    return Summary(
        _tally((*billable, *held)),
        _tally(billable),
        _tally(held),
        MappingProxyType({kind: _tally(first[kind]) for kind in sorted(first)}),
        MappingProxyType({kind: naming[kind] for kind in sorted(naming)}),
    )


def _tally(amounts: Sequence[Money | None]) -> Tally:
    known = [amount for amount in amounts if amount is not None]
    return Tally(len(amounts), tuple(_sums(known)), len(amounts) - len(known))


def _sums(amounts: Iterable[Money]) -> Iterable[Money]:
    minor: dict[str, int] = defaultdict(int)
    for amount in amounts:
        minor[amount.currency] += amount.minor
    return (from_minor(minor[currency], currency) for currency in sorted(minor))
