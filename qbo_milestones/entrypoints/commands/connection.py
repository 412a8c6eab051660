"""Commands on the connection: authorise it once, and check how the company is set up."""

from typing import Annotated

import typer

from qbo_milestones.entrypoints.options import DEFAULT_CONFIG, Config, Json, Set


def add_to(app: typer.Typer) -> None:
    """Hang this family's commands on the program."""
    app.command(epilog="Example: qbo-milestones connect --config config/northlight")(connect)
    app.command(epilog="Example: qbo-milestones check --config demo")(check)


def connect(
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    browser: Annotated[bool, typer.Option(help="Open the page in this machine's browser.")] = True,
    paste: Annotated[bool, typer.Option("--paste", help="Ask for the final address with the simulator too.")] = False,
) -> None:
    """Authorise this program in QuickBooks, once. The owner says yes on Intuit's page and pastes the final address."""
    from qbo_milestones.connecting import connection_to
    from qbo_milestones.entrypoints import tables
    from qbo_milestones.wiring import load_settings

    loaded = load_settings(config, settings)
    with connection_to(loaded) as connecting:
        if loaded.real or paste:
            tables.say("Open this page, sign in as the owner of the company, choose it and say yes:")
            typer.echo(connecting.page)
            if browser:
                typer.launch(connecting.page)
            tables.say("The page you end on may show an error; its address is what counts. Copy all of it.")
            final = typer.prompt("Final address", hide_input=True)
        else:
            final = connecting.approve_as_simulated_owner()
        found = connecting.finish(final)
    tables.say(f"Connected to {found.company_name} (company {found.realm}).")
    tables.say(f"The connection ends by itself on {found.ends_on} if it is not used before. Next: qbo-milestones check")


def check(
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    json: Json = False,
) -> None:
    """Look at how the company is set up, and say what to change where before anything is posted. Changes nothing."""
    from qbo_milestones.entrypoints import records, tables
    from qbo_milestones.pipeline.preflight import refusals
    from qbo_milestones.run.preview import preflight
    from qbo_milestones.wiring import load_settings, opened

    with opened(load_settings(config, settings)) as (world, rules):
        found = preflight(world, rules, (lambda _: None) if json else tables.say)
    refused = bool(refusals(found.checks))
    if json:
        records.show(
            {
                "company": found.company_name,
                "history": found.history,
                "refused": refused,
                "checks": [records.check(one) for one in found.checks],
            }
        )
    else:
        tables.heading(f"{found.company_name}: {found.history}")
        tables.checks(found.checks)
        tables.say("Nothing is posted until every NO is put right." if refused else "Ready to post.")
    raise typer.Exit(2 if refused else 0)
