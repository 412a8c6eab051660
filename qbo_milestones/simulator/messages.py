"""What goes in and out of the pure core: a request, an answer, and what becomes of the answer on the wire."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

Fate = Literal["send", "drop", "reset", "truncate"]
"""send: whole; drop: the connection is closed without an answer; reset: closed hard; truncate: half a body."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, header names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""
    base_url: str = "http://127.0.0.1"


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. ``delay_s`` is real seconds that the skin waits before it sends; ``then`` is what is asked
    and answered in its stead once the due post has gone out. ``after`` is called when it has left."""

    status: int
    body: str | bytes
    content_type: str = "application/json;charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)
    fate: Fate = "send"
    delay_s: float = 0.0
    then: Request | None = None
    after: Callable[[], None] | None = None

    def with_headers(self, more: dict[str, str]) -> "Answer":
        """The answer with these headers added."""
        return replace(self, headers={**self.headers, **more})
