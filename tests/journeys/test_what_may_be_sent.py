"""What waits from an earlier night is judged anew: only what passes the gate now is sent (I8; always 1 and 2)."""

import shutil

import pytest

from qbo_milestones.errors import BadSettings
from qbo_milestones.model.exit_code import DONE, TEMPORARY, WAITING
from qbo_milestones.pipeline.outbox import Stage

from .agency import Agency
from .conftest import MakeAgency, two_rows
from .simulated import HARDEST


@pytest.fixture
def waiting(agency: Agency) -> Agency:
    """An agency with one row planned, tried in vain and not applied."""
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil("refuse_before", method="POST", entity="journalentry", times=None)
    agency.run()
    agency.simulated.heal()
    agency.simulated.forget_requests()
    return agency


@pytest.mark.parametrize(
    "spoilt",
    [
        {"Channel": "verbal"},
        {"Decision": "accepted in part"},
        {"Signed_by": "Somebody Else"},
        {"Evidence": "not-there.txt"},
    ],
    ids=["verbal", "partial", "wrong person", "evidence gone"],
)
def test_a_sign_off_that_no_longer_counts_stops_what_waits(waiting: Agency, spoilt: dict[str, str]) -> None:
    """R1, R80: whatever became of the sign-off since the plan, nothing is posted without a valid one."""
    waiting.papers.sign_offs.clear()
    waiting.papers.sign("D-101", **spoilt)
    waiting.settled()
    assert waiting.simulated.numbers() == []


def test_what_was_invoiced_by_hand_meanwhile_is_not_sent(waiting: Agency) -> None:
    """Ruling 11: the client is not billed a second time."""
    waiting.papers.row("D-101", Already_invoiced_as="1187")
    waiting.settled()
    assert waiting.simulated.numbers() == []


TYPED = (("Logo [D-101]", 900.0, ""), ("Logo design, D-101", 1200.0, ""), ("Logo design", 1200.0, "D-101"))


@pytest.mark.parametrize("typed", TYPED, ids=["tag", "ID and amount", "number and amount"])
@pytest.mark.parametrize("before", ["nothing", "planned", "refused", "lost", "lost journal"])
def test_what_a_person_typed_into_quickbooks_meanwhile_is_not_sent(
    make_agency: MakeAgency, before: str, typed: tuple[str, float, str]
) -> None:
    """Always 2: whatever stood of it, the client is not charged a second time; the bookkeeper is told what to do."""
    agency = make_agency(HARDEST)
    agency.papers.accept("D-101", "1200.00")
    _spoil(agency, before)
    text, amount, number = typed
    typed_in = agency.simulated.sale("Invoice", amount, text, number=number)
    agency.tomorrow()
    assert agency.settled().tally.posted == 0
    (held,) = agency.run().decision.held
    assert [reason.kind for reason in held.reasons] == ["INVOICED_BY_HAND"]
    assert ("INVOICED_BY_HAND", "D-101") in agency.flags()
    assert not [flag for flag in agency.flags() if flag[0].startswith(("INVOICE_", "POSTING_"))]
    assert [invoice["Id"] for invoice in agency.simulated.ours()[0]] == [typed_in["Id"]]
    agency.papers.row("D-101", Already_invoiced_as="1187")
    agency.tomorrow()
    agency.settled()
    assert [invoice["Id"] for invoice in agency.simulated.ours()[0]] == [typed_in["Id"]]
    assert agency.flags() == []


@pytest.mark.parametrize("before", ["nothing", "planned", "lost", "lost journal"])
def test_what_a_person_typed_and_voided_is_billed(make_agency: MakeAgency, before: str) -> None:
    """The way out that the hold names first: the books are right to the cent, and nothing stays flagged."""
    agency = make_agency(HARDEST)
    agency.papers.accept("D-101", "1200.00")
    _spoil(agency, before)
    typed_in = agency.simulated.sale("Invoice", 1200.0, "Logo [D-101]")
    agency.tomorrow()
    agency.settled()
    assert agency.run().exit_code == WAITING
    agency.simulated.void(typed_in)
    agency.tomorrow()
    agency.settled()
    assert (agency.simulated.numbers(), agency.flags()) == (["D-101-A", "D-101-AJ", "None"], [])
    agency.simulated.prove()


def _spoil(agency: Agency, before: str) -> None:
    match before:
        case "nothing":
            return
        case "planned":
            agency.simulated.spoil("refuse_before", method="POST", entity="journalentry", times=None)
        case "refused":
            agency.simulated.spoil("status", method="POST", entity="invoice", status=400, code="2500")
        case "lost":
            agency.simulated.spoil("status", method="POST", entity="invoice", status=500)
        case "lost journal":
            agency.simulated.spoil("status", method="POST", entity="journalentry", status=500)
    agency.run()
    agency.simulated.heal()
    agency.simulated.forget_requests()


