"""The demo: the main job from an empty folder to flags and a trace, on the simulator, in under a minute."""

import shutil
import socket
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from qbo_milestones.config import Settings
    from qbo_milestones.model.books import Document
    from qbo_milestones.pipeline.outbox import Outgoing
    from qbo_milestones.run.outcome import Outcome

_STRANGER = "Kestrel Coffee"
_MATERIAL = Path(__file__).parents[3] / "config" / "demo"
_FIRST_LINE = "# Made by `qbo-milestones demo`, which starts clean by removing this folder."
_SETTINGS = """{first_line}
company = "northlight"
time_zone = "America/New_York"
home = "."

[key]
source = "file"
file = "key"

[quickbooks]
environment = "simulator"
simulator_port = {port}
simulator_data = "quickbooks.db"

[register]
source = "register.xlsx"

[evidence]
folder = "evidence"

[billing]
starts_on = 2026-10-01

[owners]
"billing clerk" = "Marta Lind"
"""


def add_to(app: typer.Typer) -> None:
    """Hang this family's commands on the program."""
    app.command(epilog="Example: qbo-milestones demo --into demo")(demo)


def demo(
    into: Annotated[Path, typer.Option(help="Folder to make; one made by an earlier demo is removed.")] = Path("demo"),
) -> None:
    """Show the whole job on a simulated QuickBooks: connect, check, preview, bill, get paid, flag, trace."""
    from qbo_milestones.config import load
    from qbo_milestones.entrypoints import tables
    from qbo_milestones.wiring import start_simulator, stop

    tables.heading(f"0. A folder of its own: {into}/, with a key file that only you can read")
    settings = load(_make_folder(into), {})
    tables.heading("1. A simulated QuickBooks company, as a process of its own")
    port, data = settings.quickbooks.simulator_port, settings.path(settings.quickbooks.simulator_data)
    simulator = start_simulator(port, data)
    tables.say(f"Northlight Studio, a design and software agency, at http://127.0.0.1:{port}")
    try:
        _bill(settings, into)
    finally:
        stop(simulator)
    _farewell(into)


def _bill(settings: "Settings", into: Path) -> None:
    from qbo_milestones.connecting import connection_to
    from qbo_milestones.entrypoints import tables
    from qbo_milestones.run.night import run
    from qbo_milestones.run.preview import preflight, preview
    from qbo_milestones.wiring import opened

    tables.heading("2. The owner authorises the program: the OAuth authorisation-code flow")
    with connection_to(settings) as connecting:
        connected = connecting.finish(connecting.approve_as_simulated_owner(), "the demo")
    tables.say(f"Connected to {connected.title} (company {connected.realm}); the tokens are sealed with the key.")
    with opened(settings) as (world, rules):
        tables.heading("3. Is the company set up so that we may post?")
        tables.checks(preflight(world, rules, tables.say).checks)
        tables.heading("4. The register: what will be billed, and why each other row is held")
        tables.preview(preview(world, rules, tables.say))
        tables.heading("5. The first night: everything that is signed off is posted")
        tables.outcome(run(world, rules, tables.progress()))
        tables.heading("   The clients pay, and somebody edits an invoice by hand")
        _let_people_work(settings, connected.realm, _invoices(world.store.outgoing()))
        tables.heading("6. The second night: nothing is posted again, payments are pulled back, troubles are flagged")
        second = run(world, rules, tables.progress())
        tables.outcome(second)
        tables.flags(second.flags, settings.owners)
    _trace(settings, second, into)


