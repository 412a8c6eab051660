"""A hundred thousand invoices: no page, lookup or count costs seconds."""

from datetime import UTC, datetime, timedelta
from time import perf_counter

import pytest

from qbo_milestones.simulator.amounts import Doc, read_json
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.past import NO_LAG
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.calls.queries import query_response
from qbo_milestones.simulator.clock import Clock
from qbo_milestones.simulator.settings import Settings

NOON = datetime(2026, 10, 15, 16, tzinfo=UTC)
MANY = 100_000
HALF = (NOON + timedelta(seconds=MANY / 2)).isoformat()


@pytest.fixture(scope="module")
def company() -> Company:
    """Invoices one second apart, of a thousand customers."""
    found = Company("1", Clock(lambda: NOON), Settings())
    for place in range(MANY):
        body: Doc = {
            "Id": str(place + 1), "DocNumber": f"N{place}", "TxnDate": "2026-10-15", "TotalAmt": place,
            "CustomerRef": {"value": str(place % 1000)}, "Line": [],
        }  # fmt: skip
        instant = NOON + timedelta(seconds=place)
        found.shelves["Invoice"].put(Record(body, instant, instant))
    return found


@pytest.mark.parametrize(
    ("rest", "first", "length"),
    [
        ("maxresults 1000", "1", 1000),
        ("startposition 99001 maxresults 1000", "99001", 1000),
        ("orderby MetaData.LastUpdatedTime maxresults 1000", "1", 1000),
        ("orderby MetaData.LastUpdatedTime desc maxresults 1000", str(MANY), 1000),
        (f"where MetaData.LastUpdatedTime >= '{HALF}' orderby MetaData.LastUpdatedTime maxresults 1000", "50001", 1000),
        ("where DocNumber = 'n77777'", "77778", 1),
        ("where Id in ('5', '99999', '77')", "5", 3),
        ("where CustomerRef = '17' maxresults 1000", "18", 100),
        ("where TotalAmt >= '99000' maxresults 1000", "99001", 1000),
        ("orderby TotalAmt desc maxresults 10", str(MANY), 10),
    ],
)
def test_a_page_of_a_great_company_comes_soon(company: Company, rest: str, first: str, length: int) -> None:
    """Issue: a page of 1,000 of 100,000 objects must not cost seconds."""
    began = perf_counter()
    found = read_json(query_response(company, f"select * from Invoice {rest}", NO_LAG)[0])["Invoice"]
    assert perf_counter() - began < 2
    assert (found[0]["Id"], len(found)) == (first, length)


def test_a_great_company_is_counted_soon(company: Company) -> None:
    began = perf_counter()
    assert query_response(company, "select count(*) from Invoice", NO_LAG)[0] == f'{{"totalCount":{MANY}}}'
    assert perf_counter() - began < 2
