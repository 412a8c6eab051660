"""The batch endpoint: what an item can be, its own answer or Fault, and the limits of the whole."""

from typing import Any

from simulator_person import Doc, Person, sale_line

INVOICE: Doc = {"CustomerRef": {"value": "1"}, "Line": [sale_line(5)]}


def batch(person: Person, *items: Doc, **query: str) -> list[Doc]:
    answer = person.call("POST", "batch", {"BatchItemRequest": list(items)}, **query)
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["BatchItemResponse", "time"]
    found: list[Doc] = answer.json()["BatchItemResponse"]
    return found


def refused(person: Person, body: Any, **query: str) -> Doc:
    answer = person.call("POST", "batch", body, **query)
    assert answer.status_code == 400, answer.text
    error: Doc = answer.json()["Fault"]["Error"][0]
    return error


def code(item: Doc) -> str:
    fault: Doc = item["Fault"]
    assert fault["type"] == "ValidationFault"
    return str(fault["Error"][0]["code"])


def create(b_id: str, body: Doc | None = None) -> Doc:
    return {"bId": b_id, "operation": "create", "Invoice": body or INVOICE}


def test_items_succeed_and_fail_one_by_one_in_their_order(person: Person) -> None:
    bad = create("b", {"Line": [sale_line(5)]})
    query = {"bId": "c", "Query": "select count(*) from Invoice"}
    found = batch(person, create("a"), bad, query, {"bId": "d", "Query": "select * from Invoice where x = 'y'"})
    assert [each["bId"] for each in found] == ["a", "b", "c", "d"]
    assert [list(each) for each in found] == [["Invoice", "bId"], ["Fault", "bId"], ["QueryResponse", "bId"],
                                              ["Fault", "bId"]]  # fmt: skip
    assert found[0]["Invoice"] == person.get("Invoice", "1")
    assert (code(found[1]), code(found[3])) == ("2020", "4001")
    assert found[2]["QueryResponse"] == {"totalCount": 1}


def test_every_operation_of_a_document_is_an_item(person: Person) -> None:
    first, second, third, fourth = (person.invoice(5, PrivateNote="before") for _ in range(4))
    whole = {**INVOICE, "Id": first["Id"], "SyncToken": "0"}
    sparse = {"Id": second["Id"], "SyncToken": "0", "sparse": True, "DueDate": "2026-12-24"}
    handle = {"Id": third["Id"], "SyncToken": "0"}
    found = batch(
        person,
        {"bId": "1", "operation": "update", "Invoice": whole},
        {"bId": "2", "operation": "update", "Invoice": sparse},
        {"bId": "3", "operation": "update", "optionsData": "void", "Invoice": handle},
        {"bId": "4", "operation": "delete", "Invoice": {"Id": fourth["Id"], "SyncToken": "0"}},
        {"bId": "5", "operation": "void", "Invoice": {"Id": second["Id"], "SyncToken": "1"}},
    )
    assert "PrivateNote" not in found[0]["Invoice"]
    assert (found[1]["Invoice"]["PrivateNote"], found[1]["Invoice"]["DueDate"]) == ("before", "2026-12-24")
    assert (found[2]["Invoice"]["TotalAmt"], found[2]["Invoice"]["PrivateNote"]) == (0, "Voided - before")
    assert found[3] == {"Invoice": {"status": "Deleted", "domain": "QBO", "Id": fourth["Id"]}, "bId": "4"}
    assert found[4]["Invoice"]["TotalAmt"] == 0
    person.proof()


def test_an_item_sends_an_invoice(person: Person) -> None:
    made = person.invoice(5, BillEmail={"Address": "ann@example.com"})
    (sent,) = batch(person, {"bId": "1", "operation": "send", "Invoice": {"Id": made["Id"]}})
    assert sent["Invoice"]["EmailStatus"] == "EmailSent"


