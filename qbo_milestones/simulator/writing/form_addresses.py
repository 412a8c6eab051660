"""The addresses of a sales form: taken from customer and company, numbered, run into lines by a change (6.1)."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.writing.parts import envelope, number_addresses

NAMES = ("BillAddr", "ShipAddr", "ShipFromAddr")
FROM_CUSTOMER = ("BillAddr", "ShipAddr")
PLACE = ("City", "CountrySubDivisionCode", "PostalCode", "Country")
FIRST, LAST = 3, 5
"""Lines that take the place once it is no longer kept apart."""


def complete_addresses(company: Company, doc: Doc, before: Doc | None) -> None:
    """Number the addresses of a sales form in place; those that are missing are the customer's and the company's."""
    number_addresses(company, doc, before, *NAMES)
    record = company.find("Customer", ref_id(doc, "CustomerRef"))
    customer = record.body if record else {}
    for name in FROM_CUSTOMER:
        if doc.get(name) is None and customer.get(name):
            doc[name] = customer[name]
    if doc.get("PrintStatus") is None and customer.get("PreferredDeliveryMethod") == "Print":
        doc["PrintStatus"] = "NeedToPrint"
    own = company.fetch("CompanyInfo", "1").body.get("CompanyAddr")
    if before is None and own and not doc.get("ShipFromAddr"):
        doc["ShipFromAddr"] = envelope(company, own)


def flatten_addresses(doc: Doc) -> None:
    """Write city, state, code and country into the free lines of each address, in place."""
    for name in FROM_CUSTOMER:
        address = doc.get(name) or {}
        if any(address.get(part) for part in PLACE):
            doc[name] = _flat(address)


def _flat(address: Doc) -> Doc:
    place, code = _joined(address, ", ", "City", "CountrySubDivisionCode"), address.get("PostalCode")
    rows = ["  ".join(text for text in (place, code) if text), str(address.get("Country") or "")]
    kept = {part: value for part, value in address.items() if part not in PLACE}
    free = [f"Line{row}" for row in range(FIRST, LAST + 1) if not kept.get(f"Line{row}")]
    return {**kept, **dict(zip(free, (row for row in rows if row), strict=False))}


def _joined(address: Doc, between: str, *parts: str) -> str:
    return between.join(str(address[part]) for part in parts if address.get(part))
