"""Faults on demand: every kind on a write and on a read, by number and by chance, alone and together."""

import time
import xml.etree.ElementTree as Tree
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from simulator_person import Doc, Person, sale_line
from test_sim_oauth import connect, refresh

INVOICE: Doc = {"CustomerRef": {"value": "1"}, "Line": [sale_line(100)]}
WRITE: Doc = {"entity": "invoice", "method": "POST"}
CUT = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
Calls = Callable[[Person], requests.Response]


def write(person: Person) -> requests.Response:
    return person.call("POST", "invoice", INVOICE)


def read(person: Person) -> requests.Response:
    return person.call("GET", "customer/1")


def query(person: Person) -> requests.Response:
    return person.call("GET", "query", query="select * from Customer")


def report(person: Person) -> requests.Response:
    return person.call("GET", "reports/TrialBalance")


def cdc(person: Person) -> requests.Response:
    return person.call("GET", "cdc", entities="Invoice", changedSince="2026-10-15")


def batch(person: Person) -> requests.Response:
    item = {"bId": "1", "operation": "create", "Invoice": INVOICE}
    return person.call("POST", "batch", {"BatchItemRequest": [item]})


def count(person: Person) -> int:
    return int(person.query("select count(*) from Invoice")["totalCount"])


def spoil(person: Person, kind: str, **rule: Any) -> None:
    person.side("POST", "faults", {"kind": kind, **rule})


@pytest.mark.parametrize("call", [write, read, query, report, cdc, batch])
@pytest.mark.parametrize(("kind", "rule", "status", "start", "done"), [
    ("status", {"status": 503}, 503, '{"Fault"', False),
    ("status", {"status": 503, "after_commit": True}, 503, '{"Fault"', True),
    ("status", {"status": 502, "body": "html"}, 502, "<html>", False),
    ("status", {"status": 504, "body": "empty"}, 504, "", False),
    ("status", {"status": 500, "body": "gateway", "code": "3100"}, 500, '{"warnings"', False),
    ("xml_fault", {"status": 401}, 401, "<?xml", False),
    ("fault_in_200", {"code": "610"}, 200, '{"Fault"', False),
    ("fault_in_200", {"code": "610", "after_commit": True}, 200, '{"Fault"', True),
    ("throttle", {}, 429, '{"warnings"', False),
    ("token_revoked", {}, 401, '{"warnings"', False),
    ("token_revoked", {"after_commit": True}, 401, '{"warnings"', True),
    ("garbled", {}, 200, "<html>", True),
    ("xml_answer", {}, 200, "<?xml", True),
    ("latency", {}, 200, "{", True),
])  # fmt: skip
def test_a_spoiled_answer(
    person: Person, call: Calls, kind: str, rule: Doc, status: int, start: str, done: bool
) -> None:
    spoil(person, kind, **rule)
    answer = call(person)
    assert (answer.status_code, answer.text[: len(start)]) == (status, start)
    assert count(Person(person.base)) == (1 if done and call in (write, batch) else 0)


@pytest.mark.parametrize("call", [write, read, query, report, cdc, batch])
@pytest.mark.parametrize(("kind", "done"), [
    ("lost_answer", True), ("reset", True), ("truncate", True), ("refuse_before", False), ("late_commit", False),
])  # fmt: skip
def test_a_broken_connection(person: Person, call: Calls, kind: str, done: bool) -> None:
    spoil(person, kind, after_s=60)
    with pytest.raises(CUT):
        call(person)
    writes = call in (write, batch)
    assert count(person) == (1 if done and writes else 0)
    person.side("POST", "clock", {"advance_s": 60})
    assert count(person) == (1 if writes and kind != "refuse_before" else 0)


def test_an_answer_in_xml_says_the_same(person: Person) -> None:
    spoil(person, "xml_answer")
    root = Tree.fromstring(read(person).text)  # noqa: S314
    customer = root.find("{*}Customer")
    assert customer is not None
    assert customer.get("domain") == "QBO"
    assert customer.findtext("{*}DisplayName") == person.get("Customer", "1")["DisplayName"]


def test_the_clock_moves_before_a_call(person: Person) -> None:
    """A token expires on the way; what was put off till then is done first."""
    spoil(person, "late_commit", after_s=600, **WRITE)
    with pytest.raises(CUT):
        write(person)
    spoil(person, "clock_moved", advance_s=600, entity="query")
    assert count(person) == 1
    spoil(person, "clock_moved", advance_s=3000)
    assert read(person).status_code == 401


