"""The simulated QuickBooks company from outside: its side door, and people who work in it as its own users do."""

import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

Doc = dict[str, Any]

APP = ("simulator-app", "simulator-secret")
START = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
OURS = ("Invoice", "JournalEntry")
UNBILLED, MILESTONE = "4", "1"
# A company that catches no repetition: it remembers no requestid and takes two documents of one number. Here only the
# program's own protocol keeps documents single.
HARDEST: Doc = {"requestid_window_s": 0, "duplicate_docnumber": "accept"}
_FLEETING = frozenset({"Id", "SyncToken", "MetaData", "TxnId"})


class Denied(Exception):
    """QuickBooks refused what a person tried, as in a closed period."""


class Simulated:
    """One company of a running simulator, fresh, its clock standing at START and its throttles off.

    With `beside`, a realm, it is another company of the same simulator, which goes on as it stands.
    """

    def __init__(self, base: str, beside: str = "", **switches: object) -> None:
        self.base, self._lock = base, threading.Lock()
        self._http = requests.Session()
        self._http.trust_env = False
        self.realm = beside
        if beside:
            self.side("POST", "companies", {"realm": beside, "name": "Second", "seed": "agency"})
        else:
            # The clock first: the new company's own lists bear its time.
            self.set_clock()
            self.realm = str(self.side("POST", "reset", {})["realm"])
        self.side("POST", "settings", {"throttle": False, **switches})
        if switches.get("duplicate_docnumber") == "accept":
            self.prefer("OtherPrefs", NameValue=[{"Name": "WarnDuplicateJournalNumber", "Value": "false"}])
        self.come_in()

    def set_clock(self) -> None:
        """It stands at START."""
        self.side("POST", "clock", {"frozen": True, "now": START.isoformat()})

    def come_in(self) -> None:
        """People get a token of their own; after an hour they need another."""
        token = self.side("POST", "token", {"realm": self.realm})["access_token"]
        self._http.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json"})

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def side(self, method: str, name: str, body: object = None) -> Doc:
        """One call at the side door."""
        with self._lock:
            named = {"realm": self.realm} if self.realm else {}
            answer = self._http.request(method, f"{self.base}/_sim/{name}", params=named, json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        found: Doc = answer.json()
        return found

    def load(self, rows: Doc) -> Doc:
        """Put objects into the books beside what is there."""
        return self.side("POST", "load?merge=1", rows)

    # What stands in the books

    def dump(self) -> Doc:
        """All objects by entity."""
        return self.side("GET", "dump")

    def ours(self) -> tuple[list[Doc], list[Doc]]:
        """Invoices and journals."""
        dump = self.dump()
        return dump.get("Invoice", []), dump.get("JournalEntry", [])

    def numbers(self) -> list[str]:
        """The numbers of all invoices and journals, sorted."""
        return sorted(str(row.get("DocNumber")) for rows in self.ours() for row in rows)

    def plain(self) -> Doc:
        """The dump without ids and times: two companies with the same books give the same."""
        books = {name: rows for name, rows in self.dump().items() if name != "Preferences"}
        return {name: sorted(map(_plain, rows), key=repr) for name, rows in books.items()}

    def unbilled(self) -> dict[str, int]:
        """Unbilled receivable by the tag of the lines, in cents, debit positive; only what is not zero."""
        sums: dict[str, int] = {}
        invoices, journals = self.ours()
        for row in [*invoices, *journals]:
            for line in row["Line"]:
                if cents := _cleared(line):
                    tag = line["Description"].rpartition("[")[2].rstrip("]")
                    sums[tag] = sums.get(tag, 0) + cents
        return {tag: cents for tag, cents in sums.items() if cents}

    def prove(self) -> None:
        """What must always hold: trial balance, A/R, the clearing account, no journal of ours on A/R (P, I2, I6, I7).

        For books in which every deliverable that was accepted is billed.
        """
        assert self.side("GET", "trial_balance")["total"] == "0.00"
        balances = self.side("GET", "balances")
        assert balances["receivable"]["difference"] == "0.00", balances
        assert balances["receivable"]["journals"] == "0.00", balances
        assert self.side("GET", "trial_balance")["by_id"][UNBILLED] == "0.00"
        assert self.unbilled() == {}

    # What it was asked

    def forget_requests(self) -> None:
        """Empty the log."""
        self.side("DELETE", "requests")

    def asked(self) -> list[Doc]:
        """What the program asked of the company, without sign-in."""
        every = self.side("GET", "requests")["requests"]
        return [each for each in every if each.get("app") == APP[0] and "/v3/company" in each["path"]]

    def writes(self) -> list[str]:
        """The entities that the program tried to write, in order."""
        return [str(each["entity"]) for each in self.asked() if each["method"] == "POST" and each["entity"] != "query"]

    # Troubles

    def spoil(self, kind: str, **rule: object) -> None:
        """A fault from now on."""
        self.side("POST", "faults", {"kind": kind, **rule})

    def heal(self) -> None:
        """No faults any more; what is late stays late."""
        self.side("DELETE", "faults")

    def prefer(self, group: str, **values: object) -> None:
        """Change the company's preferences."""
        self.side("POST", "settings", {"preferences": {group: values}})

    # People

    def find(self, entity: str, number: str) -> Doc:
        """The one object with this DocNumber, Name or DisplayName."""
        names = ("DocNumber", "Name", "DisplayName")
        rows: list[Doc] = self.dump().get(entity, [])
        found = [row for row in rows if number in (row.get(name) for name in names)]
        assert len(found) == 1, (entity, number, len(found))
        return found[0]

    def post(self, entity: str, body: Mapping[str, object], operation: str = "") -> Doc:
        """Write an object as a user does. Raises Denied where QuickBooks refuses it."""
        query = {"operation": operation} if operation else {}
        url = f"{self.base}/v3/company/{self.realm}/{entity.lower()}"
        with self._lock:
            answer = self._http.post(url, json=body, params=query, timeout=10)
        if 400 <= answer.status_code < 500:
            raise Denied(answer.text)
        assert answer.status_code == 200, answer.text
        found: Doc = answer.json()[entity]
        return found

    def change(self, entity: str, row: Doc, **values: object) -> Doc:
        """Change some fields of an object."""
        return self.post(entity, {**_handle(entity, row), "sparse": True, **values})

    def void(self, row: Doc) -> None:
        """Void an invoice."""
        self.post("Invoice", _handle("Invoice", row), "void")

    def delete(self, entity: str, row: Doc) -> None:
        """Delete an object."""
        self.post(entity, _handle(entity, row), "delete")

    def set_amount(self, invoice: Doc, amount: float) -> Doc:
        """Change what the first line of an invoice bills."""
        line = dict(next(line for line in invoice["Line"] if line["DetailType"] == "SalesItemLineDetail"))
        line["SalesItemLineDetail"] = {**line["SalesItemLineDetail"], "UnitPrice": amount}
        return self.change("Invoice", invoice, Line=[{**line, "Amount": amount}])

    def pay(
        self,
        total: float,
        parts: Iterable[tuple[Doc, float]] = (),
        *,
        customer: str = "1",
        reference: str = "",
        on: str = "2026-11-23",
        note: str = "",
        account: str = "",
        memos: Iterable[tuple[Doc, float]] = (),
    ) -> Doc:
        """A payment, with what it pays of which invoice; `memos` are credit memos that it uses."""
        lines = [_applied("Invoice", row, amount) for row, amount in parts]
        lines += [_applied("CreditMemo", row, amount) for row, amount in memos]
        body: Doc = {"CustomerRef": {"value": customer}, "TotalAmt": total, "TxnDate": on, "Line": lines}
        body |= {"PaymentRefNum": reference} if reference else {}
        body |= {"PrivateNote": note} if note else {}
        body |= {"DepositToAccountRef": {"value": account}} if account else {}
        return self.post("Payment", body)

    def apply(self, payment: Doc, invoice: Doc, amount: float) -> Doc:
        """Apply a payment that lay unapplied."""
        body = {"CustomerRef": payment["CustomerRef"], "TotalAmt": payment["TotalAmt"]}
        return self.change("Payment", payment, **body, Line=[_applied("Invoice", invoice, amount)])

    def deposit(self, *payments: Doc, account: str = "1") -> Doc:
        """Take payments to the bank."""
        lines = [
            {"Amount": p["TotalAmt"], "LinkedTxn": [{"TxnId": p["Id"], "TxnType": "Payment", "TxnLineId": "0"}]}
            for p in payments
        ]
        return self.post("Deposit", {"DepositToAccountRef": {"value": account}, "Line": lines})

    def sale(
        self, entity: str, amount: float, text: str, *, item: str = MILESTONE, number: str = "", customer: str = "1"
    ) -> Doc:
        """An invoice or credit memo typed by hand."""
        detail = {"ItemRef": {"value": item}}
        line = {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
        body: Doc = {"CustomerRef": {"value": customer}, "Line": [{**line, "Description": text}]}
        return self.post(entity, {**body, **({"DocNumber": number} if number else {})})


def cents(amount: object) -> int:
    """Whole cents of an amount in JSON."""
    return round(float(str(amount)) * 100)


def day_after(days: int) -> str:
    """A day as QuickBooks writes it, so many after START."""
    return (START + timedelta(days=days)).date().isoformat()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in sorted(value.items()) if name not in _FLEETING}
    return [_plain(part) for part in value] if isinstance(value, list) else value


def _handle(entity: str, row: Doc) -> Doc:
    """What names an object in a write; a payment must say its customer again."""
    named = ("CustomerRef",) if entity in ("Invoice", "Payment") else ()
    return {"Id": row["Id"], "SyncToken": row["SyncToken"], **{name: row[name] for name in named}}


def _applied(kind: str, row: Doc, amount: float) -> Doc:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": row["Id"], "TxnType": kind}]}


def _cleared(line: Doc) -> int:
    """What a line does to Unbilled receivable, in cents."""
    if line["DetailType"] == "SalesItemLineDetail":
        return -cents(line["Amount"]) if line["SalesItemLineDetail"]["ItemRef"]["value"] == MILESTONE else 0
    if line["DetailType"] != "JournalEntryLineDetail":
        return 0
    detail = line["JournalEntryLineDetail"]
    if detail["AccountRef"]["value"] != UNBILLED:
        return 0
    return cents(line["Amount"]) * (1 if detail["PostingType"] == "Debit" else -1)
