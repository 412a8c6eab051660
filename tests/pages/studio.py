"""The company that the browser looks at: a few documents, written through the API as a program would."""

from typing import Any
from urllib.parse import urlencode

import requests

Doc = dict[str, Any]
HOSTILE = "<script>alert('x')</script> & \"Söhne\""
SCOPE = "com.intuit.quickbooks.accounting"


class Studio:
    """Northlight Studio at noon of a frozen day."""

    realm = "9341450000000001"

    def __init__(self, base: str) -> None:
        self.base = base
        self.side("clock", {"frozen": True, "now": "2026-10-15T12:00:00-04:00"})
        self.side("settings", {"throttle": False})
        self.token = self.side("token", {})["access_token"]
        self.invoice = self.sell("1250.50", "D-101-A", "1", TxnDate="2026-09-01", DueDate="2026-09-30")
        link = {"TxnId": self.invoice["Id"], "TxnType": "Invoice"}
        self.payment = self.post(
            "Payment",
            {"CustomerRef": {"value": "1"}, "TotalAmt": 250, "Line": [{"Amount": 250, "LinkedTxn": [link]}]},
        )
        self.hostile = self.post("Customer", {"DisplayName": HOSTILE})
        self.sell("7777.77", "<b>bold</b>", self.hostile["Id"], PrivateNote=HOSTILE)

    def side(self, name: str, body: Doc) -> Doc:
        """The side door."""
        answer = requests.post(f"{self.base}/_sim/{name}", json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        found: Doc = answer.json()
        return found

    def post(self, name: str, body: Doc) -> Doc:
        """Write an object and get it back."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        url = f"{self.base}/v3/company/{self.realm}/{name.lower()}"
        answer = requests.post(url, json=body, headers=headers, timeout=10)
        assert answer.status_code == 200, answer.text
        found: Doc = answer.json()[name]
        return found

    def sell(self, amount: str, number: str, customer: str, **more: Any) -> Doc:
        """An invoice with one line."""
        line = {
            "Amount": amount,
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": "1"}},
        }
        return self.post("Invoice", {"CustomerRef": {"value": customer}, "DocNumber": number, "Line": [line], **more})

    def consent(self, redirect_uri: str, **more: str) -> str:
        """The address of the consent page, as an app asks for it."""
        query = {"client_id": "simulator-app", "response_type": "code", "scope": SCOPE, "state": "s-1"}
        return f"/connect/oauth2?{urlencode({**query, 'redirect_uri': redirect_uri, **more})}"
