"""What QuickBooks refuses about names: one row per rule, with the request and the fault."""

from typing import Any

import pytest
from simulator_person import Person, journal_line

Body = dict[str, Any]


def ref(object_id: str) -> Body:
    return {"value": object_id}


STOCK: Body = {
    "Name": "Poster", "Type": "Inventory", "QtyOnHand": 0, "InvStartDate": "2026-10-01", "TrackQtyOnHand": True,
    "IncomeAccountRef": ref("9"), "ExpenseAccountRef": ref("18"), "AssetAccountRef": ref("3"),
}  # fmt: skip
SERVICE: Body = {"Name": "Advice", "Type": "Service", "IncomeAccountRef": ref("9")}
BANK: Body = {"Name": "Till", "AccountType": "Bank"}


def without(body: Body, name: str) -> Body:
    return {key: value for key, value in body.items() if key != name}


REFUSED: list[tuple[str, str, str, Body]] = [
    # names
    ("6240", "DisplayName", "Customer", {"DisplayName": "acme robotics"}),
    ("6240", "DisplayName", "Vendor", {"DisplayName": "Acme Robotics"}),
    ("6240", "DisplayName", "Employee", {"DisplayName": "Acme Robotics", "GivenName": "Al"}),
    ("6240", "Name", "Account", {**BANK, "Name": "checking"}),
    ("6240", "Name", "Item", {**SERVICE, "Name": "Milestone"}),
    ("6240", "Name", "Class", {"Name": "Design"}),
    ("6240", "Name", "Department", {"Name": "Remote"}),
    ("6240", "Name", "Term", {"Name": "Net 30", "DueDays": 30}),
    ("6240", "Name", "PaymentMethod", {"Name": "Cash"}),
    ("6240", "DisplayName", "TaxAgency", {"DisplayName": "New York Department of Taxation"}),
    ("6080", "DisplayName", "Customer", {"CompanyName": "Nobody"}),
    ("2020", "GivenName", "Employee", {"DisplayName": "Al"}),
    ("2020", "Name", "Class", {}),
    ("2040", "DisplayName", "Customer", {"DisplayName": "a:b"}),
    ("2040", "GivenName", "Vendor", {"GivenName": "a\tb"}),
    ("2040", "PrintOnCheckName", "Vendor", {"DisplayName": "x", "PrintOnCheckName": "a\nb"}),
    ("2040", "Name", "Account", {**BANK, "Name": 'the "till"'}),
    ("2040", "Name", "Account", {**BANK, "Name": "a:b"}),
    ("2040", "AcctNum", "Account", {**BANK, "AcctNum": "1:0"}),
    ("2040", "Name", "Item", {**SERVICE, "Name": "a:b"}),
    # lengths
    ("2050", "DisplayName", "Customer", {"DisplayName": "x" * 501}),
    ("2050", "Title", "Customer", {"DisplayName": "x", "Title": "x" * 17}),
    ("2050", "PrintOnCheckName", "Customer", {"DisplayName": "x", "PrintOnCheckName": "x" * 111}),
    ("2050", "PrintOnCheckName", "Employee", {"GivenName": "x", "PrintOnCheckName": "x" * 101}),
    ("2050", "FreeFormNumber", "Customer", {"DisplayName": "x", "Mobile": {"FreeFormNumber": "1" * 31}}),
    ("2050", "FreeFormNumber", "Employee", {"GivenName": "x", "Mobile": {"FreeFormNumber": "1" * 21}}),
    ("2050", "Name", "Term", {"Name": "x" * 32, "DueDays": 1}),
    ("2050", "AcctNum", "Account", {**BANK, "AcctNum": "12345678"}),
    ("2050", "Description", "Account", {**BANK, "Description": "x" * 101}),
    # forms
    ("2210", "Address", "Customer", {"DisplayName": "x", "PrimaryEmailAddr": {"Address": "nowhere"}}),
    ("2210", "Address", "Vendor", {"DisplayName": "x", "PrimaryEmailAddr": {"Address": "a@b.c, d@e"}}),
    ("2200", "URI", "Customer", {"DisplayName": "x", "WebAddr": {"URI": "not a site"}}),
    ("2200", "URI", "Vendor", {"DisplayName": "x", "WebAddr": {"URI": "gopher://old.example"}}),
    ("2170", "PreferredDeliveryMethod", "Customer", {"DisplayName": "x", "PreferredDeliveryMethod": "Pigeon"}),
    ("2240", "TaxExemptionReasonId", "Customer", {"DisplayName": "x", "TaxExemptionReasonId": 16}),
    ("2010", "", "Vendor", {"DisplayName": "x", "Colour": "red"}),
    # references and trees
    ("2500", "Reference Id", "Customer", {"DisplayName": "x", "CustomerTypeRef": ref("99")}),
    ("2500", "Reference Id", "Vendor", {"DisplayName": "x", "TermRef": ref("99")}),
    ("2030", "TermRef.value", "Vendor", {"DisplayName": "x", "TermRef": ref("Net 30")}),
    ("700", "ParentRef", "Customer", {"DisplayName": "x", "Job": True, "ParentRef": ref("99")}),
    ("6150", "ParentRef", "Customer", {"DisplayName": "x", "Job": True}),
    ("700", "ParentRef", "Item", {**SERVICE, "ParentRef": ref("4")}),
    ("6000", "ParentRef", "Account", {**BANK, "ParentRef": ref("8")}),
    ("6000", "ParentRef", "Account", {"Name": "x", "AccountType": "Other Current Asset", "ParentRef": ref("3")}),
    # accounts
    ("6010", "AccountType", "Account", {"Name": "x"}),
    ("2170", "AccountType", "Account", {"Name": "x", "AccountType": "Piggy Bank"}),
    ("2170", "AccountSubType", "Account", {**BANK, "AccountSubType": "PiggyBank"}),
    ("2170", "AccountSubType", "Account", {**BANK, "AccountSubType": "Travel"}),
    ("6060", "OpeningBalanceDate", "Account", {**BANK, "OpeningBalance": 5}),
    # items
    ("2020", "IncomeAccountRef", "Item", {"Name": "x", "Type": "Service"}),
    ("6430", "IncomeAccountRef", "Item", {**SERVICE, "IncomeAccountRef": ref("2")}),
    ("6430", "ExpenseAccountRef", "Item", {**SERVICE, "ExpenseAccountRef": ref("16")}),
    ("2020", "AssetAccountRef", "Item", without(STOCK, "AssetAccountRef")),
    ("2020", "QtyOnHand", "Item", without(STOCK, "QtyOnHand")),
    ("2020", "InvStartDate", "Item", without(STOCK, "InvStartDate")),
    ("2020", "ExpenseAccountRef", "Item", without(STOCK, "ExpenseAccountRef")),
    ("6430", "IncomeAccountRef", "Item", {**STOCK, "IncomeAccountRef": ref("17")}),
    ("6430", "ExpenseAccountRef", "Item", {**STOCK, "ExpenseAccountRef": ref("17")}),
    ("6430", "AssetAccountRef", "Item", {**STOCK, "AssetAccountRef": ref("1")}),
    ("6210", "TxnDate", "Item", {**STOCK, "QtyOnHand": 1, "PurchaseCost": 2, "InvStartDate": "2020-01-01"}),
    ("500", "Type", "Item", {"Name": "x", "Type": "Group"}),
    # terms, currencies
    ("2020", "DueDays", "Term", {"Name": "x"}),
    ("2240", "DueDays", "Term", {"Name": "x", "DueDays": 1000}),
    ("2240", "DayOfMonthDue", "Term", {"Name": "x", "DayOfMonthDue": 32}),
    ("2150", "DiscountPercent", "Term", {"Name": "x", "DueDays": 1, "DiscountPercent": 101}),
    ("6000", "CurrencyRef", "Customer", {"DisplayName": "x", "CurrencyRef": ref("EUR")}),
    ("2220", "CurrencyRef", "Vendor", {"DisplayName": "x", "CurrencyRef": ref("XXX")}),
    ("6000", "CurrencyRef", "CompanyCurrency", {"Code": "GBP"}),
]


