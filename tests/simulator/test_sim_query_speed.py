"""A great company: what an index serves costs the same in it, and nothing costs more than its size."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from time import process_time

import pytest

from qbo_milestones.simulator.amounts import Doc, read_json
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.past import NO_LAG
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.calls.queries import query_response
from qbo_milestones.simulator.clock import Clock
from qbo_milestones.simulator.settings import Settings

NOON = datetime(2026, 10, 15, 16, tzinfo=UTC)
FEW, MANY = 4_000, 64_000
TIMES = MANY // FEW
INDEXED, WHOLE = 4, 2 * TIMES
"""How many times the cost in the small company a statement may cost in the great one: by an index, by reading all."""


def made(size: int) -> Company:
    """Invoices one second apart, of as many customers as there are hundreds of invoices."""
    found = Company("1", Clock(lambda: NOON), Settings())
    for place in range(size):
        body: Doc = {
            "Id": str(place + 1), "DocNumber": f"N{place}", "TxnDate": "2026-10-15", "TotalAmt": place,
            "CustomerRef": {"value": str(place % (size // 100))}, "Line": [],
        }  # fmt: skip
        instant = NOON + timedelta(seconds=place)
        found.shelves["Invoice"].put(Record(body, instant, instant))
    return found


@pytest.fixture(scope="module")
def companies() -> tuple[Company, Company]:
    """A small one and a great one."""
    return made(FEW), made(MANY)


def cost(work: Callable[[], object]) -> float:
    """CPU seconds, the best of three."""
    found = []
    for _ in range(3):
        began = process_time()
        for _ in range(5):
            work()
        found.append(process_time() - began)
    return min(found)


def statement(company: Company, rest: str, size: int) -> list[Doc]:
    """The rows of a statement; LAST and HALF stand for places in the company."""
    half = (NOON + timedelta(seconds=size / 2)).isoformat()
    text = rest.replace("LAST", str(size - 999)).replace("HALF", half).replace("ALMOST", str(size - 1000))
    rows: list[Doc] = read_json(query_response(company, f"select * from Invoice {text}", NO_LAG)[0])["Invoice"]
    return rows


@pytest.mark.parametrize(
    ("rest", "first", "length", "most"),
    [
        ("maxresults 1000", 1, 1000, INDEXED),
        ("startposition LAST maxresults 1000", MANY - 999, 1000, WHOLE),
        ("orderby MetaData.LastUpdatedTime maxresults 1000", 1, 1000, INDEXED),
        ("orderby MetaData.LastUpdatedTime desc maxresults 1000", MANY, 1000, INDEXED),
        ("where MetaData.LastUpdatedTime >= 'HALF' orderby MetaData.LastUpdatedTime maxresults 1000", MANY // 2 + 1,
         1000, INDEXED),
        ("where DocNumber = 'n3777'", 3778, 1, INDEXED),
        ("where Id in ('5', '3999', '77')", 5, 3, INDEXED),
        ("where CustomerRef = '17' maxresults 1000", 18, 100, INDEXED),
        ("where TotalAmt >= 'ALMOST' maxresults 1000", MANY - 999, 1000, WHOLE),
        ("orderby TotalAmt desc maxresults 10", MANY, 10, WHOLE),
    ],
)  # fmt: skip
def test_what_a_page_costs_in_a_great_company(
    companies: tuple[Company, Company], rest: str, first: int, length: int, most: int
) -> None:
    """Issue: the books may be great; a ratio in one run, not seconds."""
    found = statement(companies[1], rest, MANY)
    assert (found[0]["Id"], len(found)) == (str(first), length)
    small, great = (
        cost(partial(statement, company, rest, size)) for company, size in zip(companies, (FEW, MANY), strict=True)
    )
    assert great < most * small


def test_a_great_company_is_counted_in_proportion(companies: tuple[Company, Company]) -> None:
    """The count comes in proportion to what is counted at the most."""
    count = "select count(*) from Invoice"
    assert query_response(companies[1], count, NO_LAG)[0] == f'{{"totalCount":{MANY}}}'
    small, great = (cost(partial(query_response, company, count, NO_LAG)) for company in companies)
    assert great < WHOLE * small
