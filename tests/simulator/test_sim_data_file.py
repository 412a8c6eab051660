"""The data file: what was answered is kept, as it is, whatever becomes of the process."""

import http.client
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from copy import copy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator_inside import Insider
from simulator_person import Person, payment, sale_line
from trader import START, Trader

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.books.state import State
from qbo_milestones.simulator.data_file.file import DataFile
from qbo_milestones.simulator.data_file.parts import COMPANY, SMALL, WORLD
from qbo_milestones.simulator.data_file.plain import plain, typed
from qbo_milestones.simulator.front import new_world
from qbo_milestones.simulator.server import CannotServe, kept_world, running
from qbo_milestones.simulator.world.world import DEFAULT_REALM, World

INVOICE: dict[str, Any] = {"CustomerRef": {"value": "1"}, "Line": [sale_line(5)]}
SIMULATOR = Path(__file__).parents[2] / "qbo_milestones" / "simulator"
NOON = datetime(2026, 10, 15, 16, tzinfo=UTC)


def still_world() -> World:
    """A fresh world in which it is always noon."""
    return new_world(lambda: NOON)


@contextmanager
def written(file: Path) -> Iterator[tuple[Insider, World]]:
    """Someone at a new world that is written to the file after every request, as the server does it."""
    world = still_world()
    with closing(DataFile(file)) as kept:
        kept.save(world)
        person = Insider(world, lambda: kept.save(world))
        person.side("POST", "settings", {"throttle": False})
        yield person, world


@contextmanager
def read_back(file: Path) -> Iterator[tuple[Insider, World]]:
    """Someone at the world that the file holds; it goes on being written."""
    world = still_world()
    with closing(DataFile(file)) as kept:
        kept.restore(world)
        yield Insider(world, lambda: kept.save(world)), world


TRANSIENT = {"clock", "settings", "changes", "_touched", "base_url", "past"}
"""Attributes of a company that belong to the moment, or to the world around it."""


def inside(thing: Any) -> Any:
    """All that a state holds, in its order, without what its containers are made of."""
    if isinstance(thing, State):
        return {name: inside(value) for name, value in vars(thing).items() if name not in TRANSIENT}
    if isinstance(thing, Record):
        return thing.body, thing.created, thing.updated
    if isinstance(thing, defaultdict):
        return {key: inside(value) for key, value in thing.items() if value}
    return [(key, inside(value)) for key, value in thing.items()] if isinstance(thing, dict) else thing


def state_of(company: Company) -> Any:
    """Everything in a company; places on a shelf count only by their order, last Ids only by their sequence."""
    found = inside(company)
    found["last_ids"].sort()
    for _, shelf in found["shelves"]:
        shelf["_places"], shelf["_placed"] = [key for key, _ in shelf["_places"]], 0
        shelf["_ids_by"] = [(name, {key: sorted(ids) for key, ids in each.items()}) for name, each in shelf["_ids_by"]]
    return found


