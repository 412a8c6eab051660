"""Transactions: what QuickBooks fills in, what it refuses, what follows on other documents."""

from typing import Any

import pytest
from simulator_person import Person, journal, journal_line, payment, sale_line


def test_an_invoice_comes_back_with_everything_quickbooks_computes(person: Person) -> None:
    made = person.invoice(100.10, "D-1-A", SalesTermRef={"value": "3"})
    assert (made["TotalAmt"], made["Balance"], made["SyncToken"], made["sparse"]) == (100.10, 100.10, "0", False)
    assert made["DueDate"] == "2026-11-14"
    assert made["MetaData"]["CreateTime"] == "2026-10-15T12:00:00-04:00"
    assert made["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "NON"}
    assert made["Line"][-1] == {"Amount": 100.10, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
    assert (made["LinkedTxn"], made["domain"], made["EmailStatus"]) == ([], "QBO", "NotSet")


def test_a_payment_changes_the_invoice_it_pays(person: Person) -> None:
    """Balance, LinkedTxn and SyncToken move without a call on the invoice (section 6)."""
    made = person.invoice(100)
    paid = person.pay(120, ("Invoice", made["Id"], 100))
    assert paid["UnappliedAmt"] == 20
    assert paid["DepositToAccountRef"] == {"value": "3"}
    assert paid["Line"][0]["LineEx"]["any"][0]["value"] == {"Name": "txnId", "Value": made["Id"]}
    after = person.get("Invoice", made["Id"])
    assert (after["Balance"], after["SyncToken"]) == (0, "1")
    assert after["LinkedTxn"] == [{"TxnId": paid["Id"], "TxnType": "Payment"}]
    assert person.proof()["customers"] == {"Acme Robotics": "-20.00"}


def test_voiding_an_invoice_gives_its_payment_back(person: Person) -> None:
    made = person.invoice(100, PrivateNote="a note")
    paid = person.pay(100, ("Invoice", made["Id"], 100))
    voided = person.post("Invoice", {"Id": made["Id"], "SyncToken": "1"}, operation="void")
    assert (voided["TotalAmt"], voided["Balance"], voided["LinkedTxn"]) == (0, 0, [])
    assert voided["PrivateNote"] == "Voided - a note"
    assert person.get("Payment", paid["Id"])["UnappliedAmt"] == 100
    person.proof()


def test_voiding_and_deleting_a_payment_opens_the_invoice(person: Person) -> None:
    made = person.invoice(100)
    first = person.pay(60, ("Invoice", made["Id"], 60))
    second = person.pay(40, ("Invoice", made["Id"], 40))
    handle = {"Id": first["Id"], "SyncToken": "0", "sparse": True}
    voided = person.post("Payment", handle, operation="update", include="void")
    assert (voided["TotalAmt"], voided["Line"], voided["PrivateNote"]) == (0, [], "Voided")
    assert person.get("Invoice", made["Id"])["Balance"] == 60
    gone = person.call("POST", "payment", {"Id": second["Id"], "SyncToken": "0"}, operation="delete").json()
    assert gone["Payment"] == {"status": "Deleted", "domain": "QBO", "Id": second["Id"]}
    assert person.get("Invoice", made["Id"])["Balance"] == 100
    assert person.call("GET", f"payment/{second['Id']}").json()["Fault"]["Error"][0]["code"] == "610"
    person.proof()


def test_a_paid_invoice_that_shrinks_gives_back_what_no_longer_fits(person: Person) -> None:
    made = person.invoice(100)
    paid = person.pay(100, ("Invoice", made["Id"], 100))
    person.post("Invoice", {"Id": made["Id"], "SyncToken": "1", "sparse": True, "Line": [sale_line(70)]})
    assert person.get("Payment", paid["Id"])["UnappliedAmt"] == 30
    assert person.get("Invoice", made["Id"])["Balance"] == 0
    person.proof()


def test_a_credit_memo_is_applied_through_a_payment_of_zero(person: Person) -> None:
    made = person.invoice(100)
    credit = person.post("CreditMemo", {"CustomerRef": {"value": "1"}, "Line": [sale_line(30)]})
    assert credit["RemainingCredit"] == 30
    linked = person.pay(0, ("Invoice", made["Id"], 30), ("CreditMemo", credit["Id"], 30))
    assert linked["UnappliedAmt"] == 0
    assert person.get("CreditMemo", credit["Id"])["RemainingCredit"] == 0
    assert person.get("Invoice", made["Id"])["Balance"] == 70
    person.proof()


def test_a_journal_on_receivables_is_paid_like_an_invoice(person: Person) -> None:
    lines = [journal_line(50, "Debit", "2", "1"), journal_line(50, "Credit", "8")]
    made = person.post("JournalEntry", {"Line": lines})
    assert [line["Id"] for line in made["Line"]] == ["0", "1"]
    assert (made["TotalAmt"], "DocNumber" in made) == (0, False)
    assert person.pay(50, ("JournalEntry", made["Id"], 50))["UnappliedAmt"] == 0
    found = person.proof()
    assert found["receivable"]["journals"] == "0.00"


def test_a_deposit_banks_payments_less_the_fee_and_locks_them(person: Person) -> None:
    made = person.invoice(100)
    paid = person.pay(100, ("Invoice", made["Id"], 100))
    link = {"Amount": 100, "LinkedTxn": [{"TxnId": paid["Id"], "TxnType": "Payment"}]}
    fee = {"Amount": -2.9, "DetailType": "DepositLineDetail", "DepositLineDetail": {"AccountRef": {"value": "10"}}}
    deposit = person.post("Deposit", {"DepositToAccountRef": {"value": "1"}, "Line": [link, fee]})
    assert deposit["TotalAmt"] == 97.1
    assert person.proof()["accounts"]["Checking"] == "97.10"
    token = person.get("Payment", paid["Id"])["SyncToken"]
    change = {**payment(90), "Id": paid["Id"], "SyncToken": token}
    assert person.refused("Payment", change)["code"] == "6540"
    assert person.refused("Payment", {"Id": paid["Id"], "SyncToken": token}, operation="delete")["code"] == "6540"
    voided = person.refused("Payment", {"Id": paid["Id"], "SyncToken": token}, operation="void")
    assert voided["code"] == "6450"
    again = person.refused("Deposit", {"DepositToAccountRef": {"value": "1"}, "Line": [link]})
    assert again["code"] == "620"


def test_sales_and_refund_receipts_move_cash_and_income(person: Person) -> None:
    sale = {"CustomerRef": {"value": "1"}, "Line": [sale_line(80, "4")]}
    assert person.post("SalesReceipt", sale)["Balance"] == 0
    person.post("RefundReceipt", {**sale, "Line": [sale_line(30, "4")], "DepositToAccountRef": {"value": "1"}})
    accounts = person.proof()["accounts"]
    assert (accounts["Undeposited Funds"], accounts["Checking"]) == ("80.00", "-30.00")
    assert accounts["Services (misc income)"] == "-50.00"


def test_sales_tax_is_computed_from_the_code_or_taken_as_given(person: Person) -> None:
    taxed = sale_line(100, "4", TaxCodeRef={"value": "TAX"})
    body = {"CustomerRef": {"value": "1"}, "Line": [taxed, sale_line(50, "4")]}
    made = person.post("Invoice", {**body, "TxnTaxDetail": {"TxnTaxCodeRef": {"value": "2"}}})
    assert (made["TxnTaxDetail"]["TotalTax"], made["TotalAmt"]) == (8.88, 158.88)
    assert person.post("Invoice", {**body, "TxnTaxDetail": {"TotalTax": 8}})["TotalAmt"] == 158
    assert person.proof()["accounts"]["Sales Tax Payable"] == "-16.88"


def test_a_full_update_clears_what_it_omits_and_a_sparse_one_keeps_it(person: Person) -> None:
    made = person.invoice(100, PrivateNote="a note")
    kept = person.post("Invoice", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "DueDate": "2026-12-01"})
    assert (kept["PrivateNote"], kept["DueDate"], kept["SyncToken"]) == ("a note", "2026-12-01", "1")
    full = {"Id": made["Id"], "SyncToken": "1", "CustomerRef": {"value": "1"}, "Line": [sale_line(90)]}
    cleared = person.post("Invoice", full)
    assert "PrivateNote" not in cleared
    assert cleared["TotalAmt"] == 90


def test_lines_keep_their_id_when_it_is_sent_and_get_a_new_one_otherwise(person: Person) -> None:
    made = person.invoice(100)
    lines = [{**sale_line(40), "Id": "1"}, {**sale_line(60), "Id": "77"}]
    after = person.post("Invoice", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Line": lines})
    assert [line.get("Id") for line in after["Line"]] == ["1", "2", None]


INVOICE: dict[str, Any] = {"CustomerRef": {"value": "1"}, "Line": [sale_line(100)]}
OFF_BALANCE = {"Line": [journal_line(10, "Debit", "4"), journal_line(9, "Credit", "8")]}
NO_NAME = {"Line": [journal_line(10, "Debit", "2"), journal_line(10, "Credit", "8")]}
REFUSALS: list[tuple[str, str, dict[str, Any]]] = [
    ("2010", "Invoice", {**INVOICE, "Colour": "red"}),
    ("2020", "Invoice", {"CustomerRef": {"value": "1"}}),
    ("2020", "Invoice", {"CustomerRef": {"value": "1"}, "Line": []}),
    ("6000", "Payment", {"CustomerRef": {"value": "1"}}),
    ("2050", "Invoice", {**INVOICE, "DocNumber": "x" * 22}),
    ("2070", "Invoice", {**INVOICE, "TxnDate": "2026-02-30"}),
    ("2100", "Invoice", {**INVOICE, "Line": [sale_line("ten")]}),
    ("2110", "Invoice", {**INVOICE, "Line": [sale_line("1234567890123456")]}),
    ("2010", "Invoice", {**INVOICE, "Line": "none"}),
    ("2170", "Invoice", {**INVOICE, "EmailStatus": "Maybe"}),
    ("2290", "JournalEntry", journal(-5)),
    ("2300", "JournalEntry", OFF_BALANCE),
    ("2500", "Invoice", {**INVOICE, "Line": [sale_line(1, "999")]}),
    ("2500", "JournalEntry", journal(5, debit="999")),
    ("6000", "JournalEntry", NO_NAME),
    ("6000", "Invoice", {**INVOICE, "Line": [sale_line(-1)]}),
    ("6070", "Invoice", {**INVOICE, "Line": [sale_line(1861.07, Qty=128.350, UnitPrice=14.50)]}),
    ("6100", "Invoice", {**INVOICE, "Line": [sale_line(1, TaxCodeRef={"value": "2"})]}),
    ("6210", "Invoice", {**INVOICE, "TxnDate": "2025-12-31"}),
    ("6210", "JournalEntry", {**journal(5), "TxnDate": "2025-06-30"}),
    ("6240", "Customer", {"DisplayName": "Acme Robotics"}),
    ("2500", "Invoice", {**INVOICE, "CustomerRef": {"value": "999"}}),
    ("6430", "RefundReceipt", {**INVOICE, "DepositToAccountRef": {"value": "8"}}),
    ("6440", "Deposit", {"DepositToAccountRef": {"value": "1"}, "Line": [{"Amount": 5}]}),
    ("620", "Payment", payment(5, ("Invoice", "999", 5))),
    ("2140", "Payment", payment(-5)),
    ("6010", "Account", {"Name": "No type"}),
    ("610", "Invoice", {**INVOICE, "Id": "999", "SyncToken": "0"}),
    ("2030", "Invoice", {**INVOICE, "Id": "abc", "SyncToken": "0"}),
    ("2020", "Invoice", {**INVOICE, "Id": "1"}),
]


@pytest.mark.parametrize(("code", "name", "body"), REFUSALS)
def test_what_is_wrong_is_refused_with_its_code(person: Person, code: str, name: str, body: dict[str, Any]) -> None:
    before = person.side("GET", "dump")
    error = person.refused(name, body)
    assert (error["code"], bool(error["Message"]), bool(error["Detail"])) == (code, True, True)
    assert person.side("GET", "dump") == before


def test_rounding_is_half_up_to_the_cent(person: Person) -> None:
    """128.350 x 14.50 = 1861.075: QuickBooks wants 1861.08 (6.2)."""
    line = sale_line(1861.08, Qty=128.350, UnitPrice=14.50)
    assert person.post("Invoice", {"CustomerRef": {"value": "1"}, "Line": [line]})["TotalAmt"] == 1861.08
    line = sale_line(0.23, Qty=1.5, UnitPrice=0.15)
    assert person.post("Invoice", {"CustomerRef": {"value": "1"}, "Line": [line]})["TotalAmt"] == 0.23


def test_a_stale_token_is_refused(person: Person) -> None:
    made = person.invoice(100)
    person.pay(10, ("Invoice", made["Id"], 10))
    error = person.refused("Invoice", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "x"})
    assert error["code"] == "5010"


def test_too_much_applied_is_refused(person: Person) -> None:
    made = person.invoice(100)
    assert person.refused("Payment", payment(200, ("Invoice", made["Id"], 101)))["code"] == "6000"
    assert person.refused("Payment", payment(50, ("Invoice", made["Id"], 60)))["code"] == "6000"
    assert person.refused("Payment", payment(9, ("Invoice", made["Id"], 9), customer="2"))["code"] == "620"


def test_several_problems_come_in_one_fault(person: Person) -> None:
    answer = person.call("POST", "invoice", {"DocNumber": "x" * 30, "TxnDate": "today"}).json()
    assert [error["code"] for error in answer["Fault"]["Error"]] == ["2050", "2060"]
    assert answer["Fault"]["type"] == "ValidationFault"


def test_a_duplicate_number_names_the_document_that_has_it(person: Person) -> None:
    made = person.invoice(100, "R-1")
    error = person.refused("Invoice", {**INVOICE, "DocNumber": "R-1"})
    assert error["code"] == "6140"
    assert f"DocNumber=R-1 is assigned to TxnType=Invoice with TxnId={made['Id']}" in error["Detail"]
    person.post("Invoice", {**INVOICE, "DocNumber": "R-1"}, include="allowduplicatedocnum")
    person.side("POST", "settings", {"duplicate_docnumber": "accept"})
    person.post("Invoice", {**INVOICE, "DocNumber": "R-1"})


def test_journal_numbers_are_watched_only_by_preference(person: Person) -> None:
    person.post("JournalEntry", journal(5, DocNumber="J-1"))
    assert person.refused("JournalEntry", journal(5, DocNumber="J-1"))["code"] == "6140"
    off = {"OtherPrefs": {"NameValue": [{"Name": "WarnDuplicateJournalNumber", "Value": "false"}]}}
    person.side("POST", "settings", {"preferences": off})
    person.post("JournalEntry", journal(5, DocNumber="J-1"))


def test_without_custom_numbers_quickbooks_numbers_invoices_itself(person: Person) -> None:
    assert "DocNumber" not in person.invoice(1)
    person.side("POST", "settings", {"preferences": {"SalesFormsPrefs": {"CustomTxnNumbers": False}}})
    assert [person.invoice(1)["DocNumber"] for _ in range(2)] == ["1001", "1002"]


def test_switches_change_the_unsure_answers(person: Person) -> None:
    person.side("POST", "settings", {"unbalanced_journal": "6000", "closing_fault": "6200"})
    assert person.refused("JournalEntry", OFF_BALANCE)["code"] == "6000"
    assert person.refused("Invoice", {**INVOICE, "TxnDate": "2025-12-31"})["code"] == "6200"
    item = {"Name": "To an asset", "Type": "Service", "IncomeAccountRef": {"value": "4"}}
    person.post("Item", item)
    person.side("POST", "settings", {"item_asset_account": "refuse"})
    assert person.refused("Item", {**item, "Name": "Another"})["code"] == "6430"


def test_inactive_names_are_refused_and_lose_their_name(person: Person) -> None:
    gone = person.post("Customer", {"Id": "9", "SyncToken": "0", "sparse": True, "Active": False})
    assert gone["DisplayName"] == "Iris Publishing (deleted)"
    assert person.refused("Invoice", {**INVOICE, "CustomerRef": {"value": "9"}})["code"] == "610"
    person.post("Customer", {"DisplayName": "Iris Publishing"})
    person.post("Item", {"Id": "5", "SyncToken": "0", "sparse": True, "Active": False})
    assert person.refused("Invoice", {**INVOICE, "Line": [sale_line(1, "5")]})["code"] == "610"
    assert person.refused("Customer", {"Id": "1", "SyncToken": "0"}, operation="delete")["code"] == "500"


def test_jobs_stand_under_their_customer(person: Person) -> None:
    job = person.post("Customer", {"DisplayName": "Shop", "ParentRef": {"value": "3"}, "Job": True})
    assert (job["FullyQualifiedName"], job["Job"], job["Level"]) == ("Cedar Foods:Shop", True, 1)
    person.invoice(40, customer=job["Id"])
    assert person.get("Customer", "3")["BalanceWithJobs"] == 40
    paid = person.pay(40, ("Invoice", "1", 40), customer="3")
    assert paid["UnappliedAmt"] == 0
    assert person.get("Customer", job["Id"])["Balance"] == 0
    person.proof()


def test_a_job_s_credit_on_its_parent_s_invoice_clears_both(person: Person) -> None:
    """What is applied moves the balance of the document's own customer, not the payer's."""
    made = person.invoice(30, customer="1")
    credit = person.post("CreditMemo", {"CustomerRef": {"value": "10"}, "Line": [sale_line(30)]})
    assert person.get("Customer", "10")["Balance"] == -30
    person.pay(0, ("Invoice", made["Id"], 30), ("CreditMemo", credit["Id"], 30), customer="1")
    assert [person.get("Customer", each)["Balance"] for each in ("1", "10")] == [0, 0]
    person.proof()


def test_an_update_in_a_closed_period_is_refused_and_an_open_one_may_not_move_there(person: Person) -> None:
    made = person.invoice(10)
    handle = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    assert person.refused("Invoice", {**handle, "TxnDate": "2025-12-31"})["code"] == "6210"
    person.side("POST", "settings", {"preferences": {"AccountingInfoPrefs": {"BookCloseDate": "2026-10-31"}}})
    assert person.refused("Invoice", {**handle, "PrivateNote": "x"})["code"] == "6210"
    assert person.refused("Invoice", handle, operation="void")["code"] == "6210"
    assert person.refused("Invoice", handle, operation="delete")["code"] == "6210"
    assert person.refused("Payment", payment(5, ("Invoice", made["Id"], 5)))["code"] == "6210"
