"""The HTTP skin: sockets, the wall clock and the data file around the pure core."""

import asyncio
import contextlib
import errno
import gc
import logging
import signal
import socket
import struct
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from qbo_milestones.simulator.amounts import write_json
from qbo_milestones.simulator.data_file.file import BadDataFile, DataFile
from qbo_milestones.simulator.faults import refuse
from qbo_milestones.simulator.front import handle, new_world
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.post_office import PostOffice
from qbo_milestones.simulator.world.world import DEFAULT_REALM, World

HOST = "127.0.0.1"
RARELY = (10_000, 20, 100)
"""How many more objects than before, and so on, make Python look for unreachable cycles."""
LARGEST_BODY = 100 * 1024 * 1024
"""Bytes; the service takes uploads of up to 100 MB."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class CannotServe(Exception):
    """The simulator cannot start or keep its state; the text says what, why and what to do."""


class WithTransport(HttpToolsProtocol):
    """Hands the socket to the application, so that a connection can be cut without an answer."""

    def on_message_begin(self) -> None:
        """Called by the parser at the start of each request."""
        super().on_message_begin()
        self.scope["extensions"] = {"simulator.transport": {"transport": self.transport}}


def application(
    world: World, file: DataFile | None, office: PostOffice
) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The ASGI application of one world, the file that keeps it and the office that carries its post."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = await _read(scope, receive)
        answer = _handled(world, file, request)
        if answer.then is not None:
            await office.deliver()
            answer = _handled(world, file, answer.then)
        try:
            if answer.delay_s:
                await asyncio.sleep(answer.delay_s)
            await _write(scope, receive, send, answer)
        finally:
            if answer.after is not None:
                answer.after()

    return app


def _handled(world: World, file: DataFile | None, request: Request) -> Answer:
    """The answer, once everything that it tells is in the data file.

    A defect of ours looks like one of theirs: a system fault, with the trace in our own log.
    """
    try:
        answer = handle(world, request)
        if file is not None:
            file.save(world)
    except Exception:
        logging.getLogger(__name__).exception("%s %s failed", request.method, request.path)
        return _system_fault(request)
    return answer


def _system_fault(request: Request) -> Answer:
    """10000, as a Fault."""
    return Answer(500, write_json({"Fault": refuse("10000", f"{request.method} {request.path}").as_json()}))


async def _read(scope: Scope, receive: Receive) -> Request:
    chunks: list[bytes] = []
    more = True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = bool(message.get("more_body", False))
        if sum(map(len, chunks)) > LARGEST_BODY:
            break
    host, port = scope["server"]
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    base = f"http://{headers.get('host') or f'{host}:{port}'}"
    return Request(scope["method"], scope["path"], query, headers, b"".join(chunks), base)


async def _write(scope: Scope, receive: Receive, send: Send, answer: Answer) -> None:
    if answer.fate in ("drop", "reset"):
        await _cut(scope, receive, hard=answer.fate == "reset")
        return
    body = answer.body if isinstance(answer.body, bytes) else answer.body.encode()
    headers = {"Content-Type": answer.content_type, "Content-Length": str(len(body)), **answer.headers}
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    if answer.fate == "truncate":
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        scope["extensions"]["simulator.transport"]["transport"].close()
        await _gone(receive)
        return
    await send({"type": "http.response.body", "body": body})


async def _cut(scope: Scope, receive: Receive, hard: bool) -> None:
    """Close the connection without a word; ``hard`` sends a reset."""
    transport: asyncio.Transport = scope["extensions"]["simulator.transport"]["transport"]
    raw = transport.get_extra_info("socket")
    if hard and raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _gone(receive)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _config(world: World, file: DataFile | None, office: PostOffice) -> uvicorn.Config:
    return uvicorn.Config(
        application(world, file, office), host=HOST, http=WithTransport, ws="none", lifespan="off", access_log=False,
        log_level="error", server_header=False, date_header=False, timeout_keep_alive=60,
        timeout_graceful_shutdown=2,
    )  # fmt: skip


def _listen(port: int) -> socket.socket:
    # The protocol is named so that asyncio switches Nagle's delay off; without it each call waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise CannotServe(_why_not_on(port, error)) from error
    return listener


def _why_not_on(port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        what = "another program listens there, perhaps another simulator. End it, or take"
    elif error.errno == errno.EACCES:
        what = "this account may not listen there. Take"
    else:
        what = f"{error.strerror}. Take"
    return f"Port {port} on {HOST} cannot be had: {what} another port with --port (0 takes a free one)."


def _wall() -> datetime:
    return datetime.now(UTC)


@contextlib.contextmanager
def kept_world(data: Path | None = None, seed: str = "agency") -> Iterator[tuple[World, DataFile | None]]:
    """A world in memory, or the one that the data file keeps. Raises CannotServe where the file cannot be used."""
    world = new_world(_wall, seed)
    if data is None:
        yield world, None
        return
    try:
        file = DataFile(data)
    except BadDataFile as bad:
        raise CannotServe(str(bad)) from bad
    with contextlib.closing(file):
        try:
            file.restore_or_begin(world)
        except BadDataFile as bad:
            raise CannotServe(str(bad)) from bad
        yield world, file


def _print(text: str) -> None:
    """Write in one piece: who starts the simulator may read the first line and close the pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def serve(port: int = 0, data: Path | None = None, seed: str = "agency", say: Callable[[str], None] = _print) -> None:
    """Serve until SIGTERM or SIGINT. Port 0 takes a free one; the first line said is ``http://127.0.0.1:PORT``.

    ``data`` names the file that keeps the state; without it, the state ends with the process. Raises CannotServe
    with what a person can do about it.
    """
    # The books hold no cycles, and looking through large ones for some costs a third of the time.
    gc.set_threshold(*RARELY)
    with _listen(port) as listener, kept_world(data, seed) as (world, file):
        base = f"http://{HOST}:{listener.getsockname()[1]}"
        say("\n".join(urls(base, data)))
        asyncio.run(_serve(world, file, listener))