@settings(max_examples=8, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_what_is_read_back_is_the_same_inside_and_goes_on_the_same(tmp_path_factory: Any, seed: int) -> None:
    """Objects, ledger, links, indexes and numbers; afterwards both worlds fare alike."""
    trader = Trader(seed, currencies=seed % 2 == 1)
    twin = copy(trader)
    twin.world = new_world(lambda: START + timedelta(seconds=twin.steps))
    with closing(DataFile(tmp_path_factory.mktemp("data") / "company.db")) as file:
        for _ in range(40):
            trader.step()
            file.save(trader.world)
        file.restore(twin.world)
        assert state_of(twin.company) == state_of(trader.company)
        twin.steps, twin.dice = trader.steps, Random()  # noqa: S311 - it gets the other's state
        twin.dice.setstate(trader.dice.getstate())
        for _ in range(20):
            assert twin.step() == trader.step()
            file.save(twin.world)
        assert state_of(twin.company) == state_of(trader.company)
        file.restore(trader.world)
        assert state_of(twin.company) == state_of(trader.company)


def test_every_part_of_a_company_and_a_world_is_kept_or_named_as_not_kept() -> None:
    """Whoever adds a container to one of these adds it to data_file/parts.py too, or to the sets here."""
    world = still_world()
    company = world.companies[DEFAULT_REALM]
    derived = {"shelves", "ledger", "_zone", "realm"}
    assert set(vars(company)) == set(COMPANY) - set(company.shelves) - {"postings"} | derived | TRANSIENT
    assert set(vars(company.ledger)) == {"postings", "accounts", "foreign", "parties"}
    inside_of = {"companies", "grants", "conditions", "post_room", "mischief", "request_ids", "metering"}
    names = {"settings", "clock", "resets", "late", "asked"}
    not_kept = {"seed", "default_realm", "perform", "throttle", "checkpoints", "log", "_keeps_past"}
    assert set(vars(world)) == inside_of | names | not_kept
    assert set(vars(world.grants)) == {"seed", "issued", "apps", "codes", "connections", "access", "by_refresh"}
    assert set(vars(world.post_room)) == {"seed", "lines", "tricks", "events", "posted", "attempts"}
    assert names <= set(SMALL)
    assert {"apps", "codes", "connections", "access", "conditions", "lines", "request_ids", "metering"} == set(WORLD)


def test_codes_and_connections_change_only_where_the_data_file_sees_it() -> None:
    """They are changed in place, and put back by Grants alone."""
    changed = re.compile(r"\.(used|revoked|rotated|refresh_token|refresh_expires)\b[^=\n]* = ")
    modules = [path for path in SIMULATOR.rglob("*.py") if path.name != "grants.py"]
    assert len(modules) > 100
    assert [path.name for path in modules if changed.search(path.read_text(encoding="utf-8"))] == []


def test_everything_around_the_books_survives_a_restart(tmp_path: Path) -> None:
    """Tokens, request ids, switches, clock, rules with their counters, calls put off, files, deleted stubs."""
    file = tmp_path / "company.db"
    names = ("settings", "clock", "faults", "companies", "balances", "trial_balance", "webhooks", "dump")
    with running(data=file) as base, (first := Person(base)).http:
        first.side("POST", "clock", {"frozen": True, "now": "2026-10-15T12:00:00-04:00"})
        first.side("POST", "settings", {"throttle": False, "duplicate_docnumber": "accept", "webhook_timer": False})
        first.side("POST", "companies", {"realm": "77", "name": "Second"})
        first.side("POST", "webhooks", {"url": "http://127.0.0.1:9/hook", "client_id": "side-door"})
        hours = sale_line(100, "4", Qty=2, UnitPrice=50)
        made = first.post("Invoice", {**INVOICE, "Line": [hours]}, requestid="abc")
        gone = first.invoice(7)
        first.call("POST", "invoice", {"Id": gone["Id"], "SyncToken": "0"}, operation="delete")
        first.side("POST", "faults", [{"kind": "late_commit", "after_s": 60, "entity": "invoice"},
                                      {"kind": "status", "entity": "customer", "nth": 3}])  # fmt: skip
        with pytest.raises(requests.ConnectionError):
            first.call("POST", "invoice", INVOICE)
        first.get("Customer", "1")
        bearer, before = first.http.headers["Authorization"], [first.side("GET", name) for name in names]
        waiting = first.side("GET", "webhooks/deliveries")["waiting"]
        assert len(waiting[0]["events"]) > 1
    with running(data=file) as base, (again := Person(base)).http:
        again.http.headers["Authorization"] = bearer
        found = [again.side("GET", name) for name in names]
        for each in (before, found):
            del each[1]["offset_s"]
        assert found == before
        assert again.side("GET", "webhooks/deliveries")["waiting"] == waiting
        assert again.get("Invoice", made["Id"]) == made
        assert again.post("Invoice", INVOICE, requestid="abc") == made
        note = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "two hours"}
        assert again.post("Invoice", note)["TotalAmt"] == 100
        again.side("POST", "clock", {"advance_s": 60})
        assert again.query("select count(*) from Invoice") == {"totalCount": 2}
        assert int(again.invoice(1)["Id"]) == int(gone["Id"]) + 2
        assert again.call("GET", f"invoice/{gone['Id']}").json()["Fault"]["Error"][0]["code"] == "610"
        again.get("Customer", "1")
        assert again.call("GET", "customer/1").status_code == 500


