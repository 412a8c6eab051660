"""One POST, and what each kind of answer means for the caller (rulings 3, 6 and 9)."""

import json
import socket
import threading
from decimal import Decimal

import pytest
import requests
from quickbooks_doubles import (
    CANARY,
    REALM,
    Asked,
    FixedAccess,
    MovedClock,
    Reply,
    Script,
    books_of,
    client_of,
    replies,
    scripted,
)

from qbo_milestones.adapters.quickbooks.books import QuickBooksBooks
from qbo_milestones.errors import Doubtful, Failure, NotConnected, Refused, Unavailable
from qbo_milestones.model.books import DocumentKind
from qbo_milestones.model.money import Money

BODY = b'{"CustomerRef":{"value":"1"}}'
INVOICE: dict[str, object] = {"Id": "145", "SyncToken": "0", "TotalAmt": 10.5, "CustomerRef": {"value": "1"}}
GOOD = Reply({"Invoice": INVOICE, "time": "2026-11-23T01:00:00.000-08:00"})


def fault(code: str, type_: str = "ValidationFault", detail: str = "") -> dict[str, object]:
    return {"Fault": {"Error": [{"Message": "No", "Detail": detail, "code": code, "element": "Line"}], "type": type_}}


def gateway(code: str, status: int, type_: str, detail: str = "") -> Reply:
    error = {"message": f"message=X; errorCode=00{code}; statusCode={status}", "detail": detail, "code": code}
    return Reply({"fault": {"error": [error], "type": type_}, "time": 1730024394085}, status)


def sending(script: Script, access: FixedAccess | None = None) -> Failure | None:
    with scripted(script) as server:
        try:
            books_of(server.address, access=access).send(DocumentKind.INVOICE, BODY, "r1")
        except Failure as failure:
            return failure
    return None


def test_a_write_is_one_post_of_the_frozen_bytes_with_its_requestid() -> None:
    with scripted(replies(GOOD)) as server:
        made = books_of(server.address).send(DocumentKind.INVOICE, BODY, "r1").document
        (asked,) = server.asked
    assert (made.id, made.total) == ("145", Money(Decimal("10.50"), "USD"))
    assert (asked.method, asked.path) == ("POST", f"/v3/company/{REALM}/invoice")
    assert asked.query == {"minorversion": "75", "requestid": "r1"}
    assert asked.body == BODY
    assert asked.headers["Authorization"] == f"Bearer {CANARY}"
    assert asked.headers["Accept"] == "application/json"


CASES: list[tuple[str, Reply, type[Failure], str]] = [
    ("validation fault", Reply(fault("2500"), 400), Refused, "2500"),
    ("validation fault in a 200", Reply(fault("6000"), 200), Refused, "6000"),
    ("number in use", Reply(fault("6140"), 400), Doubtful, "6140"),
    ("requestid in use", Reply(fault("600"), 400), Doubtful, "600"),
    ("system fault at 400", Reply(fault("10000", "SystemFault"), 400), Doubtful, "10000"),
    ("system fault at 200", Reply(fault("2500", "SystemFault"), 200), Doubtful, "2500"),
    ("system fault at 429", Reply(fault("3001", "SystemFault"), 429), Doubtful, "3001"),
    ("application error by its code", Reply(fault("10000"), 400), Doubtful, "10000"),
    ("validation fault at 500", Reply(fault("2500"), 500), Doubtful, "2500"),
    ("fault of no type", Reply(fault("2500", ""), 400), Doubtful, "2500"),
    ("fault without a code", Reply(fault(""), 400), Doubtful, ""),
    ("fault without errors", Reply({"Fault": {"Error": [], "type": "ValidationFault"}}, 400), Doubtful, ""),
    ("throttle at the gateway", gateway("3001", 429, "SERVICE"), Unavailable, "3001"),
    ("throttle by code alone", gateway("003001", 403, "SERVICE"), Unavailable, "3001"),
    ("throttle without a body", Reply(b"", 429), Unavailable, ""),
    ("no right to the company", gateway("3100", 403, "AUTHORIZATION"), NotConnected, "3100"),
    ("the person lost access", Reply(fault("120", "AuthorizationFault"), 401), NotConnected, "120"),
    ("Intuit's own spelling", Reply(fault("150", "AuthorizatonFault"), 400), Unavailable, "150"),
    ("403 of nobody knows whom", Reply("<html>no</html>", 403, "text/html"), Doubtful, ""),
    ("404 without a fault", Reply("not here", 404, "text/plain"), Doubtful, ""),
    ("500", Reply("oops", 500, "text/plain"), Doubtful, ""),
    ("503", Reply(b"", 503), Doubtful, ""),
    ("504", Reply("<html>", 504, "text/html"), Doubtful, ""),
    ("redirect", Reply(b"", 302, headers=(("Location", "/elsewhere"),)), Doubtful, ""),
    ("200 of something else", Reply({"time": "x"}, 200), Doubtful, ""),
    ("200 without JSON", Reply("<html>fine</html>", 200, "text/html"), Doubtful, ""),
    ("200 with half a JSON", Reply('{"Invoice": {"Id": "1"', 200), Doubtful, ""),
    ("200 with a list", Reply([1], 200), Doubtful, ""),
    ("200 with NaN", Reply('{"Invoice": {"Id": "1", "TotalAmt": NaN}}', 200), Doubtful, ""),
    ("200 with an unreadable amount", Reply('{"Invoice": {"Id": "1", "TotalAmt": "ten"}}'), Doubtful, ""),
    ("200 with an endless amount", Reply('{"Invoice": {"Id": "1", "TotalAmt": 1e999999}}'), Doubtful, ""),
    ("200 with an empty fault", Reply({"Fault": None, "Invoice": INVOICE}), Doubtful, ""),
    ("200 cut short", Reply({"Invoice": INVOICE}, cut=5), Doubtful, ""),
    ("reset", Reply(reset=True), Doubtful, ""),
]


