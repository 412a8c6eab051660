"""Links between transactions: open items, what settles them, what a deposit banks; open balances follow.

An open item is a transaction that stands on a receivable or payable account until something settles it: an invoice, a
credit memo, a bill, a journal. A settler (a payment, a bill payment) is applied to open items.
"""

from collections.abc import Callable, Iterator

from qbo_milestones.simulator.amounts import Doc, cents
from qbo_milestones.simulator.books.chart import PAYABLE, RECEIVABLE, account_for, account_type, is_control
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.currencies import at_home, document_currency, rate_of
from qbo_milestones.simulator.books.ledger import Key
from qbo_milestones.simulator.refs import ref_id

SETTLERS = {"Payment": RECEIVABLE, "BillPayment": PAYABLE}
"""What settles open items -> on which kind of account."""
LINK_NAMES = {
    "Expense": "Purchase", "Check": "Purchase", "CreditCardCredit": "Purchase", "CashPurchase": "Purchase",
    "BillPaymentCheck": "BillPayment", "BillPaymentCreditCard": "BillPayment",
}  # fmt: skip
"""TxnType of a link -> entity, where the two differ."""


def linked_keys(line: Doc) -> Iterator[Key]:
    """What one line links to, as (entity, Id)."""
    for link in line.get("LinkedTxn") or []:
        kind = str(link.get("TxnType") or "")
        yield LINK_NAMES.get(kind, kind), str(link.get("TxnId") or "")


def applications(settler: Doc) -> dict[Key, int]:
    """What a payment or bill payment is applied to, in cents."""
    found: dict[Key, int] = {}
    for line in settler.get("Line") or []:
        for key in linked_keys(line):
            found[key] = found.get(key, 0) + cents(line.get("Amount") or 0)
    return found


# open items ---------------------------------------------------------------------------------------


def control_lines(company: Company, doc: Doc) -> Iterator[tuple[str, int, Key | None]]:
    """Receivable and payable lines of a document as (account, cents debit positive, party)."""
    for line in doc.get("Line") or []:
        for detail_name, read in CONTROL_LINES.items():
            detail = line.get(detail_name)
            if detail and is_control(company, ref_id(detail, "AccountRef")):
                sign, party = read(doc, detail)
                yield ref_id(detail, "AccountRef"), sign * cents(line.get("Amount") or 0), party


def entity_key(entity: Doc) -> Key | None:
    """(type, Id) of an Entity group; deposits write it flat and in capitals (quickbooks-online.md 6.5)."""
    kind = str(entity.get("Type") or entity.get("type") or "Customer").capitalize()
    found = str(entity.get("value") or ref_id(entity, "EntityRef"))
    return (kind, found) if found else None


def _journal_line(_: Doc, detail: Doc) -> tuple[int, Key | None]:
    return (1 if detail.get("PostingType") == "Debit" else -1), entity_key(detail.get("Entity") or {})


def _deposit_line(_: Doc, detail: Doc) -> tuple[int, Key | None]:
    return -1, entity_key(detail.get("Entity") or {})


def _purchase_line(doc: Doc, detail: Doc) -> tuple[int, Key | None]:
    customer = ref_id(detail, "CustomerRef")
    party = ("Customer", customer) if customer else purchase_party(doc)
    return (-1 if doc.get("Credit") else 1), party


def purchase_party(doc: Doc) -> Key | None:
    """Whom a purchase was paid to: its EntityRef names the type."""
    entity = doc.get("EntityRef") or {}
    return (str(entity.get("type") or "Vendor"), str(entity["value"])) if entity.get("value") else None


CONTROL_LINES: dict[str, Callable[[Doc, Doc], tuple[int, Key | None]]] = {
    "JournalEntryLineDetail": _journal_line, "DepositLineDetail": _deposit_line,
    "AccountBasedExpenseLineDetail": _purchase_line,
}  # fmt: skip


def _sale(sign: int) -> Callable[[Company, Doc], int]:
    return lambda _, doc: sign * (cents(doc["TotalAmt"]) - cents(doc.get("Deposit") or 0))


