"""The side door, loading and dumping, the data file, the worked month, random books."""

import json
from pathlib import Path

from simulator_person import Person, journal_line, payment, sale_line

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


def test_an_overpayment_of_a_journal_credit_is_refused(person: Person) -> None:
    """A credit journal can be used up once, not twice."""
    lines = [journal_line(50, "Credit", "2", "1"), journal_line(50, "Debit", "8")]
    credit = person.post("JournalEntry", {"Line": lines})
    made = person.invoice(100)
    person.pay(0, ("Invoice", made["Id"], 50), ("JournalEntry", credit["Id"], 50))
    again = payment(0, ("Invoice", made["Id"], 50), ("JournalEntry", credit["Id"], 50))
    assert person.refused("Payment", again)["code"] == "6000"
    person.proof()
