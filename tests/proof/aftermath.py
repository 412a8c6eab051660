"""After the trouble: it is healed, the program settles, and the books must be those of an undisturbed night."""

import time
from collections import Counter
from collections.abc import Iterator

from journeys.simulated import Doc

from .premises import QUIET_S, Premises, undisturbed
from .score import Finding, Wrong

_NIGHTS = 6
# How a run in the middle of trouble may end: done, a flag for now, or try again later.
FAIR_ENDS = frozenset({0, 1, 75})


def findings(place: Premises) -> Iterator[Finding]:
    """Everything that is wrong once the trouble is over."""
    place.simulated.heal()
    yield from _settled(place)
    yield from _idle(place)
    yield from _examined(place)
    held, numbers = place.simulated.plain(), place.simulated.numbers()
    yield from _unbalanced(place)
    expected = undisturbed(place)
    yield from _compared(held, numbers, expected)
    yield from _silent(place)


def _settled(place: Premises) -> Iterator[Finding]:
    """Runs until everything is posted, a few at most; the last must have nothing to say."""
    code = 75
    for _ in range(_NIGHTS):
        place.wait_for_lease()
        code = place.run("run", "--wait", "--json")
        seen = place.seen()
        if code == 0 and set(seen.stages) <= {"posted"} and not seen.open:
            return
    if set(seen.stages) - {"posted"} or seen.open:
        yield Wrong.STUCK, f"after {_NIGHTS} runs {seen.stages}, {seen.open} sends open; last exit code {code}"
    else:
        yield Wrong.OTHER, f"the last run ended with {code}: {place.said()}"


def _idle(place: Premises) -> Iterator[Finding]:
    """A second run with no change of the register writes nothing (I10)."""
    _wait_for_the_late(place)
    place.simulated.forget_requests()
    code = place.run("run", "--json")
    if writes := place.simulated.writes():
        yield Wrong.OTHER, f"a run with nothing to do wrote {writes}"
    if code:
        yield Wrong.OTHER, f"a run with nothing to do ended with {code}: {place.said()}"


def _examined(place: Premises) -> Iterator[Finding]:
    """The doctor asks the database for every invariant again, and computes the audit log's chain anew."""
    code = place.run("doctor", "--json")
    if code not in (0, 1):
        said = place.said() or {"checks": ()}
        broken = [check["sentence"] for check in said["checks"] if check["mark"] == "broken"]
        yield Wrong.OTHER, f"the doctor ended with {code}: {'; '.join(broken)}"


def _wait_for_the_late(place: Premises) -> None:
    """What the company still works on is done before we look."""
    latest = time.monotonic() + QUIET_S
    while place.simulated.side("GET", "faults")["late"] and time.monotonic() < latest:
        time.sleep(0.05)


def _unbalanced(place: Premises) -> Iterator[Finding]:
    try:
        place.simulated.prove()
    except AssertionError as wrong:
        yield Wrong.UNBALANCED, f"the ledger does not hold: {wrong}"


def _compared(held: Doc, numbers: list[str], expected: Doc) -> Iterator[Finding]:
    wanted = Counter(str(row.get("DocNumber")) for name in ("Invoice", "JournalEntry") for row in expected[name])
    found = Counter(numbers)
    if twice := sorted((found - wanted).elements()):
        yield Wrong.DUPLICATE, f"too many in the books: {', '.join(twice)}"
    if missing := sorted((wanted - found).elements()):
        yield Wrong.LOST, f"not in the books: {', '.join(missing)}"
    if held != expected and not twice and not missing:
        names = sorted(name for name in held.keys() | expected.keys() if held.get(name) != expected.get(name))
        yield Wrong.OTHER, f"the books differ from an undisturbed night's in {', '.join(names)}"


def _silent(place: Premises) -> Iterator[Finding]:
    """No secret stands in any file of the agency, nor in what its programs said (ruling 23)."""
    place.turn_page()
    place.ear.read(place.folder)
    yield from ((Wrong.OTHER, f"a secret was shown: {leak}") for leak in place.ear.told())
