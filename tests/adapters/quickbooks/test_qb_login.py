"""Signing in: what a person, an attacker or a bad day may put in its way."""

import json
import logging
import traceback
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from quickbooks_doubles import CANARY, Asked, MovedClock, Reply, Script, scripted
from quickbooks_tokens import MemoryStore

from qbo_milestones.adapters.quickbooks.grant import Grant
from qbo_milestones.adapters.quickbooks.login import DISCOVERY, Login, is_answer
from qbo_milestones.adapters.quickbooks.tokens import Tokens
from qbo_milestones.errors import BadSettings, Doubtful, Failure, NotConnected, Unavailable

BACK = "http://localhost:8765/callback"
GOOD: dict[str, object] = {
    "token_type": "bearer",
    "access_token": CANARY,
    "refresh_token": CANARY + "-r",
    "expires_in": 3600,
    "x_refresh_token_expires_in": 8726400,
    "verify": False,
}


def discovery(asked: Asked) -> Reply:
    root = f"http://{asked.headers['Host']}"
    return Reply(
        {
            "authorization_endpoint": f"{root}/connect",
            "token_endpoint": f"{root}/token",
            "revocation_endpoint": f"{root}/revoke",
        }
    )


def intuit(reply: Reply) -> Script:
    return lambda asked: discovery(asked) if "well-known" in asked.path else reply


def login_at(root: str, clock: MovedClock | None = None) -> Login:
    return Login("app-id", CANARY + "-secret", BACK, f"{root}/.well-known/openid", clock or MovedClock())


def tokens() -> Tokens:
    now = MovedClock().now()
    return Tokens("1", CANARY, CANARY + "-r", now, now, None, 4, now)


def returned(state: str, **more: str) -> str:
    query = {"code": "XAB1", "state": state, "realmId": "9341450000000001", **more}
    return f"{BACK}?" + "&".join(f"{name}={value}" for name, value in query.items() if value)


def test_it_is_built_without_any_network() -> None:
    login = Login("app-id", "secret", BACK, DISCOVERY["production"], MovedClock())
    assert not login.trust_env
    assert "secret" not in repr(login)


def test_the_authorization_address_has_a_fresh_state() -> None:
    with scripted(intuit(Reply(GOOD))) as server:
        login = login_at(server.root)
        (first, one), (_, two) = login.authorization_url(), login.authorization_url()
        assert len(server.asked) == 1
    query = parse_qs(urlsplit(first).query)
    assert query == {
        "client_id": ["app-id"],
        "response_type": ["code"],
        "scope": ["com.intuit.quickbooks.accounting"],
        "redirect_uri": [BACK],
        "state": [one],
    }
    assert one != two
    assert len(one) >= 43


def test_a_refresh_asks_for_the_hard_end_and_takes_nothing_else_from_the_answer() -> None:
    clock = MovedClock()
    with scripted(intuit(Reply({**GOOD, "x_refresh_token_hard_expires_in": 157494248}))) as server:
        login = login_at(server.root, clock)
        fresh = login.refresh(tokens())
        asked = server.asked[-1]
    assert asked.headers["x-include-refresh-token-hard-expires-in"] == "true"
    assert parse_qs(asked.body.decode()) == {"grant_type": ["refresh_token"], "refresh_token": [CANARY + "-r"]}
    assert (fresh.version, fresh.realm, fresh.access) == (5, "1", CANARY)
    assert (fresh.access_expires_at - clock.now()).total_seconds() == 3600
    assert fresh.hard_expires_at is not None
    assert login.verify is True
    assert login.access_token is None


FAILURES: list[tuple[str, Reply, type[Failure]]] = [
    ("invalid_grant", Reply({"error": "invalid_grant", "error_description": CANARY}, 400), NotConnected),
    ("invalid_grant alone", Reply({"error": "invalid_grant"}, 400), NotConnected),
    ("invalid_client", Reply({"error": "invalid_client"}, 401), BadSettings),
    ("another 400", Reply({"error": "invalid_request", "x": CANARY}, 400), BadSettings),
    ("400 without JSON", Reply(CANARY, 400, "text/plain"), BadSettings),
    ("429", Reply(CANARY, 429, "text/plain"), Unavailable),
    ("500", Reply(CANARY, 500, "text/html"), Doubtful),
    ("302", Reply(b"", 302, headers=(("Location", "/elsewhere"),)), Doubtful),
    ("200 without JSON", Reply(CANARY), Doubtful),
    ("200 without tokens", Reply({"access_token": CANARY}), Doubtful),
    ("200 with odd tokens", Reply({"access_token": CANARY, "refresh_token": 5}), Doubtful),
    ("reset", Reply(reset=True), Doubtful),
    ("cut", Reply(GOOD, cut=9), Doubtful),
]


@pytest.mark.parametrize(("reply", "kind"), [case[1:] for case in FAILURES], ids=[case[0] for case in FAILURES])
def test_each_refusal_of_a_refresh_has_its_class_and_tells_no_secret(reply: Reply, kind: type[Failure]) -> None:
    with scripted(intuit(reply)) as server, pytest.raises(Failure) as caught:
        login_at(server.root).refresh(tokens())
    assert type(caught.value) is kind
    assert CANARY not in f"{caught.value} {caught.value!r} {caught.value.code}"
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def whole_story(error: BaseException) -> str:
    """What a log could show of an error: its text, its parts, and everything that it was raised from."""
    shown = "".join(traceback.format_exception(error))
    return f"{shown} {error!r} {vars(error)!r}"


