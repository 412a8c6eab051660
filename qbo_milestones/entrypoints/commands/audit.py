"""Commands on the audit log: whether anybody altered it, and what it says."""

from datetime import datetime
from typing import Annotated

import typer

from qbo_milestones.entrypoints.options import DEFAULT_CONFIG, Config, Json, Set

app = typer.Typer(help="Check the audit log, or show what it says.", no_args_is_help=True)


@app.command(epilog="Example: qbo-milestones audit verify --config demo")
def verify(
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    json: Json = False,
) -> None:
    """Compute the whole chain again and hold its end to the file beside the key.

    Exits with 0 if it is whole, 1 if the database is an older one that was put back, 5 if anything was altered.
    """
    from qbo_milestones.entrypoints import audits, records, tables
    from qbo_milestones.model.audit import AuditState
    from qbo_milestones.model.exit_code import DONE, INTEGRITY, WAITING
    from qbo_milestones.wiring import epochs_of, load_settings, stored

    loaded = load_settings(config, settings)
    anchor = epochs_of(loaded).anchor()
    with stored(loaded) as store:
        found = store.check_audit(anchor, whole=True)
    codes = {AuditState.INTACT: DONE, AuditState.OLDER: WAITING, AuditState.BROKEN: INTEGRITY}
    if json:
        records.show(audits.check_record(found, anchor))
    else:
        tables.say(audits.check_sentence(found, anchor))
    raise typer.Exit(codes[found.state])


@app.command("list", epilog="Example: qbo-milestones audit list --config demo --deliverable D-103")
def entries(
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    deliverable: Annotated[str, typer.Option("--deliverable", metavar="ID", help="Only what concerns this one.")] = "",
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only from this day on, in the company's time zone.")
    ] = None,
    json: Json = False,
) -> None:
    """Show the audit log, oldest first: what was decided, sent, posted, flagged, and by whom."""
    from qbo_milestones.entrypoints import audits, records
    from qbo_milestones.pipeline.register import fold
    from qbo_milestones.wiring import load_settings, stored

    loaded = load_settings(config, settings)
    first = since.replace(tzinfo=loaded.zone) if since else None
    with stored(loaded) as store:
        every = store.audit_entries(first)
        wanted = fold(deliverable)
        found = [one for one in every if not wanted or fold(one.content.get("deliverable", "")) == wanted]
    if json:
        records.show({"entries": [audits.entry_record(one) for one in found]})
    else:
        audits.show(found)
