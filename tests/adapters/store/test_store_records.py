"""Flags from run to run, runs, contents, sealed tokens, and the documents' text."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbo_milestones.adapters.store.documents import from_text, to_text
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.adapters.store.tokens import Sealed
from qbo_milestones.errors import RuleBroken
from qbo_milestones.model.books import Account, Document, DocumentKind, DocumentLine, Link
from qbo_milestones.model.flag import Flag
from qbo_milestones.model.money import Money, from_minor
from qbo_milestones.pipeline.gate.promise import Promise
from qbo_milestones.ports import Lease, RunRecord

from .makers import DAY, NOW, usd

_URGENT = Flag(
    "INVOICE_VOIDED",
    "D-1",
    "Invoice 1 was voided.",
    usd("10"),
    ("Invoice 1",),
    "D-1-A",
    "D-1-AJ",
    "ref",
    "row 3",
    ("X",),
)
_HIGH = Flag("PAYMENT_UNAPPLIED", "D-2", "Not applied.", usd("5"), ("Payment 2", "Invoice 2"))
_NORMAL = Flag("PAYMENT_UNMATCHED", "", "For what?", None, ("Payment 3",))


def test_flags_open_with_their_review_date_and_stand_most_urgent_first(store: DatabaseStore, lease: Lease) -> None:
    friday = date(2026, 11, 20)
    change = store.keep_flags(lease, [_NORMAL, _URGENT, _HIGH, _HIGH], 1, friday)
    assert (change.opened, change.still, change.cleared) == ((_NORMAL, _URGENT, _HIGH), (), ())
    assert [(open_.flag, open_.opened_on, open_.review_on) for open_ in store.flags()] == [
        (_URGENT, friday, friday),
        (_HIGH, friday, date(2026, 11, 24)),
        (_NORMAL, friday, date(2026, 11, 30)),
    ]


def test_a_flag_seen_again_tells_its_newest_facts(store: DatabaseStore, lease: Lease) -> None:
    store.keep_flags(lease, [_HIGH], 1, DAY)
    now = replace(_HIGH, sentence="Still not applied.", amount=usd("7"), documents=("Invoice 2", "Payment 2"))
    change = store.keep_flags(lease, [now], 2, DAY + timedelta(days=3))
    assert (change.opened, change.still, change.cleared) == ((), (now,), ())
    (standing,) = store.flags()
    assert (standing.flag, standing.opened_on, standing.last_seen_run) == (now, DAY, 2)


def test_a_cleared_flag_found_again_is_a_new_row(store: DatabaseStore, lease: Lease) -> None:
    store.keep_flags(lease, [_URGENT, _HIGH], 1, DAY)
    assert store.keep_flags(lease, [_HIGH], 2, DAY).cleared == (_URGENT,)
    assert [open_.flag for open_ in store.flags()] == [_HIGH]
    later = DAY + timedelta(days=9)
    assert store.keep_flags(lease, [_HIGH, _URGENT], 3, later).opened == (_URGENT,)
    urgent, _, history = store.flags(cleared=True)
    assert (urgent.opened_on, urgent.cleared_on) == (later, None)
    assert (history.flag, history.opened_on, history.cleared_on, history.cleared_run) == (_URGENT, DAY, DAY, 2)


def test_many_flags_clear_at_once(store: DatabaseStore, lease: Lease) -> None:
    many = [replace(_NORMAL, documents=(f"Payment {n}",)) for n in range(1100)]
    assert len(store.keep_flags(lease, many, 1, DAY).opened) == 1100
    assert len(store.keep_flags(lease, [], 2, DAY).cleared) == 1100
    assert store.flags() == ()


def test_runs_are_numbered_and_end_once(store: DatabaseStore, lease: Lease) -> None:
    first, second = (store.start_run(lease, DAY, NOW) for _ in range(2))
    assert (first, second) == (1, 2)
    store.finish_run(lease, first, NOW, 1, {"posted": "2", "amount": "10,000.00 USD"})
    with pytest.raises(RuleBroken, match="not under way"):
        store.finish_run(lease, first, NOW, 0, {})
    assert store.runs(5) == (
        RunRecord(2, DAY, NOW, None, None, {}),
        RunRecord(1, DAY, NOW, NOW, 1, {"posted": "2", "amount": "10,000.00 USD"}),
    )
    assert len(store.runs(1)) == 1


def test_the_first_sight_of_a_promise_stands(store: DatabaseStore, lease: Lease) -> None:
    first, signed, other = (
        Promise("d-1", 1, "", "first"),
        Promise("d-1", 1, "A. Smith", "s"),
        Promise("d-1", 2, "", "o"),
    )
    store.keep_contents(lease, [first, replace(first, content_hash="x")], NOW)
    store.keep_contents(lease, [replace(first, content_hash="second"), signed, other, Promise("d-2", 1, "", "z")], NOW)
    assert set(store.contents(["d-1", "none"])) == {first, signed, other}
    many = tuple(Promise(f"e-{n}", 1, "", "h") for n in range(2500))
    store.keep_contents(lease, many, NOW)
    assert set(store.contents(promise.deliverable for promise in many)) == set(many)


def test_accounts_are_as_last_read(store: DatabaseStore, lease: Lease) -> None:
    store.keep_accounts(lease, [Account("1", "Checking", "Bank"), Account("2", "Sales", "Income")])
    store.keep_accounts(lease, [Account("1", "Checking", "Bank"), Account("3", "Unbilled", "Other Current Asset")])
    assert store.account_types() == {"1": "Bank", "3": "Other Current Asset"}


def test_tokens_change_by_compare_and_swap(store: DatabaseStore) -> None:
    room = store.tokens
    assert room.load() is None
    assert not room.save(b"x", 1)
    assert room.save(b"\x00one", 0)
    assert not room.save(b"again", 0)
    assert room.load() == Sealed(b"\x00one", 1)
    assert room.save(b"two", 1)
    assert not room.save(b"late", 1)
    assert room.load() == Sealed(b"two", 2)


def test_marks_belong_to_one_version_of_the_tokens(store: DatabaseStore) -> None:
    """reliability.md 1.8: REFRESHING(version); a new pair takes the marks of the old one away."""
    room = store.tokens
    assert not room.mark(1, NOW)
    assert room.save(b"one", 0)
    assert room.mark(1, NOW)
    assert room.end(1, NOW)
    assert room.reseal(b"uno", 1, "Grace Iwu", NOW)
    assert room.load() == Sealed(b"uno", 1, NOW, NOW)
    assert room.save(b"two", 1)
    assert (room.mark(1, NOW), room.end(1, NOW), room.reseal(b"late", 1, "Robin", NOW)) == (False, False, False)
    assert room.load() == Sealed(b"two", 2)


def test_removed_tokens_leave_their_count(store: DatabaseStore) -> None:
    """An answer that comes after a disconnection is not kept, and the next connection goes on counting."""
    room = store.tokens
    room.remove()
    assert room.load() is None
    assert room.save(b"one", 0)
    room.remove()
    assert room.load() == Sealed(b"", 2)
    assert not room.save(b"late", 1)
    assert room.save(b"anew", 2)


_currencies = st.sampled_from(["USD", "JPY", "KWD"])
_words = st.text(max_size=12)
_instants = st.none() | st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5, minutes=-30))]))
_links = st.lists(st.builds(Link, _words, _words), max_size=3).map(tuple)


def _money(currency: str) -> st.SearchStrategy[Money]:
    return st.integers(-(10**15), 10**15).map(lambda minor: from_minor(minor, currency))


@st.composite
def _documents(draw: st.DrawFn) -> Document:
    currency = draw(_currencies)
    line = st.builds(
        DocumentLine,
        _money(currency),
        *[_words] * 8,
        links=_links,  # one for each text of a line
    )
    dates = st.none() | st.dates()
    return draw(
        st.builds(
            Document,
            kind=st.sampled_from(DocumentKind),
            id=_words,
            version=_words,
            total=_money(currency),
            balance=_money(currency),
            txn_date=dates,
            due_date=dates,
            number=_words,
            customer_id=_words,
            note=_words,
            reference=_words,
            deposit_account_id=_words,
            location_id=_words,
            lines=st.lists(line, max_size=3).map(tuple),
            links=_links,
            created_at=_instants,
            updated_at=_instants,
            deleted=st.booleans(),
        )
    )


@given(_documents())
def test_a_documents_text_is_the_document(document: Document) -> None:
    written = to_text(document)
    back = from_text(written)
    assert back == document
    assert to_text(back) == written
    assert written.isascii()
    assert back.total.amount.as_tuple() == document.total.amount.as_tuple()


def test_every_field_of_a_document_is_in_its_text() -> None:
    line = DocumentLine(usd("1"), "a", "b", "c", "d", "e", "f", "g", "h", (Link("Invoice", "1"),))
    full = replace(
        Document(DocumentKind.INVOICE, "1", "2", usd("3"), Money(Decimal("-0.50"), "USD"), DAY, DAY, "a", "b", "c"),
        reference="d",
        deposit_account_id="e",
        location_id="f",
        lines=(line,),
        links=(Link("Payment", "2"),),
        created_at=NOW,
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
        deleted=True,
    )
    # A field that is added later must be set here, and then must survive.
    assert all(getattr(full, field.name) for field in fields(Document))
    assert all(getattr(line, field.name) for field in fields(DocumentLine))
    assert from_text(to_text(full)) == full
