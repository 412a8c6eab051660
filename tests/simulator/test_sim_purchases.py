"""What is bought: bills, credits, payments, purchases, orders, transfers, time, and how they stand on the ledger."""

from typing import Any

import pytest
from simulator_person import Doc, Person


@pytest.fixture
def vendor(person: Person) -> str:
    """Someone who sends bills."""
    return str(person.post("Vendor", {"DisplayName": "Paper Mill"})["Id"])


def cost(amount: Any, account: str = "17", **detail: Any) -> Doc:
    """A cost line on an account."""
    inner = {"AccountRef": {"value": account}, **detail}
    return {"Amount": amount, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": inner}


def bill(person: Person, vendor: str, amount: Any, **more: Any) -> Doc:
    """A bill of one line."""
    return person.post("Bill", {"VendorRef": {"value": vendor}, "Line": [cost(amount)], **more})


def paid(kind: str, item: Doc, amount: Any) -> Doc:
    """A line that settles something."""
    return {"Amount": amount, "LinkedTxn": [{"TxnId": item["Id"], "TxnType": kind}]}


def pay(person: Person, vendor: str, total: Any, *lines: Doc, **more: Any) -> Doc:
    """A bill payment by cheque."""
    by = {"PayType": "Check", "CheckPayment": {"BankAccountRef": {"value": "1"}}}
    return person.post("BillPayment", {"VendorRef": {"value": vendor}, "TotalAmt": total, "Line": list(lines), **by,
                                       **more})  # fmt: skip


def test_a_bill_is_owed_until_it_is_paid(person: Person, vendor: str) -> None:
    """Bill, part payment with a credit, the rest: Balance, LinkedTxn, SyncToken and the vendor's balance follow."""
    first = bill(person, vendor, "300.00", SalesTermRef={"value": "3"}, TxnDate="2026-10-01")
    assert (first["TotalAmt"], first["Balance"], first["DueDate"]) == (300, 300, "2026-10-31")
    assert first["APAccountRef"]["name"] == "Accounts Payable (A/P)"
    assert first["Line"][0]["AccountBasedExpenseLineDetail"]["BillableStatus"] == "NotBillable"
    credit = person.post("VendorCredit", {"VendorRef": {"value": vendor}, "Line": [cost("50.00")]})
    made = pay(person, vendor, "150.00", paid("Bill", first, "200.00"), paid("VendorCredit", credit, "50.00"))
    now = person.get("Bill", first["Id"])
    assert (now["Balance"], now["SyncToken"]) == (100, "1")
    assert now["LinkedTxn"] == [{"TxnId": made["Id"], "TxnType": "BillPaymentCheck"}]
    assert person.get("VendorCredit", credit["Id"])["Balance"] == 0
    assert person.get("Vendor", vendor)["Balance"] == 100
    found = person.proof()
    assert (found["vendors"]["Paper Mill"], found["accounts"]["Checking"]) == ("100.00", "-150.00")
    assert found["payable"]["open_bills"] == "100.00"
    pay(person, vendor, "100.00", paid("Bill", first, "100.00"))
    assert person.get("Bill", first["Id"])["Balance"] == 0
    assert person.proof()["payable"]["ledger"] == "0.00"


def test_a_voided_bill_payment_gives_the_bill_back(person: Person, vendor: str) -> None:
    """Void: total 0, no lines, the bill is open again."""
    owed = bill(person, vendor, "80.00")
    made = pay(person, vendor, "80.00", paid("Bill", owed, "80.00"))
    void = person.post("BillPayment", {"Id": made["Id"], "SyncToken": made["SyncToken"], "sparse": True},
                       operation="update", include="void")  # fmt: skip
    assert (void["TotalAmt"], void["Line"], void["PrivateNote"]) == (0, [], "Voided")
    assert person.get("Bill", owed["Id"])["Balance"] == 80
    assert person.proof()["accounts"]["Checking"] == "0.00"


def test_a_bill_with_a_payment_cannot_be_deleted(person: Person, vendor: str) -> None:
    """800 while something settles it; afterwards it goes."""
    owed = bill(person, vendor, "10.00")
    made = pay(person, vendor, "10.00", paid("Bill", owed, "10.00"))
    owed = person.get("Bill", owed["Id"])
    stub = {"Id": owed["Id"], "SyncToken": owed["SyncToken"]}
    assert person.refused("Bill", stub, operation="delete")["code"] == "800"
    person.post("BillPayment", {"Id": made["Id"], "SyncToken": made["SyncToken"]}, operation="delete")
    owed = person.get("Bill", owed["Id"])
    person.post("Bill", {"Id": owed["Id"], "SyncToken": owed["SyncToken"]}, operation="delete")
    assert person.proof()["payable"]["ledger"] == "0.00"


def test_purchases_by_cash_card_and_a_card_credit(person: Person, vendor: str) -> None:
    """The paying account falls by what was bought; a card credit lowers what is owed to the card."""
    card = str(person.post("Account", {"Name": "Card", "AccountType": "Credit Card"})["Id"])
    who = {"EntityRef": {"value": vendor, "type": "Vendor"}}
    person.post("Purchase", {"PaymentType": "Cash", "AccountRef": {"value": "1"}, "Line": [cost("12.50")], **who})
    person.post("Purchase", {"PaymentType": "CreditCard", "AccountRef": {"value": card}, "Line": [cost(40)], **who})
    person.post("Purchase", {"PaymentType": "CreditCard", "AccountRef": {"value": card}, "Line": [cost(15)],
                             "Credit": True, **who})  # fmt: skip
    accounts = person.proof()["accounts"]
    assert (accounts["Checking"], accounts["Card"], accounts["Office and software"]) == ("-12.50", "-25.00", "37.50")
    assert person.get("Account", card)["CurrentBalance"] == 25


def test_an_order_closes_when_it_is_billed(person: Person, vendor: str) -> None:
    """The order shows the bill, and is open again without it; neither moves the ledger by itself."""
    order = person.post("PurchaseOrder", {"VendorRef": {"value": vendor}, "Line": [cost("70.00")]})
    assert (order["POStatus"], order["TotalAmt"]) == ("Open", 70)
    assert person.proof()["payable"]["ledger"] == "0.00"
    made = bill(person, vendor, "70.00", LinkedTxn=[{"TxnId": order["Id"], "TxnType": "PurchaseOrder"}])
    now = person.get("PurchaseOrder", order["Id"])
    assert (now["POStatus"], now["LinkedTxn"]) == ("Closed", [{"TxnId": made["Id"], "TxnType": "Bill"}])
    person.post("Bill", {"Id": made["Id"], "SyncToken": made["SyncToken"]}, operation="delete")
    now = person.get("PurchaseOrder", order["Id"])
    assert (now["POStatus"], now["LinkedTxn"]) == ("Open", [])


def test_a_transfer_moves_money(person: Person) -> None:
    """From one account of the balance sheet to another."""
    ends = {"FromAccountRef": {"value": "1"}, "ToAccountRef": {"value": "13"}}
    made = person.post("Transfer", {**ends, "Amount": "99.95"})
    assert made["ToAccountRef"]["name"] == "Savings"
    accounts = person.proof()["accounts"]
    assert (accounts["Checking"], accounts["Savings"]) == ("-99.95", "99.95")
    same = {"FromAccountRef": {"value": "1"}, "ToAccountRef": {"value": "1"}, "Amount": 1}
    assert person.refused("Transfer", same)["code"] == "6000"
    income = {"FromAccountRef": {"value": "1"}, "ToAccountRef": {"value": "8"}, "Amount": 1}
    assert person.refused("Transfer", income)["code"] == "6430"


def test_time_is_recorded_and_billed_once(person: Person, vendor: str) -> None:
    """Start and end give the hours; an invoice that names it marks it as billed."""
    spent = person.post("TimeActivity", {
        "NameOf": "Vendor", "VendorRef": {"value": vendor}, "CustomerRef": {"value": "1"}, "BillableStatus": "Billable",
        "StartTime": "2026-10-14T09:00:00-04:00", "EndTime": "2026-10-14T12:30:00-04:00", "BreakMinutes": 15,
        "ItemRef": {"value": "4"}, "HourlyRate": 120})  # fmt: skip
    assert (spent["Hours"], spent["Minutes"]) == (3, 15)
    link = [{"TxnId": spent["Id"], "TxnType": "TimeActivity"}]
    person.invoice(390, LinkedTxn=link)
    assert person.get("TimeActivity", spent["Id"])["BillableStatus"] == "HasBeenBilled"
    again = {"CustomerRef": {"value": "1"}, "LinkedTxn": link,
             "Line": [{"Amount": 1, "DetailType": "SalesItemLineDetail",
                       "SalesItemLineDetail": {"ItemRef": {"value": "4"}}}]}  # fmt: skip
    assert person.refused("Invoice", again)["code"] == "620"


def test_an_estimate_is_invoiced_once(person: Person) -> None:
    """6.1: one estimate an invoice; it closes, and opens when the invoice is voided."""
    line = {"Amount": 500, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": "4"}}}
    made = person.post("Estimate", {"CustomerRef": {"value": "1"}, "Line": [line], "ExpirationDate": "2026-12-01"})
    assert (made["TxnStatus"], made["TotalAmt"], "Balance" in made) == ("Pending", 500, False)
    assert person.proof()["receivable"]["ledger"] == "0.00"
    link = {"TxnId": made["Id"], "TxnType": "Estimate"}
    invoice = person.invoice(500, LinkedTxn=[link])
    now = person.get("Estimate", made["Id"])
    assert (now["TxnStatus"], now["LinkedTxn"]) == ("Closed", [{"TxnId": invoice["Id"], "TxnType": "Invoice"}])
    assert invoice["LinkedTxn"] == [link]
    body = {"CustomerRef": {"value": "1"}, "Line": [line]}
    assert person.refused("Invoice", {**body, "LinkedTxn": [link]})["code"] == "620"
    assert person.refused("Invoice", {**body, "CustomerRef": {"value": "2"}, "LinkedTxn": [link]})["code"] == "620"
    person.post("Invoice", {"Id": invoice["Id"], "SyncToken": invoice["SyncToken"]}, operation="void")
    assert person.get("Estimate", made["Id"])["TxnStatus"] == "Pending"


REFUSED: list[tuple[str, str, Doc, str]] = [
    ("a bill without vendor", "Bill", {"Line": [cost(1)]}, "2020"),
    ("a bill without lines", "Bill", {"VendorRef": {"value": "VENDOR"}, "Line": []}, "2020"),
    ("a bill line without account", "Bill", {"VendorRef": {"value": "VENDOR"}, "Line": [cost(1, "")]}, "6440"),
    ("a bill line on A/P", "Bill", {"VendorRef": {"value": "VENDOR"}, "Line": [cost(1, "16")]}, "6430"),
    ("a bill of less than nothing", "Bill", {"VendorRef": {"value": "VENDOR"}, "Line": [cost(-1)]}, "6000"),
    ("a billable line without customer", "Bill",
     {"VendorRef": {"value": "VENDOR"}, "Line": [cost(1, BillableStatus="Billable")]}, "6000"),
    ("an unknown vendor", "Bill", {"VendorRef": {"value": "999"}, "Line": [cost(1)]}, "2500"),
    ("a purchase by cheque from a card", "Purchase",
     {"PaymentType": "CreditCard", "AccountRef": {"value": "1"}, "Line": [cost(1)]}, "6430"),
    ("a payment without pay type", "BillPayment", {"VendorRef": {"value": "VENDOR"}, "TotalAmt": 1}, "2020"),
    ("a payment without bank", "BillPayment",
     {"VendorRef": {"value": "VENDOR"}, "TotalAmt": 1, "PayType": "Check"}, "2020"),
    ("a payment of a bill that is not there", "BillPayment",
     {"VendorRef": {"value": "VENDOR"}, "TotalAmt": 1, "PayType": "Check", "CheckPayment": {"BankAccountRef": {
         "value": "1"}}, "Line": [paid("Bill", {"Id": "999"}, 1)]}, "620"),
    ("time of nobody", "TimeActivity", {"NameOf": "Employee", "Hours": 1}, "2020"),
    ("time of 90 minutes", "TimeActivity",
     {"NameOf": "Vendor", "VendorRef": {"value": "VENDOR"}, "Minutes": 90}, "6340"),
    ("time that ends before it starts", "TimeActivity",
     {"NameOf": "Vendor", "VendorRef": {"value": "VENDOR"}, "StartTime": "2026-10-14T09:00:00Z",
      "EndTime": "2026-10-14T08:00:00Z"}, "6370"),
]  # fmt: skip


def test_only_a_card_gives_credit(person: Person) -> None:
    """R: Credit is passed over where something is bought by cash or cheque."""
    body = {"PaymentType": "Cash", "AccountRef": {"value": "1"}, "Line": [cost(1)], "Credit": True}
    assert "Credit" not in person.post("Purchase", body)


@pytest.mark.parametrize(("name", "body", "code"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_is_refused(person: Person, vendor: str, name: str, body: Doc, code: str) -> None:
    """Each mistake has its code, and nothing is written."""
    if (body.get("VendorRef") or {}).get("value") == "VENDOR":
        body = {**body, "VendorRef": {"value": vendor}}
    assert person.refused(name, body)["code"] == code
    assert person.query(" ".join(("select count(*) from", name)))["totalCount"] == 0


def test_more_than_the_bill_cannot_be_paid(person: Person, vendor: str) -> None:
    """Over-application is refused, and a receivable cannot be paid by a bill payment."""
    owed = bill(person, vendor, "10.00")
    by = {"PayType": "Check", "CheckPayment": {"BankAccountRef": {"value": "1"}}, "VendorRef": {"value": vendor}}
    assert person.refused("BillPayment", {**by, "TotalAmt": 11, "Line": [paid("Bill", owed, 11)]})["code"] == "6000"
    invoice = person.invoice(10)
    assert person.refused("BillPayment", {**by, "TotalAmt": 1, "Line": [paid("Invoice", invoice, 1)]})["code"] == "620"
