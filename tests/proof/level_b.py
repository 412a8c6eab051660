"""Level B: every HTTP request times every fault, as SQLite fails its Nth call for N = 1, 2, ... (reliability.md 2)."""

from collections.abc import Iterator, Sequence
from itertools import count, product

from .first_day import WORLDS, Odds
from .ground import AFTER_QUIET_S, SIGNED, Ground
from .oracle import judge
from .score import Finding, Score, Size, Wrong, scored
from .spoils import FOURTEEN, MORE, SPOILS, Plan

LETTER = "B"
TITLE = "real code, every HTTP request times every fault"

# How long after the first run the second one comes: within the quiet time, the same day, the next day.
GAPS_S = (20, 4_000, 80_000)
# On the posting path: where in the undisturbed run's four sends the first fault falls, and how much later the others.
_SENDS, _LATER, _LATER_OF_THREE = 4, 8, 3
_ODDS = tuple(product(WORLDS, GAPS_S))


def units(size: Size) -> Sequence[str]:
    """`single KIND once|ever new|known`, `pairs KIND KIND`, `triples KIND KIND KIND`."""
    found = [f"single {kind} {how} known" for kind, how in product(FOURTEEN, ("once", "ever"))]
    if size is not Size.CI:
        found += [f"single {kind} once new" for kind in FOURTEEN]
        found += [f"single {kind} ever new" for kind in SPOILS]
        found += [f"single {kind} {how} known" for kind, how in product(MORE, ("once", "ever"))]
        found += [f"pairs {first} {second}" for first, second in product(FOURTEEN, repeat=2)]
    if size is Size.RELEASE:
        found += [f"triples {' '.join(kinds)}" for kinds in product(FOURTEEN, repeat=3)]
    return found


def play(schedule: str) -> Score:
    """A unit, or one schedule: `WINDOW/LAG GAP new|known PLAN`."""
    form, *rest = schedule.split()
    if form == "single":
        return _singles(*rest)
    if form in ("pairs", "triples"):
        return sum((_played(text)[0] for text in _combined(rest)), Score())
    return _played(schedule)[0]


def _singles(kind: str, how: str, past: str) -> Score:
    """The Nth request spoiled, once or from then on, until a run has no Nth."""
    score = Score()
    for n in count(1):
        window = _odds(n + sorted(SPOILS).index(kind) * 5)
        one, spoiled = _played(f"{window} {past} {n}{'+' if how == 'ever' else ''}:{kind}")
        if not spoiled:
            return score
        score += one
    raise AssertionError("count ends never")


def _combined(kinds: list[str]) -> Iterator[str]:
    """Faults on the posting path: the first at each send of the undisturbed run, the others later."""
    later = _LATER if len(kinds) == 2 else _LATER_OF_THREE
    steps = product(range(1, _SENDS + 1), *[range(1, later + 1) for _ in kinds[1:]])
    for n, (first, *gaps) in enumerate(steps):
        places = [first]
        for gap in gaps:
            places.append(places[-1] + gap)
        plan = " ".join(f"p{place}:{kind}" for place, kind in zip(places, kinds, strict=True))
        yield f"{_odds(n * 7 + sum(map(FOURTEEN.index, kinds)))} known {plan}"


def _odds(turn: int) -> str:
    """Worlds and gaps by turns, so that all combinations appear."""
    odds, gap = _ODDS[turn % len(_ODDS)]
    return f"{odds.text} {gap}"


def _played(schedule: str) -> tuple[Score, int]:
    """One schedule, and how many requests were spoiled in it."""
    odds, gap, past, *plan = schedule.split()
    with Ground(Odds.named(odds), known=past == "known") as ground:
        ground.machine.wire.plan = Plan(" ".join(plan))
        found = list(_disturbed(ground, float(gap)))
        spoiled = ground.machine.wire.plan.spoiled
    return scored(LETTER, schedule, 1, found), spoiled


def _disturbed(ground: Ground, gap: float) -> Iterator[Finding]:
    """The night that is spoiled, another one, and quiet nights until nothing is left to do."""
    try:
        ground.night()
        if not ground.settle((gap, *[AFTER_QUIET_S] * 6)):
            yield Wrong.STUCK, f"not done after six quiet nights: {ground.told}"
        yield from judge(ground, SIGNED)
    except Exception as fault:
        yield Wrong.OTHER, f"{type(fault).__name__}: {fault}"
