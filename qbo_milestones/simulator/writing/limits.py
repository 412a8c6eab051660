"""How large a transaction may be, and what it may carry of its own (quickbooks-online.md 4.1, 6.1)."""

import re
from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import Refusal, broken_rule, refuse, too_long
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.schema.sales_forms import SALES_FORMS

FORMS = frozenset(spec.name for spec in SALES_FORMS)
MOST_LINES, MOST_TAXABLE_LINES = 10_000, 750
TAXABLE = ("Invoice", "Estimate")
NO_TAX_CODE = "CustomSalesTax"
"""What is shown where a rate was made up for one transaction; no transaction can be written with it."""
_CARD = re.compile(r"\d{12,19}")
WIDEST = 10_000_000_000
"""A quantity has at most ten digits before the point."""


def check_limits(company: Company, name: str, doc: Doc, is_new: bool) -> None:
    """Lines, quantities, custom fields and what is no longer taken; journals have no known limit of lines."""
    lines = doc.get("Line") or []
    if len(lines) > MOST_LINES and name != "JournalEntry":
        raise broken_rule(f"A transaction has at most {MOST_LINES} lines, not {len(lines)}.", "Line")
    details = [line.get("SalesItemLineDetail") or line.get("ItemBasedExpenseLineDetail") or {} for line in lines]
    if name in TAXABLE and sum(ref_id(detail, "TaxCodeRef") == "TAX" for detail in details) > MOST_TAXABLE_LINES:
        raise broken_rule(f"A taxable {name.lower()} has at most {MOST_TAXABLE_LINES} lines.", "Line")
    if any(abs(detail.get("Qty") or 0) >= WIDEST for detail in details):
        raise refuse("2160", "Invalid Quantity : at most ten digits before the point", "Qty")
    if doc.get("AllowIPNPayment") and company.settings.ipn_payment == "refuse":
        raise refuse("5000", "Deprecated field : AllowIPNPayment must be false", "AllowIPNPayment")
    if ref_id(doc.get("TxnTaxDetail") or {}, "TxnTaxCodeRef") == NO_TAX_CODE:
        words = "create" if is_new else "update"
        detail = f"Invalid TaxCodeRef Error : {NO_TAX_CODE} cannot be used to {words} a transaction"
        raise refuse("6160" if is_new else "6230", detail, "TxnTaxCodeRef")
    _check_card(doc.get("CreditCardPayment"))
    reference, most = str(doc.get("PaymentRefNum") or ""), company.settings.payment_ref_length
    if name == "Payment" and len(reference) > most:
        raise Refusal(too_long("PaymentRefNum", most, len(reference)))
    if doc.get("CustomField") or name in FORMS:
        doc["CustomField"] = _known_fields(company, doc.get("CustomField") or [], all_of_them=name in FORMS)


def _check_card(card: Any) -> None:
    """No whole number of a credit card may be sent: cards are known by tokens."""
    charge = card.get("CreditChargeInfo") if isinstance(card, dict) else None
    number = str(charge.get("Number") or "") if isinstance(charge, dict) else ""
    if _CARD.fullmatch(number.replace(" ", "").replace("-", "")):
        raise refuse("6530", "You can't enter raw credit card numbers. Use a token for the card.", "Number")


def _known_fields(company: Company, fields: list[Doc], all_of_them: bool) -> list[Doc]:
    """Classic custom fields that the company has; others are dropped without a word (section 6.5).

    A sales form shows every field that the company has, with or without a value (as in the public samples).
    """
    if any(not field.get("DefinitionId") for field in fields):
        raise refuse("3000", "Invalid Custom Field : DefinitionId is missing", "CustomField")
    sent = {str(field["DefinitionId"]): field for field in fields}
    too_wide = [str(field.get("StringValue") or "") for field in fields]
    if any(len(value) > company.settings.custom_field_length for value in too_wide):
        width = max(len(value) for value in too_wide)
        raise Refusal(too_long("StringValue", company.settings.custom_field_length, width))
    return [
        {"DefinitionId": number, **sent.get(number, {}), "Name": name, "Type": "StringType"}
        for number, name in _definitions(company).items()
        if all_of_them or number in sent
    ]


def _definitions(company: Company) -> dict[str, str]:
    """Number -> name of the classic sales custom fields that are switched on in Preferences."""
    groups = company.preference("SalesFormsPrefs", "CustomField") or []
    entries = {str(entry.get("Name")).rpartition(".")[2]: entry for group in groups
               for entry in group.get("CustomField") or []}  # fmt: skip
    return {
        number: str(entries.get(f"SalesCustomName{number}", {}).get("StringValue") or f"Custom {number}")
        for number in ("1", "2", "3")
        if entries.get(f"UseSalesCustom{number}", {}).get("BooleanValue") is True
    }
