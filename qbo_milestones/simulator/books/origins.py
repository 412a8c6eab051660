"""What a document was made from: an invoice from an estimate or recorded time, a bill from a purchase order.

The origin shows the document in its LinkedTxn and changes its state; it returns when the document lets go of it.
"""

from collections.abc import Iterator

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Key

ORIGINS: dict[str, tuple[str, ...]] = {"Invoice": ("Estimate", "TimeActivity"), "Bill": ("PurchaseOrder",)}
"""Document -> what it may be made from."""
STATES = {
    "Estimate": ("TxnStatus", "Closed", "Pending"),
    "TimeActivity": ("BillableStatus", "HasBeenBilled", "Billable"),
    "PurchaseOrder": ("POStatus", "Closed", "Open"),
}
"""Origin -> (property, its value once used, its value when it is free again)."""


def origins_of(name: str, doc: Doc | None) -> Iterator[Key]:
    """What a document names as its origins, in its own LinkedTxn and in those of its lines."""
    body = doc or {}
    for part in (body, *(body.get("Line") or [])) if name in ORIGINS else ():
        for link in part.get("LinkedTxn") or []:
            if link.get("TxnType") in ORIGINS[name]:
                yield str(link["TxnType"]), str(link.get("TxnId") or "")


def follow_origins(company: Company, key: Key, now: Doc | None, before: Doc | None) -> None:
    """Mark what the document was made from, and free what it no longer names."""
    wanted = dict.fromkeys(origins_of(key[0], now))
    for origin in origins_of(key[0], before):
        if origin not in wanted:
            _mark(company, origin, key, used=False)
    for origin in wanted:
        _mark(company, origin, key, used=True)


def _mark(company: Company, origin: Key, key: Key, used: bool) -> None:
    record = company.find(*origin)
    link = {"TxnId": key[1], "TxnType": key[0]}
    if record is None or used == (link in (record.body.get("LinkedTxn") or [])):
        return
    links = [other for other in record.body.get("LinkedTxn") or [] if other != link]
    name, when_used, when_free = STATES[origin[0]]
    if origin[0] == "Estimate":
        when_used = company.settings.invoiced_estimate
    state = {name: when_used, "LinkedTxn": [*links, link]} if used else {name: when_free, "LinkedTxn": links}
    company.put(origin[0], {**record.body, **state}, record)
