"""The webhook door: what is signed is kept as a hint, in milliseconds; whatever else comes is bounded."""

import json
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from qbo_milestones.adapters.quickbooks.webhooks import LARGEST_BODY
from qbo_milestones.adapters.store.engine import open_engine
from qbo_milestones.adapters.store.events import waiting_hints
from qbo_milestones.adapters.store.migrate import migrate
from qbo_milestones.config import Settings, load
from qbo_milestones.entrypoints import door
from qbo_milestones.listening import Letterbox, Listener
from qbo_milestones.simulator.webhooks.letters import signature

REALM, VERIFIER = "9341450000000001", "canary-verifier-token-1"
NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


class Still:
    """A clock that stands at NOW."""

    def now(self) -> datetime:
        """See ports.Clock."""
        return NOW

    def monotonic(self) -> float:
        """See ports.Clock."""
        return 0

    def sleep(self, seconds: float) -> None:
        """See ports.Clock."""
        raise AssertionError(seconds)


def settings_of(folder: Path, realm: str = REALM, verifier: str = VERIFIER) -> Settings:
    """A company's settings."""
    return load(None, {}, [f"home={folder}", f"quickbooks.realm={realm}", f"quickbooks.webhook_verifier={verifier}"])


def cloud(*ids: str, realm: str = REALM) -> bytes:
    """A post of CloudEvents."""
    time_ = NOW.isoformat()
    return json.dumps([{"id": id_, "time": time_, "intuitaccountid": realm, "data": {}} for id_ in ids]).encode()


@dataclass(frozen=True)
class Door:
    """A door that is open, and the database behind it."""

    address: tuple[str, int]
    engine: Engine

    @property
    def url(self) -> str:
        """Where to post to."""
        return f"http://{self.address[0]}:{self.address[1]}/webhook"

    def post(self, body: bytes, sign: str | None = None, **options: Any) -> requests.Response:
        """One post, signed rightly unless told otherwise."""
        headers = {"intuit-signature": signature(body, VERIFIER) if sign is None else sign}
        return requests.post(self.url, data=body, headers=headers, timeout=30, **options)

    def heard(self) -> dict[str, datetime]:
        """The companies of which something was heard."""
        return dict(waiting_hints(self.engine, NOW))

    def raw(self, sent: bytes, patience_s: float = 20) -> bytes:
        """What comes back for some bytes, until the door hangs up; the sender never does."""
        with closing(socket.create_connection(self.address, timeout=patience_s)) as wire:
            wire.sendall(sent)
            found = b""
            try:
                while piece := wire.recv(65536):
                    found += piece
            except ConnectionResetError:
                pass
            return found


@contextmanager
def opened(boxes: list[Letterbox], engine: Engine, **options: float) -> Iterator[Door]:
    """A door on a thread, with the real server."""
    with door.open_port("127.0.0.1", 0) as port:
        server = door.server_of(door.application(Listener(boxes, Still()), **options))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [port]})
        thread.start()
        try:
            yield Door(port.getsockname(), engine)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One database for all; each test has ids of its own."""
    found = open_engine(f"sqlite:///{tmp_path_factory.mktemp('door') / 'home' / 'milestones.db'}")
    migrate(found)
    yield found
    found.dispose()


@pytest.fixture(scope="module")
def shared(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A door for one company."""
    with opened([Letterbox(settings_of(tmp_path_factory.mktemp("x")), engine)], engine) as found:
        yield found


@pytest.fixture
def front(shared: Door) -> Door:
    """The door, and nothing heard yet."""
    with shared.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM webhook_event")
    return shared


def test_a_signed_post_is_a_hint(front: Door) -> None:
    """reliability.md 4: 200 after one insert; the same post again, or parts of it, is no other hint."""
    for body in (cloud("a", "b"), cloud("b"), cloud("a", "b")):
        answer = front.post(body)
        assert (answer.status_code, answer.content) == (200, b"")
    assert front.heard() == {REALM: NOW}
    with front.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM webhook_event").scalar() == 2


@pytest.mark.parametrize(
    "forge",
    [
        lambda _: "",
        lambda body: signature(body + b" ", VERIFIER),
        lambda body: signature(body, "another"),
        lambda body: signature(body, VERIFIER)[:-1],
        lambda _: "ümlaut",
    ],
)
def test_what_is_not_signed_is_not_read(front: Door, forge: Callable[[bytes], str]) -> None:
    """401 with nothing said, and nothing kept."""
    body = cloud("a")
    answer = requests.post(
        front.url, data=body, headers={"intuit-signature": forge(body).encode("latin-1")}, timeout=30
    )
    assert (answer.status_code, answer.content) == (401, b"")
    assert front.heard() == {}


def test_a_stranger_is_answered_and_let_go(front: Door) -> None:
    """One app may serve companies that are not ours to bill; a body that nobody understands is never sent again."""
    for body in (cloud("a", realm="77"), b"{", b"[" * 100_000, b"[]"):
        assert front.post(body).status_code == 200
    assert front.heard() == {}
    with front.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM webhook_event").scalar() == 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/webhook", 405),
        ("PUT", "/webhook", 405),
        ("DELETE", "/webhook", 405),
        ("OPTIONS", "/webhook", 405),
        ("TRACE", "/webhook", 405),
        ("TRACE", "/health", 405),
        ("POST", "/health", 405),
        ("GET", "/health", 200),
        ("GET", "/", 404),
        ("POST", "/webhook/", 404),
        ("GET", "/docs", 404),
    ],
)
def test_nothing_else_is_served(front: Door, method: str, path: str, status: int) -> None:
    """ASVS 13.4.4: TRACE and unused methods off; each answer forbids to store or frame it, and says nothing of us."""
    answer = requests.request(method, front.url.removesuffix("/webhook") + path, timeout=30)
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "server" not in answer.headers
    assert answer.content == (b"ok\n" if status == 200 else b"")