@pytest.mark.parametrize(("reply", "kind", "code"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_answer_to_a_write_has_its_class(reply: Reply, kind: type[Failure], code: str) -> None:
    failure = sending(replies(reply))
    assert type(failure) is kind
    assert failure.code == code


def test_an_xml_fault_is_read_too() -> None:
    xml = (
        '<?xml version="1.0"?><IntuitResponse xmlns="http://schema.intuit.com/finance/v3">'
        '<Fault type="AUTHENTICATION"><Error code="3200"><Message>m</Message></Error></Fault></IntuitResponse>'
    )
    failure = sending(replies(Reply(xml, 403, "application/xml")))
    assert type(failure) is NotConnected
    assert failure.code == "3200"


def test_an_xml_bomb_is_no_fault() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><Fault type="ValidationFault"><Error code="2500">&a;</Error></Fault>'
    assert type(sending(replies(Reply(bomb, 400, "application/xml")))) is Doubtful


def test_several_errors_in_one_fault_the_doubtful_one_decides() -> None:
    both = fault("2020")
    both["Fault"]["Error"] += fault("6140")["Fault"]["Error"]  # type: ignore[index]  # a literal's inside
    failure = sending(replies(Reply(both, 400)))
    assert type(failure) is Doubtful
    assert failure.code == "6140"
    assert "2020" in failure.text


def test_a_refusal_carries_what_quickbooks_said_and_the_trace_id() -> None:
    failure = sending(replies(Reply(fault("2500", detail="Invalid Reference Id : Names id 99"), 400)))
    assert failure is not None
    assert failure.text == "2500 No: Invalid Reference Id : Names id 99"
    assert (failure.element, failure.tid) == ("Line", "1-69f0a24d-test")


def test_after_a_401_the_same_bytes_and_id_go_once_more_with_a_fresh_token() -> None:
    access = FixedAccess()
    with scripted(replies(gateway("3200", 401, "AUTHENTICATION", f"Token expired: {CANARY}"), GOOD)) as server:
        made = books_of(server.address, access=access).send(DocumentKind.INVOICE, BODY, "r1").document
        first, second = server.asked
    assert made.id == "145"
    assert (first.body, first.query) == (second.body, second.query)
    assert second.headers["Authorization"] == f"Bearer {access.tokens[1]}"


def test_a_second_401_is_for_a_person() -> None:
    access = FixedAccess()
    failure = sending(replies(gateway("3200", 401, "AUTHENTICATION", f"Token expired: {CANARY}")), access)
    assert type(failure) is NotConnected
    assert access.renewals == 1
    assert CANARY not in str(failure)


def test_lost_rights_are_not_cured_by_a_refresh() -> None:
    access = FixedAccess()
    sending(replies(Reply(fault("120", "AuthorizationFault"), 401)), access)
    assert access.renewals == 0


def test_a_refused_connection_is_surely_not_applied() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/v3"
        with pytest.raises(Unavailable):
            books_of(address).send(DocumentKind.INVOICE, BODY, "r1")


def test_a_name_that_does_not_resolve_is_surely_not_applied() -> None:
    with pytest.raises(Unavailable):
        books_of("https://nowhere.invalid/v3").send(DocumentKind.INVOICE, BODY, "r1")


def test_no_answer_in_time_is_doubtful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qbo_milestones.adapters.quickbooks.client.READ_S", 0.1)
    hold = threading.Event()
    with scripted(replies(Reply(hold=hold))) as server:
        with pytest.raises(Doubtful):
            books_of(server.address).send(DocumentKind.INVOICE, BODY, "r1")
        hold.set()


def test_patience_scales_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def request(_self: requests.Session, *_args: object, **options: object) -> requests.Response:
        seen.append(options["timeout"])
        raise requests.ConnectTimeout

    monkeypatch.setattr(requests.Session, "request", request)
    clock = MovedClock()
    for patience in (1.0, 0.5):
        books = QuickBooksBooks(client_of("https://quickbooks.example/v3", clock, patience=patience), clock, "USD")
        with pytest.raises(Unavailable):
            books.send(DocumentKind.INVOICE, BODY, "r1")
    assert seen == [(10.0, 130.0), (5.0, 65.0)]


def test_a_reply_that_drips_for_ever_is_given_up() -> None:
    """The socket's timeout bounds one piece only; the clock bounds the whole."""

    clock = MovedClock()

    def slow(_: Asked) -> Reply:
        clock.jump_s = 200
        return GOOD

    with scripted(slow) as server, pytest.raises(Doubtful):
        books_of(server.address, clock).send(DocumentKind.INVOICE, BODY, "r1")


def test_a_throttle_rests_all_lanes_for_a_minute_and_a_write_does_not_wait_for_it() -> None:
    clock = MovedClock()
    with scripted(replies(gateway("3001", 429, "SERVICE"), GOOD)) as server:
        books = books_of(server.address, clock)
        with pytest.raises(Unavailable) as first:
            books.send(DocumentKind.INVOICE, BODY, "r1")
        with pytest.raises(Unavailable) as second:
            books.send(DocumentKind.INVOICE, BODY, "r1")
        assert len(server.asked) == 1
        clock.move(60)
        books.send(DocumentKind.INVOICE, BODY, "r1")
    assert (first.value.after_s, second.value.after_s) == (60, 60)


def test_retry_after_is_heeded() -> None:
    failure = sending(replies(Reply(b"", 429, headers=(("Retry-After", "7"),))))
    assert isinstance(failure, Unavailable)
    assert failure.after_s == 7


def test_a_token_that_cannot_be_had_sends_nothing() -> None:
    with scripted(replies(GOOD)) as server:
        with pytest.raises(Unavailable):
            books_of(server.address, access=FixedAccess(failure=Unavailable("later"))).send(
                DocumentKind.INVOICE, BODY, "r1"
            )
        assert server.asked == []


def test_a_canary_in_every_place_of_an_answer_is_in_no_error() -> None:
    places = json.dumps(fault("2500", detail=f"about {CANARY}")).replace("No", CANARY).replace('"Line"', f'"{CANARY}"')
    for status in (200, 400, 401, 403, 429, 500):
        for type_ in ("ValidationFault", "SystemFault", "AUTHENTICATION"):
            reply = Reply(places.replace("ValidationFault", type_), status, headers=(("Retry-After", CANARY),))
            failure = sending(replies(reply))
            assert failure is not None
            shown = f"{failure!s} {failure!r} {failure.code} {failure.tid} {failure.element}"
            assert CANARY not in shown
            assert failure.__cause__ is None
            assert failure.__context__ is None


def test_a_token_as_trace_id_is_not_kept() -> None:
    with scripted(replies(Reply({"Invoice": INVOICE}, headers=(("intuit_tid", CANARY),)))) as server:
        client = client_of(server.address)
        QuickBooksBooks(client, MovedClock(), "USD").send(DocumentKind.INVOICE, BODY, "r1")
    assert CANARY not in client.tid


def test_proxies_and_passwords_of_the_environment_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert sending(replies(GOOD)) is None


def test_patience_scales_the_rest_that_is_asked_for() -> None:
    """Both for the lanes and for the run that waits it out (ruling 7)."""
    with scripted(replies(gateway("3001", 429, "SERVICE"))) as server:
        client = client_of(server.address, MovedClock(), patience=0.01)
        with pytest.raises(Unavailable) as rest:
            QuickBooksBooks(client, MovedClock(), "USD").send(DocumentKind.INVOICE, BODY, "r1")
    assert rest.value.after_s == pytest.approx(0.6)
