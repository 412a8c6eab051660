"""Where an app wants its post: the address, what it wants to hear of, in which shape, and its verifier token."""

import ipaddress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.asked import NotUnderstood, number, one_of, only, text
from qbo_milestones.simulator.webhooks.catalogue import TOLD
from qbo_milestones.simulator.webhooks.events import made_uuid

FORMATS = ("cloudevents", "legacy")
ANSWER_WITHIN_S = 3.0
KEYS = ("client_id", "url", "entities", "format", "verifier_token", "answer_within_s")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One app's endpoint. ``wanted`` is entity -> operations."""

    client_id: str
    url: str
    wanted: dict[str, tuple[str, ...]]
    format: str
    verifier_token: str
    answer_within_s: float = ANSWER_WITHIN_S

    def wants(self, entity: str, operation: str) -> bool:
        """Whether the app asked to hear of this."""
        return operation in self.wanted.get(entity, ())

    def as_json(self) -> Doc:
        """As the side door shows it."""
        return {
            "client_id": self.client_id, "url": self.url, "format": self.format,
            "verifier_token": self.verifier_token, "answer_within_s": Decimal(str(self.answer_within_s)),
            "entities": {name: list(operations) for name, operations in self.wanted.items()},
        }  # fmt: skip


def endpoint(body: Any, apps: list[str], default_app: str) -> Endpoint:
    """An endpoint as a person registers it."""
    wanted = only(body, *KEYS)
    client_id = one_of(wanted.get("client_id", default_app), "client_id", apps)
    token = text(wanted, "verifier_token", made_uuid(f"verifier token of {client_id}"))
    return Endpoint(
        client_id, _near(text(wanted, "url")), _wanted(wanted.get("entities")),
        one_of(wanted.get("format", "cloudevents"), "format", FORMATS), token,
        number(wanted, "answer_within_s", ANSWER_WITHIN_S),
    )  # fmt: skip


def _near(url: str) -> str:
    """The address, if it leads to this machine: invented books must never be posted to a stranger."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not _is_loopback(parts.hostname):
        raise NotUnderstood(
            f"url is http(s) on this machine (localhost, 127.0.0.1, [::1]), not {url!r}: the simulator posts to nobody "
            "else, so that no invented company is taken for a real one",
            "url",
        )
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _wanted(asked: Any) -> dict[str, tuple[str, ...]]:
    """Nothing named: everything. A list of entities: all their operations. An object: entity -> operations."""
    if asked is None:
        return dict(TOLD)
    if isinstance(asked, list):
        return {one_of(name, "entities", TOLD): TOLD[name] for name in asked}
    if not isinstance(asked, dict):
        raise NotUnderstood("entities is a list of names, or an object of name and operations", "entities", TOLD)
    return {
        one_of(name, "entities", TOLD): tuple(one_of(each, f"entities.{name}", TOLD[name]) for each in operations)
        for name, operations in asked.items()
    }
