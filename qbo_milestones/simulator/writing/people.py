"""Completes and checks customers, vendors and employees (quickbooks-online.md 6.5)."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.usage import party_is_used
from qbo_milestones.simulator.faults import Refusal, missing, refuse
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.writing.parts import ZERO, keep_currency, keep_on_sparse, masked, number_addresses

NAME_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
NOBODY = "Title, GivenName, MiddleName, FamilyName, DisplayName, Suffix - one of these must be non-empty"


def _person(doc: Doc, before: Doc | None) -> None:
    keep_on_sparse(doc, before, "DisplayName", "PrintOnCheckName")
    full = " ".join(str(doc[part]).strip() for part in NAME_PARTS if doc.get(part))
    doc["DisplayName"] = doc.get("DisplayName") or full
    if not str(doc["DisplayName"]).strip():
        raise refuse("6080", f"No Name Provided : {NOBODY}", "DisplayName")
    printed = doc.get("PrintOnCheckName") or doc.get("CompanyName") or doc["DisplayName"]
    doc["PrintOnCheckName"] = str(printed).removesuffix(" (deleted)")
    doc["V4IDPseudonym"] = ""


def complete_customer(company: Company, doc: Doc, before: Doc | None) -> None:
    """Defaults of a customer or job, in place; 6150 for a job without its parent."""
    _person(doc, before)
    taxable = doc.get("Taxable")
    code = ref_id(doc, "DefaultTaxCodeRef")
    doc["Taxable"] = bool(code if taxable is None else taxable) and not doc.get("TaxExemptionReasonId")
    if not doc["Taxable"]:
        doc.pop("DefaultTaxCodeRef", None)
    if doc.get("Job") and not ref_id(doc, "ParentRef"):
        raise refuse("6150", "A ParentRef is required if Job is true.", "ParentRef")
    doc["BillWithParent"] = bool(doc.get("BillWithParent")) and bool(ref_id(doc, "ParentRef"))
    doc["IsProject"] = bool(doc.get("IsProject"))
    doc["ClientEntityId"] = doc.get("ClientEntityId") or "0"
    doc["PreferredDeliveryMethod"] = doc.get("PreferredDeliveryMethod") or "Print"
    for name in ("PrimaryTaxIdentifier", "SecondaryTaxIdentifier"):
        doc[name] = masked(doc.get(name), (before or {}).get(name), 5)
    doc["Balance"] = doc["BalanceWithJobs"] = ZERO
    doc.pop("OpenBalanceDate", None)
    keep_currency(company, doc, before)
    number_addresses(company, doc, before, "BillAddr", "ShipAddr")


def complete_vendor(company: Company, doc: Doc, before: Doc | None) -> None:
    """Defaults of a vendor, in place."""
    _person(doc, before)
    doc["Vendor1099"] = bool(doc.get("Vendor1099"))
    for rate in ("BillRate", "CostRate"):
        doc[rate] = doc.get(rate) or 0
    doc["TaxIdentifier"] = masked(doc.get("TaxIdentifier"), (before or {}).get("TaxIdentifier"), 4)
    bank = doc.get("VendorPaymentBankDetail")
    if bank:
        old = (before or {}).get("VendorPaymentBankDetail") or {}
        number = masked(bank.get("BankAccountNumber"), old.get("BankAccountNumber"), 4)
        doc["VendorPaymentBankDetail"] = {**bank, "BankAccountNumber": number}
    doc["Balance"] = ZERO
    doc.pop("OpenBalanceDate", None)
    keep_currency(company, doc, before)
    number_addresses(company, doc, before, "BillAddr")


def complete_employee(company: Company, doc: Doc, before: Doc | None) -> None:
    """Defaults of an employee, in place. The social security number is never kept."""
    _person(doc, before)
    doc["BillableTime"] = bool(doc.get("BillableTime"))
    if not doc["BillableTime"]:
        doc.pop("BillRate", None)
    if doc.get("SSN"):
        doc["SSN"] = "XXX-XX-XXXX"
    number_addresses(company, doc, before, "PrimaryAddr")


def check_customer(company: Company, doc: Doc, before: Doc | None) -> None:
    """6130 where invoices already went to somebody else."""
    if before is None or bool(before.get("BillWithParent")) == doc["BillWithParent"]:
        return
    if party_is_used(company, "Customer", str(before["Id"])):
        detail = "You can't change who this customer bills with because there are invoices."
        raise refuse("6130", detail, "BillWithParent")


def check_employee(_: Company, doc: Doc, _before: Doc | None) -> None:
    """2020 for an employee with neither a given nor a family name."""
    if not doc.get("GivenName") and not doc.get("FamilyName"):
        raise Refusal(missing("GivenName"))
