"""The page that leads an owner through the connection: the two ways, and everybody who is not the owner (ruling 27)."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from qbo_milestones.config import Settings
from qbo_milestones.connecting import Connected, Connecting, connection_to
from qbo_milestones.entrypoints import connect_page
from qbo_milestones.entrypoints.door import open_port
from qbo_milestones.errors import BadSettings, NotConnected
from qbo_milestones.keys import link_of
from qbo_milestones.simulator.server import running
from qbo_milestones.wiring import SystemClock, stored

SAME = {"Sec-Fetch-Site": "same-origin"}
ON_OUR_DOMAIN = "https://www.northlight.example/quickbooks"


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """A running simulator."""
    with running() as address:
        yield address


@dataclass
class Served:
    """The page, its address and key, the attempt behind it, and what came of it."""

    settings: Settings
    connecting: Connecting
    root: str
    key: str
    outcome: "Queue[Connected | Exception]"
    browser: requests.Session
    visits: list[connect_page.Visit]

    def leave(self) -> None:
        """Half an hour in which nobody comes."""
        self.visits[0].seen -= connect_page.IDLE_S

    def enter(self) -> requests.Response:
        """Begin, as the browser that was opened does."""
        return self.browser.post(f"{self.root}/enter", data={"key": self.key}, headers=SAME, timeout=10)

    def read(self, path: str = "/", **options: object) -> str:
        """What stands on a page."""
        return self.browser.get(f"{self.root}{path}", timeout=10, **options).text  # type: ignore[arg-type]

    def send(self, path: str, **fields: str) -> requests.Response:
        """Send a form of the page."""
        token = re.search('name="csrf" value="([^"]+)"', self.read())
        data = {"csrf": token[1] if token else "", **fields}
        return self.browser.post(f"{self.root}{path}", data=data, headers=SAME, timeout=10)

    def approved(self) -> str:
        """Where Intuit leads after a yes."""
        page = re.search('href="([^"]+oauth2[^"]+)"', self.read())
        assert page is not None
        address = page[1].replace("&amp;", "&")
        answer = requests.get(f"{address}&sim_approve=1", allow_redirects=False, timeout=10)
        return answer.headers["Location"]

    @property
    def is_stored(self) -> bool:
        """Whether there are tokens."""
        try:
            with stored(self.settings) as store:
                return link_of(self.settings, store, SystemClock().now()).problem == ""
        except NotConnected:
            return False


def free_port() -> int:
    """A port of this machine that nobody has."""
    with open_port("127.0.0.1", 0) as found:
        port: int = found.getsockname()[1]
        return port


@pytest.fixture(params=["local", "domain"])
def redirect(request: pytest.FixtureRequest) -> str:
    """The redirect address of development keys, and of production ones."""
    return ON_OUR_DOMAIN if request.param == "domain" else f"http://localhost:{free_port()}/callback"


@pytest.fixture
def served(base: str, tmp_path: Path, redirect: str) -> Iterator[Served]:
    """The page, served until it ends by itself or the test is over."""
    requests.post(f"{base}/_sim/reset", json={"name": "<script>alert(1)</script> & Sons"}, timeout=10)
    keys = {"client_id": "simulator-app", "client_secret": "simulator-secret"}
    app = {**keys, "redirect_uris": [ON_OUR_DOMAIN], "loopback": True}
    requests.post(f"{base}/_sim/apps", json=app, timeout=10)
    quickbooks = {"simulator_port": urlsplit(base).port, "redirect_uri": redirect}
    settings = Settings.model_validate({"folder": tmp_path, "key": {"source": "file"}, "quickbooks": quickbooks})
    addresses: Queue[str] = Queue()
    outcome: Queue[Connected | Exception] = Queue()
    ends: list[connect_page.Visit] = []

    def serve(connecting: Connecting) -> None:
        try:
            outcome.put(connect_page.ask_owner(connecting, redirect, "Grace Iwu", addresses.put))
        except (NotConnected, RuntimeError) as ended:
            outcome.put(ended)

    made = connect_page.Visit

    def visit(*given: object) -> connect_page.Visit:
        ends.append(made(*given))  # type: ignore[arg-type]
        return ends[-1]

    with pytest.MonkeyPatch.context() as patch, connection_to(settings) as connecting, requests.Session() as browser:
        patch.setattr(connect_page, "Visit", visit)
        thread = threading.Thread(target=serve, args=(connecting,))
        thread.start()
        address = urlsplit(addresses.get(timeout=10))
        key = parse_qs(address.query)["key"][0]
        made_page = Served(settings, connecting, f"http://{address.netloc}", key, outcome, browser, ends)
        yield made_page
        made_page.leave()
        thread.join(timeout=20)
        assert not thread.is_alive()


def come_back(served: Served, redirect: str) -> None:
    """From Intuit's page to ours, by either way; the cookie does not come along from another site."""
    address = served.approved()
    assert address.startswith(redirect)
    if redirect == ON_OUR_DOMAIN:
        assert served.send("/address", address=address).status_code == 200
    else:
        answer = requests.get(address, timeout=10)
        assert 'http-equiv="refresh"' in answer.text


