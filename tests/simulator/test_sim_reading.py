"""Reading: the query language, change data capture, batch, reports, envelopes."""

import re
from typing import Any

import pytest
from simulator_person import Person, journal, sale_line


def ids(found: dict[str, Any], name: str = "Invoice") -> list[str]:
    return [each["Id"] for each in found.get(name, [])]


def next_day(person: Person) -> None:
    """A day later; the access token is a new one."""
    person.side("POST", "clock", {"advance_s": 86400})
    person.http.headers["Authorization"] = "Bearer " + person.side("POST", "token", {})["access_token"]


@pytest.fixture
def three(person: Person) -> Person:
    """Three invoices a day apart: A-1 10.00, a'2 20.50, and one of another customer without number."""
    person.invoice(10, "A-1", TxnDate="2026-10-01")
    next_day(person)
    person.invoice(20.50, "a'2", TxnDate="2026-10-02", DueDate="2026-12-01")
    next_day(person)
    person.invoice(30, customer="2", TxnDate="2026-10-03")
    return person


STATEMENTS = [
    ("select * from Invoice", ["1", "2", "3"]),
    ("SELECT * FROM invoice WHERE docnumber = 'a-1'", ["1"]),
    (r"select * from Invoice where DocNumber = 'a\'2'", ["2"]),
    ("select * from Invoice where DocNumber in ('A-1', 'nothing')", ["1"]),
    ("select * from Invoice where DocNumber LIKE 'a%'", ["1", "2"]),
    ("select * from Invoice where DocNumber LIKE '%1'", ["1"]),
    ("select * from Invoice where TotalAmt > '10.0'", ["2", "3"]),
    ("select * from Invoice where Balance >= 20.50 and TxnDate < '2026-10-03'", ["2"]),
    ("select * from Invoice where CustomerRef = '2'", ["3"]),
    ("select * from Invoice where TxnDate >= '2026-10-02' orderby TxnDate desc", ["3", "2"]),
    ("select * from Invoice Order By Balance DESC, TxnDate STARTPOSITION 2 MAXRESULTS 1", ["2"]),
    ("select * from Invoice orderby Id desc", ["1", "2", "3"]),
    ("select * from Invoice where Id in ('3','1')", ["1", "3"]),
    ("select * from Invoice where MetaData.LastUpdatedTime > '2026-10-16T11:59:59-04:00'", ["2", "3"]),
    ("select * from Invoice where MetaData.CreateTime <= '2026-10-15T16:00:00Z'", ["1"]),
    ("select * from Invoice where DocNumber = ' '", ["3"]),
    ("select * from Invoice where TxnDate = '1999-01-01'", []),
]


@pytest.mark.parametrize(("statement", "expected"), STATEMENTS)
def test_statements_find_what_they_ask_for(three: Person, statement: str, expected: list[str]) -> None:
    assert ids(three.query(statement)) == expected
    posted = three.http.post(
        f"{three.base}/v3/company/{three.realm}/query",
        data=statement,
        headers={"Content-Type": "application/text"},
        timeout=10,
    )
    assert ids(posted.json()["QueryResponse"]) == expected


def test_counts_projections_and_pages(three: Person) -> None:
    assert three.query("select count(*) from Invoice where TotalAmt > '15'") == {"totalCount": 2}
    assert three.query("select Id, DocNumber from Invoice maxresults 1") == {
        "Invoice": [{"domain": "QBO", "sparse": True, "Id": "1", "DocNumber": "A-1"}],
        "startPosition": 1,
        "maxResults": 1,
    }
    assert three.query("select * from Invoice startposition 9") == {}
    assert three.query("select *, Sku from Item where Id = '1'")["Item"][0]["Name"] == "Milestone"


