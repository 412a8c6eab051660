"""The webhook door: what is signed is kept as a hint, in milliseconds; whatever else comes is bounded."""

import json
import signal
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from entrypoints.shell import PROGRAM, Shell
from qbo_milestones.adapters.quickbooks.webhooks import LARGEST_BODY
from qbo_milestones.adapters.store.engine import open_engine
from qbo_milestones.adapters.store.events import Hint, keep_events, waiting_hints
from qbo_milestones.adapters.store.migrate import migrate
from qbo_milestones.config import Settings, load
from qbo_milestones.entrypoints import door
from qbo_milestones.listening import Letterbox, Listener
from qbo_milestones.simulator.server import running
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
    sign = {"intuit-signature": signature(largest + b" ", VERIFIER)}
    pieces = (largest[at : at + 65536] for at in range(0, len(largest), 65536))

    def endless() -> Iterator[bytes]:
        yield from pieces
        yield b" "

    # Where the door hangs up before all was sent, the client hears that instead.
    with suppress(requests.ConnectionError):
        assert requests.post(front.url, data=endless(), headers=sign, timeout=30).status_code == 413


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


def test_what_could_not_be_kept_is_asked_for_again(front: Door) -> None:
    """A database that fails answers 503: QuickBooks sends it again, and then it is kept."""

    def full(*_: object) -> None:
        raise OSError("disk full")

    event.listen(front.engine, "before_cursor_execute", full)
    try:
        assert front.post(cloud("a")).status_code in (500, 503)
    finally:
        event.remove(front.engine, "before_cursor_execute", full)
    assert front.post(cloud("a")).status_code == 200
    assert front.heard() == {REALM: NOW}


def test_many_deliveries_at_once_are_one(front: Door) -> None:
    """Repeated while the first is still answered: each event once, each delivery answered."""
    bodies = [cloud(*(f"e{number}" for number in range(turn % 4, 12))) for turn in range(40)]
    with ThreadPoolExecutor(8) as pool:
        assert {answer.status_code for answer in pool.map(front.post, bodies)} == {200}
    with front.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM webhook_event").scalar() == 12


def test_it_answers_as_fast_as_one_insert(front: Door) -> None:
    """Intuit waits three seconds: the answer takes no longer than a plain answer and one insert, five times over."""
    times: dict[str, list[float]] = {"plain": [], "insert": [], "posted": []}

    def timed(name: str, act: Callable[[], object]) -> None:
        began = time.perf_counter()
        act()
        times[name].append(time.perf_counter() - began)

    health = front.url.replace("webhook", "health")
    with requests.Session() as session:
        session.trust_env = False
        # Side by side, so that a busy machine is slow to all three.
        for turn in range(20):
            body = cloud(f"posted-{turn}")
            sign = {"intuit-signature": signature(body, VERIFIER)}
            timed("plain", partial(session.get, health, timeout=30))
            timed("insert", partial(keep_events, front.engine, [Hint(REALM, f"direct {turn}")], NOW))
            timed("posted", partial(session.post, front.url, data=body, headers=sign, timeout=30))
    median = {name: statistics.median(found) for name, found in times.items()}
    assert median["posted"] < 5 * (median["plain"] + median["insert"])


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


# The command


def test_without_a_verifier_token_it_says_what_to_do(shell: Shell) -> None:
    """Exit code 2, and where the token is found."""
    said = shell("door", "--config", shell.settings(), "--port", "0", QBO_MILESTONES_QUICKBOOKS__WEBHOOK_VERIFIER="")
    assert said.code == 2
    assert "QBO_MILESTONES_QUICKBOOKS__WEBHOOK_VERIFIER" in said.err


@pytest.mark.parametrize("shape", ["cloudevents", "legacy"])
def test_the_simulated_company_speaks_to_the_real_door(shell: Shell, shape: str) -> None:
    """From a change in the books to the hint, over two servers and a real signature; duplicates and forgeries too."""
    folder = shell.settings(f'[quickbooks]\nrealm = "{REALM}"\n')
    engine = open_engine(f"sqlite:///{folder / 'data' / 'milestones.db'}")
    command = [str(PROGRAM), "door", "--config", str(folder), "--port", "0"]
    secret = {"QBO_MILESTONES_QUICKBOOKS__WEBHOOK_VERIFIER": VERIFIER}
    with (
        running() as base,
        subprocess.Popen(
            command,
            cwd=shell.folder,
            env={**shell.environment, **secret},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            talk(base, f"{address}/webhook", shape)
            process.send_signal(signal.SIGTERM)
            _, complaints = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0
    assert list(waiting_hints(engine, datetime.now(UTC))) == [REALM]
    with engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT count(*) FROM webhook_event").scalar()
    engine.dispose()
    told = [json.loads(line) for line in complaints.splitlines()]
    assert sum(line["count"] for line in told if line["event"] == "webhook_kept") == kept == 2
    assert [line["event"] for line in told if line["level"] == "warning"] == ["webhook_not_signed"]
    assert VERIFIER not in complaints


def talk(base: str, url: str, shape: str) -> None:
    """Three customers are made in the books; the first is told of twice, the last with a forged signature."""

    def side(name: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = requests.post(f"{base}/_sim/{name}", json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    side("settings", {"webhook_timer": False})
    token = side("token", {"realm": REALM})["access_token"]
    side("webhooks", {"client_id": "side-door", "url": url, "verifier_token": VERIFIER, "format": shape})
    side("webhooks/mischief", {"kind": "duplicate", "nth": 1})
    side("webhooks/mischief", {"kind": "bad_signature", "nth": 3})
    for number in range(3):
        answer = requests.post(
            f"{base}/v3/company/{REALM}/customer",
            json={"DisplayName": f"Customer {number}"},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        side("webhooks/deliver", {})
