"""Completes names: defaults, full names, the suffix of inactive ones (quickbooks-online.md 6.5)."""

from collections.abc import Callable

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.schema.entities import ENTITIES
from qbo_milestones.simulator.writing.accounts import complete_account
from qbo_milestones.simulator.writing.items import complete_item
from qbo_milestones.simulator.writing.lists import (
    complete_agency,
    complete_currency_of_company,
    complete_department,
    complete_method,
    complete_rate,
    complete_term,
)
from qbo_milestones.simulator.writing.people import complete_customer, complete_employee, complete_vendor
from qbo_milestones.simulator.writing.profile import complete_company_info

GONE = " (deleted)"
CHILD_FLAG = {"Customer": "Job", "Item": "SubItem", "Account": "SubAccount", "Class": "SubClass",
              "Department": "SubDepartment"}  # fmt: skip
"""Entities that form trees -> the property that says that an object stands under another."""
SHOWS_LEVEL = ("Customer", "Item")


def complete_name(company: Company, name: str, doc: Doc, before: Doc | None, _given: set[str]) -> None:
    """Fill in everything that QuickBooks computes for an object that is no transaction, in place."""
    spec = ENTITIES[name]
    if spec.is_name_list:
        doc["Active"] = doc.get("Active") is not False
    if name in SPECIAL:
        SPECIAL[name](company, doc, before)
    if not spec.unique or not spec.is_name_list:
        return
    bare = bare_name(doc, spec.unique)
    doc[spec.unique] = bare if doc["Active"] else bare + GONE
    if name in CHILD_FLAG:
        _place_in_tree(company, name, doc)


def bare_name(doc: Doc, unique: str) -> str:
    """The name without what marks an inactive one and without blanks around it."""
    return str(doc.get(unique) or "").strip().removesuffix(GONE).strip()


def full_name(company: Company, name: str, doc: Doc) -> str:
    """``Parent:Child``, in which the names of inactive ones carry their suffix."""
    own = str(doc[ENTITIES[name].unique])
    parent = company.find(name, ref_id(doc, "ParentRef"))
    return f"{parent.body['FullyQualifiedName']}:{own}" if parent else own


def _place_in_tree(company: Company, name: str, doc: Doc) -> None:
    below = bool(ref_id(doc, "ParentRef"))
    doc["FullyQualifiedName"] = full_name(company, name, doc)
    doc[CHILD_FLAG[name]] = below
    if name in SHOWS_LEVEL:
        doc["Level"] = doc["FullyQualifiedName"].count(":")
    if not below:
        for unseen in ("ParentRef", "Level", *(("SubItem",) if name == "Item" else ())):
            doc.pop(unseen, None)


SPECIAL: dict[str, Callable[[Company, Doc, Doc | None], None]] = {
    "Customer": complete_customer, "Vendor": complete_vendor, "Employee": complete_employee, "Item": complete_item,
    "Account": complete_account, "Term": complete_term, "PaymentMethod": complete_method,
    "Department": complete_department, "CompanyCurrency": complete_currency_of_company, "TaxAgency": complete_agency,
    "ExchangeRate": complete_rate, "CompanyInfo": complete_company_info,
}  # fmt: skip
COMPLETED = tuple(name for name, spec in ENTITIES.items() if not spec.is_transaction and name != "Attachable")
"""What `complete_name` is for."""
