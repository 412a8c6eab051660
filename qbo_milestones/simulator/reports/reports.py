"""Reports in QuickBooks' shape: the trial balance, from the ledger (quickbooks-online.md 6.6)."""

from collections.abc import Callable

from qbo_milestones.simulator.amounts import Doc, money
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.render import names_of
from qbo_milestones.simulator.faults import refuse


def report(company: Company, name: str, query: dict[str, str]) -> Doc:
    """A report by its name, any case; 5030 for those that are not here yet."""
    made = REPORTS.get(name.lower())
    if made is None:
        raise refuse("5030", f"Report {name} is not supported")
    return made(company, query)


def _header(company: Company, name: str, query: dict[str, str], empty: bool) -> Doc:
    today = company.today()
    return {
        "Time": company.clock.now().astimezone(company.zone).isoformat(timespec="seconds"), "ReportName": name,
        "ReportBasis": query.get("accounting_method", "Accrual").capitalize(),
        "StartPeriod": query.get("start_date", today[:8] + "01"), "EndPeriod": query.get("end_date", today),
        "Currency": "USD", "Option": [{"Name": "NoReportData", "Value": str(empty).lower()}],
    }  # fmt: skip


def _amount(amount_cents: int) -> str:
    return format(money(amount_cents), "f").removeprefix("0") if amount_cents else ""


def _trial_balance(company: Company, query: dict[str, str]) -> Doc:
    """Debit and credit column per account as of end_date; both columns have one total."""
    net = company.ledger.net_by_account(query.get("end_date", company.today()))
    rows: list[Doc] = []
    for account in company.shelves["Account"].records:
        amount = net.get(account, 0)
        if amount:
            cell = {"value": names_of(company, "Account", account), "id": account}
            rows.append({"ColData": [cell, {"value": _amount(max(amount, 0))}, {"value": _amount(max(-amount, 0))}]})
    debit_total = sum(amount for amount in net.values() if amount > 0)
    credit_total = -sum(amount for amount in net.values() if amount < 0)
    total = {"ColData": [{"value": "TOTAL"}, {"value": _amount(debit_total)}, {"value": _amount(credit_total)}]}
    return {
        "Header": _header(company, "TrialBalance", query, not rows),
        "Columns": {"Column": [_column("", "Account", "account"), _column("Debit", "Money", "debit"),
                               _column("Credit", "Money", "credit")]},
        "Rows": {"Row": [*rows, {"Summary": total, "type": "Section", "group": "GrandTotal"}]},
    }  # fmt: skip


def _column(title: str, kind: str, key: str) -> Doc:
    return {"ColTitle": title, "ColType": kind, "MetaData": [{"Name": "ColKey", "Value": key}]}


REPORTS: dict[str, Callable[[Company, dict[str, str]], Doc]] = {"trialbalance": _trial_balance}
