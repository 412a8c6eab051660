"""Whatever is sent: no answer comes from a defect of ours, what is refused changes nothing, the books balance."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from any_request import BATCHES, CALLS, DOORS, RAW, SIDE_DOOR, STATEMENTS, WRITES, edited
from books_inside import inside
from hypothesis import example, given, settings
from hypothesis import strategies as st
from simulator_person import Doc
from trader import Trader

from qbo_milestones.simulator.amounts import read_json, write_json
from qbo_milestones.simulator.books.balances import balances, trial_balance
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.front import handle
from qbo_milestones.simulator.messages import Answer, Request
from qbo_milestones.simulator.world.world import DEFAULT_REALM, World
from qbo_milestones.simulator.writing.contents import dump

API = f"/v3/company/{DEFAULT_REALM}/"


@dataclass
class Ground:
    """A company that has done some business; each request finds it as it was."""

    world: World
    token: str
    books: Company
    before: dict[str, Any]
    dumped: dict[str, list[Doc]]

    @property
    def company(self) -> Company:
        """As it is now."""
        return self.world.companies[DEFAULT_REALM]

    def ask(self, method: str, path: str, query: dict[str, str], body: bytes, **headers: str) -> Answer:
        """One call on the company as it was."""
        company = self.books.copy()
        self.world.companies[DEFAULT_REALM] = company
        company.clock, company.settings = self.world.clock, self.world.settings
        return self.again(method, path, query, body, **headers)

    def again(self, method: str, path: str, query: dict[str, str], body: bytes = b"", **headers: str) -> Answer:
        """One call on the company as it is now."""
        known = {"authorization": f"Bearer {self.token}", "accept": "application/json",
                 "content-type": "application/json"}  # fmt: skip
        known.update({key.replace("_", "-"): each for key, each in headers.items()})
        answer = handle(self.world, Request(method, API + path, query, known, body))
        prove(answer)
        return answer


def prove(answer: Answer) -> None:
    """An answer that the service itself could give."""
    assert answer.status in (200, 302, 400, 401, 403, 404, 405, 429), (answer.status, answer.body)
    text = answer.body if isinstance(answer.body, bytes) else answer.body.encode()
    assert b'"10000"' not in text[:300]
    headers = "".join(answer.headers.values())
    assert headers.encode("latin-1")
    assert headers.isprintable()


@pytest.fixture(scope="module")
def ground() -> Ground:
    """A hundred things were bought, sold and paid, in two currencies."""
    trader = Trader(3, currencies=True)
    for _ in range(100):
        trader.step()
    company = trader.company
    dumped: dict[str, list[Doc]] = read_json(write_json(dump(company)))
    return Ground(trader.world, trader.token, company.copy(), inside(company), dumped)


def as_json(body: Any) -> bytes:
    """A body on the wire."""
    return json.dumps(body, default=lambda number: float(number)).encode()


SOME, MANY = settings(max_examples=150), settings(max_examples=500)


@SOME
@given(WRITES)
def test_a_body_out_of_the_table_is_written_whole_or_not_at_all(
    ground: Ground, write: tuple[str, Any, dict[str, str]]
) -> None:
    """Properties of the entity with values that could stand there, and others."""
    write_and_prove(ground, *write)


@MANY
@given(st.data())
def test_an_object_with_something_else_in_it_is_written_whole_or_not_at_all(
    ground: Ground, data: st.DataObject
) -> None:
    """Objects that are there, sent again, changed, voided, deleted, with the parts of others and with junk."""
    write_and_prove(ground, *data.draw(edited(ground.dumped)))


def write_and_prove(ground: Ground, name: str, body: Any, query: dict[str, str]) -> None:
    """What was written can be read, searched for, printed and reported; what was refused is nowhere."""
    answer = ground.ask("POST", name.lower(), query, as_json(body))
    if answer.status != 200 or str(answer.body).startswith('{"Fault"'):
        assert inside(ground.company) == ground.before
        return
    prove_books(ground.company)
    read_everywhere(ground, name, read_json(answer.body).get(name) or {})


def prove_books(company: Company) -> None:
    """What must always hold."""
    assert trial_balance(company, "9999-12-31")["total"] == "0.00"
    found = balances(company)
    assert (found["receivable"]["difference"], found["payable"]["difference"]) == ("0.00", "0.00")


def read_everywhere(ground: Ground, name: str, made: Doc) -> None:
    """No reader stumbles over it."""
    ground.again("GET", f"{name.lower()}/{made.get('Id')}", {})
    ground.again("GET", f"{name.lower()}/{made.get('Id')}/pdf", {})
    ground.again("GET", "query", {"query": " ".join(("select * from", name))})
    ground.again("GET", "cdc", {"entities": name, "changedSince": "2026-03-01"})
    for report in ("GeneralLedger", "ProfitAndLoss", "AgedReceivableDetail", "JournalReport"):
        ground.again("GET", f"reports/{report}", {"start_date": "2000-01-01", "end_date": "2099-12-31"})
    prove(handle(ground.world, Request("GET", f"/company/{DEFAULT_REALM}/{name.lower()}/{made.get('Id')}", {}, {})))


@SOME
@given(WRITES.map(lambda write: write[0]), RAW)
@example("Invoice", b"[" * 100_000)
def test_bytes_that_are_no_body_are_refused(ground: Ground, name: str, raw: bytes) -> None:
    """Wrong encodings, half JSON, doubled keys, endless nesting."""
    answer = ground.ask("POST", name.lower(), {}, raw)
    assert answer.status == 400
    assert inside(ground.company) == ground.before


@SOME
@given(STATEMENTS)
def test_a_statement_is_answered_or_refused(ground: Ground, statement: str) -> None:
    """By GET and POST, and nothing is changed by asking."""
    asked = ground.ask("GET", "query", {"query": statement}, b"")
    posted = ground.again("POST", "query", {}, statement.encode(), content_type="application/text")
    assert asked.status == posted.status
    assert inside(ground.company) == ground.before


@SOME
@given(BATCHES)
def test_a_batch_is_answered_item_by_item(ground: Ground, items: list[Any]) -> None:
    """A refused item leaves nothing behind."""
    ground.ask("POST", "batch", {}, as_json({"BatchItemRequest": items}))
    prove_books(ground.company)


@SOME
@given(CALLS)
def test_any_path_is_answered(ground: Ground, call: tuple[str, str, dict[str, str], dict[str, str], Any]) -> None:
    """Methods, Ids, questions and headers of all kinds; what is only asked changes nothing."""
    method, path, query, headers, body = call
    raw = body if isinstance(body, bytes) else as_json(body)
    answer = ground.ask(method, path, query, raw, **headers)
    if method != "POST" or answer.status != 200:
        assert inside(ground.company) == ground.before


@SOME
@given(DOORS)
def test_the_other_doors_answer(ground: Ground, call: tuple[str, str, dict[str, str], dict[str, str], bytes]) -> None:
    """OAuth, pages, files."""
    method, path, form, headers, raw = call
    ground.ask("GET", "preferences", {}, b"")
    prove(handle(ground.world, Request(method, path, form, headers, raw or urlencode(form, errors="replace").encode())))


@SOME
@given(SIDE_DOOR)
def test_the_side_door_says_what_it_does_not_understand(
    ground: Ground, call: tuple[str, str, dict[str, str], Any]
) -> None:
    """It is asked by people; a mistake is told, never a defect."""
    method, desk, query, body = call
    ground.ask("GET", "preferences", {}, b"")
    answer = handle(ground.world, Request(method, f"/_sim/{desk}", query, {}, as_json(body)))
    prove(answer)
