"""What several kinds of names share: addresses with their Ids, masked numbers, currencies, what a change keeps."""

from decimal import Decimal

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.currencies import currency_ref
from qbo_milestones.simulator.refs import ref_id

ZERO = Decimal(0)


def keep_on_sparse(doc: Doc, before: Doc | None, *names: str) -> None:
    """What a sparse update cannot remove keeps its value."""
    for name in names:
        if doc.get(name) is None and doc.get("sparse") and before is not None and before.get(name) is not None:
            doc[name] = before[name]


def keep_currency(company: Company, doc: Doc, before: Doc | None) -> None:
    """The currency is chosen once, at creation; later ones are passed over."""
    chosen = ref_id(before or {}, "CurrencyRef") or ref_id(doc, "CurrencyRef") or company.home_currency()
    doc["CurrencyRef"] = currency_ref(chosen)


def masked(value: object, before: object, shown: int) -> str | None:
    """A number of which only the last characters are ever shown; one that comes back masked changes nothing."""
    if value is None:
        return None
    text = str(value)
    if text.startswith("XX"):
        return str(before) if before is not None else text
    return "X" * max(0, len(text) - shown) + text[-shown:]


def number_addresses(company: Company, doc: Doc, before: Doc | None, *names: str) -> None:
    """Addresses get a new Id when they change; equal ones of one object share it; empty ones go."""
    for name in names:
        address = {part: value for part, value in (doc.get(name) or {}).items() if value is not None and part != "Id"}
        if not address:
            doc.pop(name, None)
            continue
        known = [(before or {}).get(name), doc.get(names[0]) if name != names[0] else None]
        ids = [str(place["Id"]) for place in known if place and place.get("Id") and _same(place, address)]
        doc[name] = {"Id": ids[0] if ids else _next_address(company), **address}
        _count(company, doc[name]["Id"])


def envelope(company: Company, address: Doc) -> Doc:
    """An address with an Id of its own, in the lines of an envelope: street, then place."""
    streets = [address[f"Line{row}"] for row in range(1, 6) if address.get(f"Line{row}")]
    region = " ".join(str(address.get(part) or "") for part in ("CountrySubDivisionCode", "PostalCode"))
    place = ", ".join(part for part in (str(address.get("City") or ""), region.strip().replace(" ", "  ", 1)) if part)
    lines = {f"Line{row}": line for row, line in enumerate([*streets, *([place] if place else [])][:5], start=1)}
    return {"Id": _next_address(company), **lines}


def _same(place: Doc, address: Doc) -> bool:
    return {part: value for part, value in place.items() if part != "Id" and value is not None} == address


def _next_address(company: Company) -> str:
    company.last_ids["Address"] += 1
    return str(company.last_ids["Address"])


def _count(company: Company, address_id: str) -> None:
    if address_id.isdigit():
        company.last_ids["Address"] = max(company.last_ids["Address"], int(address_id))
