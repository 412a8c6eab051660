"""Random business: every report agrees with the ledger and with every other one, on both bases, day by day."""

import pytest
from report_ties import ties
from trader import Trader


@pytest.mark.parametrize("seed", range(6))
def test_all_reports_tie_after_random_business(seed: int) -> None:
    """After every few steps, as of today, of the last day and of one in the middle; at home and with euros."""
    trader = Trader(seed, currencies=seed % 2 == 1)
    for number in range(60):
        done = trader.step()
        if number % 6 == 5:
            assert ties(trader.company) == [], done
    assert ties(trader.company, "2026-02-15", "2026-03-31") == []


def test_reports_tie_over_a_fiscal_year_that_begins_in_april() -> None:
    """Former fiscal years' profit is retained earnings by then."""
    trader = Trader(99)
    trader.company.put(
        "Preferences",
        {**(before := trader.company.fetch("Preferences", "1")).body,
         "AccountingInfoPrefs": {**before.body["AccountingInfoPrefs"], "FirstMonthOfFiscalYear": "April"}},
        before,
    )  # fmt: skip
    for _ in range(60):
        trader.step()
    assert ties(trader.company, "2026-03-31", "2026-04-01", "2026-04-30") == []