@pytest.mark.parametrize("typed", [("Deposit for D-101", 600.0), ("Hosting of the site", 1200.0)])
def test_an_invoice_that_bills_something_else_holds_nothing(agency: Agency, typed: tuple[str, float]) -> None:
    """A deposit that names its deliverable, or the same amount alone, is not its invoice."""
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.sale("Invoice", typed[1], typed[0], number="77")
    agency.run()
    assert agency.simulated.numbers() == ["77", "D-101-A", "D-101-AJ"]


@pytest.mark.parametrize("lost", ["invoice", "journalentry"])
@pytest.mark.parametrize("meanwhile", ["revoked", "corrected", "typed"])
def test_what_happens_while_a_run_waits_counts(make_agency: MakeAgency, meanwhile: str, lost: str) -> None:
    """I8: a run that waits for a lost answer decides anew before it sends again; a sign-off may be gone by then."""
    agency = make_agency(HARDEST)
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil("status", method="POST", entity=lost, status=500)

    def tell(sentence: str) -> None:
        if sentence.startswith("Waiting"):
            _happens(agency, meanwhile)

    agency.run(wait=True, tell=tell)
    agency.settled()
    invoices, journals = agency.simulated.ours()
    ours = [row["TotalAmt"] for row in invoices if row.get("DocNumber") == "D-101-A"]
    # A corrected row is billed as corrected where nothing stood yet; else it would not meet its journal.
    assert ours == ([1300.0] if (meanwhile, lost) == ("corrected", "journalentry") else [])
    assert len(journals) == len(ours) or lost == "invoice"


def test_a_register_that_cannot_be_read_after_the_wait_leaves_it_to_the_next_run(make_agency: MakeAgency) -> None:
    """Exit code 2 would say that nothing was posted; what is doubtful stays so."""
    agency = two_rows(make_agency(HARDEST))
    agency.simulated.spoil("lost_answer", method="POST", entity="invoice")

    def tell(sentence: str) -> None:
        if sentence.startswith("Waiting"):
            (agency.papers.folder / "Deliverables.csv").unlink()

    outcome = agency.run(wait=True, tell=tell)
    assert (outcome.exit_code, outcome.tally.posted, outcome.tally.doubtful) == (TEMPORARY, 3, 1)
    assert "changed while it waited" in outcome.counts["stopped"]
    agency.settled()
    assert agency.simulated.numbers() == ["D-101-A", "D-101-AJ", "D-102-A", "D-102-AJ"]


def _happens(agency: Agency, what: str) -> None:
    match what:
        case "revoked":
            agency.papers.sign_offs.clear()
            agency.papers.sign("D-101", Channel="verbal")
        case "corrected":
            agency.papers.row("D-101", "1300.00")
        case _ if not agency.simulated.ours()[0]:
            agency.simulated.sale("Invoice", 1200.0, "Logo [D-101]", number="88")
    agency.papers.write()


def test_what_still_passes_is_sent_the_next_night_and_once(waiting: Agency) -> None:
    """R17: resumes once, one invoice; its date is that of the night on which it leaves (ruling 14)."""
    waiting.tomorrow()
    waiting.settled()
    assert waiting.simulated.numbers() == ["D-101-A", "D-101-AJ"]
    (invoice,) = waiting.simulated.ours()[0]
    assert invoice["TxnDate"] == waiting.office.rules.today(waiting.clock.now()).isoformat()


def test_a_refused_posting_whose_sign_off_is_gone_is_not_retried(agency: Agency) -> None:
    """A person's word sends nothing that does not pass the gate; it is told why."""
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil("status", method="POST", entity="journalentry", status=400, code="2500")
    agency.run()
    agency.papers.sign_offs.clear()
    agency.papers.sign("D-101", Channel="verbal")
    with pytest.raises(BadSettings, match="verbal"):
        agency.run(retry=frozenset({"d-101"}))
    assert agency.simulated.numbers() == []


@pytest.mark.parametrize("spoilt", ["", "lost_answer"])
def test_a_retry_of_what_is_posted_or_in_the_air_names_its_document(agency: Agency, spoilt: str) -> None:
    """Nobody is told that nothing of it exists, and nothing is sent again by a person's word."""
    agency.papers.accept("D-101", "1200.00")
    if spoilt:
        agency.simulated.spoil(spoilt, method="POST", entity="invoice")
    agency.run()
    with pytest.raises(BadSettings, match=r"Invoice D-101-A"):
        agency.run(retry=frozenset({"d-101"}))
    agency.settled()
    assert agency.simulated.numbers() == ["D-101-A", "D-101-AJ"]


