"""Whether all reports of a company agree with the ledger and with each other, for tests of any part."""

from calendar import month_name
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from qbo_milestones.simulator.amounts import cents
from qbo_milestones.simulator.books.chart import PAYABLE, RECEIVABLE
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.reports.accounts import AccountTree
from qbo_milestones.simulator.reports.basis import movements
from qbo_milestones.simulator.reports.kinds import transactions
from qbo_milestones.simulator.reports.reports import report

Doc = dict[str, Any]
BASES = ("Accrual", "Cash")


def ties(company: Company, *days: str) -> list[str]:
    """What does not tie as of some days (without any: today and the last day on the ledger); nothing is right."""
    last = max((posting.day for posting in company.ledger.postings.values()), default="")
    broken: list[str] = []
    for day in days or tuple(dict.fromkeys((company.today(), last or company.today()))):
        for basis in BASES:
            broken += [f"{day} {basis}: {text}" for text in _of_the_books(Asker(company, day, basis))]
        broken += [f"{day}: {text}" for text in _of_the_parties(Asker(company, day, "Accrual"))]
    return [*broken, *_of_transactions(Asker(company, last or company.today(), "Accrual"))]


class Asker:
    """Asks for reports as of a day on a basis."""

    def __init__(self, company: Company, day: str, basis: str) -> None:
        self.company, self.day, self.basis = company, day, basis
        name = company.preference("AccountingInfoPrefs", "FirstMonthOfFiscalYear") or "January"
        first = f"{list(month_name).index(name):02d}-01"
        self.year = f"{int(day[:4]) - (day[5:] < first)}-{first}"

    def ask(self, name: str, **query: str) -> Doc:
        """A report; the period is the fiscal year up to the day unless it is named."""
        period = {"start_date": self.year, "end_date": self.day}
        return report(self.company, name, {**period, "accounting_method": self.basis, **query})


# reading --------------------------------------------------------------------------------------------


def sections(rows: Any) -> Iterator[Doc]:
    """Every row and section of a report, outer ones first."""
    for row in (rows or {}).get("Row", []):
        yield row
        yield from sections(row.get("Rows"))


def total(found: Doc, label: str, place: int = -1) -> int:
    """Cents in a column of the summary or row that begins with a label; nothing counts as 0."""
    for row in sections(found["Rows"]):
        cells = row.get("Summary") or row
        cells = cells.get("ColData") or []
        if cells and cells[0]["value"] == label:
            return cents(cells[place]["value"] or "0")
    return 0


def group(found: Doc, name: str, place: int = -1) -> int:
    """Cents in the summary of a group."""
    for row in sections(found["Rows"]):
        if row.get("group") == name:
            return cents((row.get("Summary") or row)["ColData"][place]["value"] or "0")
    return 0


def leaves(found: Doc) -> Iterator[list[Doc]]:
    """Cells of every row of figures: plain rows, and what a parent has of its own."""
    for row in sections(found["Rows"]):
        if "ColData" in row and any(cell.get("id") or cell["value"] for cell in row["ColData"]):
            yield row["ColData"]
        elif row.get("Header") and row["Header"]["ColData"][0].get("id"):
            yield row["Header"]["ColData"]


def place_of(found: Doc, *wanted: str) -> int:
    """Where the column with a key stands; with several keys, the one that is there."""
    keys = [each["MetaData"][-1]["Value"] for each in found["Columns"]["Column"]]
    return next(keys.index(key) for key in wanted if key in keys)


# ties ------------------------------------------------------------------------------------------------


