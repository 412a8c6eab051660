"""All checks of one company, in the order in which a person would put things right."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Engine

from qbo_milestones.adapters.store.connections import realm_of
from qbo_milestones.adapters.store.migrate import HEAD, version
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.checkup import database, machine, postings
from qbo_milestones.checkup.company import company
from qbo_milestones.checkup.findings import Finding, Mark, broken, failed, well
from qbo_milestones.config import Settings
from qbo_milestones.errors import Failure
from qbo_milestones.model.exit_code import RECONNECT
from qbo_milestones.ports import Clock
from qbo_milestones.wiring import epochs_of


def examine(settings: Settings, clock: Clock, *, offline: bool) -> Iterator[Finding]:
    """Every finding. Changes nothing: the database is opened for reading only; `offline` asks QuickBooks nothing."""
    yield well("Settings", f"{settings.folder} can be read: {settings.company}, {settings.quickbooks.environment}.")
    yield from machine.permissions(settings)
    yield from machine.witness(settings)
    yield machine.key(settings)
    path = settings.home_folder / "milestones.db"
    if not path.exists():
        yield broken("Database", f"There is none at {path} yet.", "Run `qbo-milestones connect`.", RECONNECT)
        return
    yield database.room(path)
    pages = tuple(database.pages(path))
    yield from pages
    if any(finding.mark is Mark.BROKEN for finding in pages):
        return
    with database.read_only(path) as engine:
        yield from database.rules(engine)
        # What the tables of another version say, nobody here can read.
        if version(engine) != HEAD:
            return
        found = tuple(_of_company(settings, engine, clock))
    yield from found
    if not offline and all(finding.code != RECONNECT for finding in found):
        yield from company(settings)


def _of_company(settings: Settings, engine: Engine, clock: Clock) -> Iterator[Finding]:
    realm = settings.quickbooks.realm or realm_of(engine, settings.company)
    if not realm:
        yield broken("Connection", f"{settings.company} is not connected.", "Run `qbo-milestones connect`.", RECONNECT)
        return
    quiet = timedelta(seconds=settings.posting.quiet_s * settings.posting.patience)
    store, now = DatabaseStore(engine, realm, clock), clock.now()
    yield machine.connection(settings, store, now)
    yield from postings.stuck(store, now)
    yield from postings.invariants(engine, realm, quiet)
    try:
        yield from postings.history(store, epochs_of(settings).read(), epochs_of(settings).anchor())
    except Failure as unreadable:
        yield failed("History", unreadable, "Restore the files beside the key from where they were kept.")
    yield from postings.nights(engine, store, now)
    yield postings.metered(engine, settings, realm, now)
