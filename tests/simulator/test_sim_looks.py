"""Fresh objects answer the properties, in the order, that a live American company was seen to answer in 2026."""

from collections.abc import Iterator

import pytest
import requests
from client_rows import FOUNDATIONS, ROWS
from simulator_person import Doc, Person

from qbo_milestones.simulator.server import running

FRAME = "domain sparse Id SyncToken MetaData"
SOLD = "Line TxnTaxDetail CustomerRef BillAddr ShipAddr FreeFormAddress ShipFromAddr"
SEEN = {
    "Invoice": "AllowIPNPayment AllowOnlinePayment AllowOnlineCreditCardPayment AllowOnlineACHPayment "
               f"{FRAME} CustomField DocNumber TxnDate CurrencyRef LinkedTxn {SOLD} DueDate TotalAmt "
               "ApplyTaxAfterDiscount PrintStatus EmailStatus BillEmail Balance",
    "Estimate": f"{FRAME} CustomField DocNumber TxnDate CurrencyRef TxnStatus {SOLD} "
                "TotalAmt ApplyTaxAfterDiscount PrintStatus EmailStatus BillEmail",
    "CreditMemo": f"RemainingCredit {FRAME} CustomField DocNumber TxnDate CurrencyRef {SOLD} TotalAmt "
                  "ApplyTaxAfterDiscount PrintStatus EmailStatus BillEmail Balance",
    "Payment": "CustomerRef DepositToAccountRef PaymentRefNum TotalAmt UnappliedAmt ProcessPayment "
               f"{FRAME} TxnDate CurrencyRef Line",
    "Bill": f"DueDate Balance {FRAME} DocNumber TxnDate CurrencyRef Line VendorRef APAccountRef TotalAmt",
    "Purchase": f"AccountRef PaymentType EntityRef Credit TotalAmt PurchaseEx {FRAME} DocNumber TxnDate CurrencyRef "
                "Line",
    "PurchaseOrder": f"POEmail EmailStatus POStatus {FRAME} DocNumber TxnDate CurrencyRef LinkedTxn Line "
                     "VendorRef APAccountRef TotalAmt",
    "JournalEntry": f"Adjustment TotalAmt {FRAME} DocNumber TxnDate CurrencyRef Line TxnTaxDetail",
    "Deposit": f"DepositToAccountRef TotalAmt {FRAME} TxnDate CurrencyRef Line TxnTaxDetail",
    "Transfer": f"FromAccountRef ToAccountRef Amount {FRAME} TxnDate CurrencyRef",
    "Vendor": f"Balance BillRate Vendor1099 CurrencyRef CostRate {FRAME} DisplayName PrintOnCheckName Active "
              "V4IDPseudonym",
    "Item": "Name Active FullyQualifiedName Taxable UnitPrice Type IncomeAccountRef PurchaseCost TrackQtyOnHand "
            f"DeferredRevenue {FRAME}",
    "Account": "Name SubAccount FullyQualifiedName Active Classification AccountType AccountSubType CurrentBalance "
               f"CurrentBalanceWithSubAccounts CurrencyRef {FRAME}",
}  # fmt: skip
"""Entity -> what an object of `client_rows` shows."""
SALES_LINE = "Id LineNum Amount DetailType SalesItemLineDetail CustomExtensions"
LINES = {
    "Invoice": (SALES_LINE, "ItemRef UnitPrice Qty ItemAccountRef TaxCodeRef"),
    "Estimate": (SALES_LINE, "ItemRef UnitPrice Qty ItemAccountRef TaxCodeRef"),
    "CreditMemo": (SALES_LINE, "ItemRef UnitPrice Qty ItemAccountRef TaxCodeRef"),
    "Bill": ("Id LineNum Amount LinkedTxn DetailType AccountBasedExpenseLineDetail CustomExtensions",
             "AccountRef BillableStatus TaxCodeRef"),
    "Purchase": ("Id Amount DetailType AccountBasedExpenseLineDetail CustomExtensions",
                 "AccountRef BillableStatus TaxCodeRef"),
    "PurchaseOrder": ("Id LineNum Amount DetailType ItemBasedExpenseLineDetail CustomExtensions",
                      "BillableStatus ItemRef UnitPrice Qty TaxCodeRef"),
    "JournalEntry": ("Id Amount DetailType JournalEntryLineDetail CustomExtensions", "PostingType AccountRef"),
    "Deposit": ("Id LineNum Description Amount DetailType DepositLineDetail CustomExtensions", "AccountRef"),
}  # fmt: skip
"""Entity -> what a line and its detail show."""
SIGNED = ("Invoice", "Bill", "PurchaseOrder")


@pytest.fixture(scope="module")
def company() -> Iterator[Person]:
    """A company of this module's own, with what rows refer to."""
    with running() as base:
        requests.post(f"{base}/_sim/settings", json={"throttle": False}, timeout=10)
        requests.post(f"{base}/_sim/load?merge=1", json=FOUNDATIONS, timeout=10)
        person = Person(base)
        with person.http:
            yield person


@pytest.fixture(scope="module")
def made(company: Person) -> dict[str, Doc]:
    """One object of each row, as it is read."""
    rows = {row.entity: company.post(row.entity, row.body) for row in ROWS if row.entity in SEEN}
    return {name: company.get(name, body["Id"]) for name, body in rows.items()}


@pytest.mark.parametrize("name", SEEN)
def test_an_object_shows_what_a_live_one_shows(made: dict[str, Doc], name: str) -> None:
    assert list(made[name]) == SEEN[name].split()
    if name in LINES:
        line, detail = LINES[name]
        first = made[name]["Line"][0]
        assert list(first) == line.split()
        assert list(first[first["DetailType"]]) == detail.split()
    frame = ["CreateTime", *(["LastModifiedByRef"] if name in SIGNED else []), "LastUpdatedTime"]
    assert list(made[name]["MetaData"]) == frame


def test_who_pays_by_cheque_and_who_by_card(company: Person, made: dict[str, Doc]) -> None:
    """The kind of a purchase stands in its noise; a cheque shows no Credit, but its print status."""
    assert made["Purchase"]["PurchaseEx"]["any"][0]["value"] == {"Name": "TxnType", "Value": "54"}
    row = next(row.body for row in ROWS if row.entity == "Purchase")
    cheque = company.post("Purchase", {**row, "PaymentType": "Check", "AccountRef": {"value": "1"}, "DocNumber": "77"})
    assert cheque["PurchaseEx"]["any"][0]["value"]["Value"] == "3"
    assert ("Credit" in cheque, cheque["PrintStatus"]) == (False, "NotSet")
    again = company.post("Purchase", {**cheque, "PrivateNote": "sent back whole"})
    assert (again["SyncToken"], again["PrivateNote"]) == ("1", "sent back whole")


def test_an_invoice_without_terms_is_due_by_the_companys_own(made: dict[str, Doc]) -> None:
    day, due = made["Invoice"]["TxnDate"], made["Invoice"]["DueDate"]
    assert ("SalesTermRef" in made["Invoice"], due > day, made["Bill"]["DueDate"]) == (False, True, day)


def test_goods_come_from_the_companys_address_as_on_an_envelope(made: dict[str, Doc]) -> None:
    address = made["Invoice"]["ShipFromAddr"]
    assert {**address, "Id": ""} == {"Id": "", "Line1": "18 Lantern Street", "Line2": "New York, NY  10013"}
    assert made["Invoice"]["PrintStatus"] == "NeedToPrint"
