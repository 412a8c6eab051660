"""Reports: their shape, their parameters, both bases, both versions, and what public parsers expect of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from report_ties import group, leaves, place_of, sections, total
from simulator_person import Person, journal, journal_line, sale_line

Doc = dict[str, Any]
YEAR = {"start_date": "2026-01-01", "end_date": "2026-12-31"}
EVERY = (
    "ProfitAndLoss", "BalanceSheet", "CashFlow", "TrialBalance", "ProfitAndLossDetail", "GeneralLedger",
    "JournalReport", "TransactionList", "TransactionListWithSplits", "TransactionListByCustomer",
    "TransactionListByVendor", "AgedReceivables",
    "AgedReceivableDetail", "AgedPayables", "AgedPayableDetail", "CustomerBalance", "CustomerBalanceDetail",
    "VendorBalance", "VendorBalanceDetail", "CustomerIncome", "CustomerSales", "ItemSales", "ClassSales",
    "DepartmentSales", "VendorExpenses", "AccountList",
)  # fmt: skip


def ask(person: Person, name: str, **query: str) -> Doc:
    answer = person.call("GET", f"reports/{name}", **query)
    assert answer.status_code == 200, answer.text
    found: Doc = answer.json()
    return found


def refused(person: Person, name: str, **query: str) -> Doc:
    answer = person.call("GET", f"reports/{name}", **query)
    assert answer.status_code == 400, answer.text
    found: Doc = answer.json()["Fault"]["Error"][0]
    return found


def period(found: Doc) -> tuple[str, str]:
    return found["Header"]["StartPeriod"], found["Header"]["EndPeriod"]


def titles(found: Doc) -> list[str]:
    return [column["ColTitle"] for column in found["Columns"]["Column"]]


def keys(found: Doc) -> list[str]:
    return [column["MetaData"][-1]["Value"] for column in found["Columns"]["Column"]]


def every_row(rows: Any) -> Iterator[list[Doc]]:
    for row in sections(rows):
        for part in (row.get("Header") or {}, row, row.get("Summary") or {}):
            if "ColData" in part:
                yield part["ColData"]


@pytest.fixture
def shop(person: Person) -> Person:
    """Some business: sales of two customers, one paid in part, a bill paid in part, a journal, a credit."""
    made = person.invoice(0, "1", Line=[sale_line(100, "4"), sale_line(50.01, "5")], TxnDate="2026-08-10",
                          DueDate="2026-09-09")  # fmt: skip
    person.pay(60, ("Invoice", made["Id"], 60), TxnDate="2026-09-20")
    person.invoice(0, "2", customer="10", Line=[sale_line(30, "4")], TxnDate="2026-10-01", DueDate="2026-10-31")
    person.post("CreditMemo", {"CustomerRef": {"value": "2"}, "Line": [sale_line(7, "4")], "TxnDate": "2026-10-02"})
    person.post("JournalEntry", {**journal(12.5, "17", "1"), "TxnDate": "2026-10-03"})
    vendor = person.post("Vendor", {"DisplayName": "Lens & Light"})["Id"]
    detail = {"AccountRef": {"value": "18"}, "CustomerRef": {"value": "1"}}
    line = {"Amount": 40, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": detail}
    bill = person.post("Bill", {"VendorRef": {"value": vendor}, "Line": [line], "TxnDate": "2026-09-01",
                                "DueDate": "2026-09-01"})  # fmt: skip
    paid = {"Amount": 10, "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Bill"}]}
    check = {"PayType": "Check", "CheckPayment": {"BankAccountRef": {"value": "1"}}}
    person.post("BillPayment", {"VendorRef": {"value": vendor}, "TotalAmt": 10, "Line": [paid], **check,
                                "TxnDate": "2026-10-05"})  # fmt: skip
    return person


# shape --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_every_report_has_the_shape_that_parsers_walk(shop: Person, name: str) -> None:
    """No wrapper, no time; every row has a cell for each column; values and Ids are texts."""
    found = ask(shop, name, **YEAR)
    assert list(found) == ["Header", "Columns", "Rows"]
    assert (found["Header"]["ReportName"], found["Header"]["Currency"]) == (name, "USD")
    assert found["Header"]["Option"][-1] == {"Name": "NoReportData", "Value": "false"}
    assert found["Header"]["Time"] == "2026-10-15T12:00:00-04:00"
    width = len(found["Columns"]["Column"])
    rows = list(every_row(found["Rows"]))
    assert rows
    assert {len(cells) for cells in rows} == {width}
    assert all(isinstance(value, str) for cells in rows for cell in cells for value in cell.values())
    assert {row["type"] for row in sections(found["Rows"]) if "type" in row} <= {"Section", "Data"}


@pytest.mark.parametrize("name", EVERY)
def test_a_company_without_business_has_no_report_data(person: Person, name: str) -> None:
    found = ask(person, name, **YEAR)
    assert found["Header"]["Option"][-1]["Value"] == ("false" if name == "AccountList" else "true")
    assert found["Columns"]["Column"]


def test_profit_and_loss_has_quickbooks_groups(shop: Person) -> None:
    found = ask(shop, "ProfitAndLoss", **YEAR)
    summaries = [(row["group"], row["Summary"]["ColData"][0]["value"], row["Summary"]["ColData"][1]["value"])
                 for row in found["Rows"]["Row"]]  # fmt: skip
    assert summaries == [
        ("Income", "Total Income", "173.01"), ("COGS", "Total Cost of Goods Sold", "40.00"),
        ("GrossProfit", "Gross Profit", "133.01"), ("Expenses", "Total Expenses", "12.50"),
        ("NetOperatingIncome", "Net Operating Income", "120.51"), ("NetIncome", "Net Income", "120.51"),
    ]  # fmt: skip
    assert found["Rows"]["Row"][0]["Rows"]["Row"] == [
        {"ColData": [{"value": "Services (misc income)", "id": "9"}, {"value": "173.01"}], "type": "Data"}
    ]
    assert found["Header"]["Option"][0] == {"Name": "AccountingStandard", "Value": "GAAP"}


def test_balance_sheet_has_quickbooks_groups(shop: Person) -> None:
    found = ask(shop, "BalanceSheet", **YEAR)
    groups = [row["group"] for row in sections(found["Rows"]) if "group" in row]
    assert groups == [
        "TotalAssets", "CurrentAssets", "BankAccounts", "AR", "OtherCurrentAssets", "TotalLiabilitiesAndEquity",
        "Liabilities", "CurrentLiabilities", "AP", "Equity", "NetIncome",
    ]  # fmt: skip
    assert group(found, "AR") == 11301
    assert group(found, "NetIncome") == 12051


def test_a_parent_shows_its_own_figures_and_its_childrens_total(person: Person) -> None:
    child = person.post("Account", {"Name": "Printing", "AccountType": "Expense", "SubAccount": True,
                                    "ParentRef": {"value": "17"}})["Id"]  # fmt: skip
    person.post("JournalEntry", journal(3, "17", "1"))
    person.post("JournalEntry", journal(4, child, "1"))
    expenses = next(row for row in ask(person, "ProfitAndLoss")["Rows"]["Row"] if row["group"] == "Expenses")
    parent = expenses["Rows"]["Row"][0]
    assert parent["Header"]["ColData"] == [{"value": "Office and software", "id": "17"}, {"value": "3.00"}]
    assert parent["Rows"]["Row"][0]["ColData"] == [{"value": "Printing", "id": child}, {"value": "4.00"}]
    assert [cell["value"] for cell in parent["Summary"]["ColData"]] == ["Total Office and software", "7.00"]
    ledger = ask(person, "GeneralLedger", account=f"17,{child}", columns="tx_date,subt_nat_amount")
    section = ledger["Rows"]["Row"][0]
    assert section["Summary"]["ColData"][0]["value"] == "Total for Office and software with sub-accounts"
    assert "Header" not in section["Rows"]["Row"][0]
    renewed = ask(
        person, "GeneralLedger", account=f"17,{child}", columns="tx_date,subt_nat_amount", testing_migration=""
    )
    assert renewed["Rows"]["Row"][0]["Rows"]["Row"][0]["type"] == "Data"


def test_the_general_ledger_reads_line_by_line(shop: Person) -> None:
    """The transaction's Id is on its type, the other account beside it, the balance runs on."""
    found = ask(shop, "GeneralLedger", start_date="2026-09-01", end_date="2026-12-31", account="2",
                columns="tx_date,txn_type,doc_num,name,split_acc,subt_nat_amount,rbal_nat_amount")  # fmt: skip
    section = found["Rows"]["Row"][0]
    assert section["Header"]["ColData"][0] == {"value": "Accounts Receivable (A/R)", "id": "2"}
    rows = [[cell["value"] for cell in row["ColData"]] for row in section["Rows"]["Row"]]
    assert rows == [
        ["Beginning Balance", "", "", "", "", "", "150.01"],
        ["2026-09-20", "Payment", "", "Acme Robotics", "Undeposited Funds", "-60.00", "90.01"],
        ["2026-10-01", "Invoice", "2", "Acme Robotics:Acme Robotics website", "Services (misc income)", "30.00",
         "120.01"],
        ["2026-10-02", "Credit Memo", "", "Beta Health", "Services (misc income)", "-7.00", "113.01"],
    ]  # fmt: skip
    assert section["Rows"]["Row"][1]["ColData"][1]["id"].isdigit()
    assert [cell["value"] for cell in section["Summary"]["ColData"]][-2:] == ["-37.00", ""]
    shop.side("POST", "settings", {"report_beginning_balance": "blank"})
    blank = ask(shop, "GeneralLedger", start_date="2026-09-01", end_date="2026-12-31", account="2")
    assert {cell["value"] for cell in blank["Rows"]["Row"][0]["Rows"]["Row"][0]["ColData"]} == {"Beginning Balance", ""}


