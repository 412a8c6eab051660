"""What data pipelines ask, in their own words and order: Singer's tap, hotglue's, Airbyte's, Meltano's."""

import base64
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
import requests
from client_rows import FOUNDATIONS, ROWS
from simulator_person import Doc, Person

APP = {"client_id": "simulator-app", "client_secret": "simulator-secret"}
SINCE = "2026-10-01T00:00:00Z"
LISTS = (
    "Account", "Budget", "Class", "PaymentMethod", "Item", "Customer", "Department", "Employee", "TaxCode", "TaxRate",
    "Term", "Vendor",
)  # fmt: skip
"""Streams whose inactive entries are asked for, too."""
TRANSACTIONS = (
    "CreditMemo", "BillPayment", "SalesReceipt", "Purchase", "Payment", "PurchaseOrder", "JournalEntry", "Invoice",
    "RefundReceipt", "Deposit", "Estimate", "Bill", "TimeActivity", "Transfer", "VendorCredit",
)  # fmt: skip
OTHERS = ("TaxAgency",)
CHANGES = (
    "Account,BillPayment,Bill,Budget,Class,CreditMemo,Customer,Department,Deposit,Employee,Estimate,Invoice,Item,"
    "JournalEntry,PaymentMethod,Payment,PurchaseOrder,Purchase,RefundReceipt,SalesReceipt,Term,Transfer,VendorCredit,"
    "Vendor"
)
LEDGER_COLUMNS = (
    "account_name,chk_print_state,create_by,create_date,cust_name,doc_num,emp_name,inv_date,is_adj,is_ap_paid,"
    "is_ar_paid,is_cleared,item_name,last_mod_by,last_mod_date,memo,name,quantity,rate,split_acc,tx_date,txn_type,"
    "vend_name,net_amount,tax_amount,tax_code,account_num,klass_name,dept_name,debt_amt,credit_amt,nat_open_bal,"
    "subt_nat_amount,subt_nat_amount_nt,debt_home_amt,credit_home_amt,currency,exch_rate,nat_home_open_bal,"
    "nat_foreign_open_bal,subt_nat_home_amount,subt_nat_amount_home_nt"
)
OAuth2Session: Any = import_module("requests_oauthlib").OAuth2Session
Get = Callable[..., requests.Response]


@pytest.fixture
def company(person: Person) -> Person:
    """Something of everything, and two documents that are gone again."""
    person.side("POST", "load", FOUNDATIONS, merge="1")
    made = {row.entity: person.post(row.entity, row.body) for row in ROWS}
    for name in ("Invoice", "JournalEntry"):
        extra = person.post(name, {**made_of(name), "DocNumber": "GONE"})
        person.call("POST", name.lower(), {"Id": extra["Id"], "SyncToken": "0"}, operation="delete")
    person.post("Vendor", {"Id": made["Vendor"]["Id"], "SyncToken": "0", "sparse": True, "Active": False})
    return person


def made_of(name: str) -> Doc:
    """The body of a row."""
    return next(row.body for row in ROWS if row.entity == name)


def refresh_value(person: Person) -> str:
    """What a pipeline has in its settings: a refresh token and no access token."""
    found: str = person.side("POST", "token", {"client_id": APP["client_id"]})["refresh_token"]
    return found


def held(person: Person, name: str) -> int:
    """How many objects there are, inactive ones too."""
    return len(person.side("GET", "dump").get(name, []))


def statement(name: str, *conditions: str, end: str = "") -> str:
    """Everything of an entity under these conditions."""
    where = ["WHERE", " AND ".join(each for each in conditions if each)] if any(conditions) else []
    return " ".join(["SELECT * FROM", name, *where, end]).strip()


def pages(get: Get, wanted: str, name: str, first: int, size: int, step: int, **more: str) -> Iterator[Doc]:
    """Page by page until one is not full."""
    start = first
    while True:
        text = f"{wanted} STARTPOSITION {start} MAXRESULTS {size}"
        answer = get("query", params={"query": text, **more})
        assert answer.status_code == 200, answer.text
        rows = answer.json()["QueryResponse"].get(name, [])
        yield from rows
        if len(rows) < size:
            return
        start = start + size if start else step


