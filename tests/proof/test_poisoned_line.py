"""The toxics do what they are called after; without one the line carries everything as it is."""

import time
from collections.abc import Iterator

import pytest
import requests

from qbo_milestones.simulator.server import running

from . import poisoned_line
from .poisoned_line import NAMES, Line, Poison, endpoint_of

_SLOWER_S = 0.3


@pytest.fixture(scope="module")
def company() -> Iterator[str]:
    """The address of a running simulator."""
    with running() as address:
        yield address


@pytest.fixture
def line(company: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """A line to it whose slow toxics are not that slow."""
    monkeypatch.setattr(poisoned_line, "_SLOW_S", _SLOWER_S)
    with Line() as found:
        found.lead_to(int(company.rpartition(":")[2]))
        yield found


def ask(line: Line, company: str) -> float:
    """Ask for the discovery document on a connection of its own; how long it took, in seconds."""
    port = line.lead_to(int(company.rpartition(":")[2]))
    began = time.monotonic()
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(f"http://127.0.0.1:{port}/.well-known/openid_configuration", timeout=5)
    assert answer.json()["token_endpoint"].startswith(f"http://127.0.0.1:{port}/")
    return time.monotonic() - began


def complaint(line: Line, company: str) -> str:
    """What the client says of a call; nothing where it went well."""
    try:
        ask(line, company)
    except requests.ConnectionError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("up", [True, False])
@pytest.mark.parametrize("toxic", NAMES)
def test_each_toxic_spoils_its_calls_until_it_is_healed(line: Line, company: str, toxic: str, up: bool) -> None:
    line.poison(Poison(toxic, "discovery", up, once=False))
    if toxic in {"slow_close", "slicer"} or (toxic == "bandwidth" and up):
        if toxic == "slow_close" and up:
            with pytest.raises(requests.ConnectionError):
                ask(line, company)
        else:
            ask(line, company)
    elif toxic in {"latency", "bandwidth"}:
        # They sleep at least so long, however slow or fast the machine is.
        assert ask(line, company) >= _SLOWER_S
    else:
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            ask(line, company)
    assert line.hits == 1
    line.poison(None)
    for _ in range(200):
        try:
            ask(line, company)
            break
        except requests.ConnectionError:
            time.sleep(0.01)
    else:
        pytest.fail("it is still poisoned")


def test_a_line_that_is_down_refuses(line: Line, company: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so does a client know that nothing was sent (ruling 9)."""
    monkeypatch.setattr(poisoned_line, "_DOWN_S", 60)
    line.poison(Poison("down", "discovery", up=True, once=True))
    with pytest.raises(requests.ConnectionError):
        ask(line, company)
    # It hangs up within its next look at the clock; who calls before that may still be heard.
    end = time.monotonic() + 30
    while "refused" not in complaint(line, company):
        assert time.monotonic() < end, "it refuses nobody"


def test_other_calls_are_not_touched_and_once_is_one_call(line: Line, company: str) -> None:
    line.poison(Poison("reset_peer", "invoice", up=True, once=True))
    ask(line, company)
    assert line.hits == 0
    line.poison(Poison("reset_peer", "discovery", up=True, once=True))
    with pytest.raises(requests.ConnectionError):
        ask(line, company)
    ask(line, company)
    assert line.hits == 1


@pytest.mark.parametrize(
    ("request_", "endpoint"),
    [
        (b"POST /oauth2/v1/tokens/bearer HTTP/1.1\r\n\r\ngrant_type=refresh_token", "token"),
        (b"POST /v3/company/1/invoice?requestid=a HTTP/1.1\r\n\r\n{}", "invoice"),
        (b"GET /v3/company/1/cdc?entities=Invoice HTTP/1.1\r\n\r\n", "cdc"),
        (b"GET /v3/company/1/companyinfo/1 HTTP/1.1\r\n\r\n", "companyinfo"),
        (b"GET /v3/company/1/query?query=select+%2A+from+Term HTTP/1.1\r\n\r\n", "query Term"),
        (b"POST /v3/company/1/query HTTP/1.1\r\n\r\nSELECT * FROM Invoice", "query Invoice"),
    ],
)
def test_each_call_is_known_by_its_request(request_: bytes, endpoint: str) -> None:
    assert endpoint_of(request_) == endpoint
