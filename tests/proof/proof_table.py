"""The proof's one table: on the screen, as Markdown for a page, and as a document for programs."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich import box
from rich.table import Table

from .running import Result
from .score import Broken, Score, Wrong

ROOT = Path(__file__).parents[2]
MUTANTS, MUTANTS_LETTER = 10, "I"
SHOWN = 10
COLUMNS = ("level", "what is played", "schedules", "duplicates", "lost", "unbalanced", "stuck", "other", "time")


def proved(results: Iterable[Result]) -> bool:
    """Whether nothing is broken, something was played at each level, and every mutant is dead."""
    return all(
        result.score.schedules >= (MUTANTS if result.letter == MUTANTS_LETTER else 1) and not result.score.broken
        for result in results
    )


def row(result: Result) -> tuple[str, ...]:
    """One level as it is shown."""
    counts = (f"{result.score.count(wrong):,}" for wrong in Wrong)
    return (result.letter, result.title, f"{result.score.schedules:,}", *counts, f"{result.seconds:,.0f} s")


def screen(results: Sequence[Result]) -> Table:
    """For people."""
    table = Table(box=box.SIMPLE)
    for column in COLUMNS:
        words = column in COLUMNS[:2]
        table.add_column(column, justify="left" if words else "right", no_wrap=not words)
    for result in results:
        table.add_row(*row(result), style="red" if not proved([result]) else "")
    return table


def dead_mutants(results: Iterable[Result]) -> Iterator[str]:
    """How many mutants died, where they were let loose."""
    for result in results:
        if result.letter == MUTANTS_LETTER:
            alive = len({broken.schedule for broken in result.score.broken})
            yield f"{result.score.schedules - alive} of {MUTANTS} mutants are dead."


def markdown(results: Sequence[Result], command: str) -> str:
    """The table for a page, with when, how and on what it was made."""
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, `{command}`, commit {commit()}, {os.cpu_count()} cores:",
        "",
        "| " + " | ".join(COLUMNS) + " |",
        "|" + "|".join("---" if column in COLUMNS[:2] else "---:" for column in COLUMNS) + "|",
        *("| " + " | ".join(row(result)) + " |" for result in results),
    ]
    return "\n".join([*lines, "", *dead_mutants(results)]).rstrip() + "\n"


def commit() -> str:
    """The commit that was proved, and whether files differ from it."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return "unknown"
    head, changes = (
        subprocess.run([git, "-C", str(ROOT), *words], capture_output=True, text=True, check=False).stdout.strip()
        for words in (["rev-parse", "--short", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
    )
    return f"{head or 'unknown'}{' with changes' if changes else ''}"


def replay_line(broken: Broken) -> str:
    """The command that plays it again."""
    return f"scripts/proof --replay {shlex.quote(f'{broken.level} {broken.schedule}')}"


def what_broke(broken: Sequence[Broken]) -> Iterator[str]:
    """What happened and how to see it again: the first ten, then how many more."""
    for one in broken[:SHOWN]:
        yield f"{one.level} {one.wrong}: {one.sentence}"
        yield f"    {replay_line(one)}"
    if len(broken) > SHOWN:
        yield f"and {len(broken) - SHOWN:,} more"


def document(results: Sequence[Result]) -> dict[str, object]:
    """For programs."""
    return {
        "proved": proved(results),
        "commit": commit(),
        "levels": [
            {
                "level": result.letter,
                "title": result.title,
                "schedules": result.score.schedules,
                **{wrong.value: result.score.count(wrong) for wrong in Wrong},
                "seconds": round(result.seconds, 1),
            }
            for result in results
        ],
        "broken": [_broken(one) for result in results for one in result.score.broken],
    }


def document_of_one(score: Score) -> dict[str, object]:
    """For programs: one schedule that was played again."""
    return {"schedules": score.schedules, "broken": [_broken(one) for one in score.broken]}


def _broken(one: Broken) -> dict[str, str]:
    return {"wrong": one.wrong.value, "sentence": one.sentence, "replay": replay_line(one)}
