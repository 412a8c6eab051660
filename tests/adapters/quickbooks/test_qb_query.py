"""Statements that nobody can break out of, and lists that lose nothing while people work."""

import random
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quickbooks_doubles import unhurried

from qbo_milestones.adapters.quickbooks.paging import Pages
from qbo_milestones.adapters.quickbooks.query import CREATED, UPDATED, Condition, Value, literal, select
from qbo_milestones.errors import Unavailable

START = datetime(2026, 11, 1, tzinfo=UTC)


def read_literal(text: str) -> tuple[str, str]:
    """The value of the literal at the beginning, and what follows it, as QuickBooks' parser sees them."""
    assert text[0] == "'"
    value, place = "", 1
    while text[place] != "'":
        place += text[place] == "\\"
        value += text[place]
        place += 1
    return value, text[place + 1 :]


@unhurried
@given(st.text())
def test_no_text_breaks_out_of_its_quotes(text: str) -> None:
    statement = select("Invoice", [Condition("DocNumber", "=", text)], rows=10)
    head, _, rest = statement.partition("'")
    assert head == "SELECT * FROM Invoice WHERE DocNumber = "
    assert read_literal("'" + rest) == (text, " MAXRESULTS 10")


VALUES: list[tuple[Value, str]] = [
    (7, "'7'"),
    (Decimal("1E+3"), "'1000'"),
    (True, "true"),
    (date(2026, 1, 2), "'2026-01-02'"),
    (datetime(2026, 1, 2, 3, 4, 5, 6, UTC), "'2026-01-02T03:04:05+00:00'"),
    ("O'Neill\\", r"'O\'Neill\\'"),
]


@pytest.mark.parametrize(("value", "expected"), VALUES)
def test_values_are_quoted(value: Value, expected: str) -> None:
    assert literal(value) == expected


def test_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        literal(datetime(2026, 1, 1))  # noqa: DTZ001  # that it is naive is the point


def test_a_whole_statement() -> None:
    conditions = [
        Condition("CustomerRef", "=", "7"),
        Condition(CREATED, ">=", START),
        Condition("Id", "IN", ("1", "2")),
    ]
    assert select("Invoice", conditions, order_by=UPDATED, start=1, rows=1000) == (
        "SELECT * FROM Invoice WHERE CustomerRef = '7' AND MetaData.CreateTime >= '2026-11-01T00:00:00+00:00'"
        " AND Id IN ('1', '2') ORDERBY MetaData.LastUpdatedTime ASC STARTPOSITION 1 MAXRESULTS 1000"
    )
    assert select("Customer", inactive=True) == "SELECT * FROM Customer WHERE Active IN (true, false)"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: select("Vendor"),
        lambda: select("Invoice; DROP"),
        lambda: select("Invoice", what="Id"),
        lambda: select("Invoice", order_by="Balance DESC"),
        lambda: select("Payment", [Condition("DocNumber", "=", "1")]),
        lambda: select("JournalEntry", [Condition("PrivateNote", "=", "1")]),
        lambda: select("Invoice", [Condition("DocNumber", "LIKE", "1")]),
        lambda: select("Invoice", [Condition("Id", "IN", ())]),
        lambda: select("Invoice", [Condition("Id", "=", ("1",))]),
        lambda: select("Invoice", inactive=True),
    ],
)
def test_what_is_not_on_the_list_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"not|has no|with"):
        wrong()


