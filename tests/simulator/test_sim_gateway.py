"""Who is let in, in which shape the others are told, and what a company's state forbids."""

import json
from typing import Any

import pytest
import requests
from defusedxml.ElementTree import fromstring
from simulator_person import Person, journal, sale_line

INVOICE: dict[str, Any] = {"CustomerRef": {"value": "1"}, "Line": [sale_line(100)]}


def as_seen_without(person: Person, header: str, value: str | None, **query: str) -> requests.Response:
    """A read with another header, or without it."""
    url = f"{person.base}/v3/company/{person.realm}/preferences"
    return person.http.get(url, headers={header: value}, params=query, timeout=10)


def code_of(answer: requests.Response) -> str:
    """The code of a fault in any of its shapes."""
    if answer.text.startswith("<"):
        return str(next(node for node in fromstring(answer.text).iter() if node.tag.endswith("}Error")).get("code"))
    body = answer.json()
    return str(body["Fault"]["Error"][0]["code"] if "Fault" in body else body["fault"]["error"][0]["code"])


def test_the_gateway_says_no_in_json_only_where_json_is_asked_for(person: Person) -> None:
    person.side("POST", "clock", {"advance_s": 3600})
    for accept, shape in (("application/json", "{"), ("text/html, application/json;q=0.9", "{"), ("*/*", "<"),
                          (None, "<"), ("application/xml", "<")):  # fmt: skip
        answer = as_seen_without(person, "Accept", accept)
        assert (answer.status_code, answer.text[0], code_of(answer)) == (401, shape, "3200")
    assert as_seen_without(person, "Accept", None, format="json").text[0] == "{"


def test_the_company_itself_always_answers_in_json(person: Person) -> None:
    for accept in ("*/*", "application/xml", None):
        answer = as_seen_without(person, "Accept", accept)
        assert (answer.status_code, "Preferences" in answer.json()) == (200, True)
    url = f"{person.base}/v3/company/{person.realm}/invoice"
    refused = person.http.post(url, json={}, headers={"Accept": "*/*"}, timeout=10)
    assert (refused.status_code, refused.json()["Fault"]["type"]) == (400, "ValidationFault")


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "3202"), ("Bearer", "3202"), ("Bearer ", "3202"), ("Basic eDp5", "100"), ("Negotiate abc", "100"),
        ("OAuth oauth_token=x", "110"), ("Bearer short", "3200"), (f"Bearer {'x' * 5000}", "3200"),
        (f"Bearer {'x' * 80}", "3200"),
    ],
)  # fmt: skip
def test_what_no_token_a_bad_one_or_another_scheme_is_told(
    person: Person, authorization: str | None, code: str
) -> None:
    answer = as_seen_without(person, "Authorization", authorization)
    assert (answer.status_code, code_of(answer)) == (401, code)
    assert ("WWW-Authenticate" in answer.headers) is (code == "3200")


@pytest.mark.parametrize(
    ("state", "code", "status", "kind"),
    [
        ({"company": "wrong_cluster"}, "130", 401, "AuthenticationFault"),
        ({"company": "locked"}, "140", 503, "AuthenticationFault"),
        ({"company": "maintenance"}, "150", 503, "AuthenticationFault"),
        ({"person": "removed"}, "120", 401, "AuthorizatonFault"),
    ],
)
def test_a_company_that_is_closed_or_a_person_who_left(
    person: Person, state: dict[str, str], code: str, status: int, kind: str
) -> None:
    person.side("POST", "condition", state)
    for answer in (person.call("GET", "preferences"), person.call("POST", "invoice", INVOICE)):
        assert (answer.status_code, code_of(answer), answer.text[0]) == (status, code, "<")
        assert f'type="{kind}"' in answer.text
    person.side("POST", "settings", {"door_fault_body": "json", "closed_company_status": "403"})
    answer = person.call("GET", "preferences")
    assert (answer.status_code, answer.json()["Fault"]["type"]) == (403 if status == 503 else status, kind)
    assert answer.json()["Fault"]["Error"][0]["Detail"].endswith(f", statusCode: {answer.status_code}")
    person.side("POST", "condition", {"company": "open", "person": "admin"})
    assert person.call("GET", "preferences").status_code == 200


def test_one_company_is_closed_while_another_is_open(person: Person) -> None:
    person.side("POST", "companies", {"realm": "77"})
    person.side("POST", "condition", {"realm": "77", "company": "locked"})
    assert person.call("GET", "preferences").status_code == 200
    assert Person(person.base, "77").call("GET", "preferences").status_code == 503
    assert person.side("GET", "condition", realm="77")["company"] == "locked"


def test_an_ended_subscription_refuses_writes_and_answers_reads(person: Person) -> None:
    made = person.invoice(5)
    person.side("POST", "condition", {"company": "subscription_ended"})
    assert person.refused("Invoice", INVOICE)["code"] == "6190"
    assert person.refused("Invoice", made, operation="delete")["code"] == "6190"
    assert person.call("POST", f"invoice/{made['Id']}/send", sendTo="a@b.example").status_code == 400
    items = [{"bId": "1", "operation": "create", "Invoice": INVOICE}, {"bId": "2", "Query": "select * from Term"}]
    written, read = person.call("POST", "batch", {"BatchItemRequest": items}).json()["BatchItemResponse"]
    assert (written["Fault"]["Error"][0]["code"], "QueryResponse" in read) == ("6190", True)
    assert person.get("Invoice", made["Id"])["Id"] == made["Id"]
    person.side("POST", "settings", {"ended_subscription_status": "200"})
    answer = person.call("POST", "invoice", INVOICE)
    assert (answer.status_code, code_of(answer)) == (200, "6190")
    assert "You can't add data to QuickBooks Online Plus" in answer.text


@pytest.mark.parametrize(("listed", "code"), [("denied", "5020"), ("missing", "5030")])
def test_a_right_or_a_feature_that_is_not_there(person: Person, listed: str, code: str) -> None:
    person.side("POST", "condition", {listed: ["journalentry", "TrialBalance"]})
    assert person.refused("JournalEntry", journal(5))["code"] == code
    assert person.query_refused("select * from JournalEntry")["code"] == code
    assert code_of(person.call("GET", "journalentry/1")) == code
    assert code_of(person.call("GET", "reports/TrialBalance")) == code
    items = [
        {"bId": "1", "operation": "create", "JournalEntry": journal(5)},
        {"bId": "2", "Query": "select * from Term"},
    ]
    refused, done = person.call("POST", "batch", {"BatchItemRequest": items}).json()["BatchItemResponse"]
    assert (refused["Fault"]["Error"][0]["code"], "QueryResponse" in done) == (code, True)
    person.invoice(5)
    person.side("POST", "condition", {listed: []})
    person.post("JournalEntry", journal(5))


def test_the_side_door_knows_its_states(person: Person) -> None:
    for body in ({"company": "asleep"}, {"person": "guest"}, {"denied": "Invoice"}, {"colour": 1}):
        answer = requests.post(f"{person.base}/_sim/condition", data=json.dumps(body), timeout=10)
        assert (answer.status_code, "error" in answer.json()) == (400, True)
