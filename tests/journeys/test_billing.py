"""The main journey: signed-off rows become invoices and journals, once, and nothing else does."""

from decimal import Decimal

from qbo_milestones.model.books import DocumentKind, stamp_in
from qbo_milestones.pipeline.posting import Identity, PostingKind
from qbo_milestones.pipeline.register import fold

from .agency import Agency
from .conftest import MakeAgency
from .simulated import Doc, cents

BILLABLE = {"D-101": 120_000, "D-102": 80_050, "Lot 7/b": 1, "DELIVERABLE-WITH-A-LONG-NAME-4711": 250_000, "Ö-9": 9_999}
HELD = {
    "D-103": "AWAITING_SIGNOFF",
    "D-104": "NOT_A_DELIVERABLE",
    "D-105": "SIGNOFF_WRONG_PERSON",
    "D-106": "SIGNOFF_VERBAL",
    "D-107": "MISSING_CRITERIA",
    "D-108": "MISSING_APPROVER",
    "D-109": "MISSING_SOW_REF",
    "D-110": "NO_TRIGGER",
    "D-111": "CUSTOMER_NOT_FOUND",
    "D-112": "MISSING_AMOUNT",
    "D-113": "MISSING_EVIDENCE",
    "D-114": "BEFORE_GO_LIVE",
    "D-115": "ALREADY_INVOICED",
}


def fill(agency: Agency) -> None:
    """Rows of many kinds: five billable, all others held."""
    papers = agency.papers
    for id_, amount in BILLABLE.items():
        papers.accept(id_, f"{amount / 100:.2f}")
    papers.contract("SOW-2", Customer="Nobody Inc")
    papers.row("D-103", "500.00")
    papers.accept("D-104", "500.00", Type="milestone")
    papers.row("D-105", "500.00")
    papers.sign("D-105", Signed_by="Somebody Else")
    papers.row("D-106", "500.00")
    papers.sign("D-106", Channel="verbal")
    papers.accept("D-107", "500.00", Acceptance_test="")
    papers.accept("D-108", "500.00", Approver="")
    papers.accept("D-109", "500.00", Contract="")
    papers.accept("D-110", "500.00", Invoice_trigger="none")
    papers.accept("D-111", "500.00", Contract="SOW-2")
    papers.accept("D-112", "")
    papers.row("D-113", "500.00")
    papers.sign("D-113", Evidence="nowhere.txt")
    papers.row("D-114", "500.00")
    papers.sign("D-114", Signed_at="2025-12-30")
    papers.accept("D-115", "500.00", Already_invoiced_as="1001")


def by_stamp(rows: list[Doc]) -> dict[str, Doc]:
    """Documents by the code of their stamp."""
    return {stamp_in(row["PrivateNote"]): row for row in rows}


def test_each_billable_row_gives_one_invoice_and_one_journal_and_no_other_row_any(agency: Agency) -> None:
    """N billable rows: N invoices and N journals, found from the deliverable ID and back (I2, I3; R64, R87)."""
    fill(agency)
    outcome = agency.run()
    assert outcome.exit_code == 0
    invoices, journals = agency.simulated.ours()
    assert len(invoices) == len(journals) == len(BILLABLE)
    for kind, rows in ((PostingKind.INVOICE, by_stamp(invoices)), (PostingKind.JOURNAL, by_stamp(journals))):
        for id_, amount in BILLABLE.items():
            row = rows.pop(Identity(agency.simulated.realm, fold(id_), kind).stamp_code)
            line = row["Line"][0]
            assert cents(line["Amount"]) == amount
            assert line["Description"].endswith(f"[{id_}]")
            assert row["PrivateNote"].startswith(
                f"{id_} rev 1 | SOW-1 v1 | accepted 2026-11-02 | qm:".replace("Ö", "?")
            )
            assert agency.office.store.deliverable_of(row["DocNumber"]) == fold(id_)
            trace = agency.office.store.trace(fold(id_))
            assert row["Id"] in {posting.outgoing.books_id for posting in trace.postings}
        assert rows == {}
    agency.simulated.prove()


def test_every_other_row_is_held_with_its_reasons_and_the_counts_add_up(agency: Agency) -> None:
    """Each held row says why, by kind and cell (R15, R33); rows = billable + beyond + held (always 5)."""
    fill(agency)
    decision = agency.preview()
    held = {each.deliverable.id: {why.kind for why in each.reasons} for each in decision.held}
    assert {id_: kind for id_, kind in HELD.items() if kind not in held.pop(id_, set())} == {}
    assert held == {}
    assert all(str(why.place) and why.sentence for each in decision.held for why in each.reasons)
    assert {pair.deliverable_id for pair in decision.pairs} == set(BILLABLE)
    by_hand = list(HELD.values()).count("ALREADY_INVOICED")
    first, second = agency.run().counts, agency.run().counts
    for counts, billed in ((first, by_hand), (second, by_hand + len(BILLABLE))):
        parts = [int(counts[name]) for name in ("billable", "beyond limits", "held", "billed before")]
        assert sum(parts) == int(counts["rows"]) == len(BILLABLE) + len(HELD)
        assert (parts[2], parts[3]) == (len(HELD) - by_hand, billed)


def test_a_preview_sends_nothing_and_says_what_the_run_does(agency: Agency) -> None:
    """The preview's bodies are the ones that are sent, byte for byte; it writes nothing (ruling 10)."""
    fill(agency)
    pairs = agency.preview().pairs
    books = agency.office.world.books
    planned = [books.render(posting) for pair in pairs for posting in (pair.journal, pair.invoice)]
    assert agency.simulated.writes() == []
    assert agency.outbox() == {}
    agency.run()
    assert sorted(each.body for each in agency.outbox().values()) == sorted(planned)


