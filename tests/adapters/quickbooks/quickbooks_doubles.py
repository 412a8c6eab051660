"""Doubles for the adapter's tests: a clock that is moved, a token source, and a server that answers by a script."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from hypothesis import settings

from qbo_milestones.adapters.quickbooks.books import QuickBooksBooks
from qbo_milestones.adapters.quickbooks.client import Access, Client
from qbo_milestones.adapters.quickbooks.throttle import Throttle

# Machines differ in speed, and a build must not fail by chance.
unhurried = settings(deadline=None, derandomize=True)

REALM = "4620816365000000001"
CANARY = "canary-Token~1234567890.abcdefghijklmnop"


class MovedClock:
    """A clock that stands still until it is moved; sleeping moves it. Safe for several threads."""

    def __init__(self, at: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)) -> None:
        self._at, self._elapsed, self._lock = at, 1000.0, threading.Lock()
        self.slept: list[float] = []
        self.jump_s = 0.0

    def now(self) -> datetime:
        return self._at + timedelta(seconds=self._elapsed - 1000.0)

    def monotonic(self) -> float:
        """Moves by itself where `jump_s` is set."""
        self.move(self.jump_s)
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        self.move(seconds)
        self.slept.append(seconds)

    def move(self, seconds: float) -> None:
        with self._lock:
            self._elapsed += seconds


@dataclass
class FixedAccess:
    """Tokens as they are given, and how often a new one was asked for."""

    tokens: list[str] = field(default_factory=lambda: [CANARY, CANARY + "-second", CANARY + "-third"])
    renewals: int = 0
    failure: Exception | None = None

    def access_token(self) -> str:
        if self.failure is not None:
            raise self.failure
        return self.tokens[self.renewals]

    def renewed(self, refused: str) -> str:
        assert refused == self.tokens[self.renewals]
        self.renewals += 1
        return self.tokens[self.renewals]


@dataclass(frozen=True)
class Asked:
    """What the server was asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What it answers. `cut` leaves out the body's last bytes; `reset` breaks the connection; `hold` waits first."""

    body: bytes | str | dict[str, object] | list[object] = b""
    status: int = 200
    type: str = "application/json;charset=UTF-8"
    headers: tuple[tuple[str, str], ...] = ()
    cut: int = 0
    reset: bool = False
    hold: threading.Event | None = None

    @property
    def payload(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


Script = Callable[[Asked], Reply]


class Scripted:
    """A server on this machine that answers by a script and keeps what it was asked."""

    def __init__(self, script: Script) -> None:
        self.script, self.asked = script, list[Asked]()
        handler = type("Handler", (_Handler,), {"owner": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def address(self) -> str:
        return f"{self.root}/v3"


class _Handler(BaseHTTPRequestHandler):
    owner: Scripted
    protocol_version = "HTTP/1.1"
    # Head and body leave as two packets, which would wait for each other by Nagle's rule.
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        asked = Asked(self.command, parts.path, query, dict(self.headers.items()), body)
        self.owner.asked.append(asked)
        reply = self.owner.script(asked)
        if reply.hold is not None:
            reply.hold.wait(5)
        if reply.reset:
            self._reset()
            return
        self._send(reply)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.rfile.close()
        self.wfile.close()
        self.connection.close()

    def _send(self, reply: Reply) -> None:
        payload = reply.payload
        self.send_response(reply.status)
        for name, value in (("Content-Type", reply.type), ("intuit_tid", "1-69f0a24d-test"), *reply.headers):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload[: len(payload) - reply.cut])
        self.close_connection = bool(reply.cut)

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, ValueError):
            return

    def finish(self) -> None:
        try:
            super().finish()
        except (ConnectionError, ValueError):
            return

    def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002  # the base class's name
        return "Mon, 23 Nov 2026 09:00:42 GMT"

    def log_message(self, *_args: object) -> None:
        return

    do_GET = do_POST = _answer  # noqa: N815  # the base class's names


@contextmanager
def scripted(script: Script) -> Iterator[Scripted]:
    """Such a server, running."""
    served = Scripted(script)
    thread = threading.Thread(target=served.server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.server.shutdown()
        served.server.server_close()
        thread.join()


def replies(*queue: Reply) -> Script:
    """A script that answers in order, the last one for ever."""
    left = list(queue)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def client_of(
    address: str,
    clock: MovedClock | None = None,
    access: Access | None = None,
    throttle: Throttle | None = None,
    patience: float = 1.0,
) -> Client:
    """A client of the company at an address."""
    clock = clock or MovedClock()
    return Client(address, REALM, access or FixedAccess(), throttle or Throttle(clock), clock, patience)


def books_of(address: str, clock: MovedClock | None = None, access: FixedAccess | None = None) -> QuickBooksBooks:
    """The books of a company whose home currency is known."""
    clock = clock or MovedClock()
    return QuickBooksBooks(client_of(address, clock, access), clock, "USD")
