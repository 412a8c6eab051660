"""Postings of money that moves: payments, bill payments, deposits, transfers."""

from qbo_milestones.simulator.amounts import Doc, cents
from qbo_milestones.simulator.books.chart import is_control
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.ledger import Entry, Key
from qbo_milestones.simulator.books.links import (
    applications,
    control_account,
    entity_key,
    linked_keys,
    party_of,
    settled_at_home,
    sign_of,
)
from qbo_milestones.simulator.books.postings.sales import cash_account
from qbo_milestones.simulator.books.postings.voucher import Voucher
from qbo_milestones.simulator.refs import ref_id


def payment(company: Company, key: Key, doc: Doc) -> list[Entry]:
    """Cash against A/R. What is applied moves the paid document's customer, the rest the payer."""
    voucher, payer = Voucher(company, key, doc), ("Customer", ref_id(doc, "CustomerRef"))
    voucher.put(cash_account(company, doc), cents(doc["TotalAmt"]), payer)
    left = _put_settled(voucher, payer, -1)
    voucher.put_control(control_account(company, key[0], doc), -left, payer)
    return voucher.entries_with_gain()


def bill_payment(company: Company, key: Key, doc: Doc) -> list[Entry]:
    """A/P against the bank or the credit card."""
    voucher, payee = Voucher(company, key, doc), ("Vendor", ref_id(doc, "VendorRef"))
    voucher.put(paying_account(doc), -cents(doc["TotalAmt"]), payee)
    left = _put_settled(voucher, payee, 1)
    voucher.put_control(control_account(company, key[0], doc), left, payee)
    return voucher.entries_with_gain()


def paying_account(doc: Doc) -> str:
    """The bank or credit card account that a bill payment names."""
    check, card = doc.get("CheckPayment") or {}, doc.get("CreditCardPayment") or {}
    return ref_id(check, "BankAccountRef") or ref_id(card, "CCAccountRef")


def _put_settled(voucher: Voucher, payer: Key, direction: int) -> int:
    """One control line for each open item that is settled; the cents of the total that are left."""
    left = cents(voucher.doc["TotalAmt"])
    for target, amount in applications(voucher.doc).items():
        record = voucher.company.find(*target)
        sign = sign_of(voucher.company, target)
        left -= sign * amount
        home = settled_at_home(voucher.company, target, voucher.key)
        account = control_account(voucher.company, target[0], record.body if record else {})
        party = party_of(voucher.company, target) or payer
        voucher.put_at(account, direction * sign * amount, direction * sign * home, party, target)
    return left


def deposit(company: Company, key: Key, doc: Doc) -> list[Entry]:
    """Cash to the bank against undeposited documents and the accounts of free lines (negative ones are fees)."""
    voucher = Voucher(company, key, doc)
    voucher.put(ref_id(doc, "DepositToAccountRef"), cents(doc["TotalAmt"]))
    for line in doc["Line"]:
        source = next(linked_keys(line), None)
        if source is not None:
            _put_banked(voucher, source, cents(line.get("Amount") or 0))
        else:
            _put_free(voucher, line)
    back = doc.get("CashBack") or {}
    if back.get("Amount"):
        voucher.put(ref_id(back, "AccountRef"), cents(back["Amount"]), memo=str(back.get("Memo") or ""))
    return voucher.entries_with_gain()


def _put_banked(voucher: Voucher, source: Key, amount: int) -> None:
    """What was undeposited leaves at the worth with which it came in."""
    record = voucher.company.find(*source)
    account = cash_account(voucher.company, record.body if record else {})
    posting = voucher.company.ledger.postings.get(source)
    came_in = sum(entry.cents for entry in posting.entries if entry.account == account) if posting else amount
    voucher.put_at(account, -amount, -came_in, party_of(voucher.company, source))


def _put_free(voucher: Voucher, line: Doc) -> None:
    detail = line.get("DepositLineDetail") or {}
    account, amount = ref_id(detail, "AccountRef"), -cents(line.get("Amount") or 0)
    party, memo = entity_key(detail.get("Entity") or {}), str(line.get("Description") or "")
    if is_control(voucher.company, account):
        voucher.put_control(account, amount, party, memo=memo)
    else:
        voucher.put(account, amount, party, detail, memo)


def card_payment(company: Company, key: Key, doc: Doc) -> list[Entry]:
    """From the bank to a credit card, whose debt gets smaller."""
    voucher, amount = Voucher(company, key, doc), cents(doc["Amount"])
    voucher.put(ref_id(doc, "CreditCardAccountRef"), amount)
    voucher.put(ref_id(doc, "BankAccountRef"), -amount)
    return voucher.entries()


def transfer(company: Company, key: Key, doc: Doc) -> list[Entry]:
    """From one account of the balance sheet to another."""
    voucher, amount = Voucher(company, key, doc), cents(doc["Amount"])
    voucher.put(ref_id(doc, "ToAccountRef"), amount)
    voucher.put(ref_id(doc, "FromAccountRef"), -amount)
    return voucher.entries()
