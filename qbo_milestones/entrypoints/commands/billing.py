"""Commands that bill: the preview, and the run."""

import json as json_text
from typing import Annotated

import typer

from qbo_milestones.entrypoints.options import DEFAULT_CONFIG, Config, Json, Set

_STOPPING = "Stopping once the requests in hand are answered; once more to end at once."


def add_to(app: typer.Typer) -> None:
    """Hang this family's commands on the program."""
    app.command(epilog="Example: qbo-milestones plan --config demo --show D-103")(plan)
    app.command(epilog="Example: qbo-milestones run --config demo")(run)


def plan(
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    show: Annotated[
        list[str], typer.Option("--show", metavar="ID", help="Print this deliverable's payloads and T-accounts.")
    ] = [],  # noqa: B006
    payloads: Annotated[
        bool, typer.Option(help="Print payloads and T-accounts of everything that would be billed.")
    ] = False,
    json: Json = False,
) -> None:
    """Preview: what the next run would bill, and why each other row is held. Sends nothing."""
    from qbo_milestones.entrypoints import records, tables
    from qbo_milestones.entrypoints.logbook import open_log
    from qbo_milestones.pipeline.register import fold
    from qbo_milestones.run.preview import preview
    from qbo_milestones.wiring import load_settings, opened

    loaded = load_settings(config, settings)
    open_log(loaded)
    with opened(loaded) as (world, rules):
        found = preview(world, rules, _quiet if json else tables.say)
        if json:
            records.show(records.decision(found, world.books))
            return
        wanted = {fold(one) for one in show}
        if not wanted:
            tables.preview(found)
        for pair in found.pairs:
            if payloads or pair.invoice.identity.deliverable in wanted:
                tables.heading(f"{pair.deliverable_id}: {pair.customer}, {pair.amount}")
                tables.t_account(pair, found)
                for posting in pair.postings:
                    body = json_text.loads(world.books.render(posting))
                    payload = json_text.dumps(body, indent=1, ensure_ascii=False)
                    tables.say(f"{posting.identity.kind.document_kind} {payload}")
        tables.shown_held(found, wanted)
        tables.refused_checks(found.checks)
        if not rules.may_post:
            tables.say("This company is previewed only. To post, set live = true in the settings.")


def run(
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    wait: Annotated[bool, typer.Option(help="Stay until postings whose answer was lost may be looked for.")] = False,
    retry: Annotated[
        list[str], typer.Option("--retry", metavar="ID", help="Send this deliverable's refused postings again.")
    ] = [],  # noqa: B006
    json: Json = False,
) -> None:
    """Run once: read the register, post what is signed off, pull payments back, raise and clear flags."""
    from qbo_milestones.entrypoints import records, tables
    from qbo_milestones.entrypoints.logbook import open_log
    from qbo_milestones.entrypoints.one_run import run_once
    from qbo_milestones.entrypoints.signals import obeyed
    from qbo_milestones.pipeline.register import fold
    from qbo_milestones.wiring import load_settings

    loaded = load_settings(config, settings)
    open_log(loaded)
    tell = _quiet if json else tables.progress()
    with obeyed(_STOPPING) as stop:
        done = run_once(loaded, stop, tell, wait=wait, retry=frozenset(fold(one) for one in retry))
    if json:
        records.show(records.outcome(done, loaded.owners))
    else:
        tables.outcome(done)
        tables.refused_checks(done.decision.checks)
        tables.flags(done.flags, loaded.owners)
        if loaded.real and not loaded.live:
            tables.say("Nothing was posted: this company is previewed only. To post, set live = true in the settings.")
    raise typer.Exit(done.exit_code)


def _quiet(_: str) -> None:
    """Progress is for people."""