def _of_the_books(asker: Asker) -> Iterator[str]:
    """Trial balance, profit and loss, balance sheet, ledger and cash flow on one basis."""
    net: dict[str, int] = {}
    for movement in movements(asker.company, asker.basis):
        if sum(entry.cents for entry in movement.entries):
            yield f"{movement.key} moves {movement.entries} out of balance"
        for entry in movement.entries if movement.day <= asker.day else ():
            net[entry.account] = net.get(entry.account, 0) + entry.cents
    trial, sheet, profit = asker.ask("TrialBalance"), asker.ask("BalanceSheet"), asker.ask("ProfitAndLoss")
    if total(trial, "TOTAL", 1) != total(trial, "TOTAL", 2):
        yield "the trial balance does not balance"
    by_account = {row[0].get("id") or row[0]["value"]: cents(row[1]["value"] or "0") - cents(row[2]["value"] or "0")
                  for row in leaves(trial)}  # fmt: skip
    for account, amount in net.items():
        body = asker.company.find("Account", account)
        if body and body.body["Classification"] in ("Asset", "Liability") and by_account.get(account, 0) != amount:
            yield f"trial balance of {account}: {by_account.get(account, 0)}, not {amount}"
    assets, other = group(sheet, "TotalAssets"), group(sheet, "TotalLiabilitiesAndEquity")
    if assets != other:
        yield f"assets {assets} are not liabilities and equity {other}"
    income = group(profit, "NetIncome")
    if income != group(sheet, "NetIncome"):
        yield f"net income {income} is {group(sheet, 'NetIncome')} on the balance sheet"
    if asker.basis == "Cash":
        yield from _of_cash_basis(asker, net)
    yield from _of_profit(asker, income)
    yield from _of_the_ledger(asker, by_account)
    yield from _of_cash(asker)


def _of_cash_basis(asker: Asker, net: dict[str, int]) -> Iterator[str]:
    """Money is the same on both bases; on receivables and payables only what is no invoice or bill stands."""
    accrual, standing = _balances(asker), _standing(asker)
    for account in {*accrual, *net}:
        kind, moved = _kind(asker, account), net.get(account, 0)
        if kind in ("Bank", "Credit Card") and moved != accrual.get(account, 0):
            yield f"{account} holds {moved}, not {accrual.get(account, 0)}"
        if kind in (RECEIVABLE, PAYABLE) and moved != standing.get(account, 0):
            yield f"{account} holds {moved}, not {standing.get(account, 0)}"


def _standing(asker: Asker) -> dict[str, int]:
    """Cents on receivables and payables about journals, deposits and purchases, by account."""
    net: dict[str, int] = {}
    for posting in asker.company.ledger.postings.values():
        for entry in posting.entries if posting.day <= asker.day else ():
            if entry.about is not None and entry.about[0] in ("JournalEntry", "Deposit", "Purchase"):
                net[entry.account] = net.get(entry.account, 0) + entry.cents
    return net


def _of_profit(asker: Asker, income: int) -> Iterator[str]:
    """The months of a year are the year, the details the total, whatever the columns."""
    for split in ("Month", "Customers", "Classes"):
        parts = asker.ask("ProfitAndLoss", summarize_column_by=split)
        row = next((row for row in sections(parts["Rows"]) if row.get("group") == "NetIncome"), None)
        found = [cents(cell["value"] or "0") for cell in row["Summary"]["ColData"][1:]] if row else [0]
        if found[-1] != income or sum(found[:-1]) != income:
            yield f"net income by {split} is {found}, not {income}"
    detail = asker.ask("ProfitAndLossDetail")
    if total(detail, "Net Income", place_of(detail, "subt_nat_amount", "subt_nat_home_amount")) != income:
        yield f"net income in detail is not {income}"
    months = asker.ask("BalanceSheet", summarize_column_by="Month")
    for place in range(1, len(months["Columns"]["Column"])):
        if group(months, "TotalAssets", place) != group(months, "TotalLiabilitiesAndEquity", place):
            yield f"the balance sheet does not balance in column {place}"


def _of_the_ledger(asker: Asker, by_account: dict[str, int]) -> Iterator[str]:
    """What each account had and moved is what it has: from the first of the year, and from another day."""
    year, middle = asker.year, (date.fromisoformat(asker.year) + timedelta(days=41)).isoformat()
    tree = AccountTree(asker.company)
    signs = {account.cell_id or account.name: account.sign for account in tree.by_id.values()}
    for start in (year, middle) if middle < asker.day else (year,):
        ledger = asker.ask("GeneralLedger", start_date=start, columns="tx_date,account_name,rbal_nat_amount")
        found: dict[str, int] = {}
        for row in sections(ledger["Rows"]):
            inside = [each for each in (row.get("Rows") or {}).get("Row", []) if "ColData" in each]
            if inside:
                name = _account_of(tree, row, inside[-1])
                found[name] = signs[name] * cents(inside[-1]["ColData"][-1]["value"])
        wrong = [(key, found.get(key, 0), by_account.get(key, 0)) for key in {*found, *by_account}
                 if found.get(key, 0) != by_account.get(key, 0)]  # fmt: skip
        if wrong:
            yield f"the ledger from {start} closes with (account, cents, trial balance) {wrong}"


