"""Checks names: one of each, under a parent that holds them, inactive only when nothing is open (section 6.5)."""

from collections.abc import Callable, Iterator

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.trees import ancestors, descendants
from qbo_milestones.simulator.books.usage import balance_of, has_unbilled
from qbo_milestones.simulator.faults import INACTIVE, Refusal, name_taken, refuse
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.schema.fields import EntitySpec
from qbo_milestones.simulator.writing.accounts import check_account
from qbo_milestones.simulator.writing.items import check_item
from qbo_milestones.simulator.writing.lists import (
    check_agency,
    check_chosen_currency,
    check_currency_of_company,
    check_rate,
    check_term,
)
from qbo_milestones.simulator.writing.names import CHILD_FLAG
from qbo_milestones.simulator.writing.people import check_customer, check_employee
from qbo_milestones.simulator.writing.profile import check_company_info

LEVELS = 5
PEOPLE = ("Customer", "Vendor", "Employee")
"""Who share one row of names."""
IN_CURRENCY = ("Customer", "Vendor", "Account")
Check = Callable[[Company, Doc, Doc | None], None]


def check_name(company: Company, spec: EntitySpec, doc: Doc, before: Doc | None) -> None:
    """Refuse what QuickBooks refuses; the document is complete already."""
    _check_site(company, doc)
    if spec.name in CHECKS:
        CHECKS[spec.name](company, doc, before)
    if spec.name in IN_CURRENCY:
        check_chosen_currency(company, doc, before)
    if spec.name in CHILD_FLAG:
        _check_parent(company, spec.name, doc, before)
    if spec.is_name_list and spec.unique and doc["Active"]:
        _check_unique(company, spec, doc, before)
    if spec.is_name_list and before is not None and before.get("Active") and not doc["Active"]:
        _check_leaving(company, spec.name, str(before["Id"]))


def _check_site(company: Company, doc: Doc) -> None:
    site = str((doc.get("WebAddr") or {}).get("URI") or "")
    if site and "://" not in site and company.settings.url_without_scheme == "refuse":
        raise refuse("2200", f"Malformed URL {site}: no protocol", "URI")


# one of each --------------------------------------------------------------------------------------


def _check_unique(company: Company, spec: EntitySpec, doc: Doc, before: Doc | None) -> None:
    own = (spec.name, str((before or {}).get("Id") or ""))
    for rival, other in _rivals(company, spec, doc):
        if (rival, other) != own:
            raise _taken(company, spec, rival, other)


def _taken(company: Company, spec: EntitySpec, rival: str, other: str) -> Refusal:
    by_id = rival == spec.name and company.settings.duplicate_name_detail == "id"
    return refuse("6240", name_taken(spec.name, other if by_id else ""), spec.unique)


def _rivals(company: Company, spec: EntitySpec, doc: Doc) -> Iterator[tuple[str, str]]:
    """(entity, Id) of the active and inactive names that are written the same, in any case."""
    if spec.name not in PEOPLE:
        by = "FullyQualifiedName" if spec.name in CHILD_FLAG else spec.unique
        yield from ((spec.name, other) for other in company.shelves[spec.name].ids_with(by, str(doc[by])))
        return
    for rival in PEOPLE:
        per_parent = rival == spec.name == "Customer" and company.settings.job_names == "per_parent"
        by = "FullyQualifiedName" if per_parent else spec.unique
        yield from ((rival, other) for other in company.shelves[rival].ids_with(by, str(doc[by])))


# under a parent -----------------------------------------------------------------------------------


def _check_parent(company: Company, name: str, doc: Doc, before: Doc | None) -> None:
    parent_id, own_id = ref_id(doc, "ParentRef"), str((before or {}).get("Id") or "")
    if not parent_id:
        return
    line = list(ancestors(company, name, parent_id))
    if own_id and own_id in (str(record.body["Id"]) for record in line):
        raise refuse("900", "The same object can't be the parent or child of itself.", "ParentRef")
    moved = parent_id != ref_id(before or {}, "ParentRef")
    if moved and line[0].body.get("Active") is False:
        raise refuse("610", INACTIVE, "ParentRef")
    if len(line) + 1 + _height(company, name, own_id) > LEVELS:
        raise refuse("6180", f"Maximum {LEVELS} levels are allowed.", "ParentRef")


def _height(company: Company, name: str, object_id: str) -> int:
    """How many levels stand under an object."""
    if not object_id:
        return 0
    own = str(company.fetch(name, object_id).body["FullyQualifiedName"]).count(":")
    below = descendants(company, name, object_id)
    return max((str(record.body["FullyQualifiedName"]).count(":") - own for record in below), default=0)


# leaving ------------------------------------------------------------------------------------------


def _check_leaving(company: Company, name: str, object_id: str) -> None:
    leaving = [object_id]
    if name in CHILD_FLAG and company.settings.inactive_parent == "cascade":
        leaving += [str(record.body["Id"]) for record in descendants(company, name, object_id)]
    for each in leaving:
        if company.settings.inactive_with_balance == "refuse" and balance_of(company, name, each):
            raise refuse("6220", f"{name} {each} has a balance and can't be deleted.", "Active")
        if name == "Customer" and has_unbilled(company, each):
            raise refuse("6280", f"Customer {each} can't be deleted because they have unbilled charges.", "Active")


CHECKS: dict[str, Check] = {
    "Customer": check_customer, "Employee": check_employee, "Item": check_item, "Account": check_account,
    "Term": check_term, "TaxAgency": check_agency, "CompanyCurrency": check_currency_of_company,
    "CompanyInfo": check_company_info, "ExchangeRate": check_rate,
}  # fmt: skip
