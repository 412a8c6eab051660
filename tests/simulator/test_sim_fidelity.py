"""What a second look at the public samples and at live answers found about sales forms: one test a fact (6.1, 6.5)."""

from typing import Any

import pytest
from simulator_person import Doc, Person, journal_line, sale_line

TAXED: Doc = {"TaxCodeRef": {"value": "TAX"}}
ADDRESS: Doc = {"Line1": "1 Canal St", "City": "Troy", "CountrySubDivisionCode": "NY", "PostalCode": "12180"}


def form(*lines: Doc, **more: Any) -> Doc:
    """A sales form's body."""
    return {"CustomerRef": {"value": "1"}, "Line": list(lines), **more}


def sold_by_percent(percent: int) -> Doc:
    """A discount line."""
    return {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": percent},
    }


def changed(person: Person, name: str, made: Doc, **more: Any) -> Doc:
    """The object after a sparse update."""
    return person.post(name, {"Id": made["Id"], "SyncToken": made["SyncToken"], "sparse": True, **more})


def preferring(person: Person, group: str, **values: Any) -> None:
    """A company with other preferences."""
    person.side("POST", "settings", {"preferences": {group: values}})


# lines --------------------------------------------------------------------------------------------


def test_subtotal_discount_and_shipping_follow_what_is_sold(person: Person) -> None:
    """C, the public sample: 50 less 10 %, shipping 2, tax 5, a deposit of 12 leave 40."""
    shipping = sale_line(2, "SHIPPING_ITEM_ID")
    tax = {"TxnTaxDetail": {"TotalTax": 5}}
    made = person.post("Invoice", form(shipping, sale_line(50, **TAXED), sold_by_percent(10), Deposit=12, **tax))
    kinds = [(line["DetailType"], line["Amount"], "Id" in line) for line in made["Line"]]
    assert kinds == [("SalesItemLineDetail", 50, True), ("SubTotalLineDetail", 50, False),
                     ("DiscountLineDetail", 5, False), ("SalesItemLineDetail", 2, False)]  # fmt: skip
    assert made["Line"][2]["DiscountLineDetail"]["DiscountAccountRef"] == {"value": "14", "name": "Discounts given"}
    assert (made["TotalAmt"], made["Balance"]) == (52, 40)
    accounts = person.proof()["accounts"]
    assert (accounts["Shipping Income"], accounts["Discounts given"]) == ("-2.00", "5.00")


def test_a_form_has_one_discount(person: Person) -> None:
    assert person.refused("Invoice", form(sale_line(50), sold_by_percent(10), sold_by_percent(5)))["code"] == "6000"


