"""The page on this machine that leads an owner through the connection (ruling 27; reliability.md 4, Loopback page)."""

import asyncio
import base64
import hashlib
import hmac
import secrets
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from urllib.parse import parse_qs, urlsplit

import uvicorn
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from qbo_milestones.connecting import Connected, Connecting
from qbo_milestones.entrypoints.door import App, Message, Receive, Send, open_port, read_body, server_of
from qbo_milestones.errors import BadSettings, Failure, NotConnected

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_LARGEST_BODY = 16 * 1024
_BODY_WITHIN_S = 10.0
IDLE_S = 30 * 60
_TITLES = {"done": "Connected", "confirm": "Is this the right company?"}
_FAULT = "This program has made a mistake and ends. The terminal shows what it was; nothing was connected by this step."
_NOT_YOURS = "This page belongs to whoever started it: open the address that the terminal shows."


@dataclass
class Visit:
    """One owner's visit. `key` opens it once; after that the cookie of `session` does, and `csrf` is in every form."""

    connecting: Connecting
    by: str
    port: int = 0
    callback: str = ""
    key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    session: str = ""
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    problem: str = ""
    done: Connected | None = None
    fault: Exception | None = None
    seen: float = field(default_factory=time.monotonic)

    @property
    def cookie(self) -> str:
        """The session's cookie; cookies ignore ports, so its name has it."""
        return f"qbo_milestones_{self.port}"

    def knows(self, request: Request) -> bool:
        """Whether it comes from the browser that was let in, and not too long after its last question."""
        given = request.cookies.get(self.cookie, "")
        fresh = time.monotonic() - self.seen < IDLE_S
        return bool(self.session) and fresh and hmac.compare_digest(given.encode(), self.session.encode())

    def enter(self, key: str) -> bool:
        """Whether the key opens it; only once."""
        opens = not self.session and hmac.compare_digest(key.encode(), self.key.encode())
        if opens:
            self.session = secrets.token_urlsafe(32)
        return opens


def ask_owner(connecting: Connecting, redirect_uri: str, by: str, announce: Callable[[str], None]) -> Connected:
    """Serve the page until the owner has confirmed. `announce` is told its address, with the key that opens it once.

    Raises NotConnected where nobody came for half an hour, BadSettings where the port of the redirect address is taken,
    and whatever we did wrong in answering.
    """
    parts = urlsplit(redirect_uri)
    local = parts.scheme == "http" and parts.hostname in _LOCAL
    try:
        listener = open_port("127.0.0.1", (parts.port or 80) if local else 0)
    except BadSettings as taken:
        reason = taken.text.partition(". ")[0]
        raise BadSettings(f"{reason}. End what listens there, or connect with --no-browser.") from None
    visit = Visit(connecting, by, listener.getsockname()[1], (parts.path or "/") if local else "")
    host = parts.hostname if local and parts.hostname != "::1" else "127.0.0.1"
    announce(f"http://{host}:{visit.port}/?key={visit.key}")
    asyncio.run(_served(visit, listener))
    if visit.fault is not None:
        raise visit.fault
    if visit.done is None:
        raise NotConnected("Nobody confirmed a company, so nothing was connected. Connect again.")
    return visit.done


async def _served(visit: Visit, listener: socket.socket) -> None:
    def finish() -> None:
        server.should_exit = True

    server = server_of(application(visit, finish))
    watching = asyncio.create_task(_watch(visit, server))
    try:
        await server.serve(sockets=[listener])
    finally:
        watching.cancel()


async def _watch(visit: Visit, server: uvicorn.Server) -> None:
    """End it when nobody has come for long."""
    while time.monotonic() - visit.seen < IDLE_S:
        await asyncio.sleep(1)
    server.should_exit = True


def application(visit: Visit, finish: Callable[[], None]) -> App:
    """The page; `finish` is called after the last answer."""
    desk = _Desk(visit, finish)
    routes = [
        Route("/", desk.show, methods=["GET"]),
        Route("/enter", desk.enter, methods=["POST"]),
        Route("/address", desk.take_address, methods=["POST"]),
        Route("/confirm", desk.confirm, methods=["POST"]),
    ]
    if visit.callback not in ("", "/"):
        routes.append(Route(visit.callback, desk.come_back, methods=["GET"]))
    inner = Starlette(routes=routes, exception_handlers={HTTPException: desk.refuse, Exception: desk.refuse})
    inner.router.redirect_slashes = False

    def fail(fault: Exception) -> None:
        visit.fault = fault
        finish()

    return _guarded(inner, visit.port, fail)


