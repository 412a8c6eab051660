"""The verdict on an answer is total, safe and silent about secrets, whatever the answer."""

import json

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st
from quickbooks_doubles import CANARY, REALM, FixedAccess, MovedClock, unhurried

from qbo_milestones.adapters.quickbooks.answers import judged, never_sent, transport_failure
from qbo_milestones.adapters.quickbooks.client import Client
from qbo_milestones.adapters.quickbooks.faults import Answer, safe
from qbo_milestones.adapters.quickbooks.throttle import Throttle
from qbo_milestones.errors import BadSettings, Doubtful, Failure, NotConnected, Refused, Unavailable

CODES = ["", "0", "600", "610", "2500", "3001", "003001", "3100", "3200", "120", "150", "4000", "6140", "10000", CANARY]
TYPES = [
    "ValidationFault",
    "SystemFault",
    "AuthenticationFault",
    "AuthorizatonFault",
    "AUTHENTICATION",
    "SERVICE",
    "",
    CANARY,
]
errors = st.fixed_dictionaries(
    {},
    optional={key: st.sampled_from([*CODES, None, 5]) for key in ("code", "Message", "message", "Detail", "element")},
)
faults = st.fixed_dictionaries(
    {}, optional={"Error": st.lists(errors, max_size=3) | errors | st.none(), "type": st.sampled_from(TYPES)}
)
bodies = st.one_of(
    st.binary(max_size=30),
    st.builds(lambda key, fault: json.dumps({key: fault}).encode(), st.sampled_from(["Fault", "fault", "x"]), faults),
    st.builds(
        lambda type_, code: (
            f'<R><Fault type="{type_}"><Error code="{code}"><Message>{CANARY}</Message></Error></Fault></R>'.encode()
        ),
        st.sampled_from(TYPES),
        st.sampled_from(CODES),
    ),
    st.just(b"[" * 100_000),
    st.just(b'{"Invoice":{}}'),
)
statuses = st.sampled_from(
    [100, 200, 201, 204, 301, 302, 400, 401, 403, 404, 409, 413, 429, 500, 502, 503, 504, 599, 999]
)


@unhurried
@given(statuses, bodies, st.booleans(), st.sampled_from(["", "60", CANARY, "-1", "9" * 30, "²"]))
@example(200, b'{"Fault":null,"fault":null}', True, "")
def test_every_answer_has_its_class_and_no_failure_tells_a_secret(
    status: int, body: bytes, writes: bool, retry_after: str
) -> None:
    verdict = judged(Answer(status, "text/x", body, CANARY, retry_after), writes, (CANARY,))
    failure = verdict.failure
    if failure is None:
        assert 200 <= status < 300
        return
    shown = f"{failure} {failure!r} {failure.code} {failure.tid} {failure.element}"
    assert CANARY not in shown
    assert "\n" not in str(failure)
    assert len(str(failure)) < 400
    assert 0 <= verdict.pause_s <= 3600
    if writes:
        assert isinstance(failure, Refused | Unavailable | Doubtful | NotConnected)
        if status >= 500:
            assert isinstance(failure, Doubtful)
        if isinstance(failure, Refused):
            assert b"alidation" in body
            assert failure.code not in {"", "600", "6140"}
    else:
        assert isinstance(failure, Refused | Unavailable | NotConnected)
        assert not isinstance(failure, Refused) or status == 400


@pytest.mark.parametrize("body", [b'{"x":NaN}', b'{"x":-Infinity}', b"[]", b'"x"', b"", b"\xff"])
def test_what_is_no_json_object_is_no_good_answer(body: bytes) -> None:
    assert isinstance(judged(Answer(200, "application/json", body), True).failure, Doubtful)
    assert isinstance(judged(Answer(200, "application/json", body), False).failure, Unavailable)


def test_latin_text_is_read_where_quickbooks_says_so() -> None:
    body = '{"Invoice":{"Id":"1","PrivateNote":"Zoë"}}'.encode("latin-1")
    assert judged(Answer(200, "application/json;charset=ISO-8859-1", body), True).failure is None
    assert isinstance(judged(Answer(200, "application/json;charset=UTF-8", body), True).failure, Doubtful)


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer abc.def",
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        "eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0..abcdefgh",
        "RT1-d0cddfff5f07afb62309acb9c5aea6bee77842bbb05fb3137105cceb716f8cf5",
    ],
)
def test_whatever_looks_like_a_token_is_left_out(secret: str) -> None:
    assert safe(f"about {secret} here") == "about *** here"


def test_a_known_secret_is_left_out_however_short() -> None:
    assert safe("about hush, hush", ("hush", "")) == "about ***, ***"


def test_a_long_text_is_cut_and_put_on_one_line() -> None:
    assert safe("a b\r\nc") == "a b c"
    assert len(safe("word " * 200)) == 300


def test_what_broke_on_the_way_tells_only_its_name() -> None:
    broken = transport_failure(requests.ReadTimeout(f"https://x/?t={CANARY}"), writes=True)
    assert isinstance(broken, Doubtful)
    assert CANARY not in str(broken)
    assert isinstance(transport_failure(requests.ReadTimeout(), writes=False), Unavailable)
    assert isinstance(transport_failure(requests.exceptions.SSLError(), writes=True), Doubtful)


def test_only_a_connection_that_never_came_about_is_surely_not_sent() -> None:
    assert never_sent(requests.ConnectTimeout())
    assert not never_sent(requests.ConnectionError("Connection reset by peer"))
    assert not never_sent(requests.ReadTimeout())
    assert not never_sent(OSError())


def client(address: str, realm: str = REALM) -> Client:
    return Client(address, realm, FixedAccess(), Throttle(MovedClock()), MovedClock())


@pytest.mark.parametrize(
    "address", ["http://quickbooks.example/v3", "ftp://127.0.0.1", "", "https://", "https://u@h/v3"]
)
def test_an_unsafe_address_is_refused(address: str) -> None:
    with pytest.raises(BadSettings):
        client(address)


@pytest.mark.parametrize("realm", ["", "1/2", "../1", "12a", "\u0661\u0662"])
def test_a_company_that_is_no_number_is_refused(realm: str) -> None:
    with pytest.raises(BadSettings):
        client("https://quickbooks.example/v3", realm)


def test_a_client_shows_no_token() -> None:
    made = client("https://quickbooks.example/v3/")
    assert repr(made) == f"Client(https://quickbooks.example/v3, company {REALM})"


def test_failures_are_of_our_own_kinds() -> None:
    assert all(issubclass(kind, Failure) for kind in (Refused, Unavailable, Doubtful, NotConnected, BadSettings))
