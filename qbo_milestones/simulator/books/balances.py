"""The books in figures, for the side door and for tests: accounts, customers, A/R against its sub-ledger."""

from qbo_milestones.simulator.amounts import Doc, cents, money
from qbo_milestones.simulator.books.chart import is_receivable
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.links import journal_receivable
from qbo_milestones.simulator.books.render import names_of
from qbo_milestones.simulator.refs import ref_id


def trial_balance(company: Company, last_day: str) -> Doc:
    """Net debit of every account by name (texts with two decimals) up to a date, and their total, which is 0.00."""
    net = company.ledger.net_by_account(last_day)
    by_id = {account: _text(net.get(account, 0)) for account in company.shelves["Account"].records}
    accounts = {names_of(company, "Account", account): amount for account, amount in by_id.items()}
    return {"as_of": last_day, "accounts": accounts, "by_id": by_id, "total": _text(sum(net.values()))}


def balances(company: Company) -> Doc:
    """Every account now, customers that owe or are owed, and the proof that A/R equals its open documents."""
    owed = {key: amount for key, amount in company.ledger.customers.items() if amount}
    return {
        "accounts": {
            names_of(company, "Account", account): _text(company.ledger.accounts.get(account, 0))
            for account in company.shelves["Account"].records
        },
        "customers": {names_of(company, "Customer", key): _text(amount) for key, amount in owed.items()},
        "receivable": receivable(company),
    }


def receivable(company: Company) -> Doc:
    """A/R on the ledger = open invoices - unapplied payments - remaining credits + open journals and deposit lines."""
    on_ledger = sum(value for key, value in company.ledger.accounts.items() if is_receivable(company, key))
    parts = {
        "open_invoices": _total(company, "Invoice", "Balance"),
        "unapplied_payments": -_total(company, "Payment", "UnappliedAmt"),
        "remaining_credits": -_total(company, "CreditMemo", "Balance"),
        "journals": _open_journals(company),
        "deposit_lines": _deposit_lines(company),
    }
    found = {"ledger": on_ledger, **parts, "difference": on_ledger - sum(parts.values())}
    return {name: _text(value) for name, value in found.items()}


def _total(company: Company, name: str, field: str) -> int:
    return sum(cents(record.body.get(field) or 0) for record in company.shelves[name].records.values())


def _open_journals(company: Company) -> int:
    total = 0
    for object_id, record in company.shelves["JournalEntry"].records.items():
        full = journal_receivable(company, record.body)
        used = sum(company.applied.get(("JournalEntry", object_id), {}).values())
        total += full - used if full > 0 else full + used
    return total


def _deposit_lines(company: Company) -> int:
    total = 0
    for record in company.shelves["Deposit"].records.values():
        for line in record.body["Line"]:
            if is_receivable(company, ref_id(line.get("DepositLineDetail") or {}, "AccountRef")):
                total -= cents(line["Amount"])
    return total


def _text(amount_cents: int) -> str:
    return format(money(amount_cents), "f")
