"""Webhooks: what is told, to whom, in which shape, and what an answer means (quickbooks-online.md 7)."""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
import requests
from client_rows import FOUNDATIONS, ROWS, Row
from little_receiver import Receiver, receiving
from simulator_person import Doc, Person, payment, sale_line

from qbo_milestones.simulator.front import new_world
from qbo_milestones.simulator.webhooks.catalogue import OPERATIONS, TOLD

TOKEN = "a verifier token"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An app's endpoint."""
    with receiving() as found:
        yield found


@pytest.fixture
def told(person: Person, receiver: Receiver) -> Person:
    """The person, whose app is told of everything at the receiver; nothing goes out by itself."""
    person.side("POST", "settings", {"webhook_timer": False})
    register(person, receiver)
    return person


def register(person: Person, receiver: Receiver, **more: Any) -> Doc:
    body = {"client_id": "side-door", "url": receiver.url, "verifier_token": TOKEN, **more}
    return person.side("POST", "webhooks", body)


def deliver(person: Person) -> Doc:
    return person.side("POST", "webhooks/deliver")


def test_a_cloud_event_tells_what_happened_to_which_object_of_which_company(told: Person, receiver: Receiver) -> None:
    made = told.invoice(100)
    sent = deliver(told)["sent"]
    (event,) = json.loads(receiver.bodies[0])
    assert event.keys() == {
        "specversion", "id", "source", "type", "datacontenttype", "time", "intuitentityid", "intuitaccountid", "data",
    }  # fmt: skip
    assert (event["type"], event["intuitentityid"]) == ("qbo.invoice.created.v1", made["Id"])
    assert (event["intuitaccountid"], event["specversion"], event["data"]) == (told.realm, "1.0", {})
    assert re.fullmatch(r"2026-10-15T16:00:00\.\d{9}Z", event["time"])
    assert re.fullmatch(r"intuit\..{43}=", event["source"])
    assert (sent[0]["status"], sent[0]["acknowledged"], sent[0]["events"]) == (200, True, [event["id"]])


def test_the_post_is_signed_over_its_raw_bytes(told: Person, receiver: Receiver) -> None:
    """Also as python-quickbooks checks it."""
    told.invoice(100)
    deliver(told)
    body, headers = receiver.bodies[0], receiver.headers[0]
    mac = hmac.new(TOKEN.encode(), body.encode(), hashlib.sha256).digest()
    assert headers["intuit-signature"] == base64.b64encode(mac).decode()
    client: Any = import_module("quickbooks").QuickBooks(verifier_token=TOKEN, minorversion=75)
    assert client.validate_webhook_signature(body, headers["intuit-signature"])
    assert not client.validate_webhook_signature(body + " ", headers["intuit-signature"])
    assert headers["user-agent"] == "intuit_notification_server/0.1"
    assert headers["intuit-notification-schema-version"] == "0.1"
    assert headers["intuit-created-time"] == "2026-10-15T16:00:00+0000"
    assert headers["content-type"] == "application/json"
    assert headers["intuit-t-id"]


def test_everything_that_happens_to_an_invoice_is_told(told: Person, receiver: Receiver) -> None:
    made = told.invoice(100, BillEmail={"Address": "robin@example.com"})
    told.call("POST", f"invoice/{made['Id']}/send")
    told.post("Invoice", {"Id": made["Id"], "SyncToken": "1", "sparse": True, "PrivateNote": "x"})
    told.call("POST", "invoice", {"Id": made["Id"], "SyncToken": "2"}, operation="void")
    told.call("POST", "invoice", {"Id": made["Id"], "SyncToken": "3"}, operation="delete")
    deliver(told)
    operations = ["created", "emailed", "updated", "voided", "deleted"]
    assert receiver.told() == [(f"invoice.{operation}", made["Id"]) for operation in operations]
    assert len({event["id"] for event in receiver.events()}) == 5


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.entity)
def test_every_entity_is_told_of_by_the_catalogue(told: Person, receiver: Receiver, row: Row) -> None:
    """Created, changed, sent, voided, ended: exactly what section 7 lists; an Attachable is never told of."""
    told.side("POST", "load", FOUNDATIONS, merge="1")
    made = told.post(row.entity, row.body)

    def write(change: Doc, **query: str) -> None:
        token = told.get(row.entity, made["Id"])["SyncToken"]
        body = {"Id": made["Id"], "SyncToken": token, **change}
        assert told.call("POST", row.entity.lower(), body, **query).status_code == 200

    write({"sparse": True, **row.change})
    done = ["Create", "Update"]
    if row.sends:
        assert told.call("POST", f"{row.entity.lower()}/{made['Id']}/send").status_code == 200
        done.append("Emailed")
    if row.voids:
        write({}, operation="void")
        done.append("Void")
    if row.ends == "inactive":
        write({"sparse": True, "Active": False})
        done.append("Delete" if "Delete" in TOLD[row.entity] else "Update")
    else:
        write({}, operation="delete")
        done.append("Delete")
    deliver(told)
    known = [f"{row.entity.lower()}.{OPERATIONS[each]}" for each in done if row.entity in TOLD]
    assert [kind for kind, object_id in receiver.told() if kind.startswith(f"{row.entity.lower()}.")] == known