def _lines(company: Company, doc: Doc) -> int:
    """Net of the control lines, positive for a charge: a debit on receivables, a credit on payables."""
    return sum(
        amount if account_type(company, account) == RECEIVABLE else -amount
        for account, amount, _ in control_lines(company, doc)
    )


OPEN_ITEMS: dict[str, Callable[[Company, Doc], int]] = {
    "Invoice": _sale(1), "CreditMemo": _sale(-1), "Bill": _sale(1), "VendorCredit": _sale(-1),
    "JournalEntry": _lines, "Deposit": _lines, "Purchase": _lines,
}  # fmt: skip
"""What an open item is worth in cents of its currency, positive for a charge, negative for a credit."""
BOUGHT = {"Bill", "VendorCredit"}


def full_cents(company: Company, key: Key) -> int | None:
    """What could be applied to a transaction in all, signed (credits negative); None if it cannot be linked."""
    record = company.find(*key) if key[0] in OPEN_ITEMS else None
    return (OPEN_ITEMS[key[0]](company, record.body) or _none_of(key)) if record else None


def _none_of(key: Key) -> int | None:
    """A sales form or bill of nothing is an open item of nothing; a journal without control lines is none."""
    return None if OPEN_ITEMS[key[0]] is _lines else 0


def open_cents(company: Company, key: Key, without: Key | None = None) -> int:
    """What is left to apply, never negative in its own direction; ``without`` leaves one settler out."""
    full = full_cents(company, key) or 0
    used = sum(amount for settler, amount in company.applied.get(key, {}).items() if settler != without)
    return abs(full) - used


def sign_of(company: Company, key: Key) -> int:
    """+1 for a charge (invoice, bill, debit journal), -1 for a credit."""
    return -1 if (full_cents(company, key) or 0) < 0 or key[0] in ("CreditMemo", "VendorCredit") else 1


def control_account(company: Company, name: str, doc: Doc) -> str:
    """The receivable or payable account that an open item or a settler stands on."""
    if OPEN_ITEMS.get(name) is _lines:
        return next(account for account, _, _ in control_lines(company, doc))
    if name in BOUGHT or SETTLERS.get(name) == PAYABLE:
        return ref_id(doc, "APAccountRef") or account_for(company, "payable", document_currency(company, doc))
    return ref_id(doc, "ARAccountRef") or account_for(company, "receivable", document_currency(company, doc))


def side_of(company: Company, key: Key) -> str:
    """On which kind of account an open item stands; an empty text where it is none."""
    record = company.find(*key)
    if record is None or full_cents(company, key) is None:
        return ""
    return account_type(company, control_account(company, key[0], record.body))


def party_of(company: Company, key: Key) -> Key | None:
    """Whose an open item is."""
    record = company.find(*key)
    if record is None:
        return None
    for name, kind in (("CustomerRef", "Customer"), ("VendorRef", "Vendor")):
        if ref_id(record.body, name):
            return kind, ref_id(record.body, name)
    return next((party for _, _, party in control_lines(company, record.body)), None)


def settlers_of(company: Company, target: Key) -> list[tuple[Key, int]]:
    """(settler, cents) of an open item, in the order of their Ids: it does not depend on who was edited last."""
    return sorted(company.applied.get(target, {}).items(), key=lambda pair: (int(pair[0][1]), pair[0]))


def settled_at_home(company: Company, target: Key, settler: Key) -> int:
    """Home cents by which a settler lowers an open item, at the item's own rate.

    Each takes the difference between what was left at home before and after it, so that the last one leaves 0.00.
    """
    record = company.find(*target)
    left = abs(full_cents(company, target) or 0)
    rate = rate_of(record.body if record else {})
    for other, amount in settlers_of(company, target):
        if other == settler:
            return at_home(left, rate) - at_home(left - amount, rate)
        left -= amount
    return 0


def unapplied_cents(company: Company, settler: Doc) -> int:
    """Total less what is applied to charges, plus what is used of credits."""
    applied = sum(amount * sign_of(company, key) for key, amount in applications(settler).items())
    return cents(settler["TotalAmt"]) - applied