REFUSED = [
    ("4000", "select * from Invoice where DocNumber = 'a' or DocNumber = 'b'"),
    ("4000", "select * from Invoice where DocNumber != 'a'"),
    ("4000", "select * from Invoice where not DocNumber = 'a'"),
    ("4000", "select * from Invoice group by DocNumber"),
    ("4000", "delete from Invoice"),
    ("4000", "select * from"),
    ("4001", "select * from Invoice where PrivateNote = 'a'"),
    ("4001", "select * from Invoice where Line.Amount = '1'"),
    ("4001", "select * from Payment where DocNumber = 'a'"),
    ("4001", "select * from Invoice where Id > '1'"),
    ("4001", "select * from Invoice orderby CustomerRef"),
    ("4001", "select * from Nothing"),
]


@pytest.mark.parametrize(("code", "statement"), REFUSED)
def test_what_the_language_does_not_know_is_refused(person: Person, code: str, statement: str) -> None:
    assert person.query_refused(statement)["code"] == code


def test_the_texts_of_query_faults_are_those_captured(person: Person) -> None:
    """quickbooks-online.md 2.7."""
    error = person.query_refused("select * from PurchaseOrderLine TxnDate = 'x'")
    assert error["Message"] == "Error parsing query"
    first, *_ = error["Detail"].split("\n")
    assert first == 'QueryParserError: Encountered " <IDENTIFIER> "TxnDate "" at line 1, column 33.'
    error = person.query_refused("select * from Payment where NoSuchField = '1'")
    assert (error["Message"], error["Detail"]) == (
        "Invalid query",
        "QueryValidationError: Property NoSuchField not found for Entity Payment",
    )


def test_unsure_answers_of_the_language_are_switches(person: Person) -> None:
    person.side("POST", "settings", {"orderby_id": "refuse", "unquoted_numbers": "refuse"})
    assert person.query_refused("select * from Invoice orderby Id")["code"] == "4001"
    assert person.query_refused("select * from Invoice where Balance > 0")["code"] == "4000"


def test_name_lists_show_only_active_names_unless_asked(person: Person) -> None:
    person.post("Customer", {"Id": "9", "SyncToken": "0", "sparse": True, "Active": False})
    assert "9" not in ids(person.query("select * from Customer"), "Customer")
    everyone = ids(person.query("select * from Customer where Active in (true, false)"), "Customer")
    assert "9" in everyone
    assert ids(person.query("select * from Customer where Active = false"), "Customer") == ["9"]


def test_account_balances_follow_the_ledger(person: Person) -> None:
    person.post("JournalEntry", journal(75, debit="1", credit="11"))
    found = person.query("select * from Account where CurrentBalance > '0'")["Account"]
    assert {each["Name"]: each["CurrentBalance"] for each in found} == {"Checking": 75, "Opening Balance Equity": 75}


def test_change_data_capture_groups_live_before_deleted(person: Person) -> None:
    gone, kept = person.invoice(1, "A"), person.invoice(2, "B")
    person.side("POST", "clock", {"advance_s": 10})
    person.call("POST", "invoice", {"Id": gone["Id"], "SyncToken": "0"}, operation="delete")
    since = "2026-10-15T12:00:00-04:00"
    answer = person.call("GET", "cdc", entities="invoice,Payment,Customer", changedSince=since).json()
    groups = answer["CDCResponse"][0]["QueryResponse"]
    assert [each["Id"] for each in groups[0]["Invoice"]] == [kept["Id"], gone["Id"]]
    assert groups[0]["Invoice"][1] == {
        "status": "Deleted",
        "domain": "QBO",
        "Id": gone["Id"],
        "MetaData": {"LastUpdatedTime": "2026-10-15T12:00:10-04:00"},
    }
    nothing = person.call("GET", "cdc", entities="Payment", changedSince=since).json()
    assert nothing["CDCResponse"] == [{"QueryResponse": [{}]}]
    old = person.call("GET", "cdc", entities="Invoice", changedSince="2026-09-01").json()
    assert old["Fault"]["Error"][0]["code"] == "500"


