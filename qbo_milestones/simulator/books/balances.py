"""The books in figures, for the side door and for tests: accounts, parties, A/R and A/P against their open items."""

from qbo_milestones.simulator.amounts import Doc, money
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.open_items import SIDES, control_balance, sub_ledger
from qbo_milestones.simulator.books.render import names_of

PARTS = {
    "receivable": {
        "Invoice": "open_invoices", "Payment": "unapplied_payments", "CreditMemo": "remaining_credits",
        "JournalEntry": "journals", "Deposit": "deposit_lines", "Purchase": "purchase_lines",
    },
    "payable": {
        "Bill": "open_bills", "BillPayment": "unapplied_payments", "VendorCredit": "remaining_credits",
        "JournalEntry": "journals", "Deposit": "deposit_lines", "Purchase": "purchase_lines",
    },
}  # fmt: skip
"""Entity -> what its open items are called, by sub-ledger."""


def trial_balance(company: Company, last_day: str) -> Doc:
    """Net debit of every account by name (texts with two decimals) up to a date, and their total, which is 0.00."""
    net = company.ledger.net_by_account(last_day)
    by_id = {account: _text(net.get(account, 0)) for account in company.shelves["Account"].records}
    accounts = {names_of(company, "Account", account): amount for account, amount in by_id.items()}
    return {"as_of": last_day, "accounts": accounts, "by_id": by_id, "total": _text(sum(net.values()))}


def balances(company: Company) -> Doc:
    """Every account now, parties that owe or are owed, and the proof that A/R and A/P equal their open items."""
    owed: dict[str, Doc] = {"Customer": {}, "Vendor": {}}
    for (kind, party), amount in company.ledger.parties.items():
        if amount and kind in owed:
            owed[kind][names_of(company, kind, party)] = _text(amount if kind == "Customer" else -amount)
    return {
        "accounts": {
            names_of(company, "Account", account): _text(company.ledger.accounts.get(account, 0))
            for account in company.shelves["Account"].records
        },
        "customers": owed["Customer"], "vendors": owed["Vendor"],
        **{word: _proof(company, word) for word in SIDES},
    }  # fmt: skip


def _proof(company: Company, word: str) -> Doc:
    """A control account on the ledger, its open items by kind, and the difference, which is 0.00."""
    on_ledger, open_now = control_balance(company, SIDES[word]), sub_ledger(company, SIDES[word])
    parts = {part: open_now.get(name, 0) for name, part in PARTS[word].items()}
    found = {"ledger": on_ledger, **parts, "difference": on_ledger - sum(parts.values())}
    return {name: _text(value) for name, value in found.items()}


def _text(amount_cents: int) -> str:
    return format(money(amount_cents), "f")
