"""Our clock was wrong when something was sent: nothing waits until then, and nothing is looked for in the future."""

from datetime import timedelta

import pytest

from qbo_milestones.model.exit_code import DONE

from .agency import Agency
from .conftest import MakeAgency
from .simulated import HARDEST


def ahead(agency: Agency, monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    """From now on this machine's clock is so far ahead of QuickBooks'."""
    clock = agency.clock
    right = type(clock).now
    monkeypatch.setattr(clock, "now", lambda: right(clock) + timedelta(days=days))


@pytest.mark.parametrize("fault", ["refuse_before", "lost_answer"])
@pytest.mark.parametrize("days", [1, 60])
def test_what_was_sent_by_a_clock_that_was_ahead_is_settled_once_it_is_right(
    agency: Agency, monkeypatch: pytest.MonkeyPatch, days: int, fault: str
) -> None:
    """I5: the quiet time begins when the clock is right, and not after the days that it was ahead."""
    agency.run()
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil(fault, method="POST", entity="invoice")
    ahead(agency, monkeypatch, days)
    agency.run()
    monkeypatch.undo()
    agency.run()
    outcome = agency.settled(3)
    assert agency.simulated.numbers() == ["D-101-A", "D-101-AJ"]
    assert (outcome.exit_code, agency.flags()) == (DONE, [])


def test_a_clock_a_little_behind_the_sender_s_does_not_shorten_the_quiet_time(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I5: two machines differ by minutes; the one behind leaves the send's own instant as it is."""
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil("refuse_before", method="POST", entity="invoice")
    ahead(agency, monkeypatch, 5 / 1_440)
    agency.run()
    sent_at = agency.outbox()["D-101-A"].last_sent_at
    monkeypatch.undo()
    agency.move(10)
    agency.run()
    assert agency.outbox()["D-101-A"].last_sent_at == sent_at


def test_a_clock_that_stays_ahead_does_not_look_in_the_future(
    make_agency: MakeAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ruling 3: created since the first attempt, by QuickBooks' clock."""
    agency = make_agency(HARDEST, own_numbers=False)
    agency.simulated.prefer("SalesFormsPrefs", CustomTxnNumbers=False)
    agency.run()
    agency.papers.accept("D-101", "1200.00")
    ahead(agency, monkeypatch, 2)
    agency.simulated.spoil("lost_answer", method="POST", entity="invoice")
    agency.run(wait=True)
    agency.move(500)
    agency.run()
    assert len(agency.simulated.ours()[0]) == 1
