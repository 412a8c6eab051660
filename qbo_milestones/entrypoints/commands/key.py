"""Commands on the key that seals the tokens: change it."""

import shlex
from typing import Annotated

import typer

from qbo_milestones.entrypoints.options import DEFAULT_CONFIG, Config, Set

app = typer.Typer(help="The key that seals the stored tokens.", no_args_is_help=True)


@app.callback()
def key() -> None:
    """The key that seals the stored tokens."""


@app.command(epilog="Example: qbo-milestones key rotate --config config/northlight")
def rotate(
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    forget_old: Annotated[
        bool, typer.Option("--forget-old", help="Then forget the old key: no other --config uses it any more.")
    ] = False,
    by: Annotated[
        str, typer.Option(help="Who changes it, as it is kept on record.", show_default="you@this machine")
    ] = "",
) -> None:
    """Change the key: seal all tokens of the database with a new one.

    The old one is kept beside it until --forget-old, for companies with databases of their own that use the same key.
    Where the key is a variable or a credential, it says what to do by hand. It may be interrupted: run it again.
    """
    from qbo_milestones import keys
    from qbo_milestones.connecting import this_person
    from qbo_milestones.entrypoints import tables
    from qbo_milestones.wiring import SystemClock, database, load_settings

    loaded = load_settings(config, settings)
    who, now = by or this_person(), SystemClock().now()
    with database(loaded) as engine:
        done = keys.rotate(keys.place_of(loaded), engine, keys.lock_of(loaded), who, now, forget_old=forget_old)
    companies = "1 company" if done.sealed == 1 else f"{done.sealed} companies"
    working = " A running worker goes on." if loaded.key.source in ("file", "keyring") else ""
    tables.say(f"The tokens of {companies} are sealed with a new key.{working}")
    if done.left:
        tables.say(f"Companies in this database whose tokens are sealed by another key, left as they are: {done.left}.")
    if done.todo:
        ours = f"key rotate --config {shlex.quote(str(config))}"
        # Commands are copied from here, so lines are not broken.
        typer.echo(done.todo.replace("key rotate", ours))
