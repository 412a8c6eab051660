"""The requestid probe tells each kind of company from the others, and leaves nothing behind (reliability.md 1.2)."""

from datetime import date
from pathlib import Path

import pytest

from qbo_milestones.adapters.quickbooks.books import QuickBooksBooks
from qbo_milestones.adapters.quickbooks.throwaways import ThrowAways
from qbo_milestones.checkup.findings import Finding, Mark, exit_code
from qbo_milestones.checkup.probe import probe, probe_company
from qbo_milestones.config import Settings
from qbo_milestones.errors import BadSettings, Unavailable

from .agency import Agency
from .conftest import MakeAgency

WORLDS: dict[str, tuple[int | None, list[Mark]]] = {
    "for ever": (None, [Mark.OK, Mark.OK, Mark.OK, Mark.OK]),
    "not honoured": (0, [Mark.WARNING] * 4),
    "a minute": (60, [Mark.OK, Mark.OK, Mark.WARNING, Mark.WARNING]),
    "15 minutes": (900, [Mark.OK, Mark.OK, Mark.OK, Mark.OK]),
}


def makes(agency: Agency) -> ThrowAways:
    """The agency's connection, used for throw-away journals."""
    books = agency.office.world.books
    assert isinstance(books, QuickBooksBooks)
    return books.throw_aways()


def answers(found: list[Finding]) -> list[Mark]:
    """What was said of the requestid: single and batch at once, then both later."""
    return [finding.mark for finding in found if finding.name.startswith("requestid")]


@pytest.mark.parametrize("world", WORLDS)
def test_the_answer_is_right_in_every_world(make_agency: MakeAgency, world: str) -> None:
    """At once and after five minutes, in each; nothing is left in the books."""
    window, expected = WORLDS[world]
    agency = make_agency({"requestid_window_s": window})
    before = agency.simulated.plain()
    found = list(probe(makes(agency), agency.clock.sleep, 300))
    assert answers(found) == expected
    assert found[-1].mark is Mark.OK
    assert agency.simulated.plain() == before
    assert exit_code(found) == (1 if Mark.WARNING in expected else 0)


def test_a_memory_that_ends_is_seen_by_waiting_longer(make_agency: MakeAgency) -> None:
    """15 minutes are over after 16."""
    agency = make_agency({"requestid_window_s": 900})
    found = list(probe(makes(agency), agency.clock.sleep, 960))
    assert answers(found) == [Mark.OK, Mark.OK, Mark.WARNING, Mark.WARNING]


def test_without_a_time_it_asks_at_once_only(agency: Agency) -> None:
    """Nobody waits who did not ask for it; what it makes is marked."""
    agency.simulated.forget_requests()
    assert answers(list(probe(makes(agency), agency.clock.sleep))) == [Mark.OK, Mark.OK]
    bodies = [str(each["body"]) for each in agency.simulated.asked() if "PrivateNote" in str(each["body"])]
    assert len(bodies) == 4
    assert all("it may be deleted" in body for body in bodies)


def test_a_company_that_takes_no_journals_is_told(agency: Agency) -> None:
    """The failure is a finding, and what was made is deleted all the same."""
    before = agency.simulated.plain()
    agency.simulated.spoil("status", method="POST", entity="journalentry", status=400, code="6000", message="No")
    found = list(probe(makes(agency), agency.clock.sleep))
    assert [finding.mark for finding in found] == [Mark.BROKEN, Mark.OK, Mark.OK]
    assert agency.simulated.plain() == before


def test_what_cannot_be_deleted_is_named(agency: Agency) -> None:
    """A person deletes it then."""

    class Stubborn:
        """Makes the same journal for ever and deletes none."""

        def create(self, requestid: str) -> str:
            """One."""
            assert len(requestid) == 32
            return "77"

        create_in_batch = create

        def delete(self, id_: str) -> None:
            """Never."""
            raise Unavailable(f"{id_} stays")

    found = list(probe(Stubborn(), agency.clock.sleep))
    assert "77" in found[-1].sentence
    assert found[-1].mark is Mark.BROKEN


@pytest.fixture
def production(tmp_path: Path) -> Settings:
    """Settings of a real company."""
    quickbooks = {"environment": "production", "realm": "1"}
    given = {"folder": tmp_path, "quickbooks": quickbooks, "billing": {"starts_on": date(2026, 1, 1)}, "live": True}
    return Settings.model_validate(given)


def test_a_real_company_is_never_probed(production: Settings) -> None:
    """It is refused before anything is opened."""
    with pytest.raises(BadSettings, match="sandbox company or the simulator only"):
        probe_company(production, 0)
    assert not list(production.folder.iterdir())