def test_a_connection_that_was_ended_stays_ended(tmp_path: Path) -> None:
    file = tmp_path / "company.db"
    with running(data=file) as base, (ended := Person(base)).http:
        first = Person(base)
        assert ended.side("POST", "revoke") == {"revoked": 2}
        with (last := Person(base)).http:
            bearers = [each.http.headers["Authorization"] for each in (ended, first, last)]
    with running(data=file) as base, (person := Person(base)).http:
        for bearer, status in zip(bearers, (401, 401, 200), strict=True):
            person.http.headers["Authorization"] = bearer
            assert person.call("GET", "preferences").status_code == status


def test_a_rewind_and_a_reset_are_kept_with_the_order_of_objects(tmp_path: Path) -> None:
    file = tmp_path / "company.db"
    everything = "select * from Invoice"
    with running(data=file) as base, (person := Person(base)).http:
        ids = [person.invoice(amount)["Id"] for amount in (1, 2, 3)]
        person.pay(2, ("Invoice", ids[1], 2))
        person.side("POST", "checkpoint")
        before = person.query(everything)
        person.side("POST", "companies", {"realm": "77"})
        paid = person.query("select * from Payment")["Payment"][0]
        person.call("POST", "payment", {"Id": paid["Id"], "SyncToken": "0"}, operation="delete")
        person.call("POST", "invoice", {"Id": ids[0], "SyncToken": "0"}, operation="delete")
        person.side("POST", "rewind")
    with running(data=file) as base, (person := Person(base)).http:
        assert person.query(everything) == before
        assert len(person.side("GET", "companies")["companies"]) == 1
        person.proof()
        person.side("POST", "reset", {"seed": "empty"})
        books = person.side("GET", "dump")
    with running(data=file) as base, (person := Person(base)).http:
        assert person.side("GET", "dump") == books
        assert person.query(everything) == {}


def test_keys_that_go_and_come_back_are_read_back_in_their_new_order(tmp_path: Path) -> None:
    file = tmp_path / "company.db"
    with written(file) as (person, world):
        standing = world.companies[DEFAULT_REALM].standing
        for key in "abcd":
            standing[key] = "1"
        person.side("GET", "clock")
        for key in "abc":
            del standing[key]
        standing["e"] = standing["b"] = standing["a"] = "2"
        standing["b"] = "3"
        person.side("GET", "clock")
    with read_back(file) as (_, found):
        read = found.companies[DEFAULT_REALM].standing
        assert list(read.items()) == list(standing.items())
        assert [(key, value) for key, value in read.items() if len(key) == 1] == [
            ("d", "1"), ("e", "2"), ("b", "3"), ("a", "2"),
        ]  # fmt: skip


