"""The process dies at each boundary of a run: reopened from its files, it ends where an undisturbed one ends."""

from dataclasses import replace

import pytest

from qbo_milestones.errors import Unavailable
from qbo_milestones.model.exit_code import DONE
from qbo_milestones.pipeline.outbox import Stage

from .agency import LEASE, Agency
from .conftest import MakeAgency, two_rows
from .mortal import Crash, Death, mortal
from .simulated import HARDEST, Doc

# Before and after each write to the database and each call of the books: at most so many boundaries in a night that
# bills two rows, as the first test shows.
POINTS = 56
MUST = {"send": 4, "begin": 4, "move": 4, "plan": 1, "changes": 1, "keep_flags": 1, "finish_run": 1}


def second_night(make_agency: MakeAgency, switches: Doc | None = None) -> Agency:
    """An agency that has looked at its books once, so that the next run reads only what changed; then two rows."""
    agency = make_agency(switches, lanes=1)
    agency.run()
    return two_rows(agency)


def live_until(agency: Agency, death: Death) -> None:
    """One run that ends by death, if it comes."""
    office = agency.office
    agency.office = replace(office, world=mortal(office.world, death))
    try:
        agency.run()
    except Crash:
        assert death.dead
    finally:
        agency.office = office


def wake_up(agency: Agency) -> None:
    """Reopened from the file; the dead worker's lease runs out first."""
    agency.reopen()
    agency.move(LEASE.total_seconds())
    agency.simulated.come_in()


def test_the_boundaries_are_known(make_agency: MakeAgency) -> None:
    """So that the crash points below are all there are."""
    agency, death = second_night(make_agency), Death()
    live_until(agency, death)
    found = [where.removeprefix("before ") for where in death.passed if where.startswith("before ")]
    assert {name: found.count(name) for name in MUST} == MUST
    assert POINTS - 12 <= len(death.passed) <= POINTS


@pytest.mark.parametrize("at", range(1, POINTS + 1))
def test_death_at_each_boundary(make_agency: MakeAgency, quiet_night: Doc, at: int) -> None:
    """C0-C6 of reliability.md 1.5: no crash point posts twice or loses anything; QuickBooks catches no repetition."""
    agency, death = second_night(make_agency, HARDEST), Death(at)
    live_until(agency, death)
    wake_up(agency)
    agency.run()
    outcome = agency.settled()
    assert (outcome.exit_code, agency.flags()) == (DONE, [])
    assert agency.simulated.plain() == quiet_night
    assert {each.stage for each in agency.office.store.outgoing()} == {Stage.POSTED}


@pytest.mark.parametrize("times", [2, 4])
@pytest.mark.parametrize("step", [2, 7, 11, 16])
def test_death_night_after_night(make_agency: MakeAgency, quiet_night: Doc, step: int, times: int) -> None:
    """Dying again while it recovers: progress only where something was committed, and never a second document."""
    agency = second_night(make_agency, HARDEST)
    for n in range(times):
        live_until(agency, Death(10 + step + n))
        wake_up(agency)
    agency.run()
    agency.settled()
    assert agency.simulated.plain() == quiet_night


@pytest.mark.parametrize("at", [6, 14, 20, 27, 33])
def test_death_while_quickbooks_works_on(make_agency: MakeAgency, quiet_night: Doc, at: int) -> None:
    """The request is carried out only after the death (C3): it is found, not sent again."""
    agency, death = second_night(make_agency, HARDEST), Death(10 + at)
    for entity in ("journalentry", "invoice"):
        agency.simulated.spoil("late_commit", method="POST", entity=entity, after_s=100)
    live_until(agency, death)
    wake_up(agency)
    agency.run()
    agency.settled()
    assert agency.simulated.plain() == quiet_night


def test_a_dead_workers_lease_keeps_others_out_until_it_ends(make_agency: MakeAgency) -> None:
    """Nobody can tell a dead worker from a slow one (reliability.md 1.9)."""
    agency = second_night(make_agency)
    live_until(agency, Death(16))
    agency.reopen()
    with pytest.raises(Unavailable):
        agency.run()
    assert len(agency.simulated.numbers()) <= 1


def test_a_write_ahead_row_stands_before_anything_is_sent(make_agency: MakeAgency) -> None:
    """I1: at the moment of each POST the database holds the posting as sending, with these very bytes."""
    agency = second_night(make_agency)
    death = Death()
    live_until(agency, death)
    for n, where in enumerate(death.passed):
        if where == "before send":
            assert "after begin" in death.passed[:n]
    sent = {each["query"]["requestid"]: each["body"]["DocNumber"] for each in agency.simulated.asked() if _writes(each)}
    assert sent == {each.requestid: each.number for each in agency.office.store.outgoing()}


def _writes(asked: Doc) -> bool:
    return asked["entity"] in ("invoice", "journalentry")
