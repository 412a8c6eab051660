"""The command that serves the simulator: a QuickBooks company on this machine."""

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Hang this family's commands on the program."""
    app.command(epilog="Example: qbo-milestones simulator --port 8020 --data simulator.json")(simulator)


def simulator(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 8020,
    data: Annotated[Path | None, typer.Option(help="File that keeps the company between starts.")] = None,
) -> None:
    """Serve a simulated QuickBooks Online on this machine, with its side door under /_sim/, until interrupted."""
    from qbo_milestones.errors import BadSettings
    from qbo_milestones.wiring import serve_simulator

    if data is not None and not data.absolute().parent.is_dir():
        raise BadSettings(f"There is no folder {data.absolute().parent} to keep the company in.")

    if isinstance(sys.stdout, TextIOWrapper):
        # A program that started it reads the address from a pipe, while it serves.
        sys.stdout.reconfigure(line_buffering=True)
    serve_simulator(port, data)