def test_the_clock_moves_after_a_call(person: Person) -> None:
    spoil(person, "clock_moved", advance_s=3600, when="after", **WRITE)
    answer = write(person)
    assert answer.json()["time"].startswith("2026-10-15T12:00:00")
    assert person.side("GET", "clock")["now"].startswith("2026-10-15T17:00:00")
    assert read(person).status_code == 401


def test_several_rules_compose_whatever_their_order(person: Person) -> None:
    """The clock, then the work or its stand-in, its body, the wire, the delay, the clock."""
    rules: list[Doc] = [
        {"kind": "truncate"},
        {"kind": "latency", "latency_s": 0.01},
        {"kind": "status", "status": 503, "after_commit": True},
        {"kind": "status", "status": 500},
        {"kind": "clock_moved", "advance_s": 60},
        {"kind": "clock_moved", "advance_s": 60, "when": "after"},
    ]
    for order in (rules, rules[::-1]):
        person.side("DELETE", "faults")
        person.side("POST", "faults", order)
        before = person.side("GET", "requests")["last"]
        with pytest.raises(CUT):
            write(person)
        (entry,) = person.side("GET", "requests", since=str(before))["requests"]
        assert entry["status"] == (503 if order is rules else 500)
        assert entry["fate"] == "+".join(str(rule["kind"]) for rule in order)
        assert {rule["done"] for rule in person.side("GET", "faults")["faults"]} == {1}
    assert count(person) == 1
    assert person.side("GET", "clock")["now"].startswith("2026-10-15T16:04:00")


def test_latency_is_waited_for_and_adds_up(person: Person) -> None:
    person.side("POST", "faults", [{"kind": "latency", "latency_s": 0.1}, {"kind": "garbled", "latency_s": 0.1}])
    start = time.monotonic()
    assert read(person).text.startswith("<html>")
    assert time.monotonic() - start >= 0.2


def struck(person: Person, calls: int = 40) -> list[int]:
    """Which of so many reads were spoiled."""
    return [number for number in range(calls) if person.call("GET", f"customer/{number % 4 + 1}").status_code == 503]


def struck_by(person: Person, rule: Doc) -> list[int]:
    """Which of so many equal reads were spoiled: the same call coming again is drawn for again."""
    person.side("DELETE", "faults")
    person.side("POST", "faults", rule)
    found = [number for number in range(40) if read(person).status_code == 503]
    assert 4 < len(found) < 22
    return found


def test_chance_strikes_the_same_calls_for_the_same_seed(person: Person) -> None:
    def schedule(*rules: Doc) -> list[int]:
        person.side("DELETE", "faults")
        person.side("POST", "faults", list(rules))
        return struck(person)

    rule = {"kind": "status", "status": 503, "entity": "customer", "rate": 0.3, "seed": "one"}
    first = schedule(rule)
    assert 4 < len(first) < 22
    assert schedule(rule) == first
    assert schedule({**rule, "seed": "two"}) != first
    other = {"kind": "latency", "rate": 0.5, "seed": "one"}
    assert schedule(other, rule) == schedule(rule, other) == first
    assert struck_by(person, rule) != first
    assert schedule({**rule, "path": "/customer"}) != first
    assert schedule({**rule, "rate": 0}) == []
    assert len(schedule({**rule, "rate": 1})) == 40
    assert schedule({**rule, "times": 2}) == first[:2]
    assert schedule({**rule, "nth": 20}) == [number for number in first if number >= 19]


def test_the_world_has_a_seed_for_rules_without_one(person: Person) -> None:
    def schedule(seed: int) -> list[int]:
        person.side("POST", "settings", {"mischief_seed": seed})
        person.side("DELETE", "faults")
        spoil(person, "status", status=503, rate=0.3)
        return struck(person)

    assert schedule(1) == schedule(1) != schedule(2)