def urls(base: str, data: Path | None = None) -> list[str]:
    """What a person or a program wants to know; the first line is the address alone."""
    kept = f"kept in {data}" if data else "in memory, gone with this process (--data FILE keeps it)"
    return [
        base,
        f"API        {base}/v3/company/{DEFAULT_REALM}",
        f"Discovery  {base}/.well-known/openid_sandbox_configuration",
        "App        client id simulator-app, client secret simulator-secret",
        f"Side door  {base}/_sim/",
        f"Books      {base}/ in a browser: accounts, open invoices, last requests, how to connect",
        f"State      {kept}",
    ]


class Quiet(uvicorn.Server):
    """Leaves signals to us: uvicorn would raise them again, and the data file would not be closed."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    def stop(self) -> None:
        """Finish what is in hand and end."""
        self.should_exit = True


async def _serve(world: World, file: DataFile | None, listener: socket.socket) -> None:
    server, office = _staffed(world, file)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    await _serve_and_post(server, office, listener)


def _staffed(world: World, file: DataFile | None) -> tuple[Quiet, PostOffice]:
    office = PostOffice(world, lambda: file.save(world) if file is not None else None)
    return Quiet(_config(world, file, office)), office


async def _serve_and_post(server: Quiet, office: PostOffice, listener: socket.socket) -> None:
    posting = asyncio.create_task(office.keep_delivering())
    await server.serve(sockets=[listener])
    posting.cancel()


@contextlib.contextmanager
def running(port: int = 0, data: Path | None = None, seed: str = "agency") -> Iterator[str]:
    """A simulator in a thread of this process; yields its base URL (for tests)."""
    with _listen(port) as listener, kept_world(data, seed) as (world, file):
        server, office = _staffed(world, file)
        serving = _serve_and_post(server, office, listener)
        thread = threading.Thread(target=asyncio.run, args=(serving,), daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=5)