def test_a_body_is_capped_while_it_comes(front: Door) -> None:
    """2 MB: by what is announced, and by what comes where nothing is."""
    largest = cloud("a") + b" " * (LARGEST_BODY - len(cloud("a")))
    assert front.post(largest).status_code == 200
    assert front.post(largest + b" ").status_code == 413
    # Unannounced, in pieces, and never ended: one byte too many is answered without waiting for more.
    streamed = b"POST /webhook HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    streamed += b"%x\r\n%s\r\n1\r\n " % (len(largest), largest)
    assert front.raw(streamed).startswith(b"HTTP/1.1 413")


def test_a_large_head_is_refused(front: Door) -> None:
    """Header limits."""
    head = b"POST /webhook HTTP/1.1\r\nHost: x\r\n" + b"X-A: " + b"a" * 100_000 + b"\r\n"
    assert front.raw(head)[:12] in (b"HTTP/1.1 400", b"")
    assert front.post(cloud("a")).status_code == 200


def test_who_is_slow_is_cut_off(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that drips is answered 408; a head that never ends is cut, and so is an idle connection."""
    monkeypatch.setattr(door, "CONNECTION_LIVES_S", 1.0)
    with opened([Letterbox(settings_of(tmp_path), engine)], engine, body_within_s=0.2) as found:
        head = b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"
        assert found.raw(head).startswith(b"HTTP/1.1 408")
        for silent in (b"", b"POST /webhook HT", b"POST /webhook HTTP/1.1\r\nHost: x\r\nX: y"):
            assert found.raw(silent) == b""


def test_one_connection_too_many_is_cut_off(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are bounded in number; when some leave there is room again."""
    monkeypatch.setattr(door, "MOST_CONNECTIONS", 3)
    with opened([Letterbox(settings_of(tmp_path), engine)], engine) as found:
        idle = [socket.create_connection(found.address, timeout=20) for _ in range(3)]
        for wire in idle:
            # An answer shows that the door counts it.
            wire.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert wire.recv(100).startswith(b"HTTP/1.1 200")
        assert found.raw(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n") == b""
        for wire in idle:
            wire.close()
        deadline = time.monotonic() + 20
        while found.raw(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") == b"":
            assert time.monotonic() < deadline


@settings(max_examples=60)
@given(st.binary(max_size=200))
def test_no_bytes_break_it(shared: Door, sent: bytes) -> None:
    """Whatever is sent to it, it answers the next."""
    with closing(socket.create_connection(shared.address, timeout=20)) as wire:
        wire.sendall(b"POST /webhook HTTP/1.1\r\n" + sent)
        wire.shutdown(socket.SHUT_WR)
        while wire.recv(65536):
            pass
    assert requests.get(shared.url.replace("webhook", "health"), timeout=30).status_code == 200


def test_what_could_not_be_kept_is_asked_for_again(tmp_path: Path) -> None:
    """A database that fails, here a locked one, answers 503: QuickBooks sends it again, and then it is kept."""
    file = tmp_path / "home" / "milestones.db"
    impatient = open_engine(f"sqlite:///{file}", patience=0.001)
    migrate(impatient)
    with opened([Letterbox(settings_of(tmp_path), impatient)], impatient) as found:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert found.post(cloud("a")).status_code == 503
            assert found.heard() == {}
        assert found.post(cloud("a")).status_code == 200
        assert found.heard() == {REALM: NOW}
    impatient.dispose()


def test_a_fault_of_ours_is_told_from_a_database_that_fails(
    front: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """500, so that QuickBooks sends it again too; the log has the fault, the answer says nothing."""

    def broken(*_: object) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(Listener, "hear", broken)
    answer = front.post(cloud("a"))
    assert (answer.status_code, answer.content) == (500, b"")
    assert [record.message for record in caplog.records] == ["webhook_failed"]


def test_many_deliveries_at_once_are_one(front: Door) -> None:
    """Repeated while the first is still answered: each event once, each delivery answered."""
    bodies = [cloud(*(f"e{number}" for number in range(turn % 4, 12))) for turn in range(40)]
    with ThreadPoolExecutor(8) as pool:
        assert {answer.status_code for answer in pool.map(front.post, bodies)} == {200}
    with front.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM webhook_event").scalar() == 12


def test_it_answers_after_one_transaction(front: Door) -> None:
    """Intuit waits three seconds (quickbooks-online.md 7): one short transaction is all that stands before a 200."""
    begun: list[object] = []

    def count(connection: object) -> None:
        begun.append(connection)

    event.listen(front.engine, "begin", count)
    try:
        assert front.post(cloud("a", "b", "c")).status_code == 200
    finally:
        event.remove(front.engine, "begin", count)
    assert len(begun) == 1


def test_each_company_has_its_own_box(engine: Engine, tmp_path: Path) -> None:
    """One app's key opens only that app's companies: knowing one token lets nobody speak of another's."""
    boxes = [
        Letterbox(settings_of(tmp_path, realm, verifier), engine)
        for realm, verifier in (("1", VERIFIER), ("2", VERIFIER), ("3", "canary-another-token"))
    ]
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM webhook_event")
    with opened(boxes, engine) as found:
        body = json.dumps([*json.loads(cloud("a", realm="1")), *json.loads(cloud("b", realm="2"))]).encode()
        assert found.post(body).status_code == 200
        assert found.post(cloud("c", realm="3")).status_code == 200
        assert found.heard().keys() == {"1", "2"}
        other = cloud("c", realm="3")
        assert found.post(other, signature(other, "canary-another-token")).status_code == 200
        assert found.heard().keys() == {"1", "2", "3"}