def test_chance_does_not_hang_on_the_order_of_threads(person: Person) -> None:
    """By content, a call gets the same draw however many others come between; by count, its number decides."""
    numbers = list(range(30))

    def spoiled(workers: int, order: list[int]) -> list[int]:
        person.side("DELETE", "faults")
        spoil(person, "status", status=503, rate=0.4, seed=3, **WRITE)

        def send(number: int) -> int:
            body = {**INVOICE, "PrivateNote": str(number)}
            url = f"{person.base}/v3/company/{person.realm}/invoice?requestid={workers}-{number}"
            return requests.post(url, json=body, headers=dict(person.http.headers), timeout=10).status_code

        with ThreadPoolExecutor(workers) as pool:
            found = dict(zip(order, pool.map(send, order), strict=True))
        return sorted(number for number, status in found.items() if status == 503)

    assert spoiled(1, numbers) == spoiled(6, numbers) == spoiled(3, numbers[::-1])

    person.side("DELETE", "faults")
    spoil(person, "status", status=503, rate=0.4, seed=3, rate_by="count")
    by_count = [number for number in range(30) if person.call("GET", f"customer/{number % 3 + 1}").status_code == 503]
    person.side("DELETE", "faults")
    spoil(person, "status", status=503, rate=0.4, seed=3, rate_by="count")
    assert [number for number in range(30) if read(person).status_code == 503] == by_count


# The OAuth endpoints ---------------------------------------------------------------------------------

TOKENS: Doc = {"entity": "oauth", "statement": "grant_type=refresh_token"}


@pytest.mark.parametrize(("grace_s", "still_good"), [(0, False), (86400, True)])
def test_an_answer_of_the_token_endpoint_is_lost(person: Person, grace_s: int, still_good: bool) -> None:
    """The refresh value has rotated unheard: the old one is dead, or lives through its grace."""
    person.side("POST", "settings", {"refresh_grace_s": grace_s})
    old = connect(person.base)["refresh_token"]
    spoil(person, "lost_answer", **TOKENS)
    with pytest.raises(requests.ConnectionError):
        refresh(person.base, old)
    again = refresh(person.base, old)
    assert again.ok == still_good
    assert still_good or again.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(("after_commit", "still_good"), [(False, True), (True, False)])
def test_the_token_endpoint_is_out_of_order(person: Person, after_commit: bool, still_good: bool) -> None:
    old = connect(person.base)["refresh_token"]
    spoil(person, "status", status=500, after_commit=after_commit, **TOKENS)
    answer = refresh(person.base, old)
    assert (answer.status_code, answer.json()["error"]) == (500, "server_error")
    assert refresh(person.base, old).ok == still_good


def test_the_token_endpoint_is_slow_late_or_in_a_muddle(person: Person) -> None:
    old = connect(person.base)["refresh_token"]
    spoil(person, "latency", latency_s=1.5, **TOKENS)
    with pytest.raises(requests.ReadTimeout):
        requests.post(f"{person.base}/oauth2/v1/tokens/bearer", data={"grant_type": "refresh_token"}, timeout=0.1)
    old = connect(person.base)["refresh_token"]
    spoil(person, "late_commit", after_s=30, **TOKENS)
    with pytest.raises(requests.ConnectionError):
        refresh(person.base, old)
    person.side("POST", "clock", {"advance_s": 30})
    assert refresh(person.base, old).json()["error"] == "invalid_grant"
    old = connect(person.base)["refresh_token"]
    spoil(person, "token_revoked", **TOKENS)
    assert refresh(person.base, old).json()["error"] == "invalid_grant"
    old = connect(person.base)["refresh_token"]
    spoil(person, "garbled", path="/oauth2/v1/tokens")
    assert refresh(person.base, old).text.startswith("<html>")


def test_oauth_is_left_alone_where_nobody_names_it(person: Person) -> None:
    spoil(person, "status", times=None)
    spoil(person, "status", times=None, method="POST")
    assert refresh(person.base, connect(person.base)["refresh_token"]).ok
    spoil(person, "status", path=".well-known", body="html", status=502)
    found = requests.get(f"{person.base}/.well-known/openid_configuration", timeout=10)
    assert (found.status_code, found.text[:6]) == (502, "<html>")


# What the side door does not understand ---------------------------------------------------------------


@pytest.mark.parametrize(("rule", "key", "known"), [
    ({"kind": "gremlin"}, "kind", "lost_answer"),
    ({}, "kind", "status"),
    ({"kind": "status", "colour": "red"}, "colour", "latency_s"),
    ({"kind": "status", "status": 42}, "status", None),
    ({"kind": "status", "status": "500"}, "status", None),
    ({"kind": "status", "body": "poem"}, "body", "gateway"),
    ({"kind": "status", "after_commit": 1}, "after_commit", None),
    ({"kind": "latency", "latency_s": "soon"}, "latency_s", None),
    ({"kind": "latency", "rate": 1.5}, "rate", None),
    ({"kind": "latency", "rate": 0.5, "rate_by": "moon"}, "rate_by", "content"),
    ({"kind": "latency", "nth": 0}, "nth", None),
    ({"kind": "latency", "times": -1}, "times", None),
    ({"kind": "clock_moved", "when": "never"}, "when", "after"),
    ("a rule", None, "kind"),
])  # fmt: skip
def test_a_rule_that_is_not_understood_is_named(person: Person, rule: Any, key: str | None, known: str | None) -> None:
    answer = requests.post(f"{person.base}/_sim/faults", json=rule, timeout=10)
    error = answer.json()
    assert (answer.status_code, error["key"]) == (400, key)
    assert known is None or (known in error["known"] and known in error["error"])
    assert person.side("GET", "faults")["faults"] == []


