"""Currencies of a company: what a document is kept in, and what an amount of it is worth at home."""

from decimal import ROUND_HALF_UP, Decimal

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.refs import ref_id

_MORE = (
    "ALL Albanian Lek|AMD Armenian Dram|ANG Dutch Guilder|AOA Angolan Kwanza|ARS Argentine Peso|AWG Aruban Florin"
    "|AZN Azerbaijani Manat|BAM Bosnia and Herzegovina Convertible Mark|BBD Barbadian Dollar|BDT Bangladeshi Taka"
    "|BGN Bulgarian Lev|BHD Bahraini Dinar|BIF Burundian Franc|BMD Bermudian Dollar|BND Brunei Dollar"
    "|BOB Bolivian Boliviano|BSD Bahamian Dollar|BTN Bhutanese Ngultrum|BWP Botswana Pula|BYN Belarusian Ruble"
    "|BZD Belize Dollar|CDF Congolese Franc|CLP Chilean Peso|COP Colombian Peso|CRC Costa Rican Colon"
    "|CVE Cape Verdean Escudo|CZK Czech Koruna|DJF Djiboutian Franc|DOP Dominican Peso|DZD Algerian Dinar"
    "|EGP Egyptian Pound|ETB Ethiopian Birr|FJD Fijian Dollar|FKP Falkland Islands Pound|GEL Georgian Lari"
    "|GHS Ghanaian Cedi|GIP Gibraltar Pound|GMD Gambian Dalasi|GNF Guinean Franc|GTQ Guatemalan Quetzal"
    "|GYD Guyanese Dollar|HNL Honduran Lempira|HRK Croatian Kuna|HTG Haitian Gourde|HUF Hungarian Forint"
    "|IDR Indonesian Rupiah|ILS Israeli New Shekel|IQD Iraqi Dinar|ISK Icelandic Krona|JMD Jamaican Dollar"
    "|JOD Jordanian Dinar|KES Kenyan Shilling|KGS Kyrgyzstani Som|KHR Cambodian Riel|KMF Comorian Franc"
    "|KRW South Korean Won|KWD Kuwaiti Dinar|KYD Cayman Islands Dollar|KZT Kazakhstani Tenge|LAK Lao Kip"
    "|LBP Lebanese Pound|LKR Sri Lankan Rupee|LRD Liberian Dollar|LSL Lesotho Loti|MAD Moroccan Dirham"
    "|MDL Moldovan Leu|MGA Malagasy Ariary|MKD Macedonian Denar|MMK Myanmar Kyat|MNT Mongolian Tugrik"
    "|MOP Macanese Pataca|MUR Mauritian Rupee|MVR Maldivian Rufiyaa|MWK Malawian Kwacha|MYR Malaysian Ringgit"
    "|MZN Mozambican Metical|NAD Namibian Dollar|NGN Nigerian Naira|NIO Nicaraguan Cordoba|NPR Nepalese Rupee"
    "|OMR Omani Rial|PAB Panamanian Balboa|PEN Peruvian Sol|PGK Papua New Guinean Kina|PHP Philippine Peso"
    "|PKR Pakistani Rupee|PYG Paraguayan Guarani|QAR Qatari Riyal|RON Romanian Leu|RSD Serbian Dinar"
    "|RUB Russian Ruble|RWF Rwandan Franc|SAR Saudi Riyal|SBD Solomon Islands Dollar|SCR Seychellois Rupee"
    "|SLL Sierra Leonean Leone|SOS Somali Shilling|SRD Surinamese Dollar|SZL Swazi Lilangeni|THB Thai Baht"
    "|TJS Tajikistani Somoni|TND Tunisian Dinar|TOP Tongan Paanga|TRY Turkish Lira|TTD Trinidad and Tobago Dollar"
    "|TWD New Taiwan Dollar|TZS Tanzanian Shilling|UAH Ukrainian Hryvnia|UGX Ugandan Shilling|UYU Uruguayan Peso"
    "|UZS Uzbekistani Som|VND Vietnamese Dong|VUV Vanuatu Vatu|WST Samoan Tala|XAF Central African CFA Franc"
    "|XCD East Caribbean Dollar|XOF West African CFA Franc|XPF CFP Franc|YER Yemeni Rial|ZMW Zambian Kwacha"
)
NAMES = {
    "USD": "United States Dollar", "EUR": "Euro", "GBP": "British Pound Sterling", "CAD": "Canadian Dollar",
    "AUD": "Australian Dollar", "CHF": "Swiss Franc", "JPY": "Japanese Yen", "MXN": "Mexican Peso",
    "INR": "Indian Rupee", "NZD": "New Zealand Dollar", "SEK": "Swedish Krona", "NOK": "Norwegian Krone",
    "DKK": "Danish Krone", "SGD": "Singapore Dollar", "HKD": "Hong Kong Dollar", "CNY": "Chinese Yuan",
    "BRL": "Brazilian Real", "ZAR": "South African Rand", "PLN": "Polish Zloty", "AED": "UAE Dirham",
    **{row[:3]: row[4:] for row in _MORE.split("|")},
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
