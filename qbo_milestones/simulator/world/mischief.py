"""Faults on demand: rules that spoil chosen calls, by number or by chance, and therefore the same every time."""

from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from qbo_milestones.simulator.asked import NotUnderstood, flag, number, one_of, only, text, whole
from qbo_milestones.simulator.messages import Request
from qbo_milestones.simulator.turns import KEYS, Turns, turns

KINDS = (
    "status", "xml_fault", "fault_in_200", "throttle", "token_revoked", "refuse_before", "late_commit",
    "query_lag", "stale_list", "garbled", "xml_answer", "lost_answer", "reset", "truncate", "latency", "clock_moved",
)  # fmt: skip
"""What each does stands in README.md, how they compose in gateway/spoiling.py."""
BODIES = ("", "fault", "gateway", "oauth", "html", "empty")
"""Of a fault made up; an empty text is the one that belongs to the place."""
WHEN = ("before", "after")
OAUTH = "oauth"
STALE = "stale_list"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which calls a rule is about; an empty text is about all."""

    method: str = ""
    path: str = ""
    entity: str = ""
    realm: str = ""
    statement: str = ""

    def fits(self, request: Request, entity: str, realm: str) -> bool:
        """Whether a call fits. The OAuth endpoints are spoiled only where their entity or path is named."""
        if entity == OAUTH and not (self.entity or self.path):
            return False
        return (
            (not self.method or self.method.upper() == request.method)
            and self.path in request.path
            and (not self.entity or self.entity.lower() == entity.lower())
            and (not self.realm or self.realm == realm)
            and (not self.statement or self.statement.lower() in _statement(request))
        )

    def as_json(self) -> dict[str, object]:
        """What is named."""
        return {name: getattr(self, name) for name in _names(Filter)}


@dataclass(slots=True)
class Rule:
    """What is done to the calls that fit when it is their turn."""

    kind: str
    about: Filter = field(default_factory=Filter)
    turns: Turns = field(default_factory=Turns)
    status: int = 500
    code: str = ""
    message: str = ""
    detail: str = ""
    body: str = ""
    after_commit: bool = False
    latency_s: float = 0.0
    after_s: float = 0.0
    query_lag_s: float = 0.0
    advance_s: float = 0.0
    when: str = "before"

    def fires(self, request: Request, entity: str, realm: str, seed: str) -> bool:
        """Count a call that fits; whether it is one to spoil."""
        if not self.about.fits(request, entity, realm):
            return False
        rule = f"{self.kind} {self.about.as_json()}"
        return self.turns.strikes(rule, _content(request), seed)

    def as_json(self) -> dict[str, object]:
        """The rule with its counters."""
        plain = {name: getattr(self, name) for name in _OWN}
        shown = {name: Decimal(str(value)) if isinstance(value, float) else value for name, value in plain.items()}
        return {"kind": self.kind, **self.about.as_json(), **self.turns.as_json(), **shown}


def _names(kind: type[Any]) -> list[str]:
    return [each.name for each in fields(kind)]


_OWN = [name for name in _names(Rule) if name not in ("about", "turns")]


def _statement(request: Request) -> str:
    """The text of a query, by GET or POST, or any other body, in lower case."""
    return (request.query.get("query") or request.body.decode("utf-8", "replace")).lower()


def _content(request: Request) -> bytes:
    """What makes a call the same call again: everything but its requestid and its token."""
    query = sorted((name, value) for name, value in request.query.items() if name != "requestid")
    return f"{request.method} {request.path} {query} ".encode() + request.body


def rule(wanted: object) -> Rule:
    """A rule from the side door; what is wrong with it is named."""
    found = only(wanted, *_OWN, *_names(Filter), *KEYS)
    about = Filter(**{name: text(found, name) for name in _names(Filter) if name in found})
    status = whole(found, "status", 500, 100)
    if status > 599:
        raise NotUnderstood(f"status is an HTTP status, not {status}", "status")
    return Rule(
        one_of(found.get("kind"), "kind", KINDS), about, turns(found), status, text(found, "code", ""),
        text(found, "message", ""), text(found, "detail", ""), one_of(found.get("body", ""), "body", BODIES),
        flag(found, "after_commit", False), number(found, "latency_s", 0), number(found, "after_s", 0),
        number(found, "query_lag_s", 0), number(found, "advance_s", 0),
        one_of(found.get("when", "before"), "when", WHEN),
    )  # fmt: skip


class Mischief:
    """The rules in force, in the order in which they came."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    @property
    def past_s(self) -> float:
        """How far back a list may have to look."""
        return max((rule.query_lag_s for rule in self.rules if rule.kind == STALE), default=0.0)

    def fired(self, request: Request, entity: str, realm: str, seed: str) -> list[Rule]:
        """The rules that spoil this call. Every rule counts what it is about, whatever the others do."""
        return [rule for rule in self.rules if rule.fires(request, entity, realm, seed)]
