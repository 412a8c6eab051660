"""Completes the currency of a transaction and what it is worth at home (quickbooks-online.md 6.1, multicurrency)."""

from decimal import Decimal

from qbo_milestones.simulator.amounts import Doc, cents, money
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.currencies import at_home, currency_ref, rate_of, rate_on
from qbo_milestones.simulator.faults import broken_rule, refuse
from qbo_milestones.simulator.refs import ref_id

PARTIES = (("CustomerRef", "Customer"), ("VendorRef", "Vendor"))


def complete_currency(company: Company, doc: Doc, given: set[str]) -> None:
    """Set CurrencyRef, and ExchangeRate where the company keeps several currencies, in place."""
    home, wanted = company.home_currency(), ref_id(doc, "CurrencyRef")
    if not company.has_currencies():
        if wanted and wanted != home:
            raise refuse("2220", f"Invalid Currency Type : {wanted}, multicurrency is not turned on", "CurrencyRef")
        doc["CurrencyRef"] = currency_ref(home)
        doc.pop("ExchangeRate", None)
        return
    code = _party_currency(company, doc) or wanted or home
    if "CurrencyRef" in given and wanted and wanted != code:
        raise broken_rule(f"The transaction must be in {code}, the currency of its customer or vendor.", "CurrencyRef")
    _check_known(company, code, home)
    doc["CurrencyRef"] = currency_ref(code)
    rate = Decimal(doc.get("ExchangeRate") or rate_on(company, code, str(doc["TxnDate"])))
    if rate <= 0 or (code == home and rate != 1):
        raise refuse("2100", f"Invalid exchange rate {rate} for {code}", "ExchangeRate")
    doc["ExchangeRate"] = rate


def _party_currency(company: Company, doc: Doc) -> str:
    for name, kind in PARTIES:
        party = company.find(kind, ref_id(doc, name)) if kind in company.shelves and ref_id(doc, name) else None
        if party is not None:
            return ref_id(party.body, "CurrencyRef") or company.home_currency()
    return ""


def _check_known(company: Company, code: str, home: str) -> None:
    if code == home or "CompanyCurrency" not in company.shelves:
        return
    kept = company.shelves["CompanyCurrency"].records.values()
    if not any(record.body.get("Code") == code and record.body.get("Active") is not False for record in kept):
        raise refuse("2220", f"Invalid Currency Type : {code} is not active in this company", "CurrencyRef")


def complete_home_amounts(company: Company, doc: Doc) -> None:
    """Total and balance in home currency, where the company keeps several currencies, in place."""
    if not company.has_currencies():
        doc.pop("HomeTotalAmt", None)
        doc.pop("HomeBalance", None)
        return
    for name, source in (("HomeTotalAmt", "TotalAmt"), ("HomeBalance", "Balance")):
        if doc.get(source) is not None:
            doc[name] = money(at_home(cents(doc[source]), rate_of(doc)))
