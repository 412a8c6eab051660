"""A night that ended between a journal and its invoice: the rest meets what stands, or waits for a person."""

from dataclasses import replace
from decimal import Decimal

import pytest

from qbo_milestones.errors import BadSettings, Unavailable
from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.outbox import Sought

from .agency import Agency
from .conftest import MakeAgency
from .simulated import HARDEST


def test_the_cent_of_a_posted_journal_is_a_constant(agency: Agency) -> None:
    """Ruling 19: the invoice of the next night meets the journal of this one to the cent, whatever was posted since."""
    agency.papers.contracts[0]["Contract value"] = "841.82"
    for id_, percent in (("D-100", "40"), ("D-101", "19"), ("D-102", "41")):
        agency.papers.row(id_, Percent=percent)
    agency.papers.sign("D-100")
    agency.papers.sign("D-101")
    agency.office.rules = replace(agency.office.rules, lanes=1)
    agency.simulated.spoil("status", method="POST", entity="invoice", status=400, code="2500", nth=2)
    agency.run()
    agency.simulated.heal()
    agency.tomorrow()
    agency.run()
    assert {"D-100-A", "D-101-A"} <= set(agency.simulated.numbers())
    assert agency.simulated.unbilled() == {}
    agency.simulated.prove()


def test_an_invoice_that_would_not_meet_its_journal_is_held(agency: Agency) -> None:
    """A contract that names another customer now: the journal stands at the first one, so a person decides (I3)."""
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil("status", method="POST", entity="invoice", status=400, code="2500")
    agency.run()
    agency.papers.contracts[0]["Customer"] = "Beta Health"
    agency.tomorrow()
    outcome = agency.run()
    assert [reason.kind for one in outcome.decision.held for reason in one.reasons] == ["JOURNAL_DIFFERS"]
    assert agency.simulated.numbers() == ["D-101-AJ"]


@pytest.fixture
def one_refused(make_agency: MakeAgency) -> Agency:
    """A limit of one invoice a date, two billable rows, and the first of them refused."""
    agency = make_agency(invoices=1)
    agency.papers.accept("D-101", "1200.00")
    agency.papers.accept("D-102", "100.00")
    agency.simulated.spoil("status", method="POST", entity="journalentry", status=400, code="2500")
    agency.run()
    return agency


def test_a_refused_pair_does_not_eat_the_limit_of_the_others(one_refused: Agency) -> None:
    """R64, ruling 12: what waits for a person's word is no part of the run's limit."""
    outcome = one_refused.run()
    assert [reason.kind for one in outcome.decision.held for reason in one.reasons] == ["POSTING_REFUSED"]
    # Always-hold 5: the counts of the run's row add up to all rows.
    counted = [int(outcome.counts[name]) for name in ("rows", "billable", "beyond limits", "held", "billed before")]
    assert counted == [2, 1, 0, 1, 0]
    assert one_refused.simulated.numbers() == ["D-102-A", "D-102-AJ"]


def test_a_retry_past_the_limit_says_so_and_waits_for_the_next_date(one_refused: Agency) -> None:
    """Ruling 12: a person's word does not raise the limit, and is told what would."""
    one_refused.run()
    with pytest.raises(BadSettings, match=r"d-101 cannot be sent again: .* past the limits of this business date"):
        one_refused.run(retry=frozenset({"d-101"}))
    one_refused.tomorrow()
    one_refused.run(retry=frozenset({"d-101"}))
    assert one_refused.simulated.numbers() == ["D-101-A", "D-101-AJ", "D-102-A", "D-102-AJ"]


def test_a_business_date_that_is_tried_again_has_one_limit(make_agency: MakeAgency) -> None:
    """Ruling 12: of a limit of two, a first try that ended after one invoice leaves one, and a third try none."""
    agency = make_agency(invoices=2, lanes=1)
    for n in range(5):
        agency.papers.accept(f"D-10{n}", "100.00")
    world = agency.office.world
    agency.office.world = replace(world, stopping=lambda: "D-100-A" in agency.simulated.numbers())
    agency.run()
    agency.office.world = world
    assert "D-101-A" not in agency.simulated.numbers()
    posted = [agency.run().decision.pairs for _ in range(3)]
    assert [len(pairs) for pairs in posted] == [1, 0, 0]
    assert agency.simulated.numbers() == ["D-100-A", "D-100-AJ", "D-101-A", "D-101-AJ"]
    # The next date has a limit of its own.
    agency.tomorrow()
    assert len(agency.run().decision.pairs) == 2


def test_an_invoice_whose_answer_was_lost_counts_as_sent(make_agency: MakeAgency) -> None:
    """Ruling 12: it may stand in the books; the sum has one limit too."""
    agency = make_agency(amount=Money(Decimal("150.00"), "USD"), lanes=1)
    for n in range(3):
        agency.papers.accept(f"D-10{n}", "100.00")
    agency.simulated.spoil("lost_answer", method="POST", entity="invoice")
    agency.run()
    assert agency.run().decision.pairs == ()
    assert agency.settled().decision.pairs == ()
    assert agency.simulated.numbers() == ["D-100-A", "D-100-AJ"]


def test_waiting_ends_where_quickbooks_cannot_be_asked(agency: Agency) -> None:
    """`run --wait` leaves a look-up that was due and failed to the next run; it does not ask for ever."""
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil("lost_answer", method="POST", entity="journalentry")
    agency.run()
    agency.move(500)
    agency.simulated.spoil("status", entity="query", statement="DocNumber", times=None, status=400, code="4000")
    asked: list[Sought] = []
    books, look_up = agency.office.world.books, agency.office.world.books.look_up

    def counted(sought: Sought) -> object:
        asked.append(sought)
        if len(asked) > 5:
            raise Unavailable("asked for ever")
        return look_up(sought)

    books.look_up = counted  # type: ignore[method-assign, assignment]
    agency.run(wait=True)
    assert len(asked) == 1


@pytest.mark.parametrize("entity", ["journalentry", "invoice"])
def test_a_doubtful_row_that_would_not_pass_today_is_not_sent_again(make_agency: MakeAgency, entity: str) -> None:
    """I8: evidence gone: what was never applied stays away, and a journal that stands alone is told of."""
    agency = make_agency(HARDEST)
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil("status", method="POST", entity=entity, times=None, status=500)
    agency.run()
    agency.simulated.heal()
    before = agency.simulated.numbers()
    for file in agency.papers.evidence.iterdir():
        file.unlink()
    outcome = agency.settled()
    assert agency.simulated.numbers() == before
    assert [reason.kind for one in outcome.decision.held for reason in one.reasons] == ["MISSING_EVIDENCE"]
    assert agency.flags() == ([("INVOICE_MISSING", "D-101")] if entity == "invoice" else [])
