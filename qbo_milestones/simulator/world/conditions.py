"""What state a company and the person who connected it are in: who is let in, and what may be done there."""

from dataclasses import dataclass

from qbo_milestones.simulator.books.watched import Watched

COMPANY = ("open", "locked", "maintenance", "wrong_cluster", "subscription_ended", "reset")
PERSON = ("admin", "removed")
ENVIRONMENTS = ("sandbox", "production")


@dataclass(frozen=True, slots=True)
class Condition:
    """One company's state. ``denied`` and ``missing`` name entities and reports: no permission, no such feature."""

    company: str = "open"
    person: str = "admin"
    environment: str = "sandbox"
    denied: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


OPEN = Condition()


class Conditions:
    """The state of every company; one that was never spoken of is open."""

    def __init__(self) -> None:
        self.by_realm: Watched[str, Condition] = Watched()

    def of(self, realm: str) -> Condition:
        """The state of one company."""
        return self.by_realm.get(realm, OPEN)
