"""Postings of journal entries: what the journal says."""

from qbo_milestones.simulator.amounts import Doc, cents
from qbo_milestones.simulator.books.chart import is_control
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Entry, Key
from qbo_milestones.simulator.books.links import entity_key
from qbo_milestones.simulator.books.postings.voucher import Voucher
from qbo_milestones.simulator.refs import ref_id


def journal(company: Company, key: Key, doc: Doc) -> list[Entry]:
    """Each line on its account."""
    voucher = Voucher(company, key, doc)
    for line in doc["Line"]:
        detail = line.get("JournalEntryLineDetail")
        if not detail:
            continue
        account, memo = ref_id(detail, "AccountRef"), str(line.get("Description") or "")
        amount = cents(line.get("Amount") or 0) * (1 if detail["PostingType"] == "Debit" else -1)
        party = entity_key(detail.get("Entity") or {})
        if is_control(company, account):
            voucher.put_control(account, amount, party, memo=memo)
        else:
            voucher.put(account, amount, party, detail, memo)
    return voucher.entries()
