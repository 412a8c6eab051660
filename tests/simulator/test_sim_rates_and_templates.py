"""Exchange rates, tax codes with their rates, templates that come again, and whom journals and deposits name."""

from decimal import Decimal
from typing import Any

import pytest
from simulator_person import Person, journal_line

Body = dict[str, Any]
RATE: Body = {"SourceCurrencyCode": "EUR", "AsOfDate": "2026-10-10", "Rate": 1.25}
TEMPLATE: Body = {"Invoice": {
    "CustomerRef": {"value": "1"},
    "Line": [{"Amount": 250, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": "4"}}}],
    "RecurringInfo": {"Name": "Monthly care", "RecurType": "Automated", "Active": True, "ScheduleInfo": {
        "StartDate": "2026-11-01", "IntervalType": "Monthly", "NumInterval": 1, "DayOfMonth": 1}},
}}  # fmt: skip


def many_currencies(person: Person) -> None:
    person.side("POST", "settings", {"preferences": {"CurrencyPrefs": {"MultiCurrencyEnabled": True}}})


def rate_of(person: Person, code: str, day: str) -> Body:
    answer = person.call("GET", "exchangerate", sourcecurrencycode=code, asofdate=day)
    assert answer.status_code == 200, answer.text
    found: Body = answer.json()["ExchangeRate"]
    return found


def test_a_rate_is_set_for_a_day_and_holds_until_the_next(person: Person) -> None:
    many_currencies(person)
    made = person.post("ExchangeRate", RATE)
    assert made["TargetCurrencyCode"] == "USD"
    assert "Id" not in made
    assert list(made["MetaData"]) == ["LastUpdatedTime"]
    assert Decimal(str(rate_of(person, "EUR", "2026-10-12")["Rate"])) == Decimal("1.25")
    assert rate_of(person, "EUR", "2026-10-12")["AsOfDate"] == "2026-10-12"
    assert rate_of(person, "EUR", "2026-10-09")["Rate"] == 1
    assert rate_of(person, "USD", "2026-10-09")["Rate"] == 1


def test_a_rate_that_is_there_is_changed_under_its_token(person: Person) -> None:
    many_currencies(person)
    made = person.post("ExchangeRate", RATE)
    changed = person.post("ExchangeRate", {**RATE, "Rate": 1.3, "SyncToken": made["SyncToken"]})
    assert changed["SyncToken"] == "1"
    assert person.refused("ExchangeRate", {**RATE, "Rate": 1.4, "SyncToken": "0"})["code"] == "5010"
    found = person.query("select * from ExchangeRate where SourceCurrencyCode = 'EUR' and AsOfDate = '2026-10-10'")
    assert [rate["Rate"] for rate in found["ExchangeRate"]] == [1.3]


def test_rates_need_many_currencies_and_a_foreign_one(person: Person) -> None:
    assert person.refused("ExchangeRate", RATE)["code"] == "6000"
    answer = person.call("GET", "exchangerate", sourcecurrencycode="EUR")
    assert answer.json()["Fault"]["Error"][0]["code"] == "6000"
    many_currencies(person)
    assert person.refused("ExchangeRate", {**RATE, "SourceCurrencyCode": "USD"})["code"] == "6000"
    assert person.refused("ExchangeRate", {**RATE, "SourceCurrencyCode": "XXQ"})["code"] == "2220"
    assert person.call("GET", "exchangerate").json()["Fault"]["Error"][0]["code"] == "2020"


def test_a_tax_code_is_made_with_its_rates_in_one_call(person: Person) -> None:
    agency = person.post("TaxAgency", {"DisplayName": "Department of Revenue"})
    details = [{"TaxRateName": "County", "RateValue": "2.5", "TaxAgencyId": agency["Id"], "TaxApplicableOn": "Sales"},
               {"TaxRateId": "1"}]  # fmt: skip
    answer = person.call("POST", "taxservice/taxcode", {"TaxCode": "County sales", "TaxRateDetails": details})
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert [rate["TaxRateName"] for rate in made["TaxRateDetails"]] == ["County", "New York sales tax"]
    code = person.get("TaxCode", made["TaxCodeId"])
    listed = code["SalesTaxRateList"]["TaxRateDetail"]
    assert [rate["TaxRateRef"]["value"] for rate in listed] == [rate["TaxRateId"] for rate in made["TaxRateDetails"]]
    assert person.get("TaxRate", made["TaxRateDetails"][0]["TaxRateId"])["AgencyRef"]["value"] == agency["Id"]
    found = person.query("select Name, RateValue from TaxRate where Name = 'County'")["TaxRate"]
    assert [rate["RateValue"] for rate in found] == [2.5]


REFUSED_TAX: list[tuple[str, Body]] = [
    ("2020", {"TaxRateDetails": [{"TaxRateId": "1"}]}),
    ("2020", {"TaxCode": "x"}),
    ("2020", {"TaxCode": "x", "TaxRateDetails": [{"TaxRateName": "y", "RateValue": 1}]}),
    ("2150", {"TaxCode": "x", "TaxRateDetails": [{"TaxRateName": "y", "RateValue": 101, "TaxAgencyId": "1"}]}),
    ("2500", {"TaxCode": "x", "TaxRateDetails": [{"TaxRateName": "y", "RateValue": 1, "TaxAgencyId": "99"}]}),
    ("2500", {"TaxCode": "x", "TaxRateDetails": [{"TaxRateId": "99"}]}),
    ("6240", {"TaxCode": "New York", "TaxRateDetails": [{"TaxRateId": "1"}]}),
    ("6240", {"TaxCode": "x", "TaxRateDetails": [
        {"TaxRateName": "New York sales tax", "RateValue": 1, "TaxAgencyId": "1"}]}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "body"), REFUSED_TAX)
def test_a_tax_code_that_is_refused_leaves_nothing_behind(person: Person, code: str, body: Body) -> None:
    answer = person.call("POST", "taxservice/taxcode", body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["Fault"]["Error"][0]["code"] == code
    assert person.query("select count(*) from TaxRate")["totalCount"] == 1


def test_a_template_holds_its_transaction_and_is_never_posted(person: Person) -> None:
    made = person.post("RecurringTransaction", TEMPLATE)["Invoice"]
    assert made["RecurringInfo"]["ScheduleInfo"]["NextDate"] == "2026-11-01"
    assert made["TotalAmt"] == 250
    assert made["CustomerRef"]["name"] == "Acme Robotics"
    assert made["RecurDataRef"]["value"]
    assert person.get("RecurringTransaction", made["Id"]) == {"Invoice": made}
    assert person.query("select * from RecurringTransaction")["RecurringTransaction"] == [{"Invoice": made}]
    assert person.query("select count(*) from Invoice")["totalCount"] == 0
    assert person.get("Customer", "1")["Balance"] == 0


def test_a_template_is_changed_and_deleted_by_its_id_and_token(person: Person) -> None:
    made = person.post("RecurringTransaction", TEMPLATE)["Invoice"]
    renamed = {"Invoice": {**made, "RecurringInfo": {**made["RecurringInfo"], "Name": "Care", "Active": False}}}
    changed = person.post("RecurringTransaction", renamed)["Invoice"]
    assert (changed["SyncToken"], changed["RecurringInfo"]["Name"]) == ("1", "Care")
    assert changed["RecurDataRef"] == made["RecurDataRef"]
    assert person.refused("RecurringTransaction", renamed)["code"] == "5010"
    answer = person.call(
        "POST", "recurringtransaction", {"Invoice": {"Id": made["Id"], "SyncToken": "1"}}, operation="delete"
    )
    stub = answer.json()["RecurringTransaction"]
    assert stub == {"status": "Deleted", "domain": "QBO", "Invoice": {"Id": made["Id"]}}
    assert person.query("select * from RecurringTransaction") == {}


@pytest.mark.parametrize(("code", "body"), [
    ("2020", {}),
    ("2020", {"Invoice": {**TEMPLATE["Invoice"], "RecurringInfo": None}}),
    ("2020", {"Invoice": {**TEMPLATE["Invoice"], "CustomerRef": None}}),
    ("2500", {"Invoice": {**TEMPLATE["Invoice"], "CustomerRef": {"value": "99"}}}),
    ("2170", {"Invoice": {**TEMPLATE["Invoice"], "RecurringInfo": {"Name": "x", "RecurType": "Never"}}}),
])  # fmt: skip
def test_a_template_keeps_the_rules_of_its_transaction(person: Person, code: str, body: Body) -> None:
    assert person.refused("RecurringTransaction", body)["code"] == code


def test_rates_and_templates_survive_a_dump(person: Person) -> None:
    many_currencies(person)
    person.post("ExchangeRate", RATE)
    person.post("RecurringTransaction", TEMPLATE)
    before = person.side("GET", "dump")
    person.side("POST", "load", before)
    assert person.side("GET", "dump") == before


def entity(kind: str, object_id: str) -> Body:
    return {"Type": kind, "EntityRef": {"value": object_id}}


def test_journal_and_deposit_lines_name_whom_they_are_about(person: Person) -> None:
    vendor = person.post("Vendor", {"DisplayName": "Paper Mill"})["Id"]
    employee = person.post("Employee", {"GivenName": "Ada", "FamilyName": "Stone"})["Id"]
    lines = [journal_line(10, "Debit", "17"), journal_line(10, "Credit", "1")]
    for line, whom in zip(lines, [entity("Vendor", vendor), entity("Employee", employee)], strict=True):
        line["JournalEntryLineDetail"]["Entity"] = whom
    made = person.post("JournalEntry", {"Line": lines})
    names = [line["JournalEntryLineDetail"]["Entity"]["EntityRef"]["name"] for line in made["Line"]]
    assert names == ["Paper Mill", "Ada Stone"]
    detail = {"AccountRef": {"value": "9"}, "Entity": {"value": vendor, "type": "VENDOR"}}
    line = {"Amount": 5, "DetailType": "DepositLineDetail", "DepositLineDetail": detail}
    deposit = person.post("Deposit", {"DepositToAccountRef": {"value": "1"}, "Line": [line]})
    assert deposit["Line"][0]["DepositLineDetail"]["Entity"] == {
        "value": vendor, "name": "Paper Mill", "type": "VENDOR"}  # fmt: skip


WRONG_PARTIES: list[tuple[str, str, Body]] = [
    ("6000", "16", {}),
    ("6000", "16", entity("Customer", "1")),
    ("6000", "2", entity("Vendor", "1")),
    ("2500", "17", entity("Vendor", "99")),
    ("2500", "17", entity("Employee", "99")),
    ("2170", "17", entity("Friend", "1")),
]


@pytest.mark.parametrize(("code", "account", "whom"), WRONG_PARTIES)
def test_a_journal_line_about_nobody_is_refused(person: Person, code: str, account: str, whom: Body) -> None:
    lines = [journal_line(10, "Debit", "9"), journal_line(10, "Credit", account)]
    lines[1]["JournalEntryLineDetail"]["Entity"] = whom
    assert person.refused("JournalEntry", {"Line": lines})["code"] == code
