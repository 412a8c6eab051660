"""What names carry along: parents and children, suffixes, addresses, masks, currencies, openings, and speed."""

from time import process_time
from typing import Any

import pytest
from simulator_person import Person, sale_line

Body = dict[str, Any]


def ref(object_id: str) -> Body:
    return {"value": object_id}


def change(person: Person, name: str, object_id: str, **more: Any) -> Body:
    token = person.get(name, object_id)["SyncToken"]
    return person.post(name, {"Id": object_id, "SyncToken": token, "sparse": True, **more})


def test_children_leave_with_their_parent(person: Person) -> None:
    change(person, "Customer", "1", Active=False)
    job = person.get("Customer", "10")
    assert (job["Active"], job["DisplayName"], job["SyncToken"]) == (False, "Acme Robotics website (deleted)", "1")
    assert job["FullyQualifiedName"] == "Acme Robotics (deleted):Acme Robotics website (deleted)"
    back = change(person, "Customer", "1", Active=True)
    assert (back["DisplayName"], back["FullyQualifiedName"]) == ("Acme Robotics", "Acme Robotics")
    assert person.get("Customer", "10")["Active"] is False
    assert change(person, "Customer", "10", Active=True)["FullyQualifiedName"] == "Acme Robotics:Acme Robotics website"


def test_a_new_name_runs_down_the_tree(person: Person) -> None:
    below = person.post("Class", {"Name": "Type", "ParentRef": ref("1")})
    under = person.post("Class", {"Name": "Serif", "ParentRef": ref(below["Id"])})
    person.side("POST", "clock", {"advance_s": 60})
    change(person, "Class", "1", Name="Form")
    found = person.get("Class", under["Id"])
    assert (found["FullyQualifiedName"], found["SyncToken"]) == ("Form:Type:Serif", "0")
    assert found["MetaData"]["LastUpdatedTime"] > under["MetaData"]["LastUpdatedTime"]
    moved = change(person, "Class", below["Id"], ParentRef=ref("2"))
    assert moved["FullyQualifiedName"] == "Engineering:Type"
    assert person.get("Class", under["Id"])["FullyQualifiedName"] == "Engineering:Type:Serif"
    full = {"Id": below["Id"], "SyncToken": moved["SyncToken"], "Name": "Type"}
    top = person.post("Class", full)
    assert (top["SubClass"], top["FullyQualifiedName"], "ParentRef" in top) == (False, "Type", False)


def test_one_name_stands_under_two_parents(person: Person) -> None:
    for parent in ("38", "39"):
        made = person.post("Account", {"Name": "Deposit", "AccountType": "Expense", "ParentRef": ref(parent)})
        assert made["FullyQualifiedName"].endswith(":Deposit")
    again = {"Name": "deposit", "AccountType": "Expense", "ParentRef": ref("38")}
    assert person.refused("Account", again)["code"] == "6240"


def test_an_account_shows_what_stands_under_it(person: Person) -> None:
    line = {"DetailType": "JournalEntryLineDetail", "Amount": 30}
    sides = [("Debit", "41"), ("Credit", "1")]
    lines = [{**line, "JournalEntryLineDetail": {"PostingType": side, "AccountRef": ref(to)}} for side, to in sides]
    till = person.post("Account", {"Name": "Till", "AccountType": "Bank", "ParentRef": ref("1")})
    lines.append({**line, "JournalEntryLineDetail": {"PostingType": "Debit", "AccountRef": ref(till["Id"])}})
    lines.append({**line, "JournalEntryLineDetail": {"PostingType": "Credit", "AccountRef": ref("11")}})
    person.post("JournalEntry", {"Line": lines})
    bank = person.get("Account", "1")
    assert (bank["CurrentBalance"], bank["CurrentBalanceWithSubAccounts"]) == (-30, 0)
    person.invoice(12, customer="10")
    parent = person.get("Customer", "1")
    assert (parent["Balance"], parent["BalanceWithJobs"]) == (0, 12)


