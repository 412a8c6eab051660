"""Commands on the connection: authorise it, renew it, give it up, and check how the company is set up."""

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from qbo_milestones.entrypoints.options import DEFAULT_CONFIG, Config, Json, Set
from qbo_milestones.errors import NotConnected

if TYPE_CHECKING:
    from qbo_milestones.config import Settings
    from qbo_milestones.connecting import Connected, Connecting

Browser = Annotated[bool, typer.Option(help="Lead through it on a page in the browser, or at this terminal.")]
Paste = Annotated[bool, typer.Option("--paste", help="Let a person say yes with the simulator too.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="At this terminal: do not ask whether it is the right company.")]
By = Annotated[str, typer.Option(help="Who connects, as it is kept on record.", show_default="you@this machine")]


def add_to(app: typer.Typer) -> None:
    """Hang this family's commands on the program."""
    app.command(epilog="Example: qbo-milestones connect --config config/northlight")(connect)
    app.command(epilog="Example: qbo-milestones reconnect --config config/northlight --no-browser")(reconnect)
    app.command(epilog='Example: qbo-milestones disconnect --config config/northlight --by "Grace Iwu"')(disconnect)
    app.command(epilog="Example: qbo-milestones check --config demo")(check)


def connect(
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    browser: Browser = True,
    paste: Paste = False,
    yes: Yes = False,
    by: By = "",
) -> None:
    """Authorise this program in QuickBooks. The owner signs in on Intuit's page, chooses the company and says yes.

    Nothing is stored before you have seen the company's name and said that it is the right one.
    """
    from qbo_milestones.entrypoints import tables
    from qbo_milestones.entrypoints.logbook import open_log
    from qbo_milestones.wiring import load_settings

    loaded = load_settings(config, settings)
    open_log(loaded)
    found = _connect(loaded, in_person=loaded.real or paste, browser=browser, yes=yes, by=by)
    tables.say(f"Connected to {found.title} (company {found.realm}).")
    if found.again:
        tables.say("It was connected before: its mappings, what was read and what was posted are as they were.")
    tables.say(f"The connection ends by itself on {found.ends_on} if it is not used before. Next: qbo-milestones check")


def reconnect(
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    browser: Browser = True,
    paste: Paste = False,
    yes: Yes = False,
    by: By = "",
) -> None:
    """Connect a company anew that was connected before. Mappings, what was read and what was posted stay."""
    from qbo_milestones.wiring import load_settings, stored

    with stored(load_settings(config, settings)):
        """There is a company to renew, or the program ends here."""
    connect(config, settings, browser, paste, yes, by)


def disconnect(
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    by: By = "",
) -> None:
    """Give the permission back to Intuit and forget the tokens. What was read and posted stays; connect renews it."""
    from qbo_milestones import connecting
    from qbo_milestones.entrypoints import tables
    from qbo_milestones.entrypoints.logbook import open_log
    from qbo_milestones.wiring import load_settings

    loaded = load_settings(config, settings)
    open_log(loaded)
    if not yes and not typer.confirm(f"Disconnect {loaded.company} from QuickBooks?"):
        tables.say("It stays connected.")
        return
    tables.say(connecting.disconnect(loaded, by or connecting.this_person()))
    tables.say("Nothing can be read or posted until it is connected again: qbo-milestones reconnect")


def _connect(loaded: "Settings", *, in_person: bool, browser: bool, yes: bool, by: str) -> "Connected":
    from qbo_milestones.connecting import connection_to, this_person

    who = by or this_person()
    with connection_to(loaded) as connecting:
        if not in_person:
            return connecting.finish(connecting.approve_as_simulated_owner(), who)
        if browser:
            from qbo_milestones.entrypoints.connect_page import ask_owner

            return ask_owner(connecting, loaded.quickbooks.redirect_uri, who, _lead_to)
        _ask_here(connecting, yes=yes)
        return connecting.confirm(who)


def _lead_to(address: str) -> None:
    """Open the page where there is a desktop; a browser in the terminal would be in the way."""
    from qbo_milestones.entrypoints import tables

    tables.say("Open this page in your browser; it leads through the connection. Ctrl-C gives up.")
    typer.echo(address)
    if sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        typer.launch(address)


def _ask_here(connecting: "Connecting", *, yes: bool) -> None:
    """The owner pastes the final address at this terminal, until it is a good one, and looks at the company's name."""
    from qbo_milestones.entrypoints import tables

    while (arrival := connecting.arrival) is None:
        tables.say("Open this page, sign in as the owner of the company, choose it and say yes:")
        typer.echo(connecting.page)
        tables.say("The page you end on may show an error; its address is what counts. Copy all of it.")
        try:
            connecting.arrive(typer.prompt("Final address", hide_input=True))
        except NotConnected as problem:
            if not sys.stdin.isatty():
                raise
            tables.say(f"{problem.text[0].upper()}{problem.text[1:]}.")
    tables.say(f"The owner chose {arrival.title} (company {arrival.realm}).")
    if not yes and not typer.confirm(f"Connect {connecting.company} to it?"):
        connecting.decline()
        raise NotConnected("Nothing was connected, and the permission was given back. Connect again to choose another.")


def check(
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    json: Json = False,
) -> None:
    """Look at how the company is set up, and say what to change where before anything is posted. Changes nothing."""
    from qbo_milestones.entrypoints import records, tables
    from qbo_milestones.entrypoints.logbook import open_log
    from qbo_milestones.pipeline.preflight import refusals
    from qbo_milestones.run.preview import preflight
    from qbo_milestones.wiring import load_settings, opened

    loaded = load_settings(config, settings)
    open_log(loaded)
    with opened(loaded) as (world, rules):
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
