"""Someone who uses the simulated company through its API, for the tests."""

from typing import Any

import requests

Doc = dict[str, Any]


class Person:
    """One token on one company, with short words for the calls that tests make."""

    def __init__(self, base: str, realm: str = "9341450000000001") -> None:
        self.base, self.realm = base, realm
        self.http = self.session()
        self.http.trust_env = False
        token = self.side("POST", "token", {"realm": realm})["access_token"]
        self.http.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json"})

    def session(self) -> requests.Session:
        """What carries the requests."""
        return requests.Session()

    def side(self, method: str, name: str, body: Any = None, **query: str) -> Doc:
        """The side door; anything but 200 fails."""
        answer = self.http.request(method, f"{self.base}/_sim/{name}", json=body, params=query, timeout=10)
        assert answer.status_code == 200, answer.text
        found: Doc = answer.json()
        return found

    def call(self, method: str, path: str, body: Any = None, **query: str) -> requests.Response:
        """One API call."""
        url = f"{self.base}/v3/company/{self.realm}/{path}"
        return self.http.request(method, url, json=body, params=query, timeout=10)

    def post(self, name: str, body: Doc, **query: str) -> Doc:
        """Write an object and get it back."""
        answer = self.call("POST", name.lower(), body, **query)
        assert answer.status_code == 200, answer.text
        found: Doc = answer.json()[name]
        return found

    def refused(self, name: str, body: Any, **query: str) -> Doc:
        """Write an object that is refused; the first error."""
        answer = self.call("POST", name.lower(), body, **query)
        assert answer.status_code == 400, answer.text
        error: Doc = answer.json()["Fault"]["Error"][0]
        return error

    def get(self, name: str, object_id: str) -> Doc:
        """Read an object."""
        answer = self.call("GET", f"{name.lower()}/{object_id}")
        assert answer.status_code == 200, answer.text
        found: Doc = answer.json()[name]
        return found

    def query(self, statement: str) -> Doc:
        """The QueryResponse of a statement."""
        answer = self.call("GET", "query", query=statement)
        assert answer.status_code == 200, answer.text
        found: Doc = answer.json()["QueryResponse"]
        return found

    def query_refused(self, statement: str) -> Doc:
        """The error of a statement that is refused."""
        answer = self.call("GET", "query", query=statement)
        assert answer.status_code == 400, answer.text
        error: Doc = answer.json()["Fault"]["Error"][0]
        return error

    def invoice(self, amount: Any = 100, number: str | None = None, customer: str = "1", **more: Any) -> Doc:
        """An invoice with one line."""
        body = {"CustomerRef": {"value": customer}, "Line": [sale_line(amount)], **more}
        return self.post("Invoice", {**body, **({"DocNumber": number} if number else {})})

    def pay(self, total: Any, *links: tuple[str, str, Any], customer: str = "1", **more: Any) -> Doc:
        """A payment applied to (type, id, amount)."""
        return self.post("Payment", payment(total, *links, customer=customer, **more))

    def proof(self) -> Doc:
        """What must always hold; the balances."""
        assert self.side("GET", "trial_balance")["total"] == "0.00"
        found = self.side("GET", "balances")
        assert found["receivable"]["difference"] == "0.00", found
        return found


def sale_line(amount: Any, item: str = "1", **detail: Any) -> Doc:
    """A sales line."""
    inner = {"ItemRef": {"value": item}, **detail}
    return {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": inner}


def payment(total: Any, *links: tuple[str, str, Any], customer: str = "1", **more: Any) -> Doc:
    """A payment's body."""
    lines = [{"Amount": amount, "LinkedTxn": [{"TxnId": key, "TxnType": kind}]} for kind, key, amount in links]
    return {"CustomerRef": {"value": customer}, "TotalAmt": total, "Line": lines, **more}


def journal_line(amount: Any, side: str, account: str, customer: str = "") -> Doc:
    """A journal line."""
    detail: Doc = {"PostingType": side, "AccountRef": {"value": account}}
    if customer:
        detail["Entity"] = {"Type": "Customer", "EntityRef": {"value": customer}}
    return {"Amount": amount, "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail}


def journal(amount: Any, debit: str = "4", credit: str = "8", **more: Any) -> Doc:
    """A journal of two lines."""
    return {"Line": [journal_line(amount, "Debit", debit), journal_line(amount, "Credit", credit)], **more}
