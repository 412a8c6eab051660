"""Whether the books stand on a name: what may no longer be changed or left then."""

from collections.abc import Callable, Iterator

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Entry
from qbo_milestones.simulator.refs import ref_id

BALANCED = ("Customer", "Vendor")
"""Names whose balance the ledger keeps by party."""
SPENT = ("Purchase", "Bill", "VendorCredit")
"""Transactions whose lines may be billed on to a customer."""


def account_is_used(company: Company, account_id: str) -> bool:
    """Whether anything was ever posted to an account."""
    return _any_entry(company, lambda entry: entry.account == account_id)


def party_is_used(company: Company, kind: str, object_id: str) -> bool:
    """Whether any posting is about a customer, vendor or employee."""
    key = (kind, object_id)
    return _any_entry(company, lambda entry: entry.party == key)


def balance_of(company: Company, name: str, object_id: str) -> int:
    """What is owed by or to a name, or stands on an account, in cents of its own currency."""
    if name in BALANCED:
        return company.ledger.parties.get((name, object_id), 0)
    record = company.find("Account", object_id) if name == "Account" else None
    if record is None or record.body.get("Classification") in ("Revenue", "Expense"):
        return 0
    return company.ledger.accounts.get(object_id, 0)


def has_unbilled(company: Company, customer_id: str) -> bool:
    """Whether time or costs wait to be billed to a customer."""
    return any(
        doc.get("BillableStatus") == "Billable" and ref_id(doc, "CustomerRef") == customer_id
        for doc in _billable(company)
    )


def _billable(company: Company) -> Iterator[Doc]:
    if "TimeActivity" in company.shelves:
        for record in company.shelves["TimeActivity"].records.values():
            yield record.body
    for name in SPENT:
        for record in company.shelves[name].records.values() if name in company.shelves else ():
            for line in record.body.get("Line") or []:
                yield from (detail for detail in line.values() if isinstance(detail, dict))


def _any_entry(company: Company, fits: Callable[[Entry], bool]) -> bool:
    return any(fits(entry) for posting in company.ledger.postings.values() for entry in posting.entries)
