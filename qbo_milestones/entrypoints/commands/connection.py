"""Commands on the connection: authorise it, renew it, give it up, and check how the company is set up."""

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from qbo_milestones.entrypoints.options import DEFAULT_CONFIG, Config, Json, Set
from qbo_milestones.errors import BadSettings, NotConnected

if TYPE_CHECKING:
    from qbo_milestones.config import Settings
    from qbo_milestones.connecting import Connected, Connecting

_PASTE = "Final address (stays hidden; paste it and press Enter)"
_WHO = "you@this machine"
_Answer = TypeVar("_Answer")
Browser = Annotated[
    bool | None,
    typer.Option(
        "--browser/--no-browser",
        help="Lead through it on a page in the browser, or at this terminal.",
        show_default="a page where this machine can show one",
    ),
]
Paste = Annotated[bool, typer.Option("--paste", help="Let a person say yes with the simulator too.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="At this terminal: do not ask whether it is the right company.")]
By = Annotated[str, typer.Option(help="Who connects, as it is kept on record.", show_default=_WHO)]


def add_to(app: typer.Typer) -> None:
    """Hang this family's commands on the program."""
    app.command(epilog="Example: qbo-milestones connect --config config/northlight")(connect)
    app.command(epilog="Example: qbo-milestones reconnect --config config/northlight --no-browser")(reconnect)
    app.command(epilog='Example: qbo-milestones disconnect --config config/northlight --by "Grace Iwu"')(disconnect)
    app.command(epilog="Example: qbo-milestones check --config demo")(check)


def connect(
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    browser: Browser = None,
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
    tables.say(f"The connection ends by itself on {found.ends_on} if it is not used before.")
    # Commands are copied from here, so lines are not broken.
    typer.echo(f"Next: qbo-milestones check {_named(config)}")


def reconnect(
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    browser: Browser = None,
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
    by: Annotated[str, typer.Option(help="Who disconnects, as it is kept on record.", show_default=_WHO)] = "",
) -> None:
    """Give the permission back to Intuit and forget the tokens. What was read and posted stays; connect renews it."""
    from qbo_milestones import connecting
    from qbo_milestones.entrypoints import tables
    from qbo_milestones.entrypoints.logbook import open_log
    from qbo_milestones.wiring import load_settings

    loaded = load_settings(config, settings)
    open_log(loaded)
    if not yes and not _answered(lambda: typer.confirm(f"Disconnect {loaded.company} from QuickBooks?")):
        tables.say("It stays connected.")
        return
    tables.say(connecting.disconnect(loaded, by or connecting.this_person()))
    typer.echo(f"Nothing can be read or posted until it is connected again: qbo-milestones reconnect {_named(config)}")


def _named(config: Path) -> str:
    """The company in a command that a person copies."""
    return f"--config {shlex.quote(str(config))}"


def _answered(question: Callable[[], _Answer]) -> _Answer:
    """What a person answers. No answer ends the command as Ctrl-C does: it did not do its work."""
    try:
        return question()
    except typer.Abort:
        raise KeyboardInterrupt from None


def _connect(loaded: "Settings", *, in_person: bool, browser: bool | None, yes: bool, by: str) -> "Connected":
    from qbo_milestones.connecting import connection_to, this_person

    who, browser = by or this_person(), in_person and _on_page(browser)
    if in_person and not browser and not sys.stdin.isatty():
        raise BadSettings(
            "Connecting needs a person: run it at a terminal, or with --browser where a page can be opened."
        )
    with connection_to(loaded) as connecting:
        if not in_person:
            return connecting.finish(connecting.approve_as_simulated_owner(), who)
        if browser:
            from qbo_milestones.entrypoints.connect_page import ask_owner

            return ask_owner(connecting, loaded.quickbooks.redirect_uri, who, _lead_to)
        _ask_here(connecting, yes=yes)
        return connecting.confirm(who)


def _on_page(wished: bool | None) -> bool:
    """Whether a page leads through it: as it is wished, else where this machine can show one."""
    from qbo_milestones.entrypoints import tables

    if wished is not None:
        return wished
    why_not = _no_page()
    if why_not:
        tables.say(f"It is done at this terminal, since {why_not}; --browser serves the page all the same.")
    return not why_not


def _no_page() -> str:
    """Why no page can be shown to whoever sits at this terminal; empty where one can."""
    if os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"):
        return "you are on this machine by SSH"
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "this machine has no desktop"
    import webbrowser

    try:
        webbrowser.get()
    except webbrowser.Error:
        return "this machine has no browser"
    return ""


def _lead_to(address: str) -> None:
    """Open the page where it can be seen; a browser in the terminal would be in the way."""
    from qbo_milestones.entrypoints import tables

    tables.say("Open this page in your browser; it leads through the connection. Ctrl-C gives up.")
    typer.echo(address)
    if not _no_page():
        typer.launch(address)


def _ask_here(connecting: "Connecting", *, yes: bool) -> None:
    """The owner pastes the final address at this terminal, until it is a good one, and looks at the company's name."""
    from qbo_milestones.entrypoints import tables

    while (arrival := connecting.arrival) is None:
        tables.say("Open this page, sign in as the owner of the company, choose it and say yes:")
        typer.echo(connecting.page)
        tables.say("The page you end on may show an error; its address is what counts. Copy all of it.")
        try:
            connecting.arrive(_answered(lambda: typer.prompt(_PASTE, hide_input=True)))
        except NotConnected as problem:
            tables.say(f"{problem.text[0].upper()}{problem.text[1:]}.")
    tables.say(f"The owner chose {arrival.title} (company {arrival.realm}).")
    if not yes and not _answered(lambda: typer.confirm(f"Connect {connecting.company} to it?")):
        connecting.decline()
        raise NotConnected("Nothing was connected, and nothing of it was kept. Connect again to choose another.")


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