@pytest.fixture
def singer(company: Person, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Person, Get]]:
    """Singer's tap: OAuth2Session refreshes by itself, its credentials in the body; only Accept and User-Agent."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    token = {
        "refresh_token": refresh_value(company),
        "token_type": "Bearer",
        "access_token": "wrong",
        "expires_in": "-30",
    }
    kept: list[Doc] = []
    session = OAuth2Session(
        APP["client_id"], token=token, auto_refresh_url=f"{company.base}/oauth2/v1/tokens/bearer",
        auto_refresh_kwargs=APP, token_updater=kept.append,
    )  # fmt: skip
    session.trust_env = False
    headers = {"Accept": "application/json", "User-Agent": "tap-quickbooks"}

    def get(path: str, params: Doc) -> requests.Response:
        url = f"{company.base}/v3/company/{company.realm}/{path}"
        found: requests.Response = session.request("GET", url, headers=headers, params=params, timeout=10)
        return found

    yield company, get
    session.close()
    assert len(kept) == 1
    assert kept[0]["refresh_token"] != token["refresh_token"]


def test_singer_reads_every_stream_incrementally(singer: tuple[Person, Get]) -> None:
    company, get = singer
    info = get("query", params={"query": "SELECT * FROM CompanyInfo", "minorversion": 75}).json()
    assert info["QueryResponse"]["CompanyInfo"][0]["CompanyName"] == "Northlight Studio"
    for name in (*LISTS, *TRANSACTIONS, *OTHERS):
        both = "Active IN (true, false)" if name in LISTS else ""
        since, order = "Metadata.LastUpdatedTime >= '2001-01-01T00:00:00Z'", "ORDER BY Metadata.LastUpdatedTime ASC"
        rows = list(pages(get, statement(name, since, both, end=order), name, 1, 3, 0, minorversion="75"))
        assert len({row["Id"] for row in rows}) == len(rows) == held(company, name), name
        times = [row["MetaData"]["LastUpdatedTime"] for row in rows]
        assert times == sorted(times)


def test_singer_reads_what_was_deleted_in_one_request(singer: tuple[Person, Get]) -> None:
    _, get = singer
    groups = get("cdc", params={"entities": CHANGES, "changedSince": SINCE}).json()["CDCResponse"][0]["QueryResponse"]
    gone = [
        (name, row["Id"], row["MetaData"]["LastUpdatedTime"])
        for group in groups
        for name, rows in group.items()
        if isinstance(rows, list)
        for row in rows
        if row.get("status") == "Deleted"
    ]
    assert [name for name, _, _ in gone] == ["Invoice", "JournalEntry"]
    assert {time for _, _, time in gone} == {"2026-10-15T12:00:00-04:00"}


def test_singer_reads_profit_and_loss_day_by_day(singer: tuple[Person, Get]) -> None:
    """Its parser needs a StartDate on each day's column and as many values in each row."""
    _, get = singer
    window = {"summarize_column_by": "Days", "start_date": "2026-09-20", "end_date": "2026-10-19"}
    report = get("reports/ProfitAndLoss", params=window).json()
    days = [
        each["Value"]
        for column in report["Columns"]["Column"]
        for each in column.get("MetaData", [])
        if each["Name"] == "StartDate"
    ]
    assert (len(days), days[0], days[-1]) == (30, "2026-09-20", "2026-10-19")
    lines = dict(cells(report["Rows"]))
    assert {"Total Income", "Gross Profit", "Total Expenses", "Net Income"} <= set(lines)
    assert all(len(values) >= 30 for values in lines.values() if len(values) > 1)
    assert lines["Total Income"][days.index("2026-10-15")] not in ("", "0.00")


def cells(rows: Any) -> Iterator[tuple[str, list[str]]]:
    """Name and values of every line of a report, headers apart, as Singer's tap finds them."""
    if isinstance(rows, list):
        for row in rows:
            yield from cells(row)
        return
    for inner in ("Rows", "Row", "Summary"):
        if inner in rows:
            yield from cells(rows[inner])
    if "ColData" in rows:
        yield rows["ColData"][0]["value"], [cell["value"] for cell in rows["ColData"][1:]]


