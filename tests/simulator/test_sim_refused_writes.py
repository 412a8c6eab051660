"""What is refused changes nothing: no object, no standing account, no number, whatever was done before the refusal."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from books_inside import inside
from simulator_inside import Insider
from simulator_person import Doc, journal_line, sale_line

from qbo_milestones.simulator.books.attempts import attempt
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.front import new_world
from qbo_milestones.simulator.world.world import DEFAULT_REALM


class Inmate(Insider):
    """Someone at a company that can be looked into."""

    @property
    def company(self) -> Company:
        """Its books."""
        return self._inside.world.companies[DEFAULT_REALM]


def arrived(seed: str) -> Inmate:
    """Someone at a fresh company, without throttles, at a time that stands still."""
    world = new_world(lambda: datetime(2026, 10, 15, 16, tzinfo=UTC), seed)
    world.use(world.settings.changed({"throttle": False}))
    return Inmate(world)


@pytest.fixture
def inmate() -> Inmate:
    """Someone at the agency."""
    return arrived("agency")


@pytest.fixture
def founder() -> Inmate:
    """Someone at an empty company, in which no account was opened yet."""
    found = arrived("empty")
    income = found.post("Account", {"Name": "Sales", "AccountType": "Income"})["Id"]
    found.post("Item", {"Name": "Work", "Type": "Service", "IncomeAccountRef": {"value": income}})
    found.post("Customer", {"DisplayName": "First"})
    return found


def refused(person: Inmate, path: str, body: Any, **query: str) -> str:
    """The code with which a write is refused; the books are as they were."""
    before = inside(person.company)
    answer = person.call("POST", path, body, **query)
    assert answer.status_code == 400, answer.text
    assert inside(person.company) == before
    return str(answer.json()["Fault"]["Error"][0]["code"])


SALE: Doc = {"CustomerRef": {"value": "1"}, "Line": [sale_line(10)]}


def test_no_standing_account_is_opened_for_a_sale_that_is_refused(founder: Inmate) -> None:
    """QuickBooks opens Undeposited Funds on first use; a receipt whose number is taken uses nothing."""
    founder.post("SalesReceipt", {**SALE, "DocNumber": "S-1", "DepositToAccountRef": {"value": bank_of(founder)}})
    assert refused(founder, "salesreceipt", {**SALE, "DocNumber": "S-1"}) == "6140"


def test_no_standing_account_is_opened_for_a_payment_that_is_refused(founder: Inmate) -> None:
    """The same of Accounts Payable, where a bill that is not there is paid."""
    vendor = founder.post("Vendor", {"DisplayName": "Mill"})["Id"]
    line = {"Amount": 5, "LinkedTxn": [{"TxnId": "99", "TxnType": "Bill"}]}
    paid = {"VendorRef": {"value": vendor}, "TotalAmt": 5, "PayType": "Check", "Line": [line]}
    check = {"CheckPayment": {"BankAccountRef": {"value": bank_of(founder)}}}
    assert refused(founder, "billpayment", {**paid, **check}) == "620"


def bank_of(person: Inmate) -> str:
    """A bank account."""
    return str(person.post("Account", {"Name": "Till", "AccountType": "Bank"})["Id"])


def test_a_name_whose_opening_balance_is_refused_is_not_there(inmate: Inmate) -> None:
    """The journal of an opening balance cannot be about someone inactive."""
    body = {"DisplayName": "Gone at once", "Active": False, "Balance": 100, "OpenBalanceDate": "2026-10-01"}
    assert refused(inmate, "customer", body) == "610"
    assert inmate.query("select * from Customer where DisplayName = 'Gone at once (deleted)'") == {}


def test_a_credit_that_cannot_be_linked_leaves_no_invoice(inmate: Inmate, monkeypatch: pytest.MonkeyPatch) -> None:
    """The payment that links credits by itself belongs to the invoice: both or none."""
    inmate.side("POST", "settings", {"preferences": {"SalesFormsPrefs": {"AutoApplyCredit": True}}})
    inmate.post("CreditMemo", SALE)
    monkeypatch.setattr("qbo_milestones.simulator.writing.auto_apply.NOTE", "x" * 5000)
    assert refused(inmate, "invoice", SALE) == "2050"


def test_a_tax_code_with_two_rates_of_one_name_makes_neither(inmate: Inmate) -> None:
    """The first rate is made before the second is refused."""
    rate = {"TaxRateName": "State", "RateValue": 4, "TaxAgencyId": "1"}
    code = {"TaxCode": "Twice", "TaxRateDetails": [rate, rate]}
    assert refused(inmate, "taxservice/taxcode", code) == "6240"


def test_an_item_of_a_batch_that_is_refused_leaves_the_others(inmate: Inmate) -> None:
    """Each item is whole or not there at all."""
    bad = {"DisplayName": "Half", "Active": False, "Balance": 5, "OpenBalanceDate": "2026-10-01"}
    items = [{"bId": "1", "operation": "create", "Invoice": SALE}, {"bId": "2", "operation": "create", "Customer": bad},
             {"bId": "3", "operation": "create", "Invoice": SALE}]  # fmt: skip
    found = inmate.call("POST", "batch", {"BatchItemRequest": items}).json()["BatchItemResponse"]
    assert ["Fault" in item for item in found] == [False, True, False]
    assert inmate.query("select count(*) from Invoice")["totalCount"] == 2
    assert inmate.query("select * from Customer where Active = false") == {}
    inmate.proof()


# taking back --------------------------------------------------------------------------------------


class Stopped(Exception):
    """A defect of ours, in the middle of the work."""


def stop_after(person: Inmate, deed: Callable[[], object], before: object) -> None:
    """Do something that changes the books, and break."""
    with attempt(person.company):
        deed()
        assert inside(person.company) != before
        raise Stopped


def made(person: Inmate) -> Doc:
    """An invoice that is partly paid, of a customer with a job."""
    invoice = person.invoice(100)
    person.pay(40, ("Invoice", invoice["Id"], 40))
    return person.get("Invoice", invoice["Id"])


def handle_of(doc: Doc) -> Doc:
    """What names it."""
    return {"Id": doc["Id"], "SyncToken": doc["SyncToken"]}


def pay_more(person: Inmate) -> None:
    person.pay(60, ("Invoice", "1", 60))


def void(person: Inmate) -> None:
    person.post("Invoice", handle_of(person.get("Invoice", "1")), operation="void")


def delete_payment(person: Inmate) -> None:
    person.call("POST", "payment", handle_of(person.get("Payment", "2")), operation="delete")


def bank(person: Inmate) -> None:
    line = {"Amount": 40, "LinkedTxn": [{"TxnId": "2", "TxnType": "Payment", "TxnLineId": "0"}]}
    person.post("Deposit", {"DepositToAccountRef": {"value": "1"}, "Line": [line]})


def shrink(person: Inmate) -> None:
    person.post("Invoice", {**handle_of(person.get("Invoice", "1")), "sparse": True, "Line": [sale_line(10)]})


def write_journal(person: Inmate) -> None:
    entity = journal_line(5, "Debit", "2", customer="3")
    person.post("JournalEntry", {"Line": [entity, journal_line(5, "Credit", "8")]})


def move_away(person: Inmate) -> None:
    profile = person.get("CompanyInfo", person.realm)
    person.post("CompanyInfo", {**profile, "DefaultTimeZone": "Asia/Tokyo"})


def send(person: Inmate) -> None:
    person.call("POST", "invoice/1/send", sendTo="a@b.example")


def leave(person: Inmate) -> None:
    person.post("Customer", {**handle_of(person.get("Customer", "9")), "sparse": True, "Active": False})


DEEDS = [pay_more, void, delete_payment, bank, shrink, write_journal, move_away, send, leave]


@pytest.mark.parametrize("deed", DEEDS, ids=[deed.__name__ for deed in DEEDS])
def test_whatever_was_done_is_taken_back_if_the_work_stops(inmate: Inmate, deed: Callable[[Inmate], None]) -> None:
    """Also where a defect of ours ends it, and the work can be done again afterwards."""
    made(inmate)
    before = inside(inmate.company)
    with pytest.raises(Stopped):
        stop_after(inmate, lambda: deed(inmate), before)
    assert inside(inmate.company) == before
    inmate.proof()
    deed(inmate)
    inmate.proof()
    assert inside(inmate.company) != before


def test_an_attempt_within_an_attempt_is_part_of_it(inmate: Inmate) -> None:
    """What succeeded inside is taken back with the rest."""
    before = inside(inmate.company)
    with pytest.raises(Stopped):
        stop_after(inmate, lambda: (inmate.invoice(5), inmate.call("POST", "invoice", {}), inmate.invoice(6)), before)
    assert inside(inmate.company) == before
