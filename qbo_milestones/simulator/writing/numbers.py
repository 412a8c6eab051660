"""Document numbers: who assigns them and which duplicates are refused (quickbooks-online.md 6.1, 6.3)."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import refuse
from qbo_milestones.simulator.schema.fields import EntitySpec

NUMBERED = {"Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt"}
TYPE_IN_FAULT = {"JournalEntry": "Journal Entry", "CreditMemo": "Credit Memo", "SalesReceipt": "Sales Receipt",
                 "RefundReceipt": "Refund"}  # fmt: skip


def assign_number(company: Company, spec: EntitySpec, doc: Doc, before: Doc | None, include: frozenset[str]) -> None:
    """Set or check DocNumber in place."""
    own = bool(company.preference("SalesFormsPrefs", "CustomTxnNumbers"))
    wanted = doc.get("DocNumber")
    if wanted == "AUTO_GENERATE" or doc.pop("AutoDocNumber", False):
        doc["DocNumber"] = company.next_number()
    elif not wanted and _numbered_by_quickbooks(spec, own, include):
        doc["DocNumber"] = (before or {}).get("DocNumber") or company.next_number()
    elif wanted and wanted != (before or {}).get("DocNumber") and "allowduplicatedocnum" not in include:
        _refuse_duplicate(company, spec, str(wanted), own)


def _numbered_by_quickbooks(spec: EntitySpec, own: bool, include: frozenset[str]) -> bool:
    if spec.name == "JournalEntry":
        return "allowautodocnum" in include
    return spec.name in NUMBERED and not own


def _refuse_duplicate(company: Company, spec: EntitySpec, number: str, own: bool) -> None:
    if spec.name == "JournalEntry":
        watched = company.other_preference("WarnDuplicateJournalNumber")
    else:
        watched = spec.name in NUMBERED and own and company.settings.duplicate_docnumber == "refuse"
    taken = company.shelves[spec.name].ids_with("DocNumber", number) if watched else []
    if taken:
        kind = TYPE_IN_FAULT.get(spec.name, spec.name)
        raise refuse(
            "6140",
            "Duplicate Document Number Error : You must specify a different number. This number has already been "
            f"used. DocNumber={number} is assigned to TxnType={kind} with TxnId={taken[0]}",
        )