def test_money_and_dates_are_written_as_quickbooks_writes_them(person: Person) -> None:
    """No zero before the point in details; a missing date is 0-00-00, in Reports v2 nothing."""
    person.post("JournalEntry", journal(0.5))
    voided = person.invoice(9, DueDate="2026-11-14")
    person.call("POST", "invoice", {"Id": voided["Id"], "SyncToken": voided["SyncToken"]}, operation="void")
    found = ask(person, "TransactionList", columns="txn_type,due_date,nat_amount")
    rows = {row[0]["value"]: [cell["value"] for cell in row[1:]] for row in leaves(found)}
    assert rows == {"Journal Entry": ["0-00-00", ".50"], "Invoice": ["2026-11-14", ".00"]}
    renewed = ask(person, "TransactionList", columns="txn_type,due_date", testing_migration="true")
    assert sorted(row[1]["value"] for row in leaves(renewed)) == ["", "2026-11-14"]
    assert group(ask(person, "ProfitAndLoss"), "Income") == 50
    assert ask(person, "ProfitAndLoss")["Rows"]["Row"][0]["Summary"]["ColData"][1]["value"] == "0.50"


def test_create_date_has_no_colon_in_its_offset(shop: Person) -> None:
    found = ask(shop, "TransactionList", **YEAR, columns="create_date")
    assert {row[0]["value"] for row in leaves(found)} == {"2026-10-15T12:00:00-0400"}


