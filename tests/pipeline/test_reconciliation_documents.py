"""Invoices and journals that are not as we left them (P5, R47, R48, R57, R85; accounting.md 6.2, 6.3)."""

from dataclasses import replace
from datetime import date
from time import process_time

import pytest
from honest_books import HOURS, MILESTONE, HonestBooks, usd

from qbo_milestones.model.books import Document, DocumentKind, DocumentLine, Link
from qbo_milestones.model.flag import Flag
from qbo_milestones.model.money import zero
from qbo_milestones.pipeline.case import Case, Facts
from qbo_milestones.pipeline.outbox import Stage
from qbo_milestones.pipeline.posting import PostingKind
from qbo_milestones.pipeline.reconciliation import reconcile
from qbo_milestones.pipeline.reconciliation.tags import bracketed_id, mentions, stamped_id, tags_of


def flags(books: HonestBooks) -> tuple[Flag, ...]:
    """What is found."""
    return reconcile(books.case(), books.facts())


def printable(flag: Flag) -> bool:
    """Nothing that QuickBooks holds can steer a terminal."""
    return "".join((flag.sentence, flag.subject, flag.invoice_number, flag.payment_reference)).isprintable()


def kinds(books: HonestBooks) -> list[str]:
    """The kinds found."""
    return [flag.kind for flag in flags(books)]


def journal(books: HonestBooks, at: int = 0) -> Document:
    """The journal of the posting at a place of the outbox."""
    return books.documents[DocumentKind.JOURNAL_ENTRY, books.outgoing[at].books_id]


def test_a_payment_is_no_edit() -> None:
    """INVOICE_EDITED: Balance, SyncToken, links and times change with every payment."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    books.pay([(invoice, usd(100))])
    held = books.held(invoice)
    assert held.version != invoice.version
    assert held.links
    assert not flags(books)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"txn_date": date(2026, 11, 5)}, "date was 1 Oct 2026, is now 5 Nov 2026"),
        ({"due_date": None}, "due date was 31 Oct 2026, is now no date"),
        ({"number": "1001"}, 'number was "D-103-A", is now "1001"'),
        ({"customer_id": "59"}, "customer was Northwind Traders, is now customer with id 59"),
        ({"note": ""}, 'private note was "D-103 rev 1 | SOW-1 v1'),
        ({"total": usd(80)}, "total was 100.00 USD, is now 80.00 USD"),
        ({"lines": ()}, "is now not there"),
    ],
)
def test_an_edit_says_what_it_was_and_what_it_is(change: dict[str, object], sentence: str) -> None:
    """The bookkeeper undoes it from the sentence alone."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    books.add(replace(invoice, **change))  # type: ignore[arg-type]
    (flag,) = flags(books)
    assert (flag.kind, flag.subject, flag.invoice_number.split("-")[0]) == ("INVOICE_EDITED", "D-103", "D")
    assert sentence in flag.sentence
    assert flag.where == "Deliverables row 2"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"amount": usd(80)}, "amount of line 1 was 100.00 USD, is now 80.00 USD"),
        ({"description": "Other"}, 'is now "Other"'),
        ({"item_id": HOURS}, f"item of line 1 was id {MILESTONE}, is now id {HOURS}"),
        ({"class_id": "3"}, "class of line 1 was none, is now id 3"),
    ],
)
def test_an_edited_line_is_named(change: dict[str, object], sentence: str) -> None:
    """Each line's amount, text, item and class."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    books.add(replace(invoice, lines=(replace(invoice.lines[0], **change),)))  # type: ignore[arg-type]
    (flag,) = flags(books)
    assert sentence in flag.sentence


def test_an_edit_without_words_is_still_an_edit() -> None:
    """A link added to a line."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    books.add(replace(invoice, lines=(replace(invoice.lines[0], links=(Link("Estimate", "3"),)),)))
    (flag,) = flags(books)
    assert flag.sentence.endswith("was changed by hand: its content was changed.")


