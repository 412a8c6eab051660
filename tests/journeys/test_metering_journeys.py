"""The calls that we count are those that QuickBooks' own meter counts (reliability.md 1.2)."""

from .agency import Agency
from .conftest import two_rows


def _theirs(agency: Agency) -> int:
    """CorePlus calls by QuickBooks' meter, of this company."""
    rows = agency.simulated.side("GET", "metering")["calls"]
    return sum(row["CorePlus"] for row in rows if row["realm"] == agency.simulated.realm)


def test_our_count_is_quickbooks_count(agency: Agency) -> None:
    """Readings and queries count, good ones only; what is posted is free."""
    two_rows(agency).run()
    first = agency.office.store.metered_calls()
    assert first == _theirs(agency) > 0
    agency.papers.accept("D-105", "10.00")
    agency.run()
    assert agency.office.store.metered_calls("2026-11") == _theirs(agency)
    night = agency.office.store.metered_calls() - first
    assert night <= 10
    newest, before = agency.office.store.runs(2)
    assert (newest.counts["metered"], before.counts["metered"]) == (str(night), str(first))
