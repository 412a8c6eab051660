"""The list of kinds: whose each is, how soon it is looked at, what it stops (R57, R62, R78; accounting.md 6)."""

from datetime import date

import pytest

from qbo_milestones.model.flag import KINDS, Block, Flag, Owner, Severity, review_date


@pytest.mark.parametrize(
    ("kind", "severity", "blocks", "owner"),
    [
        ("INVOICE_NO_ACCEPTANCE", "urgent", {"billing", "payout", "close"}, "billing clerk"),
        ("INVOICE_UNTAGGED", "high", {"close"}, "billing clerk"),
        ("INVOICE_EDITED", "high", {"payout", "close"}, "billing clerk"),
        ("INVOICE_VOIDED", "urgent", {"billing", "payout", "close"}, "billing clerk"),
        ("INVOICE_DELETED", "urgent", {"billing", "payout", "close"}, "billing clerk"),
        ("INVOICE_DUPLICATE_DELIVERABLE", "urgent", {"billing", "payout", "close"}, "billing clerk"),
        ("ACCEPTANCE_REVOKED_BILLED", "urgent", {"payout", "close"}, "revenue accountant"),
        ("JOURNAL_MISSING", "high", {"payout", "close"}, "revenue accountant"),
        ("JOURNAL_DELETED", "urgent", {"payout", "close"}, "revenue accountant"),
        ("JOURNAL_EDITED", "urgent", {"payout", "close"}, "revenue accountant"),
        ("JOURNAL_DUPLICATE", "urgent", {"payout", "close"}, "revenue accountant"),
        ("PAYMENT_UNMATCHED", "normal", set(), "billing clerk"),
        ("PAYMENT_UNAPPLIED", "high", {"payout"}, "billing clerk"),
        ("PAYMENT_OVERPAID", "high", set(), "billing clerk"),
        ("PAYMENT_DUPLICATE_REF", "urgent", {"payout"}, "billing clerk"),
        ("PAYMENT_DUPLICATE_AMOUNT", "urgent", {"payout"}, "billing clerk"),
        ("PAYMENT_REF_REUSED", "high", {"payout"}, "billing clerk"),
        ("INVOICE_PAID_TWICE", "urgent", {"payout"}, "billing clerk"),
        ("SEND_RESULT_UNKNOWN", "urgent", {"billing"}, "integration"),
        ("PERIOD_CLOSED_POSTING", "high", {"close"}, "revenue accountant"),
        ("ITEM_OR_CUSTOMER_INACTIVE", "high", {"billing"}, "billing clerk"),
        ("ITEM_ACCOUNT_CHANGED", "urgent", {"billing", "close"}, "revenue accountant"),
    ],
)
def test_the_list_says_what_accounting_says(kind: str, severity: str, blocks: set[str], owner: str) -> None:
    """accounting.md 6.2 to 6.7, row by row."""
    rule = KINDS[kind]
    assert (rule.severity.value, {block.value for block in rule.blocks}, rule.owner.value) == (severity, blocks, owner)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_to_do(kind: str) -> None:
    """R57, R62: no kind is a generic one; each has an owner and an action in a sentence."""
    rule = KINDS[kind]
    assert rule.name == kind == kind.upper()
    assert rule.owner in Owner
    assert rule.blocks <= set(Block)
    assert rule.action[0].isupper()
    assert rule.action.endswith(".")
    assert not {"OTHER", "REVIEW", "UNKNOWN", "GENERIC"} & {kind}


@pytest.mark.parametrize(
    ("severity", "opened", "review"),
    [
        (Severity.URGENT, date(2026, 10, 31), date(2026, 10, 31)),
        (Severity.HIGH, date(2026, 10, 29), date(2026, 11, 2)),
        (Severity.HIGH, date(2026, 10, 31), date(2026, 11, 3)),
        (Severity.NORMAL, date(2026, 10, 1), date(2026, 10, 31)),
        (Severity.NORMAL, date(2026, 12, 31), date(2026, 12, 31)),
        (Severity.NORMAL, date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_when_it_is_next_looked_at(severity: Severity, opened: date, review: date) -> None:
    """accounting.md 6: urgent the same day, high in two working days, normal at the month's end."""
    assert review_date(severity, opened) == review


def test_a_finding_keeps_its_key_whatever_is_said_of_it() -> None:
    """accounting.md 6: kind, deliverable and documents; words and amounts may change."""
    one = Flag("INVOICE_EDITED", "D-103", "was", None, ("Invoice 2", "Invoice 1"))
    other = Flag("INVOICE_EDITED", "D-103", "is", None, ("Invoice 1", "Invoice 2"), also=("PAST_DUE",))
    assert one.key == other.key
    assert one.key != Flag("INVOICE_EDITED", "D-104", "was", None, one.documents).key
    assert one.rule is KINDS["INVOICE_EDITED"]


def test_an_unknown_kind_is_our_mistake() -> None:
    """R57: the list is closed."""
    with pytest.raises(KeyError):
        _ = Flag("OTHER", "", "").rule