def test_a_line_added_to_ours_is_billed_without_acceptance() -> None:
    """R85: every line maps to an accepted deliverable; the edit and the unaccepted line are two troubles."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    books.row("D-107", usd(30), accepted=False)
    more = DocumentLine(usd(30), "Portal [D-107]", item_id=MILESTONE)
    books.add(replace(invoice, total=usd(130), balance=usd(130), lines=(*invoice.lines, more)))
    assert [(flag.kind, flag.subject) for flag in flags(books)] == [
        ("INVOICE_NO_ACCEPTANCE", "D-107"),
        ("INVOICE_EDITED", "D-103"),
    ]


def test_other_ids_in_our_own_text_claim_nothing() -> None:
    """A deliverable's name may speak of another one."""
    books = HonestBooks()
    books.row("D-107", usd(30), accepted=False)
    invoice = books.bill("D-103", usd(100))
    line = replace(invoice.lines[0], description="Replaces D-107 [D-103]")
    books.outgoing[-1] = replace(books.outgoing[-1], as_posted=books.add(replace(invoice, lines=(line,))))
    assert not flags(books)


def test_an_edit_claims_only_the_tags_that_it_added() -> None:
    """What stood on our invoice when we posted it was accepted then, or was prose."""
    books = HonestBooks()
    books.row("D-107", usd(30), accepted=False)
    invoice = books.bill("D-103", usd(100))
    lines = (*invoice.lines, DocumentLine(usd(0), "Not part of this: [D-107]"))
    posted = books.add(replace(invoice, lines=lines))
    books.outgoing[-1] = replace(books.outgoing[-1], as_posted=posted)
    books.add(replace(posted, txn_date=date(2026, 10, 2)))
    assert kinds(books) == ["INVOICE_EDITED"]


def test_a_posting_without_its_first_reading_is_not_judged() -> None:
    """Nothing to compare with is no difference."""
    books = HonestBooks()
    books.bill("D-103", usd(100))
    books.outgoing = [replace(o, as_posted=None) for o in books.outgoing]
    assert not flags(books)


@pytest.mark.parametrize("stage", [s for s in Stage if s is not Stage.POSTED])
def test_what_is_not_posted_is_not_missed(stage: Stage) -> None:
    """A posting on its way, refused or withdrawn is not in the books, and need not be."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    books.drop(invoice)
    books.drop(journal(books))
    books.outgoing = [replace(o, stage=stage, books_id="", as_posted=None) for o in books.outgoing]
    assert not flags(books)


def test_a_doubtful_posting_that_is_found_in_the_books_waits_for_its_look_up() -> None:
    """reliability.md 1.3: the stamp is ours, so it is neither a stranger nor a duplicate."""
    books = HonestBooks()
    books.bill("D-103", usd(100))
    books.outgoing[-1] = replace(books.outgoing[-1], stage=Stage.DOUBTFUL, books_id="")
    assert not flags(books)


def test_a_disputed_posting_has_one_flag() -> None:
    """Ruling 29: two finds are named by POSTING_DISPUTED, and not by a duplicate as well."""
    books = HonestBooks()
    books.copy(books.bill("D-103", usd(100)))
    books.outgoing[-1] = replace(books.outgoing[-1], stage=Stage.DISPUTED, books_id="")
    assert not flags(books)


def test_an_accepted_row_billed_by_hand_once_is_no_finding() -> None:
    """Ruling 2: a tag in the books is a bill; nothing is wrong with one."""
    books = HonestBooks()
    books.row("D-103", usd(100))
    books.by_hand(usd(100), "Release [D-103]", item=MILESTONE)
    assert not flags(books)


def test_a_sign_off_withdrawn_is_left_to_the_gate() -> None:
    """ACCEPTANCE_REVOKED_BILLED says it already; our invoice was accepted when it was posted."""
    books = HonestBooks()
    books.bill("D-103", usd(100))
    books.row("D-103", usd(100), accepted=False)
    assert not flags(books)


def test_an_invoice_credited_whole_leaves_room_for_the_next() -> None:
    """E15: credited and billed again is one bill."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    books.pay([(invoice, usd(100))], memos=[("CM-1", usd(100))])
    books.by_hand(usd(100), "Release [D-103]")
    assert not flags(books)


