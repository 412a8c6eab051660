"""The webhook door: a small server that takes QuickBooks' posts, and bounds whatever else comes (reliability.md 4)."""

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from qbo_milestones.adapters.quickbooks.webhooks import LARGEST_BODY
from qbo_milestones.errors import BadSettings, Failure
from qbo_milestones.listening import Listener

# QuickBooks' own posts take milliseconds. Whoever is slower is cut off; so is one connection too many.
BODY_WITHIN_S = 10.0
CONNECTION_LIVES_S = 30.0
MOST_CONNECTIONS = 200
_LARGEST_HEAD = 16 * 1024
_BACKLOG = 128

HEADERS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

_log = logging.getLogger(__name__)


def application(listener: Listener, body_within_s: float = BODY_WITHIN_S) -> App:
    """POST /webhook and GET /health, and nothing else."""

    async def webhook(request: Request) -> Response:
        body = await read_body(request, body_within_s, LARGEST_BODY)
        signature = request.headers.get("intuit-signature", "").encode("latin-1")
        try:
            known = await run_in_threadpool(listener.hear, body, signature)
        except Failure:
            # Not kept, so it must be sent again.
            _log.exception("webhook_not_kept")
            return Response(status_code=503)
        except Exception:
            _log.exception("webhook_failed")
            return Response(status_code=500)
        if not known:
            _log.warning("webhook_not_signed", extra={"body": body})
        return Response(status_code=200 if known else 401)

    async def health(_: Request) -> Response:
        return Response("ok\n", media_type="text/plain")

    silent = {HTTPException: lambda _, error: Response(status_code=error.status_code, headers=error.headers)}
    routes = [Route("/webhook", webhook, methods=["POST"]), Route("/health", health, methods=["GET"])]
    inner = Starlette(routes=routes, exception_handlers=silent)
    inner.router.redirect_slashes = False
    return _with_headers(inner)


async def read_body(request: Request, within_s: float, largest: int) -> bytes:
    """The raw body. Raises HTTPException where it is too long (413), too slow (408) or breaks off (400)."""
    said = request.headers.get("content-length", "")
    if said.isascii() and said.isdigit() and int(said[:10]) > largest:
        raise HTTPException(413)
    pieces = bytearray()
    try:
        async with asyncio.timeout(within_s):
            async for piece in request.stream():
                pieces += piece
                if len(pieces) > largest:
                    raise HTTPException(413)
    except TimeoutError:
        raise HTTPException(408) from None
    except ClientDisconnect:
        raise HTTPException(400) from None
    return bytes(pieces)


def _with_headers(inner: App) -> App:
    """The same for every answer, refusals too: nothing is stored, framed or guessed at."""

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        await inner(scope, receive, sending)

    return app


class _Bounded(H11Protocol):
    """A connection with an end: uvicorn itself waits for ever for the rest of a header."""

    _end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See asyncio.Protocol."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
            return
        self._end = self.loop.call_later(CONNECTION_LIVES_S, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        if self._end is not None:
            self._end.cancel()
        super().connection_lost(exc)


def server_of(app: App) -> uvicorn.Server:
    """A server that says little and bounds heads, bodies, time and number of its connections."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=_Bounded,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=5,
            h11_max_incomplete_event_size=_LARGEST_HEAD,
        )
    )


def open_port(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises BadSettings where it cannot be had."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # The protocol is named so that asyncio switches Nagle's delay off.
        listener = socket.socket(family, kind, socket.IPPROTO_TCP)
    except OSError as error:
        raise BadSettings(f"{host} is no address of this machine: {error.strerror}") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        why = "another program listens there" if error.errno == errno.EADDRINUSE else error.strerror
        raise BadSettings(f"Port {port} on {host} cannot be had: {why}. Take another one with --port.") from None
    return listener


def serve(listener: Listener, port: socket.socket) -> None:
    """Serve until SIGTERM, which is a proper end, or an interrupt."""
    # uvicorn raises the signal again after its last answer; this takes it.
    signal.signal(signal.SIGTERM, lambda *_: None)
    server_of(application(listener)).run(sockets=[port])
