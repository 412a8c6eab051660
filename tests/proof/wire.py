"""The wire: requests reach the simulator's pure core in this process (ruling 36), and chosen ones are spoiled."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import ProtocolError

from qbo_milestones.ports import Clock
from qbo_milestones.simulator.front import handle
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.world.world import World

from .spoils import SPOILS, Plan

BASE = "http://127.0.0.1:8780"


class Wire(HTTPAdapter):
    """What a session is mounted on instead of sockets.

    `passed` is called before and after each request leaves, so that a test may end or stop the program there.
    """

    def __init__(self, world: World, clock: Clock, passed: Callable[[str], None] = lambda _: None) -> None:
        super().__init__()
        self.plan = Plan()
        self.writes = self.calls = 0
        self._world, self._clock, self._passed = world, clock, passed

    def send(self, request: requests.PreparedRequest, *_how: Any, **_options: Any) -> requests.Response:
        """The answer of the core, spoiled where the plan says so."""
        asked = as_request(request)
        self.calls += 1
        writing = writes(asked)
        self.writes += writing
        kind = self.plan.next(writing or looks_up(asked))
        self._passed("before call")
        answer = SPOILS[kind](self._world, asked, self._clock) if kind else handle(self._world, asked)
        self._passed("after call")
        if isinstance(answer, Exception):
            raise answer
        return self._heard(request, answer)

    def _heard(self, request: requests.PreparedRequest, answer: Answer) -> requests.Response:
        if answer.fate in ("drop", "reset"):
            raise requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError(104, "reset")))
        body = answer.body if isinstance(answer.body, bytes) else answer.body.encode()
        headers = {"Content-Type": answer.content_type, "Content-Length": str(len(body)), **answer.headers}
        body = body[: len(body) // 2] if answer.fate == "truncate" else body
        raw = HTTPResponse(BytesIO(body), headers, answer.status, preload_content=False, enforce_content_length=True)
        return self.build_response(request, raw)


def as_request(prepared: requests.PreparedRequest) -> Request:
    """What the simulator's skin would read from the socket."""
    parts = urlsplit(str(prepared.url))
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    headers = {name.lower(): str(value) for name, value in prepared.headers.items()}
    body = prepared.body or b""
    raw = body if isinstance(body, bytes) else str(body).encode()
    return Request(str(prepared.method), unquote(parts.path), query, headers, raw, BASE)


def writes(request: Request) -> bool:
    """Whether it can change the books."""
    return request.method == "POST" and "/v3/company" in request.path and not request.path.endswith("/query")


def looks_up(request: Request) -> bool:
    """Whether it looks for one posting (ruling 3)."""
    statement = request.query.get("query", "") or request.body.decode("utf-8", "replace")
    return request.path.endswith("/query") and ("DocNumber" in statement or "CustomerRef" in statement)
