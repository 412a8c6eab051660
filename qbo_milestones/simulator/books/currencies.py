"""Currencies of a company: what a document is kept in, and what an amount of it is worth at home."""

from decimal import ROUND_HALF_UP, Decimal

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.refs import ref_id

NAMES = {
    "USD": "United States Dollar", "EUR": "Euro", "GBP": "British Pound Sterling", "CAD": "Canadian Dollar",
    "AUD": "Australian Dollar", "CHF": "Swiss Franc", "JPY": "Japanese Yen", "MXN": "Mexican Peso",
    "INR": "Indian Rupee", "NZD": "New Zealand Dollar", "SEK": "Swedish Krona", "NOK": "Norwegian Krone",
    "DKK": "Danish Krone", "SGD": "Singapore Dollar", "HKD": "Hong Kong Dollar", "CNY": "Chinese Yuan",
    "BRL": "Brazilian Real", "ZAR": "South African Rand", "PLN": "Polish Zloty", "AED": "UAE Dirham",
}  # fmt: skip
"""ISO 4217 code -> the name that QuickBooks shows."""
ONE = Decimal(1)


def currency_ref(code: str) -> Doc:
    """A CurrencyRef with its name."""
    return {"value": code, "name": NAMES.get(code, code)}


def rate_of(doc: Doc) -> Decimal:
    """Home units for one unit of the document's currency; 1 at home."""
    return Decimal(doc.get("ExchangeRate") or ONE)


def document_currency(company: Company, doc: Doc) -> str:
    """Code of the document's currency."""
    return ref_id(doc, "CurrencyRef") or company.home_currency()


def at_home(cents: int, rate: Decimal) -> int:
    """Cents of a currency in home cents, half up."""
    return cents if rate == ONE else int((cents * rate).quantize(ONE, rounding=ROUND_HALF_UP))


def rate_on(company: Company, code: str, day: str) -> Decimal:
    """The newest exchange rate of a currency that is not later than a day (YYYY-MM-DD); 1 where none is known."""
    if code == company.home_currency():
        return ONE
    best, found = "", ONE
    for record in company.shelves["ExchangeRate"].records.values() if "ExchangeRate" in company.shelves else ():
        body = record.body
        if body.get("SourceCurrencyCode") == code and best <= str(body["AsOfDate"]) <= day:
            best, found = str(body["AsOfDate"]), Decimal(body["Rate"])
    return found