def test_change_data_capture_stops_at_a_thousand_objects(person: Person) -> None:
    person.side("POST", "clock", {"advance_s": 5})
    books = {"Invoice": [{"CustomerRef": {"value": "1"}, "Line": [sale_line(1)]} for _ in range(1005)]}
    person.side("POST", "load", books, merge="1")
    since = "2026-10-15T12:00:01-04:00"
    answer = person.call("GET", "cdc", entities="Invoice", changedSince=since).json()
    assert answer["CDCResponse"][0]["QueryResponse"][0]["maxResults"] == 1000
    assert len(person.query("select * from Invoice maxresults 1000")["Invoice"]) == 1000
    assert len(person.query("select * from Invoice")["Invoice"]) == 100


def test_batch_items_succeed_and_fail_one_by_one(person: Person) -> None:
    good = {"bId": "a", "operation": "create", "Invoice": {"CustomerRef": {"value": "1"}, "Line": [sale_line(5)]}}
    bad = {"bId": "b", "operation": "create", "Invoice": {"Line": [sale_line(5)]}}
    query = {"bId": "c", "Query": "select count(*) from Invoice"}
    answer = person.call("POST", "batch", {"BatchItemRequest": [good, bad, query]}).json()["BatchItemResponse"]
    assert [each["bId"] for each in answer] == ["a", "b", "c"]
    assert answer[0]["Invoice"]["TotalAmt"] == 5
    assert answer[1]["Fault"]["Error"][0]["code"] == "2020"
    assert answer[2]["QueryResponse"] == {"totalCount": 1}
    many = person.call("POST", "batch", {"BatchItemRequest": [query] * 31})
    assert many.json()["Fault"]["Error"][0]["code"] == "1040"


def test_the_trial_balance_report_ties_to_the_ledger(person: Person) -> None:
    person.invoice(100)
    person.post("JournalEntry", journal(100))
    found = person.call("GET", "reports/TrialBalance", end_date="2026-10-31").json()
    assert found["Header"]["ReportName"] == "TrialBalance"
    rows = {row["ColData"][0]["value"]: row["ColData"][1:] for row in found["Rows"]["Row"] if "ColData" in row}
    assert rows["Milestone revenue"] == [{"value": ""}, {"value": "100.00"}]
    assert found["Rows"]["Row"][-1]["Summary"]["ColData"][1:] == [{"value": "100.00"}, {"value": "100.00"}]


def test_envelope_headers_and_single_objects(person: Person) -> None:
    answer = person.call("GET", f"companyinfo/{person.realm}", minorversion="75")
    assert answer.json()["CompanyInfo"]["CompanyName"] == "Northlight Studio"
    assert re.fullmatch(r"2026-10-15T12:00:00\.000-04:00", answer.json()["time"])
    assert answer.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert answer.headers["Date"] == "Thu, 15 Oct 2026 16:00:00 GMT"
    assert answer.headers["intuit_tid"]
    preferences = person.call("GET", "preferences").json()["Preferences"]
    changed = {"AccountingInfoPrefs": {"CustomerTerminology": "Clients", "BookCloseDate": "2026-09-30"}, "sparse": True}
    after = person.post("Preferences", {**changed, "Id": "1", "SyncToken": preferences["SyncToken"]})
    assert after["AccountingInfoPrefs"]["CustomerTerminology"] == "Clients"
    assert after["AccountingInfoPrefs"]["BookCloseDate"] == "2025-12-31", "what is read-only is passed over"
    assert after["AccountingInfoPrefs"]["ClassTrackingPerTxnLine"] is True


def test_numbers_leave_with_the_digits_that_came_in(person: Person) -> None:
    body = '{"CustomerRef":{"value":"1"},"Line":[{"Amount":100.10,"DetailType":"SalesItemLineDetail",'
    body += '"SalesItemLineDetail":{"ItemRef":{"value":"1"},"Qty":1,"UnitPrice":100.1000000}}]}'
    url = f"{person.base}/v3/company/{person.realm}/invoice"
    answer = person.http.post(url, data=body, headers={"Content-Type": "application/json"}, timeout=10)
    assert '"Amount":100.10,' in answer.text
    assert '"UnitPrice":100.1000000' in answer.text
