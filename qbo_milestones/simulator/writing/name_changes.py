"""What a changed name carries along: the full names under it, and those that leave with their parent."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.books.trees import children
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.schema.entities import ENTITIES
from qbo_milestones.simulator.writing.lists import keep_currency_listed
from qbo_milestones.simulator.writing.names import CHILD_FLAG, GONE, full_name
from qbo_milestones.simulator.writing.renaming import rename


def follow_name(company: Company, name: str, record: Record, before: Doc | None) -> None:
    """Bring the rest of the company up to a name that was just stored."""
    if before is not None:
        rename(company, name, record, before)
    if before is None and "CurrencyRef" in record.body:
        keep_currency_listed(company, ref_id(record.body, "CurrencyRef"))
    if name not in CHILD_FLAG or before is None:
        return
    leaves = bool(before.get("Active")) and not record.body["Active"] and company.settings.inactive_parent == "cascade"
    if not leaves and before["FullyQualifiedName"] == record.body["FullyQualifiedName"]:
        return
    for child in children(company, name, str(record.body["Id"])):
        old = child.body
        follow_name(company, name, _carried(company, name, child, leaves), old)


def _carried(company: Company, name: str, child: Record, leaves: bool) -> Record:
    """A child's full name changes without a new SyncToken (seen in a public answer); leaving is a change of its own."""
    unique, body = ENTITIES[name].unique, child.body
    if leaves and body["Active"]:
        body = {**body, "Active": False, unique: f"{body[unique]}{GONE}"}
        return company.put(name, {**body, "FullyQualifiedName": full_name(company, name, body)}, child)
    return company.touch(name, child, {"FullyQualifiedName": full_name(company, name, body)})
