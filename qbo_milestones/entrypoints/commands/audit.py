"""Commands on the audit log: whether anybody altered it, and what it says."""

from datetime import datetime
from typing import Annotated

import typer

from qbo_milestones.entrypoints.options import DEFAULT_CONFIG, Config, Json, Set

app = typer.Typer(help="Check the audit log, or show what it says.", no_args_is_help=True)


def _day(text: str) -> datetime:
    """The day's beginning, in no zone yet. Raises BadParameter."""
    try:
        return datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - the company's zone is known later
    except ValueError:
        raise typer.BadParameter(f"write the day as YYYY-MM-DD, like 2026-11-23; {text!r} is none.") from None


@app.command(epilog="Example: qbo-milestones audit verify --config demo")
def verify(
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    json: Json = False,
) -> None:
    """Compute the whole chain again and hold its end to the file beside the key.

    Exits with 0 if it is whole, 1 if the database is an older one that was put back, 5 if anything was altered.
    """
    from qbo_milestones.entrypoints import audits, chronicle, records, tables
    from qbo_milestones.model.audit import AuditState
    from qbo_milestones.model.exit_code import DONE, INTEGRITY, WAITING
    from qbo_milestones.wiring import epochs_of, load_settings, stored

    loaded = load_settings(config, settings)
    anchor = epochs_of(loaded).anchor()
    with stored(loaded) as store:
        found = store.check_audit(anchor, whole=True)
    codes = {AuditState.INTACT: DONE, AuditState.OLDER: WAITING, AuditState.BROKEN: INTEGRITY}
    if json:
        records.show(chronicle.audit_check(found, anchor))
    else:
        tables.say(audits.check_sentence(found, anchor))
    raise typer.Exit(codes[found.state])


@app.command(epilog='Example: qbo-milestones audit accept --config demo --reason "Restored the backup of 26 November"')
def accept(
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept in the log for ever.")],
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    by: Annotated[str, typer.Option(help="Who answers for it.", show_default="you@this machine")] = "",
) -> None:
    """Answer for an audit log that is not whole, when you know why, so that the company is billed again.

    The log says so for ever. The next run reads all documents and looks for every posting before it sends.
    """
    from qbo_milestones.connecting import accept_audit, this_person
    from qbo_milestones.entrypoints import tables
    from qbo_milestones.errors import BadSettings
    from qbo_milestones.model.audit import AuditState
    from qbo_milestones.wiring import epochs_of, load_settings, stored

    loaded = load_settings(config, settings)
    if not reason.strip():
        raise BadSettings('Say why: --reason "...".')
    with stored(loaded) as store:
        found = store.check_audit(epochs_of(loaded).anchor(), whole=True)
    if found.state is not AuditState.BROKEN:
        tables.say("There is nothing to accept: `qbo-milestones audit verify` finds nothing altered.")
        return
    tables.say(found.sentence)
    if not yes and not typer.confirm(f"Do you know why, and shall {loaded.company} be billed again?"):
        tables.say("Nothing was changed, and nothing is posted.")
        return
    head = accept_audit(loaded, reason.strip(), by or this_person())
    tables.say(f"Accepted with row {head.seq:,} of the log. The next run looks for every posting before it sends.")


@app.command("list", epilog="Example: qbo-milestones audit list --config demo --deliverable D-103")
def entries(
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    deliverable: Annotated[str, typer.Option("--deliverable", metavar="ID", help="Only what concerns this one.")] = "",
    since: Annotated[
        datetime | None,
        typer.Option(parser=_day, metavar="YYYY-MM-DD", help="Only from this day on, in the company's time zone."),
    ] = None,
    json: Json = False,
) -> None:
    """Show the audit log, oldest first: what was decided, sent, posted, flagged, and by whom."""
    from qbo_milestones.entrypoints import audits, chronicle, records
    from qbo_milestones.pipeline.register import fold
    from qbo_milestones.wiring import load_settings, stored

    loaded = load_settings(config, settings)
    first = since.replace(tzinfo=loaded.zone) if since else None
    with stored(loaded) as store:
        every = store.audit_entries(first)
        wanted = fold(deliverable)
        found = [one for one in every if not wanted or fold(one.content.get("deliverable", "")) == wanted]
    if json:
        records.show({"entries": [chronicle.audit_entry(one) for one in found]})
    else:
        about = [f"of {deliverable}"] if deliverable else []
        about += [f"since {since:%Y-%m-%d}"] if since else []
        audits.show(found, " ".join(about))
