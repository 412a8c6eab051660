"""Runs the units of the levels in processes of their own, level after level, and collects what they found."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context

from .score import Broken, Level, Score, Size, Wrong

Tell = Callable[[str, int, int, int], None]
"""Progress: a level's letter, units done, units in all, schedules broken."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one level found, and how long it took by the clock on the wall."""

    letter: str
    title: str
    score: Score
    seconds: float


def play(level: Level, schedule: str) -> Score:
    """One unit or schedule; a level that raises is broken by that, and the proof goes on."""
    try:
        return level.play(schedule)
    except Exception as error:
        sentence = f"the proof itself failed: {type(error).__name__}: {error}"
        return Score(1, (Broken(level.LETTER, schedule, Wrong.OTHER, sentence),))


def run(levels: Mapping[str, Level], size: Size, processes: int, tell: Tell) -> Iterator[Result]:
    """Every level at a size, as it ends. One after the other, so that each time is a level's own."""
    for level in levels.values():
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            yield _run_level(pool, level, level.units(size), tell)


def _run_level(pool: ProcessPoolExecutor, level: Level, units: Sequence[str], tell: Tell) -> Result:
    began, score = time.monotonic(), Score()
    tell(level.LETTER, 0, len(units), 0)
    flying = {pool.submit(_play_by_letter, level.LETTER, unit): unit for unit in units}
    for done, future in enumerate(as_completed(flying), start=1):
        score += _found(level.LETTER, flying[future], future)
        tell(level.LETTER, done, len(units), len(score.broken))
    return Result(level.LETTER, level.TITLE, score, time.monotonic() - began)


def _found(letter: str, unit: str, future: Future[Score]) -> Score:
    error = future.exception()
    if error is None:
        return future.result()
    sentence = f"the process that played it died: {type(error).__name__}"
    return Score(1, (Broken(letter, unit, Wrong.OTHER, sentence),))


def _play_by_letter(letter: str, unit: str) -> Score:
    """In the other process, where the levels are imported anew: a module does not travel."""
    from .levels import LEVELS

    return play(LEVELS[letter], unit)


def chosen(levels: Mapping[str, Level], letters: Iterable[str]) -> Mapping[str, Level]:
    """Only these levels, in their own order; all for none. Raises KeyError for one that does not exist."""
    wanted = [letter.strip().upper() for letter in letters if letter.strip()]
    for letter in wanted:
        levels[letter]
    return {letter: level for letter, level in levels.items() if not wanted or letter in wanted}
