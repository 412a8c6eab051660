"""What a company does with a repeated requestid: reported, never relied on (reliability.md 1.2)."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from qbo_milestones.adapters.quickbooks.books import QuickBooksBooks
from qbo_milestones.checkup.findings import Finding, broken, failed, warning, well
from qbo_milestones.config import Settings
from qbo_milestones.errors import BadSettings, Failure
from qbo_milestones.model.exit_code import WAITING
from qbo_milestones.wiring import opened

_ID_BYTES = 16
_FORGOTTEN = "Nothing to do: a lost answer is looked for before anything is sent again, whatever is remembered."


class Makes(Protocol):
    """Who makes and deletes throw-away journals; see throwaways.ThrowAways."""

    def create(self, requestid: str) -> str:
        """The id of one made by itself."""
        ...

    def create_in_batch(self, requestid: str) -> str:
        """The id of one made in a batch."""
        ...

    def delete(self, id_: str) -> None:
        """Delete it."""
        ...


def probe_company(settings: Settings, after_min: float) -> tuple[Finding, ...]:
    """Probe the company of the settings. Raises BadSettings for a real one, and what connecting may raise."""
    if settings.quickbooks.environment == "production":
        raise BadSettings(
            "The requestid probe makes and deletes journals, so it is for a sandbox company or the simulator only: "
            "name one by quickbooks.environment, in settings of its own."
        )
    with opened(settings) as (world, _):
        if not isinstance(world.books, QuickBooksBooks):
            raise AssertionError("only QuickBooks has a requestid")
        return tuple(probe(world.books.throw_aways(), world.clock.sleep, after_min * 60))


def probe(makes: Makes, sleep: Callable[[float], None], after_s: float = 0) -> Iterator[Finding]:
    """The same requestid twice, single and in a batch, and once more after so many seconds where any are given.

    What it made is deleted at its end, also where a step failed; what could not be deleted is named.
    """
    made: dict[str, None] = {}
    left: list[str] = []
    with _cleaned(makes, made, left):
        yield from _repeated(makes, sleep, after_s, made)
    if left:
        sentence = f"These journals could not be deleted: {', '.join(left)}."
        yield broken("Probe, clean-up", sentence, "Delete them in QuickBooks; their memo names this test.", WAITING)
    else:
        yield well("Probe, clean-up", f"{len(made)} journals were made, and all of them deleted.")


def _repeated(makes: Makes, sleep: Callable[[float], None], after_s: float, made: dict[str, None]) -> Iterator[Finding]:
    ways = {"single": makes.create, "batch": makes.create_in_batch}
    first: dict[str, tuple[str, str]] = {}
    for way, create in ways.items():
        requestid = secrets.token_hex(_ID_BYTES)
        found = _asked(create, requestid, made)
        if isinstance(found, Failure):
            yield failed(f"requestid, {way}", found, "See that the sandbox takes journals, then probe again.")
            continue
        first[way] = requestid, found
        yield _compared(f"requestid, {way}, at once", found, _asked(create, requestid, made))
    if after_s and first:
        sleep(after_s)
        for way, (requestid, found) in first.items():
            name = f"requestid, {way}, after {after_s / 60:g} min"
            yield _compared(name, found, _asked(ways[way], requestid, made))


def _asked(create: Callable[[str], str], requestid: str, made: dict[str, None]) -> str | Failure:
    try:
        id_ = create(requestid)
    except Failure as failure:
        return failure
    made[id_] = None
    return id_


def _compared(name: str, first: str, again: str | Failure) -> Finding:
    if isinstance(again, Failure):
        return warning(name, f"The repetition was answered otherwise: {again.text}.", _FORGOTTEN)
    if again == first:
        return well(name, f"Remembered: both answers name journal {first}.")
    return warning(name, f"Not remembered: a second journal was made ({first} and {again}).", _FORGOTTEN)


@contextmanager
def _cleaned(makes: Makes, made: dict[str, None], left: list[str]) -> Iterator[None]:
    try:
        yield
    finally:
        for id_ in made:
            try:
                makes.delete(id_)
            except Failure:
                left.append(id_)
