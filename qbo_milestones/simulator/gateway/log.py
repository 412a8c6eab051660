"""What the request log says of a call."""

from typing import Any

from qbo_milestones.simulator.amounts import read_json
from qbo_milestones.simulator.gateway.visit import Visit

LOGGED = 20_000
"""Bytes of a body that is not JSON that the log keeps."""


def log_entry(visit: Visit) -> dict[str, Any]:
    """The call, its answer still open."""
    request = visit.request
    try:
        body: Any = read_json(request.body) if request.body else None
    except ValueError:
        body = request.body[:LOGGED].decode("utf-8", "replace")
    return {
        "time": visit.world.clock.now().isoformat(), "method": request.method, "path": request.path,
        "query": request.query, "realm": visit.realm, "entity": visit.parts[0] if visit.parts else "", "body": body,
        "status": None, "requestid": request.query.get("requestid"),
        "app": visit.app or None,
    }  # fmt: skip
