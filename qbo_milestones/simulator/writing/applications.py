"""Checks what a payment or bill payment is applied to: it can be linked, it is the same party's, it is still open."""

from decimal import Decimal

from qbo_milestones.simulator.amounts import Doc, half_up
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.currencies import document_currency
from qbo_milestones.simulator.books.ledger import Key
from qbo_milestones.simulator.books.links import (
    SETTLERS,
    applications,
    full_cents,
    open_cents,
    party_of,
    side_of,
)
from qbo_milestones.simulator.faults import Refusal, broken_rule, missing, not_linked, refuse
from qbo_milestones.simulator.refs import ref_id


def settler_lines(doc: Doc) -> list[Doc]:
    """The lines of a settler, those of nothing left out; each is linked to one transaction."""
    lines = [_line(line) for line in doc.get("Line") or []]
    return [line for line in lines if line["Amount"]]


def _line(line: Doc) -> Doc:
    links = [{name: str(value) for name, value in link.items() if value} for link in line.get("LinkedTxn") or []]
    if line.get("Amount") is None:
        raise Refusal(missing("Line.Amount"))
    if len(links) != 1:
        raise refuse("620", "Each line of a payment is linked to one transaction", "LinkedTxn")
    if line["Amount"] < 0:
        raise refuse("2140", f"Invalid Amount : {line['Amount']}", "Amount")
    return {"Amount": half_up(Decimal(line["Amount"])), "LinkedTxn": links}


def check_applications(company: Company, settler: Key, doc: Doc, payer: Key) -> None:
    """620 for what cannot be linked, 6000 for what is applied beyond its open balance."""
    for key, amount in applications(doc).items():
        record = company.find(*key)
        if record is None or full_cents(company, key) is None or side_of(company, key) != SETTLERS[settler[0]]:
            raise not_linked(key)
        if not _same_family(company, party_of(company, key), payer):
            raise not_linked(key, f"it belongs to another {payer[0].lower()}")
        if document_currency(company, record.body) != document_currency(company, doc):
            raise broken_rule(f"{key[0]} {key[1]} is in another currency.", "CurrencyRef")
        if amount > open_cents(company, key, without=settler):
            raise broken_rule(f"The amount applied to {key[0]} {key[1]} is greater than its open balance.", "Amount")


def _same_family(company: Company, owner: Key | None, payer: Key) -> bool:
    if owner is None or owner == payer:
        return True
    both_customers = owner[0] == payer[0] == "Customer"
    return both_customers and top_customer(company, owner[1]) == top_customer(company, payer[1])


def top_customer(company: Company, customer_id: str) -> str:
    """The customer at the top of a tree of jobs."""
    record = company.find("Customer", customer_id)
    parent = ref_id(record.body, "ParentRef") if record else ""
    return top_customer(company, parent) if parent else customer_id
