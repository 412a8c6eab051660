"""Several currencies: rates, worth at home, gains and losses between two rates (6.1; accounting.md, currencies)."""

from decimal import Decimal
from typing import Any

import pytest
from simulator_person import Doc, Person, sale_line


@pytest.fixture
def euro(person: Person) -> str:
    """A customer that deals in euro, in a company that keeps several currencies."""
    person.side("POST", "settings", {"preferences": {"CurrencyPrefs": {"MultiCurrencyEnabled": True}}})
    person.post("CompanyCurrency", {"Code": "EUR"})
    return str(person.post("Customer", {"DisplayName": "Kunde", "CurrencyRef": {"value": "EUR"}})["Id"])


def invoice(person: Person, customer: str, amount: Any, rate: str | None, **more: Any) -> Doc:
    """An invoice in euro."""
    rated = {"ExchangeRate": rate} if rate else {}
    body = {"CustomerRef": {"value": customer}, "Line": [sale_line(amount, item="4")], **rated, **more}
    return person.post("Invoice", body)


def pay(person: Person, customer: str, total: Any, rate: str, *lines: tuple[Doc, Any]) -> Doc:
    """A payment in euro, applied to invoices."""
    body = {
        "CustomerRef": {"value": customer},
        "TotalAmt": total,
        "ExchangeRate": rate,
        "Line": [
            {"Amount": amount, "LinkedTxn": [{"TxnId": paid["Id"], "TxnType": "Invoice"}]} for paid, amount in lines
        ],
    }
    return person.post("Payment", body)


def test_an_invoice_is_worth_its_own_rate_at_home(person: Person, euro: str) -> None:
    """Totals in both currencies; the customer owes euro; the receivable of euro is an account of its own."""
    made = invoice(person, euro, "1000.00", "1.10")
    assert (made["CurrencyRef"]["value"], made["ExchangeRate"]) == ("EUR", 1.1)
    assert (made["TotalAmt"], made["HomeTotalAmt"], made["Balance"], made["HomeBalance"]) == (1000, 1100, 1000, 1100)
    assert person.get("Customer", euro)["Balance"] == 1000
    (account,) = person.query("select * from Account where Name = 'Accounts Receivable (A/R) - EUR'")["Account"]
    assert (account["CurrentBalance"], account["CurrencyRef"]["value"]) == (1000, "EUR")
    assert person.proof()["accounts"]["Accounts Receivable (A/R) - EUR"] == "1100.00"


def test_the_difference_of_two_rates_is_gained_or_lost(person: Person, euro: str) -> None:
    """1,000 euro owed at 1.10 and paid at 1.15 gain 50.00; 1,000 paid at 1.05 lose 50.00."""
    for rate, gain in (("1.15", "-50.00"), ("1.05", "0.00")):
        owed = invoice(person, euro, "1000.00", "1.10")
        pay(person, euro, "1000.00", rate, (owed, "1000.00"))
        found = person.proof()
        assert found["accounts"]["Exchange Gain or Loss"] == gain
        assert found["receivable"]["ledger"] == "0.00"


def test_parts_leave_nothing_behind_at_home(person: Person, euro: str) -> None:
    """A third at a time: the last part takes the cent, the receivable is 0.00 in both currencies."""
    owed = invoice(person, euro, "100.01", "1.333333")
    for amount in ("33.34", "33.34", "33.33"):
        pay(person, euro, amount, "1.333333", (owed, amount))
    assert person.get("Invoice", owed["Id"])["HomeBalance"] == 0
    assert person.proof()["accounts"]["Accounts Receivable (A/R) - EUR"] == "0.00"


def test_another_rate_of_a_paid_invoice_moves_its_payment(person: Person, euro: str) -> None:
    """The payment's gain follows when the invoice is valued anew."""
    owed = invoice(person, euro, "1000.00", "1.10")
    pay(person, euro, "1000.00", "1.15", (owed, "1000.00"))
    owed = person.get("Invoice", owed["Id"])
    person.post("Invoice", {"Id": owed["Id"], "SyncToken": owed["SyncToken"], "sparse": True, "ExchangeRate": "1.15"})
    assert person.proof()["accounts"]["Exchange Gain or Loss"] == "0.00"