ASKS: dict[str, Callable[[Login], object]] = {
    "exchange": lambda login: login.exchange(f"{BACK}?code={CANARY}-code&state=s&realmId=1", "s"),
    "refresh": lambda login: login.refresh(tokens()),
    "revoke": lambda login: login.revoke(tokens()),
    "through the grant": lambda login: Grant(MemoryStore(tokens()), login, MovedClock()).access_token(),
}


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("reply", [case[1] for case in FAILURES], ids=[case[0] for case in FAILURES])
def test_no_failing_way_tells_a_token_a_code_or_a_secret(
    ask: str, reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    """Ruling 23: planted in what is sent and in what is answered, found in no text, part, cause or log line."""
    caplog.set_level(logging.DEBUG)
    with scripted(intuit(reply)) as server:
        login = login_at(server.root)
        try:
            ASKS[ask](login)
        except Failure as failure:
            story = whole_story(failure)
        else:
            # A revocation that is answered 400 was one before, and one that is answered 200 is done.
            assert ask == "revoke"
            story = ""
    logged = "".join(f"{record.getMessage()} {record.__dict__!r}" for record in caplog.records if record.name[0] == "q")
    assert CANARY not in f"{story} {logged} {login!r}"


ADDRESSES = [
    ("declined", f"{BACK}?error=access_denied&state=s", "declined"),
    ("bad scope", f"{BACK}?error=invalid_scope&state=s", "did not offer"),
    ("another state", returned("t"), "begun here"),
    ("no state", returned(""), "begun here"),
    ("no code", returned("s", code=""), "whole"),
    ("no company", returned("s", realmId=""), "whole"),
    ("a no to another question", f"{BACK}?error=access_denied&state=t", "begun here"),
    ("a bare code", "XAB1", "all after"),
    ("no address", "http://[", "all after"),
    ("nothing", "", "all after"),
]


@pytest.mark.parametrize(("address", "words"), [case[1:] for case in ADDRESSES], ids=[case[0] for case in ADDRESSES])
def test_each_wrong_address_is_refused_without_asking_intuit(address: str, words: str) -> None:
    with scripted(intuit(Reply(GOOD))) as server:
        with pytest.raises(NotConnected, match=words):
            login_at(server.root).exchange(address, "s")
        assert server.asked == []


def test_a_company_that_is_no_number_is_refused() -> None:
    with scripted(intuit(Reply(GOOD))) as server, pytest.raises(BadSettings):
        login_at(server.root).exchange(returned("s", realmId="1%2F..%2F2"), "s")


def test_an_exchange_sends_code_and_redirect_address() -> None:
    with scripted(intuit(Reply(GOOD))) as server:
        made = login_at(server.root).exchange(f"  {returned('s')}\n", "s")
        asked = server.asked[-1]
    assert (made.version, made.realm) == (1, "9341450000000001")
    form = parse_qs(asked.body.decode())
    assert form == {"grant_type": ["authorization_code"], "code": ["XAB1"], "redirect_uri": [BACK]}


def test_a_code_whose_answer_was_lost_is_not_tried_again() -> None:
    with scripted(intuit(Reply(reset=True))) as server:
        login = login_at(server.root)
        for _ in range(2):
            with pytest.raises(NotConnected, match="start connecting again"):
                login.exchange(returned("s"), "s")
        assert len(server.asked) == 2


def test_an_unreached_sign_in_is_named_and_may_be_tried_again() -> None:
    """Which door of a firewall it is, and that a proxy of the environment is no way out; nothing of the question."""
    with pytest.raises(Unavailable) as caught:
        login_at("http://127.0.0.1:9").discover()
    assert "at 127.0.0.1, port 9 (proxies that the environment names are not used); try again" in caught.value.text
    with scripted(intuit(Reply(GOOD))) as server:
        login = login_at(server.root)
        login.discover()
    login.token_endpoint = "http://127.0.0.1:9/token"
    with pytest.raises(NotConnected, match=r"port 9 \(.*\); start connecting again$"):
        login.exchange(returned("s"), "s")


@pytest.mark.parametrize("address", ["http://intuit.example/x", "ftp://127.0.0.1/x", "nonsense", ""])
def test_an_unsafe_discovery_address_is_refused(address: str) -> None:
    with pytest.raises(BadSettings):
        Login("id", "secret", BACK, address, MovedClock())


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply({}, 404), Unavailable),
        (Reply({"token_endpoint": 5}), BadSettings),
        (Reply("<html>"), Unavailable),
        (
            Reply(
                json.dumps(
                    dict.fromkeys(
                        ("authorization_endpoint", "token_endpoint", "revocation_endpoint"), "http://evil.example/t"
                    )
                )
            ),
            BadSettings,
        ),
    ],
)
def test_a_discovery_document_that_is_none_is_refused(reply: Reply, kind: type[Failure]) -> None:
    with scripted(lambda _: reply) as server, pytest.raises(Failure) as caught:
        login_at(server.root).discover()
    assert type(caught.value) is kind


def test_a_revoked_connection_may_be_revoked_again() -> None:
    with scripted(intuit(Reply({"error": "invalid_request"}, 400))) as server:
        login_at(server.root).revoke(tokens())
        assert json.loads(server.asked[-1].body) == {"token": CANARY + "-r"}


@pytest.mark.parametrize(
    ("address", "used"),
    [
        (returned("s"), True),
        (f"{BACK}?error=access_denied&state=s", True),
        (returned("t"), False),
        (f"{BACK}?error=access_denied&state=t", False),
        (returned("s", realmId=""), False),
        ("http://[", False),
    ],
)
def test_only_an_answer_to_our_question_uses_it_up(address: str, used: bool) -> None:
    """Whoever knows no state cannot make an owner begin again; a half-copied address can be copied again."""
    assert is_answer(address, "s") is used
