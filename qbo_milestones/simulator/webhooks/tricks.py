"""What can go wrong with an event on its way, on demand: twice, late, out of order, never, badly signed."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.asked import number, one_of, only, text
from qbo_milestones.simulator.turns import KEYS, Turns, turns
from qbo_milestones.simulator.webhooks.events import Event

KINDS = ("duplicate", "late", "out_of_order", "lost", "bad_signature")
FILTERS = ("client_id", "realm", "entity", "operation")


@dataclass(slots=True)
class Trick:
    """A rule about events. ``after_s``: how much later the event, or its duplicate, joins the line."""

    kind: str
    about: dict[str, str]
    after_s: float = 0.0
    turns: Turns = field(default_factory=Turns)

    def strikes(self, client_id: str, event: Event, seed: str) -> bool:
        """Count an event that the rule is about; whether it is one to play with."""
        facts = {"client_id": client_id, "realm": event.realm, "entity": event.entity, "operation": event.operation}
        if any(facts[name].lower() != wanted.lower() for name, wanted in self.about.items()):
            return False
        rule = f"{self.kind} {sorted(self.about.items())}"
        content = f"{client_id} {event.realm} {event.entity} {event.object_id} {event.operation}"
        return self.turns.strikes(rule, content.encode(), seed)

    def as_json(self) -> Doc:
        """The rule with its counters."""
        return {"kind": self.kind, **self.about, "after_s": Decimal(str(self.after_s)), **self.turns.as_json()}


def trick(wanted: Any) -> Trick:
    """A rule from the side door."""
    found = only(wanted, "kind", *FILTERS, "after_s", *KEYS)
    about = {name: text(found, name) for name in FILTERS if name in found}
    return Trick(one_of(found.get("kind"), "kind", KINDS), about, number(found, "after_s", 0), turns(found))


def played(tricks: list[Trick], client_id: str, event: Event, seed: str) -> list[Event]:
    """What becomes of an event: none, one or more of it. Every rule counts, whatever the others do."""
    struck = [trick for trick in tricks if trick.strikes(client_id, event, seed)]
    kinds = {trick.kind for trick in struck}
    if "lost" in kinds:
        return []
    late_s = sum(trick.after_s for trick in struck if trick.kind == "late")
    event = replace(
        event, ready=event.ready + timedelta(seconds=late_s), turned="out_of_order" in kinds,
        forged="bad_signature" in kinds,
    )  # fmt: skip
    twins = [trick for trick in struck if trick.kind == "duplicate"]
    return [event, *(replace(event, ready=event.ready + timedelta(seconds=twin.after_s)) for twin in twins)]
