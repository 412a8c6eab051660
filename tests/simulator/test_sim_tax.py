"""Sales tax: by hand, by the engine, and by the codes of the lines outside the United States (6.1, 6.2, 6.5)."""

from typing import Any

import pytest
from simulator_person import Doc, Person, sale_line

BRITISH: Doc = {
    "CompanyInfo": [{"Id": "1", "CompanyName": "Lantern Ltd", "Country": "GBR", "DefaultTimeZone": "Europe/London"}],
    "TaxRate": [{"Id": "10", "Name": "20% S", "RateValue": 20, "AgencyRef": {"value": "1"}},
                {"Id": "11", "Name": "5% R", "RateValue": 5, "AgencyRef": {"value": "1"}}],
    "TaxCode": [
        {"Id": code, "Name": name, "Active": True, "TaxGroup": True, "Taxable": True,
         "SalesTaxRateList": {"TaxRateDetail": [{"TaxRateRef": {"value": rate}}]},
         "PurchaseTaxRateList": {"TaxRateDetail": [{"TaxRateRef": {"value": rate}}]}}
        for code, name, rate in (("20", "20.0% S", "10"), ("21", "5.0% R", "11"))
    ],
}  # fmt: skip


def form(*lines: Doc, **more: Any) -> Doc:
    """An invoice's body."""
    return {"CustomerRef": {"value": "1"}, "Line": list(lines), **more}


def discount(**detail: Any) -> Doc:
    """A discount line."""
    return {"DetailType": "DiscountLineDetail", "DiscountLineDetail": detail}


TAXED: Doc = {"TaxCodeRef": {"value": "TAX"}}
NEW_YORK: Doc = {"TxnTaxDetail": {"TxnTaxCodeRef": {"value": "2"}}}


def test_a_code_is_computed_and_an_amount_is_honoured(person: Person) -> None:
    """US by hand: 8.875 % of the taxable lines; an explicit TotalTax wins."""
    made = person.post("Invoice", form(sale_line(100, **TAXED), sale_line(50), **NEW_YORK))
    assert (made["TxnTaxDetail"]["TotalTax"], made["TotalAmt"]) == (8.88, 158.88)
    assert made["TxnTaxDetail"]["TaxLine"][0]["TaxLineDetail"]["NetAmountTaxable"] == 100
    own = {"TxnTaxDetail": {"TxnTaxCodeRef": {"value": "2"}, "TotalTax": 1.23}}
    assert person.post("Invoice", form(sale_line(100, **TAXED), **own))["TotalAmt"] == 101.23
    assert person.proof()["accounts"]["Sales Tax Payable"] == "-10.11"


def test_tax_before_or_after_the_discount(person: Person) -> None:
    """ApplyTaxAfterDiscount takes the discount off before the tax is computed."""
    lines = (sale_line(100, **TAXED), discount(PercentBased=True, DiscountPercent=10))
    assert person.post("Invoice", form(*lines, **NEW_YORK))["TotalAmt"] == 98.88
    after = person.post("Invoice", form(*lines, **NEW_YORK, ApplyTaxAfterDiscount=True))
    assert (after["TxnTaxDetail"]["TotalTax"], after["TotalAmt"]) == (7.99, 97.99)


def test_the_engine_finds_its_own_code(person: Person) -> None:
    """C: automated sales tax replaces the code that was sent; an explicit amount is an override."""
    person.side("POST", "settings", {"preferences": {"TaxPrefs": {"UsingSalesTax": True, "PartnerTaxEnabled": True}}})
    made = person.post("Invoice", form(sale_line(100, **TAXED)))
    assert (made["TxnTaxDetail"]["TxnTaxCodeRef"]["value"], made["TotalAmt"]) == ("2", 108.88)
    own = person.post("Invoice", form(sale_line(100, **TAXED), TxnTaxDetail={"TotalTax": 5}))
    assert (own["TxnTaxDetail"]["TaxReviewStatus"], own["TotalAmt"]) == ("AST_TAX_OVERRIDE", 105)


def test_tax_that_is_off_is_ignored(person: Person) -> None:
    """6.1: TxnTaxDetail is ignored if sales tax is off."""
    person.side("POST", "settings", {"preferences": {"TaxPrefs": {"UsingSalesTax": False}}})
    assert person.post("Invoice", form(sale_line(100, **TAXED), **NEW_YORK))["TotalAmt"] == 100


