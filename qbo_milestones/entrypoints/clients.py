"""The demo's other people: clients who pay, a bookkeeper who deposits, somebody who edits an invoice by hand.

They work in the simulated QuickBooks as its own users do, so the program meets what they did only by reading it back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import requests

from qbo_milestones.adapters.quickbooks.throttle import Throttle
from qbo_milestones.model.books import Document
from qbo_milestones.model.money import Money

_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class People:
    """Users of one simulated company. `address` is the simulator's, `realm` the company's."""

    address: str
    realm: str
    today: date
    # QuickBooks lets each app ask ten times a second; people are slower than that.
    pace: Throttle

    def pay(self, invoice: Document, reference: str, extra: Money | None = None) -> str:
        """A client pays what is open, and perhaps something on top; returns the payment's id."""
        total = invoice.total + extra if extra else invoice.total
        return self._payment(invoice.customer_id, total, reference, invoice.id, invoice.total)

    def pay_part(self, invoice: Document, reference: str, amount: Money) -> str:
        """A client pays a part of an invoice."""
        return self._payment(invoice.customer_id, amount, reference, invoice.id, amount)

    def pay_again(self, invoice: Document, reference: str) -> str:
        """The same cheque is entered once more; it stays unapplied."""
        return self._payment(invoice.customer_id, invoice.total, reference, "", invoice.total)

    def pay_for_nothing(self, customer: str, amount: Money, reference: str) -> str:
        """Somebody whom the register does not know sends money."""
        customer_id = self._post("customer", {"DisplayName": customer})["Customer"]["Id"]
        return self._payment(customer_id, amount, reference, "", amount)

    def deposit(self, payments: Sequence[tuple[str, Money]]) -> None:
        """The bookkeeper takes cheques from Undeposited Funds to the bank."""
        lines = [
            {"Amount": str(amount.amount), "LinkedTxn": [{"TxnId": id_, "TxnType": "Payment", "TxnLineId": "0"}]}
            for id_, amount in payments
        ]
        bank = self._ask("select * from Account where AccountType = 'Bank'")["QueryResponse"]["Account"][0]["Id"]
        self._post("deposit", {"TxnDate": str(self.today), "DepositToAccountRef": {"value": bank}, "Line": lines})

    def edit(self, invoice: Document, less: Money) -> None:
        """Somebody takes a little off an invoice in QuickBooks."""
        raw = self._get(f"invoice/{invoice.id}")["Invoice"]
        line = next(line for line in raw["Line"] if line["DetailType"] == "SalesItemLineDetail")
        amount = str((invoice.total - less).amount)
        line["Amount"] = line["SalesItemLineDetail"]["UnitPrice"] = amount
        change = {"Id": raw["Id"], "SyncToken": raw["SyncToken"], "sparse": True, "Line": [line]}
        self._post("invoice", change)

    def _payment(self, customer_id: str, total: Money, reference: str, invoice_id: str, applied: Money) -> str:
        body: dict[str, Any] = {
            "CustomerRef": {"value": customer_id},
            "TotalAmt": str(total.amount),
            "TxnDate": str(self.today),
            "PaymentRefNum": reference,
        }
        if invoice_id:
            link = {"TxnId": invoice_id, "TxnType": "Invoice"}
            body["Line"] = [{"Amount": str(applied.amount), "LinkedTxn": [link]}]
        return str(self._post("payment", body)["Payment"]["Id"])

    def _headers(self) -> dict[str, str]:
        answer = requests.post(f"{self.address}/_sim/token", json={"realm": self.realm}, timeout=_TIMEOUT_S)
        return {"Authorization": f"Bearer {answer.json()['access_token']}", "Accept": "application/json"}

    def _url(self, path: str) -> str:
        return f"{self.address}/v3/company/{self.realm}/{path}?minorversion=75"

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        with self.pace.lane():
            return _good(requests.post(self._url(path), json=body, headers=self._headers(), timeout=_TIMEOUT_S))

    def _get(self, path: str) -> dict[str, Any]:
        with self.pace.lane():
            return _good(requests.get(self._url(path), headers=self._headers(), timeout=_TIMEOUT_S))

    def _ask(self, statement: str) -> dict[str, Any]:
        query = {"query": statement}
        with self.pace.lane():
            return _good(requests.get(self._url("query"), params=query, headers=self._headers(), timeout=_TIMEOUT_S))


def _good(answer: requests.Response) -> dict[str, Any]:
    answer.raise_for_status()
    tree: dict[str, Any] = answer.json()
    return tree