def _account_of(tree: AccountTree, row: Doc, last: Doc) -> str:
    """Id (or name) of the account that a section is about."""
    if last["ColData"][0]["value"] != "Beginning Balance":
        return str(last["ColData"][1]["id"] or last["ColData"][1]["value"])
    if row.get("Header"):
        head = row["Header"]["ColData"][0]
        return str(head.get("id") or head["value"])
    label = row["Summary"]["ColData"][0]["value"].removeprefix("Total for ")
    return next(account.cell_id for account in tree.by_id.values() if account.name == label and account.cell_id)


def _of_cash(asker: Asker) -> Iterator[str]:
    if asker.basis == "Cash":
        return
    flow = asker.ask("CashFlow")
    cash = sum(amount for account, amount in _balances(asker).items() if _is_cash(asker.company, account))
    if group(flow, "EndingCash") != cash:
        yield f"cash at the end is {group(flow, 'EndingCash')}, not {cash}"


def _balances(asker: Asker) -> dict[str, int]:
    net: dict[str, int] = {}
    for posting in asker.company.ledger.postings.values():
        for entry in posting.entries if posting.day <= asker.day else ():
            net[entry.account] = net.get(entry.account, 0) + entry.cents
    return net


def _is_cash(company: Company, account: str) -> bool:
    record = company.find("Account", account)
    body = record.body if record else {}
    return body.get("AccountType") == "Bank" or body.get("AccountSubType") == "UndepositedFunds"


def _of_the_parties(asker: Asker) -> Iterator[str]:
    """Receivables and payables: ledger, ageing, balances, and the details of both."""
    names = {
        RECEIVABLE: ("AgedReceivables", "AgedReceivableDetail", "CustomerBalance", "CustomerBalanceDetail", 1),
        PAYABLE: ("AgedPayables", "AgedPayableDetail", "VendorBalance", "VendorBalanceDetail", -1),
    }
    for kind, (aged, aged_detail, balance, balance_detail, sign) in names.items():
        control = sign * sum(amount for account, amount in _balances(asker).items() if _kind(asker, account) == kind)
        for name in (aged, balance):
            if total(asker.ask(name), "TOTAL") != control:
                yield f"{name} {total(asker.ask(name), 'TOTAL')} is not {control}"
        for name in (aged_detail, balance_detail):
            found = total(asker.ask(name), "TOTAL")
            if found != control:
                yield f"{name} {found} is not {control}"
        everything = asker.ask(balance_detail, arpaid="All", appaid="All")
        if total(everything, "TOTAL") != control:
            yield f"{balance_detail} of all {total(everything, 'TOTAL')} is not {control}"


def _kind(asker: Asker, account: str) -> str:
    record = asker.company.find("Account", account)
    return str(record.body["AccountType"]) if record else ""


def _of_transactions(asker: Asker) -> Iterator[str]:
    """Every transaction is listed once, and the journal's debits are its credits."""
    listed = [
        row[1]["id"] for row in leaves(asker.ask("TransactionList", date_macro="all", start_date="", end_date=""))
    ]
    wanted = [key[1] for key, _ in transactions(asker.company)]
    if sorted(listed) != sorted(wanted):
        yield f"listed {sorted(listed)}, not {sorted(wanted)}"
    journal = asker.ask("JournalReport", date_macro="all", start_date="", end_date="")
    sides = total(journal, "TOTAL", -2), total(journal, "TOTAL", -1)
    whole = sum(max(entry.cents, 0) for posting in asker.company.ledger.postings.values() for entry in posting.entries)
    if sides != (whole, whole):
        yield f"the journal's debits and credits {sides} are not {whole}"
