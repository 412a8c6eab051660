"""A voucher: the ledger lines of one transaction while they are drawn up, in its currency and at home."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.chart import account_for
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.currencies import at_home, rate_of
from qbo_milestones.simulator.books.ledger import Entry, Key
from qbo_milestones.simulator.refs import ref_id


class Voucher:
    """Lines of one transaction; ``entries`` closes it so that it sums to zero."""

    def __init__(self, company: Company, key: Key, doc: Doc) -> None:
        self.company, self.key, self.doc = company, key, doc
        self.rate = rate_of(doc)
        self._department = ref_id(doc, "DepartmentRef")
        self._class = ref_id(doc, "ClassRef")
        self._entries: list[Entry] = []

    def put(
        self, account: str, cents: int, party: Key | None = None, detail: Doc | None = None, memo: str = ""
    ) -> None:
        """A line at the document's own rate; ``detail``, the line's, may name class, location, item and customer."""
        named = detail or {}
        home = at_home(cents, self.rate)
        self._entries.append(Entry(
            account, home, cents, party, None, memo, ref_id(named, "ClassRef") or self._class,
            ref_id(named, "DepartmentRef") or self._department, ref_id(named, "ItemRef"), ref_id(named, "CustomerRef"),
        ))  # fmt: skip

    def put_control(
        self, account: str, cents: int, party: Key | None, about: Key | None = None, memo: str = ""
    ) -> None:
        """A line on a receivable or payable account, about this transaction unless another open item is named."""
        self.put_at(account, cents, at_home(cents, self.rate), party, about or self.key, memo)

    def put_at(
        self, account: str, cents: int, home: int, party: Key | None, about: Key | None = None, memo: str = ""
    ) -> None:
        """A line whose worth at home is known: what it settles was written at another rate."""
        self._entries.append(Entry(account, home, cents, party, about, memo, self._class, self._department))

    def entries(self) -> list[Entry]:
        """All lines. What is missing at home is rounding, which the largest free line takes."""
        residual = sum(entry.cents for entry in self._entries)
        if residual:
            free = [entry for entry in self._entries if entry.about is None] or self._entries
            largest = max(free, key=lambda entry: abs(entry.cents))
            self._entries[self._entries.index(largest)] = largest._replace(cents=largest.cents - residual)
        return self._entries

    def entries_with_gain(self) -> list[Entry]:
        """All lines. What is missing at home is the gain or loss between two rates."""
        residual = sum(entry.cents for entry in self._entries)
        if residual:
            self._entries.append(Entry(account_for(self.company, "exchange"), -residual, 0))
        return self._entries
