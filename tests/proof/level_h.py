"""Level H: every toxic on the line of every kind of call that a run makes, on its way up and down, once and longer."""

import logging
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from random import Random

from journeys.simulated import HARDEST, Doc

from .aftermath import FAIR_ENDS, findings
from .poisoned_line import NAMES, Line, Poison
from .premises import Premises, premises
from .score import Finding, Score, Size, Wrong, scored

LETTER = "H"
TITLE = "toxics on the line"
# What every run calls, and what is asked where an answer was lost.
_ALWAYS = (
    *("token", "discovery", "companyinfo", "cdc", "journalentry", "invoice"),
    *(f"query {name}" for name in ("Preferences", "Account", "Term", "Class", "Department", "TaxCode")),
    *("query JournalEntry", "query Invoice"),
)
# What only the first run on a company reads.
_FIRST = tuple(
    f"query {name}"
    for name in ("Payment", "CreditMemo", "Deposit", "SalesReceipt", "RefundReceipt", "Customer", "Item")
)
_CI = ("token", "journalentry", "invoice")
_WAYS = tuple(product((True, False), (True, False)))
# An access token is fresh for a second, and is then renewed.
_TOKEN_LIFE_S, _FRESH_S = 4, 1.05
_LOOK_UPS = {"query JournalEntry": "journalentry", "query Invoice": "invoice"}
_SIGN_IN = frozenset({"token", "discovery"})
_TRIES = 5
_log = logging.getLogger(__name__)


def units(size: Size) -> Sequence[str]:
    """Each unit is one agency under some toxics on some kinds of calls."""
    pairs = [f"{one},{other}" for one, other in zip(NAMES[::2], NAMES[1::2], strict=True)]
    if size is Size.CI:
        works = [(pair, ",".join(_CI), 1) for pair in pairs]
    else:
        works = [(pair, call, len(_WAYS)) for call, pair in product(_ALWAYS, pairs)]
        works += [(toxic, call, 1) for call, toxic in product(_FIRST, NAMES)]
    return [
        f"{LETTER} seed={seed} toxics={toxics} calls={calls.replace(' ', '+')} ways={ways}"
        for seed, (toxics, calls, ways) in enumerate(works)
    ]


def play(schedule: str) -> Score:
    """One agency; one schedule for each toxic, call and way."""
    asked = dict(word.split("=") for word in schedule.split()[1:])
    dice = Random(schedule)  # noqa: S311 - the same for the same schedule
    calls = asked["calls"].replace("+", " ").split(",")
    cases = [
        Poison(toxic, call, *way)
        for toxic, call in product(asked["toxics"].split(","), calls)
        for way in dice.sample(_WAYS, int(asked["ways"]))
    ]
    # Every other company catches no repetition itself.
    switches: Doc = {**(HARDEST if int(asked["seed"]) % 2 else {}), "access_life_s": _TOKEN_LIFE_S}
    with Line() as line, premises(switches, line.lead_to) as place:
        hits: Counter[str] = Counter()
        found = [each for poison in cases for each in _poisoned(place, line, poison, dice, hits)]
        found += findings(place)
    _log.info("%s: %s of %s", schedule, dict(hits), dict(line.carried))
    return scored(LETTER, schedule, len(cases), found)


def _poisoned(place: Premises, line: Line, poison: Poison, dice: Random, hits: Counter[str]) -> Iterator[Finding]:
    """Runs with the poison in the line until it acted."""
    for _ in range(_TRIES):
        place.more_work(dice)
        place.wait_for_lease()
        if poison.endpoint in _SIGN_IN:
            time.sleep(_FRESH_S)
        line.poison(poison)
        call = _LOOK_UPS.get(poison.endpoint)
        if call:
            place.simulated.spoil("lost_answer", method="POST", entity=call)
        code = place.run("run", "--json", *(["--wait"] if call else []))
        acted = line.hits
        line.poison(None)
        if code not in FAIR_ENDS:
            yield Wrong.OTHER, f"with {poison} a run ended with {code}: {place.said()}"
        if acted:
            hits[poison.toxic] += acted
            return
    yield Wrong.OTHER, f"no run made a call for {poison}"