@pytest.fixture
def hotglue(company: Person) -> Iterator[tuple[Person, Get]]:
    """hotglue's tap: credentials in the form, no Accept at the token endpoint nor for reports."""
    with requests.Session() as session:
        session.trust_env = False
        form = {"grant_type": "refresh_token", **APP, "refresh_token": refresh_value(company)}
        url, kind = f"{company.base}/oauth2/v1/tokens/bearer", {"Content-Type": "application/x-www-form-urlencoded"}
        answer = session.post(url, headers=kind, data=form, timeout=10)
        assert answer.status_code == 200, answer.text
        bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}

        def get(path: str, params: Doc) -> requests.Response:
            json = (
                {} if path.startswith("reports") else {"Accept": "application/json", "Content-Type": "application/json"}
            )
            where = f"{company.base}/v3/company/{company.realm}/{path}"
            return session.get(where, headers={**bearer, **json}, params=params, timeout=10)

        yield company, get


def test_hotglue_pages_from_zero_and_asks_for_inactive_ones_apart(hotglue: tuple[Person, Get]) -> None:
    company, get = hotglue
    for _ in range(104):
        company.invoice(1)
    since = f"MetaData.LastUpdatedTime >  '{SINCE}'"
    rows = list(pages(get, f"{statement('Invoice', since)} ", "Invoice", 0, 100, 101, minorversion="45"))
    assert len({row["Id"] for row in rows}) == len(rows) == held(company, "Invoice")
    gone = f"{statement('Vendor').strip()} where Active = false and {since} "
    assert [row["DisplayName"] for row in pages(get, gone, "Vendor", 0, 100, 101)] == ["Ink Works (deleted)"]
    chosen = list(pages(get, "SELECT Id, DisplayName FROM Vendor", "Vendor", 1, 1000, 0, minorversion="75"))
    assert [(row["Id"], row["DisplayName"]) for row in chosen][-1] == ("901", "Paper & Co")
    assert len(chosen) == held(company, "Vendor") - 1
    by_vendor = statement("Bill", "VendorRef IN ('901', '999')", "TxnDate = '2026-10-01'")
    assert [row["Id"] for row in pages(get, by_vendor, "Bill", 1, 100, 0)] == ["9001"]


def test_hotglue_reads_deletes_of_one_entity_until_a_group_is_not_full(hotglue: tuple[Person, Get]) -> None:
    """Its next request begins at the newest change that it has seen."""
    company, get = hotglue
    first = get("cdc", params={"entities": "Invoice", "changedSince": SINCE}).json()["CDCResponse"][0]
    (group,) = first["QueryResponse"]
    newest = max(row["MetaData"]["LastUpdatedTime"] for row in group["Invoice"])
    assert group["maxResults"] == len(group["Invoice"]) == held(company, "Invoice") + 1
    later = get("cdc", params={"entities": "Invoice", "changedSince": newest}).json()["CDCResponse"][0]
    assert [row["Id"] for row in later["QueryResponse"][0]["Invoice"]] == [row["Id"] for row in group["Invoice"]]


def test_hotglue_reads_reports_without_saying_what_it_accepts(hotglue: tuple[Person, Get]) -> None:
    _, get = hotglue
    period = {"start_date": "2026-10-01", "end_date": "2026-10-31", "minorversion": 40}
    for name in ("ProfitAndLoss", "BalanceSheet"):
        answer = get(f"reports/{name}", params={**period, "accounting_method": "Accrual"})
        assert answer.headers["Content-Type"].startswith("application/json")
        assert answer.json()["Header"]["ReportName"] == name
    ledger = get("reports/GeneralLedger", params={**period, "columns": LEDGER_COLUMNS, "accounting_method": "Cash"})
    titles = [column["ColTitle"] for column in ledger.json()["Columns"]["Column"]]
    rows = [values for _, values in cells(ledger.json()["Rows"]) if len(values) > 1]
    assert {"Date", "Transaction Type", "Amount", "Memo/Description", "Currency"} <= set(titles)
    assert {len(values) + 1 for values in rows} == {len(titles)}
    assert any(values[titles.index("Amount") - 1] == "42.50" for values in rows)
    ageing = get("reports/AgedReceivables", params={**period, "accounting_method": "Accrual"}).json()
    columns = ageing["Columns"]["Column"]
    assert (columns[0]["ColTitle"], columns[0]["ColType"], columns[-1]["ColTitle"]) == ("", "Customer", "Total")
    listed = get("reports/TransactionList", params={**period, "columns": "tx_date,txn_type,doc_num,subt_nat_amount"})
    assert [column["ColTitle"] for column in listed.json()["Columns"]["Column"]][-1] == "Amount"
    monthly = get("reports/BalanceSheet", params={**period, "start_date": "2026-08-01", "summarize_column_by": "Month"})
    titles = [column["ColTitle"] for column in monthly.json()["Columns"]["Column"]]
    assert titles[:3] == ["", "Aug 2026", "Sep 2026"]


