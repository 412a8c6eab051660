"""What QuickBooks posts to a webhook: its signature, and the companies it speaks of (quickbooks-online.md 7).

Nothing of it is believed but that something happened in a company: what happened is read from the books.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from qbo_milestones.adapters.store.events import Hint

LARGEST_BODY = 2 * 1024 * 1024
# The signature has no time in it: an event is believed for so long, and its id is kept for longer (reliability.md 4).
BELIEVED_FOR = timedelta(days=7)
_AHEAD = timedelta(days=1)
_MOST_EVENTS = 10_000
_REALM = re.compile(r"[0-9]{1,32}")
_PLAIN_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")


class NotUnderstood(ValueError):
    """A body that is neither a CloudEvents array nor the old shape. The text never holds any of it."""


def signed(body: bytes, signature: bytes, verifier: str) -> bool:
    """Whether `intuit-signature` is the base64 HMAC-SHA256 of the raw body, keyed by the verifier token.

    Compared as bytes in constant time, before anything is read from the body.
    """
    expected = base64.b64encode(hmac.digest(verifier.encode(), body, "sha256"))
    return hmac.compare_digest(expected, signature)


def hints_in(body: bytes, now: datetime) -> tuple[Hint, ...]:
    """The events of a post, of both shapes; what is malformed, or not of the last seven days, is left out.

    Raises NotUnderstood.
    """
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError):
        raise NotUnderstood("a webhook's body is not JSON") from None
    entries = tree if isinstance(tree, list) else [tree]
    if not all(isinstance(entry, dict) for entry in entries):
        raise NotUnderstood("a webhook's body is no list of events")
    found: list[Hint] = []
    for entry in entries:
        for hint, at in _old_shape(entry) if "eventNotifications" in entry else _cloud_event(entry):
            if len(found) == _MOST_EVENTS:
                return tuple(found)
            if now - BELIEVED_FOR <= at <= now + _AHEAD:
                found.append(hint)
    return tuple(found)


def _cloud_event(event: dict[str, Any]) -> Iterator[tuple[Hint, datetime]]:
    realm, id_, at = event.get("intuitaccountid"), event.get("id"), _instant(event.get("time"))
    if isinstance(id_, str) and id_ and at is not None and _is_realm(realm):
        yield Hint(str(realm), f"{realm}:{id_ if _PLAIN_ID.fullmatch(id_) else _digest(id_)}"), at


def _old_shape(tree: dict[str, Any]) -> Iterator[tuple[Hint, datetime]]:
    """Until 2026 events had no id: one is made of what they say, the same for each delivery."""
    for notification in _rows(tree.get("eventNotifications")):
        realm, change = notification.get("realmId"), notification.get("dataChangeEvent")
        for entity in _rows(change.get("entities")) if isinstance(change, dict) else ():
            at = _instant(entity.get("lastUpdated"))
            if at is not None and _is_realm(realm):
                told = [str(entity.get(name)) for name in ("name", "id", "operation", "lastUpdated")]
                yield Hint(str(realm), f"{realm}:{_digest(*told)}"), at


def _rows(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _is_realm(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and _REALM.fullmatch(value) is not None


def _digest(*parts: str) -> str:
    told = "\x1f".join(parts).encode("utf-8", "replace")
    return f"sha256-{hashlib.sha256(told).hexdigest()}"


def _instant(value: object) -> datetime | None:
    """The time of an event, which may have nine decimals; None where it is none."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and len(value) < 64 else None
        return None if found is None else (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
