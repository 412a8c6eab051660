"""An integrity stop: what the protocol forbids ends the run with exit code 5 before anything more is sent (1.6)."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest

from qbo_milestones.errors import RuleBroken
from qbo_milestones.model.books import DocumentKind
from qbo_milestones.model.exit_code import DONE, INTEGRITY
from qbo_milestones.pipeline.posting import Posting
from qbo_milestones.ports import Books, Sent

from .agency import Agency
from .conftest import MakeAgency, two_rows
from .simulated import Doc


class Wrong:
    """The books with one method of them gone wrong."""

    def __init__(self, inner: Books, **methods: object) -> None:
        self._inner, self._methods = inner, methods

    def __getattr__(self, name: str) -> object:
        return self._methods.get(name) or getattr(self._inner, name)


def go_wrong(agency: Agency, **methods: object) -> Books:
    """From now on; returns the right ones."""
    right = agency.office.world.books
    agency.office.world = replace(agency.office.world, books=cast(Books, Wrong(right, **methods)))
    return right


SPOILS: dict[str, Callable[[bytes], bytes]] = {
    "a cent more": lambda body: body.replace(b"1200.00", b"1200.01").replace(b"1200,", b"1200.01,"),
    "another stamp": lambda body: body.replace(b"qm:", b"qm:x"),
}


@pytest.mark.parametrize("spoil", SPOILS)
def test_a_body_that_is_not_what_was_decided_is_never_kept(agency: Agency, quiet_night: Doc, spoil: str) -> None:
    """I9 at T0: the run stops, the outbox stays empty, QuickBooks hears nothing; right again, it bills."""
    two_rows(agency)
    right = agency.office.world.books

    def render(posting: Posting) -> bytes:
        return SPOILS[spoil](right.render(posting))

    go_wrong(agency, render=render)
    with pytest.raises(RuleBroken, match="of D-101 is not what was decided"):
        agency.run()
    assert [run.exit_code for run in agency.office.store.runs(9)] == [INTEGRITY]
    assert (agency.outbox(), agency.simulated.writes()) == ({}, [])
    agency.reopen()
    assert agency.run().exit_code == DONE
    assert agency.simulated.plain() == quiet_night


def test_one_document_is_never_two_postings(make_agency: MakeAgency, quiet_night: Doc) -> None:
    """I6: an answer with the id of another posting's document stops the run; what was sent is looked for."""
    agency = two_rows(make_agency(lanes=1))
    ids: list[str] = []

    def send(kind: DocumentKind, body: bytes, requestid: str) -> Sent:
        sent = right.send(kind, body, requestid)
        if kind is DocumentKind.JOURNAL_ENTRY:
            ids.append(sent.document.id)
            return replace(sent, document=replace(sent.document, id=ids[0]))
        return sent

    right = go_wrong(agency, send=send)
    with pytest.raises(RuleBroken, match="books_id"):
        agency.run()
    assert [run.exit_code for run in agency.office.store.runs(9)] == [INTEGRITY]
    agency.reopen()
    assert agency.settled().exit_code == DONE
    assert agency.simulated.plain() == quiet_night
