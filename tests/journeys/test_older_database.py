"""An older database is put back on another day: what its forgotten life posted is found, whatever date it bears."""

import shutil
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import pytest

from qbo_milestones.model.exit_code import DONE
from qbo_milestones.pipeline.outbox import Stage

from .agency import Agency
from .conftest import MakeAgency, two_rows
from .simulated import HARDEST, Doc

# How the evening of the copy ended: what went wrong with the sends of the first night.
EVENINGS: Mapping[str, Doc] = {
    "journals in doubt, not applied": {"kind": "refuse_before", "entity": "journalentry"},
    "journals in doubt, applied": {"kind": "lost_answer", "entity": "journalentry"},
    "invoices in doubt, not applied": {"kind": "refuse_before", "entity": "invoice"},
    "invoices in doubt, applied": {"kind": "lost_answer", "entity": "invoice"},
    "journals refused": {"kind": "status", "entity": "journalentry", "status": 400, "code": "2500"},
}
BOTH = frozenset({"d-101", "d-102"})


def first_night(agency: Agency, spoilt: Doc) -> Path:
    """A copy of the files after it."""
    agency.simulated.spoil(method="POST", times=None, **spoilt)
    agency.run()
    agency.simulated.heal()
    agency.close()
    copy = Path(shutil.copytree(agency.office.file, agency.folder / "saved"))
    agency.reopen()
    return copy


def put_back(agency: Agency, copy: Path, *, count: bool) -> None:
    """The database of the copy; `count` puts back the count of runs too, by which it would be recognised."""
    agency.close()
    home = agency.office.file
    kept = (home / "epoch").read_bytes()
    shutil.rmtree(home)
    shutil.copytree(copy, home)
    if not count:
        (home / "epoch").write_bytes(kept)
    agency.reopen()
    agency.connect()


# Where the count is put back too and a query still lags, nothing tells of what was posted (README, "Back up").
KNOWABLE = [
    (count, days, lag_s)
    for count, days, lag_s in product((True, False), (0, 1, 3), (0, 300))
    if not (count and lag_s and not days)
]


@pytest.mark.parametrize(("count", "days", "lag_s"), KNOWABLE)
@pytest.mark.parametrize("evening", EVENINGS)
@pytest.mark.parametrize("own_numbers", [True, False], ids=["our numbers", "QuickBooks' numbers"])
def test_what_was_posted_on_another_day_is_adopted(
    make_agency: MakeAgency, own_numbers: bool, evening: str, count: bool, days: int, lag_s: int
) -> None:
    """Ruling 2: nothing twice, nothing for a person to settle; a date that we never sent proves no edit (ruling 6)."""
    retry = BOTH if evening == "journals refused" else frozenset()
    agency = two_rows(make_agency(HARDEST, own_numbers=own_numbers))
    if not own_numbers:
        agency.simulated.prefer("SalesFormsPrefs", CustomTxnNumbers=False)
    copy = first_night(agency, EVENINGS[evening])
    agency.tomorrow()
    if lag_s:
        agency.simulated.spoil("query_lag", entity="query", query_lag_s=lag_s, times=None)
    agency.run(retry=retry)
    posted = agency.simulated.numbers()
    assert len(posted) == 4
    agency.tomorrow(days)
    put_back(agency, copy, count=count)
    agency.run()
    outcome = agency.settled(4)
    assert agency.simulated.numbers() == posted
    assert (outcome.exit_code, agency.flags()) == (DONE, [])
    assert {one.stage for one in agency.office.store.outgoing()} - {Stage.WITHDRAWN} == {Stage.POSTED}
    agency.simulated.prove()