def test_items_do_not_see_each_other_fail(person: Person) -> None:
    """A stale token, a deleted object and a duplicate name beside what succeeds."""
    made, gone = person.invoice(5), person.invoice(5)
    person.call("POST", "invoice", {"Id": gone["Id"], "SyncToken": "0"}, operation="delete")
    found = batch(
        person,
        {"bId": "1", "operation": "update", "Invoice": {**INVOICE, "Id": made["Id"], "SyncToken": "7"}},
        {"bId": "2", "operation": "delete", "Invoice": {"Id": gone["Id"], "SyncToken": "0"}},
        {"bId": "3", "operation": "create", "Customer": {"DisplayName": "Acme Robotics"}},
        create("4"),
    )
    assert [code(each) for each in found[:3]] == ["5010", "610", "6240"]
    assert found[3]["Invoice"]["TotalAmt"] == 5


def test_change_data_and_reports_are_items_too(person: Person) -> None:
    """From the schema of the batch request."""
    made = person.invoice(5)
    asked = {"Entities": "Invoice,Payment", "ChangedSince": "2026-10-15T11:00:00-04:00"}
    changes, trial, wrong = batch(
        person,
        {"bId": "1", "CDCQuery": asked},
        {"bId": "2", "ReportQuery": "TrialBalance?end_date=2026-10-31"},
        {"bId": "3", "CDCQuery": {"Entities": "TaxCode", "ChangedSince": "2026-10-15"}},
    )
    assert changes["CDCResponse"]["QueryResponse"][0]["Invoice"] == [made]
    assert changes["CDCResponse"]["QueryResponse"][1] == {}
    assert (trial["Report"]["Header"]["ReportName"], trial["bId"]) == ("TrialBalance", "2")
    assert code(wrong) == "500"


def test_a_missing_or_double_id_does_not_matter(person: Person) -> None:
    query = {"Query": "select count(*) from Term"}
    found = batch(person, query, {**query, "bId": "x"}, {**query, "bId": "x"}, {**query, "bId": 7})
    assert [each.get("bId") for each in found] == [None, "x", "x", "7"]


def test_what_an_item_cannot_be_is_its_own_fault(person: Person) -> None:
    found = batch(
        person,
        {"bId": "1", "operation": "create", "Nothing": {}},
        {"bId": "2", "operation": "frobnicate", "Invoice": INVOICE},
        {"bId": "3", "operation": "create"},
        {"bId": "4", "operation": "delete", "Customer": {"Id": "1", "SyncToken": "0"}},
        {"bId": "5", "operation": "create", "Invoice": None},
        {"bId": "6", "operation": "create", "Invoice": "text"},
        {"bId": "7", "operation": "update", "Invoice": INVOICE},
        {"bId": "8", "ReportQuery": "http://[Nothing"},
        create("9"),
    )
    assert [each["bId"] for each in found] == [str(number) for number in range(1, 10)]
    assert [code(each) for each in found[:4]] == ["2000", "500", "2000", "500"]
    assert all("Fault" in each for each in found[:8])
    assert found[8]["Invoice"]["Id"] == "1"


def test_the_number_of_items_is_limited(person: Person) -> None:
    query = {"bId": "a", "Query": "select count(*) from Term"}
    assert len(batch(person, *[query] * 30)) == 30
    assert refused(person, {"BatchItemRequest": [query] * 31})["code"] == "1040"
    person.side("POST", "settings", {"batch_limit": 10})
    error = refused(person, {"BatchItemRequest": [query] * 11})
    assert (error["code"], "10" in error["Detail"]) == ("1040", True)


def test_an_empty_batch_is_refused(person: Person) -> None:
    bodies: list[Any] = [
        {},
        {"BatchItemRequest": []},
        [],
        "text",
        {"BatchItemRequest": {}},
        {"BatchItemRequest": ["x"]},
    ]
    for body in bodies:
        error = refused(person, body)
        assert (error["code"], error["Detail"]) == (
            "2020",
            "Required parameter BatchItemRequest is missing in the request",
        )


def test_all_items_together_answer_with_a_thousand_objects(person: Person) -> None:
    books = {"Invoice": [{"CustomerRef": {"value": "1"}, "Line": [sale_line(1)]} for _ in range(600)]}
    person.side("POST", "load", books, merge="1")
    page = {"Query": "select * from Invoice maxresults 500"}
    found = batch(person, {"bId": "1", **page}, {"bId": "2", **page}, {"bId": "3", **page}, create("4"))
    assert [each["QueryResponse"]["maxResults"] for each in found[:2]] == [500, 500]
    assert code(found[2]) == "10100"
    assert found[3]["Invoice"]["TotalAmt"] == 5
