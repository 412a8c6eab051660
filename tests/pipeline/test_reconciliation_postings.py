"""Stuck postings and a changed register as flags (R57, R62; accounting.md 4.4, 6.2, 6.7)."""

from dataclasses import replace

import pytest
from honest_books import HonestBooks, usd

from qbo_milestones.model.flag import KINDS
from qbo_milestones.pipeline.outbox import Outgoing, Stage
from qbo_milestones.pipeline.reconciliation import flag_outgoing, flag_register


def stuck(stage: Stage, code: str = "", reason: str = "") -> tuple[Outgoing, HonestBooks]:
    """An invoice posting at a stage, of an accepted row."""
    books = HonestBooks()
    books.bill("D-103", usd(100))
    return replace(books.outgoing[-1], stage=stage, code=code, reason=reason, books_id="", as_posted=None), books


@pytest.mark.parametrize(
    ("stage", "code", "reason", "kind"),
    [
        (Stage.DOUBTFUL, "", "timed out", "SEND_RESULT_UNKNOWN"),
        (Stage.DISPUTED, "", "two documents bear the stamp", "POSTING_DISPUTED"),
        (Stage.REFUSED, "6200", "The account period has closed", "PERIOD_CLOSED_POSTING"),
        (Stage.REFUSED, "6210", "closed, password", "PERIOD_CLOSED_POSTING"),
        (Stage.REFUSED, "5010", "Account Period Closed", "PERIOD_CLOSED_POSTING"),
        (Stage.REFUSED, "610", "Object Not Found", "ITEM_OR_CUSTOMER_INACTIVE"),
        (Stage.REFUSED, "2500", "Invalid Reference Id", "ITEM_OR_CUSTOMER_INACTIVE"),
        (Stage.REFUSED, "6250", "inactive", "ITEM_OR_CUSTOMER_INACTIVE"),
        (Stage.REFUSED, "6070", "Amount is not Qty * UnitPrice", "POSTING_REFUSED"),
        (Stage.REFUSED, "", "", "POSTING_REFUSED"),
    ],
)
def test_a_stuck_posting_gives_its_kind(stage: Stage, code: str, reason: str, kind: str) -> None:
    """R57: the kind is as specific as QuickBooks' answer, whose text and code are in the sentence."""
    outgoing, books = stuck(stage, code, reason)
    flag = flag_outgoing(outgoing, books.facts())
    assert flag is not None
    assert (flag.kind, flag.subject, flag.amount, flag.invoice_number, flag.where) == (
        kind,
        "D-103",
        usd(100),
        "D-103-A",
        "Deliverables row 2",
    )
    assert reason in flag.sentence
    assert code in flag.sentence


@pytest.mark.parametrize("stage", [Stage.PLANNED, Stage.SENDING, Stage.POSTED, Stage.WITHDRAWN])
def test_a_posting_on_its_way_has_no_flag(stage: Stage) -> None:
    """Nothing is stuck."""
    outgoing, books = stuck(stage)
    assert flag_outgoing(outgoing, books.facts()) is None


@pytest.mark.parametrize("stage", [Stage.DOUBTFUL, Stage.DISPUTED, Stage.REFUSED])
def test_a_refusal_is_moot_when_the_sign_off_is_gone(stage: Stage) -> None:
    """A refused posting is not in the books and will not be sent again; a doubtful one may be there all the same."""
    outgoing, books = stuck(stage)
    books.row("D-103", usd(100), accepted=False)
    assert (flag_outgoing(outgoing, books.facts()) is None) is (stage is Stage.REFUSED)


def test_journal_and_invoice_of_one_deliverable_are_two_findings() -> None:
    """accounting.md 6: the key tells them apart."""
    outgoing, books = stuck(Stage.REFUSED, "6070")
    journal = replace(books.outgoing[0], stage=Stage.REFUSED, books_id="")
    found = [flag_outgoing(o, books.facts()) for o in (outgoing, journal)]
    assert len({flag.key for flag in found if flag}) == 2
    assert [flag.journal_number for flag in found if flag] == ["", "D-103-AJ"]


def test_the_register_changed_after_posting() -> None:
    """Ruling 1: what the gate found becomes a flag of the list, at its place in the register."""
    flag = flag_register("REGISTER_CHANGED", "D-103", "Amount is now 90.00 USD.", "Deliverables row 4", usd(90))
    assert (flag.kind, flag.subject, flag.where, flag.amount) == (
        "REGISTER_CHANGED",
        "D-103",
        "Deliverables row 4",
        usd(90),
    )
    assert flag.rule is KINDS["REGISTER_CHANGED"]


def test_a_kind_that_is_not_the_registers_is_our_mistake() -> None:
    """R57: the list is closed."""
    with pytest.raises(AssertionError, match="PAYMENT_UNAPPLIED"):
        flag_register("PAYMENT_UNAPPLIED", "D-103", "", "", None)
