"""The trail of one deliverable: contract, sign-off, postings and documents, and where it stops (R46, R54)."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from gate_rows import CONTRACT, ROW, SIGNED, register
from honest_books import BANK, OCTOBER, HonestBooks, usd

from qbo_milestones.pipeline.outbox import Outgoing
from qbo_milestones.pipeline.register import contract_of
from qbo_milestones.pipeline.settlement import Funds, settle
from qbo_milestones.pipeline.trail import Trace, TracedPosting, Trail, follow

TODAY = date(2026, 11, 23)
NOTHING = Trace((), (), (), ())
SECOND = replace(CONTRACT, version=2, row=3)
TYPES = {BANK: "Bank"}


def followed(id_: str = "D-1", trace: Trace = NOTHING, **spoiled: Any) -> Trail:
    """The trail of the sample row."""
    return follow(id_, register([replace(ROW, **spoiled)]), trace, TYPES, TODAY)


@pytest.mark.parametrize("id_", ["D-1", "d-1", "  D-1 "])
def test_one_id_reaches_contract_row_and_sign_offs(id_: str) -> None:
    """R20, R54: however the id is written, the trail bears it as the register does."""
    found = followed(id_)
    assert (found.id, found.deliverable, found.contract) == ("D-1", ROW, CONTRACT)
    assert [one.signed_by for one in found.sign_offs] == [SIGNED.signed_by]
    assert found.settlements == ()


def test_what_left_the_register_still_has_a_trail() -> None:
    """R46: the postings stay ours though nobody names the row any more."""
    found = followed("D-77")
    assert (found.id, found.deliverable, found.contract, found.sign_offs) == ("D-77", None, None, ())


@pytest.mark.parametrize(
    ("version", "expected"),
    [(1, CONTRACT), (2, SECOND), (None, SECOND), (9, SECOND)],
    ids=["1", "2", "none", "unknown"],
)
def test_the_version_that_the_row_names_or_the_newest(version: int | None, expected: object) -> None:
    """R26: a row stays on the version on which it was agreed."""
    given = register(contracts=[CONTRACT, SECOND])
    assert contract_of(given, replace(ROW, contract_version=version)) == expected


def test_a_contract_that_is_not_there_is_a_gap() -> None:
    """R93: a gap is None, not an error."""
    assert contract_of(register(), replace(ROW, contract="SOW-9")) is None
    assert followed(contract="SOW-9").contract is None


def traced(outgoing: Outgoing) -> TracedPosting:
    """The posting as the database tells it."""
    at = datetime(2026, 10, 1, 6, tzinfo=UTC)
    return TracedPosting(outgoing, OCTOBER, OCTOBER, None, "d-1.pdf", "ab" * 32, "cd" * 32, "note", at, at)


@pytest.mark.parametrize(
    ("paid", "deposited", "funds"), [(False, False, Funds.F0), (True, False, Funds.F1), (True, True, Funds.F2)]
)
def test_a_trail_shows_where_the_money_stopped(paid: bool, deposited: bool, funds: Funds) -> None:
    """R46, R58: payment and deposit are reached from the id, counted by the same rule as in the nightly run."""
    books = HonestBooks()
    bill = books.bill("D-1", usd(1_000))
    payments = [books.pay([(bill, usd(1_000))], reference="CHK-1")] if paid else []
    if deposited:
        books.deposit(*payments)
    documents = (*books.documents.values(), *books.deposits)
    trace = Trace(tuple(map(traced, books.outgoing)), (), documents, ())
    (settlement,) = follow("D-1", register(), trace, books.facts().account_types, TODAY).settlements
    assert (settlement,) == tuple(settle(books.case(), books.facts()))
    assert (settlement.paid, settlement.funds) == (usd(1_000 if paid else 0), funds)
    assert [receipt.reference for receipt in settlement.receipts] == (["CHK-1"] if paid else [])
