"""Checks whom lines of journals and deposits name: customers, vendors, employees (quickbooks-online.md 6.3)."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.chart import PAYABLE, RECEIVABLE
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import Refusal, broken_rule, made_inactive, refuse
from qbo_milestones.simulator.refs import display_name, ref_id
from qbo_milestones.simulator.writing.references import not_found

NEEDS = {
    RECEIVABLE: ("Customer", "When you use Accounts Receivable, you must choose a customer in the Name field."),
    PAYABLE: ("Vendor", "When you use Accounts Payable, you must choose a supplier in the Name field."),
}
"""Account type -> whom its lines are about, and the words of 6000 without (seen live)."""
KINDS = ("Customer", "Vendor", "Employee")


def check_party(company: Company, detail: Doc, account_kind: str) -> None:
    """Name the Entity group of a line, in place; refuse one that is missing, unknown, or made inactive."""
    entity = detail.get("Entity") or {}
    ref = entity["EntityRef"] if entity.get("EntityRef") else entity
    party_id, kind = ref_id({"ref": ref}, "ref"), kind_of_party(entity, ref)
    if account_kind in NEEDS and (kind != NEEDS[account_kind][0] or not party_id):
        raise broken_rule(NEEDS[account_kind][1])
    if not party_id:
        detail.pop("Entity", None)
        return
    if kind not in KINDS:
        raise refuse("2170", f"Invalid Enumeration : {kind}", "Type")
    record = company.find(kind, party_id)
    if record is None:
        raise Refusal(not_found(kind, party_id))
    if record.body.get("Active") is False:
        raise Refusal(made_inactive(company.settings.inactive_reference, "EntityRef"))
    ref["name"] = display_name(record.body)


def kind_of_party(entity: Doc, ref: Doc) -> str:
    """Journals write it beside the reference, deposits in capitals within it; a customer where it is left out."""
    return str(entity.get("Type") or ref.get("type") or "Customer").capitalize()
