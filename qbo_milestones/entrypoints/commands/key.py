"""Commands on the key that seals the tokens: change it."""

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
) -> None:
    """Change the key: seal all tokens of the database with a new one, then forget the old one.

    Where the key is a variable or a credential, it says what to do by hand. It may be interrupted: run it again.
    """
    from qbo_milestones import keys
    from qbo_milestones.entrypoints import tables
    from qbo_milestones.wiring import database, load_settings

    loaded = load_settings(config, settings)
    with database(loaded) as engine:
        done = keys.rotate(keys.place_of(loaded), engine, loaded.home_folder / "key-rotation.lock")
    tables.say(f"The key was changed. Companies whose tokens are sealed by the new one: {done.sealed_anew}.")
    if done.left:
        tables.say(f"Companies in this database whose tokens are sealed by another key, left as they are: {done.left}.")
    if done.todo:
        tables.say(done.todo)