def test_numbers_of_people_are_masked(person: Person) -> None:
    customer = person.post("Customer", {"DisplayName": "x", "PrimaryTaxIdentifier": "991234567"})
    assert customer["PrimaryTaxIdentifier"] == "XXXX34567"
    vendor = person.post("Vendor", {"DisplayName": "y", "TaxIdentifier": "99-1234567"})
    assert vendor["TaxIdentifier"] == "XXXXXX4567"
    assert person.post("Vendor", vendor)["TaxIdentifier"] == "XXXXXX4567", "what was read is written back"
    employee = person.post("Employee", {"GivenName": "z", "SSN": "111-22-3333"})
    assert employee["SSN"] == "XXX-XX-XXXX"
    assert "3333" not in str(person.side("GET", "dump"))
    names = {person.get(kind, "1")["V4IDPseudonym"] for kind in ("Customer", "Vendor", "Employee")}
    assert len(names) == 3
    assert all(name.startswith("002098") for name in names)


def test_addresses_have_ids_and_countries_three_letters(person: Person) -> None:
    place = {"Line1": "Unter den Linden 1", "City": "Berlin", "PostalCode": "10117", "Country": "Germany"}
    made = person.post("Customer", {"DisplayName": "Linde", "BillAddr": place, "ShipAddr": place})
    assert made["BillAddr"]["Country"] == "DEU"
    assert made["BillAddr"] == made["ShipAddr"], "equal addresses are one"
    kept = change(person, "Customer", made["Id"], Notes="x")
    assert kept["BillAddr"]["Id"] == made["BillAddr"]["Id"]
    moved = change(person, "Customer", made["Id"], BillAddr={**place, "Line1": "Unter den Linden 2"})
    assert moved["BillAddr"]["Id"] != moved["ShipAddr"]["Id"] == made["ShipAddr"]["Id"]


def test_properties_stand_in_the_order_of_live_answers(person: Person) -> None:
    customer = list(person.get("Customer", "10"))
    assert customer[:4] == ["Taxable", "Job", "BillWithParent", "ParentRef"]
    assert customer.index("MetaData") < customer.index("FullyQualifiedName") < customer.index("Active")
    assert list(person.get("Account", "1"))[-5:] == ["domain", "sparse", "Id", "SyncToken", "MetaData"]
    item = person.post("Item", {"IncomeAccountRef": ref("9"), "Type": "Service", "Name": "Late", "Sku": "L"})
    assert list(item)[:3] == ["Name", "Sku", "Active"]


def test_what_programs_must_not_see_is_not_answered(person: Person) -> None:
    made = person.post("Customer", {"DisplayName": "x", "source": "elsewhere"})
    assert "source" not in made
    assert "source" not in person.post("Vendor", {"DisplayName": "y", "source": "elsewhere"})


def many_currencies(person: Person) -> None:
    person.side("POST", "settings", {"preferences": {"CurrencyPrefs": {"MultiCurrencyEnabled": True}}})


def test_a_currency_is_chosen_once_and_joins_the_list(person: Person) -> None:
    many_currencies(person)
    assert "CompanyCurrency" not in person.query("select * from CompanyCurrency")
    made = person.post("Customer", {"DisplayName": "Linde", "CurrencyRef": ref("EUR")})
    assert made["CurrencyRef"] == {"value": "EUR", "name": "Euro"}
    assert [row["Code"] for row in person.query("select * from CompanyCurrency")["CompanyCurrency"]] == ["EUR"]
    assert change(person, "Customer", made["Id"], CurrencyRef=ref("GBP"))["CurrencyRef"]["value"] == "EUR"
    listed = person.post("CompanyCurrency", {"Code": "GBP"})
    assert (listed["Name"], listed["Active"]) == ("British Pound Sterling", True)
    assert person.refused("CompanyCurrency", {"Code": "GBP"})["code"] == "630"
    gone = change(person, "CompanyCurrency", listed["Id"], Active=False)
    assert (gone["Code"], gone["Active"]) == ("GBP", False)


OPENED: list[tuple[str, Body, str, float]] = [
    ("Customer", {"DisplayName": "x", "Balance": 75, "OpenBalanceDate": "2026-02-01"}, "Balance", 75),
    ("Vendor", {"DisplayName": "x", "Balance": 40}, "Balance", 40),
    ("Account", {"Name": "x", "AccountType": "Bank", "OpeningBalance": 9, "OpeningBalanceDate": "2026-02-01"},
     "CurrentBalance", 9),
    ("Account", {"Name": "x", "AccountType": "Credit Card", "OpeningBalance": 9, "OpeningBalanceDate": "2026-02-01"},
     "CurrentBalance", 9),
    ("Item", {"Name": "x", "Type": "Inventory", "QtyOnHand": 4, "PurchaseCost": 2.5, "InvStartDate": "2026-02-01",
              "IncomeAccountRef": ref("31"), "ExpenseAccountRef": ref("37"), "AssetAccountRef": ref("22")},
     "QtyOnHand", 4),
]  # fmt: skip


