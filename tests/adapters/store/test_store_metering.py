"""Metered calls: each is counted in its month, in any thread, and an alarm is told when its mark is passed."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qbo_milestones.adapters.store.metering import calls_of_app
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.model.metering import month_of, reached

from .makers import StillClock, close, open_store

OTHER = "9130000000000002"


def test_each_call_counts_in_its_month_and_its_company(store: DatabaseStore, clock: StillClock, path: Path) -> None:
    """quickbooks-online.md 4.4: the allowance is a calendar month's; a company's calls are its own."""
    other = open_store(path, OTHER)
    for _ in range(3):
        store.meter(100).count()
    other.meter(100).count()
    clock.at = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    store.meter(100).count()
    clock.at = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
    store.meter(100).count()
    assert [store.metered_calls(month) for month in ("2026-10", "2026-11", "2026-12", "")] == [0, 4, 1, 5]
    assert other.metered_calls() == 1
    close(other)


def test_no_call_is_lost_between_threads(store: DatabaseStore) -> None:
    """Lanes share one client."""
    meter = store.meter(1000)
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(meter.count) for _ in range(40)]:
            done.result()
    assert store.metered_calls() == 40


def test_an_alarm_is_logged_when_its_mark_is_passed(store: DatabaseStore, caplog: pytest.LogCaptureFixture) -> None:
    """reliability.md 1.2: at 50, 80 and 95 percent, once each."""
    meter = store.meter(20)
    with caplog.at_level(logging.WARNING):
        for _ in range(25):
            meter.count()
    told = [(vars(record)["percent"], vars(record)["metered"]) for record in caplog.records]
    assert told == [(50, 10), (80, 16), (95, 19)]


def test_the_alarm_goes_by_all_companies_together(
    store: DatabaseStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """quickbooks-online.md 4.4: the allowance is the app's, so two companies may use it up without one passing it."""
    other = open_store(path, OTHER)
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            store.meter(20).count()
            other.meter(20).count()
    assert [(vars(record)["percent"], vars(record)["metered"]) for record in caplog.records] == [(50, 10)]
    assert calls_of_app(store.engine, "2026-11") == 10
    assert (store.metered_calls("2026-11"), other.metered_calls("2026-11")) == (5, 5)
    close(other)


def test_marks_are_exact() -> None:
    """Whole numbers only: the 95th percent of 500,000 is 475,000 calls."""
    assert reached(474_999, 500_000) == {50, 80}
    assert reached(475_000, 500_000) == {50, 80, 95}
    assert reached(0, 500_000) == frozenset()
    assert reached(1, 1) == {50, 80, 95}
    assert month_of(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == "2026-12"


def test_a_database_that_fails_stops_no_answer(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What was asked was answered: the count is worth less than the answer."""
    store = open_store(path)
    store.meter(10).count()
    path.chmod(0o400)
    with store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
        connection.commit()
    store.meter(10).count()
    assert [record.message for record in caplog.records] == ["meter_failed"]
    close(store)
