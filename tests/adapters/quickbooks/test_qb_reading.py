"""Reading the books: what is cut, what is unknown, and how little is asked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from quickbooks_doubles import Asked, MovedClock, Reply, books_of, client_of, replies, scripted

from qbo_milestones.adapters.quickbooks.books import KINDS, QuickBooksBooks
from qbo_milestones.errors import Refused, Unavailable
from qbo_milestones.model.books import DocumentKind
from qbo_milestones.pipeline.outbox import Sought
from qbo_milestones.ports import Books

NOW = MovedClock().now()
TIME = "2026-11-23T01:00:00.000-08:00"
INVOICE = DocumentKind.INVOICE


def test_it_is_what_a_run_asks_for() -> None:
    port: Books = books_of("https://quickbooks.example/v3")
    assert port is not None


def cdc(**groups: int) -> Reply:
    parts = [{kind: [{"Id": str(n)} for n in range(count)]} for kind, count in groups.items()]
    return Reply({"CDCResponse": [{"QueryResponse": parts}], "time": TIME})


def rows(kind: str, *found: dict[str, Any]) -> Reply:
    return Reply({"QueryResponse": {kind: list(found)}, "time": TIME})


@pytest.mark.parametrize(
    ("reply", "complete"),
    [
        (cdc(Invoice=999), True),
        (cdc(Invoice=1000), False),
        (cdc(Invoice=600, Customer=399), True),
        (cdc(Invoice=600, Customer=400), False),
    ],
)
def test_a_thousand_objects_mean_that_it_may_have_been_cut(reply: Reply, complete: bool) -> None:
    with scripted(replies(reply)) as server:
        changes = books_of(server.address).changes(NOW)
    assert changes.complete is complete
    assert changes.cut == (frozenset() if complete else frozenset(KINDS))
    assert changes.documents


def test_cdc_asks_for_all_kinds_since_the_instant_with_its_offset() -> None:
    with scripted(replies(cdc())) as server:
        books_of(server.address).changes(datetime(2026, 11, 22, 23, 59, 59, 999, UTC))
        (asked,) = server.asked
    assert asked.query["entities"].split(",") == list(KINDS)
    assert asked.query["changedSince"] == "2026-11-22T23:59:59+00:00"


BROKEN: list[dict[str, object]] = [
    {},
    {"CDCResponse": None},
    {"CDCResponse": [{"Fault": {"Error": [{"code": "10000"}], "type": "SystemFault"}}]},
    {"CDCResponse": [{"QueryResponse": [{"Fault": {"Error": [{"code": "10000"}]}}]}]},
    {"CDCResponse": [{"QueryResponse": [{"Invoice": [{"Id": "1", "TotalAmt": "x"}]}]}]},
]


@pytest.mark.parametrize("body", BROKEN)
def test_changes_that_cannot_be_read_are_unknown_not_none(body: dict[str, object]) -> None:
    with scripted(replies(Reply(body))) as server, pytest.raises(Unavailable):
        books_of(server.address).changes(NOW)


def test_present_asks_once_for_two_hundred_and_takes_no_foreign_rows() -> None:
    def script(asked: Asked) -> Reply:
        wanted = asked.body.decode().partition("Id IN (")[2].partition(")")[0]
        return rows("Invoice", *({"Id": part.strip(" '")} for part in wanted.split(",") if "7" in part))

    ids = [str(n) for n in range(1, 402)]
    with scripted(script) as server:
        found = books_of(server.address).present(INVOICE, [*ids, "7"])
        assert len(server.asked) == 3
    assert found == {id_ for id_ in ids if "7" in id_}
    with scripted(replies(rows("Invoice", {"Id": "9"}))) as server, pytest.raises(Unavailable):
        books_of(server.address).present(INVOICE, ["1"])


def test_present_asks_nothing_for_nothing() -> None:
    with scripted(replies(Reply({}, 500))) as server:
        assert books_of(server.address).present(INVOICE, []) == frozenset()
        assert server.asked == []


@pytest.mark.parametrize("id_", ["", "1/2", "../query", "1?x", "abc"])
def test_an_id_cannot_lead_elsewhere(id_: str) -> None:
    with scripted(replies(Reply({}))) as server:
        for ask in (books_of(server.address).read, lambda k, i: books_of(server.address).present(k, [i])):
            with pytest.raises(ValueError, match="not an id"):
                ask(INVOICE, id_)
        assert server.asked == []


def test_another_document_than_asked_for_is_unknown() -> None:
    with scripted(replies(Reply({"Invoice": {"Id": "2"}}))) as server, pytest.raises(Unavailable):
        books_of(server.address).read(INVOICE, "1")


def test_not_found_beside_another_error_is_unknown() -> None:
    errors = [{"code": "610", "Message": "m"}, {"code": "10000", "Message": "m"}]
    reply = Reply({"Fault": {"Error": errors, "type": "ValidationFault"}}, 400)
    with scripted(replies(reply)) as server, pytest.raises(Unavailable):
        books_of(server.address).read(INVOICE, "1")


def test_a_wrong_question_is_refused() -> None:
    fault: dict[str, object] = {
        "Fault": {"Error": [{"code": "4001", "Message": "Invalid query"}], "type": "ValidationFault"}
    }
    with scripted(replies(Reply(fault, 400))) as server, pytest.raises(Refused):
        books_of(server.address).look_up(Sought(INVOICE, "D-1", "1", NOW))


def test_only_not_found_is_gone() -> None:
    fault: dict[str, object] = {"Fault": {"Error": [{"code": "4001", "Message": "m"}], "type": "ValidationFault"}}
    with scripted(replies(Reply(fault, 400))) as server, pytest.raises(Refused):
        books_of(server.address).read(INVOICE, "1")


def test_pages_are_read_until_when_the_first_was_asked_for() -> None:
    later: dict[str, object] = {"QueryResponse": {}, "time": "2026-11-23T01:00:59.000-08:00"}
    with scripted(replies(rows("Invoice"), Reply(later))) as server:
        pages = list(books_of(server.address).pages(("Invoice", "Payment"), None))
    assert [page.read_until for page in pages] == [NOW, NOW]


def test_a_look_up_quotes_what_it_looks_for() -> None:
    with scripted(replies(rows("Invoice"))) as server:
        books = books_of(server.address)
        books.look_up(Sought(INVOICE, "O'N\\", "1", NOW))
        books.look_up(Sought(INVOICE, "", "7", NOW - timedelta(days=1)))
        statements = [asked.body.decode() for asked in server.asked]
    assert r"WHERE DocNumber = 'O\'N\\' ORDERBY" in statements[0]
    # By QuickBooks' clock, which the answer before it has told.
    assert "WHERE CustomerRef = '7' AND MetaData.CreateTime >= '2026-11-22T09:00:42+00:00' ORDERBY" in statements[1]
    assert "TxnDate" not in "".join(statements)


def test_the_home_currency_is_read_once_and_its_lack_is_unknown() -> None:
    def script(asked: Asked) -> Reply:
        if b"Preferences" in asked.body:
            return rows("Preferences", {"CurrencyPrefs": {"HomeCurrency": {"value": "EUR"}}})
        return Reply({"Invoice": {"Id": "1", "TotalAmt": 5}})

    clock = MovedClock()
    with scripted(script) as server:
        books = QuickBooksBooks(client_of(server.address, clock), clock)
        assert [books.read(INVOICE, "1").total.currency for _ in range(2)] == ["EUR", "EUR"]
        assert len(server.asked) == 3
    for reply in (rows("Preferences"), rows("Preferences", {})):
        with scripted(replies(reply)) as server, pytest.raises(Unavailable):
            QuickBooksBooks(client_of(server.address, clock), clock).read(INVOICE, "1")


def test_a_write_does_not_leave_after_a_slow_question() -> None:
    clock = MovedClock()

    def script(asked: Asked) -> Reply:
        clock.move(6)
        assert b"Preferences" in asked.body
        return rows("Preferences", {"CurrencyPrefs": {"HomeCurrency": {"value": "EUR"}}})

    with scripted(script) as server:
        books = QuickBooksBooks(client_of(server.address, clock), clock)
        with pytest.raises(Unavailable):
            books.send(INVOICE, b"{}", "r1")
        assert len(server.asked) == 1


def test_a_write_does_not_leave_after_a_slow_refresh() -> None:
    clock = MovedClock()

    class Slow:
        def access_token(self) -> str:
            clock.move(16)
            return "token"

        def renewed(self, refused: str) -> str:
            return refused

    with scripted(replies(Reply({"Invoice": {"Id": "1"}}))) as server:
        client = client_of(server.address, clock, Slow())
        with pytest.raises(Unavailable):
            QuickBooksBooks(client, clock, "USD").send(INVOICE, b"{}", "r1")
        assert server.asked == []
        assert QuickBooksBooks(client, clock, "USD").read(INVOICE, "1").id == "1"


def test_clock_skew_is_measured_and_a_strange_date_is_not() -> None:
    with scripted(replies(Reply({"Invoice": {"Id": "1"}}))) as server:
        client = client_of(server.address)
        QuickBooksBooks(client, MovedClock(), "USD").read(INVOICE, "1")
        assert client.clock_skew_s == 42
        assert client.tid == "1-69f0a24d-test"
