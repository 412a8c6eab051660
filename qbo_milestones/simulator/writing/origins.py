"""Checks what a document says it was made from (quickbooks-online.md 6.1, LinkedTxn)."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.origins import ORIGINS, origins_of
from qbo_milestones.simulator.faults import not_linked
from qbo_milestones.simulator.refs import ref_id


def check_origins(company: Company, name: str, doc: Doc, before: Doc | None) -> None:
    """620 for an origin that is not there, another party's, used already, or one estimate too many."""
    old = set(origins_of(name, before))
    new = list(dict.fromkeys(origins_of(name, doc)))
    if len([origin for origin in new if origin[0] == "Estimate"]) > 1:
        raise not_linked(new[-1], "an invoice is made from one estimate")
    for kind, object_id in new:
        record = company.find(kind, object_id)
        if record is None or not _same_party(record.body, doc):
            raise not_linked((kind, object_id))
        if (kind, object_id) not in old and kind != "PurchaseOrder" and _used(record.body, str(doc.get("Id") or "")):
            raise not_linked((kind, object_id), "it is linked to another transaction")


def _same_party(origin: Doc, doc: Doc) -> bool:
    name = "VendorRef" if "VendorRef" in doc else "CustomerRef"
    return ref_id(origin, name) == ref_id(doc, name)


def _used(origin: Doc, own_id: str) -> bool:
    return any(link.get("TxnId") != own_id for link in origin.get("LinkedTxn") or [])


def keep_links(name: str, doc: Doc) -> None:
    """Only links to origins can be written; the others follow from other documents."""
    if "LinkedTxn" not in doc:
        return
    if name not in ORIGINS:
        del doc["LinkedTxn"]
