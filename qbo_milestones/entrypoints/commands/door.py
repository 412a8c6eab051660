"""The command that opens the webhook door."""

from typing import Annotated

import typer

from qbo_milestones.entrypoints.options import DEFAULT_CONFIG, Configs, Set


def add_to(app: typer.Typer) -> None:
    """Hang this family's commands on the program."""
    app.command(epilog="Example: qbo-milestones door --config northlight --port 8766")(door)


def door(
    configs: Configs = [DEFAULT_CONFIG],  # noqa: B006 - typer copies the default
    settings: Set = [],  # noqa: B006
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8766,
    host: Annotated[str, typer.Option(help="Address to listen on; leave it where a TLS proxy runs beside it.")] = (
        "127.0.0.1"
    ),
) -> None:
    """Take QuickBooks' webhooks, until it is interrupted: what changed is looked at soon, not only at night.

    A post is believed only to say that a company has changed; the worker then
    reads the books. Without a door nothing is lost, it is only seen later.

    [bold]Set up[/]: QuickBooks posts to https only, so put a proxy that does TLS
    before this port, for the path /webhook. Enter that address on the app's
    webhooks page at developer.intuit.com, and put the verifier token that is
    shown there into QBO_MILESTONES_QUICKBOOKS__WEBHOOK_VERIFIER.

    [bold]Watch[/]: GET /health answers 200. One door serves all companies of an
    app: name each with --config. The first line printed is its address; SIGTERM
    ends it with exit code 0.
    """
    from qbo_milestones.entrypoints.door import open_port, serve
    from qbo_milestones.entrypoints.logbook import open_service_log
    from qbo_milestones.listening import listening
    from qbo_milestones.wiring import load_settings

    companies = [load_settings(config, settings) for config in configs]
    open_service_log(companies)
    with listening(companies) as listener, open_port(host, port) as taken:
        address = taken.getsockname()
        named = f"[{address[0]}]" if ":" in address[0] else address[0]
        typer.echo(f"http://{named}:{address[1]}")
        serve(listener, taken)
