"""Paths, methods, content types and bodies: what leads somewhere, and how the rest is refused."""

from typing import Any

import pytest
import requests
from simulator_person import Doc, Person, sale_line

INVOICE: Doc = {"CustomerRef": {"value": "1"}, "Line": [sale_line(5)]}
NO_METHOD = "Operation No resource method found for {}, return 405 with Allow header is not supported."


def error_of(answer: requests.Response) -> Doc:
    assert answer.status_code == 400, answer.text
    fault = answer.json()["Fault"]
    assert fault["type"] == "ValidationFault"
    error: Doc = fault["Error"][0]
    return error


def raw(person: Person, path: str, body: bytes, content_type: str | None = "application/json") -> requests.Response:
    url = f"{person.base}/v3/company/{person.realm}/{path}"
    headers = {"Content-Type": content_type} if content_type else {}
    return person.http.post(url, data=body, headers=headers, timeout=10)


def test_an_entity_in_a_path_is_known_in_any_case(person: Person) -> None:
    person.invoice(5)
    for path in ("invoice/1", "Invoice/1", "INVOICE/1", "invoice/1/"):
        assert person.call("GET", path).json()["Invoice"]["Id"] == "1"
    assert person.call("GET", "SalesReceipt/1").json()["Fault"]["Error"][0]["code"] == "610"


def test_company_info_is_read_by_the_realm(person: Person) -> None:
    for key in (person.realm, "1"):
        assert person.call("GET", f"companyinfo/{key}").json()["CompanyInfo"]["CompanyName"] == "Northlight Studio"
    assert person.call("GET", "preferences").json()["Preferences"]["Id"] == "1"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "invoice"), ("GET", "invoice/"), ("PUT", "invoice"), ("DELETE", "invoice/1"), ("PATCH", "invoice/1"),
     ("POST", "invoice/1"), ("POST", "cdc"), ("PUT", "query"), ("GET", "invoice/1/nothing"), ("GET", "customer")],
)  # fmt: skip
def test_a_method_that_a_path_does_not_know_is_refused(person: Person, method: str, path: str) -> None:
    """Captured: 500 over HTTP 400, without element."""
    answer = person.call(method, path, {} if method != "GET" else None)
    assert error_of(answer) == {"Message": "Unsupported Operation", "Detail": NO_METHOD.format(method), "code": "500"}


def test_a_missing_id_of_some_entities_is_refused_in_other_words(person: Person) -> None:
    detail = error_of(person.call("GET", "vendor"))["Detail"]
    assert detail == "Operation operation could not find resource for entity vendor is not supported."


def test_a_path_that_leads_nowhere_is_refused(person: Person) -> None:
    path = f"/v3/company/{person.realm}/nothing/1"
    detail = error_of(person.call("GET", "nothing/1"))["Detail"]
    full = f"{person.base}{path}"
    assert detail == f"Operation Could not find resource for relative : {path} of full path: {full} is not supported."
    for wrong in ("invoice/1/send/again", "invoice//1"):
        assert error_of(person.call("POST", wrong, {}))["code"] == "500"


@pytest.mark.parametrize("key", ["abc", "1a", "-1", "1.0", "9999999999999", "\u00b2"])
def test_an_id_that_is_no_number_is_refused(person: Person, key: str) -> None:
    error = error_of(person.call("GET", f"invoice/{key}"))
    assert (error["code"], error["Message"]) == ("2030", "Invalid ID")
    assert error["Detail"] == f"Id should be a valid number. Supplied value:{key}"


def test_minor_versions_are_taken_and_do_not_matter(person: Person) -> None:
    answers = [
        person.call("GET", "preferences", **query).json()["Preferences"]
        for query in ({}, {"minorversion": "1"}, {"minorversion": "75"}, {"minorversion": "99"}, {"minorversion": "x"})
    ]
    assert all(answer == answers[0] for answer in answers)


def test_words_of_include_that_mean_nothing_here_are_passed_over(person: Person) -> None:
    for include in ("invoiceLink", "enhancedAllCustomFields,allowduplicatedocnum", "nothing"):
        assert person.call("POST", "invoice", INVOICE, include=include).status_code == 200
        assert person.call("GET", "invoice/1", include=include).status_code == 200


def test_only_json_is_taken_as_a_body(person: Person) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        error = error_of(raw(person, "invoice", b"{}", content_type))
        assert (error["code"], error["Detail"]) == ("500", "Operation Cannot consume content type is not supported.")
    person.side("POST", "settings", {"content_type_fault": "1050"})
    assert error_of(raw(person, "invoice", b"{}", "text/plain"))["code"] == "1050"
    body = b'{"DisplayName": "Someone"}'
    for content_type in ("application/json; charset=utf-8", "APPLICATION/JSON"):
        body = body.replace(b"Someone", b"Someone else")
        assert raw(person, "customer", body, content_type).status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b"{'a': 1}", b"not json", b'{"Line": [}', b'{"TotalAmt": NaN}', b"[" * 100_000, b'{"a": 1} x']
)
def test_a_body_that_is_no_json_is_refused(person: Person, body: bytes) -> None:
    error = error_of(raw(person, "invoice", body))
    assert error == {
        "Message": "Request has invalid or unsupported property",
        "Detail": "Property Name:failed to parse json object; a property specified is unsupported or invalid",
        "code": "2010",
    }


@pytest.mark.parametrize("body", [[], "text", 5, None, True])
def test_a_body_that_is_no_object_is_refused(person: Person, body: Any) -> None:
    answer = person.http.post(f"{person.base}/v3/company/{person.realm}/invoice", json=body, timeout=10)
    if body is None:
        answer = raw(person, "invoice", b"null")
    assert error_of(answer)["code"] in ("2010", "2020", "2120")