def test_the_journal_repeats_neither_date_nor_name(shop: Person) -> None:
    found = ask(shop, "JournalReport", start_date="2026-08-01", end_date="2026-08-31")
    assert keys(found) == ["tx_date", "txn_type", "doc_num", "name", "memo", "account_name", "debt_amt", "credit_amt"]
    rows = found["Rows"]["Row"]
    assert [cell["value"] for cell in rows[0]["ColData"]] == [
        "2026-08-10", "Invoice", "1", "Acme Robotics", "", "Accounts Receivable (A/R)", "150.01", "",
    ]  # fmt: skip
    assert [cell["value"] for cell in rows[1]["ColData"]] == [
        "0-00-00", "", "", "", "", "Services (misc income)", "", "100.00",
    ]  # fmt: skip
    assert rows[1]["ColData"][1]["id"] == rows[0]["ColData"][1]["id"]
    assert [row["type"] for row in rows] == ["Data", "Data", "Data", "Section", "Data", "Section"]
    renewed = ask(shop, "JournalReport", start_date="2026-08-01", end_date="2026-08-31", testing_migration="")
    assert [row["type"] for row in renewed["Rows"]["Row"]] == ["Data", "Data", "Data", "Section", "Section"]


# columns ------------------------------------------------------------------------------------------


def test_columns_come_back_in_quickbooks_own_order(shop: Person) -> None:
    asked = "subt_nat_amount,no_such_column,tx_date,txn_type"
    assert keys(ask(shop, "GeneralLedger", columns=asked)) == ["tx_date", "txn_type", "subt_nat_amount"]
    shop.side("POST", "settings", {"report_columns": "asked"})
    assert keys(ask(shop, "GeneralLedger", columns=asked)) == ["subt_nat_amount", "tx_date", "txn_type"]


def test_class_and_location_are_columns_where_they_are_tracked(shop: Person) -> None:
    assert keys(ask(shop, "GeneralLedger"))[3:6] == ["name", "dept_name", "klass_name"]
    before = shop.side("GET", "settings")["preferences"]["AccountingInfoPrefs"]
    off = {**before, "TrackDepartments": False, "ClassTrackingPerTxnLine": False, "ClassTrackingPerTxn": False}
    shop.side("POST", "settings", {"preferences": {"AccountingInfoPrefs": off}})
    assert keys(ask(shop, "GeneralLedger"))[3:5] == ["name", "memo"]


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ("Total", ["", "Total"]),
        ("Month", ["", "Aug 2026", "Sep 2026", "Oct 1 - Oct 15, 2026", "Total"]),
        ("Quarter", ["", "Aug 1 - Sep 30, 2026", "Oct 1 - Oct 15, 2026", "Total"]),
        ("Year", ["", "Aug 1 - Oct 15, 2026", "Total"]),
        ("Customers", ["", "Acme Robotics", "Acme Robotics:Acme Robotics website", "Beta Health", "Not Specified",
                       "TOTAL"]),
        ("Vendors", ["", "Lens & Light", "Not Specified", "TOTAL"]),
        ("ProductsAndServices", ["", "Consulting", "Hosting", "Not Specified", "TOTAL"]),
        ("Classes", ["", "Not Specified", "TOTAL"]),
    ],
)  # fmt: skip
def test_profit_and_loss_by(shop: Person, split: str, expected: list[str]) -> None:
    """Whatever the columns, they add up to the total."""
    found = ask(shop, "ProfitAndLoss", start_date="2026-08-01", end_date="2026-10-15", summarize_column_by=split)
    assert titles(found) == expected
    assert found["Header"]["SummarizeColumnsBy"] == split
    values = [group(found, "NetIncome", place) for place in range(1, len(expected))]
    assert values[-1] == 12051
    assert split == "Total" or sum(values[:-1]) == 12051


