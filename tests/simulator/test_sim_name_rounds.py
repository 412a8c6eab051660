"""Every list goes its round: made, read, asked for, changed in part and in whole, made inactive and brought back."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from simulator_person import Person

Body = dict[str, Any]


def ref(object_id: str) -> Body:
    return {"value": object_id}


@dataclass(frozen=True)
class Round:
    """What to make, what QuickBooks fills in, what a sparse update changes, what a full one leaves out."""

    entity: str
    body: Body
    filled: Body
    changed: Body = field(default_factory=dict)
    omitted: tuple[str, ...] = ()
    name: str = "Name"

    @property
    def label(self) -> str:
        return f"{self.entity} {self.body.get('Type', self.body.get(self.name, ''))}"


PLACE = {"Line1": "1 Quay", "City": "Troy", "CountrySubDivisionCode": "NY", "PostalCode": "12180", "Country": "USA"}
PERSON: Body = {
    "GivenName": "Ida", "FamilyName": "Bloom", "CompanyName": "Bloom & Co", "PrimaryPhone": {"FreeFormNumber": "555 1"},
    "PrimaryEmailAddr": {"Address": "ida@bloom.example"}, "WebAddr": {"URI": "http://bloom.example"},
}  # fmt: skip
ITEM_FILLED: Body = {"UnitPrice": 0, "PurchaseCost": 0, "Taxable": False, "TrackQtyOnHand": False}
PRICED: Body = {"Description": "as agreed", "UnitPrice": 12.5, "Sku": "W-1"}
ROUNDS = [
    Round(
        "Customer", {**PERSON, "DisplayName": "Bloom", "BillAddr": PLACE, "Notes": "calls back"},
        {"Active": True, "Job": False, "BillWithParent": False, "Taxable": False, "Balance": 0, "BalanceWithJobs": 0,
         "PreferredDeliveryMethod": "Print", "IsProject": False, "FullyQualifiedName": "Bloom", "ClientEntityId": "0",
         "PrintOnCheckName": "Bloom & Co", "CurrencyRef": {"value": "USD", "name": "United States Dollar"}},
        {"Notes": "writes", "ResaleNum": "R-1"}, ("Notes", "ResaleNum", "PrimaryPhone", "BillAddr", "GivenName"),
        "DisplayName"),
    Round(
        "Customer", {"DisplayName": "Signs", "ParentRef": ref("1"), "Job": True, "BillWithParent": True, "Notes": "-"},
        {"Active": True, "Level": 1, "FullyQualifiedName": "Acme Robotics:Signs", "PrintOnCheckName": "Signs"},
        {"Notes": "two of them"}, ("Notes",), "DisplayName"),
    Round(
        "Vendor", {**PERSON, "DisplayName": "Bloom Paper", "BillAddr": PLACE, "AcctNum": "77", "TermRef": ref("3")},
        {"Active": True, "Balance": 0, "Vendor1099": False, "PrintOnCheckName": "Bloom & Co",
         "CurrencyRef": {"value": "USD", "name": "United States Dollar"}},
        {"AcctNum": "78", "Vendor1099": True}, ("AcctNum", "TermRef", "PrimaryPhone", "BillAddr", "WebAddr"),
        "DisplayName"),
    Round(
        "Employee", {"GivenName": "Ida", "FamilyName": "Bloom", "PrimaryAddr": PLACE, "EmployeeNumber": "E7",
                     "BillableTime": True, "BillRate": 90},
        {"Active": True, "DisplayName": "Ida Bloom", "PrintOnCheckName": "Ida Bloom"},
        {"EmployeeNumber": "E8"}, ("EmployeeNumber", "PrimaryAddr", "BillRate"), "DisplayName"),
    Round(
        "Item", {"Name": "Workshop", "Type": "Service", "IncomeAccountRef": ref("9"), **PRICED},
        {**ITEM_FILLED, "Active": True, "UnitPrice": 12.5, "FullyQualifiedName": "Workshop",
         "IncomeAccountRef": {"value": "9", "name": "Services (misc income)"}},
        {"UnitPrice": 14, "PurchaseDesc": "from a partner"}, ("Description", "Sku", "PurchaseDesc")),
    Round(
        "Item", {"Name": "Frame", "Type": "NonInventory", "IncomeAccountRef": ref("31"),
                 "ExpenseAccountRef": ref("17"), "PrefVendorRef": ref("1"), **PRICED},
        {**ITEM_FILLED, "Active": True, "UnitPrice": 12.5, "FullyQualifiedName": "Frame"},
        {"PurchaseCost": 8}, ("Description", "Sku", "PrefVendorRef")),
    Round(
        "Item", {"Name": "Mug", "Type": "Inventory", "IncomeAccountRef": ref("31"), "ExpenseAccountRef": ref("37"),
                 "AssetAccountRef": ref("22"), "TrackQtyOnHand": True, "QtyOnHand": 0, "InvStartDate": "2026-10-01",
                 **PRICED},
        {"Active": True, "Taxable": False, "TrackQtyOnHand": True, "QtyOnHand": 0, "FullyQualifiedName": "Mug"},
        {"ReorderPoint": 5}, ("Description", "Sku", "ReorderPoint")),
    Round(
        "Item", {"Name": "Poster", "Type": "Service", "IncomeAccountRef": ref("9"), "ParentRef": ref("6"),
                 "SubItem": True, **PRICED},
        {"Active": True, "SubItem": True, "Level": 1, "FullyQualifiedName": "Brand work:Poster",
         "ParentRef": {"value": "6", "name": "Brand work"}},
        {"Taxable": True}, ("Description", "Sku")),
    Round(
        "Account", {"Name": "Till", "AccountType": "Bank", "Description": "at the door"},
        {"Active": True, "Classification": "Asset", "SubAccount": False, "AccountSubType": "CashOnHand",
         "CurrentBalance": 0, "CurrentBalanceWithSubAccounts": 0, "FullyQualifiedName": "Till",
         "CurrencyRef": {"value": "USD", "name": "United States Dollar"}},
        {"Description": "at the desk", "AcctNum": "1001"}, ("Description", "AcctNum")),
    Round(
        "Account", {"Name": "Taxis", "AccountSubType": "Travel", "ParentRef": ref("40"), "Description": "rides"},
        {"Active": True, "AccountType": "Expense", "Classification": "Expense", "SubAccount": True,
         "FullyQualifiedName": "Travel:Taxis", "ParentRef": ref("40")},
        {"Description": "taxis"}, ("Description",)),
    Round(
        "Term", {"Name": "2/10 Net 30", "DueDays": 30, "DiscountPercent": 2, "DiscountDays": 10},
        {"Active": True, "Type": "STANDARD", "DueDays": 30}, {"DiscountPercent": 3}, ("DiscountDays",)),
    Round(
        "Class", {"Name": "Type", "ParentRef": ref("1")},
        {"Active": True, "SubClass": True, "FullyQualifiedName": "Design:Type", "ParentRef": ref("1")}),
    Round(
        "Department", {"Name": "Brooklyn", "ParentRef": ref("1"), "Address": PLACE},
        {"Active": True, "SubDepartment": True, "FullyQualifiedName": "New York:Brooklyn"}, {}, ("Address",)),
    Round("PaymentMethod", {"Name": "Barter"}, {"Active": True, "Type": "NON_CREDIT_CARD"}, {"Type": "CREDIT_CARD"}),
]  # fmt: skip


def made(person: Person, walk: Round) -> Body:
    found = person.post(walk.entity, walk.body)
    assert found == person.get(walk.entity, found["Id"])
    return found


def found(person: Person, walk: Round, name: str) -> list[Body]:
    statement = " ".join(["select * from", walk.entity, "where", walk.name, "=", f"'{name}'"])
    rows: list[Body] = person.query(statement).get(walk.entity, [])
    return rows


def update(person: Person, walk: Round, body: Body, **more: Any) -> Body:
    found = person.post(walk.entity, {**body, **more})
    assert found == person.get(walk.entity, found["Id"])
    assert found["SyncToken"] == str(int(body["SyncToken"]) + 1)
    return found


@pytest.mark.parametrize("walk", ROUNDS, ids=lambda walk: walk.label)
def test_a_list_goes_its_round(person: Person, walk: Round) -> None:
    first = made(person, walk)
    assert {name: first[name] for name in walk.filled} == walk.filled
    assert (first["domain"], first["sparse"], first["SyncToken"]) == ("QBO", False, "0")
    assert found(person, walk, first[walk.name]) == [first]
    person.side("POST", "clock", {"advance_s": 60})

    partly = update(person, walk, {"Id": first["Id"], "SyncToken": "0", "sparse": True}, **walk.changed)
    kept = {name: value for name, value in first.items() if name not in (*walk.changed, "SyncToken", "MetaData")}
    assert {name: partly[name] for name in kept} == kept
    assert {name: partly[name] for name in walk.changed} == walk.changed
    assert partly["MetaData"]["CreateTime"] == first["MetaData"]["CreateTime"] < partly["MetaData"]["LastUpdatedTime"]

    whole = update(person, walk, {name: value for name, value in partly.items() if name not in walk.omitted})
    assert not set(walk.omitted) & set(whole)
    assert whole[walk.name] == first[walk.name]

    gone = update(person, walk, {"Id": whole["Id"], "SyncToken": whole["SyncToken"], "sparse": True}, Active=False)
    assert (gone["Active"], gone[walk.name]) == (False, f"{first[walk.name]} (deleted)")
    assert found(person, walk, first[walk.name]) == []
    again = made(person, walk)
    assert again["Id"] != gone["Id"], "the name was free"
    handle = {"Id": gone["Id"], "SyncToken": gone["SyncToken"], "sparse": True, "Active": True}
    assert person.refused(walk.entity, handle)["code"] == "6240"
    update(person, walk, {"Id": again["Id"], "SyncToken": "0", "sparse": True}, Active=False)
    back = update(person, walk, handle)
    assert (back["Active"], back[walk.name]) == (True, first[walk.name])


@pytest.mark.parametrize("walk", ROUNDS, ids=lambda walk: walk.label)
def test_a_list_loses_nothing_for_good_and_keeps_its_tokens(person: Person, walk: Round) -> None:
    first = made(person, walk)
    error = person.refused(walk.entity, {"Id": first["Id"], "SyncToken": "0"}, operation="delete")
    assert error["code"] == "500"
    assert person.refused(walk.entity, {**first, "SyncToken": "7"})["code"] == "5010"
    without = {name: value for name, value in first.items() if name != "SyncToken"}
    assert person.refused(walk.entity, without)["code"] == "2020"
    assert person.get(walk.entity, first["Id"]) == first
    answer = person.call("GET", f"{walk.entity.lower()}/123456")
    assert (answer.status_code, answer.json()["Fault"]["Error"][0]["code"]) == (400, "610")


@pytest.mark.parametrize("walk", ROUNDS, ids=lambda walk: walk.label)
def test_what_is_read_only_is_passed_over(person: Person, walk: Round) -> None:
    first = made(person, walk)
    wrong = {"FullyQualifiedName": "Elsewhere", "Level": 4, "MetaData": {"CreateTime": "2001-01-01T00:00:00Z"},
             "domain": "QBD", "Classification": "Equity", "Balance": 7}  # fmt: skip
    told = {name: value for name, value in wrong.items() if name in first}
    second = update(person, walk, first, **told)
    assert {name: second[name] for name in told if name != "MetaData"} == {
        name: first[name] for name in told if name != "MetaData"}  # fmt: skip
    assert second["MetaData"]["CreateTime"] == first["MetaData"]["CreateTime"]


@pytest.mark.parametrize("walk", ROUNDS, ids=lambda walk: walk.label)
def test_lists_survive_a_dump(person: Person, walk: Round) -> None:
    first = made(person, walk)
    before = person.side("GET", "dump")
    person.side("POST", "load", before)
    assert person.side("GET", "dump") == before
    assert list(person.get(walk.entity, first["Id"])) == list(first)


@pytest.mark.parametrize("name", ["Budget", "JournalCode", "CustomerType"])
def test_some_lists_are_only_read(person: Person, name: str) -> None:
    assert person.refused(name, {"Name": "x"})["code"] == "500"
    assert set(person.query(" ".join(["select * from", name]))) <= {name, "startPosition", "maxResults", "totalCount"}
    assert [kind["Name"] for kind in person.query("select * from CustomerType")["CustomerType"]] == [
        "Commercial", "Public sector", "Non-profit"]  # fmt: skip