@pytest.mark.parametrize(("code", "element", "name", "body"), REFUSED)
def test_a_name_is_refused(person: Person, code: str, element: str, name: str, body: Body) -> None:
    before = person.side("GET", "dump")
    error = person.refused(name, body)
    assert (error["code"], error.get("element", ""), bool(error["Message"]), bool(error["Detail"])) == (
        code, element, True, True)  # fmt: skip
    assert person.side("GET", "dump") == before


def test_the_words_of_faults_are_those_seen_live(person: Person) -> None:
    taken = person.refused("Vendor", {"DisplayName": "Acme Robotics"})
    assert taken["Message"] == "Duplicate Name Exists Error"
    assert taken["Detail"] == (
        "The name supplied already exists. : Another customer, vendor or employee is already using this name. "
        "Please use a different name."
    )
    long = person.refused("Customer", {"DisplayName": "x", "Notes": "x" * 2001})
    assert long["Message"] == "String length is either shorter or longer than supported by specification"
    assert long["Detail"] == (
        "String length specified does not match the supported length. Min:0 Max:2,000 supported. Supplied length:2,001"
    )
    person.side("POST", "settings", {"duplicate_name_detail": "id"})
    assert person.refused("Customer", {"DisplayName": "Acme Robotics"})["Detail"] == (
        "The name supplied already exists. : Id=1"
    )


def changed(person: Person, name: str, object_id: str, **more: Any) -> Body:
    token = person.get(name, object_id)["SyncToken"]
    return {"Id": object_id, "SyncToken": token, "sparse": True, **more}


