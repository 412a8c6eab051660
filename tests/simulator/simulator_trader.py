"""Someone who does random but valid business with the simulated company, for the tests."""

import random
from typing import Any

from simulator_person import Person, journal, journal_line, sale_line


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
