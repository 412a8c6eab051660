"""requestid, throttles and faults on demand."""

import json
from typing import Any

import pytest
import requests
from simulator_person import Person, sale_line

INVOICE: dict[str, Any] = {"CustomerRef": {"value": "1"}, "Line": [sale_line(100)]}


def count(person: Person) -> int:
    return int(person.query("select count(*) from Invoice")["totalCount"])


def test_a_repeated_request_id_gets_the_first_answer_again(person: Person) -> None:
    """Also after the object changed and was deleted: the answer is the old representation."""
    first = person.call("POST", "invoice", INVOICE, requestid="abc").text
    made = json.loads(first)["Invoice"]
    person.call("POST", "invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="delete")
    assert person.call("POST", "invoice", INVOICE, requestid="abc").text == first
    assert count(person) == 0


def test_the_memory_of_request_ids_is_a_switch(person: Person) -> None:
    person.side("POST", "settings", {"requestid_window_s": 60})
    person.post("Invoice", INVOICE, requestid="abc")
    person.side("POST", "clock", {"advance_s": 59})
    person.post("Invoice", INVOICE, requestid="abc")
    assert count(person) == 1
    person.side("POST", "clock", {"advance_s": 1})
    person.post("Invoice", INVOICE, requestid="abc")
    assert count(person) == 2
    person.side("POST", "settings", {"requestid_window_s": 0})
    person.post("Invoice", INVOICE, requestid="abc")
    assert count(person) == 3


def test_another_body_under_a_known_request_id(person: Person) -> None:
    person.post("Invoice", INVOICE, requestid="abc")
    other = {**INVOICE, "Line": [sale_line(7)]}
    assert person.post("Invoice", other, requestid="abc")["TotalAmt"] == 100
    person.side("POST", "settings", {"requestid_other_body": "refuse"})
    assert person.refused("Invoice", other, requestid="abc")["code"] == "600"


def test_request_ids_have_a_longest_length(person: Person) -> None:
    assert person.refused("Invoice", INVOICE, requestid="x" * 51)["code"] == "2130"
    person.post("Invoice", INVOICE, requestid="x" * 50)
    items = {"BatchItemRequest": [{"bId": "1", "Query": "select * from Term"}]}
    assert person.refused("batch", items, requestid="x" * 37)["code"] == "2130"
    items["BatchItemRequest"][0]["bId"] = "x" * 11
    assert person.refused("batch", items, requestid="x")["code"] == "2130"


def test_a_refusal_is_not_remembered_unless_switched_on(person: Person) -> None:
    bad = {**INVOICE, "CustomerRef": {"value": "99"}}
    person.refused("Invoice", bad, requestid="abc")
    assert person.post("Invoice", INVOICE, requestid="abc")["TotalAmt"] == 100


def test_ten_calls_a_second_and_five_hundred_a_minute(person: Person) -> None:
    person.side("POST", "settings", {"throttle": True})
    for _ in range(10):
        assert person.call("GET", "preferences").status_code == 200
    refused = person.call("GET", "preferences")
    error = refused.json()["fault"]["error"][0]
    assert refused.status_code == 429
    assert error["message"] == "message=ThrottleExceeded; errorCode=003001; statusCode=429"
    assert error["detail"] == "The request limit was reached. Try again later"
    assert (refused.json()["fault"]["type"], "Retry-After" in refused.headers) == ("SERVICE", False)
    for _ in range(49):
        person.side("POST", "clock", {"advance_s": 1})
        assert {person.call("GET", "preferences").status_code for _ in range(10)} == {200}
    person.side("POST", "clock", {"advance_s": 1})
    assert person.call("GET", "preferences").status_code == 429
    person.side("POST", "clock", {"advance_s": 60})
    assert person.call("GET", "preferences").status_code == 200


def test_the_shape_of_a_429_is_a_switch(person: Person) -> None:
    person.side("POST", "faults", {"kind": "throttle", "times": None})
    person.side("POST", "settings", {"throttle_body": "fault", "retry_after_s": 60})
    answer = person.call("GET", "preferences")
    assert answer.json()["Fault"]["Error"][0]["code"] == "003001"
    assert answer.headers["Retry-After"] == "60"
    person.side("POST", "settings", {"throttle_body": "xml"})
    assert person.call("GET", "preferences").headers["Content-Type"] == "application/xml;charset=UTF-8"


@pytest.mark.parametrize(("kind", "made"), [("lost_answer", 1), ("reset", 1), ("refuse_before", 0)])
def test_a_connection_is_cut_after_or_before_the_work(person: Person, kind: str, made: int) -> None:
    person.side("POST", "faults", [{"kind": kind, "entity": "invoice", "method": "POST"}])
    with pytest.raises(requests.ConnectionError):
        person.call("POST", "invoice", INVOICE)
    assert count(person) == made
    person.post("Invoice", INVOICE)


def test_half_a_body_breaks_off(person: Person) -> None:
    person.side("POST", "faults", {"kind": "truncate", "entity": "invoice"})
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        person.call("POST", "invoice", INVOICE)
    assert count(person) == 1


def test_a_late_commit_happens_when_its_time_has_come(person: Person) -> None:
    person.side("POST", "faults", {"kind": "late_commit", "after_s": 90, "entity": "invoice"})
    with pytest.raises(requests.ConnectionError):
        person.call("POST", "invoice", INVOICE, requestid="abc")
    person.side("POST", "clock", {"advance_s": 89})
    assert count(person) == 0
    person.side("POST", "clock", {"advance_s": 1})
    assert count(person) == 1
    person.post("Invoice", INVOICE, requestid="abc")
    assert count(person) == 1


def test_a_new_object_does_not_show_in_a_lagging_query(person: Person) -> None:
    person.side("POST", "faults", {"kind": "query_lag", "query_lag_s": 5, "statement": "from Invoice", "times": None})
    person.post("Invoice", INVOICE)
    assert count(person) == 0
    person.side("POST", "clock", {"advance_s": 5})
    assert count(person) == 1


def test_bodies_that_are_not_what_was_asked_for(person: Person) -> None:
    rules = [{"kind": "garbled"}, {"kind": "xml_fault", "status": 500, "nth": 2}]
    person.side("POST", "faults", rules)
    garbled = person.call("POST", "invoice", INVOICE)
    assert (garbled.status_code, garbled.text[:6]) == (200, "<html>")
    fault = person.call("POST", "invoice", INVOICE)
    assert (fault.status_code, fault.text[:5]) == (500, "<?xml")
    assert count(person) == 1


def test_the_nth_call_is_spoiled_and_only_so_often(person: Person) -> None:
    rule = {
        "kind": "status",
        "status": 503,
        "code": "10000",
        "method": "GET",
        "path": "/preferences",
        "nth": 2,
        "times": 2,
    }
    person.side("POST", "faults", rule)
    codes = [person.call("GET", "preferences").status_code for _ in range(5)]
    assert codes == [200, 503, 503, 200, 200]
    assert person.side("GET", "faults")["faults"][0]["seen"] == 5
    assert person.side("DELETE", "faults") == {"faults": [], "late": 0}


def test_a_token_is_revoked_on_demand(person: Person) -> None:
    person.side("POST", "faults", {"kind": "token_revoked"})
    assert [person.call("GET", "preferences").status_code for _ in range(2)] == [401, 401]


def test_latency_delays_the_answer_past_a_time_out(person: Person) -> None:
    person.side("POST", "faults", {"kind": "latency", "latency_s": 1.5, "entity": "invoice"})
    with pytest.raises(requests.ReadTimeout):
        person.http.post(f"{person.base}/v3/company/{person.realm}/invoice", json=INVOICE, timeout=0.1)
    assert count(person) == 1


def test_the_side_door_says_what_it_does_not_understand(person: Person) -> None:
    for name, body in [("faults", {"kind": "gremlin"}), ("settings", {"colour": 1}), ("settings", {"throttle": 3})]:
        answer = requests.post(f"{person.base}/_sim/{name}", json=body, timeout=10)
        assert (answer.status_code, "error" in answer.json()) == (400, True)
