"""The shapes in which faults travel: several in one, in an answer of HTTP 200, in XML, in the items of a batch."""

from typing import Any

import pytest
from catalogue_of_doors import ROWS as DOORS
from catalogue_of_doors import known_by, later, other_company, too_often, with_token
from catalogue_of_rules import GONE
from catalogue_rows import INVOICE, Act, Row, after, faults_of, get
from simulator_person import Doc, Person, journal_line, sale_line

from qbo_milestones.simulator.gateway.envelopes import NAMESPACE

LONG = "x" * 45
NO_ACCOUNT = {"Amount": 65, "DetailType": "JournalEntryLineDetail",
              "JournalEntryLineDetail": {"PostingType": "Debit", "AccountRef": {}}}  # fmt: skip
SEVERAL: list[tuple[str, str, Doc, list[tuple[str, str]]]] = [
    ("as captured: a number too long, a line without account", "JournalEntry",
     {"DocNumber": LONG, "Line": [NO_ACCOUNT, journal_line(65, "Credit", "8")]},
     [("2050", "DocNumber"), ("2020", "AccountRef")]),
    ("two wrong values", "Invoice", {**INVOICE, "TxnDate": "today", "EmailStatus": "Maybe"},
     [("2060", "TxnDate"), ("2170", "EmailStatus")]),
    ("a length and a wrong value", "Invoice", {**INVOICE, "DocNumber": LONG, "TxnDate": "today"},
     [("2050", "DocNumber"), ("2060", "TxnDate")]),
    ("two lines", "Invoice", {**INVOICE, "Line": [sale_line(1, Qty=2, UnitPrice=2), sale_line(2, Qty=3, UnitPrice=3)]},
     [("6070", "Amount"), ("6070", "Amount")]),
    ("two references", "Invoice", {**INVOICE, "CustomerRef": {"value": "99"}, "DepartmentRef": {"value": "New York"}},
     [("2500", "Reference Id"), ("2030", "DepartmentRef.value")]),
    ("a length and a reference", "Customer", {"DisplayName": "y" * 501, "SalesTermRef": {"value": "99"}},
     [("2050", "DisplayName"), ("2500", "Reference Id")]),
    ("nothing but a length", "Invoice", {**INVOICE, "DocNumber": LONG}, [("2050", "DocNumber")]),
    ("what cannot be read is not looked at further", "Invoice", {**INVOICE, "DocNumber": LONG, "Colour": "red"},
     [("2010", "")]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "body", "told"), [case[1:] for case in SEVERAL], ids=[case[0] for case in SEVERAL])
def test_several_problems_are_told_in_one_fault(
    person: Person, name: str, body: Doc, told: list[tuple[str, str]]
) -> None:
    """2.5: Error can hold several entries; nothing of the request is kept."""
    before = person.side("GET", "dump")
    answer = person.call("POST", name.lower(), body)
    assert answer.status_code == 400
    assert [(fault.code, fault.element or "") for fault in faults_of(answer)] == told
    assert person.side("GET", "dump") == before


def test_an_update_tells_a_length_with_what_else_is_wrong(person: Person) -> None:
    """And changes nothing."""
    made = person.invoice()
    body = {"Id": made["Id"], "SyncToken": "7", "sparse": True, "DocNumber": LONG}
    answer = person.call("POST", "invoice", body)
    assert [fault.code for fault in faults_of(answer)] == ["2050", "5010"]
    assert person.get("Invoice", made["Id"]) == made


def test_a_fault_can_come_with_http_200(person: Person) -> None:
    """2.5: always to be parsed; the work is not done, or it is."""
    person.side("POST", "faults", {"kind": "fault_in_200", "code": "610", "detail": GONE, "status": 400})
    answer = person.call("POST", "invoice", INVOICE)
    assert (answer.status_code, faults_of(answer)[0].code, faults_of(answer)[0].detail) == (200, "610", GONE)
    assert person.query("select count(*) from Invoice")["totalCount"] == 0
    person.side("POST", "faults", {"kind": "fault_in_200", "after_commit": True})
    assert "Fault" in person.call("POST", "invoice", INVOICE).json()
    assert person.query("select count(*) from Invoice")["totalCount"] == 1


XML_FAULTS: list[tuple[str, str, Act]] = [
    ("3001", "SERVICE", too_often), ("3100", "SERVICE", other_company),
    ("3100", "SERVICE", lambda person: with_token(person, "*/*", scope="openid")),
    ("3200", "AUTHENTICATION", after(later(3600), get("preferences"))),
    ("3200", "AUTHENTICATION", known_by("Bearer short", "*/*")),
    ("3202", "AUTHENTICATION", known_by(None, "*/*")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "kind", "act"), XML_FAULTS)
def test_the_gateway_says_no_in_xml_where_json_is_not_asked_for(person: Person, code: str, kind: str, act: Act) -> None:
    """1.6: the same code and words as in JSON."""
    person.http.headers["Accept"] = "*/*"
    answer = act(person)
    assert answer.headers["Content-Type"] == "application/xml;charset=UTF-8"
    assert f'xmlns="{NAMESPACE}"' in answer.text
    (fault,) = faults_of(answer)
    assert (fault.code, fault.kind) == (code, kind)
    assert f"errorCode=00{code}; statusCode={answer.status_code}" in fault.message


