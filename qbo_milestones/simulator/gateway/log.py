"""What the request log says of a call."""

from typing import Any

from qbo_milestones.simulator.amounts import read_json
from qbo_milestones.simulator.gateway.visit import Visit

LOGGED = 20_000
"""Bytes of a body that is not JSON that the log keeps."""


def log_entry(visit: Visit) -> dict[str, Any]:
    """The call, its answer still open. Its body is read only when somebody looks at it."""
    request = visit.request
    is_json = request.body.lstrip()[:1] in (b"{", b"[")
    return {
        "time": visit.world.clock.now().isoformat(), "method": request.method, "path": request.path,
        "query": request.query, "realm": visit.realm, "entity": visit.parts[0] if visit.parts else "",
        "body": request.body if is_json else request.body[:LOGGED],
        "status": None, "requestid": request.query.get("requestid"),
        "app": visit.app or None,
    }  # fmt: skip


def shown_entry(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry with its body as JSON, or as text where it is none."""
    body: bytes | None = entry["body"]
    try:
        return {**entry, "body": read_json(body) if body else None}
    except ValueError:
        return {**entry, "body": (body or b"")[:LOGGED].decode("utf-8", "replace")}
