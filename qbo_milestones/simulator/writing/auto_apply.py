"""What QuickBooks applies by itself: credits and payments to charges, where the company prefers so (6.4, 6.5)."""

from collections.abc import Iterator

from qbo_milestones.simulator.amounts import Doc, cents, money
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.currencies import document_currency
from qbo_milestones.simulator.books.ledger import Key
from qbo_milestones.simulator.books.links import open_cents
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.refs import ref_id

NOTE = "Created by QB Online to link credits to charges."
OPPOSITE = {"Invoice": "CreditMemo", "CreditMemo": "Invoice"}


def payment_lines(company: Company, payment: Doc) -> list[Doc]:
    """Lines for a payment that came without any: the oldest open invoices first (preference AutoApplyPayments)."""
    if payment.get("Line") is not None or not company.preference("SalesFormsPrefs", "AutoApplyPayments"):
        return payment.get("Line") or []
    return list(_lines(company, "Invoice", payment, cents(payment.get("TotalAmt") or 0)))


def credit_links(company: Company, name: str, record: Record) -> Iterator[Doc]:
    """The payment of 0.00 that links a new invoice or credit memo to what is open (preference AutoApplyCredit)."""
    if name not in OPPOSITE or not company.preference("SalesFormsPrefs", "AutoApplyCredit"):
        return
    key = (name, str(record.body["Id"]))
    others = list(_lines(company, OPPOSITE[name], record.body, open_cents(company, key)))
    linked = sum(cents(line["Amount"]) for line in others)
    if linked:
        yield {
            "CustomerRef": record.body["CustomerRef"], "TotalAmt": money(0), "PrivateNote": NOTE,
            "TxnDate": record.body["TxnDate"], "Line": [_line(key, linked), *others],
        }  # fmt: skip


def _lines(company: Company, name: str, doc: Doc, room: int) -> Iterator[Doc]:
    """Lines that apply at most ``room`` cents to the open items of the document's customer, oldest first."""
    for key in _open(company, name, doc):
        amount = min(room, open_cents(company, key))
        if amount:
            room -= amount
            yield _line(key, amount)


def _open(company: Company, name: str, doc: Doc) -> list[Key]:
    shelf = company.shelves[name]
    ids = shelf.ids_with("CustomerRef", ref_id(doc, "CustomerRef"))
    found = [object_id for object_id in ids if open_cents(company, (name, object_id)) > 0]
    currency = document_currency(company, doc)
    same = [each for each in found if document_currency(company, shelf.records[each].body) == currency]
    ages = sorted((str(shelf.records[each].body.get("DueDate") or shelf.records[each].body["TxnDate"]), int(each), each)
                  for each in same)  # fmt: skip
    return [(name, object_id) for _, _, object_id in ages]


def _line(key: Key, amount: int) -> Doc:
    return {"Amount": money(amount), "LinkedTxn": [{"TxnId": key[1], "TxnType": key[0]}]}
