"""The proof's command: a level that fails is seen, named, and can be played again; one that shows it exits 0."""

import json
import shlex
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from . import levels, running
from .__main__ import app
from .proof_table import SHOWN, replay_line
from .score import Broken, Level, Score, Size, Wrong


@dataclass
class Fake:
    """A level whose odd schedules bill twice; a word in place of a number breaks the level itself."""

    LETTER: str = "A"
    TITLE: str = "odd ones bill twice"
    found: tuple[str, ...] = ()

    def units(self, _size: Size) -> Sequence[str]:
        return self.found

    def play(self, schedule: str) -> Score:
        odd = int(schedule) % 2
        return Score(3, (Broken(self.LETTER, schedule, Wrong.DUPLICATE, "two invoices"),) if odd else ())


class Here:
    """Plays in this process, where the fakes are; the real pool is played by level A below."""

    def __init__(self, _processes: int, mp_context: object) -> None:
        pass

    def __enter__(self) -> "Here":
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def submit(self, _play: object, letter: str, unit: str) -> Future[Score]:
        future = Future[Score]()
        if unit == "dies":
            future.set_exception(BrokenProcessPool("gone"))
        else:
            future.set_result(running.play(levels.LEVELS[letter], unit))
        return future


def invoke(monkeypatch: pytest.MonkeyPatch, units: tuple[str, ...], *arguments: str) -> Result:
    """The command, on a fake level A with these units."""
    fakes: dict[str, Level] = {"A": Fake(found=units)}
    monkeypatch.setattr(levels, "LEVELS", fakes)
    monkeypatch.setattr(running, "ProcessPoolExecutor", Here)
    return CliRunner().invoke(app, list(arguments))


def test_a_level_that_shows_it_exits_0(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table says how much was played."""
    done = invoke(monkeypatch, ("0", "2"))
    assert done.exit_code == 0, done.output
    row = next(line.split() for line in done.output.splitlines() if "odd ones" in line)
    assert row[-8:-1] == ["6", "0", "0", "0", "0", "0", "0"]


def test_a_broken_schedule_exits_1_and_says_how_to_play_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line that is printed, given to a shell, plays exactly that schedule."""
    done = invoke(monkeypatch, ("0", "1"))
    assert done.exit_code == 1
    line = next(line.strip() for line in done.output.splitlines() if "--replay" in line)
    assert line == "scripts/proof --replay 'A 1'"
    again = invoke(monkeypatch, (), *shlex.split(line)[1:])
    assert (again.exit_code, "two invoices" in again.output) == (1, True)
    fine = invoke(monkeypatch, (), "--replay", "A 2")
    assert (fine.exit_code, fine.output) == (0, "3 schedules played, 0 broken.\n")


def test_a_replay_tells_the_story_of_what_goes_well_too() -> None:
    """Where its level knows one; a schedule that nobody can read is broken, and says so."""
    done = CliRunner().invoke(app, ["--replay", "A ours/60/300/20/late"])
    assert (done.exit_code, done.output.splitlines()) == (
        0,
        [
            "0 s: sent as attempt 1: late",
            "450 s: looked for, 1 found",
            "posted in the outbox, 1 in QuickBooks",
            "1 schedules played, 0 broken.",
        ],
    )
    unread = CliRunner().invoke(app, ["--replay", "A ours/60/300/20/earthquake"])
    assert (unread.exit_code, "'earthquake' is not a valid Fault" in unread.output) == (1, True)


def test_only_the_first_ten_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken protocol breaks thousands."""
    done = invoke(monkeypatch, tuple(str(n) for n in range(1, 31, 2)))
    assert done.output.count("--replay") == SHOWN
    assert "and 5 more" in done.output


@pytest.mark.parametrize(("unit", "words"), [("word", "the proof itself failed: ValueError"), ("dies", "died")])
def test_a_level_that_raises_or_dies_is_broken(monkeypatch: pytest.MonkeyPatch, unit: str, words: str) -> None:
    """What could not be played shows nothing, so it is no proof."""
    done = invoke(monkeypatch, ("0", unit))
    assert done.exit_code == 1
    assert words in done.output
    assert f"--replay 'A {unit}'" in done.output


def test_a_level_without_schedules_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """0 of 0 is no success."""
    assert invoke(monkeypatch, ()).exit_code == 1


def test_json_and_markdown_tell_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One for programs, one for the page on which it is shown."""
    monkeypatch.setattr("sys.argv", ["proof", "--json", "--table", "t.md"])
    done = invoke(monkeypatch, ("0", "1"), "--json", "--table", str(tmp_path / "t.md"))
    told = json.loads(done.stdout)
    assert told["proved"] is False
    assert {key: told["levels"][0][key] for key in ("level", "schedules", "duplicate", "lost")} == {
        "level": "A",
        "schedules": 6,
        "duplicate": 1,
        "lost": 0,
    }
    assert told["broken"][0]["replay"] == "scripts/proof --replay 'A 1'"
    page = (tmp_path / "t.md").read_text(encoding="utf-8")
    assert "`scripts/proof --json --table t.md`, commit " in page
    assert "| A | odd ones bill twice | 6 | 1 | 0 | 0 | 0 | 0 | 0 s |" in page


def test_a_level_that_is_not_there_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the ones that are."""
    done = invoke(monkeypatch, ("0",), "--only", "A,Z")
    assert (done.exit_code, "no level Z; there are A" in done.output) == (2, True)
    assert invoke(monkeypatch, ("0",), "--only", " a").exit_code == 0


def test_a_schedule_with_any_characters_survives_the_shell() -> None:
    """Schedules are a level's own words."""
    broken = Broken("B", "late; 'x' > y", Wrong.LOST, "gone")
    assert shlex.split(replay_line(broken))[2] == "B late; 'x' > y"


def test_processes_of_their_own_play_the_real_level() -> None:
    """Spawned, as on every system; they find the level by its letter."""
    told: list[tuple[str, int, int, int]] = []
    units = tuple(levels.LEVELS["A"].units(Size.CI)[:2])
    results = list(running.run({"A": Fake(found=units)}, Size.CI, 1, lambda *progress: told.append(progress)))
    assert [(each.letter, each.score.broken) for each in results] == [("A", ())]
    assert results[0].score.schedules > 80_000
    assert (told[0], told[-1]) == (("A", 0, 2, 0), ("A", 2, 2, 0))
