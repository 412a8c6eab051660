"""A TCP line between program and company, poisoned for one kind of call: the eight toxics of Toxiproxy, in Python.

It reads each request and each answer whole, so that it knows which call a connection carries at the moment.
"""

import random
import re
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import unquote_plus, urlsplit

# Seconds on a machine whose time-outs are a hundredth: connecting 0.1, an answer 1.3, signing in 0.2.
_OURS = range(20_000, 32_000)
_WHILE_S, _DOWN_S, _SLOW_S = 0.6, 0.3, 1.6
_HOST = "127.0.0.1"
_FROM = re.compile(r"\bfrom (\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Poison:
    """A toxic for the calls of one endpoint, on their way `up` or on the answer's way down, once or for a while."""

    toxic: str
    endpoint: str
    up: bool
    once: bool


class Line:
    """Listens on a port of its own and carries to another. `hits` counts the messages that were poisoned."""

    def __init__(self) -> None:
        self.hits = 0
        self.carried: Counter[str] = Counter()
        self._poison: Poison | None = None
        self._until = self._down_until = 0.0
        self._target = 0
        self._open = True
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._listener: socket.socket | None = _own_port()
        self._port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        self._cut_all()
        for thread in self._threads:
            thread.join()

    def lead_to(self, port: int) -> int:
        """Where it carries to from now; its own port."""
        self._target = port
        return self._port

    def poison(self, poison: Poison | None) -> None:
        """Poison it, or heal it; returns once it is up. What is on its way stays poisoned.

        A program that begins while nobody listens at the simulator's port starts a simulated company of its own there.
        """
        with self._lock:
            self._poison, self._until, self.hits = poison, 0.0, 0
        while self._listener is None or time.monotonic() < self._down_until:
            time.sleep(0.005)

    # Connections

    def _accept(self) -> None:
        while self._open:
            if time.monotonic() < self._down_until:
                self._hang_up()
                time.sleep(0.01)
            elif self._listener is None:
                with suppress(OSError):
                    self._listener = socket.create_server((_HOST, self._port))
            else:
                self._listener.settimeout(0.02)
                with suppress(TimeoutError):
                    self._take(self._listener.accept()[0])
        self._hang_up()

    def _hang_up(self) -> None:
        """Whoever calls is refused, and what is connected is cut."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
            self._cut_all()

    def _take(self, client: socket.socket) -> None:
        thread = threading.Thread(target=self._carry, args=(client,), daemon=True)
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()

    def _carry(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection((_HOST, self._target)) as server:
            ends = {client, server}
            self._sockets |= ends
            try:
                for end in ends:
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while (request := _message(client)) and self._passed(request, client, server):
                    pass
            finally:
                self._sockets -= ends

    def _passed(self, request: bytes, client: socket.socket, server: socket.socket) -> bool:
        """One call and its answer; False where the connection is over."""
        poison = self._due(request)
        if not self._sent(request, server, client, poison if poison and poison.up else None):
            return False
        answer = _message(server)
        return bool(answer) and self._sent(answer, client, server, poison if poison and not poison.up else None)

    def _due(self, request: bytes) -> Poison | None:
        """The poison for this call. `once` is one call, else all from the first one for a while."""
        endpoint = endpoint_of(request)
        with self._lock:
            self.carried[endpoint] += 1
            poison, now = self._poison, time.monotonic()
            if poison is None or poison.endpoint != endpoint:
                return None
            if self.hits and (poison.once or now > self._until):
                return None
            self._until = self._until or now + _WHILE_S
            self.hits += 1
            return poison

    def _sent(self, message: bytes, to: socket.socket, back: socket.socket, poison: Poison | None) -> bool:
        if poison is None:
            to.sendall(message)
            return True
        if poison.toxic == "down":
            self._down_until = time.monotonic() + _DOWN_S
            return False
        return TOXICS[poison.toxic](message, to, back)

    def _cut_all(self) -> None:
        for each in tuple(self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def _own_port() -> socket.socket:
    """Listens below the ports that the system gives away, so that nobody else has it while the line is down."""
    for port in random.sample(_OURS, len(_OURS)):
        with suppress(OSError):
            return socket.create_server((_HOST, port))
    raise AssertionError(f"no port of {_OURS} is free")


def endpoint_of(request: bytes) -> str:
    """What a request asks: `token`, `discovery`, `query Account`, or the word behind the company."""
    head, _, body = request.partition(b"\r\n\r\n")
    target = head.split(b" ", 2)[1].decode("latin-1")
    path = urlsplit(target).path
    if "openid" in path:
        return "discovery"
    if "/oauth2/" in path:
        return "token"
    word = path.removeprefix("/v3/company/").partition("/")[2].partition("/")[0]
    found = _FROM.search(unquote_plus(urlsplit(target).query) + body.decode("utf-8", "replace"))
    return f"query {found[1]}" if word == "query" and found else word


def _message(source: socket.socket) -> bytes:
    """One HTTP message, whole; what there was of it where the other side went away."""
    data = bytearray()
    while b"\r\n\r\n" not in data:
        if not (piece := source.recv(65_536)):
            return bytes(data)
        data += piece
    head = bytes(data).partition(b"\r\n\r\n")[0]
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    whole = len(head) + 4 + (int(length[1]) if length else 0)
    while len(data) < whole and (piece := source.recv(65_536)):
        data += piece
    return bytes(data)


def _in_pieces(message: bytes, to: socket.socket, size: int, pause_s: float) -> bool:
    for start in range(0, len(message), size):
        to.sendall(message[start : start + size])
        time.sleep(pause_s)
    return True


def _late(message: bytes, to: socket.socket, _: socket.socket) -> bool:
    time.sleep(_SLOW_S)
    to.sendall(message)
    return True


def _narrow(message: bytes, to: socket.socket, _: socket.socket) -> bool:
    """Two kilobytes a second."""
    return _in_pieces(message, to, 100, 0.05)


def _sliced(message: bytes, to: socket.socket, _: socket.socket) -> bool:
    return _in_pieces(message, to, 37, 0.0005)


def _closed_slowly(message: bytes, to: socket.socket, _: socket.socket) -> bool:
    """The connection seems good for another call, and then is not."""
    to.sendall(message)
    time.sleep(0.1)
    return False


def _stuck(_message: bytes, _to: socket.socket, _back: socket.socket) -> bool:
    """Nothing goes on, and then it is closed."""
    time.sleep(_SLOW_S)
    return False


def _reset(_message: bytes, to: socket.socket, back: socket.socket) -> bool:
    for end in (to, back):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def _limited(message: bytes, to: socket.socket, _: socket.socket) -> bool:
    to.sendall(message[: len(message) - 20])
    return False


TOXICS: dict[str, Callable[[bytes, socket.socket, socket.socket], bool]] = {
    "latency": _late,
    "bandwidth": _narrow,
    "slow_close": _closed_slowly,
    "timeout": _stuck,
    "reset_peer": _reset,
    "slicer": _sliced,
    "limit_data": _limited,
}
NAMES = ("latency", "down", *list(TOXICS)[1:])
