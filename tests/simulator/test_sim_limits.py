"""requestid in all its forms, the limits and what they are set to, and the counters of the bill."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
import requests
from simulator_person import Person, payment, sale_line

from qbo_milestones.simulator.server import running

INVOICE: dict[str, Any] = {"CustomerRef": {"value": "1"}, "Line": [sale_line(100)]}


def count(person: Person) -> int:
    return int(person.query("select count(*) from Invoice")["totalCount"])


def batch(person: Person, request_id: str, *b_ids: str) -> requests.Response:
    items = [{"bId": b_id, "operation": "create", "Invoice": INVOICE} for b_id in b_ids]
    return person.call("POST", "batch", {"BatchItemRequest": items}, requestid=request_id)


def test_a_batch_is_another_one_if_its_b_ids_are(person: Person) -> None:
    first = batch(person, "r" * 36, "1234567890", "b")
    assert batch(person, "r" * 36, "b", "1234567890").text == first.text
    assert count(person) == 2
    assert batch(person, "r" * 36, "b", "c").status_code == 200
    assert count(person) == 4


def test_the_items_of_a_batch_have_ids_of_fifty_characters(person: Person) -> None:
    """As seen live in 2022: each item for itself, and longer ones are fine as long as the sum is."""
    person.side("POST", "settings", {"batch_long_ids": "6000"})
    fine, long = batch(person, "86e1e8438fd9413587c2bd17f4185b13", "x" * 18, "y" * 36).json()["BatchItemResponse"]
    assert "Invoice" in fine
    assert long["Fault"]["Error"][0] == {
        "Message": "A business validation error has occurred while processing your request",
        "Detail": "Business Validation Error: You cannot enter more than 50 characters in the request_id field. "
        "You tried entering 86e1e8438f..., which is 68 characters.",
        "code": "6000", "element": "",
    }  # fmt: skip


@pytest.mark.parametrize("request_id", ["a b", "é", "a\tb", "x" * 51])
def test_a_malformed_request_id_is_refused(person: Person, request_id: str) -> None:
    assert person.refused("Invoice", INVOICE, requestid=request_id)["code"] == "2130"


def test_void_send_delete_and_upload_are_done_once_too(person: Person) -> None:
    made = person.invoice(100, BillEmail={"Address": "a@b.example"})
    sent = [person.call("POST", f"invoice/{made['Id']}/send", requestid="s").text for _ in range(2)]
    assert sent[0] == sent[1]
    assert len(person.side("GET", "mails")["mails"]) == 1
    handle = {"Id": made["Id"], "SyncToken": person.get("Invoice", made["Id"])["SyncToken"]}
    voided = [person.call("POST", "invoice", handle, operation="void", requestid="v").text for _ in range(2)]
    assert voided[0] == voided[1]
    handle["SyncToken"] = person.get("Invoice", made["Id"])["SyncToken"]
    gone = [person.call("POST", "invoice", handle, operation="delete", requestid="d") for _ in range(2)]
    assert [answer.json()["Invoice"]["status"] for answer in gone] == ["Deleted"] * 2
    pay = payment(50, operation="")
    paid = [person.call("POST", "payment", pay, requestid="p").text for _ in range(2)]
    assert paid[0] == paid[1]


def test_an_upload_sent_again_with_another_boundary_is_the_same(person: Person) -> None:
    person.side("POST", "settings", {"requestid_other_body": "refuse"})
    url = f"{person.base}/v3/company/{person.realm}/upload"

    def upload(content: bytes) -> requests.Response:
        metadata = json.dumps({"FileName": "a.txt", "ContentType": "text/plain"})
        files: Any = {"file_metadata_01": ("m.json", metadata, "application/json"),
                      "file_content_01": ("a.txt", content, "text/plain")}  # fmt: skip
        return person.http.post(url, files=files, params={"requestid": "u"}, timeout=10)

    assert upload(b"one").text == upload(b"one").text
    assert upload(b"two").json()["Fault"]["Error"][0]["code"] == "600"
    assert person.query("select count(*) from Attachable") == {"totalCount": 1}


def test_another_call_under_the_same_id_is_another_request(person: Person) -> None:
    person.side("POST", "settings", {"requestid_other_body": "refuse"})
    made = person.post("Invoice", INVOICE, requestid="x")
    assert person.refused("Invoice", {**INVOICE, "DocNumber": "2"}, requestid="x")["code"] == "600"
    assert person.refused("Invoice", made, operation="delete", requestid="x")["code"] == "600"


def test_a_refusal_is_replayed_by_a_switch(person: Person) -> None:
    person.side("POST", "settings", {"requestid_replays_faults": True})
    bad = {**INVOICE, "CustomerRef": {"value": "99"}}
    first = person.call("POST", "invoice", bad, requestid="abc")
    assert first.status_code == 400
    assert person.call("POST", "invoice", INVOICE, requestid="abc").text == first.text
    assert count(person) == 0


def test_an_id_belongs_to_its_company_or_also_to_its_app(person: Person) -> None:
    person.post("Invoice", INVOICE, requestid="abc")
    other = Person(person.base)
    other.http.headers["Authorization"] = f"Bearer {person.side('POST', 'token', {'client_id': 'z'})['access_token']}"
    other.post("Invoice", INVOICE, requestid="abc")
    assert count(person) == 1
    person.side("POST", "settings", {"requestid_scope": "app"})
    other.post("Invoice", INVOICE, requestid="abc")
    assert count(person) == 2


@pytest.mark.parametrize("window", [900, 60])
def test_an_id_is_forgotten_after_its_window(person: Person, window: int) -> None:
    person.side("POST", "settings", {"requestid_window_s": window})
    for seconds, invoices in ((0, 1), (window - 1, 1), (1, 2)):
        person.side("POST", "clock", {"advance_s": seconds})
        person.post("Invoice", INVOICE, requestid="abc")
        assert count(person) == invoices


@pytest.mark.parametrize(("counts", "status"), [(True, 429), (False, 200)])
def test_whether_a_replay_counts_against_the_limits_is_a_switch(person: Person, counts: bool, status: int) -> None:
    limits = {"throttle": True, "limit_app_second": 1, "requestid_replay_counts": counts}
    person.side("POST", "settings", limits)
    assert person.call("POST", "invoice", INVOICE, requestid="a").status_code == 200
    assert person.call("POST", "invoice", INVOICE, requestid="a").status_code == status
    assert person.call("POST", "invoice", INVOICE, requestid="b").status_code == 429


def test_the_limits_are_settings(person: Person) -> None:
    low = {"limit_realm_minute": 3, "limit_app_second": 2, "limit_batch_realm_minute": 3, "limit_batch_app_minute": 1}
    person.side("POST", "settings", {"throttle": True, **low, "retry_after_s": 7})
    assert [person.call("GET", "preferences").status_code for _ in range(3)] == [200, 200, 429]
    person.side("POST", "clock", {"advance_s": 1})
    assert [person.call("GET", "preferences").status_code for _ in range(2)] == [200, 429]
    person.side("POST", "clock", {"advance_s": 60})
    assert [batch(person, f"r{number}", "1").status_code for number in range(2)] == [200, 429]
    assert person.call("GET", "preferences").status_code == 200, "only batches are used up"
    other = Person(person.base)
    token = person.side("POST", "token", {"client_id": "z"})["access_token"]
    other.http.headers["Authorization"] = f"Bearer {token}"
    assert other.call("GET", "preferences").status_code == 200
    last = other.call("GET", "preferences")
    assert (last.status_code, last.headers["Retry-After"]) == (429, "7"), "the realm's minute is shared by the apps"


def test_a_sandbox_sends_forty_mails_a_day(person: Person) -> None:
    made = person.invoice(5, BillEmail={"Address": "a@b.example"})
    person.side("POST", "settings", {"throttle": True, "limit_mails_day": 2, "limit_app_second": 100})

    def send() -> int:
        return Person(person.base).call("POST", f"invoice/{made['Id']}/send").status_code

    assert [send() for _ in range(3)] == [200, 200, 429]
    assert person.call("GET", "preferences").status_code == 200
    person.side("POST", "condition", {"environment": "production"})
    assert send() == 200
    person.side("POST", "condition", {"environment": "sandbox"})
    assert send() == 429
    person.side("POST", "clock", {"now": "2026-10-16T00:00:01-04:00"})
    assert send() == 200


def test_calls_under_way_can_be_limited(person: Person) -> None:
    """Only answers that wait are under way; the limit is per company and app."""
    person.side("POST", "settings", {"throttle": True, "limit_concurrent": 1})
    person.side("POST", "faults", {"kind": "latency", "latency_s": 0.6, "entity": "preferences"})
    answers: list[int] = []
    waiting = threading.Thread(target=lambda: answers.append(person.call("GET", "preferences").status_code))
    waiting.start()
    token = person.side("POST", "token", {"client_id": "z"})["access_token"]
    other = Person(person.base)
    while person.side("GET", "faults")["faults"][0]["seen"] == 0:
        pass
    assert other.call("GET", "companyinfo/1").status_code == 429
    other.http.headers["Authorization"] = f"Bearer {token}"
    assert other.call("GET", "companyinfo/1").status_code == 200
    waiting.join()
    assert answers == [200]
    assert person.call("GET", "companyinfo/1").status_code == 200


def metering(person: Person) -> dict[str, int]:
    rows = person.side("GET", "metering")["calls"]
    return {kind: sum(row[kind] for row in rows) for kind in ("Core", "CorePlus")}


def test_what_is_core_and_what_is_core_plus(person: Person) -> None:
    """quickbooks-online.md 4.4: writes are free, everything else is metered, batches of writes too."""
    made = person.invoice(5, BillEmail={"Address": "a@b.example"})
    person.call("POST", f"invoice/{made['Id']}/send")
    person.refused("Invoice", {})
    assert metering(person) == {"Core": 2, "CorePlus": 0}
    person.get("Invoice", made["Id"])
    person.query("select * from Invoice")
    url = f"{person.base}/v3/company/{person.realm}/query"
    person.http.post(url, data="select * from Term", headers={"Content-Type": "application/text"}, timeout=10)
    person.call("GET", "cdc", entities="Invoice", changedSince="2026-10-15")
    person.call("GET", "reports/TrialBalance")
    batch(person, "r", "1", "2")
    person.query_refused("select * from Nothing")
    assert metering(person) == {"Core": 2, "CorePlus": 6}
    person.side("POST", "settings", {"batch_units": "items"})
    batch(person, "s", "1", "2")
    row = person.side("GET", "metering")["calls"][0]
    assert row == {"month": "2026-10", "app": "side-door", "realm": person.realm, "environment": "sandbox",
                   "Core": 2, "CorePlus": 8}  # fmt: skip


def test_reading_is_blocked_until_the_first_once_the_allowance_is_used(person: Person) -> None:
    person.side("POST", "settings", {"coreplus_limit": 2})
    assert [person.call("GET", "preferences").status_code for _ in range(3)] == [200, 200, 429]
    person.invoice(5)
    assert batch(person, "r", "1").status_code == 429
    person.side("POST", "clock", {"now": "2026-10-31T23:59:59+00:00"})
    renewed = Person(person.base)
    assert renewed.call("GET", "preferences").status_code == 429
    person.side("POST", "clock", {"now": "2026-11-01T00:00:00+00:00"})
    assert renewed.call("GET", "preferences").status_code == 200


def test_counters_states_and_apps_outlive_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "world.json"
    with running(data=data) as base:
        someone = Person(base)
        app = {"client_id": "a", "client_secret": "s", "redirect_uris": ["https://a.example/"], "scopes": ["openid"]}
        someone.side("POST", "apps", {**app, "environment": "production", "reconnect_url": "https://a.example/again"})
        someone.side("POST", "condition", {"person": "admin", "denied": ["Vendor"], "environment": "production"})
        batch(someone, "r", "1", "2")
        before = {name: someone.side("GET", name) for name in ("metering", "condition", "apps")}
    with running(data=data) as base:
        again = Person(base)
        assert {name: again.side("GET", name) for name in before} == before
        batch(again, "r", "1", "2")
        assert count(again) == 2
