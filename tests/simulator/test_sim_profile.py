"""What a company says of itself, and its preferences: what is written, merged, passed over and refused."""

from typing import Any

import pytest
from simulator_person import Person

Body = dict[str, Any]
PLACE = {"Line1": "2 Lantern Street", "City": "New York", "Country": "United States", "Lat": "40.7", "Long": "-74.0"}


def prefer(person: Person, **groups: Any) -> Body:
    token = person.get("Preferences", "1")["SyncToken"]
    return person.post("Preferences", {"Id": "1", "SyncToken": token, "sparse": True, **groups})


def test_the_profile_is_read_by_realm_and_changed_in_part(person: Person) -> None:
    info = person.get("CompanyInfo", person.realm)
    assert person.query("select * from CompanyInfo")["CompanyInfo"] == [info]
    body = {"Id": "1", "SyncToken": info["SyncToken"], "sparse": True, "LegalName": "Northlight LLP",
            "CompanyAddr": PLACE}  # fmt: skip
    changed = person.post("CompanyInfo", body)
    assert (changed["LegalName"], changed["CompanyName"]) == ("Northlight LLP", info["CompanyName"])
    assert changed["CompanyAddr"]["Country"] == "USA"
    assert not {"Lat", "Long"} & set(changed["CompanyAddr"])
    assert changed["LegalAddr"] == info["LegalAddr"]
    told = {pair["Name"]: pair["Value"] for pair in changed["NameValue"]}
    assert told["SubscriptionStatus"] == "PAID"
    assert changed["SupportedLanguages"] == "en"
    assert person.refused("CompanyInfo", body)["code"] == "5010"


def test_a_full_profile_leaves_out_what_is_not_sent(person: Person) -> None:
    info = person.get("CompanyInfo", person.realm)
    kept = ("Id", "SyncToken", "CompanyName", "CompanyAddr", "Country", "DefaultTimeZone")
    changed = person.post("CompanyInfo", {name: info[name] for name in kept})
    assert "Email" not in changed
    assert (changed["LegalName"], changed["CompanyStartDate"]) == ("Northlight Studio", info["CompanyStartDate"])
    without = {name: info[name] for name in kept if name != "CompanyAddr"}
    assert person.refused("CompanyInfo", {**without, "SyncToken": "1"})["code"] == "2020"


def test_the_time_zone_of_a_company_moves_its_clock(person: Person) -> None:
    info = person.get("CompanyInfo", person.realm)
    body = {"Id": "1", "SyncToken": info["SyncToken"], "sparse": True}
    assert person.refused("CompanyInfo", {**body, "DefaultTimeZone": "Mars/Olympus"})["code"] == "2170"
    changed = person.post("CompanyInfo", {**body, "DefaultTimeZone": "America/Los_Angeles"})
    assert changed["DefaultTimeZone"] == "America/Los_Angeles"
    assert person.post("Class", {"Name": "West"})["MetaData"]["CreateTime"].endswith("-07:00")


def test_preferences_are_merged_property_by_property(person: Person) -> None:
    before = person.get("Preferences", "1")
    after = prefer(person, SalesFormsPrefs={"AllowDeposit": False, "DefaultCustomerMessage": "Thanks."})
    assert after["SyncToken"] == "1"
    assert after["SalesFormsPrefs"] == {
        **before["SalesFormsPrefs"], "AllowDeposit": False, "DefaultCustomerMessage": "Thanks."}  # fmt: skip
    assert {**after, "SalesFormsPrefs": 0, "SyncToken": 0, "MetaData": 0} == {
        **before, "SalesFormsPrefs": 0, "SyncToken": 0, "MetaData": 0}  # fmt: skip
    person.post("Preferences", {"Id": "1", "SyncToken": "1", "ReportPrefs": {"ReportBasis": "Cash"}})
    assert person.get("Preferences", "1")["SalesFormsPrefs"] == after["SalesFormsPrefs"], "full is no other than sparse"


def test_what_only_quickbooks_sets_is_passed_over(person: Person) -> None:
    before = person.get("Preferences", "1")
    after = prefer(
        person, AccountingInfoPrefs={"BookCloseDate": "2030-01-01", "UseAccountNumbers": True},
        CurrencyPrefs={"MultiCurrencyEnabled": True}, SalesFormsPrefs={"AutoApplyPayments": True},
        OtherPrefs={"NameValue": [{"Name": "ProjectsEnabled", "Value": "false"}]})  # fmt: skip
    for group in ("AccountingInfoPrefs", "CurrencyPrefs", "SalesFormsPrefs", "OtherPrefs"):
        assert after[group] == before[group]


def test_classes_are_by_transaction_or_by_line(person: Person) -> None:
    after = prefer(person, AccountingInfoPrefs={"ClassTrackingPerTxn": True})["AccountingInfoPrefs"]
    assert (after["ClassTrackingPerTxn"], after["ClassTrackingPerTxnLine"]) == (True, False)
    after = prefer(person, AccountingInfoPrefs={"ClassTrackingPerTxnLine": True})["AccountingInfoPrefs"]
    assert (after["ClassTrackingPerTxn"], after["ClassTrackingPerTxnLine"]) == (False, True)


REFUSED: list[tuple[str, Body]] = [
    ("2010", {"SalesFormsPrefs": {"AllowMagic": True}}),
    ("2010", {"MagicPrefs": {}}),
    ("2170", {"ReportPrefs": {"ReportBasis": "Guess"}}),
    ("2170", {"AccountingInfoPrefs": {"CustomerTerminology": "Friends"}}),
    ("2500", {"SalesFormsPrefs": {"DefaultTerms": {"value": "99"}}}),
    ("2210", {"SalesFormsPrefs": {"SalesEmailCc": {"Address": "nowhere"}}}),
]


@pytest.mark.parametrize(("code", "groups"), REFUSED)
def test_a_preference_is_refused(person: Person, code: str, groups: Body) -> None:
    before = person.get("Preferences", "1")
    assert person.refused("Preferences", {"Id": "1", "SyncToken": "0", "sparse": True, **groups})["code"] == code
    assert person.get("Preferences", "1") == before


def test_preferences_are_one_object_under_one_token(person: Person) -> None:
    answer = person.call("GET", "preferences")
    assert answer.json()["Preferences"] == person.get("Preferences", "1")
    assert person.query("select * from Preferences")["Preferences"] == [answer.json()["Preferences"]]
    assert person.refused("Preferences", {"Id": "1", "SyncToken": "9", "sparse": True})["code"] == "5010"
    assert person.refused("Preferences", {"Id": "1", "SyncToken": "0"}, operation="delete")["code"] == "500"


def test_a_company_does_not_say_where_on_the_globe_it_is(person: Person) -> None:
    info, customer = person.get("CompanyInfo", person.realm), person.get("Customer", "1")
    place = {"Line1": "2 Lantern Street", "Lat": "40.7", "Long": "-74.0"}
    books = {"CompanyInfo": [{**info, "CompanyAddr": place}], "Customer": [{**customer, "BillAddr": place}]}
    person.side("POST", "load", books, merge="1")
    assert not {"Lat", "Long"} & set(person.get("CompanyInfo", person.realm)["CompanyAddr"])
    assert person.get("Customer", "1")["BillAddr"]["Lat"] == "40.7"
