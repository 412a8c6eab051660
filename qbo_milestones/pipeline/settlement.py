"""Has the money come? What was paid on our invoices, and how far towards the bank it got."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

from qbo_milestones.model.books import Document, DocumentKind
from qbo_milestones.model.money import Money, from_minor, zero
from qbo_milestones.pipeline.case import Case, Facts
from qbo_milestones.pipeline.outbox import Outgoing, Stage
from qbo_milestones.pipeline.posting import PostingKind

# What a payment may apply beside money: these lines lower the invoice without cash (accounting.md 5 P6, P7, P15).
_CREDITS = frozenset({"CreditMemo", "JournalEntry", "Deposit"})
_INVOICE = DocumentKind.INVOICE.value


class PaidState(StrEnum):
    """How an invoice stands. Only cash makes `paid`; `gone` is voided, deleted or not in the books at all.

    `credited` is closed without any cash; `unexplained` is where invoice and payments contradict each other.
    """

    UNPAID = "unpaid"
    PART_PAID = "part paid"
    PAID = "paid"
    CREDITED = "credited"
    UNEXPLAINED = "unexplained"
    GONE = "gone"


class Funds(IntEnum):
    """How far the money got (accounting.md 5): no payment, a payment, on a Bank account in QuickBooks."""

    F0 = 0
    F1 = 1
    F2 = 2


@dataclass(frozen=True, slots=True)
class Application:
    """What one payment did to one invoice: `cash` and `credit`, split by line, never pro rata."""

    invoice_id: str
    cash: Money
    credit: Money


@dataclass(frozen=True, slots=True)
class Receipt:
    """A payment as far as it pays one invoice."""

    reference: str
    payment_id: str
    date: date | None
    applied: Money
    funds: Funds


@dataclass(frozen=True, slots=True)
class Settlement:
    """The money of one deliverable's invoice; `paid` + `credited` + `open` + `unexplained` = `total`, with tax.

    `funds` is the lowest level of the payments that cover it, F0 until it is paid whole: part of the money at the
    bank is not yet the deliverable's money.
    """

    deliverable_id: str
    invoice_number: str
    invoice_id: str
    total: Money
    paid: Money
    credited: Money
    open: Money
    unexplained: Money
    state: PaidState
    funds: Funds
    receipts: tuple[Receipt, ...] = ()
    due_date: date | None = None

    @property
    def agrees(self) -> bool:
        """Whether the invoice's own balance is what the payments leave of it."""
        return not self.unexplained


def settle(case: Case, facts: Facts) -> tuple[Settlement, ...]:
    """The settlement of each invoice that we posted, in the order of the outbox."""
    invoices = {d.id: d for d in case.documents if d.kind is DocumentKind.INVOICE}
    receipts = _by_invoice(case, facts.account_types)
    return tuple(
        _settlement(outgoing, invoices.get(outgoing.books_id), receipts.get(outgoing.books_id, []))
        for outgoing in case.outgoing
        if outgoing.stage is Stage.POSTED and outgoing.identity.kind is PostingKind.INVOICE
    )


def is_cash(document: Document) -> bool:
    """Whether it is a live payment that brought money; a zero one only applies credits (accounting.md 5 P6, P20)."""
    return document.kind is DocumentKind.PAYMENT and document.live and document.total.minor > 0


def applications(payment: Document) -> tuple[Application, ...]:
    """What a live payment applied to each invoice, in the order of its lines.

    QuickBooks does not say which invoice a credit in the payment went to: credits are used up in the order of the
    lines, and no more counts as cash than the payment brought.
    """
    lines = [line for line in payment.lines if line.amount.currency == payment.total.currency and line.links]
    debts = [line for line in lines if line.links[0].kind not in _CREDITS]
    credits_ = sum(line.amount.minor for line in lines if line.links[0].kind in _CREDITS)
    brought = payment.total.minor - _unapplied(payment)
    credit_left = max(credits_, sum(line.amount.minor for line in debts) - brought, 0)
    found: list[Application] = []
    for line in debts:
        credit = max(0, min(credit_left, line.amount.minor))
        credit_left -= credit
        if line.links[0].kind == _INVOICE:
            currency = line.amount.currency
            cash = line.amount.minor - credit
            found.append(Application(line.links[0].id, from_minor(cash, currency), from_minor(credit, currency)))
    return tuple(found)


