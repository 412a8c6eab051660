"""The mirror of the books: the newest version stands, a deletion is remembered, the cursor goes forward."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import Engine, text

from qbo_milestones.adapters.store.engine import reading
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.errors import Unavailable
from qbo_milestones.model.books import Changes, Customer, Document, DocumentKind, DocumentLine, Item, Link, gone
from qbo_milestones.pipeline.gate.promise import Promise
from qbo_milestones.ports import Adoption, Lease

from .makers import NOW, TTL, StillClock, invoice, plain, posting, usd

_MINUTE = timedelta(minutes=1)


def _keep(store: DatabaseStore, lease: Lease, *documents: Document) -> None:
    store.keep_books(lease, Changes(documents))


def _held(store: DatabaseStore, id_: str = "145") -> Document:
    (held,) = store.documents(DocumentKind.INVOICE, [id_])
    return held


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("together", [True, False])
def test_the_newest_version_stands_in_whatever_order_they_come(
    store: DatabaseStore, lease: Lease, order: tuple[int, ...], *, together: bool
) -> None:
    versions = [invoice("145", version=str(n), balance=str(n)) for n in range(3)]
    if together:
        _keep(store, lease, *(versions[n] for n in order))
    else:
        for n in order:
            _keep(store, lease, versions[n])
    assert _held(store) == versions[2]


def test_a_higher_sync_token_wins_at_the_same_instant(store: DatabaseStore, lease: Lease) -> None:
    nine, ten = (replace(invoice("145"), version=version) for version in ("9", "10"))
    _keep(store, lease, ten, nine)
    assert _held(store) == ten


def test_a_balance_that_changed_without_a_version_is_kept(store: DatabaseStore, lease: Lease) -> None:
    _keep(store, lease, invoice("145"))
    _keep(store, lease, invoice("145", balance="0"))
    assert _held(store).balance == usd("0")


def test_a_deletion_keeps_what_tells_which_it_was(store: DatabaseStore, lease: Lease) -> None:
    before = invoice("145", version="3", note="x qm:abcdefghijklmnop")
    _keep(store, lease, before, plain(DocumentKind.PAYMENT, "9", links=(Link("Invoice", "145"),)))
    _keep(store, lease, gone(DocumentKind.INVOICE, "145", NOW + 9 * _MINUTE))
    held = _held(store)
    assert held.deleted
    assert not held.live
    assert (held.total, held.balance, held.lines) == (usd("0"), usd("0"), ())
    assert (held.number, held.customer_id, held.stamp) == ("N-145", "7", before.stamp)
    assert store.strangers() == {}
    (case,) = store.cases(["7"])
    assert case.documents == (held,)


@pytest.mark.parametrize("at", [None, NOW + 5 * _MINUTE, NOW + 3 * _MINUTE])
def test_a_deletion_stands_against_late_readings(store: DatabaseStore, lease: Lease, at: object) -> None:
    before = invoice("145", version="3")
    _keep(store, lease, before)
    _keep(store, lease, replace(gone(DocumentKind.INVOICE, "145", None), updated_at=at))  # type: ignore[arg-type]
    _keep(store, lease, before, invoice("145", version="1"))
    assert _held(store).deleted
    _keep(store, lease, invoice("145", version="8"))
    assert _held(store) == invoice("145", version="8")


def test_an_old_deletion_does_not_remove_a_newer_document(store: DatabaseStore, lease: Lease) -> None:
    _keep(store, lease, invoice("145", version="3"))
    _keep(store, lease, gone(DocumentKind.INVOICE, "145", NOW + 2 * _MINUTE))
    assert _held(store).live


def test_a_deletion_of_what_we_never_saw_is_nobodys(store: DatabaseStore, lease: Lease) -> None:
    _keep(store, lease, gone(DocumentKind.INVOICE, "145", NOW))
    assert _held(store).deleted
    assert [case.documents for case in store.cases(["7"])] == [()]


def test_what_a_whole_read_did_not_hold_is_presumed_deleted(
    store: DatabaseStore, lease: Lease, clock: StillClock
) -> None:
    payment = plain(DocumentKind.PAYMENT, "9", customer_id="7")
    _keep(store, lease, payment, *(invoice(str(n)) for n in range(2100)))
    clock.sleep(60)
    began = clock.now()
    _keep(store, lease, invoice("5"))
    assert store.forget_unseen(lease, [DocumentKind.INVOICE], began) == 2099
    assert store.forget_unseen(lease, [DocumentKind.INVOICE], began) == 0
    assert _held(store, "5").live
    assert _held(store, "6").deleted
    assert store.documents(DocumentKind.PAYMENT, ["9"]) == (payment,)
    # It was only presumed: the same version, seen again, is there.
    _keep(store, lease, invoice("6"))
    assert _held(store, "6") == invoice("6")


def test_the_cursor_goes_forward_only(store: DatabaseStore, lease: Lease) -> None:
    assert store.cursor() is None
    for to in (NOW, NOW + _MINUTE, NOW):
        store.keep_books(lease, Changes(), to)
    assert store.cursor() == NOW + _MINUTE
    store.keep_books(lease, Changes((invoice("1"),)))
    assert store.cursor() == NOW + _MINUTE


def test_a_lost_lease_keeps_nothing(store: DatabaseStore, lease: Lease) -> None:
    store.take_lease("heir", NOW + TTL, TTL)
    for change in (
        lambda: store.keep_books(lease, Changes((invoice("1"),)), NOW),
        lambda: store.keep_books(lease, Changes(customers=(Customer("7", "Acme"),))),
        lambda: store.forget_unseen(lease, [DocumentKind.INVOICE], NOW),
        lambda: store.keep_contents(lease, [Promise("d", 1, "", "h")], NOW),
        lambda: store.keep_accounts(lease, []),
        lambda: store.keep_flags(lease, [], 1, NOW.date()),
        lambda: store.start_run(lease, NOW.date(), NOW),
        lambda: store.finish_run(lease, 1, NOW, 0, {}),
        lambda: store.adopt(lease, [_any_adoption()], NOW),
    ):
        with pytest.raises(Unavailable, match="lease lost"):
            change()
    assert store.documents(DocumentKind.INVOICE, ["1"]) == ()
    assert store.cursor() is None


def _any_adoption() -> Adoption:
    return Adoption(posting().identity, "D-103", 1, "C", 1, usd("1"), "", invoice("1"))


def test_customers_and_items_are_the_newest_ones(store: DatabaseStore, lease: Lease) -> None:
    old = Customer("7", "Acme", "", True, "a@example.com", "USD", NOW, False)
    new = replace(old, name="Acme Ltd", active=False, updated_at=NOW + _MINUTE, is_project=True, parent_id="3")
    item = Item("11", "Milestone", "84", True, NOW)
    store.keep_books(lease, Changes(customers=(new, old), items=(item,)))
    store.keep_books(lease, Changes(customers=(old, Customer("8", "Half \ud83d a pair\0")), items=(item,)))
    assert store.customers() == (new, Customer("8", "Half ? a pair?"))
    assert store.items() == (item,)


def test_hostile_text_in_a_document_is_kept_exactly(store: DatabaseStore, lease: Lease) -> None:
    hostile = replace(invoice("145"), number="\ud83d\0'; DROP TABLE posting; --", note="\u202e\ud800")
    _keep(store, lease, hostile)
    assert _held(store) == hostile


def test_documents_come_in_the_order_asked_for_and_once(store: DatabaseStore, lease: Lease) -> None:
    _keep(store, lease, *(invoice(str(n)) for n in range(1500)))
    wanted = [*(str(n) for n in reversed(range(1500))), "3", "none"]
    assert [held.id for held in store.documents(DocumentKind.INVOICE, wanted)] == wanted[:1500]


def test_the_live_invoices_are_read_page_after_page(store: DatabaseStore, lease: Lease) -> None:
    """Voided, deleted and empty ones ask nobody for money."""
    live = [invoice(f"{n:05}") for n in range(1001)]
    _keep(store, lease, *live, plain(DocumentKind.JOURNAL_ENTRY, "2"))
    _keep(store, lease, replace(invoice("3", note="Voided"), total=usd("0"), balance=usd("0")))
    _keep(store, lease, invoice("4"))
    _keep(store, lease, gone(DocumentKind.INVOICE, "4", None))
    assert list(store.invoices()) == live


def test_strangers_bear_a_stamp_that_no_posting_has(store: DatabaseStore, lease: Lease) -> None:
    note = "D-103 | qm:abcdefghijklmnop"
    one, two = invoice("1", note=note), plain(DocumentKind.JOURNAL_ENTRY, "2", note=note)
    voided = replace(invoice("3", note=f"Voided {note}"), total=usd("0"), balance=usd("0"))
    _keep(store, lease, one, two, voided, invoice("4"))
    assert store.strangers() == {"qm:abcdefghijklmnop": (one, voided, two)}


def test_ties_follow_their_document(store: DatabaseStore, lease: Lease, engine: Engine) -> None:
    line = DocumentLine(usd("100"), links=(Link("Invoice", "1"), Link("Invoice", "2")))
    paid = plain(DocumentKind.PAYMENT, "9", customer_id="7", lines=(line,), links=(Link("Invoice", "1"),))
    _keep(store, lease, paid)
    other = replace(paid, version="1", customer_id="8", lines=(), updated_at=NOW + _MINUTE)
    with reading(engine) as connection:
        assert set(connection.execute(text("SELECT to_id FROM document_link")).scalars()) == {"1", "2"}
    _keep(store, lease, other)
    with reading(engine) as connection:
        assert set(connection.execute(text("SELECT to_id FROM document_link")).scalars()) == {"1"}
        assert set(connection.execute(text("SELECT customer_id FROM document_customer")).scalars()) == {"8"}
