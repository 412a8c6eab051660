"""What a developer wants to see of a running simulator: requests, apps, switches, fault rules, the clock."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.pages.listing import Listing, cut
from qbo_milestones.simulator.pages.paper import moment, plural
from qbo_milestones.simulator.settings import Settings
from qbo_milestones.simulator.world.conditions import OPEN
from qbo_milestones.simulator.world.mischief import Rule
from qbo_milestones.simulator.world.world import World


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of the log. ``fate`` is empty where nothing unusual happened to its answer."""

    time: str
    method: str
    path: str
    status: str
    fate: str
    app: str
    refused: bool


@dataclass(frozen=True, slots=True)
class Switch:
    """A switch that is not at its default."""

    name: str
    value: str
    default: str


@dataclass(frozen=True, slots=True)
class FaultRule:
    """A fault rule: what it does, what it is about, and how often it met and fired."""

    kind: str
    about: str
    seen: str
    done: str


def last_requests(world: World, company: Company, most: int) -> Listing[Asked]:
    """The newest requests to this company (and those to no company, as OAuth's are)."""
    about = [entry for entry in world.log if entry["realm"] in (company.realm, None)]
    return cut((_asked(company, entry) for entry in reversed(about)), len(about), most)


def _asked(company: Company, entry: dict[str, Any]) -> Asked:
    at = datetime.fromisoformat(entry["time"]).astimezone(company.zone)
    status, fate = entry["status"], str(entry.get("fate") or "")
    return Asked(
        f"{at:%H:%M:%S}", entry["method"], _short_path(entry, company.realm),
        str(status or "no answer"), "" if fate == "send" else fate.replace("_", " "), str(entry["app"] or ""),
        not status or status >= 400,
    )  # fmt: skip


def _short_path(entry: dict[str, Any], realm: str) -> str:
    """``/v3/company/9341450000000001/invoice`` as ``invoice``, with the operation or the statement asked for."""
    operation, statement = (entry["query"].get(name, "") for name in ("operation", "query"))
    path = str(entry["path"]).removeprefix(f"/v3/company/{realm}/")
    return f"{path}{f'?operation={operation}' if operation else ''} {statement}".strip()


def changed_switches(world: World) -> list[Switch]:
    """Every switch that somebody set to something else than its default."""
    defaults = Settings().as_json()
    now = world.settings.as_json()
    return [Switch(name, _said(now[name]), _said(defaults[name])) for name in now if now[name] != defaults[name]]


def _said(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    return str(value)


def fault_rules(world: World) -> list[FaultRule]:
    """The fault rules in force."""
    return [_fault_rule(rule.as_json()) for rule in world.mischief.rules]


def _fault_rule(rule: dict[str, Any]) -> FaultRule:
    kind, seen, done = (str(rule.pop(name)) for name in ("kind", "seen", "done"))
    return FaultRule(kind.replace("_", " "), ", ".join(_told(rule)), seen, done)


def _told(rule: dict[str, Any]) -> Iterator[str]:
    usual = Rule("latency").as_json()
    for name, value in rule.items():
        if name == "times" and value is None:
            yield "for ever"
        elif value != usual[name]:
            yield f"{name} {value}"


CONDITIONS = {
    "company": "The company is", "person": "The person who connected it is", "environment": "Its environment is",
    "denied": "No permission for", "missing": "Not in its plan:",
}  # fmt: skip


def conditions(world: World, company: Company) -> list[str]:
    """What keeps programs out of this company, where anything does: locked, subscription ended, permissions."""
    usual, now = asdict(OPEN), asdict(world.conditions.of(company.realm))
    return [f"{CONDITIONS.get(name, name)} {_joined(now[name])}." for name in now if now[name] != usual[name]]


def _joined(value: str | tuple[str, ...]) -> str:
    return value.replace("_", " ") if isinstance(value, str) else ", ".join(value)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where an app hears of changes, how many posts it acknowledged and how many events wait for it."""

    app: str
    url: str
    acknowledged: int
    waiting: int


def mailboxes(world: World) -> list[Mailbox]:
    """The webhook endpoints."""
    found = []
    for client_id, line in world.post_room.lines.items():
        heard = [attempt for attempt in world.post_room.attempts if attempt["client_id"] == client_id]
        waiting = len(line.waiting) + sum(len(post.events) for post in line.held)
        found.append(Mailbox(client_id, line.endpoint.url, sum(bool(each["acknowledged"]) for each in heard), waiting))
    return found


def clock_words(world: World, company: Company) -> tuple[str, str]:
    """The company's time, and how its clock goes."""
    at = moment(world.clock.now().astimezone(company.zone))
    if world.clock.frozen:
        return at, "the clock stands still"
    offset = round(Decimal(str(world.clock.as_json()["offset_s"])))
    if not offset:
        return at, "the clock goes with this machine's"
    return at, f"the clock is {_span(abs(offset))} {'ahead of' if offset > 0 else 'behind'} this machine's"


def _span(seconds: int) -> str:
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return plural(seconds // size, unit)
    return plural(seconds, "second")
