"""Checkpoints, rewinding, what changed since; companies that do not touch each other."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from simulator_person import Person, sale_line

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Ledger
from qbo_milestones.simulator.books.shelf import Shelf
from qbo_milestones.simulator.books.state import State, is_value
from qbo_milestones.simulator.clock import Clock
from qbo_milestones.simulator.settings import Settings
from qbo_milestones.simulator.world.request_ids import RequestIds
from qbo_milestones.simulator.writing.pristine import fresh_company

INVOICE: dict[str, Any] = {"CustomerRef": {"value": "1"}, "Line": [sale_line(100)]}


def everything(person: Person) -> dict[str, Any]:
    """The books, the figures that follow from them, and what change data capture shows."""
    since = "2026-10-15T00:00:00-04:00"
    changes = person.call("GET", "cdc", entities="Invoice,Payment,Deposit,Customer", changedSince=since).json()
    figures = [person.side("GET", name) for name in ("dump", "balances", "trial_balance")]
    return {"books": figures, "changes": changes["CDCResponse"]}


def business(person: Person, customer: str = "Juniper Labs") -> None:
    """Objects made, changed, linked and deleted."""
    made = person.invoice(100)
    paid = person.pay(60, ("Invoice", made["Id"], 60))
    banked = {"TxnId": paid["Id"], "TxnType": "Payment"}
    person.post("Deposit", {"DepositToAccountRef": {"value": "1"}, "Line": [{"LinkedTxn": [banked]}]})
    gone = person.invoice(7)
    person.call("POST", "invoice", {"Id": gone["Id"], "SyncToken": "0"}, operation="delete")
    person.post("Customer", {"DisplayName": customer})
    token = person.get("Customer", "3")["SyncToken"]
    person.post("Customer", {"Id": "3", "SyncToken": token, "sparse": True, "Notes": f"knows {customer}"})


def late(person: Person, **body: Any) -> None:
    """Have an invoice put off by a minute."""
    person.side("POST", "faults", {"kind": "late_commit", "after_s": 60, "entity": "invoice"})
    with pytest.raises(requests.ConnectionError):
        person.call("POST", "invoice", {**INVOICE, **body})


def test_what_was_done_since_a_checkpoint_is_undone_as_often_as_wanted(person: Person) -> None:
    """Objects, ledger, links, numbers and deletions; what comes afterwards is as if it had never been."""
    business(person)
    before = everything(person)
    person.side("POST", "checkpoint", {"name": "morning"})
    made = []
    for _ in range(2):
        business(person, "Kestrel Air")
        made.append(person.invoice(1)["Id"])
        assert everything(person) != before
        person.side("POST", "rewind", {"name": "morning"})
        assert everything(person) == before
        person.proof()
    assert made[0] == made[1]
    first = person.query("select * from Invoice")["Invoice"][0]
    person.pay(40, ("Invoice", first["Id"], 40))
    assert person.get("Invoice", first["Id"])["Balance"] == 0


def test_a_rewind_forgets_the_request_ids_of_what_it_undid(person: Person) -> None:
    kept = person.post("Invoice", INVOICE, requestid="kept")
    person.side("POST", "checkpoint")
    person.post("Invoice", INVOICE, requestid="undone")
    person.side("POST", "rewind")
    assert person.post("Invoice", INVOICE, requestid="kept") == kept
    assert person.query("select count(*) from Invoice") == {"totalCount": 1}
    person.post("Invoice", INVOICE, requestid="undone")
    assert person.query("select count(*) from Invoice") == {"totalCount": 2}


def test_a_rewind_puts_late_calls_off_again(person: Person) -> None:
    late(person, DocNumber="before")
    person.side("POST", "checkpoint")
    late(person, DocNumber="after")
    person.side("POST", "clock", {"advance_s": 60})
    assert person.query("select count(*) from Invoice") == {"totalCount": 2}
    person.side("POST", "rewind")
    found = person.query("select DocNumber from Invoice")["Invoice"]
    assert [each["DocNumber"] for each in found] == ["before"]


def test_a_rewind_leaves_tokens_clock_switches_rules_and_log_alone(person: Person) -> None:
    person.side("POST", "checkpoint")
    person.side("POST", "clock", {"advance_s": 60})
    person.side("POST", "settings", {"duplicate_docnumber": "accept"})
    person.side("POST", "faults", {"kind": "status", "entity": "batch"})
    with (newcomer := Person(person.base)).http:
        newcomer.invoice(1)
        untouched = ("settings", "faults", "requests")
        before, now = [person.side("GET", name) for name in untouched], person.side("GET", "clock")["now"]
        person.side("POST", "rewind")
        assert [person.side("GET", name) for name in untouched] == before
        assert person.side("GET", "clock")["now"] == now == "2026-10-15T16:01:00+00:00"
        assert newcomer.query("select count(*) from Invoice") == {"totalCount": 0}
    made = [person.invoice(1, number="D-1") for _ in range(2)]
    assert {each["DocNumber"] for each in made} == {"D-1"}


def test_what_changed_since_a_checkpoint_is_told_property_by_property(person: Person) -> None:
    made, other = person.invoice(100), person.invoice(7)
    person.side("POST", "checkpoint", {"name": "a"})
    assert person.side("GET", "changes", since="a")["companies"] == {}
    paid = person.pay(60, ("Invoice", made["Id"], 60))
    person.call("POST", "invoice", {"Id": other["Id"], "SyncToken": "0"}, operation="delete")
    found = person.side("GET", "changes", since="a")
    assert list(found["companies"]) == [person.realm]
    changes = found["companies"][person.realm]
    assert changes["Payment"] == {"created": [{"Id": paid["Id"], "SyncToken": "0"}], "updated": [], "deleted": []}
    assert changes["Invoice"]["deleted"] == [{"Id": other["Id"], "SyncToken": "0"}]
    [updated] = changes["Invoice"]["updated"]
    assert (updated["Id"], updated["SyncToken"]) == (made["Id"], {"before": "0", "after": "1"})
    link = {"TxnId": paid["Id"], "TxnType": "Payment"}
    assert updated["properties"] == {
        "Balance": {"before": 100, "after": 40},
        "LinkedTxn": {"before": [], "after": [link]},
    }
    assert set(changes) == {"Payment", "Invoice"}


def test_checkpoints_have_names_and_can_be_dropped(person: Person) -> None:
    for name in ("a", "b"):
        person.invoice(1)
        person.side("POST", "checkpoint", {"name": name})
    person.side("POST", "rewind", {"name": "a"})
    assert person.query("select count(*) from Invoice") == {"totalCount": 1}
    person.side("POST", "rewind", {"name": "b"})
    assert person.query("select count(*) from Invoice") == {"totalCount": 2}
    assert [each["name"] for each in person.side("GET", "checkpoints")["checkpoints"]] == ["a", "b"]
    requests.delete(f"{person.base}/_sim/checkpoints", params={"name": "a"}, timeout=10).close()
    unknown = requests.post(f"{person.base}/_sim/rewind", json={"name": "a"}, timeout=10)
    assert (unknown.status_code, unknown.json()["known"]) == (400, ["b"])
    person.side("DELETE", "checkpoints")
    assert person.side("GET", "checkpoints")["checkpoints"] == []


def test_companies_that_came_and_went_are_told_and_undone(person: Person) -> None:
    person.side("POST", "companies", {"realm": "77"})
    person.side("POST", "checkpoint")
    person.side("POST", "companies", {"realm": "78"})
    with (other := Person(person.base, "77")).http:
        other.invoice(5)
        found = person.side("GET", "changes")
        assert (list(found["companies"]), found["added"], found["removed"]) == (["77"], ["78"], [])
        person.side("POST", "rewind")
        assert other.query("select count(*) from Invoice") == {"totalCount": 0}
    assert [each["realm"] for each in person.side("GET", "companies")["companies"]] == [person.realm, "77"]


def test_a_reset_drops_the_checkpoints(person: Person) -> None:
    person.side("POST", "checkpoint")
    person.side("POST", "reset")
    assert person.side("GET", "checkpoints")["checkpoints"] == []


def containers(thing: Any) -> Iterator[int]:
    """The identities of everything in a state that can be changed in place."""
    kind: Any = type(thing)
    if is_value(kind):
        return
    yield id(thing)
    inside: Any = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list | set) else ()
    if isinstance(thing, State):
        inside = [value for name, value in vars(thing).items() if name not in thing.SHARED]
    for each in inside:
        yield from containers(each)


def seeded() -> Company:
    clock = Clock(lambda: datetime(2026, 10, 15, tzinfo=UTC))
    return fresh_company("1", clock, Settings(), "agency", "Northlight Studio")


def test_a_copy_shares_no_container_with_its_original() -> None:
    company = seeded()
    company.applied[("Invoice", "1")][("Payment", "2")] = 5
    twin = company.copy()
    mine, theirs = set(containers(company)), set(containers(twin))
    assert len(mine) == len(theirs) > len(company.shelves) * 5
    assert mine.isdisjoint(theirs)
    assert twin.applied == company.applied
    shared = {kind: kind.SHARED for kind in (Company, Ledger, Shelf, RequestIds)}
    assert shared == {Company: {"clock", "settings"}, Ledger: set(), Shelf: set(), RequestIds: set()}


def test_a_container_that_cannot_be_copied_is_an_error() -> None:
    company = seeded()
    vars(company)["new"] = iter([])
    with pytest.raises(TypeError, match="neither a value nor a State"):
        company.copy()


def test_two_hundred_companies_do_not_touch_each_other(person: Person) -> None:
    """Ids, numbers, request ids, links and limits are each company's own."""
    person.side("POST", "settings", {"throttle": True})
    for number in range(200):
        person.side("POST", "companies", {"realm": f"{1000 + number}", "name": f"Company {number}"})
    answers = []
    for number in range(0, 200, 10):
        with (owner := Person(person.base, f"{1000 + number}")).http:
            made = owner.post("Invoice", INVOICE, requestid="same")
            paid = owner.pay(number + 1, ("Invoice", made["Id"], 1))
            answers.append((made["Id"], made.get("DocNumber", ""), paid["Id"]))
            assert owner.get("Invoice", made["Id"])["Balance"] == 99
            assert [owner.call("GET", "preferences").status_code for _ in range(8)] == [200] * 7 + [429]
            figures = owner.side("GET", "balances", realm=owner.realm)
            assert figures["customers"] == {"Acme Robotics": f"{99 - number}.00"} if number != 99 else {}
    assert len(set(answers)) == 1
    person.side("POST", "settings", {"throttle": False})
    assert person.query("select count(*) from Invoice") == {"totalCount": 0}
