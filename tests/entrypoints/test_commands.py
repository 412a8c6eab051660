"""The commands as people meet them: help, examples, refusals and exit codes (reliability.md 5; design.md)."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.core import TyperGroup

from entrypoints.shell import ROOT, Shell
from qbo_milestones.entrypoints import cli
from qbo_milestones.entrypoints.cli import app
from qbo_milestones.errors import RuleBroken

HEAVY = (
    "alembic",
    "apscheduler",
    "cryptography",
    "holidays",
    # The package itself is a namespace that stands in every process of this environment.
    "intuitlib.client",
    "keyring",
    "python_calamine",
    "quickbooks",
    "requests",
    "sqlalchemy",
    "starlette",
    "uvicorn",
    "xlsxwriter",
)


def commands(group: TyperGroup, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with the words that call it."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


TOP = typer.main.get_command(app)
assert isinstance(TOP, TyperGroup)
ALL = dict(commands(TOP))
ON_A_COMPANY = ("check", "plan", "run", "status", "flags")
WITH_JSON = [path for path, command in ALL.items() if any("--json" in param.opts for param in command.params)]


def test_these_are_the_commands() -> None:
    """design.md: the commands that newcomers are told of."""
    single = {
        "demo",
        "connect",
        "reconnect",
        "disconnect",
        "check",
        "plan",
        "run",
        "status",
        "flags",
        "trace",
        "simulator",
    }
    assert {path for path in ALL if len(path) == 1} >= {(name,) for name in single}
    assert {path for path in ALL if path[0] == "register"} == {("register", "template"), ("register", "check")}
    assert {path[0] for path in WITH_JSON} >= {"check", "plan", "run", "status", "flags", "trace", "register"}


@pytest.mark.parametrize("path", [(), ("register",), *ALL], ids=" ".join)
def test_each_command_explains_itself(shell: Shell, path: tuple[str, ...]) -> None:
    """Each `--help` is there at once, with a sentence and an example, and leaves nothing behind."""
    said = shell(*path, "--help")
    assert (said.code, said.err) == (0, "")
    assert "Usage: qbo-milestones" in said.out
    assert path not in ALL or "Example: qbo-milestones" in said.out
    assert not list(shell.home.iterdir())
    assert not list(shell.folder.iterdir())


def test_help_loads_nothing_heavy() -> None:
    """design.md, Speed: `--help` answers at once because heavy imports are local."""
    program = (
        "import sys\nfrom qbo_milestones.entrypoints.cli import main\n"
        f"for words in {[list(path) for path in [(), *ALL]]!r}:\n"
        "    sys.argv = ['qbo-milestones', *words, '--help']\n"
        "    try:\n        main()\n    except SystemExit as end:\n        assert end.code == 0\n"
        f"print('HEAVY', sorted({set(HEAVY)!r} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY []"


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_each_example_is_a_call_that_parses(path: tuple[str, ...]) -> None:
    """An example names this command, and its options exist."""
    example = ALL[path].epilog.removeprefix("Example: ")
    program, *words = shlex.split(example)
    assert program == "qbo-milestones"
    assert tuple(words[: len(path)]) == path
    with ALL[path].make_context(path[-1], words[len(path) :]):
        pass


@pytest.mark.parametrize(
    "words",
    [
        ("bill",),
        ("run", "--force"),
        ("register", "bill"),
        ("trace",),
        ("simulator", "--port", "many"),
        ("register", "template"),
    ],
    ids=" ".join,
)
def test_what_is_not_there_is_a_wrong_use(shell: Shell, words: tuple[str, ...]) -> None:
    """reliability.md 5: exit code 2; what was wrong stands on the error stream."""
    said = shell(*words)
    assert (said.code, said.out) == (2, "")
    assert "Usage" in said.err


def test_a_register_is_started_and_checked_before_there_are_settings(shell: Shell) -> None:
    """register.md: the template's next step works where a newcomer stands; a file is never overwritten."""
    said = shell("register", "template", "register.xlsx")
    assert said.code == 0
    assert "qbo-milestones register check register.xlsx" in said.out
    before = (shell.folder / "register.xlsx").read_bytes()
    again = shell("register", "template", "register.xlsx")
    assert again.code == 2
    assert "register.xlsx exists already" in again.err
    assert (shell.folder / "register.xlsx").read_bytes() == before
    checked = shell("register", "check", "register.xlsx")
    as_json = shell("register", "check", "register.xlsx", "--json")
    assert checked.code == as_json.code
    found = as_json.json
    assert found.keys() == {"source", "deliverables", "problems"}
    assert found["deliverables"] == 3
    assert "3 deliverables read" in checked.out
    assert as_json.code == int(any(not problem["warning"] for problem in found["problems"]))


def test_what_is_wrong_with_a_register_is_listed_by_cell(shell: Shell) -> None:
    """P1: by sheet, row and column; exit code 1 while something waits for a person."""
    folder = shell.folder / "register"
    folder.mkdir()
    (folder / "contracts.csv").write_text("Contract,Version,Customer,Currency,Contract value\nSOW-1,1,Acme,USD,lots\n")
    (folder / "deliverables.csv").write_text("Deliverable ID,Contract,Type,Amount\nD-1,SOW-1,deliverable,12.345\n")
    said = shell("register", "check", "register", "--json")
    assert said.code == 1
    places = {(one["sheet"].casefold(), one["row"]) for one in said.json["problems"] if not one["warning"]}
    assert ("contracts", 2) in places
    assert ("deliverables", 2) in places
    keys = {"kind", "sheet", "row", "column", "sentence", "warning"}
    assert all(one.keys() == keys for one in said.json["problems"])
    assert "deliverables" in shell("register", "check", "register").out.casefold()


