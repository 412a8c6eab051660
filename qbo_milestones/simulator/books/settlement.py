"""After a transaction is written or removed: links, open balances and the ledger are brought in line."""

from qbo_milestones.simulator.amounts import Doc, money
from qbo_milestones.simulator.books.bindings import (
    SHOWS_BALANCE,
    balance_of,
    bank,
    bind,
    funded_lines,
    rebind,
    refresh,
    trimmed_lines,
)
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.currencies import ONE, rate_of
from qbo_milestones.simulator.books.ledger import Key
from qbo_milestones.simulator.books.links import OPEN_ITEMS, SETTLERS, full_cents, unapplied_cents
from qbo_milestones.simulator.books.origins import follow_origins
from qbo_milestones.simulator.books.postings.table import entries_of
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.refs import ref_id


def settle(company: Company, name: str, record: Record, before: Doc | None) -> Record:
    """Bring everything in line with a written transaction; the record as it stands afterwards."""
    key = (name, str(record.body["Id"]))
    touched: list[Key] = []
    if name in SETTLERS:
        touched = bind(company, key, record.body, before)
    elif name == "Deposit":
        bank(company, key[1], record.body, before)
    if name in OPEN_ITEMS:
        _fit_settlers(company, key, before)
        if name in SHOWS_BALANCE:
            record = company.amend(name, record, balance_of(company, key))
        touched.append(key)
    follow_origins(company, key, record.body, before)
    post(company, key)
    for target in touched:
        _post_settlers(company, target, key)
    return record


def unsettle(company: Company, name: str, before: Doc) -> None:
    """Take a transaction that is about to be deleted off the links and the ledger."""
    key = (name, str(before["Id"]))
    touched: list[Key] = []
    if name in SETTLERS:
        touched = bind(company, key, None, before)
    elif name == "Deposit":
        bank(company, key[1], None, before)
    follow_origins(company, key, None, before)
    company.ledger.lift(key)
    company.applied.pop(key, None)
    for target in touched:
        _post_settlers(company, target, key)


def post(company: Company, key: Key) -> None:
    """Put a transaction on the ledger as it now stands."""
    record = company.find(*key)
    if record is not None:
        company.ledger.post(key, str(record.body.get("TxnDate") or ""), entries_of(company, key, record.body))


def _post_settlers(company: Company, target: Key, besides: Key) -> None:
    """The others that settle an open item are posted anew: account and worth at home of their part may have moved."""
    record = company.find(*target)
    if record is None or (target != besides and rate_of(record.body) == ONE):
        return
    for settler in list(company.applied.get(target, {})):
        if settler != besides:
            post(company, settler)


def _fit_settlers(company: Company, key: Key, before: Doc | None) -> None:
    """A paid document that shrank, changed sides or party gives back what no longer fits: it is unapplied."""
    settlers = company.applied.get(key)
    record = company.find(*key)
    if not settlers or record is None or before is None:
        return
    room = abs(full_cents(company, key) or 0)
    if _owner_and_side(company, key, before) != _owner_and_side(company, key, record.body):
        room = 0
    for settler, amount in list(settlers.items()):
        kept = min(room, amount)
        room -= kept
        if kept < amount:
            _trim(company, settler, key, kept)


def _owner_and_side(company: Company, key: Key, body: Doc) -> tuple[str, str, str, bool]:
    """What must not change under a settler: whose the item is, its currency, whether it is a charge or a credit."""
    charge = OPEN_ITEMS[key[0]](company, body) >= 0
    return ref_id(body, "CustomerRef"), ref_id(body, "VendorRef"), ref_id(body, "CurrencyRef"), charge


def _trim(company: Company, settler: Key, target: Key, kept: int) -> None:
    """Rewrite a settler whose link to an open item shrank to ``kept`` cents, and what it can no longer pay for."""
    record = company.find(*settler)
    if record is None:
        return
    body = {**record.body, "Line": trimmed_lines(record.body, target, kept)}
    body["Line"] = funded_lines(company, body)
    if settler[0] == "Payment":
        body["UnappliedAmt"] = money(unapplied_cents(company, body))
    company.put(settler[0], body, record)
    for changed in rebind(company, settler, body, record.body):
        if changed != target:
            refresh(company, changed)
            _post_settlers(company, changed, settler)
    post(company, settler)