def test_slices_of_time_tell_their_days(shop: Person) -> None:
    found = ask(shop, "ProfitAndLoss", start_date="2026-09-01", end_date="2026-10-31", summarize_column_by="Month")
    assert found["Columns"]["Column"][1]["MetaData"] == [
        {"Name": "StartDate", "Value": "2026-09-01"}, {"Name": "EndDate", "Value": "2026-09-30"},
        {"Name": "ColKey", "Value": "Sep 2026"},
    ]  # fmt: skip
    weeks = ask(shop, "ProfitAndLoss", start_date="2026-10-01", end_date="2026-10-15", summarize_column_by="Week")
    assert titles(weeks)[1:4] == ["Oct 1 - Oct 3, 2026", "Oct 4 - Oct 10, 2026", "Oct 11 - Oct 15, 2026"]
    days = ask(shop, "ProfitAndLoss", start_date="2026-10-01", end_date="2026-10-02", summarize_column_by="Days")
    assert titles(days)[1:3] == ["Oct 1, 2026", "Oct 2, 2026"]


# periods ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("macro", "expected"),
    [
        ("Today", ("2026-10-15", "2026-10-15")), ("Yesterday", ("2026-10-14", "2026-10-14")),
        ("This Week", ("2026-10-11", "2026-10-17")), ("Last Week", ("2026-10-04", "2026-10-10")),
        ("This Week-to-date", ("2026-10-11", "2026-10-15")), ("Last Week-to-date", ("2026-10-04", "2026-10-08")),
        ("Next Week", ("2026-10-18", "2026-10-24")), ("Next 4 Weeks", ("2026-10-18", "2026-11-14")),
        ("This Month", ("2026-10-01", "2026-10-31")), ("Last Month", ("2026-09-01", "2026-09-30")),
        ("This Month-to-date", ("2026-10-01", "2026-10-15")), ("last month-to-date", ("2026-09-01", "2026-09-15")),
        ("Next Month", ("2026-11-01", "2026-11-30")), ("This Fiscal Quarter", ("2026-10-01", "2026-12-31")),
        ("Last Fiscal Quarter", ("2026-07-01", "2026-09-30")), ("Next Fiscal Quarter", ("2027-01-01", "2027-03-31")),
        ("This Fiscal Year", ("2026-07-01", "2027-06-30")), ("Last Fiscal Year", ("2025-07-01", "2026-06-30")),
        ("This Fiscal Year-to-date", ("2026-07-01", "2026-10-15")),
        ("Last Fiscal Year-to-date", ("2025-07-01", "2025-10-15")),
        ("This Calendar Year", ("2026-01-01", "2026-12-31")),
        ("Last Calendar Quarter", ("2026-07-01", "2026-09-30")), ("Next Fiscal Year", ("2027-07-01", "2028-06-30")),
    ],
)  # fmt: skip
def test_date_macros_follow_the_fiscal_year(person: Person, macro: str, expected: tuple[str, str]) -> None:
    """In a company whose fiscal year begins in July, on Thursday, 15 October 2026."""
    july(person)
    found = ask(person, "ProfitAndLoss", date_macro=macro)
    assert period(found) == expected
    assert found["Header"]["DateMacro"] == macro.lower()


def july(person: Person) -> None:
    before = person.side("GET", "settings")["preferences"]["AccountingInfoPrefs"]
    changed = {**before, "FirstMonthOfFiscalYear": "July", "BookCloseDate": "2024-12-31"}
    person.side("POST", "settings", {"preferences": {"AccountingInfoPrefs": changed}})


def test_a_fiscal_year_from_january_is_called_a_calendar_year(person: Person) -> None:
    assert ask(person, "ProfitAndLoss")["Header"]["DateMacro"] == "this calendar year-to-date"
    assert ask(person, "TrialBalance")["Header"]["DateMacro"] == "this month-to-date"
    assert ask(person, "AgedPayables")["Header"]["DateMacro"] == "today"
    assert ask(person, "VendorBalance")["Header"]["DateMacro"] == "all"
    assert "StartPeriod" not in ask(person, "VendorBalance")["Header"]


def test_explicit_dates_win_and_one_alone_is_completed(person: Person) -> None:
    both = ask(person, "ProfitAndLoss", date_macro="Today", start_date="2026-02-01", end_date="2026-02-28")
    assert period(both) == ("2026-02-01", "2026-02-28")
    assert "DateMacro" not in both["Header"]
    assert period(ask(person, "ProfitAndLoss", end_date="2025-03-31")) == ("2025-01-01", "2025-03-31")
    assert period(ask(person, "ProfitAndLoss", start_date="2026-05-01")) == ("2026-05-01", "2026-10-15")


def test_former_fiscal_years_are_retained_earnings(person: Person) -> None:
    july(person)
    person.post("JournalEntry", {**journal(10, "1", "9"), "TxnDate": "2026-06-30"})
    person.post("JournalEntry", {**journal(3, "1", "9"), "TxnDate": "2026-07-01"})
    assert equity(person, "2026-06-30") == {"Net Income": 1000}
    assert equity(person, "2026-07-01") == {"Retained Earnings": 1000, "Net Income": 300}
    trial = ask(person, "TrialBalance", end_date="2026-07-01")
    assert (total(trial, "Retained Earnings"), total(trial, "Services (misc income)")) == (1000, 300)
    months = ask(person, "BalanceSheet", start_date="2026-06-01", end_date="2026-07-31", summarize_column_by="Month")
    assert [group(months, "NetIncome", place) for place in (1, 2)] == [1000, 300]


