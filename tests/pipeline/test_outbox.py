"""Could it be sent twice: stages and arrows, and what a look-up proves (ruling 6; reliability.md 1.3)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from qbo_milestones.errors import BadSettings, Doubtful, Failure, NotConnected, Refused, Unavailable
from qbo_milestones.model.books import Document, DocumentKind, DocumentLine, Link, gone
from qbo_milestones.model.money import Money, zero
from qbo_milestones.pipeline.outbox import (
    ARROWS,
    FORGOTTEN,
    QUIET,
    STANDING,
    Finding,
    Outgoing,
    Stage,
    conclude,
    differences,
    look_up_due,
    sought,
    stage_after,
)
from qbo_milestones.pipeline.posting import Identity, PostingKind

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)
USD = "USD"


def usd(amount: str) -> Money:
    """Dollars."""
    return Money(Decimal(amount), USD)


IDENTITY = Identity("77", "d-1", PostingKind.INVOICE)
STAMP = f"D-1 rev 1 | SOW-1 v1 | accepted 2026-10-28 | {IDENTITY.stamp_code}"
LINE = DocumentLine(usd("1000.00"), "Wireframes [D-1]", item_id="7")
SENT = Document(
    DocumentKind.INVOICE,
    "",
    "",
    usd("1000.00"),
    usd("1000.00"),
    date(2026, 11, 3),
    number="D-1-A",
    customer_id="58",
    note=STAMP,
    lines=(LINE,),
)
HELD = replace(SENT, id="145", version="0")
OURS = Outgoing(
    IDENTITY, "D-1", 1, "SOW-1", 1, "58", usd("1000.00"), "D-1-A", b"{}", stage=Stage.DOUBTFUL, last_sent_at=NOW
)
UNNUMBERED = replace(OURS, number="")

# Ruling 6 and design.md, Exactly once 4 and 5, written out once more.
LEGAL = {
    "planned": {"sending", "withdrawn"},
    "sending": {"posted", "refused", "doubtful", "planned"},
    "doubtful": {"posted", "sending", "disputed"},
    "refused": {"planned"},
    "disputed": {"posted"},
    "posted": set(),
    "withdrawn": set(),
}


@pytest.mark.parametrize("before", Stage)
def test_the_legal_arrows_and_no_other(before: Stage) -> None:
    """Ruling 6: every one of the 49 pairs; nothing leaves posted, and what was sent is never withdrawn."""
    assert {after.value for after in Stage if (before, after) in ARROWS} == LEGAL[before.value]
    assert (before, before) not in ARROWS


def test_what_may_stand_in_the_books_is_never_billed_again() -> None:
    """Ruling 1: live, planned, sending, doubtful and disputed postings hold the row; refused and withdrawn do not."""
    assert set(Stage) - STANDING == {Stage.REFUSED, Stage.WITHDRAWN}


def test_no_way_leads_from_a_lost_answer_to_a_second_send_but_through_the_look_up() -> None:
    """design.md, Exactly once 5: from sending with an unknown outcome only doubtful is open, and from it no planned."""
    assert (Stage.DOUBTFUL, Stage.PLANNED) not in ARROWS
    assert (Stage.DISPUTED, Stage.SENDING) not in ARROWS
    assert (Stage.DISPUTED, Stage.PLANNED) not in ARROWS
    assert (Stage.POSTED, Stage.PLANNED) not in ARROWS


@pytest.mark.parametrize(
    ("failure", "stage"),
    [
        (Refused("6000"), Stage.REFUSED),
        (Doubtful("timeout"), Stage.DOUBTFUL),
        (Unavailable("429"), Stage.PLANNED),
        (NotConnected("401"), Stage.PLANNED),
        (BadSettings("no key"), Stage.PLANNED),
    ],
)
def test_where_a_failed_send_goes(failure: Failure, stage: Stage) -> None:
    """design.md, Exactly once 4 and 5; ruling 6: and each way is a legal arrow."""
    assert stage_after(failure) is stage
    assert (Stage.SENDING, stage) in ARROWS


@pytest.mark.parametrize(
    ("age", "quiet", "due"),
    [
        (timedelta(0), QUIET, False),
        (QUIET - timedelta(microseconds=1), QUIET, False),
        (QUIET, QUIET, True),
        (QUIET + SECOND, QUIET, True),
        (-SECOND, QUIET, False),
        (SECOND, SECOND, True),
    ],
)
def test_nothing_is_concluded_before_the_quiet_time_is_over(age: timedelta, quiet: timedelta, due: bool) -> None:
    """Ruling 7, I5: 450 s by the clock, counted from the last send."""
    assert look_up_due(OURS, NOW + age, quiet) is due
    assert timedelta(seconds=450) == QUIET


def test_a_posting_of_a_restored_store_may_be_looked_up_at_once() -> None:
    """design.md, Exactly once 11: where no send is on record there is nothing to wait for."""
    assert look_up_due(replace(OURS, last_sent_at=None), NOW)


@pytest.mark.parametrize("kind", PostingKind)
def test_what_is_looked_for(kind: PostingKind) -> None:
    """Ruling 3: by number where it has one, by customer and creation since the first attempt; never by its date."""
    outgoing = replace(OURS, identity=replace(IDENTITY, kind=kind), first_sent_at=NOW, last_sent_at=NOW + QUIET)
    found = sought(outgoing, NOW + 2 * QUIET)
    assert (found.kind, found.number, found.customer_id) == (kind.document_kind, "D-1-A", "58")
    assert found.since == NOW - timedelta(days=1)
    assert sought(replace(outgoing, first_sent_at=None), NOW).since == NOW - timedelta(days=1)
    # A forgotten life may have sent it whenever.
    assert sought(replace(outgoing, code=FORGOTTEN), NOW).since.year == 2000


VOID = replace(HELD, total=zero(USD), note=f"Voided - {STAMP}")
VOIDED = replace(VOID, note="Voided")
UNSTAMPED = replace(HELD, note="made by hand")
FOREIGN = replace(HELD, note=STAMP.replace(IDENTITY.stamp_code, replace(IDENTITY, letter="B").stamp_code))
EDITED = replace(HELD, lines=(replace(LINE, amount=usd("900.00")),))
TWIN = replace(HELD, id="146")
OF_ANOTHER_DAY = replace(HELD, txn_date=date(2026, 11, 9))
UNREMEMBERED = replace(OURS, code=FORGOTTEN)
MEMO_REPLACED = replace(HELD, id="148", number="1002", note="Thank you")
STRANGER = replace(HELD, id="147", number="1001", note="rent", lines=(replace(LINE, description="Rent"),))

CONCLUSIONS: list[tuple[str, Outgoing, tuple[Document, ...], Finding, tuple[Document, ...]]] = [
    ("nothing there", OURS, (), Finding.RESEND, ()),
    ("ours", OURS, (HELD,), Finding.ADOPT, (HELD,)),
    ("ours among strangers", OURS, (STRANGER, HELD), Finding.ADOPT, (HELD,)),
    ("only strangers", OURS, (STRANGER,), Finding.RESEND, ()),
    ("two of ours", OURS, (HELD, TWIN), Finding.DISPUTE, (HELD, TWIN)),
    ("ours, but other in content", OURS, (EDITED,), Finding.DISPUTE, (EDITED,)),
    ("our number without a stamp", OURS, (UNSTAMPED,), Finding.DISPUTE, (UNSTAMPED,)),
    ("our number with another stamp", OURS, (FOREIGN,), Finding.DISPUTE, (FOREIGN,)),
    ("ours beside one that claims our number", OURS, (UNSTAMPED, HELD), Finding.ADOPT, (HELD,)),
    # accounting.md 4 E16: a person voided it, so only a person issues it again.
    ("ours was voided", OURS, (VOID,), Finding.DISPUTE, (VOID,)),
    ("unnumbered: ours was voided", UNNUMBERED, (VOID,), Finding.DISPUTE, (VOID,)),
    ("a stranger's void bears our number", OURS, (VOIDED,), Finding.DISPUTE, (VOIDED,)),
    ("ours was deleted", OURS, (gone(DocumentKind.INVOICE, "145", NOW),), Finding.RESEND, ()),
    ("a void and a live one", OURS, (VOID, TWIN), Finding.ADOPT, (TWIN,)),
    # Ruling 2: on which day a forgotten life sent it nobody knows; all else it must be.
    ("of another day", OURS, (OF_ANOTHER_DAY,), Finding.DISPUTE, (OF_ANOTHER_DAY,)),
    ("forgotten: of another day", UNREMEMBERED, (OF_ANOTHER_DAY,), Finding.ADOPT, (OF_ANOTHER_DAY,)),
    ("forgotten: other in content", UNREMEMBERED, (EDITED,), Finding.DISPUTE, (EDITED,)),
    ("forgotten: two of ours", UNREMEMBERED, (OF_ANOTHER_DAY, TWIN), Finding.DISPUTE, (OF_ANOTHER_DAY, TWIN)),
    ("forgotten: nothing there", UNREMEMBERED, (), Finding.RESEND, ()),
    ("unnumbered: found by stamp", UNNUMBERED, (HELD, STRANGER), Finding.ADOPT, (HELD,)),
    ("unnumbered: strangers of the customer", UNNUMBERED, (STRANGER, replace(STRANGER, number="")), Finding.RESEND, ()),
    # The memo is printed on statements; the line still ends with the deliverable's tag.
    ("unnumbered: its memo was replaced", UNNUMBERED, (MEMO_REPLACED,), Finding.DISPUTE, (MEMO_REPLACED,)),
    ("unnumbered: two of ours", UNNUMBERED, (TWIN, HELD), Finding.DISPUTE, (TWIN, HELD)),
]


@pytest.mark.parametrize(
    ("outgoing", "found", "finding", "documents"), [row[1:] for row in CONCLUSIONS], ids=[row[0] for row in CONCLUSIONS]
)
def test_what_a_look_up_proves(
    outgoing: Outgoing, found: tuple[Document, ...], finding: Finding, documents: tuple[Document, ...]
) -> None:
    """Rulings 3 and 6: the stamp decides; two finds or a find that differs wait for a person, never a third."""
    sent = SENT if outgoing.number else replace(SENT, number="")
    assert conclude(outgoing, found, sent) == (finding, documents)


def test_no_set_of_finds_with_a_live_stamp_is_ever_sent_again() -> None:
    """design.md, What must always hold 2: whatever else is found, and in whatever order."""
    others = (VOID, UNSTAMPED, FOREIGN, STRANGER, gone(DocumentKind.INVOICE, "9", NOW))
    for live, first, second in product((HELD, EDITED), others, others):
        for found in ((live, first, second), (first, live, second), (first, second, live)):
            finding, _ = conclude(OURS, found, SENT)
            assert finding is (Finding.ADOPT if live is HELD else Finding.DISPUTE)


SAME: dict[str, Callable[[Document], Document]] = {
    "tax was added": lambda d: replace(d, total=usd("1080.00"), balance=usd("1080.00")),
    "paid since": lambda d: replace(d, balance=zero(USD), links=(Link("Payment", "9"),)),
    "version": lambda d: replace(d, version="4"),
    "due date by its terms": lambda d: replace(d, due_date=date(2026, 12, 3)),
    "account of the item": lambda d: replace(d, lines=(replace(LINE, account_id="90"),)),
}
OTHER: dict[str, tuple[dict[str, Any], str]] = {
    "customer": ({"customer_id": "59"}, "customer is 59, was 58"),
    "date": ({"txn_date": date(2026, 11, 4)}, "date is 2026-11-04, was 2026-11-03"),
    "note": ({"note": ""}, f"note is empty, was {STAMP}"),
    "number": ({"number": "1001"}, "number is 1001, was D-1-A"),
    "lines": ({"lines": (LINE, LINE)}, "number of lines is 2, was 1"),
    "amount": ({"lines": (replace(LINE, amount=usd("1000.01")),)}, "amount of line 1 is 1,000.01 USD, was 1,000.00"),
    "item": ({"lines": (replace(LINE, item_id="8"),)}, "item of line 1 is 8, was 7"),
    "text": ({"lines": (replace(LINE, description=""),)}, "description of line 1 is empty, was Wireframes [D-1]"),
}


@pytest.mark.parametrize("what", SAME)
def test_what_quickbooks_may_add_is_no_difference(what: str) -> None:
    """accounting.md 0.5: lines are compared, not totals."""
    assert differences(SENT, SAME[what](HELD)) == ()


@pytest.mark.parametrize("what", OTHER)
def test_a_difference_is_said_as_a_sentence(what: str) -> None:
    """design.md, Exactly once 6: total, customer, lines and stamp are compared with what was sent."""
    change, sentence = OTHER[what]
    (found,) = differences(SENT, replace(HELD, **change))
    assert found.startswith(sentence)


def test_a_number_that_quickbooks_gave_is_no_difference() -> None:
    """Ruling 4: where QuickBooks numbers invoices we sent none."""
    assert differences(replace(SENT, number=""), replace(HELD, number="1038")) == ()


def test_a_journal_is_compared_by_account_side_and_customer() -> None:
    """accounting.md 6.3 JOURNAL_WRONG_ACCOUNT: only journal lines name them."""
    debit = DocumentLine(usd("5.00"), "x", account_id="90", side="Debit", customer_id="58")
    credit = replace(debit, account_id="91", side="Credit")
    sent = replace(SENT, kind=DocumentKind.JOURNAL_ENTRY, lines=(debit, credit))
    assert differences(sent, sent) == ()
    turned = replace(sent, lines=(replace(debit, account_id="84"), replace(credit, customer_id="59")))
    assert differences(sent, turned) == ("account of line 1 is 84, was 90", "customer of line 2 is 59, was 58")
    swapped = replace(sent, lines=(credit, debit))
    assert "side of line 1 is Credit, was Debit" in differences(sent, swapped)


def test_one_requestid_for_one_attempt_series() -> None:
    """design.md, Exactly once 1: the same for every send of a series, another for the next."""
    assert OURS.requestid == replace(OURS, last_sent_at=None, stage=Stage.SENDING).requestid
    assert OURS.requestid != replace(OURS, attempt=2).requestid
    assert OURS.key == replace(OURS, attempt=2).key
