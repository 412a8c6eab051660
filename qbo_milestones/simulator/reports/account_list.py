"""The list of accounts with their types and balances."""

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.reports.accounts import Account, AccountTree
from qbo_milestones.simulator.reports.frame import cell, column, short_amount
from qbo_milestones.simulator.reports.questions import Question
from qbo_milestones.simulator.reports.specs import Content

FIELDS = {
    "account_name": "Account", "account_type": "Type", "detail_acc_type": "Detail type", "account_desc": "Description",
    "account_bal": "Balance",
}  # fmt: skip
"""Column -> title."""


def account_list(company: Company, question: Question) -> Content:
    """AccountList: active accounts, or with ``account_type`` those of some types."""
    keys = [key for key in FIELDS if key in question.columns] or list(FIELDS)
    kinds = question.filters.get("account_type")
    rows = []
    for account in AccountTree(company).in_order():
        record = company.find("Account", account.id)
        if record is None or record.body.get("Active") is False or (kinds and not account.is_one_of(kinds)):
            continue
        values = _values(company, account, str(record.body.get("Description") or ""))
        rows.append({"ColData": [cell(values[key], account.id if key == "account_name" else "") for key in keys],
                     "type": "Data"})  # fmt: skip
    columns = [column(FIELDS[key], "Money" if key == "account_bal" else "String", key) for key in keys]
    return Content(columns, rows[::-1] if question.descending else rows, not rows)


def _values(company: Company, account: Account, description: str) -> dict[str, str]:
    balance = 0 if account.is_profit else account.sign * company.ledger.accounts.get(account.id, 0)
    return {
        "account_name": account.full_name, "account_type": account.kind, "detail_acc_type": account.subtype,
        "account_desc": description, "account_bal": short_amount(balance),
    }  # fmt: skip