def test_what_is_refused_read_or_loaded_is_not_told(told: Person, receiver: Receiver) -> None:
    told.refused("Invoice", {"Line": [sale_line(1)]})
    told.query("select * from Invoice")
    told.side("POST", "load", {"Customer": [{"Id": "77", "DisplayName": "Loaded"}]}, merge="1")
    told.side("POST", "load", {"Customer": [{"DisplayName": "Loaded without an Id"}]}, merge="1")
    assert deliver(told)["sent"] == []
    told.post("Class", {"Name": "Told"})
    deliver(told)
    assert [kind for kind, _ in receiver.told()] == ["class.created"]


@pytest.mark.parametrize("followed", [True, False])
def test_the_invoice_that_a_payment_touches(told: Person, receiver: Receiver, followed: bool) -> None:
    told.side("POST", "settings", {"webhook_followed": followed})
    invoice = told.invoice(100)
    paid = told.pay(100, ("Invoice", invoice["Id"], 100))
    deliver(told)
    touched = [("invoice.updated", invoice["Id"])] if followed else []
    assert receiver.told() == [("invoice.created", invoice["Id"]), ("payment.created", paid["Id"]), *touched]


def test_what_an_operation_deletes_in_passing_is_a_change_that_followed() -> None:
    company = new_world(lambda: datetime(2026, 10, 15, tzinfo=UTC)).companies["9341450000000001"]
    company.begin()
    company.forget("Term", "1")
    company.happened("Update", "Customer", "1")
    changes = [(change.entity, change.operation, change.followed) for change in company.take_changes()]
    assert changes == [("Customer", "Update", False), ("Term", "Delete", True)]


def test_each_item_of_a_batch_is_told(told: Person, receiver: Receiver) -> None:
    items = [
        {"bId": "1", "operation": "create", "Customer": {"DisplayName": "One"}},
        {"bId": "2", "operation": "create", "Customer": {}},
        {"bId": "3", "operation": "create", "Class": {"Name": "Two"}},
    ]
    told.call("POST", "batch", {"BatchItemRequest": items})
    deliver(told)
    assert [kind for kind, _ in receiver.told()] == ["customer.created", "class.created"]


@pytest.mark.parametrize(("choice", "operation"), [("Delete", "deleted"), ("Update", "updated")])
def test_a_name_that_is_made_inactive(told: Person, receiver: Receiver, choice: str, operation: str) -> None:
    told.side("POST", "settings", {"webhook_inactivation": choice})
    told.post("Customer", {"Id": "9", "SyncToken": "0", "sparse": True, "Active": False})
    deliver(told)
    assert receiver.told() == [(f"customer.{operation}", "9")]


def test_a_requestid_that_is_replayed_tells_nothing_new(told: Person, receiver: Receiver) -> None:
    body = {"CustomerRef": {"value": "1"}, "Line": [sale_line(100)]}
    for _ in range(2):
        told.post("Invoice", body, requestid="once")
    deliver(told)
    assert len(receiver.events()) == 1


def test_only_what_was_asked_for_is_told(told: Person, receiver: Receiver) -> None:
    register(told, receiver, entities={"Invoice": ["Update"], "Payment": ["Create"]})
    invoice = told.invoice(100)
    told.pay(100, ("Invoice", invoice["Id"], 100))
    told.post("Class", {"Name": "Untold"})
    deliver(told)
    assert [kind for kind, _ in receiver.told()] == ["payment.created", "invoice.updated"]


def test_only_companies_that_are_connected_are_told_of(told: Person, receiver: Receiver) -> None:
    told.side("POST", "companies", {"realm": "77", "name": "Second"})
    other = Person(told.base, "77")
    with other.http:
        other.invoice(1)
        told.side("POST", "revoke", {"realm": "77"})
        token = told.side("POST", "token", {"realm": "77", "client_id": "another-app"})["access_token"]
        other.http.headers["Authorization"] = f"Bearer {token}"
        other.invoice(2)
    told.invoice(3)
    deliver(told)
    assert [event["intuitaccountid"] for event in receiver.events()] == ["77", told.realm]