def equity(person: Person, day: str) -> dict[str, int]:
    found = ask(person, "BalanceSheet", end_date=day)
    return {name: amount for name in ("Retained Earnings", "Net Income") if (amount := total(found, name))}


# faults -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "code", "element"),
    [
        ({"start_date": "2026-13-01", "end_date": "2026-12-31"}, "2070", "start_date"),
        ({"end_date": "01/02/2026"}, "2070", "end_date"),
        ({"start_date": "2026-02-01", "end_date": "2026-01-01"}, "2190", "start_date"),
        ({"date_macro": "Whenever"}, "2170", "date_macro"),
        ({"accounting_method": "Modified"}, "2170", "accounting_method"),
        ({"summarize_column_by": "Moon"}, "2170", "summarize_column_by"),
        ({"sort_order": "up"}, "2170", "sort_order"),
        ({"aging_period": "many"}, "2090", "aging_period"),
    ],
)
def test_what_cannot_be_read_is_refused(person: Person, query: dict[str, str], code: str, element: str) -> None:
    error = refused(person, "ProfitAndLoss", **query)
    assert (error["code"], error["element"]) == (code, element)


def test_an_unknown_report_is_a_permission_fault(person: Person) -> None:
    error = refused(person, "NoSuchReport")
    assert (error["code"], error["Message"], error["element"]) == ("5020", "Permission Denied Error", "ReportName")


def test_unknown_parameters_are_ignored(person: Person) -> None:
    assert ask(person, "profitandloss", no_such="1", minorversion="75")["Header"]["ReportName"] == "ProfitAndLoss"


# filters ------------------------------------------------------------------------------------------


def test_filters_narrow_and_are_repeated_in_the_header(shop: Person) -> None:
    found = ask(shop, "ProfitAndLoss", **YEAR, customer="1")
    assert (found["Header"]["Customer"], group(found, "Income"), group(found, "COGS")) == ("1", 15001, 4000)
    assert group(ask(shop, "ProfitAndLoss", **YEAR, item="5"), "Income") == 5001
    assert group(ask(shop, "ProfitAndLoss", **YEAR, vendor="999"), "COGS") == 0
    ledger = ask(shop, "GeneralLedger", **YEAR, account_type="CostOfGoodsSold,Expense")
    assert [row["Header"]["ColData"][0]["value"] for row in ledger["Rows"]["Row"]] == [
        "Contractors",
        "Office and software",
    ]


def test_the_transaction_list_is_filtered_sorted_and_grouped(shop: Person) -> None:
    kinds = ask(shop, "TransactionList", **YEAR, transaction_type="Invoice,BillPaymentCheck", sort_by="nat_amount")
    found = [(row[1]["value"], row[-1]["value"]) for row in leaves(kinds)]
    assert found == [("Bill Payment (Check)", "-10.00"), ("Invoice", "30.00"), ("Invoice", "150.01")]
    assert [row[2]["value"] for row in leaves(ask(shop, "TransactionList", **YEAR, docnum="2"))] == ["2"]
    unpaid = ask(shop, "TransactionList", **YEAR, arpaid="Unpaid", sort_by="tx_date", sort_order="descend")
    assert [row[0]["value"] for row in leaves(unpaid)] == ["2026-10-01", "2026-08-10"]
    grouped = ask(shop, "TransactionList", **YEAR, group_by="Month")
    assert [row["Header"]["ColData"][0]["value"] for row in grouped["Rows"]["Row"]] == [
        "Aug 2026",
        "Sep 2026",
        "Oct 2026",
    ]
    by_type = ask(shop, "TransactionList", **YEAR, group_by="Transaction Type")
    assert total(by_type, "Total for Invoice") == 18001


def test_the_list_with_splits_shows_every_line(shop: Person) -> None:
    found = ask(shop, "TransactionListWithSplits", **YEAR, docnum="1", columns="txn_type,account_name,nat_amount")
    assert [tuple(cell["value"] for cell in row) for row in leaves(found)] == [
        ("Invoice", "Accounts Receivable (A/R)", "150.01"), ("Invoice", "Services (misc income)", "100.00"),
        ("Invoice", "Services (misc income)", "50.01"),
    ]  # fmt: skip


def test_a_period_holds_its_first_and_its_last_day(shop: Person) -> None:
    for name in ("TransactionList", "JournalReport", "GeneralLedger"):
        found = ask(shop, name, start_date="2026-10-01", end_date="2026-10-02", columns="tx_date,txn_type")
        days = [row[0]["value"] for row in leaves(found) if row[0]["value"].startswith("2026")]
        assert (min(days), max(days)) == ("2026-10-01", "2026-10-02")


