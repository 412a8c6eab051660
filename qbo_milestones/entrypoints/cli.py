"""The command qbo-milestones: its list of commands, and what a failure prints and exits with."""

import gc
import json
import re
import shlex
import sys

import typer

from qbo_milestones.entrypoints.commands import (
    audit,
    billing,
    connection,
    demo,
    doctor,
    door,
    history,
    key,
    looking,
    register,
    simulator,
    worker,
)
from qbo_milestones.entrypoints.signals import end_on_sigterm
from qbo_milestones.errors import Failure, RuleBroken
from qbo_milestones.model.exit_code import INTERNAL, INTERRUPTED

app = typer.Typer(
    name="qbo-milestones",
    help="Bill signed-off milestones in QuickBooks Online, once each.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    add_completion=False,
)
for family in (demo, connection, billing, worker, looking, history, doctor, door, simulator):
    family.add_to(app)
app.add_typer(key.app, name="key")
app.add_typer(register.app, name="register")
app.add_typer(audit.app, name="audit")


def main() -> None:
    """Run one command. Exit codes: README, "Exit codes" (reliability.md 5)."""
    # A register is many small objects that last and form no circles: looking for circles seldom saves a fifth of a run.
    gc.set_threshold(200_000, 20, 20)
    end_on_sigterm()
    try:
        app()
    except (Failure, RuleBroken) as error:
        raise SystemExit(_report(error)) from None
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except Exception:  # the outermost frame: what we did wrong ends with an exit code of its own
        _tell_of_fault()
        raise SystemExit(INTERNAL) from None


def _tell_of_fault() -> None:
    """The traceback of what we did wrong: an error of a library may quote what it was given, so secrets are masked."""
    import traceback

    from qbo_milestones.adapters.secrecy import masked

    sys.stderr.write(masked(traceback.format_exc()))


def _report(error: Failure | RuleBroken) -> int:
    """One message a person can act on, or the same as JSON; returns the exit code."""
    from qbo_milestones.run.outcome import exit_code_of

    code = exit_code_of(error)
    failure = error if isinstance(error, Failure) else Failure(f"Integrity stop, nothing more was sent: {error}")
    text = _with_settings(failure.text, sys.argv[1:])
    if "--json" in sys.argv:
        told = {"kind": type(error).__name__, "text": text, "code": failure.code, "intuit_tid": failure.tid}
        typer.echo(json.dumps({"error": told, "exit_code": code}, ensure_ascii=False))
    else:
        from rich.console import Console
        from rich.markup import escape

        details = filter(None, (failure.code and f"code {failure.code}", failure.tid and f"tid {failure.tid}"))
        more = f" ({escape(', '.join(details))})" if failure.code or failure.tid else ""
        # A path or an address is copied from here, so lines are not broken.
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"[bold red]Error:[/] {escape(text)}{more}")
    return code


def _with_settings(text: str, words: list[str]) -> str:
    """The commands that `text` tells to run, for the company that this one was called for."""
    import argparse

    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--config", "-c", action="append", default=[])
    try:
        named = parser.parse_known_args(words)[0].config
    except argparse.ArgumentError:
        return text
    if len(named) != 1:
        return text
    return re.sub(
        r"`qbo-milestones ((?:re)?connect|check|key rotate)`",
        lambda found: f"`qbo-milestones {found[1]} --config {shlex.quote(named[0])}`",
        text,
    )
