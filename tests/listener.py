"""A monitor or a chat room on a port of its own: keeps what it was posted, and answers as it is told."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Listener:
    """What came in. `status` is what every post is answered with; 0 answers nothing until `released`."""

    port: int = 0
    status: int = 200
    paths: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """As a monitor is addressed."""
        return f"http://127.0.0.1:{self.port}/check-5e7c2a91"

    @property
    def room(self) -> str:
        """As Apprise addresses it; the password is a canary."""
        return f"json://ana:canary-9f3b1c7d@127.0.0.1:{self.port}/room"

    @property
    def ends(self) -> list[str]:
        """The last part of each path, without the run's id."""
        return [path.partition("?")[0].rpartition("/")[2] for path in self.paths]

    def messages(self) -> list[dict[str, Any]]:
        """What Apprise sent."""
        return [json.loads(body) for path, body in zip(self.paths, self.bodies, strict=True) if "/room" in path]


@contextmanager
def listening(status: int = 200) -> Iterator[Listener]:
    """A listener that runs."""
    listener = Listener(status=status)

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take a post."""
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            listener.paths.append(self.path)
            listener.bodies.append(body)
            if listener.status == 0:
                listener.released.wait(20)
                return
            self.send_response(listener.status)
            self.send_header("Location", f"{listener.address}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            """Where a redirect leads to: whoever follows it is found out."""
            self.do_POST()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        listener.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield listener
        listener.released.set()
        server.shutdown()


@contextmanager
def dripping() -> Iterator[int]:
    """The port of a server that answers whoever comes with one byte after the other, and never ends."""
    over = threading.Event()

    def drip(door: socket.socket) -> None:
        with suppress(OSError):
            visitor, _ = door.accept()
            with visitor:
                while not over.wait(0.05):
                    visitor.sendall(b"H")

    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(20)
        thread = threading.Thread(target=drip, args=(door,), daemon=True)
        thread.start()
        # Should nobody give up, the test fails and does not hang.
        rescue = threading.Timer(6, over.set)
        rescue.start()
        yield door.getsockname()[1]
        rescue.cancel()
        over.set()
        thread.join()