def test_a_connection_that_ran_out_is_no_connection(told: Person, receiver: Receiver) -> None:
    told.side("POST", "token", {"client_id": "another-app"})
    told.side("POST", "webhooks", {"client_id": "another-app", "url": receiver.url})
    told.side("POST", "clock", {"advance_s": 8726400})
    token = told.side("POST", "token")["access_token"]
    told.http.headers["Authorization"] = f"Bearer {token}"
    told.invoice(1)
    assert [entry["client_id"] for entry in deliver(told)["sent"]] == ["side-door"]


@pytest.mark.parametrize(("realms", "posts"), [("mixed", 1), ("one", 2)])
def test_one_post_may_carry_several_companies(told: Person, receiver: Receiver, realms: str, posts: int) -> None:
    told.side("POST", "settings", {"webhook_realms": realms})
    told.side("POST", "companies", {"realm": "77", "name": "Second"})
    other = Person(told.base, "77")
    with other.http:
        other.invoice(1)
        told.invoice(2)
        other.invoice(3)
    deliver(told)
    assert len(receiver.bodies) == posts
    assert sorted(event["intuitaccountid"] for event in receiver.events()) == ["77", "77", told.realm]


def test_the_old_shape(told: Person, receiver: Receiver) -> None:
    register(told, receiver, format="legacy")
    told.side("POST", "companies", {"realm": "77", "name": "Second"})
    other = Person(told.base, "77")
    with other.http:
        told.invoice(1)
        other.post("Customer", {"DisplayName": "There"})
        told.side("POST", "webhooks/events", {"entity": "Vendor", "id": "5", "operation": "Merge", "deleted_id": "9"})
    deliver(told)
    first, second = json.loads(receiver.bodies[0])["eventNotifications"]
    invoice, merge = first["dataChangeEvent"]["entities"]
    assert (first["realmId"], second["realmId"]) == (told.realm, "77")
    when = "2026-10-15T16:00:00.000Z"
    assert {**invoice, "id": "1"} == {"id": "1", "operation": "Create", "name": "Invoice", "lastUpdated": when}
    assert merge == {"id": "5", "operation": "Merge", "name": "Vendor", "lastUpdated": when, "deletedId": "9"}


def test_the_forms_that_nobody_is_sure_of_are_switches(told: Person, receiver: Receiver) -> None:
    told.side("POST", "settings", {
        "webhook_content_type": "application/cloudevents+json", "webhook_data": "alternative_ids",
        "webhook_datacontenttype": False,
    })  # fmt: skip
    made = told.invoice(1)
    deliver(told)
    told.side("POST", "settings", {"webhook_data": "entity"})
    told.invoice(2)
    deliver(told)
    first, second = receiver.events()
    assert receiver.headers[0]["content-type"] == "application/cloudevents+json"
    assert "datacontenttype" not in first
    (known_as,) = first["data"]["alternative_ids"]
    assert known_as["namespace"] == "Intuit.sbseg.v4"
    assert base64.b64decode(known_as["id"]).decode().endswith(f":{made['Id']}")
    assert (second["data"]["TotalAmt"], second["data"]["domain"]) == (2, "QBO")


def test_what_is_not_acknowledged_comes_again_by_the_policy(told: Person, receiver: Receiver) -> None:
    receiver.answers = [500, 404, 403, 202, 302, 500, 500, 500, 500, 500]
    told.invoice(1)
    deliver(told)
    waits = [10, 20, 30, 300, 1200, 7200, 14400, 21600, 21600, 21600]
    for number, wait_s in enumerate(waits, start=1):
        told.side("POST", "clock", {"advance_s": wait_s - 1})
        assert len(receiver.bodies) == number
        told.side("POST", "clock", {"advance_s": 1})
        assert len(receiver.bodies) == number + 1
    assert len(set(receiver.bodies)) == 1
    found = told.side("GET", "webhooks/deliveries")
    assert [entry["acknowledged"] for entry in found["sent"]] == [False] * 10 + [True]
    assert found["waiting"][0]["unacknowledged"] == []


def test_a_clock_that_jumps_passes_every_retry_on_its_way(told: Person, receiver: Receiver) -> None:
    receiver.answers = [500] * 6
    told.invoice(1)
    told.side("POST", "clock", {"advance_s": 3600})
    sent = told.side("GET", "webhooks/deliveries")["sent"]
    at = [entry["at"][11:19] for entry in sent]
    assert at == ["16:00:00", "16:00:10", "16:00:30", "16:01:00", "16:06:00", "16:26:00"]


