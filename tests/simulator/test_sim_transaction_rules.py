"""How large a transaction may be, what it may carry, and the rules of journals and numbers (4.1, 6.1, 6.3)."""

import pytest
from simulator_person import Doc, Person, journal, journal_line, sale_line

CUSTOM: Doc = {"CustomField": [
    {"CustomField": [{"Name": "SalesFormsPrefs.UseSalesCustom1", "Type": "BooleanType", "BooleanValue": True}]},
    {"CustomField": [{"Name": "SalesFormsPrefs.SalesCustomName1", "Type": "StringType", "StringValue": "Deliverable"}]},
]}  # fmt: skip


def form(*lines: Doc, **more: object) -> Doc:
    """An invoice's body."""
    return {"CustomerRef": {"value": "1"}, "Line": list(lines), **more}


def test_ten_thousand_lines_and_no_more(person: Person) -> None:
    """C: at most 10,000 lines; a taxable invoice at most 750."""
    line = sale_line("0.01")
    assert person.post("Invoice", form(*[line] * 10_000))["TotalAmt"] == 100
    assert person.refused("Invoice", form(*[line] * 10_001))["code"] == "6000"
    code: Doc = {"TaxCodeRef": {"value": "TAX"}}
    taxed = sale_line(1, **code)
    assert "750" in person.refused("Invoice", form(*[taxed] * 751))["Detail"]


def test_custom_fields_that_the_company_has_are_kept(person: Person) -> None:
    """6.5: others are dropped with HTTP 200 and no word; without DefinitionId it is 3000."""
    sent = [{"DefinitionId": "1", "StringValue": "D-103"}, {"DefinitionId": "2", "StringValue": "lost"}]
    assert person.post("Invoice", form(sale_line(1), CustomField=sent))["CustomField"] == []
    person.side("POST", "settings", {"preferences": {"SalesFormsPrefs": CUSTOM}})
    made = person.post("Invoice", form(sale_line(1), CustomField=sent))
    assert made["CustomField"] == [
        {"DefinitionId": "1", "StringValue": "D-103", "Name": "Deliverable", "Type": "StringType"}
    ]
    assert person.refused("Invoice", form(sale_line(1), CustomField=[{"StringValue": "x"}]))["code"] == "3000"


def test_a_quantity_has_ten_digits(person: Person) -> None:
    """2160 beyond."""
    line = sale_line(1, Qty="10000000000", UnitPrice="0.0000000001")
    assert person.refused("Invoice", form(line))["code"] == "2160"


def test_the_deprecated_payment_field_by_switch(person: Person) -> None:
    """U: AllowIPNPayment true is turned off, or refused with 5000."""
    assert person.post("Invoice", form(sale_line(1), AllowIPNPayment=True))["AllowIPNPayment"] is False
    person.side("POST", "settings", {"ipn_payment": "refuse"})
    assert person.refused("Invoice", form(sale_line(1), AllowIPNPayment=True))["code"] == "5000"


JOURNALS: list[tuple[str, Doc, str]] = [
    ("no lines", {"Line": []}, "2020"),
    ("one line", {"Line": [journal_line(1, "Debit", "4")]}, "2250"),
    ("no posting type", {"Line": [journal_line(1, "Debit", "4"), journal_line(1, "", "8")]}, "2260"),
    ("a negative amount", {"Line": [journal_line(-1, "Debit", "4"), journal_line(-1, "Credit", "8")]}, "2290"),
    ("not equal", {"Line": [journal_line(1, "Debit", "4"), journal_line(2, "Credit", "8")]}, "2300"),
]


@pytest.mark.parametrize(("body", "code"), [case[1:] for case in JOURNALS], ids=[case[0] for case in JOURNALS])
def test_journals_that_are_refused(person: Person, body: Doc, code: str) -> None:
    """6.3: each mistake has its code."""
    assert person.refused("JournalEntry", body)["code"] == code


def test_journals_with_tax_say_what_it_applies_to(person: Person) -> None:
    """2270 and 2280 outside the United States."""
    person.side("POST", "load", {"CompanyInfo": [{"Id": "1", "CompanyName": "Ltd", "Country": "GBR"}]}, merge="1")
    body = journal(10)
    detail = body["Line"][0]["JournalEntryLineDetail"]
    detail["TaxCodeRef"] = {"value": "TAX"}
    assert person.refused("JournalEntry", body)["code"] == "2270"
    detail["TaxApplicableOn"] = "Sales"
    assert person.refused("JournalEntry", body)["code"] == "2280"
    detail["TaxAmount"] = 0
    person.post("JournalEntry", body)


NUMBERS = [("Bill", "WarnDuplicateBillNumber"), ("Purchase", "WarnDuplicateCheckNumber"),
           ("BillPayment", "WarnDuplicateCheckNumber")]  # fmt: skip


@pytest.mark.parametrize(("name", "preference"), NUMBERS)
def test_duplicate_numbers_of_what_is_bought(person: Person, name: str, preference: str) -> None:
    """6140 only where the company wants to be warned."""
    vendor = person.post("Vendor", {"DisplayName": "Mill"})["Id"]
    cost = {"Amount": 1, "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "17"}}}  # fmt: skip
    bodies: dict[str, Doc] = {
        "Bill": {"VendorRef": {"value": vendor}, "Line": [cost]},
        "Purchase": {"PaymentType": "Check", "AccountRef": {"value": "1"}, "Line": [cost]},
        "BillPayment": {"VendorRef": {"value": vendor}, "TotalAmt": 1, "PayType": "Check",
                        "CheckPayment": {"BankAccountRef": {"value": "1"}}},
    }  # fmt: skip
    body = {**bodies[name], "DocNumber": "77"}
    for wanted in ("false", "true"):
        pairs = [{"Name": preference, "Value": wanted}]
        person.side("POST", "settings", {"preferences": {"OtherPrefs": {"NameValue": pairs}}})
        if wanted == "false":
            person.post(name, body)
            person.post(name, body)
        else:
            assert person.refused(name, body)["code"] == "6140"
            person.post(name, body, include="allowduplicatedocnum")
