"""Commands that only look: how things stand, what waits for a person, and the whole story of one deliverable."""

from typing import Annotated

import typer

from qbo_milestones.entrypoints.options import DEFAULT_CONFIG, Config, Json, Set

# Of how many business dates it is told which were missed.
_NIGHTS = 30


def add_to(app: typer.Typer) -> None:
    """Hang this family's commands on the program."""
    app.command(epilog="Example: qbo-milestones status --config demo")(status)
    app.command(epilog="Example: qbo-milestones flags --config demo --json")(flags)
    app.command(epilog="Example: qbo-milestones trace D-103 --config demo")(trace)


def status(
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    json: Json = False,
) -> None:
    """Show the connection, the last runs, what is in the outbox and what waits for a person.

    Exits with 3 where the owner must connect again.
    """
    from qbo_milestones.adapters.store.metering import calls_of_app
    from qbo_milestones.adapters.store.nights import Nights
    from qbo_milestones.entrypoints import nights, records, tables
    from qbo_milestones.keys import link_of
    from qbo_milestones.model.exit_code import DONE, RECONNECT
    from qbo_milestones.model.metering import month_of
    from qbo_milestones.pipeline.calendar import timetable
    from qbo_milestones.run.standing import standing
    from qbo_milestones.wiring import SystemClock, calendar_of, load_settings, scheduled

    loaded = load_settings(config, settings)
    with scheduled(loaded) as (store, schedule):
        now, table = SystemClock().now(), loaded.quickbooks
        link, allowed = link_of(loaded, store, now), loaded.limits.metered_per_month
        nightly = timetable(calendar_of(loaded), schedule.newest(_NIGHTS), now)
        month, nightly_runs = month_of(now), Nights(store.engine, store.company).nightly()
        called, names = calls_of_app(store.engine, month), (loaded.company, table.environment, store.company)
        found = standing(store, *names, link, month, called, allowed, nightly)
    if json:
        records.show(records.standing(found))
    else:
        tables.standing(found, now.astimezone(loaded.zone))
        nights.show(found.runs, nightly_runs)
    raise typer.Exit(RECONNECT if found.link.problem else DONE)


def flags(
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    cleared: Annotated[bool, typer.Option(help="Show the cleared ones too.")] = False,
    json: Json = False,
) -> None:
    """List the open flags: what was found, whose it is, and what to do. Exits with 1 while there are any."""
    from qbo_milestones.entrypoints import records, tables
    from qbo_milestones.wiring import load_settings, stored

    loaded = load_settings(config, settings)
    with stored(loaded) as store:
        found = store.flags(cleared=cleared)
    if json:
        records.show({"flags": records.flags(found, loaded.owners)})
    else:
        tables.flags(found, loaded.owners)
    raise typer.Exit(int(any(one.cleared_on is None for one in found)))


def trace(
    deliverable: Annotated[str, typer.Argument(help="A deliverable ID, or the number of its invoice or journal.")],
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    json: Json = False,
) -> None:
    """Follow one deliverable from contract and sign-off to journal, invoice, payment and deposit."""
    from qbo_milestones.entrypoints import records, trails
    from qbo_milestones.wiring import load_settings, trail_of

    found = trail_of(load_settings(config, settings), deliverable)
    if json:
        records.show(records.trail(found))
    else:
        trails.show(found)
