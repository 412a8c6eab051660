"""Commands on what was: the runs, one run in full, and the digest of the last one."""

from typing import Annotated

import typer

from qbo_milestones.entrypoints.options import DEFAULT_CONFIG, Config, Json, Set


def add_to(app: typer.Typer) -> None:
    """Hang this family's commands on the program."""
    app.command(epilog="Example: qbo-milestones runs --config demo --count 7")(runs)
    app.command(epilog="Example: qbo-milestones digest --config demo")(digest)


def runs(
    number: Annotated[int | None, typer.Argument(help="A run's number: show that one in full.", min=1)] = None,
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    count: Annotated[int, typer.Option(min=1, max=10_000, help="How many of the newest runs.")] = 30,
    json: Json = False,
) -> None:
    """List the runs: when, how they ended, what they posted, and what they used of QuickBooks' metered calls."""
    from qbo_milestones.adapters.store.nights import Nights
    from qbo_milestones.entrypoints import chronicle, nights, records
    from qbo_milestones.errors import BadSettings
    from qbo_milestones.wiring import load_settings, stored

    with stored(load_settings(config, settings)) as store:
        history = Nights(store.engine, store.company)
        nightly = history.nightly()
        if number is None:
            found = store.runs(count)
            if json:
                records.show({"runs": [chronicle.run(one, nightly=one.id in nightly) for one in found]})
            else:
                nights.show(found, nightly)
            return
        one, night = history.record(number), history.night(number)
    if one is None:
        raise BadSettings(f"There is no run {number}; `qbo-milestones runs` lists those that there are.")
    if json:
        records.show(chronicle.night(one, night, nightly=number in nightly))
    else:
        nights.show_one(one, night, nightly=number in nightly)


def digest(
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    send: Annotated[bool, typer.Option("--send", help="Send it to everybody that digest.to names, too.")] = False,
    json: Json = False,
) -> None:
    """Print the digest of the last run. With --send it exits with 75 where a receiver did not take it."""
    from qbo_milestones.aftermath import last_digest
    from qbo_milestones.entrypoints import records, tables
    from qbo_milestones.errors import BadSettings, Unavailable
    from qbo_milestones.wiring import load_settings

    loaded = load_settings(config, settings)
    if send and not loaded.digest.to:
        raise BadSettings("Nobody is named to send it to: set digest.to, as config/examples/real-company.toml shows.")
    found, failed = last_digest(loaded, send=send)
    if failed:
        raise Unavailable(
            f"{len(failed)} of the {len(loaded.digest.to)} receivers in digest.to did not take the digest: "
            f"{', '.join(failed)}. Look at what is set for them, then send it again."
        )
    if json:
        records.show({"title": found.title, "text": found.text, "sent": len(loaded.digest.to) if send else 0})
        return
    tables.heading(found.title)
    tables.say(found.text)
