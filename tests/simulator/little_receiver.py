"""An app's webhook endpoint on a port of its own: keeps what it was sent and answers as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Doc = dict[str, Any]


class Receiver:
    """What came in. ``answers`` are the statuses of the next answers, 200 after them; 0 is no answer in time."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[int] = []
        self.url = ""
        self.goes_on = threading.Event()

    def take(self, body: str, headers: dict[str, str]) -> int:
        """Keep a post; the status to answer with."""
        self.bodies.append(body)
        self.headers.append(headers)
        return self.answers.pop(0) if self.answers else 200

    def events(self) -> list[Any]:
        """Every CloudEvent of every post, in order."""
        return [event for body in self.bodies for event in json.loads(body)]

    def told(self) -> list[tuple[str, str]]:
        """(type without its frame, object id) of every CloudEvent."""
        return [(event["type"][4:-3], event["intuitentityid"]) for event in self.events()]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that runs."""
    receiver = Receiver()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take a post."""
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status = receiver.take(body, {name.lower(): value for name, value in self.headers.items()})
            if status == 0:
                receiver.goes_on.wait(5)
                return
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def do_GET(self) -> None:
            """Where a redirect leads to, all is well: whoever follows it is found out."""
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hooks"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield receiver
        receiver.goes_on.set()
        server.shutdown()
