"""The command that looks whether all is well, and says what to do where it is not."""

from typing import Annotated

import typer

from qbo_milestones.entrypoints.options import DEFAULT_CONFIG, Config, Json, Set


def add_to(app: typer.Typer) -> None:
    """Hang this command on the program."""
    app.command(epilog="Example: qbo-milestones doctor --config demo --offline")(doctor)


def doctor(
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    offline: Annotated[bool, typer.Option("--offline", help="Ask QuickBooks nothing.")] = False,
    probe_requestid: Annotated[
        bool,
        typer.Option(
            "--probe-requestid",
            help="Only in a sandbox company or the simulator: send journals of one cent twice under one requestid, "
            "say what QuickBooks made of it, and delete them again.",
        ),
    ] = False,
    after: Annotated[
        float, typer.Option("--after", metavar="MINUTES", min=0, help="Probe once more after so many minutes.")
    ] = 0,
    json: Json = False,
) -> None:
    """Examine machine, database, postings, audit log and company. Changes nothing, but for the probe's own journals.

    Exits with 0 where all is well, 1 with warnings, 5 where an invariant or the audit log is broken, 2 for settings,
    3 where a person must connect, 75 where QuickBooks cannot be reached.
    """
    from qbo_milestones.checkup.doctor import examine
    from qbo_milestones.checkup.findings import exit_code
    from qbo_milestones.checkup.probe import probe_company
    from qbo_milestones.entrypoints import chronicle, diagnosis, records
    from qbo_milestones.entrypoints.logbook import open_log
    from qbo_milestones.wiring import SystemClock, load_settings

    loaded = load_settings(config, settings)
    open_log(loaded)
    if probe_requestid:
        findings = probe_company(loaded, after)
    else:
        findings = tuple(examine(loaded, SystemClock(), offline=offline))
    if json:
        records.show(chronicle.diagnosis(findings))
    else:
        diagnosis.show(findings)
    raise typer.Exit(exit_code(findings))