def test_dead_and_empty_copies_do_not_count() -> None:
    """A copy that was voided, deleted or made over nothing bills nobody."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    books.void(books.copy(invoice))
    books.delete(books.copy(invoice))
    books.by_hand(usd(0), "Release [D-103]")
    books.row("D-107", usd(5), accepted=False)
    books.by_hand(usd(0), "Portal [D-107]", item=MILESTONE)
    assert not flags(books)


def test_ours_stands_first_among_duplicates() -> None:
    """The later ones are the excess, whatever their dates."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    books.add(replace(books.by_hand(usd(40), "Release [D-103]"), txn_date=date(2026, 9, 1), number="X1"))
    (flag,) = flags(books)
    assert (flag.amount, flag.invoice_number) == (usd(40), "D-103-A, X1")
    assert flag.sentence == (
        "D-103 is billed 2 times: invoice D-103-A of 1 Oct 2026 over 100.00 USD, open 100.00 USD and "
        "invoice X1 of 1 Sep 2026 over 40.00 USD, open 40.00 USD. "
        "The one that this program posted is invoice D-103-A."
    )
    assert f"Invoice {invoice.id}" in flag.documents


def test_ids_that_contain_each_other_stay_apart() -> None:
    """D-104 is not D-104.1, nor D-1041, nor D-104-2."""
    books = HonestBooks()
    books.bill("D-104", usd(100))
    for other in ("D-104.1", "D-1041", "XD-104", "D-104-2"):
        books.by_hand(usd(100), f"Support for {other}")
    assert not flags(books)


@pytest.mark.parametrize("id_", ["100", "design", "Q1", "Phase 1"])
def test_ids_like_plain_words_are_not_read_from_prose(id_: str) -> None:
    """An agency's other invoices say "100 hours of design in Q1, phase 1"; only a tag can mean such an id."""
    books = HonestBooks()
    books.row(id_, usd(100), accepted=False)
    books.by_hand(usd(100), "100 hours of design in Q1, phase 1", note="100 Design Q1")
    assert not flags(books)
    books.by_hand(usd(100), f"Work [{id_}]")
    assert kinds(books) == ["INVOICE_NO_ACCEPTANCE"]


def test_the_unaccepted_is_flagged_once_an_invoice() -> None:
    """Two invoices for unaccepted work are two findings of one kind, and no duplicate besides (ruling 29)."""
    books = HonestBooks()
    books.row("D-107", usd(3), accepted=False)
    for _ in range(2):
        books.by_hand(usd(3), "Portal [D-107]", note="D-107", number="D-107", item=MILESTONE)
    assert kinds(books) == ["INVOICE_NO_ACCEPTANCE"] * 2


def test_a_stamp_without_an_id_is_still_a_stranger() -> None:
    """Our stamp, and nothing that says for what."""
    books = HonestBooks()
    books.by_hand(usd(3), note="qm:abcdefghijklmnop")
    (flag,) = flags(books)
    assert (flag.kind, flag.subject) == ("INVOICE_NO_ACCEPTANCE", "")


def test_a_journal_entered_again_as_it_was_clears_the_flag() -> None:
    """JOURNAL_DELETED asks for just that; a journal of another amount is no remedy."""
    books = HonestBooks()
    books.bill("D-103", usd(100))
    lost = journal(books)
    books.delete(lost)
    assert kinds(books) == ["JOURNAL_DELETED"]
    books.add(replace(lost, id="900", number="77", note="again"))
    assert not flags(books)
    smaller = tuple(replace(line, amount=usd(9)) for line in lost.lines)
    books.add(replace(lost, id="900", number="77", note="again", total=usd(9), lines=smaller))
    assert kinds(books) == ["JOURNAL_DELETED"]


def test_a_reversal_is_no_duplicate() -> None:
    """E13, E21: reversed and booked again is booked once; booked twice with one reversal too."""
    books = HonestBooks()
    books.bill("D-103", usd(100))
    first = journal(books)
    turned = tuple(replace(line, side={"Debit": "Credit", "Credit": "Debit"}[line.side]) for line in first.lines)
    books.add(replace(first, id="900", number="D-103-AR", note="reverses", lines=turned))
    assert not flags(books)
    books.add(replace(first, id="901", number="D-103-BJ"))
    assert not flags(books)
    books.add(replace(first, id="902", number="D-103-CJ"))
    (flag,) = flags(books)
    assert (flag.kind, flag.amount, flag.documents) == (
        "JOURNAL_DUPLICATE",
        usd(100),
        (f"JournalEntry {first.id}", "JournalEntry 902"),
    )