@pytest.mark.parametrize(
    ("lines", "code"),
    [((sale_line(1, TaxCodeRef={"value": "2"}),), "6100"), ((sale_line(1), discount(PercentBased=True)), "6090"),
     ((sale_line(1), discount(PercentBased=True, DiscountPercent=101)), "2150"),
     ((sale_line(1), {**discount(PercentBased=False), "Amount": -1}), "2290"),
     ((sale_line(1), {**discount(PercentBased=False), "Amount": 2}), "6000")],
)  # fmt: skip
def test_what_lines_may_not_be(person: Person, lines: tuple[Doc, ...], code: str) -> None:
    """Each has its fault."""
    assert person.refused("Invoice", form(*lines))["code"] == code


def test_british_lines_without_tax(person: Person) -> None:
    """TaxExcluded: one tax line for each code, on the sum of its lines."""
    person.side("POST", "load", BRITISH, merge="1")
    made = person.post("Invoice", form(*[sale_line("4.00", TaxCodeRef={"value": "20"}) for _ in range(5)],
                                       sale_line("10.50", TaxCodeRef={"value": "21"})))  # fmt: skip
    assert made["GlobalTaxCalculation"] == "TaxExcluded"
    assert [line["Amount"] for line in made["TxnTaxDetail"]["TaxLine"]] == [4, 0.53]
    assert made["TotalAmt"] == 35.03
    person.proof()


def test_british_lines_with_tax_round_line_by_line(person: Person) -> None:
    """6.2, R: 20.00 once holds 3.33, five times 4.00 hold 3.35."""
    person.side("POST", "load", BRITISH, merge="1")
    one = person.post("Invoice", form(sale_line("20.00", TaxCodeRef={"value": "20"}),
                                      GlobalTaxCalculation="TaxInclusive"))  # fmt: skip
    assert (one["TxnTaxDetail"]["TotalTax"], one["TotalAmt"]) == (3.33, 20)
    assert (one["Line"][0]["Amount"], one["Line"][0]["SalesItemLineDetail"]["TaxInclusiveAmt"]) == (16.67, 20)
    five = person.post("Invoice", form(*[sale_line("4.00", TaxCodeRef={"value": "20"}) for _ in range(5)],
                                       GlobalTaxCalculation="TaxInclusive"))  # fmt: skip
    assert (five["TxnTaxDetail"]["TotalTax"], five["TotalAmt"]) == (3.35, 20)
    person.proof()


def test_british_faults_and_recomputed_amounts(person: Person) -> None:
    """Codes are needed, or must not be there; Amount gives way to Qty times UnitPrice."""
    person.side("POST", "load", BRITISH, merge="1")
    assert person.refused("Invoice", form(sale_line(1)))["code"] == "6000"
    off = {"GlobalTaxCalculation": "NotApplicable"}
    assert person.refused("Invoice", form(sale_line(1, TaxCodeRef={"value": "20"}), **off))["code"] == "6160"
    assert person.refused("Invoice", form(sale_line(1), **off, TxnTaxDetail={"TotalTax": 1}))["code"] == "6170"
    assert person.post("Invoice", form(sale_line(1), **off))["TotalAmt"] == 1
    line = sale_line("99.00", TaxCodeRef={"value": "20"}, Qty=3, UnitPrice="12.455")
    assert person.post("Invoice", form(line))["Line"][0]["Amount"] == 37.37


def test_british_bills_carry_input_tax(person: Person) -> None:
    """Tax on purchases lowers what is owed to the tax office."""
    person.side("POST", "load", BRITISH, merge="1")
    vendor = person.post("Vendor", {"DisplayName": "Mill"})["Id"]
    detail = {"AccountRef": {"value": "17"}, "TaxCodeRef": {"value": "20"}}
    line = {"Amount": 50, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": detail}
    made = person.post("Bill", {"VendorRef": {"value": vendor}, "Line": [line]})
    assert (made["TotalAmt"], made["TxnTaxDetail"]["TotalTax"]) == (60, 10)
    assert person.proof()["accounts"]["Sales Tax Payable"] == "10.00"
