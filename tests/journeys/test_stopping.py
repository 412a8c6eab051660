"""A run that is asked to stop: it hears out what is in the air, sends nothing more, and the next run goes on."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from qbo_milestones.errors import Unavailable
from qbo_milestones.pipeline.outbox import Stage

from .agency import QUIET_S, Agency
from .conftest import MakeAgency, two_rows
from .simulated import Doc


def stop_when(agency: Agency, asked: Callable[[], bool]) -> None:
    """From now on the runs of this office are asked to stop when it is true."""
    agency.office.world = replace(agency.office.world, stopping=asked)


@pytest.mark.parametrize("sent", [1, 2, 3])
def test_what_is_in_the_air_is_heard_out_and_nothing_more_is_sent(
    make_agency: MakeAgency, quiet_night: Doc, sent: int
) -> None:
    """Issue 4, drain; reliability.md 1.3 T2, section 5: the answers are committed, the rest stays planned, 75."""
    agency = two_rows(make_agency(lanes=1))
    stop_when(agency, lambda: len(agency.simulated.writes()) >= sent)
    outcome = agency.run()
    assert (outcome.exit_code, outcome.tally.posted, outcome.tally.waiting) == (75, sent, 4 - sent)
    assert len(agency.simulated.writes()) == sent
    stages = agency.office.store.counts()
    assert (stages[Stage.POSTED], stages[Stage.PLANNED], stages[Stage.SENDING]) == (sent, 4 - sent, 0)
    record = agency.office.store.runs(1)[0]
    assert (record.exit_code, record.counts["posted"]) == (75, str(sent))
    assert "asked to stop" in record.counts["stopped"]
    stop_when(agency, lambda: False)
    # No quiet time and no other run's lease stands in the way.
    assert agency.run().exit_code == 0
    agency.simulated.prove()
    assert agency.simulated.plain() == quiet_night


def test_a_run_that_is_asked_at_once_does_nothing(agency: Agency) -> None:
    """Issue 4, drain: the run is on record, the lease is free, QuickBooks was not asked."""
    two_rows(agency)
    agency.simulated.forget_requests()
    stop_when(agency, lambda: True)
    with pytest.raises(Unavailable, match="asked to stop"):
        agency.run()
    record = agency.office.store.runs(1)[0]
    assert (record.exit_code, set(record.counts), record.counts["metered"]) == (75, {"stopped", "metered"}, "0")
    assert agency.simulated.asked() == []
    stop_when(agency, lambda: False)
    assert agency.run().exit_code == 0


def test_a_stopped_run_reviews_nothing_and_clears_no_flag(agency: Agency) -> None:
    """Only a whole run knows that a flag's facts are right again (accounting.md 6)."""
    two_rows(agency)
    agency.run()
    invoice = agency.simulated.ours()[0][0]
    edited = agency.simulated.set_amount(invoice, 7)
    agency.move(60)
    assert agency.run().exit_code == 1
    before = agency.flags()
    agency.simulated.set_amount(edited, invoice["TotalAmt"])
    agency.move(60)
    agency.simulated.forget_requests()
    agency.papers.accept("D-104", "10.00")
    stop_when(agency, lambda: len(agency.simulated.writes()) >= 1)
    outcome = agency.run()
    assert (outcome.exit_code, outcome.change.cleared, agency.flags()) == (75, (), before)


def test_a_rest_ends_when_the_run_is_asked_to_stop(make_agency: MakeAgency) -> None:
    """Issue 4, drain within 150 s: neither QuickBooks' rest of a minute nor the quiet time is waited out."""
    agency = two_rows(make_agency(lanes=1))
    agency.simulated.spoil("throttle", method="POST", entity="journalentry", times=1)
    began = agency.clock.now()
    stop_when(agency, lambda: agency.clock.now() > began)
    assert agency.run().exit_code == 75
    assert (agency.clock.now() - began).total_seconds() < 10


def test_the_quiet_time_is_not_waited_out_either(make_agency: MakeAgency) -> None:
    """The same with `--wait`; what is doubtful stays so, and the next run looks for it."""
    agency = two_rows(make_agency(lanes=1))
    agency.simulated.spoil("lost_answer", method="POST", entity="journalentry", times=1)
    began = agency.clock.now()
    stop_when(agency, lambda: agency.clock.now() > began)
    outcome = agency.run(wait=True)
    assert (outcome.exit_code, outcome.tally.doubtful) == (75, 1)
    assert (agency.clock.now() - began).total_seconds() < 10
    stop_when(agency, lambda: False)
    agency.move(QUIET_S + 1)
    assert agency.run().exit_code == 0
    agency.simulated.prove()
