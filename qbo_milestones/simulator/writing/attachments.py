"""Attachables: a note or a file, and the objects that it is attached to (quickbooks-online.md 6.5)."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.faults import INACTIVE, Refusal, missing, refuse
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.schema.entities import ENTITIES

CARRIERS = ("Item", "Customer", "Vendor", "Employee", "Account")
"""What may carry an attachment, beside every transaction."""
_BY_LOWER_NAME = {name.lower(): name for name, spec in ENTITIES.items() if "TxnDate" in spec.fields or name in CARRIERS}


def complete_attachable(_company: Company, _name: str, doc: Doc, _before: Doc | None, _given: set[str]) -> None:
    """Each link says whether the file goes out with the document."""
    for link in doc.get("AttachableRef") or []:
        link["IncludeOnSend"] = bool(link.get("IncludeOnSend"))


def check_attachable(company: Company, doc: Doc) -> None:
    """2020 without file name and note, 6050 for what carries no attachments, 610 for what is not there."""
    if not doc.get("FileName") and not doc.get("Note"):
        raise Refusal(missing("FileName"), missing("Note"))
    for link in doc.get("AttachableRef") or []:
        target = link.get("EntityRef")
        if target:
            target["type"] = _carrier(str(target.get("type") or ""))
            if company.find(target["type"], ref_id(link, "EntityRef")) is None:
                raise refuse("610", INACTIVE)


def attached_anew(company: Company, name: str, doc: Doc, before: Doc | None) -> list[tuple[str, Record]]:
    """The transactions that an attachable hangs on from now on: it changes them, as seen live."""
    if name != "Attachable" or not company.settings.attaching_changes_target:
        return []
    new = [key for key in _targets(doc) if key not in _targets(before or {}) and ENTITIES[key[0]].is_transaction]
    return [(key[0], company.fetch(*key)) for key in new]


def _targets(doc: Doc) -> list[tuple[str, str]]:
    links = [link for link in doc.get("AttachableRef") or [] if link.get("EntityRef")]
    return list(dict.fromkeys((link["EntityRef"]["type"], ref_id(link, "EntityRef")) for link in links))


def _carrier(kind: str) -> str:
    name = _BY_LOWER_NAME.get(kind.lower())
    if name is None:
        raise refuse("6050", f"The entity reference type {kind} is unsupported for Attachable")
    return name
