"""The command that works by itself: every company's run of every date, until it is asked to stop."""

from typing import Annotated

import typer

from qbo_milestones.entrypoints.options import DEFAULT_CONFIG, Configs, Set


def add_to(app: typer.Typer) -> None:
    """Hang this family's commands on the program."""
    app.command(epilog="Example: qbo-milestones worker --config northlight --config southwind")(worker)


def worker(
    configs: Configs = [DEFAULT_CONFIG],  # noqa: B006 - typer copies the default
    settings: Set = [],  # noqa: B006
    once: Annotated[
        bool, typer.Option("--once", help="Run what is due now and end: for cron or a systemd timer.")
    ] = False,
) -> None:
    """Run every company each night by itself: what was missed is caught up, and one company never stops another.

    SIGTERM or Ctrl-C lets the requests in hand be answered and ends with 0;
    a second one ends at once, and the next run looks for what was being sent.
    With --once the exit code is the worst of the runs. A company whose settings cannot be read is complained of once
    an hour and served once they can be; only where none can be read the worker does not begin (exit code 2).
    """
    import sys

    from qbo_milestones.entrypoints.logbook import open_service_log
    from qbo_milestones.entrypoints.signals import obeyed
    from qbo_milestones.entrypoints.worker import read_all, run_what_is_due, serve

    open_service_log(read_all(configs, settings))
    with obeyed() as stop:
        if once:
            # For whoever looks on; cron would send a mail each time.
            tell = typer.echo if sys.stdout.isatty() else lambda _: None
            raise typer.Exit(run_what_is_due(configs, settings, stop, tell))
        serve(configs, settings, stop)