COMPANY_DOOR = [row for row in DOORS if row.code in ("100", "110", "120", "130", "140", "150")]


@pytest.mark.parametrize("row", COMPANY_DOOR, ids=[row.code for row in COMPANY_DOOR])
@pytest.mark.parametrize("shape", ["xml", "json"])
def test_the_company_door_has_one_shape_whatever_was_asked_for(person: Person, row: Row, shape: str) -> None:
    """Seen in XML for JSON; the other shape by a switch."""
    person.side("POST", "settings", {"door_fault_body": shape})
    answer = row.act(person)
    assert (shape in answer.headers["Content-Type"], answer.text[0]) == (True, "<" if shape == "xml" else "{")
    (fault,) = faults_of(answer)
    assert (fault.kind, fault.code, fault.message) == (row.kind, row.code, row.message)


# batches ------------------------------------------------------------------------------------------


def item(name: str, body: Any, operation: str = "create") -> Doc:
    """A write in a batch."""
    return {"operation": operation, name: body}


ITEMS: list[tuple[str, Doc]] = [
    ("2000", {"operation": "create", "Gadget": {}}),
    ("2010", item("Invoice", {**INVOICE, "Colour": "red"})),
    ("2010", item("Invoice", "none")),
    ("2010", item("Invoice", [1], "delete")),
    ("2020", item("Invoice", {"CustomerRef": {"value": "1"}})),
    ("2020", item("Invoice", {}, "delete")),
    ("2030", item("Invoice", {"Id": "abc", "SyncToken": "0"}, "delete")),
    ("2030", item("Invoice", {"Id": "abc"}, "send")),
    ("2050", item("Invoice", {**INVOICE, "DocNumber": LONG})),
    ("2170", item("Invoice", {**INVOICE, "EmailStatus": "Maybe"})),
    ("2300", item("JournalEntry", {"Line": [journal_line(10, "Debit", "4"), journal_line(9, "Credit", "8")]})),
    ("2500", item("Invoice", {**INVOICE, "CustomerRef": {"value": "99"}})),
    ("4000", {"Query": "select"}),
    ("4001", {"Query": "select * from Gadget"}),
    ("500", item("Customer", {"Id": "1", "SyncToken": "0"}, "delete")),
    ("500", item("Invoice", INVOICE, "explode")),
    ("500", {"CDCQuery": {"Entities": "TaxCode", "ChangedSince": "2026-10-01"}}),
    ("2070", {"CDCQuery": {"Entities": "Invoice", "ChangedSince": "yesterday"}}),
    ("5010", item("Customer", {"Id": "1", "SyncToken": "9", "sparse": True}, "update")),
    ("610", item("Invoice", {"Id": "999", "SyncToken": "0"}, "void")),
    ("620", item("Payment", {"CustomerRef": {"value": "1"}, "TotalAmt": 1, "Line": [
        {"Amount": 1, "LinkedTxn": [{"TxnId": "999", "TxnType": "Invoice"}]}]})),
    ("6000", item("Payment", {"CustomerRef": {"value": "1"}})),
    ("6210", item("Invoice", {**INVOICE, "TxnDate": "2025-12-31"})),
    ("6240", item("Customer", {"DisplayName": "Acme Robotics"})),
    ("6430", item("RefundReceipt", {**INVOICE, "DepositToAccountRef": {"value": "8"}})),
]  # fmt: skip


def in_batch(person: Person, *items: Doc) -> list[Doc]:
    """The answers of a batch, each with its bId."""
    sent = [{"bId": f"bid{place}", **each} for place, each in enumerate(items)]
    answer = person.call("POST", "batch", {"BatchItemRequest": sent})
    assert answer.status_code == 200, answer.text
    found: list[Doc] = answer.json()["BatchItemResponse"]
    assert [each["bId"] for each in found] == [each["bId"] for each in sent]
    return found


def test_each_item_of_a_batch_has_its_own_fault(person: Person) -> None:
    """HTTP 200, a Fault of type ValidationFault in each, and the good ones between them are done."""
    person.side("POST", "settings", {"batch_limit": 60})
    good = item("Invoice", INVOICE)
    found = in_batch(person, *(each for _, bad in ITEMS for each in (bad, good)))
    assert [code for (code, _), each in zip(ITEMS, found[::2], strict=True) if "Fault" not in each] == []
    faults = [each["Fault"] for each in found[::2]]
    assert [(fault["Error"][0]["code"], fault["type"]) for fault in faults] == [
        (code, "ValidationFault") for code, _ in ITEMS
    ]
    assert all("Invoice" in each for each in found[1::2])
    assert person.query("select count(*) from Invoice")["totalCount"] == len(ITEMS)
    person.proof()


@pytest.mark.parametrize(
    ("state", "code"),
    [({"denied": ["Invoice"]}, "5020"), ({"missing": ["Invoice"]}, "5030"), ({"company": "subscription_ended"}, "6190"),
     ({"company": "reset"}, "10200")],
)  # fmt: skip
def test_a_state_of_the_company_is_told_item_by_item(person: Person, state: dict[str, Any], code: str) -> None:
    """What may not be written is refused by itself; what may be asked is answered."""
    person.side("POST", "condition", state)
    refused, answered = in_batch(person, item("Invoice", INVOICE), {"Query": "select * from Term"})
    assert refused["Fault"]["Error"][0]["code"] == code
    assert answered["QueryResponse"]["Term"]
