"""QuickBooks answers a requestid with what it did once: the document may be gone since, and then somebody is told."""

import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from qbo_milestones.model.books import Changes

from .agency import Agency
from .conftest import MakeAgency
from .simulated import HARDEST
from .test_older_database import put_back


def deleted_both(agency: Agency) -> None:
    """A person deletes what was posted."""
    agency.move(3_600)
    agency.simulated.come_in()
    agency.simulated.delete("Invoice", agency.simulated.find("Invoice", "D-101-A"))
    agency.simulated.delete("JournalEntry", agency.simulated.find("JournalEntry", "D-101-AJ"))
    agency.move(3_600)


def nights(agency: Agency, count: int = 3) -> None:
    """Some of them."""
    agency.settled(3)
    for _ in range(count):
        agency.tomorrow()
        agency.run()


def told(agency: Agency) -> bool:
    """Whether nobody has to believe in an invoice that is not there: it stands once, or there is a flag."""
    return agency.simulated.numbers() == ["D-101-A", "D-101-AJ"] or agency.flags() != []


def test_a_new_machine_tells_what_was_deleted(agency: Agency) -> None:
    """Its first send has the requestid of the first machine's."""
    agency.papers.accept("D-101", "1200.00")
    agency.run()
    deleted_both(agency)
    agency.move_to("two")
    agency.run()
    nights(agency)
    assert agency.simulated.numbers() == []
    assert ("INVOICE_DELETED", "D-101") in agency.flags()


def test_a_restored_database_tells_what_was_deleted(agency: Agency) -> None:
    """So has that of a database that forgot."""
    agency.run()
    agency.close()
    copy = Path(shutil.copytree(agency.office.file, agency.folder / "saved"))
    agency.reopen()
    agency.papers.accept("D-101", "1200.00")
    agency.run()
    deleted_both(agency)
    put_back(agency, copy, count=False)
    agency.run()
    nights(agency)
    assert agency.simulated.numbers() == []
    assert ("INVOICE_DELETED", "D-101") in agency.flags()


def cut(agency: Agency) -> None:
    """A night with more changes than one answer holds, in which just the deletions are missing."""
    books = agency.office.world.books
    whole = books.changes

    def changes(since: datetime, kinds: tuple[str, ...]) -> Changes:
        found = whole(since, kinds)
        kept = tuple(one for one in found.documents if not one.deleted)
        return replace(found, documents=kept, complete=False, cut=frozenset(kinds))

    books.changes = changes  # type: ignore[method-assign]


@pytest.mark.parametrize("switches", [{}, HARDEST], ids=["requestids remembered", "forgotten"])
@pytest.mark.parametrize("away", [1, 35], ids=["a busy night", "five weeks off"])
@pytest.mark.parametrize("seen", [True, False], ids=["seen by a look", "never seen"])
def test_a_doubtful_invoice_that_a_person_deleted_is_not_believed_in(
    make_agency: MakeAgency, switches: dict[str, object], away: int, seen: bool
) -> None:
    """Neither a replayed answer nor our own copy of the books proves that it stands."""
    agency = make_agency(switches)
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil("lost_answer", method="POST", entity="invoice")
    agency.run()
    agency.move(120)
    if seen:
        rules = agency.office.rules
        agency.office.rules = replace(rules, may_post=False)
        agency.run()
        agency.office.rules = rules
    agency.move(1_800)
    agency.simulated.delete("Invoice", agency.simulated.find("Invoice", "D-101-A"))
    agency.tomorrow(away)
    cut(agency)
    agency.run()
    agency.reopen()
    nights(agency)
    assert told(agency)
    assert numbers_are_single(agency.simulated.numbers())


def numbers_are_single(numbers: Iterable[str]) -> bool:
    """No document twice."""
    every = list(numbers)
    return len(every) == len(set(every))
