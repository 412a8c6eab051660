"""An app's redirect address on this machine: it keeps what the browser brings, and may send it on elsewhere."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

PAGE = b"<!doctype html><link rel=icon href=data:,><title>App</title><p>The app has its answer."


class Callback:
    """Listens while it is entered. ``came`` is what the last redirect brought."""

    def __init__(self) -> None:
        self.came: dict[str, str] = {}
        self.sends_on = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._desk())
        self.port = self._server.server_port
        self.address = f"http://127.0.0.1:{self.port}/callback"

    def _desk(self) -> type[BaseHTTPRequestHandler]:
        callback = self

        class Desk(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """Called by the server."""
                parts = urlsplit(self.path)
                if parts.path == "/callback":
                    callback.came = dict(parse_qsl(parts.query))
                if parts.path == "/callback" and callback.sends_on:
                    self.send_response(302)
                    self.send_header("Location", f"http://localhost:{callback.port}/done")
                    self.end_headers()
                    return
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(PAGE)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Desk

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