class Living:
    """A list that people change between two questions; rows of one second come in any order, which may change."""

    def __init__(self, seconds: list[int], chance: random.Random, busy: bool) -> None:
        self.rows = {str(n): (START + timedelta(seconds=s), 0) for n, s in enumerate(seconds)}
        self.now, self.chance, self.busy, self.asked = START + timedelta(seconds=1000), chance, busy, 0
        self.left: set[str] = set()
        self.order = chance.sample(sorted(self.rows), len(self.rows))

    def ask(self, statement: str) -> dict[str, Any]:
        self.asked += 1
        assert self.asked < 2000
        if self.busy and self.rows and self.chance.random() < 0.4:
            self._change()
        found = [id_ for id_, (at, _) in self.rows.items() if self._meets(statement, at)]
        if "count(*)" in statement:
            return {"QueryResponse": {"totalCount": len(found)}}
        if self.busy and self.chance.random() < 0.2:
            self.chance.shuffle(self.order)
        found.sort(key=lambda id_: (self.rows[id_][0], self.order.index(id_)))
        start, most = (int(re.findall(rf"{word} (\d+)", statement)[0]) for word in ("STARTPOSITION", "MAXRESULTS"))
        return {"QueryResponse": {"Invoice": [self._row(id_) for id_ in found[start - 1 : start - 1 + most]]}}

    def _change(self) -> None:
        id_ = self.chance.choice(sorted(self.rows))
        if self.chance.random() < 0.5:
            del self.rows[id_]
            self.left.add(id_)
        else:
            self.now += timedelta(seconds=1)
            self.rows[id_] = (self.now, self.rows[id_][1] + 1)

    def _meets(self, statement: str, at: datetime) -> bool:
        tests = re.findall(r"LastUpdatedTime (>=|<) '([^']+)'", statement)
        return all(at >= datetime.fromisoformat(t) if op == ">=" else at < datetime.fromisoformat(t) for op, t in tests)

    def _row(self, id_: str) -> dict[str, Any]:
        at, version = self.rows[id_]
        shown = at.astimezone(UTC).isoformat()
        return {"Id": id_, "SyncToken": str(version), "MetaData": {"LastUpdatedTime": shown}}


@unhurried
@given(st.lists(st.integers(0, 6), max_size=40), st.randoms(use_true_random=False), st.booleans(), st.booleans())
def test_nothing_is_skipped_and_nothing_comes_twice(
    seconds: list[int], chance: random.Random, busy: bool, late: bool
) -> None:
    living = Living(seconds, chance, busy)
    at_first = dict(living.rows)
    since = START + timedelta(seconds=3) if late else None
    pages = Pages(living.ask, "Invoice", rows=4).read(since)
    try:
        given_rows = [(row["Id"], row["SyncToken"]) for page in pages for row in page]
    except Unavailable:
        assert busy
        return
    assert len(given_rows) == len(set(given_rows))
    ids = {id_ for id_, _ in given_rows}
    due = {id_ for id_, (at, _) in at_first.items() if since is None or at >= since}
    assert due - living.left <= ids
    newest = dict(given_rows)
    assert all(newest[id_] == str(living.rows[id_][1]) for id_ in due - living.left)


def test_more_rows_than_a_page_in_one_second_end_and_are_complete() -> None:
    living = Living([5] * 23 + [6] * 2, random.Random(1), busy=False)  # noqa: S311  # no secret
    given_rows = [row["Id"] for page in Pages(living.ask, "Invoice", rows=4).read() for row in page]
    assert sorted(given_rows) == sorted(living.rows)


def test_a_row_edited_after_it_was_given_comes_again_in_its_new_version() -> None:
    living = Living([1, 2, 3], random.Random(1), busy=False)  # noqa: S311  # no secret
    pages = Pages(living.ask, "Invoice", rows=2).read()
    assert [(row["Id"], row["SyncToken"]) for row in next(pages)] == [("0", "0"), ("1", "0")]
    living.rows["1"] = (living.now, 1)
    assert [(row["Id"], row["SyncToken"]) for page in pages for row in page] == [("2", "0"), ("1", "1")]


def test_a_list_that_never_rests_is_unknown() -> None:
    living = Living([5] * 9, random.Random(1), busy=False)  # noqa: S311  # no secret
    counts = iter(range(100, 1000))

    def ask(statement: str) -> dict[str, Any]:
        if "count(*)" in statement:
            return {"QueryResponse": {"totalCount": next(counts)}}
        return living.ask(statement)

    with pytest.raises(Unavailable):
        list(Pages(ask, "Invoice", rows=4).read())


@pytest.mark.parametrize("answer", [{}, {"QueryResponse": None}, {"QueryResponse": {"Invoice": "x"}}])
def test_an_answer_that_is_none_is_unknown_not_empty(answer: dict[str, Any]) -> None:
    with pytest.raises(Unavailable):
        list(Pages(lambda _: answer, "Invoice").read())