def test_a_planned_posting_whose_stamp_stands_in_the_books_is_looked_for(make_agency: MakeAgency) -> None:
    """A database and its epoch restored together: what was posted since is found before anything is sent (ruling 2)."""
    agency = two_rows(make_agency(HARDEST))
    agency.simulated.spoil("refuse_before", method="POST", entity="journalentry", times=None)
    agency.run()
    agency.simulated.heal()
    saved = agency.folder / "saved"
    agency.close()
    shutil.copytree(agency.office.file, saved)
    agency.reopen()
    agency.settled()
    assert len(agency.simulated.numbers()) == 4
    agency.close()
    shutil.rmtree(agency.office.file)
    shutil.copytree(saved, agency.office.file)
    agency.reopen()
    agency.settled()
    assert len(agency.simulated.numbers()) == 4


def test_an_invoice_that_a_person_voided_after_a_lost_answer_is_not_sent_again(make_agency: MakeAgency) -> None:
    """E16: a void is a person's decision; the posting waits for a person (ruling 6)."""
    agency = make_agency(HARDEST)
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil("lost_answer", method="POST", entity="invoice")
    agency.run()
    agency.simulated.void(agency.simulated.find("Invoice", "D-101-A"))
    agency.settled()
    invoices, _ = agency.simulated.ours()
    assert len(invoices) == 1
    assert [flag for flag in agency.flags() if flag[0] == "POSTING_DISPUTED"] == [("POSTING_DISPUTED", "D-101")]


def test_a_voided_invoice_counts_as_posted_on_a_new_machine(agency: Agency) -> None:
    """Ruling 2: the stamp stands in the books; what the first machine flagged, the second flags too."""
    agency.papers.accept("D-101", "1200.00")
    agency.run()
    agency.simulated.void(agency.simulated.find("Invoice", "D-101-A"))
    agency.move_to("two")
    agency.run()
    agency.run()
    assert len(agency.simulated.ours()[0]) == 1
    assert agency.flags() == [("INVOICE_VOIDED", "D-101")]


def test_a_journal_whose_invoice_nobody_knows_is_flagged_until_a_person_says_so(agency: Agency) -> None:
    """A new machine cannot tell an invoice that was never sent from one that was deleted: a person decides."""
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil("refuse_before", method="POST", entity="invoice", times=None)
    agency.run()
    agency.simulated.heal()
    agency.move_to("two")
    assert agency.run().tally.posted == 0
    assert agency.flags() == [("INVOICE_MISSING", "D-101")]
    # The first machine may have sent it a moment ago.
    assert agency.run(retry=frozenset({"d-101"})).tally.posted == 0
    agency.settled(2)
    assert agency.flags() == []
    assert agency.simulated.numbers() == ["D-101-A", "D-101-AJ"]
    agency.simulated.prove()


@pytest.mark.parametrize("own_numbers", [True, False], ids=["our numbers", "QuickBooks' numbers"])
def test_a_retry_on_a_new_machine_looks_for_what_the_first_one_has_in_the_air(
    make_agency: MakeAgency, own_numbers: bool
) -> None:
    """A person does as the flag says, while QuickBooks is still at work on what the dead machine sent."""
    agency = make_agency(HARDEST, own_numbers=own_numbers)
    if not own_numbers:
        agency.simulated.prefer("SalesFormsPrefs", CustomTxnNumbers=False)
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil("late_commit", method="POST", entity="invoice", after_s=110)
    agency.run()
    agency.move(30)
    agency.move_to("two")
    agency.run()
    assert agency.flags() == [("INVOICE_MISSING", "D-101")]
    agency.run(retry=frozenset({"d-101"}))
    agency.settled(3)
    assert len(agency.simulated.ours()[0]) == 1
    assert agency.flags() == []


def test_a_deleted_invoice_is_issued_again_by_a_persons_word_on_a_new_machine(agency: Agency) -> None:
    """QuickBooks replays what it did under a requestid, though it was deleted: the new one has its own (E17)."""
    agency.papers.accept("D-101", "1200.00")
    agency.run()
    agency.simulated.delete("Invoice", agency.simulated.find("Invoice", "D-101-A"))
    agency.move_to("two")
    agency.run()
    agency.run(retry=frozenset({"d-101"}))
    agency.settled(2)
    assert agency.flags() == []
    assert agency.simulated.numbers() == ["D-101-A", "D-101-AJ"]
    agency.simulated.prove()


