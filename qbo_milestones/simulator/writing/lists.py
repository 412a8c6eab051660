"""Completes and checks terms, ways to pay, locations, currencies and their rates, tax agencies."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.currencies import NAMES
from qbo_milestones.simulator.faults import Refusal, broken_rule, missing, refuse
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.writing.parts import ZERO, number_addresses

MANY_CURRENCIES = "Multi Currency should be enabled to perform this operation"


def complete_term(_: Company, doc: Doc, _before: Doc | None) -> None:
    """STANDARD by days, DATE_DRIVEN where DueDays is null, in place."""
    doc["Type"] = "DATE_DRIVEN" if doc.get("DueDays") is None else "STANDARD"
    doc["DiscountPercent"] = doc.get("DiscountPercent") or 0


def check_term(_: Company, doc: Doc, _before: Doc | None) -> None:
    """A term says after how many days or on which day of the month; a discount is 0 to 100 per cent."""
    if doc.get("DueDays") is None and doc.get("DayOfMonthDue") is None:
        raise Refusal(missing("DueDays"))
    if not ZERO <= doc["DiscountPercent"] <= 100:
        raise refuse("2150", f"Invalid Percent : {doc['DiscountPercent']}", "DiscountPercent")


def complete_method(_: Company, doc: Doc, _before: Doc | None) -> None:
    """A way to pay is no card unless it says so, in place."""
    doc["Type"] = doc.get("Type") or "NON_CREDIT_CARD"


def complete_department(company: Company, doc: Doc, before: Doc | None) -> None:
    """The address of a location, in place."""
    number_addresses(company, doc, before, "Address")


def complete_agency(_: Company, doc: Doc, _before: Doc | None) -> None:
    """An agency is for sales unless it is known to be for purchases, in place."""
    doc["TaxTrackedOnSales"] = doc.get("TaxTrackedOnSales") is not False
    doc["TaxTrackedOnPurchases"] = bool(doc.get("TaxTrackedOnPurchases"))
    doc["TaxAgencyConfig"] = doc.get("TaxAgencyConfig") or "USER_DEFINED"


def check_agency(company: Company, doc: Doc, _before: Doc | None) -> None:
    """6240 for a second agency of one name."""
    others = company.shelves["TaxAgency"].ids_with("DisplayName", str(doc["DisplayName"]))
    if others:
        raise refuse("6240", f"The name supplied already exists. : Id={others[0]}", "DisplayName")


def complete_currency_of_company(_: Company, doc: Doc, before: Doc | None) -> None:
    """The name of a currency follows from its code, which never changes, in place."""
    doc["Code"] = (before or doc)["Code"]
    doc["Name"] = NAMES.get(str(doc["Code"]), doc.get("Name") or doc["Code"])


def check_currency_of_company(company: Company, doc: Doc, before: Doc | None) -> None:
    """2220 for a code that is none, 630 for one that is there, 6000 where there is only the home currency."""
    check_currency(company, str(doc["Code"]))
    for record in company.shelves["CompanyCurrency"].records.values():
        if record.body["Code"] == doc["Code"] and record.body["Id"] != (before or {}).get("Id"):
            raise refuse("630", f"The currency {doc['Code']} is already there with Id={record.body['Id']}", "Code")


def check_currency(company: Company, code: str) -> None:
    """Whether a name or a rate may be in a currency at all."""
    if code not in NAMES:
        raise refuse("2220", f"Invalid Currency Type : {code}", "CurrencyRef")
    if code != company.home_currency() and not company.has_currencies():
        raise broken_rule(MANY_CURRENCIES, "CurrencyRef")


def check_chosen_currency(company: Company, doc: Doc, before: Doc | None) -> None:
    """The same for the currency of a customer, vendor or account."""
    if before is None:
        check_currency(company, ref_id(doc, "CurrencyRef"))


def keep_currency_listed(company: Company, code: str) -> None:
    """A currency that a new name brings along joins the company's list."""
    known = [record.body["Code"] for record in company.shelves["CompanyCurrency"].records.values()]
    if code != company.home_currency() and code not in known:
        company.put("CompanyCurrency", {"Code": code, "Name": NAMES[code], "Active": True})


def complete_rate(company: Company, doc: Doc, _before: Doc | None) -> None:
    """An exchange rate is known by its currency and its day, in place."""
    doc["TargetCurrencyCode"] = doc.get("TargetCurrencyCode") or company.home_currency()
    doc["AsOfDate"] = doc.get("AsOfDate") or company.today()
    if doc["SourceCurrencyCode"] == doc["TargetCurrencyCode"]:
        doc["Rate"] = 1
    doc["Id"] = rate_id(str(doc["SourceCurrencyCode"]), str(doc["AsOfDate"]))


def rate_id(code: str, day: str) -> str:
    """Under which Id the rate of a currency on a day is kept; it is never shown."""
    return f"{code}:{day}"


def check_rate(company: Company, doc: Doc, _before: Doc | None) -> None:
    """A rate is of a foreign currency, and more than nothing."""
    check_currency(company, str(doc["SourceCurrencyCode"]))
    if not company.has_currencies():
        raise broken_rule(MANY_CURRENCIES, "SourceCurrencyCode")
    if doc["SourceCurrencyCode"] == company.home_currency():
        raise broken_rule("The exchange rate of the home currency cannot be set.", "SourceCurrencyCode")
    if doc["Rate"] <= 0:
        raise refuse("2110", f"Invalid decimal {doc['Rate']}", "Rate")
