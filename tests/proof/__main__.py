"""The proof's command line: `scripts/proof`."""

import json
import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from . import levels
from .proof_table import dead_mutants, document, document_of_one, markdown, proved, screen, what_broke
from .running import Result, Tell, chosen, play, run
from .score import Level, Size, Storied

EXAMPLES = """Examples:

    scripts/proof                                    (what every test run plays)

    scripts/proof --level nightly --table proof.md   (every night)

    scripts/proof --only A,I                         (two levels)

    scripts/proof --replay 'A ours/60/300/20/late,garbled'   (one schedule again)"""
BROKEN, USAGE = 1, 2

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog=EXAMPLES)
def main(
    level: Annotated[Size, typer.Option(help="How much of each level is played.")] = Size.CI,
    only: Annotated[str, typer.Option(help="Letters of levels, with commas between; all without it.")] = "",
    processes: Annotated[int | None, typer.Option(min=1, help="How many at once; the cores without it.")] = None,
    replay: Annotated[str, typer.Option(help="A level's letter and one schedule of it: plays only that.")] = "",
    table: Annotated[
        Path | None, typer.Option(help="Write the table as Markdown into this file, level by level.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")] = False,
) -> None:
    """Prove that nothing is billed twice and nothing is lost. Exits 0 only if every level shows it."""
    if replay:
        raise typer.Exit(_replay(replay, as_json))
    wanted = _chosen(only.split(","))
    command = shlex.join(["scripts/proof", *sys.argv[1:]])
    results: list[Result] = []
    with _progress(list(wanted)) as tell:
        for result in run(wanted, level, processes or os.cpu_count() or 1, tell):
            results.append(result)
            if table is not None:
                # After each level: what a night has found is not lost when it is interrupted.
                table.write_text(markdown(results, command), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(document(results), indent=2))
    else:
        # What is no terminal takes any width.
        Console(width=None if sys.stdout.isatty() else 120).print(screen(results))
        for line in dead_mutants(results):
            typer.echo(line)
        for line in what_broke([one for result in results for one in result.score.broken]):
            typer.echo(line)
    raise typer.Exit(0 if proved(results) else BROKEN)


def _chosen(letters: list[str]) -> Mapping[str, Level]:
    try:
        return chosen(levels.LEVELS, letters)
    except KeyError as missing:
        typer.echo(f"There is no level {missing.args[0]}; there are {', '.join(levels.LEVELS)}.", err=True)
        raise typer.Exit(USAGE) from None


def _replay(words: str, as_json: bool) -> int:
    letter, _, schedule = words.partition(" ")
    (level,) = _chosen([letter or "none"]).values()
    score = play(level, schedule)
    if as_json:
        typer.echo(json.dumps(document_of_one(score), indent=2))
    else:
        # What broke tells its own.
        for line in level.story(schedule) if isinstance(level, Storied) and not score.broken else ():
            typer.echo(line)
        typer.echo(f"{score.schedules:,} schedules played, {len(score.broken):,} broken.")
        for line in what_broke(score.broken):
            typer.echo(line)
    return BROKEN if score.broken else 0


@contextmanager
def _progress(letters: list[str]) -> Iterator[Tell]:
    """A bar a level, on the error stream so that the table can be piped."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks = {each: progress.add_task(f"level {each}", total=None, start=False) for each in letters}

        def tell(letter: str, done: int, units: int, broken: int) -> None:
            if done == 0:
                progress.start_task(tasks[letter])
            found = f"level {letter}" + (f", {broken:,} broken" if broken else "")
            progress.update(tasks[letter], completed=done, total=units, description=found)
            if done == units:
                progress.stop_task(tasks[letter])

        yield tell


if __name__ == "__main__":
    app()