def test_a_refused_invoice_whose_cause_is_gone_is_planned_anew(agency: Agency) -> None:
    """Ruling 6: refused -> planned when its cause changed; the journal that stands is left alone."""
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil("status", method="POST", entity="invoice", status=400, code="6210")
    agency.run()
    assert agency.simulated.numbers() == ["D-101-AJ"]
    agency.tomorrow()
    assert agency.run().exit_code == DONE
    assert agency.simulated.numbers() == ["D-101-A", "D-101-AJ"]
    assert {each.stage for each in agency.office.store.outgoing()} == {Stage.POSTED}


def test_a_deletion_survives_a_read_that_failed(agency: Agency) -> None:
    """The cursor moves last, so what one night could not read the next one does (C8)."""
    agency.papers.accept("D-101", "1200.00")
    agency.run()
    agency.simulated.delete("Invoice", agency.simulated.find("Invoice", "D-101-A"))
    agency.simulated.spoil("status", entity="cdc", times=None, status=503)
    with pytest.raises(Exception, match="application error"):
        agency.run()
    agency.simulated.heal()
    agency.run()
    assert agency.flags() == [("INVOICE_DELETED", "D-101")]


def test_a_posting_that_cannot_be_asked_about_does_not_stop_the_others(agency: Agency) -> None:
    """R64: one look-up that QuickBooks refuses leaves that posting doubtful, and the company goes on."""
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil("lost_answer", method="POST", entity="journalentry")
    agency.run()
    agency.papers.accept("D-102", "800.00")
    agency.move(500)
    agency.simulated.spoil("status", entity="query", statement="DocNumber", times=None, status=400, code="4000")
    agency.run()
    assert {"D-102-A", "D-102-AJ"} <= set(agency.simulated.numbers())


def test_a_disputed_posting_is_adopted_once_a_person_has_chosen(make_agency: MakeAgency) -> None:
    """Two finds wait for a person; when one is voided, the other is ours (ruling 6)."""
    agency = make_agency(HARDEST)
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil("lost_answer", method="POST", entity="invoice")
    agency.run()
    held = agency.simulated.find("Invoice", "D-101-A")
    copy = {name: held[name] for name in ("CustomerRef", "Line", "PrivateNote", "TxnDate", "DocNumber", "SalesTermRef")}
    second = agency.simulated.post("Invoice", copy)
    agency.settled(nights=1)
    assert ("POSTING_DISPUTED", "D-101") in agency.flags()
    agency.simulated.void(second)
    agency.run()
    assert agency.outbox()["D-101-A"].stage is Stage.POSTED


@pytest.mark.parametrize("own_numbers", [True, False], ids=["our numbers", "QuickBooks' numbers"])
@pytest.mark.parametrize("entity", ["invoice", "journalentry"])
def test_a_doubtful_document_that_a_person_changed_meanwhile_is_not_sent_again(
    make_agency: MakeAgency, entity: str, own_numbers: bool
) -> None:
    """Rulings 3 and 6: what was read bears our stamp, whatever number or customer a person has given it since."""
    agency = make_agency(HARDEST, own_numbers=own_numbers)
    if not own_numbers:
        agency.simulated.prefer("SalesFormsPrefs", CustomTxnNumbers=False)
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil("lost_answer", method="POST", entity=entity)
    agency.run()
    (found,) = agency.simulated.ours()[entity == "journalentry"]
    change = {"DocNumber": "X-1"} if own_numbers or entity == "journalentry" else {"CustomerRef": {"value": "2"}}
    agency.tomorrow()
    agency.simulated.change("JournalEntry" if entity == "journalentry" else "Invoice", found, **change)
    before = agency.simulated.numbers()
    agency.settled(2)
    agency.settled(2)
    assert agency.simulated.numbers() == before
    assert ("POSTING_DISPUTED", "D-101") in agency.flags()
    (told,) = [each.flag.sentence for each in agency.office.store.flags() if each.flag.kind == "POSTING_DISPUTED"]
    assert f"(id {found['Id']}): {'number is X-1, was ' if 'DocNumber' in change else 'customer is 2, was '}" in told
    # The person puts it right.
    undone = {name: found.get(name) for name in change}
    now = next(row for row in agency.simulated.ours()[entity == "journalentry"] if row["Id"] == found["Id"])
    agency.simulated.change("JournalEntry" if entity == "journalentry" else "Invoice", now, **undone)
    outcome = agency.settled(3)
    assert (outcome.exit_code, agency.flags()) == (DONE, [])
    assert len(agency.simulated.numbers()) == 2
    agency.simulated.prove()