def test_the_splits_name_the_other_account(shop: Person) -> None:
    found = ask(shop, "TransactionList", **YEAR, columns="doc_num,account_name,other_account")
    rows = {row[0]["value"]: (row[1]["value"], row[2]["value"]) for row in leaves(found)}
    assert rows["1"] == ("Accounts Receivable (A/R)", "-Split-")
    assert rows["2"] == ("Accounts Receivable (A/R)", "Services (misc income)")


# ageing -------------------------------------------------------------------------------------------


def test_ageing_is_by_due_date_on_the_day_of_the_report(shop: Person) -> None:
    found = ask(shop, "AgedReceivables", report_date="2026-10-15")
    assert titles(found) == ["", "Current", "1 - 30", "31 - 60", "61 - 90", "91 and over", "Total"]
    parent, beta = found["Rows"]["Row"][:2]
    assert [cell["value"] for cell in parent["Header"]["ColData"]] == [
        "Acme Robotics",
        "",
        "",
        "90.01",
        "",
        "",
        "90.01",
    ]
    assert [cell["value"] for cell in parent["Rows"]["Row"][0]["ColData"]][:2] == ["Acme Robotics website", "30.00"]
    assert [cell["value"] for cell in beta["ColData"]] == ["Beta Health", "", "-7.00", "", "", "", "-7.00"]
    last = found["Rows"]["Row"][-1]
    assert last["group"] == "GrandTotal"
    assert [cell["value"] for cell in last["Summary"]["ColData"]] == [
        "TOTAL", "30.00", "-7.00", "90.01", "0.00", "0.00", "113.01",
    ]  # fmt: skip
    assert found["Header"]["Option"][0] == {"Name": "report_date", "Value": "2026-10-15"}


def test_ageing_of_an_earlier_day_knows_no_later_payment(shop: Person) -> None:
    assert total(ask(shop, "AgedReceivables", report_date="2026-09-19"), "TOTAL") == 15001
    assert total(ask(shop, "AgedReceivables", report_date="2026-09-20"), "TOTAL") == 9001
    assert total(ask(shop, "CustomerBalance", report_date="2026-08-09"), "TOTAL") == 0


def test_thirty_days_late_is_still_in_the_first_period(person: Person) -> None:
    for due in ("2026-10-15", "2026-10-14", "2026-09-15", "2026-09-14", "2026-07-17", "2026-07-16"):
        person.invoice(1, due, TxnDate="2026-07-01", DueDate=due)
    last = ask(person, "AgedReceivables", report_date="2026-10-15")["Rows"]["Row"][-1]["Summary"]["ColData"]
    assert [cell["value"] for cell in last[1:]] == ["1.00", "2.00", "1.00", "1.00", "1.00", "6.00"]


def test_ageing_periods_can_be_chosen(shop: Person) -> None:
    found = ask(shop, "AgedReceivables", report_date="2026-10-15", aging_period="10", num_periods="2")
    assert titles(found) == ["", "Current", "1 - 10", "11 and over", "Total"]
    assert [cell["value"] for cell in found["Rows"]["Row"][-1]["Summary"]["ColData"]][1:] == [
        "30.00", "0.00", "83.01", "113.01",
    ]  # fmt: skip
    detail = ask(shop, "AgedReceivableDetail", report_date="2026-10-15", past_due="20")
    assert [row["Header"]["ColData"][0]["value"] for row in detail["Rows"]["Row"][:-1]] == ["31 - 60 days past due"]


def test_a_payment_before_its_invoice_is_a_credit_of_its_own_until_then(person: Person) -> None:
    made = person.invoice(50, "1", TxnDate="2026-10-10")
    person.pay(50, ("Invoice", made["Id"], 50), TxnDate="2026-10-05")
    found = ask(person, "AgedReceivableDetail", report_date="2026-10-07")
    assert [row[1]["value"] for row in leaves(found)] == ["Payment"]
    assert total(found, "TOTAL") == -5000
    assert total(ask(person, "AgedReceivableDetail", report_date="2026-10-10"), "TOTAL") == 0


def test_balance_details_show_paid_ones_when_asked(shop: Person) -> None:
    query = {"report_date": "2026-10-15", "columns": "txn_type,subt_amount,subt_open_bal"}
    made = shop.invoice(5, "3", customer="3")
    shop.pay(5, ("Invoice", made["Id"], 5), customer="3")
    kinds = {state: sorted(row[0]["value"] for row in leaves(ask(shop, "CustomerBalanceDetail", arpaid=state, **query))
                           if row[0]["value"] in ("Invoice", "Payment", "Credit Memo"))
             for state in ("Unpaid", "Paid", "All")}  # fmt: skip
    assert kinds["Unpaid"] == ["Credit Memo", "Invoice", "Invoice"]
    assert kinds["Paid"] == ["Invoice", "Payment", "Payment"]
    assert kinds["All"] == sorted(kinds["Unpaid"] + kinds["Paid"])
    detail = ask(shop, "VendorBalanceDetail")
    assert (keys(detail)[-2:], total(detail, "TOTAL")) == (["subt_neg_amount", "subt_neg_open_bal"], 3000)


