"""After a transaction is written or removed: links, open balances and the ledger are brought in line."""

from qbo_milestones.simulator.amounts import Doc, cents, money
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Key
from qbo_milestones.simulator.books.links import (
    balance_of,
    bank,
    bind,
    full_cents,
    journal_receivable,
    linked_keys,
    unapplied,
)
from qbo_milestones.simulator.books.postings import entries_of
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.refs import ref_id

PAYABLE = ("Invoice", "CreditMemo", "JournalEntry")


def settle(company: Company, name: str, record: Record, before: Doc | None) -> Record:
    """Bring everything in line with a written transaction; the record as it stands afterwards."""
    key = (name, str(record.body["Id"]))
    if name == "Payment":
        bind(company, key[1], record.body, before)
    elif name == "Deposit":
        bank(company, key[1], record.body, before)
    elif name in PAYABLE:
        _fit_payments(company, key, before)
        if name != "JournalEntry":
            record = company.amend(name, record, balance_of(company, key))
    post(company, key)
    return record


def unsettle(company: Company, name: str, before: Doc) -> None:
    """Take a transaction that is about to be deleted off the links and the ledger."""
    key = (name, str(before["Id"]))
    if name == "Payment":
        bind(company, key[1], None, before)
    elif name == "Deposit":
        bank(company, key[1], None, before)
    company.ledger.lift(key)
    company.applied.pop(key, None)


def post(company: Company, key: Key) -> None:
    """Put a transaction on the ledger as it now stands."""
    record = company.find(*key)
    if record is not None:
        company.ledger.post(key, str(record.body["TxnDate"]), entries_of(company, key[0], record.body))


def _fit_payments(company: Company, key: Key, before: Doc | None) -> None:
    """A paid document that shrank, changed sides or customer gives back what no longer fits: it is unapplied."""
    payments = company.applied.get(key)
    record = company.find(*key)
    if not payments or record is None or before is None:
        return
    room = abs(full_cents(company, key) or 0)
    if _owner_and_side(company, key, before) != _owner_and_side(company, key, record.body):
        room = 0
    for payment_id, amount in list(payments.items()):
        kept = min(room, amount)
        room -= kept
        if kept < amount:
            payments[payment_id] = kept
            _trim(company, payment_id, key, kept)
    company.applied[key] = {payment: amount for payment, amount in payments.items() if amount}


def _owner_and_side(company: Company, key: Key, body: Doc) -> tuple[str, int]:
    return ref_id(body, "CustomerRef"), journal_receivable(company, body) if key[0] == "JournalEntry" else 0


def _trim(company: Company, payment_id: str, key: Key, kept_cents: int) -> None:
    """Rewrite a payment whose link to a document shrank to ``kept_cents``."""
    record = company.find("Payment", payment_id)
    if record is None:
        return
    lines = []
    for line in record.body["Line"]:
        if key not in linked_keys(line):
            lines.append(line)
        elif kept_cents:
            kept = min(kept_cents, cents(line["Amount"]))
            lines.append({**line, "Amount": money(kept)})
            kept_cents -= kept
    body = {**record.body, "Line": lines}
    body["UnappliedAmt"] = unapplied(company, body)
    company.put("Payment", body, record)
    post(company, ("Payment", payment_id))
