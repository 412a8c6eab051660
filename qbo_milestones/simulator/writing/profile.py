"""Completes and changes the two single objects: what the company says of itself, and its preferences."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import Refusal, missing, refuse
from qbo_milestones.simulator.schema.company import PREFERENCES
from qbo_milestones.simulator.schema.fields import Field
from qbo_milestones.simulator.writing.parts import number_addresses

ADDRESSES = ("CompanyAddr", "CustomerCommunicationAddr", "LegalAddr")
UNSEEN = ("Lat", "Long")
"""No longer answered for a company's own addresses (quickbooks-online.md 2.3)."""
ONE_OF_TWO = ("ClassTrackingPerTxn", "ClassTrackingPerTxnLine")


def complete_company_info(company: Company, doc: Doc, before: Doc | None) -> None:
    """Addresses without their place on the globe, in place."""
    doc["LegalName"] = doc.get("LegalName") or doc.get("CompanyName")
    doc["WebAddr"] = doc.get("WebAddr") or {}
    number_addresses(company, doc, before, *ADDRESSES)
    for name in ADDRESSES:
        if name in doc:
            doc[name] = {part: value for part, value in doc[name].items() if part not in UNSEEN}


def check_company_info(_: Company, doc: Doc, _before: Doc | None) -> None:
    """A company keeps a name, an address, and a time zone that exists."""
    absent = [missing(name) for name in ("CompanyName", "CompanyAddr") if not doc.get(name)]
    if absent:
        raise Refusal(*absent)
    zone = doc.get("DefaultTimeZone")
    try:
        ZoneInfo(str(zone or "America/New_York"))
    except (KeyError, ValueError, OSError):
        raise refuse("2170", f"Invalid Enumeration : {zone}", "DefaultTimeZone") from None


def changed_preferences(before: Doc, wanted: Doc) -> Doc:
    """Preferences with what is wanted in place of what was there, property by property."""
    body = _merged(PREFERENCES.fields, before, wanted)
    books, asked = body.get("AccountingInfoPrefs") or {}, wanted.get("AccountingInfoPrefs") or {}
    for this, other in (ONE_OF_TWO, ONE_OF_TWO[::-1]):
        if asked.get(this) and not asked.get(other):
            body["AccountingInfoPrefs"] = {**books, other: False}
    return body


def _merged(fields: Mapping[str, Field], before: Doc, wanted: Doc) -> Doc:
    """A null clears what can be empty; a switch is never null."""
    body = dict(before)
    for name, value in wanted.items():
        field = fields[name]
        if field.kind == "group" and field.inner and value is not None:
            body[name] = _merged(field.inner, before.get(name) or {}, value)
        elif value is not None:
            body[name] = value
        elif field.kind not in ("flag", "choice", "group"):
            body.pop(name, None)
    return body