@pytest.mark.parametrize(("holds_back", "posts"), [(True, 1), (False, 3)])
def test_later_events_wait_for_the_first(told: Person, receiver: Receiver, holds_back: bool, posts: int) -> None:
    told.side("POST", "settings", {"webhook_holds_back": holds_back})
    receiver.answers = [500, 500] if holds_back else [500]
    for amount in (1, 2, 3):
        told.invoice(amount)
        told.side("POST", "clock", {"advance_s": 1})
    assert len(receiver.bodies) == posts
    told.side("POST", "clock", {"advance_s": 8})
    told.side("POST", "clock", {"advance_s": 20})
    assert [kind for kind, _ in receiver.told()][-2:] == ["invoice.created"] * 2
    assert len(json.loads(receiver.bodies[-1])) == (2 if holds_back else 1)
    assert len({event["id"] for event in receiver.events()}) == 3
    assert told.side("GET", "webhooks/deliveries")["waiting"] == [
        {"client_id": "side-door", "unacknowledged": [], "events": []}
    ]


def test_no_answer_in_time_is_no_acknowledgement(told: Person, receiver: Receiver) -> None:
    register(told, receiver, answer_within_s=0.2)
    receiver.answers = [0]
    told.invoice(1)
    (tried,) = deliver(told)["sent"]
    assert (tried["status"], tried["acknowledged"]) == (None, False)
    assert "Timeout" in tried["error"]
    register(told, receiver)
    told.side("POST", "clock", {"advance_s": 10})
    assert receiver.bodies[0] == receiver.bodies[1]


def test_an_endpoint_that_is_down(told: Person) -> None:
    told.side("POST", "webhooks", {"client_id": "side-door", "url": "http://127.0.0.1:9/hooks"})
    told.invoice(1)
    (tried,) = deliver(told)["sent"]
    assert (tried["status"], "ConnectionError" in tried["error"]) == (None, True)
    told.side("POST", "clock", {"advance_s": 3600})
    assert told.side("GET", "webhooks/deliveries")["last"] == 6


def test_an_endpoint_that_never_answers_does_not_hold_the_clock_up(told: Person, receiver: Receiver) -> None:
    register(told, receiver, answer_within_s=0.01)
    receiver.answers = [0] * 100
    told.invoice(1)
    told.side("POST", "clock", {"advance_s": 365 * 86400})
    assert told.side("GET", "webhooks/deliveries")["last"] == 3
    assert len(deliver(told)["sent"]) == 3


def test_events_are_gathered_in_a_window(told: Person, receiver: Receiver) -> None:
    told.side("POST", "settings", {"webhook_window_s": 60})
    told.invoice(1)
    told.side("POST", "clock", {"advance_s": 59})
    told.invoice(2)
    assert (deliver(told)["sent"], receiver.bodies) == ([], [])
    told.side("POST", "clock", {"advance_s": 1})
    told.invoice(3)
    deliver(told)
    assert [len(json.loads(body)) for body in receiver.bodies] == [2]


def test_duplicates_late_lost_and_turned_events_on_demand(told: Person, receiver: Receiver) -> None:
    rules: list[Doc] = [
        {"kind": "duplicate", "entity": "Customer"},
        {"kind": "late", "entity": "Class", "after_s": 30},
        {"kind": "lost", "entity": "Payment"},
        {"kind": "out_of_order", "entity": "Invoice", "nth": 2},
    ]
    told.side("POST", "webhooks/mischief", rules)
    told.post("Customer", {"DisplayName": "Twice"})
    told.post("Class", {"Name": "Late"})
    told.post("Payment", payment(1))
    told.invoice(1)
    told.invoice(2)
    deliver(told)
    kinds = [kind.split(".")[0] for kind, _ in receiver.told()]
    assert kinds == ["invoice", "invoice", "customer", "customer"]
    first, second, *twins = receiver.events()
    assert int(first["intuitentityid"]) > int(second["intuitentityid"])
    assert twins[0] == twins[1]
    told.side("POST", "clock", {"advance_s": 30})
    assert receiver.told()[-1][0] == "class.created"
    assert [rule["done"] for rule in told.side("GET", "webhooks/mischief")["mischief"]] == [1, 1, 1, 1]
    assert told.side("DELETE", "webhooks/mischief") == {"mischief": []}


def test_a_late_event_lets_others_pass(told: Person, receiver: Receiver) -> None:
    told.side("POST", "webhooks/mischief", {"kind": "late", "after_s": 30})
    told.post("Class", {"Name": "Late"})
    told.side("POST", "clock", {"advance_s": 1})
    told.invoice(1)
    deliver(told)
    assert [kind for kind, _ in receiver.told()] == ["invoice.created"]
    told.side("POST", "clock", {"advance_s": 29})
    assert [kind for kind, _ in receiver.told()] == ["invoice.created", "class.created"]