def test_a_journal_that_is_under_way_is_not_missing() -> None:
    """Its own stage has a flag where it is stuck."""
    books = HonestBooks()
    books.bill("D-103", usd(100))
    books.drop(journal(books))
    books.outgoing[0] = replace(books.outgoing[0], stage=Stage.REFUSED, books_id="", as_posted=None)
    assert not flags(books)
    books.outgoing[0] = replace(books.outgoing[0], stage=Stage.WITHDRAWN)
    assert kinds(books) == ["JOURNAL_MISSING"]


def test_a_missing_journal_of_a_dead_invoice_is_not_asked_for() -> None:
    """D-109 without journal and without invoice is not billed: one flag for the invoice."""
    books = HonestBooks()
    books.void(books.bill("D-109", usd(100), journal=False))
    assert kinds(books) == ["INVOICE_VOIDED"]


def test_odd_documents_do_not_raise() -> None:
    """Empty lines, no customer, no number, zero totals, control characters in texts."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    odd = Document(DocumentKind.INVOICE, "1", "", usd(5), zero("EUR"), number="\x1b[2J", note="D-103\x00 rev")
    books.add(odd)
    books.add(replace(odd, id="2", lines=(DocumentLine(usd(0), item_id=MILESTONE),), note=""))
    books.add(replace(odd, id="3", kind=DocumentKind.JOURNAL_ENTRY, note="[D-103] D-103"))
    books.add(replace(invoice, id="4", total=zero("JPY"), balance=zero("USD")))
    books.add(replace(invoice, total=zero("JPY"), lines=()))
    assert all(printable(flag) for flag in flags(books))


@pytest.mark.parametrize(
    ("text", "id_"),
    [("Release [D-103]", "D-103"), ("[D 1] ", "D 1"), ("a [x] b", ""), ("", ""), ("[]", ""), ("x [D-1].", "D-1")],
)
def test_tags_in_brackets(text: str, id_: str) -> None:
    """accounting.md 4.6: the id in brackets at a line's end."""
    assert bracketed_id(text) == id_


def test_stamps_are_read_wherever_they_stand_in_the_note() -> None:
    """A person may have written above the stamp."""
    books = HonestBooks()
    note = "urgent\n" + books.stamp("D-103", PostingKind.INVOICE)
    assert stamped_id(note) == "D-103"
    assert stamped_id("qm:abc") == ""
    tags = tags_of(books.by_hand(usd(1), "no D-999", note=note), lambda _: True)
    assert (tags.stamp[:3], tags.stamped_id, tags.mentioned) == ("qm:", "D-103", ())


def test_words_around_ids_do_not_hide_them() -> None:
    """Punctuation, case, and the letter of our numbers."""
    known = {"d-103", "d-104.1"}.__contains__
    assert list(mentions("(D-103), 'd-104.1'; D-103-AJ. D-1035 D-103/4", known)) == ["d-103", "d-104.1", "d-103"]


def great_tree(size: int) -> tuple[Case, Facts]:
    """One customer with five documents for each of ``size`` deliverables."""
    books = HonestBooks()
    for n in range(size):
        invoice = books.bill(f"D-{n}", usd(100 + n % 7))
        books.pay([(invoice, invoice.total)], reference="ACH")
        books.by_hand(usd(50), f"Hours {n}")
        books.pay([], left=usd(77_777))
    return books.case(), books.facts()


def test_a_great_customer_is_reconciled_in_proportion() -> None:
    """Eight times the documents cost about eight times as much; a step that looks at pairs would cost 64 times."""
    costs = []
    for size in (500, 4_000):
        case, facts = great_tree(size)
        start = process_time()
        found = reconcile(case, facts)
        costs.append(process_time() - start)
        assert len(case.documents) == 5 * size
        assert {flag.kind for flag in found} == {"PAYMENT_UNAPPLIED", "PAYMENT_DUPLICATE_AMOUNT"}
    assert costs[1] < 24 * costs[0]