@pytest.mark.parametrize(
    "words", [("register", "check", "nowhere.xlsx"), ("register", "check", "nowhere.xlsx", "--json")]
)
def test_a_register_that_is_not_there_is_said(shell: Shell, words: tuple[str, ...]) -> None:
    """reliability.md 5: 2, and what is missing by its name."""
    said = shell(*words)
    assert said.code == 2
    assert "nowhere.xlsx" in said.out + said.err


@pytest.mark.parametrize("name", [*ON_A_COMPANY, "trace D-103"])
def test_before_it_is_connected_a_person_must_connect(shell: Shell, name: str) -> None:
    """reliability.md 5: exit code 3 and a sentence that says what to do; the same for programs."""
    shell.settings()
    said = shell(*name.split())
    assert (said.code, said.out) == (3, "")
    assert said.err.startswith(
        "Error: simulator is not connected to QuickBooks yet: run `qbo-milestones connect --config "
    )
    as_json = shell(*name.split(), "--json")
    assert (as_json.code, as_json.err) == (3, "")
    assert as_json.json["exit_code"] == 3
    assert as_json.json["error"].keys() == {"kind", "text", "code", "intuit_tid"}
    assert as_json.json["error"]["kind"] == "NotConnected"


@pytest.mark.parametrize("path", WITH_JSON, ids=" ".join)
def test_bad_settings_are_named_with_a_suggestion(shell: Shell, path: tuple[str, ...]) -> None:
    """Ruling 25; reliability.md 5: exit code 2, on the screen and as JSON."""
    shell.settings("[billing]\nstart_on = 2026-10-01\n")
    words = [*path, *(["x"] if path in {("trace",), ("register", "check")} else [])]
    wanted = "Unknown setting billing.start_on (from settings.toml). Did you mean billing.starts_on?"
    said = shell(*words)
    assert (said.code, said.err.strip()) == (2, f"Error: {wanted}")
    as_json = shell(*words, "--json")
    assert as_json.code == as_json.json["exit_code"] == 2
    assert as_json.json["error"] == {"kind": "BadSettings", "text": wanted, "code": "", "intuit_tid": ""}


@pytest.mark.parametrize(
    ("words", "variables", "sentence"),
    [
        (("--set", "billing.start_on=2026-10-01"), {}, "(from the options). Did you mean billing.starts_on?"),
        ((), {"QBO_MILESTONES_BILLING__START_ON": "x"}, "(from the environment). Did you mean billing.starts_on?"),
        (("--config", "nowhere"), {}, "no settings folder nowhere"),
        ((), {"QBO_MILESTONES_CONFIG": "elsewhere"}, "no settings folder elsewhere"),
        # Square brackets are no instruction to the screen.
        (("--set", "time_zone=[/red]"), {}, "'[/red]' is not a time zone"),
        (("--config", "[bold]x[/]"), {}, "no settings folder [bold]x[/]"),
    ],
)
def test_settings_from_anywhere_are_refused_alike(
    shell: Shell, words: tuple[str, ...], variables: dict[str, str], sentence: str
) -> None:
    """Ruling 25: environment and options too."""
    shell.settings()
    said = shell("status", *words, **variables)
    assert said.code == 2
    assert sentence in said.err


def test_a_secret_in_the_environment_is_never_repeated(shell: Shell) -> None:
    """design.md, What must always hold 7."""
    shell.settings("[quickbooks]\nenvironment = 'sandbox'\nclient_id = 'app'\nredirect_uri = 'http://localhost:1/x'")
    secret = {"QBO_MILESTONES_QUICKBOOKS__CLIENT_SECRET": "canary-41c6", "QBO_MILESTONES_TOKEN_KEY": "canary-41c6"}
    for words in (("status",), ("status", "--json"), ("plan", "--set", "live=x"), ("connect",), ("check", "--json")):
        said = shell(*words, **secret)
        assert said.code in {2, 3}
        assert "canary" not in said.out + said.err


def test_a_real_company_without_its_first_day_is_refused(shell: Shell) -> None:
    """Ruling 11."""
    shell.settings()
    said = shell("plan", "--set", "quickbooks.environment=production")
    assert said.code == 2
    assert "billing.starts_on is required" in said.err


def test_the_demo_leaves_alone_what_it_did_not_make(shell: Shell) -> None:
    """A folder of a person's own is never removed."""
    mine = shell.folder / "mine"
    mine.mkdir()
    (mine / "settings.toml").write_text("company = 'mine'\n")
    said = shell("demo", "--into", "mine")
    assert said.code == 2
    assert "not empty and no demo made it" in said.err
    assert [path.name for path in mine.iterdir()] == ["settings.toml"]


def test_the_module_is_the_command() -> None:
    """`python -m qbo_milestones` is the same program."""
    words = [sys.executable, "-m", "qbo_milestones", "register", "check", str(ROOT / "nowhere"), "--json"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, cwd=Path(sys.prefix))
    assert (done.returncode, json.loads(done.stdout)["exit_code"]) == (2, 2)


@pytest.mark.parametrize("as_json", [False, True])
def test_an_integrity_stop_has_its_own_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    """5, no traceback (reliability.md 5)."""

    def broken() -> None:
        raise RuleBroken("no such arrow in the outbox")

    monkeypatch.setattr(cli, "app", broken)
    monkeypatch.setattr(sys, "argv", ["qbo-milestones", "run", *(["--json"] if as_json else [])])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    assert ended.value.code == 5
    assert "no such arrow in the outbox" in (json.loads(said.out)["error"]["text"] if as_json else said.err)