# cash basis ---------------------------------------------------------------------------------------


def cash(person: Person, name: str, day: str, group_name: str) -> int:
    return group(ask(person, name, start_date="2026-01-01", end_date=day, accounting_method="Cash"), group_name)


def test_on_cash_basis_income_counts_when_and_as_far_as_it_is_paid(shop: Person) -> None:
    assert cash(shop, "ProfitAndLoss", "2026-09-19", "Income") == 0
    assert cash(shop, "ProfitAndLoss", "2026-09-20", "Income") == 6000
    assert cash(shop, "ProfitAndLoss", "2026-12-31", "COGS") == 1000
    assert cash(shop, "BalanceSheet", "2026-12-31", "AR") == 0
    items = ask(shop, "ProfitAndLoss", **YEAR, accounting_method="Cash", summarize_column_by="ProductsAndServices")
    assert titles(items)[1:] == ["Consulting", "Hosting", "Not Specified", "TOTAL"]
    assert [group(items, "Income", place) for place in range(1, 5)] == [4000, 2000, 0, 6000]


def test_the_cents_of_part_payments_add_up_to_the_invoice(person: Person) -> None:
    """Three equal lines and three odd payments: every cent counts once, on its day."""
    made = person.invoice(0, "1", Line=[sale_line(33.33, "4"), sale_line(33.33, "5"), sale_line(33.34, "1")],
                          TxnDate="2026-10-01")  # fmt: skip
    for day, part in (("2026-10-02", 0.01), ("2026-10-03", 49.98), ("2026-10-04", 50.01)):
        person.pay(part, ("Invoice", made["Id"], part), TxnDate=day)
    sums = [cash(person, "ProfitAndLoss", f"2026-10-0{day}", "Income") for day in (2, 3, 4)]
    unbilled = [total(ask(person, "TrialBalance", end_date=f"2026-10-0{day}", accounting_method="Cash"),
                      "Unbilled receivable (accepted milestones)") for day in (2, 3, 4)]  # fmt: skip
    assert [a + b for a, b in zip(sums, unbilled, strict=True)] == [1, 4999, 10000]
    assert (sums[-1], unbilled[-1]) == (6666, 3334)


def test_unapplied_cash_is_income_until_it_is_applied(person: Person) -> None:
    person.pay(25, TxnDate="2026-10-01")
    found = ask(person, "ProfitAndLoss", accounting_method="Cash")
    row = found["Rows"]["Row"][0]["Rows"]["Row"][0]
    assert row["ColData"] == [{"value": "Unapplied Cash Payment Income", "id": "35"}, {"value": "25.00"}]
    assert group(ask(person, "ProfitAndLoss"), "Income") == 0
    made = person.invoice(40, "1", TxnDate="2026-10-08", Line=[sale_line(40, "4")])
    person.pay(40, ("Invoice", made["Id"], 40), TxnDate="2026-10-05")
    assert cash(person, "ProfitAndLoss", "2026-10-07", "Income") == 6500
    detail = ask(person, "ProfitAndLossDetail", accounting_method="Cash", columns="tx_date,txn_type,subt_nat_amount")
    assert [tuple(cell["value"] for cell in row) for row in leaves(detail) if len(row[0]["value"]) == 10] == [
        ("2026-10-08", "Invoice", "40.00"), ("2026-10-01", "Payment", "25.00"), ("2026-10-05", "Payment", "40.00"),
        ("2026-10-08", "Invoice", "-40.00"),
    ]  # fmt: skip


def test_a_report_opens_no_account(person: Person) -> None:
    person.pay(25)
    before = person.side("GET", "dump")
    for name in EVERY:
        ask(person, name, accounting_method="Cash")
    assert person.side("GET", "dump") == before


def test_credits_count_with_what_they_are_used_for(person: Person) -> None:
    made = person.invoice(100, "1", Line=[sale_line(100, "4")])
    memo = person.post("CreditMemo", {"CustomerRef": {"value": "1"}, "Line": [sale_line(30, "5")]})
    assert cash(person, "ProfitAndLoss", "2026-10-15", "Income") == 0
    person.pay(70, ("Invoice", made["Id"], 100), ("CreditMemo", memo["Id"], 30))
    found = ask(person, "ProfitAndLoss", accounting_method="Cash", summarize_column_by="ProductsAndServices")
    assert [group(found, "Income", place) for place in range(1, 4)] == [10000, -3000, 7000]


def test_what_was_paid_down_at_once_counts_on_the_invoices_day(person: Person) -> None:
    person.invoice(0, "1", Line=[sale_line(80, "4"), sale_line(20, "5")], Deposit=25, TxnDate="2026-10-02")
    found = ask(person, "ProfitAndLoss", accounting_method="Cash", summarize_column_by="ProductsAndServices")
    assert [group(found, "Income", place) for place in range(1, 4)] == [2000, 500, 2500]