def test_an_owner_connects(served: Served, redirect: str) -> None:
    """Issue 4: the whole way; the company's name before anything is kept, then the end of the page."""
    assert "for you alone" in served.read(f"/?key={served.key}")
    assert served.enter().status_code == 200
    come_back(served, redirect)
    asked = served.read()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Sons" in asked
    assert "Grace Iwu" in asked
    assert not served.is_stored
    done = served.send("/confirm", answer="yes")
    assert "Connected" in done.text
    made = served.outcome.get(timeout=20)
    assert isinstance(made, Connected)
    assert served.is_stored


def test_an_owner_says_no_and_chooses_again(served: Served, redirect: str) -> None:
    """A no is given back; the page goes on, and a yes later is kept."""
    served.enter()
    come_back(served, redirect)
    said = served.send("/confirm", answer="no").text
    assert "Nothing was connected" in said
    assert not served.is_stored
    come_back(served, redirect)
    served.send("/confirm", answer="yes")
    assert isinstance(served.outcome.get(timeout=20), Connected)


def test_a_wrong_address_is_explained_and_another_can_be_given(served: Served, redirect: str) -> None:
    """Clear sentences; what is not the answer to our question changes nothing."""
    served.enter()
    page = served.connecting.page
    if redirect == ON_OUR_DOMAIN:
        assert "copy the whole of it" in served.send("/address", address="https://app.qbo.intuit.com/").text
        assert "does not belong" in served.send("/address", address=f"{redirect}?code=x&state=y&realmId=1").text
    else:
        answer = requests.get(f"{redirect}?code=x&state=y&realmId=1", timeout=10)
        assert answer.status_code == 400
        assert "does not belong" in answer.text
        assert "does not belong" not in served.read()
    assert served.connecting.page == page
    come_back(served, redirect)
    assert "Is this the right company?" in served.read()