# Lists that are behind ---------------------------------------------------------------------------------


def amounts(person: Person) -> list[tuple[str, int]]:
    """(Id, TotalAmt) of every invoice as a query shows them."""
    found = person.query("select * from Invoice order by MetaData.CreateTime").get("Invoice", [])
    return [(row["Id"], row["TotalAmt"]) for row in found]


def balances(person: Person) -> list[int]:
    return [row["Balance"] for row in person.query("select * from Invoice order by MetaData.CreateTime")["Invoice"]]


def test_a_list_is_older_than_a_read(person: Person) -> None:
    """Created, changed, paid and deleted objects show in lists as they were, by Id as they are."""
    kept, gone = person.invoice(100), person.invoice(50)
    person.side("POST", "clock", {"advance_s": 100})
    spoil(person, "stale_list", query_lag_s=60, times=None)
    person.post("Invoice", {"Id": kept["Id"], "SyncToken": "0", "Line": [sale_line(70)], "sparse": True})
    person.call("POST", "invoice", {"Id": gone["Id"], "SyncToken": "0"}, operation="delete")
    new = person.invoice(30)
    assert amounts(person) == [(kept["Id"], 100), (gone["Id"], 50)]
    assert person.get("Invoice", kept["Id"])["TotalAmt"] == 70
    assert person.call("GET", f"invoice/{gone['Id']}").status_code == 400
    assert count(person) == 2
    person.side("POST", "clock", {"advance_s": 59})
    person.pay(70, ("Invoice", kept["Id"], 70))
    assert amounts(person) == [(kept["Id"], 100), (gone["Id"], 50)]
    person.side("POST", "clock", {"advance_s": 1})
    assert amounts(person) == [(kept["Id"], 70), (new["Id"], 30)]
    assert (balances(person)[0], person.get("Invoice", kept["Id"])["Balance"]) == (70, 0)
    person.side("DELETE", "faults")
    assert balances(person)[0] == 0


def test_cdc_and_queries_in_a_batch_are_behind_too(person: Person) -> None:
    gone = person.invoice(50)
    person.side("POST", "clock", {"advance_s": 100})
    spoil(person, "stale_list", query_lag_s=60, times=None)
    new = person.invoice(30)
    person.call("POST", "invoice", {"Id": gone["Id"], "SyncToken": "0"}, operation="delete")
    short = person.invoice(20)
    person.call("POST", "invoice", {"Id": short["Id"], "SyncToken": "0"}, operation="delete")
    since = "2026-10-15T00:00:00Z"
    asked: list[Doc] = [
        {"bId": "1", "Query": "select * from Invoice"},
        {"bId": "2", "CDCQuery": {"Entities": "Invoice", "ChangedSince": since}},
    ]

    def listed() -> tuple[list[str], list[str]]:
        (changed,) = person.call("GET", "cdc", entities="Invoice", changedSince=since).json()["CDCResponse"]
        (group,) = changed["QueryResponse"]
        found = person.call("POST", "batch", {"BatchItemRequest": asked}).json()["BatchItemResponse"]
        assert found[1]["CDCResponse"]["QueryResponse"] == changed["QueryResponse"]
        rows = found[0]["QueryResponse"]["Invoice"]
        return [f"{row['Id']} {row.get('status', '')}" for row in group["Invoice"]], [row["Id"] for row in rows]

    assert listed() == ([f"{gone['Id']} "], [gone["Id"]])
    person.side("POST", "clock", {"advance_s": 60})
    changed, found = listed()
    assert sorted(changed) == sorted([f"{new['Id']} ", f"{gone['Id']} Deleted", f"{short['Id']} Deleted"])
    assert found == [new["Id"]]


def test_only_the_lists_that_a_rule_names_are_behind(person: Person) -> None:
    spoil(person, "stale_list", query_lag_s=60, statement="from Invoice")
    person.invoice(100)
    assert amounts(person) == []
    assert len(amounts(person)) == 1
