"""What a post looks like on the wire: the CloudEvents array or the old shape, its headers and its signature."""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from qbo_milestones.simulator.amounts import Doc, write_json
from qbo_milestones.simulator.settings import Settings
from qbo_milestones.simulator.webhooks.catalogue import OPERATIONS
from qbo_milestones.simulator.webhooks.endpoints import Endpoint
from qbo_milestones.simulator.webhooks.events import Event, made_uuid


@dataclass(frozen=True, slots=True)
class Letter:
    """One POST, ready to be made."""

    url: str
    headers: dict[str, str]
    body: bytes
    answer_within_s: float


def letter(settings: Settings, endpoint: Endpoint, events: Sequence[Event], number: int, now: datetime) -> Letter:
    """The post that carries these events; ``number`` makes its trace id."""
    shape = _cloud_events if endpoint.format == "cloudevents" else _notifications
    body = write_json(shape(settings, endpoint, events)).encode()
    forged = any(event.forged for event in events)
    headers = {
        "Content-Type": settings.webhook_content_type if endpoint.format == "cloudevents" else "application/json",
        "Accept": "application/json",
        "User-Agent": "intuit_notification_server/0.1",
        "intuit-signature": signature(body, f"not {endpoint.verifier_token}" if forged else endpoint.verifier_token),
        "intuit-created-time": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S%z"),
        "intuit-t-id": made_uuid(f"{endpoint.client_id}/{number}"),
        "intuit-notification-schema-version": "0.1",
    }
    return Letter(endpoint.url, headers, body, endpoint.answer_within_s)


def signature(body: bytes, verifier_token: str) -> str:
    """``intuit-signature``: base64 of the HMAC-SHA256 of the raw body, keyed with the verifier token."""
    return base64.b64encode(hmac.digest(verifier_token.encode(), body, "sha256")).decode()


def _cloud_events(settings: Settings, endpoint: Endpoint, events: Sequence[Event]) -> list[Doc]:
    source = base64.b64encode(sha256(endpoint.client_id.encode()).digest()).decode()
    return [_cloud_event(settings, f"intuit.{source}", event) for event in events]


def _cloud_event(settings: Settings, source: str, event: Event) -> Doc:
    content_type = {"datacontenttype": "application/json"} if settings.webhook_datacontenttype else {}
    return {
        "specversion": "1.0", "id": event.event_id, "source": source,
        "type": f"qbo.{event.entity.lower()}.{OPERATIONS[event.operation]}.v1", **content_type,
        "time": event.nanoseconds, "intuitentityid": event.object_id, "intuitaccountid": event.realm,
        "data": _data(settings, event),
    }  # fmt: skip


def _data(settings: Settings, event: Event) -> Doc:
    merged = {"deletedId": event.deleted_id} if event.deleted_id else {}
    if settings.webhook_data == "alternative_ids":
        mark = sha256(f"{event.realm}/{event.entity}".encode()).hexdigest()[:10]
        known_as = base64.b64encode(f"v4.1:{event.realm}:{mark}:{event.object_id}".encode()).decode()
        return {**merged, "alternative_ids": [{"id": known_as, "namespace": "Intuit.sbseg.v4"}]}
    return {**merged, **(event.data or {})}


def _notifications(_settings: Settings, _endpoint: Endpoint, events: Sequence[Event]) -> Doc:
    """One group a company, in the order in which they first appear."""
    groups: dict[str, list[Doc]] = {}
    for event in events:
        groups.setdefault(event.realm, []).append(_old_event(event))
    return {
        "eventNotifications": [
            {"realmId": realm, "dataChangeEvent": {"entities": entities}} for realm, entities in groups.items()
        ]
    }


def _old_event(event: Event) -> Doc:
    merged = {"deletedId": event.deleted_id} if event.deleted_id else {}
    return {
        "id": event.object_id, "operation": event.operation, "name": event.entity,
        "lastUpdated": event.milliseconds, **merged,
    }  # fmt: skip
