"""What live answers put around a transaction: the order of its properties, empty lists, who changed it, JAXB noise."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.schema.sequence import COMMON, DETAIL_PLACES, LINE_PLACES, PLACES, in_order

SHOWS_NO_LINKS = ("Invoice", "PurchaseOrder")
"""Entities that say so where nothing is linked to them; the others leave the list away."""
SIGNED = ("Invoice", "Bill", "PurchaseOrder")
"""Entities that tell who changed them last."""
PURCHASE_KINDS = {"Check": "3"}
EXPENSE = "54"
"""Numbers of the kind of a purchase, as they stand in its noise."""


def dressed(company: Company, name: str, body: Doc) -> Doc:
    """A transaction as it is answered."""
    seen = {**body, **_added(company, name, body)}
    if not seen.get("LinkedTxn") and name not in SHOWS_NO_LINKS:
        seen.pop("LinkedTxn", None)
    if "Line" in seen:
        seen["Line"] = [_line(name, line) for line in seen["Line"]]
    return in_order(seen, PLACES.get(name, COMMON))


def _added(company: Company, name: str, body: Doc) -> Doc:
    if name in SIGNED and "MetaData" in body:
        made, by = body["MetaData"].get("CreateTime"), {"value": company.person_id()}
        return {"MetaData": {"CreateTime": made, "LastModifiedByRef": by, **body["MetaData"]}}
    if name == "Deposit":
        return {"TxnTaxDetail": body.get("TxnTaxDetail") or {}}
    if name == "Purchase":
        return {"PurchaseEx": {"any": [noise("TxnType", PURCHASE_KINDS.get(body["PaymentType"], EXPENSE))]}}
    return {}


def _line(name: str, line: Doc) -> Doc:
    kind = line.get("DetailType")
    if kind in (None, "SubTotalLineDetail"):
        return line
    seen = {**line, "CustomExtensions": line.get("CustomExtensions") or []}
    if name == "Bill":
        seen["LinkedTxn"] = line.get("LinkedTxn") or []
    if isinstance(seen.get(kind), dict):
        seen[kind] = in_order(seen[kind], DETAIL_PLACES)
    return in_order(seen, LINE_PLACES)


def noise(name: str, value: str) -> Doc:
    """A name and a value as the service's serialiser lets them out."""
    return {
        "name": "{http://schema.intuit.com/finance/v3}NameValue",
        "declaredType": "com.intuit.schema.finance.v3.NameValue",
        "scope": "javax.xml.bind.JAXBElement$GlobalScope", "value": {"Name": name, "Value": value}, "nil": False,
        "globalScope": True, "typeSubstituted": False,
    }  # fmt: skip