def test_nothing_stands_under_itself_or_too_deep(person: Person) -> None:
    chain = ["3"]
    for level in range(1, 5):
        job = person.post("Customer", {"DisplayName": f"Level {level}", "Job": True, "ParentRef": ref(chain[-1])})
        assert job["Level"] == level
        chain.append(job["Id"])
    deep = {"DisplayName": "Level 5", "Job": True, "ParentRef": ref(chain[-1])}
    assert person.refused("Customer", deep)["code"] == "6180"
    assert person.refused("Customer", changed(person, "Customer", "3", ParentRef=ref(chain[2])))["code"] == "900"
    assert person.refused("Customer", changed(person, "Customer", "3", ParentRef=ref("3")))["code"] == "900"
    assert person.refused("Customer", changed(person, "Customer", "3", ParentRef=ref("4")))["code"] == "6180", (
        "what stands under it would be too deep"
    )


def test_a_name_may_not_be_put_under_one_that_has_left(person: Person) -> None:
    person.post("Customer", changed(person, "Customer", "9", Active=False))
    job = {"DisplayName": "x", "Job": True, "ParentRef": ref("9")}
    assert person.refused("Customer", job)["code"] == "610"


def test_a_balance_or_unbilled_time_keeps_a_customer(person: Person) -> None:
    person.invoice(5, customer="9")
    assert person.refused("Customer", changed(person, "Customer", "9", Active=False))["code"] == "6220"
    person.side("POST", "settings", {"inactive_with_balance": "accept"})
    assert person.post("Customer", changed(person, "Customer", "9", Active=False))["Active"] is False


def test_a_job_keeps_its_parent_by_its_balance_unless_parents_leave_alone(person: Person) -> None:
    person.invoice(5, customer="10")
    assert person.refused("Customer", changed(person, "Customer", "1", Active=False))["code"] == "6220"
    person.side("POST", "settings", {"inactive_parent": "keep"})
    gone = person.post("Customer", changed(person, "Customer", "1", Active=False))
    job = person.get("Customer", "10")
    assert (gone["Active"], job["Active"]) == (False, True)
    assert job["FullyQualifiedName"] == "Acme Robotics (deleted):Acme Robotics website"


def test_who_is_billed_stays_once_there_are_transactions(person: Person) -> None:
    person.post("Customer", changed(person, "Customer", "10", BillWithParent=False))
    person.invoice(5, customer="10")
    refused = person.refused("Customer", changed(person, "Customer", "10", BillWithParent=True))
    assert refused["code"] == "6130"


def test_a_used_account_keeps_its_type(person: Person) -> None:
    till = person.post("Account", BANK)
    person.post(
        "Account", changed(person, "Account", till["Id"], AccountType="Other Current Asset", AccountSubType=None)
    )
    lines = [journal_line(5, "Debit", till["Id"]), journal_line(5, "Credit", "11")]
    person.post("JournalEntry", {"Line": lines})
    body = changed(person, "Account", till["Id"], AccountType="Bank", AccountSubType="Checking")
    assert person.refused("Account", body)["code"] == "6000"
    assert person.refused("Account", changed(person, "Account", till["Id"], Active=False))["code"] == "6220"


def test_account_numbers_are_alone_and_as_long_as_the_country_wants(person: Person) -> None:
    person.post("Account", {**BANK, "AcctNum": "1001"})
    assert person.refused("Account", {**BANK, "Name": "Tin", "AcctNum": "1001"})["code"] == "630"
    profile = person.get("CompanyInfo", person.realm)
    person.post("CompanyInfo", {**profile, "Country": "Canada"})
    assert person.post("Account", {**BANK, "Name": "Tin", "AcctNum": "1" * 20})["AcctNum"] == "1" * 20


def test_the_type_of_stock_and_categories_stays(person: Person) -> None:
    stock = person.post("Item", STOCK)
    assert person.refused("Item", changed(person, "Item", stock["Id"], Type="Service"))["code"] == "2120"
    category = person.post("Item", {"Name": "Print", "Type": "Category"})
    assert person.refused("Item", changed(person, "Item", category["Id"], Active=False))["code"] == "6000"


def test_names_are_never_deleted(person: Person) -> None:
    for name in ("Customer", "Item", "Account", "Term", "Class"):
        error = person.refused(name, {"Id": "1", "SyncToken": "0"}, operation="delete")
        assert (error["code"], error["Message"]) == ("500", "Unsupported Operation")


def test_an_id_is_a_number(person: Person) -> None:
    assert person.refused("Vendor", {"Id": "abc", "SyncToken": "0", "DisplayName": "x"})["code"] == "2030"


def test_unsure_answers_about_names_are_switches(person: Person) -> None:
    job = {"DisplayName": "Phase 1", "Job": True}
    person.post("Customer", {**job, "ParentRef": ref("1")})
    assert person.refused("Customer", {**job, "ParentRef": ref("2")})["code"] == "6240"
    person.side("POST", "settings", {"job_names": "per_parent", "url_without_scheme": "refuse"})
    person.post("Customer", {**job, "ParentRef": ref("2")})
    assert person.refused("Customer", {**job, "ParentRef": ref("2")})["code"] == "6240"
    bare = {"DisplayName": "x", "WebAddr": {"URI": "www.acme.example"}}
    assert person.refused("Customer", bare)["code"] == "2200"
    person.side("POST", "settings", {"url_without_scheme": "accept"})
    assert person.post("Customer", bare)["WebAddr"] == {"URI": "www.acme.example"}
