"""The chart of accounts with its balances, by kind, as a trial balance."""

from dataclasses import dataclass

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.pages.listing import Listing, cut

KINDS = {"Asset": "Assets", "Liability": "Liabilities", "Equity": "Equity", "Revenue": "Income", "Expense": "Expenses"}
OTHER = "Other"
WITHOUT_BALANCE = 3
"""As many accounts of a kind are shown where nothing, or less, has been posted."""


@dataclass(frozen=True, slots=True)
class Line:
    """One account. ``cents`` are its net debit."""

    account_id: str
    name: str
    kind: str
    cents: int


@dataclass(frozen=True, slots=True)
class Group:
    """The accounts of one kind."""

    name: str
    lines: Listing[Line]
    cents: int


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """All kinds with the totals of both sides, which are equal."""

    groups: list[Group]
    debits: int
    credits: int


def trial_balance(company: Company, most: int) -> TrialBalance:
    """Accounts as they stand now: in each kind those with a balance, ``most`` of them, and a few where none has one."""
    nets = company.ledger.accounts
    groups = []
    for kind in [*KINDS, OTHER]:
        bodies = [body for body in _accounts(company) if _kind(body) == kind]
        bodies.sort(key=lambda body: not nets.get(str(body["Id"])))
        if bodies:
            lines = (_line(company, body) for body in bodies)
            moved = sum(1 for body in bodies if nets.get(str(body["Id"])))
            shown = min(most, max(moved, WITHOUT_BALANCE))
            total = sum(nets.get(str(body["Id"]), 0) for body in bodies)
            groups.append(Group(KINDS.get(kind, OTHER), cut(lines, len(bodies), shown), total))
    return TrialBalance(
        groups, sum(net for net in nets.values() if net > 0), -sum(net for net in nets.values() if net < 0)
    )


def _accounts(company: Company) -> list[Doc]:
    return [record.body for record in company.shelves["Account"].records.values()]


def _kind(body: Doc) -> str:
    kind = str(body.get("Classification"))
    return kind if kind in KINDS else OTHER


def _line(company: Company, body: Doc) -> Line:
    account_id = str(body["Id"])
    name, kind = str(body["FullyQualifiedName"]), str(body.get("AccountType"))
    return Line(account_id, name, kind, company.ledger.accounts.get(account_id, 0))