def _unapplied(payment: Document) -> int:
    return payment.balance.minor if payment.balance.currency == payment.total.currency else 0


def funds_of(payment: Document, deposited: frozenset[str], account_types: Mapping[str, str]) -> Funds:
    """F2 where the payment went straight to a Bank account or a deposit took it there, else F1."""
    at_bank = payment.id in deposited or account_types.get(payment.deposit_account_id) == "Bank"
    return Funds.F2 if at_bank else Funds.F1


def deposited_payments(deposits: Iterable[Document], account_types: Mapping[str, str]) -> frozenset[str]:
    """Ids of the payments that a live deposit took to a Bank account."""
    banked = (d for d in deposits if d.live and account_types.get(d.deposit_account_id) == "Bank")
    return frozenset(
        link.id
        for deposit in banked
        for links in (deposit.links, *(line.links for line in deposit.lines))
        for link in links
        if link.kind == DocumentKind.PAYMENT.value
    )


_Applied = tuple[Receipt, Money]


def _by_invoice(case: Case, account_types: Mapping[str, str]) -> Mapping[str, list[_Applied]]:
    """By invoice id: what each live payment paid on it, oldest first, with the credit that came along."""
    deposited = deposited_payments(case.deposits, account_types)
    found: dict[str, list[_Applied]] = defaultdict(list)
    payments = (d for d in case.documents if d.kind is DocumentKind.PAYMENT and d.live)
    for payment in sorted(payments, key=lambda d: (d.txn_date or date.min, len(d.id), d.id)):
        level = funds_of(payment, deposited, account_types)
        for part in applications(payment):
            receipt = Receipt(payment.reference, payment.id, payment.txn_date, part.cash, level)
            found[part.invoice_id].append((receipt, part.credit))
    return found


def _settlement(outgoing: Outgoing, invoice: Document | None, applied: list[_Applied]) -> Settlement:
    if invoice is None or not invoice.live:
        return _gone(outgoing)
    currency = invoice.total.currency
    ours = [(receipt, credit) for receipt, credit in applied if credit.currency == currency]
    paid = sum((receipt.applied for receipt, _ in ours), zero(currency))
    credited = sum((credit for _, credit in ours), zero(currency))
    open_ = invoice.balance if invoice.balance.currency == currency else zero(currency)
    unexplained = invoice.total - paid - credited - open_
    state = _state(paid, open_, unexplained)
    receipts = tuple(receipt for receipt, _ in ours if receipt.applied)
    return Settlement(
        outgoing.deliverable_id,
        invoice.number or outgoing.number,
        invoice.id,
        invoice.total,
        paid,
        credited,
        open_,
        unexplained,
        state,
        min((receipt.funds for receipt in receipts), default=Funds.F0) if state is PaidState.PAID else Funds.F0,
        receipts,
        invoice.due_date,
    )


def _gone(outgoing: Outgoing) -> Settlement:
    none = zero(outgoing.amount.currency)
    state = PaidState.GONE
    return Settlement(
        outgoing.deliverable_id,
        outgoing.number,
        outgoing.books_id,
        total=none,
        paid=none,
        credited=none,
        open=none,
        unexplained=none,
        state=state,
        funds=Funds.F0,
    )


def _state(paid: Money, open_: Money, unexplained: Money) -> PaidState:
    if unexplained:
        return PaidState.UNEXPLAINED
    if open_.minor > 0:
        return PaidState.PART_PAID if paid.minor > 0 else PaidState.UNPAID
    return PaidState.PAID if paid.minor > 0 else PaidState.CREDITED