def test_the_rate_of_the_day_is_taken_where_none_is_sent(person: Person, euro: str) -> None:
    """The newest ExchangeRate that is not later than the transaction; 1 where none is known."""
    assert invoice(person, euro, 1, None)["ExchangeRate"] == 1
    rates = [{"SourceCurrencyCode": "EUR", "TargetCurrencyCode": "USD", "AsOfDate": day, "Rate": rate}
             for day, rate in (("2026-10-01", "1.08"), ("2026-10-10", "1.09"))]  # fmt: skip
    person.side("POST", "load", {"ExchangeRate": rates}, merge="1")
    assert invoice(person, euro, 1, None, TxnDate="2026-10-09")["ExchangeRate"] == 1.08
    assert invoice(person, euro, 1, None, TxnDate="2026-10-12")["ExchangeRate"] == 1.09


def test_what_currencies_forbid(person: Person, euro: str) -> None:
    """Another currency than the customer's, an unknown one, a payment across, a rate of nothing."""
    body: Doc = {"CustomerRef": {"value": euro}, "Line": [sale_line(1)]}
    assert person.refused("Invoice", {**body, "CurrencyRef": {"value": "USD"}})["code"] == "6000"
    assert person.refused("Invoice", {**body, "ExchangeRate": -1})["code"] == "2100"
    journal = {"CurrencyRef": {"value": "XXX"}, "Line": []}
    assert person.refused("JournalEntry", journal)["code"] in ("2020", "2220")
    home = person.invoice(10)
    cross = {"CustomerRef": {"value": euro}, "TotalAmt": 10,
             "Line": [{"Amount": 10, "LinkedTxn": [{"TxnId": home["Id"], "TxnType": "Invoice"}]}]}  # fmt: skip
    assert person.refused("Payment", cross)["code"] == "620"


def test_a_company_of_one_currency_refuses_others(person: Person) -> None:
    """2220 where multicurrency is off, and no rate or home total is shown."""
    body = {"CustomerRef": {"value": "1"}, "Line": [sale_line(1)], "CurrencyRef": {"value": "EUR"}}
    assert person.refused("Invoice", body)["code"] == "2220"
    made = person.invoice(1)
    assert not {"ExchangeRate", "HomeTotalAmt", "HomeBalance"} & set(made)


def test_bills_and_deposits_in_euro(person: Person, euro: str) -> None:
    """A bill paid at another rate, and money that waits in Undeposited Funds until it is banked at another rate."""
    vendor = person.post("Vendor", {"DisplayName": "Lieferant", "CurrencyRef": {"value": "EUR"}})["Id"]
    bank = person.post("Account", {"Name": "Frankfurt", "AccountType": "Bank", "CurrencyRef": {"value": "EUR"}})["Id"]
    cost = {"Amount": 200, "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "17"}}}  # fmt: skip
    owed = person.post("Bill", {"VendorRef": {"value": vendor}, "Line": [cost], "ExchangeRate": "1.10"})
    person.post("BillPayment", {
        "VendorRef": {"value": vendor}, "TotalAmt": 200, "PayType": "Check", "ExchangeRate": "1.20",
        "CheckPayment": {"BankAccountRef": {"value": bank}},
        "Line": [{"Amount": 200, "LinkedTxn": [{"TxnId": owed["Id"], "TxnType": "Bill"}]}]})  # fmt: skip
    assert person.proof()["accounts"]["Exchange Gain or Loss"] == "20.00"
    held = pay(person, euro, 300, "1.05")
    line = {"Amount": 300, "LinkedTxn": [{"TxnId": held["Id"], "TxnType": "Payment", "TxnLineId": "0"}]}
    body: Doc = {"DepositToAccountRef": {"value": bank}, "Line": [line]}
    assert person.refused("Deposit", body)["code"] == "6000"
    person.post("Deposit", {**body, "CurrencyRef": {"value": "EUR"}, "ExchangeRate": "1.10"})
    accounts = person.proof()["accounts"]
    assert (accounts["Undeposited Funds"], accounts["Exchange Gain or Loss"]) == ("0.00", "5.00")
    assert Decimal(str(person.get("Account", bank)["CurrentBalance"])) == 100