class _Desk:
    """What each address does. Whatever asks Intuit or the database runs beside the event loop."""

    def __init__(self, visit: Visit, finish: Callable[[], None]) -> None:
        self._visit, self._finish = visit, finish

    async def show(self, request: Request) -> Response:
        """Where the visit stands."""
        visit = self._visit
        if visit.callback == "/" and "state" in request.query_params:
            return await self.come_back(request)
        if not visit.knows(request):
            return self._page("enter", {"key": request.query_params.get("key", "")[:100]})
        visit.seen = time.monotonic()
        problem, visit.problem = visit.problem, ""
        arrival = visit.connecting.arrival
        if arrival is None:
            return self._page("ask", {"intuit": visit.connecting.page, "pastes": not visit.callback}, problem)
        chosen = {"chosen": arrival.title, "realm": arrival.realm, "again": arrival.again, "by": visit.by}
        return self._page("confirm", chosen, problem)

    async def enter(self, request: Request) -> Response:
        """Let the browser in that has the key."""
        form = await _form(request, self._visit.port)
        if not self._visit.enter(form.get("key", "")):
            raise HTTPException(403, _NOT_YOURS)
        self._visit.seen = time.monotonic()
        answer = RedirectResponse("/", 303)
        answer.set_cookie(self._visit.cookie, self._visit.session, httponly=True, samesite="strict")
        return answer

    async def take_address(self, request: Request) -> Response:
        """The owner pastes where they ended."""
        form = await self._own_form(request)
        try:
            await run_in_threadpool(self._visit.connecting.arrive, form.get("address", ""))
        except Failure as failure:
            self._visit.problem = _sentence(failure)
        return RedirectResponse("/", 303)

    async def come_back(self, request: Request) -> Response:
        """Intuit's page leads back here. The cookie does not come along from there, so this page leads on to the next.

        An address that is not the answer to our question changes nothing: anybody may send a browser here.
        """
        connecting = self._visit.connecting
        page = connecting.page
        try:
            await run_in_threadpool(connecting.arrive, str(request.url))
        except Failure as failure:
            if connecting.page == page:
                return self._page("problem", {}, _sentence(failure), 400)
            self._visit.problem = _sentence(failure)
        return self._page("back", {})

    async def confirm(self, request: Request) -> Response:
        """Yes keeps the connection and ends the page; no gives it back."""
        form, visit = await self._own_form(request), self._visit
        try:
            if form.get("answer") != "yes":
                await run_in_threadpool(visit.connecting.decline)
                visit.problem = "Nothing was connected. Sign in again and choose another company, or close this page."
                return RedirectResponse("/", 303)
            visit.done = await run_in_threadpool(visit.connecting.confirm, visit.by)
        except Failure as failure:
            visit.problem = _sentence(failure)
            return RedirectResponse("/", 303)
        done = {"chosen": visit.done.title, "realm": visit.done.realm, "ends_on": visit.done.ends_on}
        answer = self._page("done", done)
        answer.background = BackgroundTask(self._finish)
        return answer

    def refuse(self, _: Request, error: Exception) -> Response:
        """A page that says why not."""
        status, text = (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, _FAULT)
        return self._page("problem", {}, str(text), status)

    async def _own_form(self, request: Request) -> dict[str, str]:
        """The fields of a form of ours, from the browser that was let in. Raises HTTPException."""
        form = await _form(request, self._visit.port)
        if not self._visit.knows(request):
            raise HTTPException(403, _NOT_YOURS)
        if not hmac.compare_digest(form.get("csrf", "").encode(), self._visit.csrf.encode()):
            raise HTTPException(403, "This form is not of this page. Open the page anew.")
        self._visit.seen = time.monotonic()
        return form

    def _page(self, stage: str, values: Mapping[str, object], problem: str = "", status: int = 200) -> HTMLResponse:
        company = self._visit.connecting.company
        title = _TITLES.get(stage, f"Connect {company} to QuickBooks")
        given = {"stage": stage, "title": title, "problem": problem, "company": company, "csrf": self._visit.csrf}
        html = _environment().get_template("connect.html").render({**given, "style": _style(), **values})
        return HTMLResponse(html, status)


async def _form(request: Request, port: int) -> dict[str, str]:
    """The fields of a form that was sent from this page itself. Raises HTTPException.

    With no-referrer a browser sends the origin `null`, so Sec-Fetch-Site, which no page can forge, comes first.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "")
    if not (site == "same-origin" if site else origin.removeprefix("http://") in _hosts(port)):
        raise HTTPException(403, "This was sent from another page. Open the address that the terminal shows.")
    body = await read_body(request, _BODY_WITHIN_S, _LARGEST_BODY)
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _hosts(port: int) -> frozenset[str]:
    return frozenset({f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"})


def _sentence(failure: Failure) -> str:
    text = failure.text.rstrip(".")
    return f"{text[0].upper()}{text[1:]}."


def _guarded(inner: App, port: int, fail: Callable[[Exception], None]) -> App:
    """Only for this machine's names (a foreign one that leads here is an attack), with headers that close it up.

    `fail` is told of a fault, once it was answered: the server would print it with every secret that it quotes.
    """
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    headers = [
        (b"cache-control", b"no-store"),
        (
            b"content-security-policy",
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; "
            "frame-ancestors 'none'; base-uri 'none'".encode(),
        ),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
    ]

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *headers]
            await send(message)

        named = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"host"]
        if len(named) != 1 or named[0].lower() not in _hosts(port):
            await Response("This page has another name.\n", 421)(scope, receive, sending)
            return
        try:
            await inner(scope, receive, sending)
        except Exception as fault:
            fail(fault)

    return app


@lru_cache(maxsize=1)
def _style() -> str:
    return files("qbo_milestones.entrypoints").joinpath("pages/connect.css").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    loader = PackageLoader("qbo_milestones.entrypoints", "pages")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        auto_reload=False,
    )  # fmt: skip
