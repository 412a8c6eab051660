"""The side door, loading and dumping, the data file, the worked month, random books."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator_person import Person, journal, journal_line, payment, sale_line

from qbo_milestones.simulator.server import running

DATA = Path(__file__).parent / "data"


def test_the_worked_month_gives_its_balances(person: Person) -> None:
    books = json.loads((DATA / "october_close.json").read_text())
    expected = json.loads((DATA / "october_close.expected.json").read_text())
    person.side("POST", "load", books)
    found = person.side("GET", "trial_balance", as_of=expected["as_of"])["accounts"]
    assert found == expected["net_debit_by_account"]
    assert person.proof()["receivable"]["open_invoices"] == "22460.00"
    assert person.get("Payment", "403")["UnappliedAmt"] == 100
    assert person.get("CreditMemo", "301")["Balance"] == 0
    assert person.get("Invoice", "202")["SyncToken"] == "0"


def test_dump_and_load_give_the_same_books(person: Person) -> None:
    person.side("POST", "load", json.loads((DATA / "october_close.json").read_text()))
    person.pay(10, ("Invoice", "205", 10), customer="2")
    before, figures = person.side("GET", "dump"), person.side("GET", "balances")
    person.side("POST", "load", before)
    assert person.side("GET", "dump") == before
    assert person.side("GET", "balances") == figures
    assert int(person.invoice(1)["Id"]) > 503


def test_requests_are_logged_with_their_bodies(person: Person) -> None:
    mark = person.side("GET", "requests")["last"]
    made = person.post("Invoice", {"CustomerRef": {"value": "1"}, "Line": [sale_line(5)]}, requestid="r-1")
    entry = person.side("GET", "requests", since=str(mark))["requests"][0]
    assert (entry["method"], entry["entity"], entry["status"], entry["requestid"]) == ("POST", "invoice", 200, "r-1")
    assert (entry["body"]["Line"][0]["Amount"], entry["app"], entry["realm"]) == (5, "side-door", person.realm)
    assert made["Id"] == "1"
    person.side("DELETE", "requests")
    assert person.side("GET", "requests")["requests"] == []


def test_companies_are_apart_from_each_other(person: Person) -> None:
    person.side("POST", "companies", {"realm": "77", "name": "Second"})
    with (other := Person(person.base, "77")).http:
        other.invoice(5)
        assert person.query("select count(*) from Invoice") == {"totalCount": 0}
        assert other.get("CompanyInfo", "77")["CompanyName"] == "Second"


def test_a_reset_forgets_tokens_and_documents(person: Person) -> None:
    person.invoice(5)
    person.side("POST", "reset", {"seed": "empty"})
    assert person.call("GET", "preferences").status_code == 401
    assert "Invoice" not in person.side("GET", "dump")


def test_the_data_file_survives_a_restart(tmp_path: Path) -> None:
    """Documents, tokens, switches, deleted stubs and remembered request ids are all there again."""
    file = tmp_path / "company.json"
    body = {"CustomerRef": {"value": "1"}, "Line": [sale_line(5)]}
    with running(data=file) as base, (first := Person(base)).http:
        first.side("POST", "settings", {"throttle": False, "duplicate_docnumber": "accept"})
        made = first.post("Invoice", body, requestid="abc")
        gone = first.invoice(7)
        first.call("POST", "invoice", {"Id": gone["Id"], "SyncToken": "0"}, operation="delete")
        bearer, figures = first.http.headers["Authorization"], first.side("GET", "balances")
    with running(data=file) as base, (again := Person(base)).http:
        again.http.headers["Authorization"] = bearer
        assert again.get("Invoice", made["Id"]) == made
        assert again.post("Invoice", body, requestid="abc") == made
        assert again.side("GET", "balances") == figures
        assert again.side("GET", "settings")["settings"]["duplicate_docnumber"] == "accept"
        assert int(again.invoice(1)["Id"]) == int(gone["Id"]) + 1
        assert again.call("GET", f"invoice/{gone['Id']}").json()["Fault"]["Error"][0]["code"] == "610"


def test_the_process_ends_cleanly_on_sigterm_and_saves(tmp_path: Path) -> None:
    file = tmp_path / "company.json"
    command = [sys.executable, "-m", "qbo_milestones.simulator", "--port", "0", "--data", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert process.stdout is not None
        base = process.stdout.readline().strip()
        requests.post(f"{base}/_sim/settings", json={"duplicate_docnumber": "accept"}, timeout=10)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    assert json.loads(file.read_text())["settings"]["duplicate_docnumber"] == "accept"


class Trader:
    """Does random but valid business with a company, and remembers what it may refer to."""

    def __init__(self, person: Person, seed: int) -> None:
        self.person, self.dice = person, random.Random(seed)  # noqa: S311 - a seeded die, not a secret
        self.steps = [
            self.invoice, self.invoice, self.credit, self.pay, self.pay, self.journal, self.deposit, self.receipt,
            self.refund, self.change, self.void, self.delete,
        ]  # fmt: skip

    def amount(self) -> float:
        return self.dice.randint(1, 99999) / 100

    def all(self, name: str) -> list[dict[str, Any]]:
        statement = f"select * from {name} maxresults 1000"  # noqa: S608 - QuickBooks' language, names of ours
        found: list[dict[str, Any]] = self.person.query(statement).get(name, [])
        return found

    def one(self, name: str) -> dict[str, Any] | None:
        found = self.all(name)
        return self.dice.choice(found) if found else None

    def sale(self) -> dict[str, Any]:
        lines = [sale_line(self.amount(), self.dice.choice("1234")) for _ in range(self.dice.randint(1, 3))]
        if self.dice.random() < 0.3:
            lines.append(sale_line(-min(line["Amount"] for line in lines), "2"))
        return {"CustomerRef": {"value": self.dice.choice(["1", "2", "10"])}, "Line": lines}

    def invoice(self) -> None:
        tax = {"TxnTaxDetail": {"TotalTax": self.amount()}} if self.dice.random() < 0.3 else {}
        self.person.post("Invoice", {**self.sale(), **tax})

    def credit(self) -> None:
        self.person.post("CreditMemo", self.sale())

    def receipt(self) -> None:
        self.person.post("SalesReceipt", self.sale())

    def refund(self) -> None:
        self.person.post("RefundReceipt", {**self.sale(), "DepositToAccountRef": {"value": self.dice.choice("13")}})

    def pay(self) -> None:
        invoice = self.one("Invoice")
        if invoice is None:
            return
        customer = invoice["CustomerRef"]["value"]
        part = round(invoice["Balance"] * self.dice.choice([0.25, 0.5, 1]), 2)
        links = [("Invoice", invoice["Id"], part)]
        memos = [each for each in self.all("CreditMemo") if each["CustomerRef"]["value"] == customer]
        total = part + self.dice.choice([0, 0, 12.34])
        if memos and memos[0]["Balance"] <= part and self.dice.random() < 0.5:
            links.append(("CreditMemo", memos[0]["Id"], memos[0]["Balance"]))
        account = {"DepositToAccountRef": {"value": "1"}} if self.dice.random() < 0.3 else {}
        self.person.pay(round(total, 2), *links, customer=customer, **account)

    def journal(self) -> None:
        amount = self.amount()
        if self.dice.random() < 0.5:
            side, other = self.dice.sample(["Debit", "Credit"], 2)
            lines = [journal_line(amount, side, "2", "1"), journal_line(amount, other, "8")]
            self.person.post("JournalEntry", {"Line": lines})
        else:
            self.person.post("JournalEntry", journal(amount))

    def deposit(self) -> None:
        waiting = [
            {"LinkedTxn": [{"TxnId": each["Id"], "TxnType": name}], "Amount": each["TotalAmt"]}
            for name in ("Payment", "SalesReceipt")
            for each in self.all(name)
            if each["DepositToAccountRef"]["value"] == "3" and not each["LinkedTxn"] and each["TotalAmt"]
        ]
        free = {"Amount": self.amount(), "DepositLineDetail": {"AccountRef": {"value": "2"}, "Entity": {"value": "1"}}}
        line = self.dice.choice([*waiting, free])
        fee = {"Amount": -0.01, "DepositLineDetail": {"AccountRef": {"value": "10"}}}
        self.person.post("Deposit", {"DepositToAccountRef": {"value": "1"}, "Line": [line, fee]})

    def change(self) -> None:
        name = self.dice.choice(["Invoice", "CreditMemo"])
        found = self.one(name)
        if found:
            handle = {"Id": found["Id"], "SyncToken": found["SyncToken"], "sparse": True}
            self.person.post(name, {**handle, "Line": [sale_line(self.amount())], "TxnTaxDetail": {"TotalTax": 0}})

    def void(self) -> None:
        name = self.dice.choice(["Invoice", "CreditMemo", "Payment", "SalesReceipt", "RefundReceipt"])
        self._end(name, "void")

    def delete(self) -> None:
        name = self.dice.choice(["Invoice", "CreditMemo", "Payment", "Deposit", "JournalEntry", "SalesReceipt"])
        self._end(name, "delete")

    def _end(self, name: str, operation: str) -> None:
        found = self.one(name)
        if found:
            handle = {"Id": found["Id"], "SyncToken": found["SyncToken"]}
            answer = self.person.call("POST", name.lower(), handle, operation=operation)
            if answer.status_code == 400:
                assert answer.json()["Fault"]["Error"][0]["code"] in ("800", "6540", "6450"), answer.text


@pytest.fixture(scope="module")
def market() -> Any:
    """A simulator for the random books."""
    with running() as base:
        yield base


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_random_books_always_tie(market: str, seed: int) -> None:
    """After every step the trial balance is 0.00 and A/R equals its open documents; a load gives the same books."""
    requests.post(f"{market}/_sim/reset", timeout=10).close()
    with (person := Person(market)).http:
        person.side("POST", "settings", {"throttle": False})
        trader = Trader(person, seed)
        for _ in range(40):
            trader.dice.choice(trader.steps)()
            person.proof()
        before, figures = person.side("GET", "dump"), person.side("GET", "balances")
        person.side("POST", "load", before)
        assert person.side("GET", "dump") == before
        assert person.side("GET", "balances") == figures


def test_an_overpayment_of_a_journal_credit_is_refused(person: Person) -> None:
    """A credit journal can be used up once, not twice."""
    lines = [journal_line(50, "Credit", "2", "1"), journal_line(50, "Debit", "8")]
    credit = person.post("JournalEntry", {"Line": lines})
    made = person.invoice(100)
    person.pay(0, ("Invoice", made["Id"], 50), ("JournalEntry", credit["Id"], 50))
    again = payment(0, ("Invoice", made["Id"], 50), ("JournalEntry", credit["Id"], 50))
    assert person.refused("Payment", again)["code"] == "6000"
    person.proof()
