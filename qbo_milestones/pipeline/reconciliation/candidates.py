"""What could a payment be for? Suggestions for a person in the order of accounting.md 7, never a match."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from qbo_milestones.model.books import Document, DocumentKind
from qbo_milestones.pipeline.reconciliation.sentences import listed, name
from qbo_milestones.pipeline.reconciliation.tree import Tree

# A sum of up to four of thirty invoices has 31,930 cases, computed once a tree; of more, a hit would be chance.
_MOST = 30
_AT_ONCE = 4
_SHOWN = 4

# Currency and whole cents.
_Amount = tuple[str, int]


@dataclass(slots=True)
class Candidates:
    """The open invoices of one tree, by what a payment may say or amount to; sums are made on first use."""

    tree: Tree
    open: tuple[Document, ...]
    by_amount: Mapping[_Amount, list[Document]]
    _sums: Mapping[_Amount, tuple[Document, ...] | None] | None = None

    def sentence(self, payment: Document) -> str:
        """What it may be for, as the end of a sentence; says so where nothing fits."""
        named = self.tree.named_by(payment)
        if named:
            return f"Its reference or memo names {listed([self.tree.written(id_) for id_ in named])}."
        exact = self.exact(payment)
        if len(exact) == 1:
            return f"Its amount is the open balance of {self._described(exact[0])}."
        if exact:
            shown = [self._described(d) for d in exact[:_SHOWN]]
            return f"Its amount is the open balance of {len(exact)} invoices, such as {listed(shown)}."
        sums = self._all_sums()
        together = sums.get(_amount(payment))
        if together:
            return f"Its amount is the sum of {listed([self._described(d) for d in together])}."
        if _amount(payment) in sums:
            return "More than one combination of open invoices adds up to its amount."
        return "No open invoice of this customer fits its amount."

    def exact(self, payment: Document) -> list[Document]:
        """Open invoices whose balance is what the payment has left."""
        return self.by_amount.get(_amount(payment), [])

    def _all_sums(self) -> Mapping[_Amount, tuple[Document, ...] | None]:
        if self._sums is None:
            self._sums = _sums_of(self.open)
        return self._sums

    def _described(self, invoice: Document) -> str:
        ours = self.tree.posted.get((invoice.kind, invoice.id))
        return f"{name(invoice)}{f' ({ours.deliverable_id})' if ours else ''}, open {invoice.balance}"


def candidates(tree: Tree) -> Candidates:
    """The candidates of a tree."""
    live = (d for d in tree.documents.values() if d.kind is DocumentKind.INVOICE and d.live)
    open_ = tuple(d for d in live if d.balance.minor > 0)
    by_amount: dict[_Amount, list[Document]] = {}
    for invoice in open_:
        by_amount.setdefault(_amount(invoice), []).append(invoice)
    return Candidates(tree, open_, by_amount)


def _amount(document: Document) -> _Amount:
    return document.balance.currency, document.balance.minor


def _sums_of(open_: Sequence[Document]) -> Mapping[_Amount, tuple[Document, ...] | None]:
    """Each sum of two to four open invoices; None where more than one combination gives it."""
    found: dict[_Amount, tuple[Document, ...] | None] = {}
    if len(open_) > _MOST:
        return found
    for size in range(2, _AT_ONCE + 1):
        for group in combinations(open_, size):
            if len({d.balance.currency for d in group}) == 1:
                key = group[0].balance.currency, sum(d.balance.minor for d in group)
                found[key] = None if key in found else group
    return found
