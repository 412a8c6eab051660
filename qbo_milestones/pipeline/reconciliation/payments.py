"""Payments: which did not find their invoice, brought too much, or came twice (accounting.md 6.4 and 6.6)."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from qbo_milestones.model.books import Document
from qbo_milestones.model.flag import Flag
from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.outbox import Outgoing
from qbo_milestones.pipeline.posting import PostingKind
from qbo_milestones.pipeline.reconciliation.candidates import Candidates, candidates
from qbo_milestones.pipeline.reconciliation.sentences import day, handle, listed, name, order, plain
from qbo_milestones.pipeline.reconciliation.tags import reference_key
from qbo_milestones.pipeline.reconciliation.tree import Tree
from qbo_milestones.pipeline.settlement import PaidState, Settlement, applications

# Two payments of one amount this near to each other may be one (accounting.md 6.6).
_NEAR = timedelta(days=3)
# A reference that comes back with another amount is strange only soon after: some clients always send one reference.
_SOON = timedelta(days=10)
# How many earlier payments of one amount within the window a payment is held against: bounds a flood of equal ones.
_BACK = 8


@dataclass(frozen=True, slots=True)
class _Paying:
    """A payment with what it pays.

    `reference` is as references are compared; `invoices` by id whoever made them, `ours` among those, `on_ours` and
    `unapplied` in whole cents; `linked` is whether it is applied to anything.
    """

    document: Document
    reference: str
    amount: tuple[str, int]
    unapplied: int
    linked: bool
    invoices: frozenset[str]
    ours: tuple[Outgoing, ...]
    on_ours: int

    @property
    def concerns_us(self) -> bool:
        """Other business that is settled between agency and client is none of ours."""
        return bool(self.ours) or self.unapplied > 0

    @property
    def whole(self) -> bool:
        """Whether all of it is applied."""
        return self.linked and not self.unapplied

    @property
    def standing(self) -> tuple[int, int, tuple[date, int, str]]:
        """Sorts the one that more likely is the real payment first: on our invoices, applied, earlier."""
        return -self.on_ours, self.unapplied, order(self.document)


@dataclass(frozen=True, slots=True)
class _Ledger:
    """What the checks of payments read."""

    tree: Tree
    payments: tuple[_Paying, ...]
    candidates: Candidates
    paid: Mapping[tuple[str, int], Sequence[tuple[date, str, Settlement]]]


@dataclass(frozen=True, slots=True)
class _Finding:
    """A flag, and the ids of the payments whose trouble it is (not those that are named for comparison)."""

    flag: Flag
    culprits: frozenset[str]


def duplicate_reference(ledger: _Ledger) -> Iterator[_Finding]:
    """PAYMENT_DUPLICATE_REF: one reference and one amount, more than once."""
    for group in _by_reference(ledger):
        for same in _grouped(group, lambda p: p.amount):
            if len(same) > 1 and any(p.concerns_us for p in same):
                first, *copies = sorted(same, key=lambda p: p.standing)
                what = "with one reference and one amount"
                yield _twice(ledger, "PAYMENT_DUPLICATE_REF", first, copies, what)


def reused_reference(ledger: _Ledger) -> Iterator[_Finding]:
    """PAYMENT_REF_REUSED: one reference with different amounts within ten days."""
    for group in _by_reference(ledger):
        dated = [p for p in group if p.document.txn_date]
        for earlier, later in pairwise(dated):
            near = _days_between(earlier, later) <= _SOON
            if near and earlier.amount != later.amount and (earlier.concerns_us or later.concerns_us):
                first, second = sorted((earlier, later), key=lambda p: p.standing)
                yield _twice(ledger, "PAYMENT_REF_REUSED", first, [second], "with one reference and different amounts")


def duplicate_amount(ledger: _Ledger) -> Iterator[_Finding]:
    """PAYMENT_DUPLICATE_AMOUNT: one amount within three days under other references, or none.

    Two that are each applied whole to invoices of their own are two equal milestones, each paid.
    """
    for same in _grouped([p for p in ledger.payments if p.document.txn_date], lambda p: p.amount):
        for at, later in enumerate(same):
            for earlier in reversed(same[max(0, at - _BACK) : at]):
                if _days_between(earlier, later) <= _NEAR and _suspicious(earlier, later):
                    first, second = sorted((earlier, later), key=lambda p: p.standing)
                    yield _twice(ledger, "PAYMENT_DUPLICATE_AMOUNT", first, [second], "of one amount within three days")
                    break


def paid_twice(ledger: _Ledger) -> Iterator[_Finding]:
    """INVOICE_PAID_TWICE: an unapplied payment over just what was paid on an invoice of ours; none open would fit."""
    for paying in _wholly_unapplied(ledger):
        payment = paying.document
        settlement = _nearest(ledger.paid.get(paying.amount, ()), payment.txn_date or date.min)
        if settlement is None or ledger.candidates.exact(payment):
            continue
        covering = listed([plain(receipt.reference) or f"id {receipt.payment_id}" for receipt in settlement.receipts])
        sentence = (
            f"{_title(payment)} over {payment.total} is applied to nothing, and invoice "
            f"{plain(settlement.invoice_number)} of {settlement.deliverable_id}, {settlement.total}, "
            f"is already paid (payment {covering})."
        )
        outgoing = ledger.tree.posted_invoice(settlement.invoice_id)
        handles = (f"Invoice {settlement.invoice_id}", handle(payment))
        flag = _flag(ledger, "INVOICE_PAID_TWICE", payment, sentence, payment.total, (outgoing,), handles)
        yield _Finding(flag, frozenset({payment.id}))


def overpaid(ledger: _Ledger) -> Iterator[_Finding]:
    """PAYMENT_OVERPAID: part of a payment on our invoices is left over."""
    for paying in ledger.payments:
        payment = paying.document
        if paying.ours and 0 < paying.unapplied < payment.total.minor:
            numbers = listed([f"{o.number or o.books_id} ({o.deliverable_id})" for o in paying.ours])
            sentence = (
                f"{_title(payment)} over {payment.total} pays invoice {numbers} and leaves {payment.balance} "
                f"to which no invoice belongs."
            )
            yield _one(ledger, "PAYMENT_OVERPAID", paying, sentence, payment.balance)


def unapplied(ledger: _Ledger) -> Iterator[_Finding]:
    """PAYMENT_UNAPPLIED: nothing of the payment is applied; what it may be for is suggested, never matched."""
    for paying in _wholly_unapplied(ledger):
        payment = paying.document
        guess = ledger.candidates.sentence(payment)
        sentence = f"{_title(payment)} over {payment.total} is applied to no invoice. {guess}"
        named = ledger.tree.named_postings(payment)
        flag = _flag(ledger, "PAYMENT_UNAPPLIED", payment, sentence, payment.total, named)
        yield _Finding(flag, frozenset({payment.id}))


def unmatched(ledger: _Ledger) -> Iterator[_Finding]:
    """PAYMENT_UNMATCHED: the payment names our deliverable or invoice, yet is applied only to documents not ours.

    An amount alone proves nothing: the agency's other invoices may well be of the same amount. An invoice that
    claims the deliverable has a flag of its own.
    """
    for paying in ledger.payments:
        if paying.ours or not paying.linked or paying.invoices & ledger.tree.claiming:
            continue
        named = ledger.tree.named_postings(paying.document)
        if named:
            payment = paying.document
            meant = listed([f"{o.number or o.books_id} ({o.deliverable_id})" for o in named])
            sentence = (
                f"{_title(payment)} over {payment.total} names {meant}, but is applied only to documents that this "
                f"program did not post."
            )
            flag = _flag(ledger, "PAYMENT_UNMATCHED", payment, sentence, payment.total, named)
            yield _Finding(flag, frozenset({payment.id}))


# Most specific first: what an earlier check found of a payment covers what a later one finds of it (ruling 29).
CHECKS: tuple[Callable[[_Ledger], Iterator[_Finding]], ...] = (
    duplicate_reference,
    duplicate_amount,
    reused_reference,
    paid_twice,
    overpaid,
    unapplied,
    unmatched,
)


def check_payments(tree: Tree) -> tuple[Flag, ...]:
    """One flag for each trouble of a payment, the most specific, with the others named in it."""
    ledger = _open(tree)
    flags: list[Flag] = []
    covered: dict[str, int] = {}
    for check in CHECKS:
        for finding in check(ledger):
            free = [id_ for id_ in finding.culprits if id_ not in covered]
            if free:
                covered.update(dict.fromkeys(free, len(flags)))
                flags.append(finding.flag)
            for at in {covered[id_] for id_ in finding.culprits}:
                flags[at] = _with(flags[at], finding.flag.kind)
    return tuple(flags)


def _with(flag: Flag, kind: str) -> Flag:
    return flag if kind == flag.kind else replace(flag, also=tuple(sorted({*flag.also, kind})))


def _open(tree: Tree) -> _Ledger:
    paid: dict[tuple[str, int], list[tuple[date, str, Settlement]]] = defaultdict(list)
    for settlement in tree.settlements.values():
        if settlement.state is PaidState.PAID and settlement.receipts:
            last = settlement.receipts[-1]
            for amount in {a.minor for a in (settlement.total, settlement.paid, last.applied)}:
                key = settlement.total.currency, amount
                paid[key].append((last.date or date.min, settlement.invoice_id, settlement))
    in_order = {key: sorted(found, key=lambda entry: entry[:2]) for key, found in paid.items()}
    return _Ledger(tree, tuple(_paying(tree, d) for d in tree.payments), candidates(tree), in_order)


def _paying(tree: Tree, payment: Document) -> _Paying:
    parts = applications(payment)
    mine = [(part, tree.posted_invoice(part.invoice_id)) for part in parts]
    ours = {outgoing.key: outgoing for _, outgoing in mine if outgoing}
    cash = sum(part.cash.minor for part, outgoing in mine if outgoing)
    return _Paying(
        payment,
        reference_key(payment.reference),
        (payment.total.currency, payment.total.minor),
        payment.balance.minor,
        any(line.links for line in payment.lines),
        frozenset(part.invoice_id for part in parts),
        tuple(ours.values()),
        cash,
    )


def _wholly_unapplied(ledger: _Ledger) -> Iterable[_Paying]:
    return (p for p in ledger.payments if p.document.balance == p.document.total)


def _by_reference(ledger: _Ledger) -> Iterator[list[_Paying]]:
    known = [p for p in ledger.payments if p.reference]
    return (group for group in _grouped(known, lambda p: p.reference) if len(group) > 1)


def _grouped(payments: Iterable[_Paying], key: Callable[[_Paying], object]) -> Iterable[list[_Paying]]:
    groups: dict[object, list[_Paying]] = defaultdict(list)
    for paying in payments:
        groups[key(paying)].append(paying)
    return groups.values()


def _days_between(one: _Paying, other: _Paying) -> timedelta:
    return abs((one.document.txn_date or date.min) - (other.document.txn_date or date.min))


def _suspicious(one: _Paying, other: _Paying) -> bool:
    if not (one.concerns_us or other.concerns_us):
        return False
    if one.reference and one.reference == other.reference:
        return False
    return not (one.whole and other.whole) or bool(one.invoices & other.invoices)


def _nearest(paid: Sequence[tuple[date, str, Settlement]], day_: date) -> Settlement | None:
    """The settlement whose last payment is nearest to a day, so that one amount paid often names the likeliest."""
    at = bisect_left(paid, (day_, ""), key=lambda entry: entry[:2])
    near = paid[max(0, at - 1) : at + 1]
    return min(near, key=lambda entry: (abs(entry[0] - day_), entry[1]))[2] if near else None


def _twice(ledger: _Ledger, kind: str, first: _Paying, copies: Sequence[_Paying], what: str) -> _Finding:
    every = [first, *copies]
    ours = tuple({o.key: o for p in every for o in p.ours}.values())
    details = listed([f"{_title(p.document)} over {p.document.total}, {_fate(p)}" for p in every])
    customer = ledger.tree.customer(first.document.customer_id)
    sentence = f"{customer} has {len(every)} payments {what}: {details}."
    amount = copies[0].document.total
    for other in copies[1:]:
        amount += other.document.total
    handles = tuple(sorted(handle(p.document) for p in every))
    flag = _flag(ledger, kind, copies[0].document, sentence, amount, ours, handles)
    references = dict.fromkeys(plain(p.document.reference) for p in every if p.document.reference.strip())
    flag = replace(flag, payment_reference=", ".join(references))
    return _Finding(flag, frozenset(p.document.id for p in copies))


def _fate(paying: _Paying) -> str:
    if not paying.linked:
        return "applied to nothing"
    numbers = [f"invoice {o.number or o.books_id} ({o.deliverable_id})" for o in paying.ours]
    left = f", {paying.document.balance} left over" if paying.unapplied else ""
    return f"applied to {listed(numbers) or 'documents that are not ours'}{left}"


def _title(payment: Document) -> str:
    called = name(payment)
    return f"{called[:1].upper()}{called[1:]} of {day(payment.txn_date)}"


def _one(ledger: _Ledger, kind: str, paying: _Paying, sentence: str, amount: Money) -> _Finding:
    flag = _flag(ledger, kind, paying.document, sentence, amount, paying.ours)
    return _Finding(flag, frozenset({paying.document.id}))


def _flag(
    ledger: _Ledger,
    kind: str,
    payment: Document,
    sentence: str,
    amount: Money,
    concerned: Sequence[Outgoing | None],
    handles: tuple[str, ...] = (),
) -> Flag:
    """A flag on what we posted; its subject is the deliverable where it is one, else empty, and all are named."""
    ours = [o for o in concerned if o and o.identity.kind is PostingKind.INVOICE]
    subjects = {o.identity.deliverable: o.deliverable_id for o in ours}
    only = next(iter(subjects)) if len(subjects) == 1 else ""
    row = ledger.tree.row(only)
    return Flag(
        kind,
        subjects.get(only, ""),
        sentence,
        amount,
        handles or (handle(payment),),
        ", ".join(o.number or o.books_id for o in ours),
        ledger.tree.journal_number(only),
        plain(payment.reference),
        where=row.where if row else "",
    )