def test_a_duplicate_may_come_later_and_a_signature_may_be_wrong(told: Person, receiver: Receiver) -> None:
    told.side("POST", "webhooks/mischief", [{"kind": "duplicate", "after_s": 60}, {"kind": "bad_signature", "nth": 2}])
    told.invoice(1)
    deliver(told)
    told.side("POST", "clock", {"advance_s": 60})
    assert receiver.bodies[0] == receiver.bodies[1]
    told.invoice(2)
    deliver(told)
    client: Any = import_module("quickbooks").QuickBooks(verifier_token=TOKEN, minorversion=75)
    signed = [
        client.validate_webhook_signature(body, headers["intuit-signature"])
        for body, headers in zip(receiver.bodies, receiver.headers, strict=True)
    ]
    assert signed == [True, True, False]


def test_chance_is_the_same_for_the_same_seed(told: Person, receiver: Receiver) -> None:
    def lost(seed: int) -> list[str]:
        told.side("DELETE", "webhooks/mischief")
        told.side("POST", "webhooks/mischief", {"kind": "lost", "rate": 0.5, "seed": seed})
        receiver.bodies.clear()
        for number in range(1, 21):
            event = {"entity": "Invoice", "id": str(number), "operation": "Update"}
            told.side("POST", "webhooks/events", event)
        deliver(told)
        return [object_id for _, object_id in receiver.told()]

    assert lost(7) == lost(7) != lost(8)
    assert 3 < len(lost(7)) < 17


def test_only_this_machine_is_posted_to(told: Person) -> None:
    for url in ("https://example.com/hooks", "http://10.0.0.1/", "ftp://localhost/", "localhost:80", "http://0.0.0.0/"):
        answer = requests.post(f"{told.base}/_sim/webhooks", json={"url": url}, timeout=10)
        assert (answer.status_code, answer.json()["key"]) == (400, "url")
    for url in ("http://localhost:1/x", "https://127.0.0.1:1/x", "http://[::1]:1/x"):
        told.side("POST", "webhooks", {"url": url})


def test_endpoints_are_listed_replaced_and_removed(told: Person, receiver: Receiver) -> None:
    told.side("POST", "webhooks", {"url": "http://127.0.0.1:9/", "entities": ["Invoice"]})
    found = told.side("GET", "webhooks")["webhooks"]
    assert [each["client_id"] for each in found] == ["side-door", "simulator-app"]
    assert found[1]["entities"] == {"Invoice": ["Create", "Update", "Delete", "Void", "Emailed"]}
    assert found[1]["verifier_token"]
    assert len(told.side("DELETE", "webhooks", client_id="side-door")["webhooks"]) == 1
    assert told.side("DELETE", "webhooks") == {"webhooks": []}
    told.invoice(1)
    assert deliver(told)["sent"] == []
    assert receiver.bodies == []


@pytest.mark.parametrize(("desk", "body", "key"), [
    ("webhooks", {"url": "http://localhost/", "client_id": "nobody"}, "client_id"),
    ("webhooks", {"url": "http://localhost/", "entities": ["Invoices"]}, "entities"),
    ("webhooks", {"url": "http://localhost/", "entities": {"Term": ["Delete"]}}, "entities.Term"),
    ("webhooks", {"url": "http://localhost/", "format": "xml"}, "format"),
    ("webhooks", {"url": "http://localhost/", "colour": "red"}, "colour"),
    ("webhooks/mischief", {"kind": "gremlin"}, "kind"),
    ("webhooks/mischief", {"kind": "late", "rate": 2}, "rate"),
    ("webhooks/mischief", {"kind": "late", "nth": 0}, "nth"),
    ("webhooks/events", {"entity": "Invoice", "id": "1", "operation": "Merge"}, "operation"),
])  # fmt: skip
def test_what_is_not_understood_is_named(told: Person, desk: str, body: Doc, key: str) -> None:
    answer = requests.post(f"{told.base}/_sim/{desk}", json=body, timeout=10)
    assert (answer.status_code, answer.json()["key"]) == (400, key)
    assert answer.json()["error"]


def test_posts_go_out_by_themselves_on_a_short_timer(told: Person, receiver: Receiver) -> None:
    told.side("POST", "settings", {"webhook_timer": True})
    told.invoice(1)
    end = time.monotonic() + 5
    while not receiver.bodies and time.monotonic() < end:
        told.side("GET", "webhooks")
    assert len(receiver.bodies) == 1
