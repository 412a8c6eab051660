"""Faults on demand: rules that spoil chosen calls, counted and therefore the same every time."""

from dataclasses import asdict, dataclass, fields
from decimal import Decimal

from qbo_milestones.simulator.asked import number, one_of, only
from qbo_milestones.simulator.messages import Request

KINDS = {
    "status", "latency", "lost_answer", "late_commit", "refuse_before", "truncate", "reset", "garbled",
    "xml_fault", "fault_in_200", "query_lag", "throttle", "token_revoked",
}  # fmt: skip


@dataclass(slots=True)
class Rule:
    """Spoil the ``nth`` matching call and the following ones, ``times`` in all (None: for ever)."""

    kind: str
    method: str = ""
    path: str = ""
    entity: str = ""
    realm: str = ""
    statement: str = ""
    nth: int = 1
    times: int | None = 1
    status: int = 500
    code: str = ""
    message: str = ""
    detail: str = ""
    body: str = ""
    latency_s: float = 0.0
    after_s: float = 0.0
    after_commit: bool = False
    query_lag_s: float = 0.0
    seen: int = 0
    done: int = 0

    def meets(self, request: Request, entity: str, realm: str) -> bool:
        """Whether the rule is about this call."""
        return (
            (not self.method or self.method.upper() == request.method)
            and self.path in request.path
            and (not self.entity or self.entity.lower() == entity.lower())
            and (not self.realm or self.realm == realm)
            and (not self.statement or self.statement.lower() in _statement(request))
        )

    def fires(self) -> bool:
        """Count a matching call; whether it is one to spoil."""
        self.seen += 1
        if self.seen < self.nth or (self.times is not None and self.done >= self.times):
            return False
        self.done += 1
        return True

    def as_json(self) -> dict[str, object]:
        """The rule with its counters."""
        found = asdict(self)
        return {name: Decimal(str(value)) if isinstance(value, float) else value for name, value in found.items()}


def _statement(request: Request) -> str:
    """The text of a query, by GET or POST, in lower case."""
    return (request.query.get("query") or request.body.decode("utf-8", "replace")).lower()


def rule(wanted: object) -> Rule:
    """A rule from the side door; unknown words are refused."""
    known = {field.name for field in fields(Rule)} - {"seen", "done"}
    found = only(wanted, *sorted(known))
    one_of(found.get("kind"), "kind", sorted(KINDS))
    times = {name: number(found, name, 0) for name in found if name.endswith("_s")}
    return Rule(**{**found, **times})


class Mischief:
    """The rules in force, in the order in which they came."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def fired(self, request: Request, entity: str, realm: str) -> list[Rule]:
        """The rules that spoil this call. Every rule counts what it is about, whatever the others do."""
        return [rule for rule in self.rules if rule.meets(request, entity, realm) and rule.fires()]
