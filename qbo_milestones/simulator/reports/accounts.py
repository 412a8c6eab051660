"""The chart of accounts as reports show it: names, order, parents and children, which direction is natural."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.chart import STANDING
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.schema.accounts import ACCOUNT_TYPES

PROFIT = ("Revenue", "Expense")
"""Classifications of profit and loss."""
_TYPE_ORDER = [
    "Bank", "Accounts Receivable", "Other Current Asset", "Fixed Asset", "Other Asset", "Accounts Payable",
    "Credit Card", "Other Current Liability", "Long Term Liability", "Equity", "Income", "Cost of Goods Sold",
    "Expense", "Other Income", "Other Expense", "Non-Posting",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Account:
    """One account. ``sign`` is +1 where a debit is natural; ``number`` is shown where the company uses numbers."""

    id: str
    name: str
    full_name: str
    kind: str
    subtype: str
    parent: str
    number: str
    sign: int

    @property
    def is_profit(self) -> bool:
        """Whether it belongs to profit and loss."""
        return ACCOUNT_TYPES.get(self.kind) in PROFIT

    def is_one_of(self, words: Iterable[str]) -> bool:
        """Whether its type is among some, written together as parameters do: ``CostOfGoodsSold``."""
        return self.kind.replace(" ", "").lower() in {word.lower() for word in words}

    @property
    def order(self) -> tuple[int, str, str]:
        """By type, number and name."""
        place = _TYPE_ORDER.index(self.kind) if self.kind in _TYPE_ORDER else len(_TYPE_ORDER)
        return place, self.number, self.name.lower()

    @property
    def cell_id(self) -> str:
        """Its Id, where it is one: what stands for a missing standing account has none."""
        return self.id if self.id.isdigit() else ""


class AccountTree:
    """All accounts of a company, the standing ones that QuickBooks has not opened yet included."""

    def __init__(self, company: Company) -> None:
        numbered = bool(company.preference("AccountingInfoPrefs", "UseAccountNumbers"))
        records = company.shelves["Account"].records
        self.by_id = {key: _account(record.body, numbered) for key, record in records.items()}
        for purpose, (name, kind, subtype) in STANDING.items():
            self.by_id[purpose] = Account(purpose, name, name, kind, subtype, "", "", _sign(kind))
        self._children: dict[str, list[Account]] = {}
        for account in sorted(self.by_id.values(), key=lambda each: each.order):
            self._children.setdefault(self._parent(account), []).append(account)

    def __getitem__(self, account_id: str) -> Account:
        """An account; one that is gone shows its Id."""
        found = self.by_id.get(account_id)
        return found or Account(account_id, account_id, account_id, "Non-Posting", "", "", "", 1)

    def _parent(self, account: Account) -> str:
        """A child of another type stands by itself."""
        parent = self.by_id.get(account.parent)
        return parent.id if parent and parent.kind == account.kind else ""

    def roots(self, kinds: Iterable[str]) -> list[Account]:
        """Top accounts of some types, in order."""
        wanted = set(kinds)
        return [account for account in self._children.get("", []) if account.kind in wanted]

    def children(self, account: Account) -> list[Account]:
        """Accounts right under one."""
        return self._children.get(account.id, [])

    def in_order(self) -> Iterator[Account]:
        """All accounts, each before its children."""
        yield from self._walk(self._children.get("", []))

    def _walk(self, accounts: list[Account]) -> Iterator[Account]:
        for account in accounts:
            yield account
            yield from self._walk(self.children(account))


def _sign(kind: str) -> int:
    return 1 if ACCOUNT_TYPES.get(kind) in ("Asset", "Expense") else -1


def _account(body: Doc, numbered: bool) -> Account:
    number = str(body.get("AcctNum") or "") if numbered else ""
    name = f"{number} {shown_name(body)}".strip()
    full_name = f"{number} {shown_name(body, 'FullyQualifiedName')}".strip()
    kind = str(body.get("AccountType") or "")
    parent = ref_id(body, "ParentRef")
    return Account(str(body["Id"]), name, full_name, kind, str(body.get("AccountSubType") or ""), parent, number,
                   _sign(kind))  # fmt: skip


def shown_name(body: Doc, preferred: str = "Name") -> str:
    """The name of an object; one that was made inactive counts as deleted."""
    found = body.get(preferred) or body.get("DisplayName") or body.get("Name") or body.get("Id") or ""
    gone = body.get("Active") is False and "(deleted" not in str(found)
    return f"{found} (deleted)" if gone else str(found)
