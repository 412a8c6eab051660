"""Trial balance: the debit or credit of every account at the end of the period."""

from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.reports.accounts import AccountTree
from qbo_milestones.simulator.reports.basis import lines_of
from qbo_milestones.simulator.reports.frame import amount, cell, column, grand_total
from qbo_milestones.simulator.reports.positions import position
from qbo_milestones.simulator.reports.questions import Question
from qbo_milestones.simulator.reports.specs import Content

COLUMNS = [column("", "Account", "account"), column("Debit", "Money", "debit"), column("Credit", "Money", "credit")]


def trial_balance(company: Company, question: Question) -> Content:
    """TrialBalance. Profit and loss accounts hold the fiscal year so far, retained earnings the former ones."""
    tree = AccountTree(company)
    net = position(company, tree, lines_of(company, tree, question), question.period.end)
    accounts = [account for account in tree.in_order() if net.get(account.id)]
    if question.descending:
        accounts.reverse()
    rows = [{"ColData": [cell(account.full_name, account.cell_id), *_sides(net[account.id])]} for account in accounts]
    sums = [sum(max(sign * cents, 0) for cents in net.values()) for sign in (1, -1)]
    total = grand_total([cell(amount(each)) for each in sums])
    return Content(COLUMNS, [*rows, total], not rows)


def _sides(net: int) -> list[dict[str, str]]:
    debit, credit = amount(max(net, 0)), amount(max(-net, 0))
    return [{"value": debit if net > 0 else ""}, {"value": credit if net < 0 else ""}]
