"""Document numbers: who assigns them and which duplicates are refused (quickbooks-online.md 6.1, 6.3)."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.faults import Problem, Refusal
from qbo_milestones.simulator.schema.fields import EntitySpec

NUMBERED = {"Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt", "Estimate", "PurchaseOrder"}
OWN_NUMBERS = {"PurchaseOrder": ("VendorAndPurchasesPrefs", "UseCustomTxnNumbers")}
"""Entity -> the preference by which the company numbers it itself; sales forms have one of their own."""
TYPE_IN_FAULT = {"JournalEntry": "Journal Entry", "CreditMemo": "Credit Memo", "SalesReceipt": "Sales Receipt",
                 "RefundReceipt": "Refund", "BillPayment": "Bill Payment", "Purchase": "Check"}  # fmt: skip

WARNED = {"JournalEntry": "WarnDuplicateJournalNumber", "Bill": "WarnDuplicateBillNumber",
          "BillPayment": "WarnDuplicateCheckNumber", "Purchase": "WarnDuplicateCheckNumber"}  # fmt: skip
"""Entity -> the preference that has its duplicate numbers refused."""


def assign_number(company: Company, spec: EntitySpec, doc: Doc, before: Doc | None, include: frozenset[str]) -> None:
    """Set or check DocNumber in place."""
    group, name = OWN_NUMBERS.get(spec.name, ("SalesFormsPrefs", "CustomTxnNumbers"))
    own = bool(company.preference(group, name))
    wanted = doc.get("DocNumber")
    if wanted == "AUTO_GENERATE" or doc.pop("AutoDocNumber", False):
        doc["DocNumber"] = company.next_number()
    elif not wanted and _numbered_by_quickbooks(spec, own, include):
        doc["DocNumber"] = (before or {}).get("DocNumber") or company.next_number()
    else:
        taken = number_in_use(company, spec, doc, before, include)
        if taken:
            raise Refusal(*taken)


def number_in_use(
    company: Company, spec: EntitySpec, doc: Doc, before: Doc | None, include: frozenset[str]
) -> list[Problem]:
    """6140 where the wanted number belongs to another document already."""
    wanted = doc.get("DocNumber")
    if not wanted or wanted == (before or {}).get("DocNumber") or "allowduplicatedocnum" in include:
        return []
    taken = company.shelves[spec.name].ids_with("DocNumber", wanted) if _watched(company, spec) else []
    kind = TYPE_IN_FAULT.get(spec.name, spec.name)
    detail = (
        "Duplicate Document Number Error : You must specify a different number. This number has already been "
        f"used. DocNumber={wanted} is assigned to TxnType={kind} with TxnId="
    )
    return [Problem("6140", f"{detail}{object_id}") for object_id in taken[:1]]


def _watched(company: Company, spec: EntitySpec) -> bool:
    if spec.name in WARNED:
        return company.other_preference(WARNED[spec.name])
    own = bool(company.preference("SalesFormsPrefs", "CustomTxnNumbers"))
    return spec.name in NUMBERED and own and company.settings.duplicate_docnumber == "refuse"


def _numbered_by_quickbooks(spec: EntitySpec, own: bool, include: frozenset[str]) -> bool:
    if spec.name == "JournalEntry":
        return "allowautodocnum" in include
    return spec.name in NUMBERED and not own