def _let_people_work(settings: "Settings", realm: str, invoices: "Sequence[Document]") -> None:
    """Most pay correctly; one pays twice, one too much, one only a part, one is a stranger; one invoice is edited."""
    from qbo_milestones.adapters.quickbooks.throttle import Throttle
    from qbo_milestones.entrypoints import tables
    from qbo_milestones.entrypoints.clients import People
    from qbo_milestones.model.money import Money
    from qbo_milestones.wiring import SystemClock

    address = f"http://127.0.0.1:{settings.quickbooks.simulator_port}"
    clock = SystemClock()
    people = People(address, realm, clock.now().astimezone(settings.zone).date(), Throttle(clock))
    twice, too_much, part, edited, unpaid, *correct = invoices
    currency = twice.total.currency
    paid = [(people.pay(invoice, f"CHK-{5100 + n}"), invoice.total) for n, invoice in enumerate(correct)]
    people.deposit(paid[: len(paid) * 2 // 3])
    tables.say(f"{len(correct)} pay correctly; the bookkeeper has deposited {len(paid) * 2 // 3} of the cheques.")
    people.pay(twice, "CHK-4471")
    people.pay_again(twice, "chk 4471")
    tables.say(f"{twice.number} is paid twice: the same cheque is entered once more.")
    people.pay(too_much, "ACH-20881", Money(Decimal(100), currency))
    tables.say(f"{too_much.number} is paid with 100.00 too much.")
    people.pay_part(part, "CHK-7203", Money(Decimal(1000), currency))
    tables.say(f"{part.number} is paid in part. {unpaid.number} is not paid yet.")
    people.pay_for_nothing(_STRANGER, Money(Decimal(1250), currency), "WIRE-0007")
    tables.say(f"{_STRANGER} pays 1,250.00 for which there is no invoice.")
    people.edit(edited, Money(Decimal(250), currency))
    tables.say(f"{edited.number} is edited by hand: 250.00 less than was agreed.")


def _invoices(outbox: "Iterable[Outgoing]") -> "list[Document]":
    """The invoices as QuickBooks took them, in the order of posting."""
    return [o.as_posted for o in outbox if o.identity.kind.value == "invoice" and o.as_posted is not None]


def _trace(settings: "Settings", second: "Outcome", into: Path) -> None:
    from qbo_milestones.entrypoints import tables, trails
    from qbo_milestones.wiring import trail_of

    deliverable = next((one.flag.subject for one in second.flags if one.flag.subject), "")
    tables.heading(f"7. One deliverable from contract to payment: qbo-milestones trace {deliverable} --config {into}")
    trails.show(trail_of(settings, deliverable))


def _farewell(into: Path) -> None:
    from qbo_milestones.entrypoints import tables

    tables.heading(f"Everything lies in {into}/")
    for name, what in (
        ("register.xlsx", "the register; change it and run again"),
        ("evidence/", "the sign-offs that the register names"),
        ("milestones.db", "our database: outbox, books as last read, flags, runs"),
        ("quickbooks.db", "the simulated QuickBooks company"),
        ("key, settings.toml", "the key to the tokens, and the settings"),
        ("northlight.*", "two small files by which a database that was put back is known"),
        ("*.refresh-lock", "empty; held while the tokens are renewed"),
    ):
        tables.say(f"  {name:20} {what}")
    tables.heading("Three commands to try next (each starts the simulated QuickBooks for as long as it needs it)")
    program = "qbo-milestones" if shutil.which("qbo-milestones") else ".venv/bin/qbo-milestones"
    for command in ("flags", "trace D-103", "run"):
        tables.say(f"  {program} {command} --config {into}")


def _make_folder(into: Path) -> Path:
    from qbo_milestones.errors import BadSettings

    if not (_MATERIAL / "register.xlsx").is_file():
        raise BadSettings(f"The demo's register is missing: {_MATERIAL}. Run the demo from a checkout of the project.")
    if into.exists() and not into.is_dir():
        raise BadSettings(f"{into} is a file; name a folder with --into.")
    if into.exists() and any(into.iterdir()):
        settings = into / "settings.toml"
        if not (settings.is_file() and settings.read_text(encoding="utf-8").startswith(_FIRST_LINE)):
            raise BadSettings(f"{into} is not empty and no demo made it; name another folder with --into.")
        shutil.rmtree(into)
    shutil.copytree(_MATERIAL, into, dirs_exist_ok=True)
    into.chmod(0o700)
    text = _SETTINGS.format(first_line=_FIRST_LINE, port=_free_port())
    (into / "settings.toml").write_text(text, encoding="utf-8")
    return into


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
