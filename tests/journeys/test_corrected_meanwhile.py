"""What was never applied and was corrected since goes out as it is now; what stands is not met by something else."""

from collections.abc import Callable, Mapping

import pytest

from qbo_milestones.model.exit_code import DONE
from qbo_milestones.pipeline.outbox import Stage

from .agency import Agency
from .conftest import MakeAgency
from .simulated import HARDEST, Doc

REFUSED: Doc = {"kind": "status", "status": 400, "code": "2500"}
NOT_APPLIED: Doc = {"kind": "refuse_before"}


def begun(make_agency: MakeAgency, trouble: Doc, entity: str = "invoice", **rules: object) -> Agency:
    """D-101 signed off, and its invoice or journal in trouble since the first night."""
    agency = make_agency(**rules)
    agency.papers.contracts[0]["Bill to e-mail"] = "wrong@client.example"
    agency.papers.contracts[0]["PO number"] = "PO-1"
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil(method="POST", entity=entity, **trouble)
    agency.run()
    agency.tomorrow()
    return agency


def other_customer(agency: Agency) -> None:
    """The contract named the wrong client."""
    agency.papers.contracts[0]["Customer"] = "Beta Health"


def other_amount(agency: Agency) -> None:
    """The amount was wrong."""
    agency.papers.row("D-101", "1500.00")


def other_address(agency: Agency) -> None:
    """The invoice would have been mailed to somebody else."""
    agency.papers.contracts[0]["Bill to e-mail"] = "ap@acme.example"


def other_sign_off(agency: Agency) -> None:
    """The sign-off on record is another one now."""
    agency.papers.sign_offs.clear()
    agency.papers.sign("D-101", Signed_at="2026-11-20")


CORRECTIONS: Mapping[str, Callable[[Agency], None]] = {
    "customer": other_customer,
    "amount": other_amount,
    "address": other_address,
    "sign-off": other_sign_off,
}


@pytest.mark.parametrize("correct", CORRECTIONS.values(), ids=CORRECTIONS)
def test_what_was_not_applied_goes_out_as_corrected(make_agency: MakeAgency, correct: Callable[[Agency], None]) -> None:
    """Always-hold 1: what is sent says what the register says now; the old words are given up once proved absent."""
    agency = begun(make_agency, NOT_APPLIED, "journalentry", send=True)
    correct(agency)
    agency.run()
    outcome = agency.settled(4)
    assert (outcome.exit_code, agency.flags()) == (DONE, [])
    (invoice,), (journal,) = agency.simulated.ours()
    beta = agency.simulated.find("Customer", "Beta Health")["Id"]
    assert (invoice["CustomerRef"]["value"] == beta) is (correct is other_customer)
    assert invoice["Line"][0]["Amount"] == journal["Line"][0]["Amount"] == (1500 if correct is other_amount else 1200)
    assert ("ap@" in invoice["BillEmail"]["Address"]) is (correct is other_address)
    assert ("2026-11-20" in invoice["PrivateNote"]) is (correct is other_sign_off)
    agency.simulated.prove()


def test_an_invoice_alone_goes_out_as_corrected(make_agency: MakeAgency) -> None:
    """Its journal stands already, and the invoice is mailed."""
    agency = begun(make_agency, NOT_APPLIED, send=True)
    other_address(agency)
    agency.run()
    assert (agency.settled(4).exit_code, agency.flags()) == (DONE, [])
    (invoice,), _ = agency.simulated.ours()
    assert invoice["BillEmail"]["Address"] == "ap@acme.example"
    agency.simulated.prove()


def test_what_was_not_applied_and_is_no_longer_signed_off_is_given_up(make_agency: MakeAgency) -> None:
    """Nothing is billed, nobody is told to look for it, and the row says why it is held."""
    agency = begun(make_agency, NOT_APPLIED, "journalentry")
    agency.papers.sign_offs.clear()
    agency.run()
    outcome = agency.settled(3)
    assert (outcome.exit_code, agency.flags(), agency.simulated.numbers()) == (DONE, [], [])
    assert [reason.kind for one in outcome.decision.held for reason in one.reasons] == ["AWAITING_SIGNOFF"]
    assert {one.stage for one in agency.office.store.outgoing()} <= {Stage.REFUSED, Stage.WITHDRAWN}


def test_an_invoice_does_not_meet_a_journal_at_another_account(make_agency: MakeAgency) -> None:
    """I3: the settings and the item moved to another account; the clearing account of the journal would stay open."""
    agency = begun(make_agency, REFUSED)
    old = agency.simulated.find("Account", "Unbilled receivable (accepted milestones)")
    kind: Doc = {name: old[name] for name in ("AccountType", "AccountSubType") if name in old}
    new = agency.simulated.post("Account", {"Name": "Unbilled work", **kind})
    item = agency.simulated.find("Item", "Milestone")
    moved = {"Name": "Milestone", "Type": item["Type"], "IncomeAccountRef": {"value": new["Id"]}}
    agency.simulated.change("Item", item, **moved)
    agency._rules["unbilled_account"] = "Unbilled work"
    agency.reopen()
    outcome = agency.run()
    assert [reason.kind for one in outcome.decision.held for reason in one.reasons] == ["JOURNAL_DIFFERS"]
    assert agency.simulated.numbers() == ["D-101-AJ"]


def test_a_doubtful_invoice_whose_memo_was_replaced_is_not_sent_again(make_agency: MakeAgency) -> None:
    """Where QuickBooks numbers it, the memo is its stamp; its line still says whose it is (ruling 6)."""
    agency = make_agency(HARDEST, own_numbers=False)
    agency.simulated.prefer("SalesFormsPrefs", CustomTxnNumbers=False)
    agency.papers.accept("D-101", "1200.00")
    agency.simulated.spoil("lost_answer", method="POST", entity="invoice")
    agency.run()
    ((invoice,), _) = agency.simulated.ours()
    agency.tomorrow()
    agency.simulated.change("Invoice", invoice, PrivateNote="Thank you for your business")
    agency.settled(2)
    assert len(agency.simulated.ours()[0]) == 1
    assert ("POSTING_DISPUTED", "D-101") in agency.flags()