@pytest.mark.parametrize(("name", "body", "shown", "amount"), OPENED)
def test_opening_balances_are_posted_against_equity(
    person: Person, name: str, body: Body, shown: str, amount: float
) -> None:
    made = person.post(name, body)
    assert made[shown] == amount
    journal = person.query("select * from JournalEntry")["JournalEntry"][0]
    assert journal["PrivateNote"] == "Opening Balance"
    assert journal["TxnDate"] == ("2026-02-01" if name != "Vendor" else "2026-10-15")
    accounts = {line["JournalEntryLineDetail"]["AccountRef"]["value"] for line in journal["Line"]}
    assert "11" in accounts
    if name == "Item":
        assert person.get("Account", "22")["CurrentBalance"] == 10
    assert person.side("GET", "trial_balance")["total"] == "0.00"


def test_time_to_be_billed_keeps_a_customer(person: Person) -> None:
    person.post("TimeActivity", {
        "NameOf": "Employee", "EmployeeRef": ref("1"), "CustomerRef": ref("9"), "ItemRef": ref("4"), "Hours": 2,
        "Minutes": 0, "BillableStatus": "Billable", "HourlyRate": 100, "TxnDate": "2026-10-01"})  # fmt: skip
    body = {"Id": "9", "SyncToken": "0", "sparse": True, "Active": False}
    assert person.refused("Customer", body)["code"] == "6280"


def test_a_bundle_names_its_parts_and_can_be_made_where_it_is_allowed(person: Person) -> None:
    seen = person.get("Item", "8")["ItemGroupDetail"]["ItemGroupLine"]
    assert seen[0] == {"ItemRef": {"value": "4", "name": "Consulting", "type": "Service"}, "Qty": 2}
    person.side("POST", "settings", {"bundle_create": "accept"})
    lines = {"ItemGroupLine": [{"ItemRef": ref("4"), "Qty": 1}, {"ItemRef": ref("9"), "Qty": 3}]}
    made = person.post("Item", {"Name": "Kit", "Type": "Group", "ItemGroupDetail": lines})
    assert [line["ItemRef"]["type"] for line in made["ItemGroupDetail"]["ItemGroupLine"]] == [
        "Service", "NonInventory"]  # fmt: skip
    within = {"ItemGroupLine": [{"ItemRef": ref("8"), "Qty": 1}]}
    assert person.refused("Item", {"Name": "Kits", "Type": "Group", "ItemGroupDetail": within})["code"] == "6000"


def test_whoever_has_left_can_still_be_read_and_their_invoices_stand(person: Person) -> None:
    invoice = person.invoice(5, customer="9")
    person.pay(5, ("Invoice", invoice["Id"], 5), customer="9")
    change(person, "Customer", "9", Active=False)
    assert person.get("Customer", "9")["DisplayName"] == "Iris Publishing (deleted)"
    body = {"CustomerRef": ref("9"), "Line": [sale_line(5)]}
    assert person.refused("Invoice", body)["code"] in ("610", "6250")
    assert person.get("Invoice", invoice["Id"])["Balance"] == 0


@pytest.mark.parametrize("name", ["Customer", "Account"])
def test_ten_thousand_names_stay_fast(person: Person, name: str) -> None:
    unique, more = ("DisplayName", {}) if name == "Customer" else ("Name", {"AccountType": "Expense"})
    books = person.side("GET", "dump")
    books[name] += [{"Id": str(number), unique: f"Name {number}", **more} for number in range(1000, 11000)]
    person.side("POST", "load", books)
    began = process_time()  # the simulator runs in this process; what else the machine does takes no part
    for number in range(20):
        made = person.post(name, {unique: f"New {number}", **more})
        change(person, name, made["Id"], ParentRef=ref(str(1000 + number)), **{"Job": True} if not more else {})
        assert person.refused(name, {unique: "name 7777", **more})["code"] == "6240"
        change(person, name, made["Id"], Active=False)
    assert process_time() - began < 2
