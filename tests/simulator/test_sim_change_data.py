"""Change data capture: groups, order, deleted stubs, limits, and what is refused."""

from typing import Any

import pytest
from simulator_person import Doc, Person, sale_line

NOON = "2026-10-15T12:00:00-04:00"


def groups(person: Person, entities: str, since: str = NOON) -> list[Any]:
    answer = person.call("GET", "cdc", entities=entities, changedSince=since)
    assert answer.status_code == 200, answer.text
    (response,) = answer.json()["CDCResponse"]
    assert list(response) == ["QueryResponse"]
    found: list[Any] = response["QueryResponse"]
    return found


def refused(person: Person, **query: str) -> Doc:
    answer = person.call("GET", "cdc", **query)
    assert answer.status_code == 400, answer.text
    error: Doc = answer.json()["Fault"]["Error"][0]
    return error


def later(person: Person, seconds: int = 10) -> None:
    person.side("POST", "clock", {"advance_s": seconds})


def delete(person: Person, made: Doc) -> None:
    handle = {"Id": made["Id"], "SyncToken": made["SyncToken"]}
    assert person.call("POST", "invoice", handle, operation="delete").status_code == 200


def test_every_entity_asked_for_has_its_group_in_the_order_asked(person: Person) -> None:
    """As captured: what did not change is an empty group; counts are those of the group."""
    later(person)
    person.post("Customer", {"Id": "2", "SyncToken": "0", "sparse": True, "Notes": "changed"})
    made = person.invoice(1)
    found = groups(person, "Bill,invoice, CUSTOMER ,Payment", "2026-10-15T12:00:05-04:00")
    assert found[0] == found[3] == {}
    assert found[1] == {"Invoice": [made], "startPosition": 1, "maxResults": 1, "totalCount": 1}
    assert [each["Id"] for each in found[2]["Customer"]] == ["2"]
    assert list(found[2]) == ["Customer", "startPosition", "maxResults"]


def test_live_objects_come_in_the_order_of_their_change_then_the_deleted(person: Person) -> None:
    made = [person.invoice(amount) for amount in (1, 2, 3, 4)]
    later(person)
    delete(person, made[1])
    later(person)
    delete(person, made[0])
    changed = {"Id": made[2]["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "x"}
    person.post("Invoice", changed)
    (group,) = groups(person, "Invoice")
    assert [each["Id"] for each in group["Invoice"]] == ["4", "3", "2", "1"]
    assert group["Invoice"][1]["PrivateNote"] == "x"
    assert group["Invoice"][2] == {
        "status": "Deleted", "domain": "QBO", "Id": "2", "MetaData": {"LastUpdatedTime": "2026-10-15T12:00:10-04:00"},
    }  # fmt: skip
    assert group["maxResults"] == group["totalCount"] == 4
    (group,) = groups(person, "Invoice", "2026-10-15T12:00:11-04:00")
    assert [each["Id"] for each in group["Invoice"]] == ["3", "1"]


def test_a_payment_shows_the_invoice_it_changed(person: Person) -> None:
    """The invoice is there with its new balance, though nobody touched it."""
    made = person.invoice(100)
    later(person)
    person.pay(40, ("Invoice", made["Id"], 40))
    found = groups(person, "Invoice,Payment", "2026-10-15T12:00:01-04:00")
    assert (found[0]["Invoice"][0]["Balance"], found[0]["Invoice"][0]["SyncToken"]) == (60, "1")
    assert found[1]["Payment"][0]["TotalAmt"] == 40


def test_a_name_made_inactive_is_an_object_not_a_stub(person: Person) -> None:
    later(person)
    person.post("Customer", {"Id": "9", "SyncToken": "0", "sparse": True, "Active": False})
    (group,) = groups(person, "Customer", "2026-10-15T12:00:01-04:00")
    (gone,) = group["Customer"]
    assert (gone["Active"], gone["DisplayName"].endswith(" (deleted)"), "status" in gone) == (False, True, False)


def test_what_is_there_again_under_its_id_is_no_longer_deleted(person: Person) -> None:
    made = person.invoice(5)
    delete(person, made)
    (group,) = groups(person, "Invoice")
    assert group["Invoice"][0]["status"] == "Deleted"
    person.side("POST", "load", {"Invoice": [made]}, merge="1")
    (group,) = groups(person, "Invoice")
    assert [each.get("status") for each in group["Invoice"]] == [None]


@pytest.mark.parametrize(
    "since",
    ["2026-10-15", "2026-10-15T12:00:10", "2026-10-15T16:00:10Z", "2026-10-15T12:00:10-0400",
     "2026-10-15T18:00:10+02:00", "2026-10-15T18:00:10 02:00", "2026-10-15 12:00:10.000-04:00"],
)  # fmt: skip
def test_the_date_is_taken_with_and_without_time_and_offset(person: Person, since: str) -> None:
    later(person)
    made = person.invoice(5)
    (group,) = groups(person, "Invoice", since)
    assert [each["Id"] for each in group["Invoice"]] == [made["Id"]]


def test_a_thousand_objects_are_the_most_over_all_groups(person: Person) -> None:
    later(person, 5)
    books = {"Invoice": [{"CustomerRef": {"value": "1"}, "Line": [sale_line(1)]} for _ in range(1005)]}
    person.side("POST", "load", books, merge="1")
    later(person, 5)
    person.post("Customer", {"Id": "2", "SyncToken": "0", "sparse": True, "Notes": "changed"})
    found = groups(person, "Customer,Invoice,Payment", "2026-10-15T12:00:01-04:00")
    assert [group.get("maxResults") for group in found] == [1, 999, None]
    assert found[1]["Invoice"][0]["Id"] == "1"
    (only,) = groups(person, "Invoice", "2026-10-15T12:00:01-04:00")
    assert (only["maxResults"], only["totalCount"]) == (1000, 1000)


def test_it_looks_back_thirty_days(person: Person) -> None:
    assert groups(person, "Payment", "2026-09-15T12:00:00-04:00") == [{}]
    error = refused(person, entities="Payment", changedSince="2026-09-15T11:59:59-04:00")
    what = "cdc with changedSince date 2026-09-15T11:59:59-04:00 which is older than fixed days"
    assert error == {
        "Message": "Unsupported Operation", "Detail": f"Operation {what} is not supported.", "code": "500",
    }  # fmt: skip


def test_what_cannot_be_asked_is_refused(person: Person) -> None:
    for name in ("TaxCode", "TaxRate", "TaxAgency", "TimeActivity", "JournalCode"):
        assert refused(person, entities=f"Invoice,{name}", changedSince=NOON)["code"] == "500"
    assert refused(person, entities="Invoice,Nothing", changedSince=NOON)["code"] == "2000"
    assert refused(person, entities="Invoice", changedSince="tomorrow")["code"] == "2070"
    assert refused(person, entities="Invoice")["Detail"] == "Required parameter changedSince is missing in the request"
    assert refused(person, changedSince=NOON)["Detail"] == "Required parameter entities is missing in the request"
    both = person.call("GET", "cdc").json()["Fault"]["Error"]
    assert [each["code"] for each in both] == ["2020", "2020"]
    assert person.call("POST", "cdc", {}, entities="Invoice", changedSince=NOON).status_code == 400
    person.side("POST", "settings", {"cdc_time_activity": True})
    assert groups(person, "TimeActivity") == [{}]