@contextmanager
def process(file: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A simulator in a process of its own."""
    command = [sys.executable, "-m", "qbo_milestones.simulator", "--port", "0", "--data", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        try:
            yield serving, serving.stdout.readline().strip()
        finally:
            serving.kill()


def test_whatever_was_answered_is_there_after_kill_9(tmp_path: Path) -> None:
    """A writer is killed off in the middle, again and again: every answer counts, and the books balance."""
    file = tmp_path / "company.db"
    answered: dict[str, Any] = {}
    for turn in range(4):
        with process(file) as (serving, base), (person := Person(base)).http:
            person.side("POST", "settings", {"throttle": False})
            found = person.side("GET", "dump")
            there = {f"{name} {row['Id']}": row for name in ("Invoice", "Payment") for row in found.get(name, [])}
            assert {key: there.get(key) for key in answered} == answered
            assert len(there) - len(answered) <= 2 * turn
            person.proof()
            answered = there
            for amount in range(1, 6 + turn):
                made = person.invoice(amount)
                paid = person.pay(amount, ("Invoice", made["Id"], amount))
                answered[f"Payment {paid['Id']}"] = person.get("Payment", paid["Id"])
                answered[f"Invoice {made['Id']}"] = person.get("Invoice", made["Id"])
            waiting = http.client.HTTPConnection(base.removeprefix("http://"))
            headers = {"Authorization": str(person.http.headers["Authorization"]), "Content-Type": "application/json"}
            body = json.dumps(payment(1) if turn % 2 else INVOICE)
            waiting.request(
                "POST", f"/v3/company/{DEFAULT_REALM}/{'payment' if turn % 2 else 'invoice'}", body, headers
            )
            os.kill(serving.pid, signal.SIGKILL)
            waiting.close()


def test_the_process_ends_cleanly_on_sigterm_and_leaves_one_file(tmp_path: Path) -> None:
    with process(tmp_path / "company.db") as (serving, base):
        requests.post(f"{base}/_sim/settings", json={"duplicate_docnumber": "accept"}, timeout=10).close()
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(timeout=10) == 0
    assert [each.name for each in tmp_path.iterdir()] == ["company.db"]
    with kept_world(tmp_path / "company.db") as (world, _):
        assert world.settings.duplicate_docnumber == "accept"


def _foreign(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE kept (realm, part, key, value)")


def _old(file: Path) -> None:
    with kept_world(file):
        pass
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA user_version = 99")


def _spoiled(file: Path) -> None:
    with kept_world(file):
        pass
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE kept SET value = '[1' WHERE part = 'Account'")


def _torn(file: Path) -> None:
    with kept_world(file):
        pass
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda file: file.write_text('{"format": 1}' * 100), "is damaged or not the simulator's"),
        (_foreign, "is damaged or not the simulator's"),
        (_old, "its format is 99, not 1"),
        (_spoiled, "is damaged"),
        (_torn, "is damaged"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_reason(tmp_path: Path, make: Any, words: str) -> None:
    file = tmp_path / "company.db"
    make(file)
    held = file.read_bytes()
    with pytest.raises(CannotServe, match=words), kept_world(file):
        pass
    assert file.read_bytes() == held


def test_a_file_in_use_is_refused_with_the_exit_code_of_bad_usage(tmp_path: Path) -> None:
    file = tmp_path / "company.db"
    with kept_world(file), process(file) as (serving, base):
        _, said = serving.communicate(timeout=10)
        assert (base, serving.returncode) == ("", 2)
        assert f"error: The data file {file} is in use by another simulator." in said
        assert "Traceback" not in said


def test_what_could_not_be_written_is_written_the_next_time(tmp_path: Path) -> None:
    """A full disk: the answer is a system fault, and nothing is forgotten."""
    file = tmp_path / "company.db"
    with running(data=file) as base, (person := Person(base)).http:
        person.invoice(1)
    world = still_world()
    with closing(DataFile(file)) as kept:
        kept.restore(world)
        insider = Insider(world)
        insider.side("POST", "settings", {"throttle": False})
        kept._database.execute("PRAGMA query_only = ON")
        insider.invoice(2)
        with pytest.raises(sqlite3.OperationalError):
            kept.save(world)
        kept._database.execute("PRAGMA query_only = OFF")
        insider.invoice(3)
        kept.save(world)
    with running(data=file) as base, (person := Person(base)).http:
        assert [each["TotalAmt"] for each in person.query("select * from Invoice")["Invoice"]] == [1, 2, 3]


def test_values_are_plain_and_typed_again() -> None:
    """Of the kinds of values that a world holds."""
    kind = dict[tuple[str, int], tuple[datetime | None, bytes, Decimal, list[float]]]
    value = {("a", 1): (NOON, b"\xff\x00", Decimal("1.50"), [0.5]), ("b", 2): (None, b"", Decimal(3), [])}
    assert typed(kind, plain(value)) == value
    assert typed(str | bytes, plain(b"x")) == b"x"
    assert typed(str | bytes, plain("x")) == "x"


def test_a_new_data_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Tokens are in it (safe: secrets are nobody else's); one that is there keeps the mode that its owner gave it."""
    path = tmp_path / "company.db"
    with running(data=path):
        assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with running(data=path):
        assert path.stat().st_mode & 0o777 == 0o640