@pytest.mark.parametrize("redirect", [ON_OUR_DOMAIN], indirect=False)
class TestStrangers:
    """reliability.md 4, Loopback page: what other pages, other programs and other people may try."""

    def test_another_name_for_this_machine(self, served: Served) -> None:
        """DNS rebinding: a foreign name that leads here is not answered."""
        port = urlsplit(served.root).port
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port}.evil.example", ""):
            answer = requests.get(served.root, headers={"Host": host}, timeout=10)
            assert answer.status_code in (400, 421), host
        for host in (f"LOCALHOST:{port}", f"[::1]:{port}"):
            assert requests.get(served.root, headers={"Host": host}, timeout=10).status_code == 200

    def test_the_key_opens_once(self, served: Served) -> None:
        """And nothing else does."""
        for key in ("", "x", served.key[:-1]):
            answer = requests.post(f"{served.root}/enter", data={"key": key}, headers=SAME, timeout=10)
            assert answer.status_code == 403
        assert served.enter().status_code == 200
        again = requests.post(f"{served.root}/enter", data={"key": served.key}, headers=SAME, timeout=10)
        assert again.status_code == 403
        assert "oauth2" not in requests.get(served.root, timeout=10).text

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:1"},
            {"Origin": "null"},
            {"Origin": "http://evil.example"},
        ],
    )
    def test_a_form_from_another_page(self, served: Served, headers: dict[str, str]) -> None:
        """CSRF: refused before the key or the cookie is looked at."""
        data = {"key": served.key}
        assert served.browser.post(f"{served.root}/enter", data=data, headers=headers, timeout=10).status_code == 403
        assert served.enter().status_code == 200

    def test_a_form_without_its_token_or_cookie(self, served: Served) -> None:
        """Both are needed, and an old browser's Origin is enough beside them."""
        served.enter()
        for path in ("/address", "/confirm"):
            url = f"{served.root}{path}"
            assert served.browser.post(url, data={"answer": "yes"}, headers=SAME, timeout=10).status_code == 403
            assert requests.post(url, data={"answer": "yes"}, headers=SAME, timeout=10).status_code == 403
        old = {"Origin": served.root}
        token = re.search('name="csrf" value="([^"]+)"', served.read())
        assert token is not None
        data = {"csrf": token[1], "address": "nothing"}
        assert served.browser.post(f"{served.root}/address", data=data, headers=old, timeout=10).status_code == 200

    def test_every_answer_is_closed_up(self, served: Served) -> None:
        """Nothing stored, framed, guessed at or told to the next page; no cookie that a script can read."""
        answers = [
            requests.get(served.root, timeout=10),
            requests.get(f"{served.root}/nowhere", timeout=10),
            requests.get(served.root, headers={"Host": "evil.example"}, timeout=10),
            requests.post(served.root, timeout=10),
            requests.post(f"{served.root}/enter", data={"key": "x" * 20_000}, headers=SAME, timeout=10),
        ]
        assert [answer.status_code for answer in answers] == [200, 404, 421, 405, 413]
        for answer in answers:
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; ")
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert "Access-Control-Allow-Origin" not in answer.headers
        data = {"key": served.key}
        cookie = requests.post(f"{served.root}/enter", data=data, headers=SAME, allow_redirects=False, timeout=10)
        said = cookie.headers["Set-Cookie"].lower()
        assert "httponly" in said
        assert "samesite=strict" in said
        assert str(urlsplit(served.root).port) in said

    def test_no_page_shows_a_code_or_a_token(self, served: Served) -> None:
        """Ruling 23: what was pasted is not shown again."""
        served.enter()
        address = served.approved()
        code = parse_qs(urlsplit(address).query)["code"][0]
        pages = [served.send("/address", address=address.replace("state=", "state=x")).text]
        pages.append(served.send("/address", address=address).text)
        pages.append(served.send("/confirm", answer="yes").text)
        shown = "".join(pages)
        assert "Connected" in shown
        assert code not in shown
        assert "eyJ" not in shown
        assert "RT1-" not in shown

    def test_a_mistake_of_ours_ends_the_page_and_is_not_printed_by_the_server(
        self, served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Ruling 23: whoever called it hears of the error, which may quote a secret, and prints it masked."""

        def surprised(_: str) -> None:
            raise RuntimeError("a fault that quotes what it was given")

        served.enter()
        monkeypatch.setattr(served.connecting, "arrive", surprised)
        answer = served.send("/address", address="https://app.qbo.intuit.com/")
        assert answer.status_code == 500
        assert "has made a mistake" in answer.text
        assert "quotes" not in answer.text
        assert isinstance(served.outcome.get(timeout=20), RuntimeError)
        assert "quotes" not in caplog.text

    def test_nobody_comes(self, served: Served) -> None:
        """After half an hour the page ends and says so; what was chosen is not kept."""
        served.enter()
        served.send("/address", address=served.approved())
        assert served.connecting.arrival is not None
        served.leave()
        assert isinstance(served.outcome.get(timeout=20), NotConnected)
        assert not served.is_stored


def test_a_taken_port_is_said(base: str, tmp_path: Path) -> None:
    """The redirect address names the port, so another cannot be taken."""
    with open_port("127.0.0.1", 0) as taken:
        redirect = f"http://localhost:{taken.getsockname()[1]}/callback"
        quickbooks = {"simulator_port": urlsplit(base).port, "redirect_uri": redirect}
        settings = Settings.model_validate({"folder": tmp_path, "key": {"source": "file"}, "quickbooks": quickbooks})
        with connection_to(settings) as connecting, pytest.raises(BadSettings, match="--no-browser"):
            connect_page.ask_owner(connecting, redirect, "Robin", lambda _: None)
