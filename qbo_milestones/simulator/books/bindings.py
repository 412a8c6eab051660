"""Moves the links between transactions, and brings what they touch up to date."""

from qbo_milestones.simulator.amounts import Doc, cents, money
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.currencies import at_home, rate_of
from qbo_milestones.simulator.books.ledger import Key
from qbo_milestones.simulator.books.links import (
    LINK_NAMES,
    applications,
    linked_keys,
    open_cents,
    settlers_of,
    sign_of,
    unapplied_cents,
)

BANKABLE = ("Payment", "SalesReceipt", "RefundReceipt", "JournalEntry", "Transfer")
"""What Undeposited Funds holds until a deposit takes it."""
SHOWS_BALANCE = {"Invoice", "CreditMemo", "Bill", "VendorCredit"}
SETTLER_NAMES = {"Check": "BillPaymentCheck", "CreditCard": "BillPaymentCreditCard"}
"""PayType of a bill payment -> the TxnType under which a bill shows it."""


def bind(company: Company, settler: Key, now: Doc | None, before: Doc | None) -> list[Key]:
    """Move a settler's links from what it was to what it is, and refresh what it touched; the open items touched."""
    touched: dict[Key, None] = {}
    for key in applications(before or {}):
        company.applied[key].pop(settler, None)
        touched[key] = None
    for key, amount in applications(now or {}).items():
        company.applied[key][settler] = amount
        touched[key] = None
    for key in touched:
        refresh(company, key)
    return list(touched)


def refresh(company: Company, key: Key) -> None:
    """Bring a settled transaction's Balance and LinkedTxn up to date: it changes too (6, SyncToken)."""
    record = company.find(*key)
    if record is not None and key[0] in SHOWS_BALANCE:
        company.put(key[0], {**record.body, **balance_of(company, key)}, record)


def balance_of(company: Company, key: Key) -> Doc:
    """The computed properties that follow from the links of an open item."""
    record = company.find(*key)
    body = record.body if record else {}
    left = open_cents(company, key)
    found: Doc = {"Balance": money(left)}
    if key[0] == "CreditMemo":
        return {**found, "RemainingCredit": money(left), **_home_balance(body, left)}
    links = [_settler_link(company, settler) for settler, _ in settlers_of(company, key)]
    written = [link for link in body.get("LinkedTxn") or [] if not _is_settler(link)]
    return {**found, "LinkedTxn": written + links, **_home_balance(body, left)}


def _home_balance(body: Doc, left: int) -> Doc:
    return {"HomeBalance": money(at_home(left, rate_of(body)))} if "HomeTotalAmt" in body else {}


def _is_settler(link: Doc) -> bool:
    kind = str(link.get("TxnType"))
    return LINK_NAMES.get(kind, kind) in ("Payment", "BillPayment")


def _settler_link(company: Company, settler: Key) -> Doc:
    record = company.find(*settler)
    kind = SETTLER_NAMES.get(str(record.body.get("PayType")), settler[0]) if record else settler[0]
    return {"TxnId": settler[1], "TxnType": kind}


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


def trimmed_lines(settler: Doc, target: Key, kept: int) -> list[Doc]:
    """A settler's lines when no more than ``kept`` cents of an open item are left to settle."""
    lines = []
    for line in settler["Line"]:
        if target not in linked_keys(line):
            lines.append(line)
        elif kept:
            amount = min(kept, cents(line["Amount"]))
            lines.append({**line, "Amount": money(amount)})
            kept -= amount
    return lines


def funded_lines(company: Company, settler: Doc) -> list[Doc]:
    """A settler's lines when what it applies must not be more than its total and its credits: the last charges give."""
    short, lines = -unapplied_cents(company, settler), []
    for line in reversed(settler["Line"]):
        charge = all(sign_of(company, key) > 0 for key in linked_keys(line))
        cut = min(max(short, 0), cents(line["Amount"])) if charge else 0
        short -= cut
        left = cents(line["Amount"]) - cut
        if left:
            lines.append({**line, "Amount": money(left)})
    return lines[::-1]


def rebind(company: Company, settler: Key, now: Doc, before: Doc) -> list[Key]:
    """Move the links of a settler that was cut back by what became of an open item; the items that changed."""
    old, new = applications(before), applications(now)
    changed = [key for key in old if old[key] != new.get(key, 0)]
    for key in changed:
        if new.get(key):
            company.applied[key][settler] = new[key]
        else:
            company.applied[key].pop(settler, None)
    return changed
