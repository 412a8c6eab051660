"""Reading: balances, reports, envelopes, numbers."""

import re

from simulator_person import Person, journal


def test_account_balances_follow_the_ledger(person: Person) -> None:
    person.post("JournalEntry", journal(75, debit="1", credit="11"))
    found = person.query("select * from Account where CurrentBalance > '0'")["Account"]
    assert {each["Name"]: each["CurrentBalance"] for each in found} == {"Checking": 75, "Opening Balance Equity": 75}


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
