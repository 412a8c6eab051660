"""The command that serves the simulator: a QuickBooks company on this machine."""

from pathlib import Path
from typing import Annotated, Literal

import typer


def add_to(app: typer.Typer) -> None:
    """Hang this family's commands on the program."""
    app.command(epilog="Example: qbo-milestones simulator --port 8020 --data simulator.db")(simulator)


def simulator(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 8020,
    data: Annotated[
        Path | None, typer.Option(help="File that keeps the company between starts; without it nothing is kept.")
    ] = None,
    seed: Annotated[
        Literal["agency", "empty"],
        typer.Option(help="What a new company starts as: a design agency with its customers, or nobody yet."),
    ] = "agency",
) -> None:
    """Serve a simulated QuickBooks Online on this machine, until it is interrupted.

    A program for the v3 accounting API works with it by its address alone:
    OAuth 2, entities, queries, batches, reports, faults, and a double-entry
    ledger under them. No real company is touched, and nobody but this machine
    is served.

    [bold]Look[/]: open the address in a browser. It shows the books, the last
    requests and how to connect.

    [bold]Connect[/]: client id simulator-app, secret simulator-secret, any http
    redirect address on this machine, company (realm) 9341450000000001. The
    document /.well-known/openid_sandbox_configuration names the addresses.

    [bold]Control[/]: the side door under /_sim/ takes JSON without a login: a
    token without OAuth (POST token), a moved clock (POST clock), lost answers
    and other faults (POST faults), a fresh company (POST reset), the log of
    requests (GET requests).

    [bold]Start it from a program[/]: `qbo-milestones simulator --port 0`. The
    first line printed is the address alone; SIGTERM ends it, and the last
    state is kept.
    """
    from qbo_milestones.wiring import serve_simulator

    serve_simulator(port, data, seed)
