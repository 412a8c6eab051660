"""The one place that knows every adapter: from settings to the counterparts of one company."""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from structlog.contextvars import bound_contextvars

from qbo_milestones.adapters import evidence
from qbo_milestones.adapters.epochs import EpochFile
from qbo_milestones.adapters.quickbooks.books import QuickBooksBooks
from qbo_milestones.adapters.quickbooks.client import Access, Client
from qbo_milestones.adapters.quickbooks.grant import Grant, Unconfirmed
from qbo_milestones.adapters.quickbooks.login import DISCOVERY, Login
from qbo_milestones.adapters.quickbooks.throttle import Pace, Throttle
from qbo_milestones.adapters.quickbooks.tokens import Tokens
from qbo_milestones.adapters.registers.source import read as read_register
from qbo_milestones.adapters.store.connections import realm_of
from qbo_milestones.adapters.store.engine import open_engine
from qbo_milestones.adapters.store.migrate import migrate
from qbo_milestones.adapters.store.schedule import DueStore, Schedule
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.config import PREFIX, Settings, load
from qbo_milestones.errors import BadSettings, NotConnected, Unavailable
from qbo_milestones.keys import sealed_tokens
from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.calendar import Calendar, jitter_of
from qbo_milestones.pipeline.gate import EvidenceFile
from qbo_milestones.pipeline.reading.cells import ReadingRules
from qbo_milestones.pipeline.register import Register, fold
from qbo_milestones.pipeline.trail import Trail, follow
from qbo_milestones.ports import Clock
from qbo_milestones.run.world import LEASE, Rules, World, never

_ADDRESSES = {
    "sandbox": "https://sandbox-quickbooks.api.intuit.com/v3",
    "production": "https://quickbooks.api.intuit.com/v3",
}
# How long a connection may go unused before it is refreshed for its own sake, of the 100 days that Intuit allows.
_IDLE = timedelta(days=30)
# What the simulator's own app is called: no secret, it opens nothing but a simulator.
SIMULATOR_APP = ("simulator-app", "simulator-secret")


# macOS' own monotonic clock stands still in sleep too, and has no other under this name.
_GOES_ON: int | None = getattr(time, "CLOCK_BOOTTIME", None)


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """See ports.Clock."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """See ports.Clock. It goes on while the machine sleeps, where there is such a clock: else a request could leave
        hours after its `sending` row was written (reliability.md 1.3).
        """
        return time.clock_gettime(_GOES_ON) if _GOES_ON is not None else time.monotonic()

    def sleep(self, seconds: float) -> None:
        """See ports.Clock."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class RegisterAt:
    """A register at its source, with the reading rules of the settings."""

    source: str
    rules: ReadingRules

    def read(self) -> Register:
        """See ports.Registers."""
        return read_register(self.source, self.rules)


@dataclass(frozen=True, slots=True)
class EvidenceFolder:
    """The folder in which sign-offs are kept."""

    root: Path

    def find(self, paths: Iterable[str]) -> Mapping[str, EvidenceFile]:
        """See ports.EvidenceRoom."""
        return evidence.find(self.root, paths)

    def fingerprint(self, path: str) -> EvidenceFile:
        """See ports.EvidenceRoom."""
        return evidence.fingerprint(self.root, path)


def load_settings(folder: Path, options: Iterable[str] = ()) -> Settings:
    """The settings of a folder, this process's environment and the options."""
    return load(folder, os.environ, options)


def open_registers(settings: Settings, source: str = "") -> RegisterAt:
    """The register that the settings name, or the one at `source`."""
    table = settings.register_
    named = source or table.source
    if not named:
        raise BadSettings("No register is named. Set register.source to a workbook, a folder or a database address.")
    if not source and "://" not in named:
        named = str(settings.path(Path(named)))
    rules = ReadingRules(
        date_order=table.date_order.lower(),
        decimal_comma=table.decimal_comma,
        columns=table.columns,
        sheets=table.sheets,
    )
    return RegisterAt(named, rules)


@contextmanager
def opened(
    settings: Settings, *, due: date | None = None, stopping: Callable[[], bool] = never
) -> Iterator[tuple[World, Rules]]:
    """Everything for one company, connected; the simulator is started for as long if it is the company's.

    Where a date is `due`, a run in it is that date's, and ends it.
    """
    with ExitStack() as stack:
        clock = SystemClock()
        store = stack.enter_context(stored(settings, clock, due))
        address = stack.enter_context(served(settings))
        books = _books(settings, store, clock, address)
        room = EvidenceFolder(settings.path(settings.evidence.folder))
        world = World(books, store, open_registers(settings), room, clock, epochs_of(settings), stopping)
        yield world, rules_of(settings, store.company, books.preferences().home_currency)


