"""What the test suites of public clients, which run on live companies, rely on."""

from typing import Any

import pytest
import requests
from client_rows import FOUNDATIONS, ROWS
from simulator_person import Doc, Person, sale_line

SALE = {"Line": [sale_line(10, "4")]}
REPEATED = [
    ("Class", {"Active": True}, {"Name": "Research"}),
    ("Term", {"DiscountDays": 3}, {"Name": "Net 90", "DueDays": 90}),
    ("Bill", {"PrivateNote": "x"}, {"VendorRef": {"value": "901"}}),
    ("Purchase", {"PrivateNote": "x"}, {"PaymentType": "CreditCard"}),
]
"""Entity, what a sparse update changes, what it must say again."""


def upload(person: Person, content: bytes) -> Doc:
    """One file that is about the first invoice; the item of the answer."""
    metadata = '{"AttachableRef":[{"EntityRef":{"type":"Invoice","value":"1"}}],"FileName":"a.txt"}'
    files: Any = {
        "file_metadata_01": ("m.json", metadata, "application/json"),
        "file_content_01": ("a.txt", content, "text/plain"),
    }
    answer = person.http.post(f"{person.base}/v3/company/{person.realm}/upload", files=files, timeout=10)
    found: Doc = answer.json()["AttachableResponse"][0]
    return found


def test_a_file_changes_the_document_that_it_is_attached_to(person: Person) -> None:
    person.invoice(5)
    made = upload(person, b"signed")["Attachable"]
    assert person.get("Invoice", "1")["SyncToken"] == "1"
    renamed = person.post("Attachable", {**made, "FileName": "b.txt"})
    assert (renamed["SyncToken"], person.get("Invoice", "1")["SyncToken"]) == ("1", "1")
    assert person.refused("Invoice", {"Id": "1", "SyncToken": "0", "sparse": True})["code"] == "5010"
    person.side("POST", "settings", {"attaching_changes_target": False})
    upload(person, b"signed again")
    assert person.get("Invoice", "1")["SyncToken"] == "1"
    person.proof()


def test_a_file_without_a_byte(person: Person) -> None:
    person.invoice(5)
    made = upload(person, b"")["Attachable"]
    assert (made["Size"], requests.get(made["TempDownloadUri"], timeout=10).content) == (0, b"")
    person.side("POST", "settings", {"empty_upload": "refuse"})
    assert upload(person, b"")["Fault"]["Error"][0]["code"] == "6041"


@pytest.mark.parametrize(("name", "change", "again"), REPEATED, ids=[case[0] for case in REPEATED])
def test_what_a_sparse_update_says_again(person: Person, name: str, change: Doc, again: Doc) -> None:
    person.side("POST", "load", FOUNDATIONS, merge="1")
    made = person.post(name, next(row.body for row in ROWS if row.entity == name))
    handle = {"Id": made["Id"], "sparse": True, **change}
    assert person.post(name, {**handle, "SyncToken": "0"})["SyncToken"] == "1"
    person.side("POST", "settings", {"sparse_repeats": "refuse"})
    answer = person.call("POST", name.lower(), {**handle, "SyncToken": "1"})
    errors = answer.json()["Fault"]["Error"]
    assert [(each["code"], each["element"]) for each in errors] == [("2020", field) for field in again]
    assert person.post(name, {**handle, "SyncToken": "1", **again})["SyncToken"] == "2"


@pytest.mark.parametrize("name", ["SalesReceipt", "RefundReceipt"])
def test_something_is_sold_over_the_counter(person: Person, name: str) -> None:
    """Neither names a customer; an invoice must."""
    made = person.post(name, {**SALE, "DepositToAccountRef": {"value": "1"}})
    assert ("CustomerRef" in made, made["TotalAmt"]) == (False, 10)
    assert person.call("GET", "reports/CustomerSales", start_date="2026-01-01", end_date="2026-12-31").ok
    assert person.refused("Invoice", SALE)["element"] == "CustomerRef"
    person.proof()


def test_changes_since_long_ago(person: Person) -> None:
    """Refused, or answered for the thirty days that are kept."""
    person.invoice(5)
    asked = {"entities": "Invoice,Customer", "changedSince": "2016-06-02T00:00:00Z"}
    assert person.call("GET", "cdc", **asked).json()["Fault"]["Error"][0]["code"] == "500"
    person.side("POST", "settings", {"cdc_too_old": "answer"})
    groups = person.call("GET", "cdc", **asked).json()["CDCResponse"][0]["QueryResponse"]
    assert [list(group)[:1] for group in groups] == [["Invoice"], []]


def test_what_the_schema_knows_of_a_vendor_is_passed_over(person: Person) -> None:
    made = person.post("Vendor", {"DisplayName": "Ink", "Notes": "slow", "ShipAddr": {"Line1": "Quay 1"}})
    assert {"Notes", "ShipAddr"} & set(made) == set()
    assert person.refused("Vendor", {"DisplayName": "Pen", "Note": "slow"})["code"] == "2010"


def test_an_id_that_is_no_number_is_not_looked_for(person: Person) -> None:
    answer = person.call("GET", "query", query="select * from creditmemo where id = 'invalid'")
    assert answer.json()["Fault"]["Error"][0]["code"] == "4001"
    assert person.query("select * from TaxCode where Id = 'NON'")["TaxCode"][0]["Name"] == "NON"
    assert person.query("select * from Invoice where Id in ('1', ' ')") == {}


def test_a_page_may_be_asked_for_by_its_size_first(person: Person) -> None:
    """As Pipedream does it for everyone, page by page until one is empty."""
    asked = (
        "select * from Customer Where Metadata.LastUpdatedTime >= '1970-01-01' orderby Metadata.LastUpdatedTime desc"
    )
    first = person.query(f"{asked} maxresults 8  ")["Customer"]
    second = person.query(f"{asked} maxresults 8 startposition 9 ")["Customer"]
    assert sorted(int(each["Id"]) for each in first + second) == list(range(1, 12))
    assert person.query(f"{asked} maxresults 8 startposition 17 ") == {}
