"""Each trouble is flagged where it was made and nowhere else; a flag goes when the facts are right, not before."""

import random

import pytest

from qbo_milestones.errors import Failure
from qbo_milestones.model.exit_code import DONE, WAITING

from .agency import Agency
from .planted import CANNOT_BE_UNDONE, CLEAN, PLANTINGS, Planting, billed_rows
from .simulated import START


@pytest.mark.parametrize("seed", range(8))
def test_planted_in_a_random_month(agency: Agency, seed: int) -> None:
    """Random registers, random combinations (ruling 32), one flag for each trouble (ruling 29)."""
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    plantings = [*chance.sample(PLANTINGS, 6), *chance.choices(CLEAN, k=4)]
    chance.shuffle(plantings)
    rows = billed_rows(agency, len(plantings), chance)
    assert agency.flags() == []
    planted = [(planting, *planting(row)) for planting, row in zip(plantings, rows, strict=True)]
    expected = sorted(flag for _, flags, _ in planted for flag in flags)
    outcome = agency.run()
    assert (outcome.exit_code, agency.flags()) == (WAITING, expected)
    agency.tomorrow()
    assert agency.run().change.opened == ()
    assert agency.flags() == expected
    for _, _, undo in planted:
        undo()
    agency.run()
    left = sorted(flag for planting, flags, _ in planted if planting in CANNOT_BE_UNDONE for flag in flags)
    assert agency.flags() == left
    assert agency.simulated.side("GET", "balances")["receivable"]["difference"] == "0.00"


@pytest.mark.parametrize("seed", range(2))
def test_a_clean_month_has_no_flag(agency: Agency, seed: int) -> None:
    """Nothing is flagged where nothing is wrong."""
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    for row in billed_rows(agency, 8, chance):
        chance.choice(CLEAN)(row)
    assert agency.run().exit_code == DONE
    assert agency.office.store.flags(cleared=True) == ()


@pytest.mark.parametrize("planting", PLANTINGS, ids=[planting.__name__ for planting in PLANTINGS])
def test_a_failed_read_clears_no_flag_and_a_fact_does(agency: Agency, planting: Planting) -> None:
    """Put right, but unread: the flag stands. Read: it goes, and the run that cleared it is named."""
    (row,) = billed_rows(agency, 1, random.Random(1))  # noqa: S311 - a test's dice
    expected, undo = planting(row)
    agency.run()
    assert agency.flags() == expected
    undo()
    agency.reopen()
    agency.simulated.spoil("status", entity="cdc", status=503, times=None)
    with pytest.raises(Failure):
        agency.run()
    assert agency.flags() == expected
    agency.simulated.heal()
    outcome = agency.run()
    if planting in CANNOT_BE_UNDONE:
        assert agency.flags() == expected
        return
    assert agency.flags() == []
    (flag,) = (each for each in agency.office.store.flags(cleared=True) if each.cleared_run)
    assert (flag.cleared_run, flag.cleared_on) == (outcome.number, outcome.business_date)


def test_a_flag_says_what_a_person_needs(agency: Agency) -> None:
    """Kind, severity, sentence, amount, owner, next review date, action (the issue, "First flags")."""
    for planting, row in zip(PLANTINGS, billed_rows(agency, len(PLANTINGS), random.Random(3)), strict=True):  # noqa: S311
        planting(row)
    agency.run()
    found = agency.office.store.flags()
    assert len(found) == len(PLANTINGS)
    for each in found:
        assert len(each.flag.sentence) > 20
        assert each.flag.amount is not None
        assert each.flag.rule.action
        assert each.flag.rule.owner
        assert each.review_on >= each.opened_on > START.date()