@contextmanager
def stored(settings: Settings, clock: Clock | None = None, due: date | None = None) -> Iterator[DatabaseStore]:
    """The store of the company that was connected; no network. Every event within tells of that company.

    Raises NotConnected where none was.
    """
    with database(settings) as engine:
        realm, clock = _connected_realm(settings, engine), clock or SystemClock()
        with bound_contextvars(company=realm, settings=settings.company):
            if due is None:
                yield DatabaseStore(engine, realm, clock)
            else:
                yield DueStore(engine, realm, clock, Schedule(engine, realm, settings.posting.patience), due)


@contextmanager
def scheduled(settings: Settings) -> Iterator[tuple[DatabaseStore, Schedule]]:
    """The store and the due runs of the company that was connected; no network. Raises NotConnected where none was."""
    with stored(settings) as store:
        yield store, Schedule(store.engine, store.company, settings.posting.patience)


def calendar_of(settings: Settings) -> Calendar:
    """When the company's runs are due."""
    table = settings.schedule
    return Calendar(settings.zone, table.at, jitter_of(settings.company, timedelta(minutes=table.jitter_min)))


def _connected_realm(settings: Settings, engine: Engine) -> str:
    realm = settings.quickbooks.realm or realm_of(engine, settings.company)
    if not realm:
        command = f"qbo-milestones connect --config {settings.folder}"
        raise NotConnected(f"{settings.company} is not connected to QuickBooks yet: run `{command}`.")
    return realm


def keep_alive(settings: Settings, clock: Clock | None = None) -> bool:
    """Refresh a connection that nobody used for 30 days, lest it end after 100 (reliability.md 1.8.5); whether it did.

    One read of our database where nothing is due, so a worker may call it at every tick. Raises NotConnected where a
    person must connect, Unavailable where Intuit cannot be reached: then it is tried again next time.
    """
    clock = clock or SystemClock()
    with stored(settings, clock) as store:
        tokens = sealed_tokens(settings, store)
        kept = tokens.load()
        if kept is not None and kept.ended_at is None and clock.now() - kept.tokens.obtained_at < _IDLE:
            return False
        with served(settings) as address:
            return Grant(tokens, sign_in(settings, address, clock), clock, settings.posting.patience).keep_alive(_IDLE)


def trail_of(settings: Settings, id_: str) -> Trail:
    """The whole story of a deliverable, by its id or by the number of its invoice or journal; no network.

    Raises BadSettings where neither register nor database knows it.
    """
    register = open_registers(settings).read()
    today = SystemClock().now().astimezone(settings.zone).date()
    with stored(settings) as store:
        deliverable = store.deliverable_of(id_) or fold(id_)
        found = follow(deliverable, register, store.trace(deliverable), store.account_types(), today)
    if found.deliverable is None and not found.trace.postings:
        raise BadSettings(f"Neither the register nor the database knows {id_}.")
    return found


@contextmanager
def database(settings: Settings) -> Iterator[Engine]:
    """The migrated database in the home folder."""
    home = settings.home_folder
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = open_engine(f"sqlite:///{home / 'milestones.db'}", settings.posting.patience)
    try:
        migrate(engine)
        yield engine
    finally:
        engine.dispose()


def sign_in(settings: Settings, address: str, clock: Clock) -> Login:
    """Intuit's sign-in for the app that the settings name. `address` is the simulator's, empty for a real company."""
    table = settings.quickbooks
    client_id, secret = table.client_id, table.client_secret.get_secret_value()
    if not settings.real and not client_id:
        client_id, secret = SIMULATOR_APP
    if not client_id or not secret:
        raise BadSettings(
            "The app's keys are missing: set quickbooks.client_id in the settings and the secret in the environment "
            f"variable {PREFIX}QUICKBOOKS__CLIENT_SECRET. The page config/get-keys.html says how to get them."
        )
    discovery = f"{address}/.well-known/openid_configuration" if address else DISCOVERY[table.environment]
    return Login(client_id, secret, table.redirect_uri, discovery, clock, settings.posting.patience)


def epochs_of(settings: Settings) -> EpochFile:
    """The count of runs and the audit log's end, kept where a backup of the database does not take them along."""
    return EpochFile(settings.witness_folder / f"{settings.company}.epoch")