def test_a_second_and_a_third_run_send_no_write(agency: Agency) -> None:
    """Nothing changed, so nothing is written (I10), and an idle night costs at most three metered calls."""
    fill(agency)
    # A row that only QuickBooks' lists hold back costs the reading of those lists every night.
    del agency.papers.rows["D-111"]
    agency.run()
    before = agency.simulated.dump()
    for _ in range(2):
        agency.tomorrow()
        agency.reopen()
        agency.simulated.forget_requests()
        outcome = agency.run()
        assert outcome.exit_code == 0
        assert outcome.tally.posted == 0
        assert agency.simulated.writes() == []
        assert len(agency.simulated.asked()) <= 3, [each["path"] for each in agency.simulated.asked()]
    assert agency.simulated.dump() == before


def test_the_journal_stands_before_its_invoice_and_never_touches_receivables(agency: Agency) -> None:
    """Journals are posted first (R87), on Unbilled and Revenue only (accounting.md 0.1); invoices are not earlier
    than the acceptance (I10 of accounting.md 4.9)."""
    for n in range(12):
        agency.papers.accept(f"D-{n:03}X", f"{n + 1}.00")
    agency.run()
    sent = [each["body"] for each in agency.simulated.asked() if each["entity"] in ("invoice", "journalentry")]
    numbers = [str(body["DocNumber"]) for body in sent]
    assert len(numbers) == 24
    for number in numbers:
        assert number.endswith("J") or numbers.index(f"{number}J") < numbers.index(number)
    invoices, journals = agency.simulated.ours()
    touched = {line["JournalEntryLineDetail"]["AccountRef"]["value"] for row in journals for line in row["Line"]}
    assert touched == {"4", "8"}
    assert {row["TxnDate"] for row in journals} == {"2026-11-02"}
    assert {row["TxnDate"] for row in invoices} == {"2026-11-23"}


def test_in_a_closed_period_the_journal_is_dated_the_day_after(agency: Agency) -> None:
    """accounting.md 4.4, ruling 14: the day after the closing date, the true date in the note, and what it was moved
    from in the outbox."""
    agency.simulated.prefer("AccountingInfoPrefs", BookCloseDate="2026-11-30")
    agency.papers.accept("D-101", "1200.00")
    assert agency.run().tally.posted == 2
    (invoice,), (journal,) = agency.simulated.ours()
    assert (journal["TxnDate"], invoice["TxnDate"]) == ("2026-12-01", "2026-12-01")
    assert agency.flags() == [("LATE_ACCEPTANCE_CLOSED_PERIOD", "D-101")]
    assert "accepted 2026-11-02" in journal["PrivateNote"]
    assert "accepted 2026-11-02" in journal["Line"][0]["Description"]
    agency.simulated.prove()


def test_percentages_arrive_to_the_cent(agency: Agency) -> None:
    """1,075.50 at 17, 50 and 33 percent by largest remainder: 182.84, 537.75, 354.91 (accounting.md 4.1)."""
    agency.papers.contract("SOW-9", Contract_value="1075.50")
    for id_, percent in (("P-1a", "17%"), ("P-2a", "50%"), ("P-3a", "33%")):
        agency.papers.accept(id_, "", Contract="SOW-9", Percent=percent)
    agency.run()
    invoices, journals = agency.simulated.ours()
    shares = {"P-1a": 18284, "P-2a": 53775, "P-3a": 35491}
    for rows, suffix in ((invoices, "A"), (journals, "AJ")):
        assert {row["DocNumber"]: cents(row["Line"][0]["Amount"]) for row in rows} == {
            f"{id_}-{suffix}": amount for id_, amount in shares.items()
        }
    assert sum(Decimal(str(row["TotalAmt"])) for row in invoices) == Decimal("1075.50")
    agency.simulated.prove()


def test_where_quickbooks_numbers_invoices_ours_are_found_by_their_stamp(make_agency: MakeAgency) -> None:
    """Ruling 4: no number is sent, and nothing is billed twice, not even after a lost answer (ruling 3)."""
    agency = make_agency(own_numbers=False)
    agency.simulated.prefer("SalesFormsPrefs", CustomTxnNumbers=False)
    agency.papers.accept("D-101", "1200.00")
    agency.papers.accept("D-102", "1200.00")
    agency.simulated.spoil("lost_answer", method="POST", entity="invoice")
    agency.run()
    outcome = agency.settled()
    assert (outcome.exit_code, outcome.tally.adopted) == (0, 1)
    invoices, journals = agency.simulated.ours()
    assert (len(invoices), len(journals)) == (2, 2)
    assert len(set(by_stamp(invoices))) == 2
    agency.simulated.prove()


def test_what_stands_in_the_books_is_what_the_store_keeps(agency: Agency) -> None:
    """After the next pull our copy of each document is the one in the books (always 6)."""
    fill(agency)
    agency.run()
    agency.run()
    for outgoing in agency.office.store.outgoing():
        (held,) = agency.office.store.documents(outgoing.document_kind, [outgoing.books_id])
        assert held.live
        assert held.total == outgoing.amount
        assert held.stamp == outgoing.identity.stamp_code
    assert DocumentKind.INVOICE in {each.document_kind for each in agency.office.store.outgoing()}
