"""Payments of customers whom the register does not know: money that may be for us and has no home."""

from collections.abc import Iterable

from qbo_milestones.model.books import Document
from qbo_milestones.model.flag import Flag
from qbo_milestones.pipeline.case import Facts
from qbo_milestones.pipeline.reconciliation.sentences import day, handle, name, order, plain
from qbo_milestones.pipeline.reconciliation.tags import mentions
from qbo_milestones.pipeline.settlement import is_cash


def reconcile_strays(payments: Iterable[Document], facts: Facts) -> tuple[Flag, ...]:
    """PAYMENT_UNMATCHED for a payment that is applied to nothing, or has money left and names a deliverable of ours.

    What is applied whole to the agency's other invoices is other business and raises nothing.
    """
    flags = (_flag(d, facts) for d in sorted(payments, key=order) if is_cash(d))
    return tuple(flag for flag in flags if flag)


def _flag(payment: Document, facts: Facts) -> Flag | None:
    named = list(dict.fromkeys(mentions(f"{payment.reference}\n{payment.note}", facts.rows.__contains__)))
    unlinked = payment.balance == payment.total
    if not unlinked and not (named and payment.balance.minor > 0):
        return None
    row = facts.rows[named[0]] if len(named) == 1 else None
    ids = ", ".join(facts.rows[id_].id for id_ in named)
    called = name(payment)
    who = facts.customer_names.get(payment.customer_id) or payment.customer_id
    sentence = (
        f"{called[:1].upper()}{called[1:]} of {day(payment.txn_date)} over {payment.total} came from "
        f"{f'customer {plain(who)}, whom' if who else 'a customer whom'} the register does not name; "
        f"{payment.balance} of it {'is' if unlinked else 'are left and'} applied to nothing"
        f"{f', and it names {ids}' if ids else ''}."
    )
    return Flag(
        "PAYMENT_UNMATCHED",
        row.id if row else "",
        sentence,
        payment.balance,
        (handle(payment),),
        payment_reference=plain(payment.reference),
        where=row.where if row else "",
    )