def _books(settings: Settings, store: DatabaseStore, clock: Clock, address: str) -> QuickBooksBooks:
    grant = Grant(sealed_tokens(settings, store), sign_in(settings, address, clock), clock, settings.posting.patience)
    count = store.meter(settings.limits.metered_per_month).count
    return QuickBooksBooks(_client(settings, store.company, grant, clock, address, count), clock)


def _client(
    settings: Settings, realm: str, access: Access, clock: Clock, address: str, count: Callable[[], None] | None = None
) -> Client:
    patience = settings.posting.patience
    pace = Pace(settings.posting.per_second, settings.posting.per_minute, patience)
    throttle = Throttle(clock, pace, settings.posting.lanes)
    base = f"{address}/v3" if address else _ADDRESSES[settings.quickbooks.environment]
    return Client(base, realm, access, throttle, clock, patience, count)


def company_title(settings: Settings, tokens: Tokens, address: str, clock: Clock) -> str:
    """What the company calls itself to whom a sign-in, not kept yet, gave access. Raises as ports.Books.company."""
    client = _client(settings, tokens.realm, Unconfirmed(tokens), clock, address)
    with bound_contextvars(company=tokens.realm, settings=settings.company):
        return QuickBooksBooks(client, clock).company()[0]


def rules_of(settings: Settings, realm: str, home_currency: str) -> Rules:
    """What the settings say of billing, for the run."""
    billing, limits = settings.billing, settings.limits
    try:
        amount = None if limits.amount_per_run is None else Money(limits.amount_per_run, home_currency)
    except ValueError as error:
        raise BadSettings(f"Setting limits.amount_per_run: {error}.") from None
    return Rules(
        company=realm,
        zone=settings.zone,
        home_currency=home_currency,
        item=billing.item,
        unbilled_account=billing.unbilled_account,
        revenue_account=billing.revenue_account,
        owner=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}",
        class_name=billing.class_name,
        location=billing.location,
        tax_code=billing.tax_code,
        own_numbers=settings.invoice_number == "deliverable",
        send=settings.invoice.send,
        starts_on=billing.starts_on,
        starts_on_required=settings.real,
        links_accepted=settings.evidence.links == "accepted",
        may_post=settings.live or not settings.real,
        invoices=limits.invoices_per_run,
        amount=amount,
        quiet=timedelta(seconds=settings.posting.quiet_s * settings.posting.patience),
        lanes=settings.posting.lanes,
        lease_for=LEASE * settings.posting.patience,
    )


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """The simulator's address, empty for a real company; it is started where nobody serves it yet."""
    if settings.real:
        yield ""
        return
    port = settings.quickbooks.simulator_port
    address = f"http://127.0.0.1:{port}"
    if _answers(port):
        yield address
        return
    try:
        process = start_simulator(port, settings.path(settings.quickbooks.simulator_data))
    except Unavailable:
        # Another command may have started it in the same moment; then that one serves both.
        if not _answers(port):
            raise
        yield address
        return
    try:
        yield address
    finally:
        stop(process)


def start_simulator(port: int, data: Path) -> subprocess.Popen[str]:
    """The simulator as a process of its own, once it answers. Its first line is its address."""
    data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [sys.executable, "-m", "qbo_milestones.simulator", "--port", str(port), "--data", str(data)]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as complaints:
        # A group of its own: Ctrl-C at the terminal is for the run, which still wants its last answers.
        process = subprocess.Popen(  # noqa: S603 - our own module
            command, stdout=subprocess.PIPE, stderr=complaints, text=True, process_group=0
        )
        try:
            serves = process.stdout is not None and process.stdout.readline().startswith("http")
        except BaseException:
            # Whoever is told to end while it waits leaves nobody behind.
            stop(process)
            raise
        if not serves:
            stop(process)
            complaints.seek(0)
            why = complaints.read().strip().rpartition("\n")[2]
            raise Unavailable(f"The simulator could not start on port {port}. {why}".strip())
    return process


def stop(process: subprocess.Popen[str]) -> None:
    """End it, and let it save what it keeps."""
    process.terminate()
    process.wait(timeout=30)
    if process.stdout:
        process.stdout.close()


def serve_simulator(port: int, data: Path | None, seed: str) -> None:
    """Serve the simulator in this process until it is interrupted. Raises BadSettings where it cannot be."""
    from qbo_milestones.simulator.server import CannotServe, serve

    try:
        serve(port, data, seed)
    except CannotServe as problem:
        raise BadSettings(str(problem)) from problem


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
