"""Links between transactions: payments and what they pay, deposits and what they bank; open balances follow."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from qbo_milestones.simulator.amounts import Doc, cents, money
from qbo_milestones.simulator.books.chart import is_receivable
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Key

BANKABLE = ("Payment", "SalesReceipt", "RefundReceipt")


def linked_keys(line: Doc) -> Iterator[Key]:
    """What one line links to, as (entity, Id)."""
    for link in line.get("LinkedTxn") or []:
        yield str(link.get("TxnType") or ""), str(link.get("TxnId") or "")


def applications(payment: Doc) -> Iterator[tuple[Key, int]]:
    """What a payment is applied to, with the amount in cents of each line."""
    for line in payment.get("Line") or []:
        for key in linked_keys(line):
            yield key, cents(line.get("Amount") or 0)


def journal_receivable(company: Company, journal: Doc) -> int:
    """Net A/R of a journal in cents: positive is a charge that can be paid, negative a credit to apply."""
    total = 0
    for line in journal.get("Line") or []:
        detail: Any = line.get("JournalEntryLineDetail") or {}
        account = str((detail.get("AccountRef") or {}).get("value", ""))
        if is_receivable(company, account):
            total += cents(line["Amount"]) * (1 if detail.get("PostingType") == "Debit" else -1)
    return total


def full_cents(company: Company, key: Key) -> int | None:
    """What could be applied to a transaction in all, signed (credits negative); None if it cannot be linked."""
    record = company.find(*key) if key[0] in ("Invoice", "CreditMemo", "JournalEntry") else None
    if record is None:
        return None
    if key[0] == "JournalEntry":
        return journal_receivable(company, record.body) or None
    total = cents(record.body["TotalAmt"]) - cents(record.body.get("Deposit") or 0)
    return -total if key[0] == "CreditMemo" else total


def open_cents(company: Company, key: Key, without: str = "") -> int:
    """What is left to apply, never negative in its own direction; ``without`` leaves one payment out."""
    full = full_cents(company, key) or 0
    used = sum(amount for payment, amount in company.applied.get(key, {}).items() if payment != without)
    return abs(full) - used


def sign_of(company: Company, key: Key) -> int:
    """+1 for a charge (invoice, debit journal), -1 for a credit."""
    return -1 if (full_cents(company, key) or 0) < 0 or key[0] == "CreditMemo" else 1


def unapplied(company: Company, doc: Doc) -> Decimal:
    """TotalAmt less what is applied to charges, plus what is used of credits."""
    return Decimal(doc["TotalAmt"]) - money(sum(amount * sign_of(company, key) for key, amount in applications(doc)))


def bind(company: Company, payment_id: str, payment: Doc | None, before: Doc | None) -> None:
    """Move a payment's links from what it was to what it is, and refresh what it touched."""
    touched: dict[Key, None] = {}
    for key, _ in applications(before or {}):
        company.applied[key].pop(payment_id, None)
        touched[key] = None
    for key, amount in applications(payment or {}):
        company.applied[key][payment_id] = company.applied[key].get(payment_id, 0) + amount
        touched[key] = None
    for key in touched:
        refresh(company, key)


def refresh(company: Company, key: Key) -> None:
    """Bring a paid transaction's Balance and LinkedTxn up to date: the paid document changes too (6, SyncToken)."""
    record = company.find(*key)
    if record is not None and key[0] in ("Invoice", "CreditMemo"):
        company.put(key[0], {**record.body, **balance_of(company, key)}, record)


def balance_of(company: Company, key: Key) -> Doc:
    """The computed properties that follow from the links of an invoice or credit memo."""
    links = [{"TxnId": payment, "TxnType": "Payment"} for payment in company.applied.get(key, {})]
    left = money(open_cents(company, key))
    if key[0] == "CreditMemo":
        return {"Balance": left, "RemainingCredit": left}
    record = company.find(*key)
    written = (
        [link for link in (record.body.get("LinkedTxn") or []) if link.get("TxnType") != "Payment"] if record else []
    )
    return {"Balance": left, "LinkedTxn": written + links}


def bank(company: Company, deposit_id: str, deposit: Doc | None, before: Doc | None) -> None:
    """Move a deposit's links; the banked documents show it in their own LinkedTxn where the switch says so."""
    touched: dict[Key, None] = {}
    for line in (before or {}).get("Line") or []:
        for key in linked_keys(line):
            company.banked.pop(key, None)
            touched[key] = None
    for line in (deposit or {}).get("Line") or []:
        for key in linked_keys(line):
            company.banked[key] = deposit_id
            touched[key] = None
    if company.settings.payment_shows_deposit:
        for key in touched:
            _show_deposit(company, key)


def _show_deposit(company: Company, key: Key) -> None:
    record = company.find(*key)
    if record is None:
        return
    deposit_id = company.banked.get(key)
    links = [{"TxnId": deposit_id, "TxnType": "Deposit"}] if deposit_id else []
    if record.body.get("LinkedTxn", []) != links:
        company.put(key[0], {**record.body, "LinkedTxn": links}, record)