def test_journals_stay_as_posted_on_cash_basis(person: Person) -> None:
    person.post("JournalEntry", {"Line": [journal_line(50, "Debit", "2", "1"), journal_line(50, "Credit", "9")]})
    assert cash(person, "ProfitAndLoss", "2026-12-31", "Income") == 5000
    assert cash(person, "BalanceSheet", "2026-12-31", "AR") == 5000


def test_the_basis_is_the_companys_unless_it_is_asked(person: Person) -> None:
    assert ask(person, "ProfitAndLoss")["Header"]["ReportBasis"] == "Accrual"
    person.side("POST", "settings", {"preferences": {"ReportPrefs": {"ReportBasis": "Cash"}}})
    assert ask(person, "ProfitAndLoss")["Header"]["ReportBasis"] == "Cash"
    assert ask(person, "ProfitAndLoss", accounting_method="accrual")["Header"]["ReportBasis"] == "Accrual"


# Reports v2 ---------------------------------------------------------------------------------------


def test_quick_zoom_ends_with_reports_v2(shop: Person) -> None:
    def links(**query: str) -> set[bool]:
        return {"href" in cells[1] for cells in leaves(ask(shop, "ProfitAndLoss", **YEAR, **query))}

    assert links() == {False}
    assert links(qzurl="true") == {True}
    assert links(qzurl="true", testing_migration="") == {False}


def test_undocumented_names_end_with_reports_v2(shop: Person) -> None:
    assert ask(shop, "GeneralLedgerDetail")["Header"]["ReportName"] == "GeneralLedger"
    assert ask(shop, "AgedReceivable")["Header"]["ReportName"] == "AgedReceivables"
    shop.side("POST", "settings", {"reports_version": "v2"})
    assert refused(shop, "GeneralLedgerDetail")["code"] == "5020"


def test_reports_v2_promises_no_order_of_lists(shop: Person) -> None:
    """The same rows, elsewhere a second later; the grand total stays last."""
    shop.side("POST", "settings", {"reports_version": "v2"})
    first = ask(shop, "CustomerBalance")["Rows"]["Row"]
    shop.side("POST", "clock", {"advance_s": 1})
    second = ask(shop, "CustomerBalance")["Rows"]["Row"]
    assert first != second
    assert sorted(map(str, first)) == sorted(map(str, second))
    assert first[-1] == second[-1]


# parsers ------------------------------------------------------------------------------------------


def test_a_flattening_parser_finds_paths_and_figures(shop: Person) -> None:
    """As data pipelines do: walk Header, Rows, Summary; what has ColData is a row; columns by ColKey."""
    found = ask(shop, "BalanceSheet", **YEAR)
    paths: dict[tuple[str, ...], str] = {}

    def walk(rows: Doc, above: tuple[str, ...]) -> None:
        for row in rows.get("Row", []):
            if "Rows" in row:
                walk(row["Rows"], (*above, row["Header"]["ColData"][0]["value"]))
            elif "ColData" in row:
                paths[(*above, row["ColData"][0]["value"])] = row["ColData"][place_of(found, "total")]["value"]

    walk(found["Rows"], ())
    assert paths[("ASSETS", "Current Assets", "Accounts Receivable", "Accounts Receivable (A/R)")] == "113.01"
    assert paths[("LIABILITIES AND EQUITY", "Equity", "Net Income")] == "120.51"


def test_the_account_list_names_types(person: Person) -> None:
    found = ask(person, "AccountList", columns="account_name,account_type", account_type="Income")
    rows = [tuple(cell["value"] for cell in row) for row in leaves(found)]
    assert rows == [
        ("Billable Expense Income", "Income"),
        ("Discounts given", "Income"),
        ("Milestone revenue", "Income"),
        ("Sales of Product Income", "Income"),
        ("Services (misc income)", "Income"),
        ("Shipping Income", "Income"),
        ("Unapplied Cash Payment Income", "Income"),
        ("Uncategorized Income", "Income"),
    ]


def test_sales_by_item_have_quantities_and_shares(person: Person) -> None:
    person.invoice(0, "1", Line=[sale_line(30, "4", Qty=2, UnitPrice=15), sale_line(10, "5", Qty=4, UnitPrice=2.5)])
    found = ask(person, "ItemSales")
    rows = {row[0]["value"]: [cell["value"] for cell in row[1:]] for row in leaves(found)}
    assert rows == {
        "Consulting": ["2.00", "30.00", "75.00 %", "15.00"],
        "Hosting": ["4.00", "10.00", "25.00 %", "2.50"],
    }
    person.pay(20, ("Invoice", person.query("select * from Invoice")["Invoice"][0]["Id"], 20))
    paid = ask(person, "ItemSales", accounting_method="Cash")
    assert [row[2]["value"] for row in leaves(paid)] == ["15.00", "5.00"]


def test_cash_flow_ends_with_the_cash_there_is(shop: Person) -> None:
    """Undeposited Funds are cash; what was there before the period is where it begins."""
    found = ask(shop, "CashFlow", start_date="2026-10-01", end_date="2026-12-31")
    assert group(found, "BeginningCash") == 6000
    assert group(found, "CashIncrease") == -2250
    assert group(found, "EndingCash") == 3750