def test_tax_codes_show_no_name(person: Person) -> None:
    made = person.post("Invoice", form(sale_line(50, **TAXED), TxnTaxDetail={"TxnTaxCodeRef": {"value": "2"}}))
    assert made["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "TAX"}
    assert changed(person, "Invoice", made)["TxnTaxDetail"]["TxnTaxCodeRef"] == {"value": "2"}


def bundle(quantity: int = 1, *lines: Doc) -> Doc:
    """A line of the bundle that the agency sells: two hours of work and a month of hosting."""
    more = {"Line": list(lines)} if lines else {}
    detail = {"GroupItemRef": {"value": "8"}, "Quantity": quantity, **more}
    return {"DetailType": "GroupLineDetail", "GroupLineDetail": detail}


def test_a_bundle_is_taken_apart(person: Person) -> None:
    """C: its lines are those of the item, as many times as it is sold; all lines share one row of numbers."""
    for item, price in (("4", 120), ("5", 30)):
        changed(person, "Item", person.get("Item", item), UnitPrice=price)
    made = person.post("Invoice", form(bundle(2), sale_line(1)))
    group, single = made["Line"][:2]
    inner = group["GroupLineDetail"]["Line"]
    shown = [(line["Id"], line["SalesItemLineDetail"]["Qty"], line["Amount"]) for line in inner]
    assert shown == [("2", 4, 480), ("3", 2, 60)]
    assert (group["Id"], group["Amount"], single["Id"], made["TotalAmt"]) == ("1", 540, "4", 541)
    assert [line["SalesItemLineDetail"]["ItemRef"]["name"] for line in inner] == ["Consulting", "Hosting"]
    again = changed(person, "Invoice", made, PrivateNote="same lines")
    assert again["Line"] == made["Line"]


def test_lines_inside_a_bundle_keep_the_rules_of_lines(person: Person) -> None:
    wrong = person.refused("Invoice", form(bundle(1, sale_line(7, "4", Qty=2, UnitPrice=3))))
    assert wrong["code"] == "6070"
    assert person.refused("Invoice", form(bundle(1, sale_line(7, "999"))))["code"] == "2500"
    assert person.refused("Invoice", form({**bundle(), "GroupLineDetail": {"Quantity": 1}}))["code"] == "2020"
    assert person.post("Invoice", form(bundle(1, sale_line(7, "4"))))["TotalAmt"] == 7


def test_a_voided_bundle_is_worth_nothing(person: Person) -> None:
    made = person.post("Invoice", form(bundle(1, sale_line(7, "4"))))
    person.post("Invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="void")
    assert person.get("Invoice", made["Id"])["TotalAmt"] == 0
    assert person.proof()["accounts"]["Accounts Receivable (A/R)"] == "0.00"


def test_a_category_is_not_for_sale(person: Person) -> None:
    """R, verbatim."""
    kept = person.post("Item", {"Name": "Kinds of work", "Type": "Category"})
    error = person.refused("Invoice", form(sale_line(1, kept["Id"])))
    assert (error["code"], "set up as a category instead" in error["Detail"]) == ("2500", True)


# what is filled in --------------------------------------------------------------------------------


def test_addresses_are_numbered_and_run_into_lines_by_an_update(person: Person) -> None:
    """C: after an update city, state and code stand in the lines."""
    made = person.invoice(1, BillAddr=ADDRESS)
    assert made["BillAddr"]["City"] == "Troy"
    assert made["BillAddr"]["Id"] != made["ShipAddr"]["Id"]
    after = changed(person, "Invoice", made, PrivateNote="x")["BillAddr"]
    assert {part: value for part, value in after.items() if part != "Id"} == {
        "Line1": "1 Canal St", "Line3": "Troy, NY  12180"}  # fmt: skip
    person.side("POST", "settings", {"form_addresses": "keep"})
    made = person.invoice(1, BillAddr=ADDRESS)
    assert changed(person, "Invoice", made, PrivateNote="x")["BillAddr"] == made["BillAddr"]


def test_a_deposit_is_part_of_the_total(person: Person) -> None:
    assert person.refused("Invoice", form(sale_line(10), Deposit=11))["code"] == "6000"
    assert person.refused("Invoice", form(sale_line(10), Deposit=-1))["code"] == "2290"
    assert person.invoice(10, Deposit=10)["Balance"] == 0
    person.proof()


def test_custom_fields_show_without_a_value(person: Person) -> None:
    """C, the public samples."""
    used = {"Name": "SalesFormsPrefs.UseSalesCustom1", "Type": "BooleanType", "BooleanValue": True}
    named = {"Name": "SalesFormsPrefs.SalesCustomName1", "Type": "StringType", "StringValue": "Crew #"}
    preferring(person, "SalesFormsPrefs", CustomField=[{"CustomField": [used]}, {"CustomField": [named]}])
    empty = {"DefinitionId": "1", "Name": "Crew #", "Type": "StringType"}
    assert person.invoice(1)["CustomField"] == [empty]
    wide = [{"DefinitionId": "1", "StringValue": "x" * 32}]
    assert person.refused("Invoice", form(sale_line(1), CustomField=wide))["code"] == "2050"
    person.side("POST", "settings", {"custom_field_length": 32})
    assert person.invoice(1, CustomField=wide)["CustomField"] == [{**empty, "StringValue": "x" * 32}]


# what a company does not use ----------------------------------------------------------------------

UNUSED: list[tuple[str, str, str]] = [
    ("SalesFormsPrefs", "AllowDeposit", "Deposit"),
    ("AccountingInfoPrefs", "TrackDepartments", "DepartmentRef"),
    ("AccountingInfoPrefs", "ClassTrackingPerTxn", "ClassRef"),
    ("SalesFormsPrefs", "ETransactionPaymentEnabled", "AllowOnlineACHPayment"),
]
SENT: Doc = {"Deposit": 3, "DepartmentRef": {"value": "1"}, "ClassRef": {"value": "1"}, "AllowOnlineACHPayment": True}


@pytest.mark.parametrize(("group", "name", "dropped"), UNUSED)
def test_what_is_switched_off_is_dropped_without_a_word(person: Person, group: str, name: str, dropped: str) -> None:
    sent = {dropped: SENT[dropped]}
    preferring(person, group, **{name: True})
    assert person.invoice(10, **sent)[dropped]
    preferring(person, group, **{name: False})
    assert not person.invoice(10, **sent).get(dropped)
    person.side("POST", "settings", {"unused_features": "keep"})
    assert person.invoice(10, **sent)[dropped]


def test_classes_of_lines(person: Person) -> None:
    """A sales line needs classes by line; a journal takes them wherever the company has any."""
    line = sale_line(1, ClassRef={"value": "1"})
    journal = journal_line(1, "Debit", "4")
    journal["JournalEntryLineDetail"]["ClassRef"] = {"value": "1"}
    lines = {"Line": [journal, journal_line(1, "Credit", "8")]}
    for by_form, by_line, sold, kept in ((False, True, True, True), (True, False, False, True), (False, False, 0, 0)):
        preferring(person, "AccountingInfoPrefs", ClassTrackingPerTxn=by_form, ClassTrackingPerTxnLine=by_line)
        made, noted = person.post("Invoice", form(line)), person.post("JournalEntry", lines)
        assert ("ClassRef" in made["Line"][0]["SalesItemLineDetail"]) == sold
        assert ("ClassRef" in noted["Line"][0]["JournalEntryLineDetail"]) == kept


def test_retainage_is_known_and_does_nothing(person: Person) -> None:
    """U: which companies have it."""
    made = person.post("Invoice", form(sale_line(10, RetainageAmount=1)))
    assert (made["TotalAmt"], "RetainageAmount" in made["Line"][0]["SalesItemLineDetail"]) == (10, False)
    person.side("POST", "settings", {"retainage": "keep"})
    made = person.post("Invoice", form(sale_line(10, RetainageAmount=1)))
    assert made["Line"][0]["SalesItemLineDetail"]["RetainageAmount"] == 1


def test_what_was_made_inactive_is_refused_in_two_codes(person: Person) -> None:
    """R: the same words under 610 and under 2500."""
    person.post("Item", {"Id": "5", "SyncToken": "0", "sparse": True, "Active": False})
    found = []
    for code in ("610", "2500"):
        person.side("POST", "settings", {"inactive_reference": code})
        found.append(person.refused("Invoice", form(sale_line(1, "5"))))
    assert [error["code"] for error in found] == ["610", "2500"]
    assert len({error["Detail"].partition(" : ")[2] for error in found}) == 1


def test_billable_status_of_a_journal_is_not_the_clients(person: Person) -> None:
    line = journal_line(1, "Debit", "4")
    line["JournalEntryLineDetail"]["BillableStatus"] = "Billable"
    made = person.post("JournalEntry", {"Line": [line, journal_line(1, "Credit", "8")]})
    assert "BillableStatus" not in made["Line"][0]["JournalEntryLineDetail"]


def test_the_length_of_a_payments_reference_is_unsure(person: Person) -> None:
    """U: 21 by older pages."""
    body = {"CustomerRef": {"value": "1"}, "TotalAmt": 5, "PaymentRefNum": "x" * 22}
    assert person.refused("Payment", body)["code"] == "2050"
    person.side("POST", "settings", {"payment_ref_length": 22})
    assert person.post("Payment", body)["PaymentRefNum"] == "x" * 22


def test_a_company_no_longer_says_whether_it_is_new(person: Person) -> None:
    """R: NeoEnabled went in January 2026."""
    pairs = person.get("CompanyInfo", "1")["NameValue"]
    assert "NeoEnabled" not in {pair["Name"] for pair in pairs}


def test_journals_and_transfers_wait_for_a_deposit_too(person: Person) -> None:
    """C: what stands in Undeposited Funds by a journal or a transfer is banked, and cannot be changed then."""
    journal = person.post("JournalEntry", {"Line": [journal_line(40, "Debit", "3"), journal_line(40, "Credit", "8")]})
    moved = {"FromAccountRef": {"value": "13"}, "ToAccountRef": {"value": "3"}, "Amount": 15}
    transfer = person.post("Transfer", moved)
    kinds = [("JournalEntry", journal["Id"], 40), ("Transfer", transfer["Id"], 15)]
    lines = [{"Amount": amount, "LinkedTxn": [{"TxnId": key, "TxnType": kind, "TxnLineId": "0"}]}
             for kind, key, amount in kinds]  # fmt: skip
    banked = person.post("Deposit", {"DepositToAccountRef": {"value": "1"}, "Line": lines})
    accounts = person.proof()["accounts"]
    assert (banked["TotalAmt"], accounts["Checking"], accounts["Undeposited Funds"]) == (55, "55.00", "0.00")
    for kind, key, _ in kinds:
        now = person.get(kind, key)
        gone = {"Id": key, "SyncToken": now["SyncToken"]}
        assert person.refused(kind, gone, operation="delete")["code"] == "6540"
    before = person.side("GET", "dump")
    person.side("POST", "load", before)
    assert person.side("GET", "dump") == before
    other = person.post("JournalEntry", {"Line": [journal_line(9, "Debit", "4"), journal_line(9, "Credit", "8")]})
    line = {"Amount": 9, "LinkedTxn": [{"TxnId": other["Id"], "TxnType": "JournalEntry", "TxnLineId": "0"}]}
    assert person.refused("Deposit", {"DepositToAccountRef": {"value": "1"}, "Line": [line]})["code"] == "620"


def test_how_many_receivables_a_journal_has_is_unsure(person: Person) -> None:
    """U (13.8): several accounts are believed refused, several customers fine."""
    other = person.post("Account", {"Name": "Disputed receivables", "AccountType": "Accounts Receivable"})["Id"]
    accounts = {"Line": [journal_line(5, "Debit", "2", "1"), journal_line(5, "Credit", other, "1")]}
    names = {"Line": [journal_line(5, "Debit", "2", "1"), journal_line(5, "Credit", "2", "2")]}
    assert person.refused("JournalEntry", accounts)["code"] == "6000"
    person.post("JournalEntry", names)
    person.side("POST", "settings", {"journal_control_accounts": "several", "journal_names": "one"})
    person.post("JournalEntry", accounts)
    assert person.refused("JournalEntry", names)["code"] == "6000"
    person.proof()