def test_airbyte_reads_windows_of_thirty_days(company: Person) -> None:
    """Credentials in the form; both ends of the window in company time; 200 a page."""
    form = {"grant_type": "refresh_token", **APP, "refresh_token": refresh_value(company)}
    with requests.Session() as session:
        session.trust_env = False
        token = session.post(f"{company.base}/oauth2/v1/tokens/bearer", data=form, timeout=10).json()
        assert {"access_token", "refresh_token", "expires_in"} <= set(token)
        session.headers.update({
            "Authorization": f"Bearer {token['access_token']}", "Accept": "application/json",
            "User-Agent": "airbyte-connector",
        })  # fmt: skip

        def get(path: str, params: Doc) -> requests.Response:
            return session.get(f"{company.base}/v3/company/{company.realm}/{path}", params=params, timeout=10)

        for name in (*LISTS, *TRANSACTIONS, *OTHERS):
            found = []
            for first, last in (("2026-09-02", "2026-10-02"), ("2026-10-02", "2026-11-01")):
                both = "Active IN (true, false)" if name in LISTS else ""
                after = f"Metadata.LastUpdatedTime > '{first}T00:00:00+00:00'"
                until = f"Metadata.LastUpdatedTime <= '{last}T00:00:00+00:00'"
                wanted = statement(name, after, until, both, end="ORDER BY Metadata.LastUpdatedTime ASC")
                found += list(pages(get, wanted, name, 1, 200, 0))
            if name in TRANSACTIONS:
                assert len(found) == held(company, name), name
        company.side("POST", "revoke", {})
        refused = get("query", params={"query": "SELECT * FROM Account"})
        error = refused.json()["fault"]["error"][0]
        assert (refused.status_code, error["code"], error["element"]) == (401, "3200", None)


def test_meltano_reads_with_basic_credentials(company: Person) -> None:
    """Full lists in the order of their last change; CompanyInfo and Preferences whole."""
    basic = base64.b64encode(":".join(APP.values()).encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    form = {"grant_type": "refresh_token", "refresh_token": refresh_value(company)}
    token = requests.post(f"{company.base}/oauth2/v1/tokens/bearer", headers=headers, data=form, timeout=10).json()
    bearer = {"Authorization": f"Bearer {token['access_token']}", "Accept": "application/json",
              "Content-Type": "application/json"}  # fmt: skip
    key = "MetaData.LastUpdatedTime"
    for name in (*LISTS, *TRANSACTIONS, "CustomerType", "CompanyCurrency"):
        wanted = statement(name, f"{key} >= '2001-01-01T00:00:00+00:00'", end=f"ORDERBY {key} MAXRESULTS 100")
        assert asked(company, wanted, bearer).status_code == 200, name
    for name in ("CompanyInfo", "Preferences"):
        (only,) = asked(company, statement(name, end="MAXRESULTS 100"), bearer).json()["QueryResponse"][name]
        assert only["Id"] == "1"


def asked(company: Person, wanted: str, headers: Doc) -> requests.Response:
    """One statement."""
    url = f"{company.base}/v3/company/{company.realm}/query"
    return requests.get(url, params={"query": wanted, "minorversion": "65"}, headers=headers, timeout=10)
