"""Cases: whole customer trees and nothing else; strays: the money that is in none of them."""

from dataclasses import replace
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbo_milestones.adapters.store import trees
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.model.books import Changes, Customer, Document, DocumentKind, DocumentLine, Link
from qbo_milestones.ports import Lease

from .makers import NOW, body, invoice, plain, planned, posting, usd


def _payment(id_: str, customer: str, *, open_: str = "0") -> Document:
    return plain(DocumentKind.PAYMENT, id_, customer_id=customer, balance=usd(open_))


def _deposit(id_: str, *payments: str) -> Document:
    lines = tuple(DocumentLine(usd("100"), links=(Link("Payment", payment),)) for payment in payments)
    return plain(DocumentKind.DEPOSIT, id_, lines=lines)


def test_a_case_is_a_whole_tree_and_nothing_else(store: DatabaseStore, lease: Lease) -> None:
    customers = (Customer("1", "Root"), Customer("7", "Job", "1"), Customer("8", "Other job", "7"), Customer("2", "X"))
    mine = (invoice("1", customer="1"), invoice("7", customer="7"), _payment("9", "8"))
    others = (invoice("2", customer="2"), _payment("10", "2"), _deposit("31", "10"))
    store.keep_books(lease, Changes((*others, *mine, _deposit("30", "9", "10")), customers))
    out = planned(store, lease)
    assert out.customer_id == "7"
    (case,) = store.cases([])
    assert case.customer_ids == {"1", "7", "8"}
    assert case.outgoing == (out,)
    assert case.documents == mine
    assert [deposit.id for deposit in case.deposits] == ["30"]
    both = list(store.cases(["8", "2"]))
    assert [sorted(case.customer_ids) for case in both] == [["1", "7", "8"], ["2"]]
    assert [deposit.id for deposit in both[1].deposits] == ["30", "31"]


def test_a_journal_belongs_to_the_customer_of_any_line(store: DatabaseStore, lease: Lease) -> None:
    lines = tuple(DocumentLine(usd("5"), side=side, customer_id=to) for side, to in (("Debit", "7"), ("Credit", "8")))
    journal = plain(DocumentKind.JOURNAL_ENTRY, "50", lines=lines)
    stranger = replace(invoice("51", customer="9"), lines=(DocumentLine(usd("5"), customer_id="7"),))
    store.keep_books(lease, Changes((journal, stranger)))
    assert [case.documents for case in store.cases(["7", "8"])] == [(journal,), (journal,)]


def test_a_customer_that_the_books_do_not_name_is_its_own_tree(store: DatabaseStore, lease: Lease) -> None:
    planned(store, lease)
    (case,) = store.cases([])
    assert case.customer_ids == {"7"}
    assert len(case.outgoing) == 1


def test_trees_that_we_never_posted_to_are_no_cases(store: DatabaseStore, lease: Lease) -> None:
    store.keep_books(lease, Changes((invoice("1"),), (Customer("7", "Acme"),)))
    assert list(store.cases([])) == []


def test_a_circle_of_parents_is_one_tree(store: DatabaseStore, lease: Lease) -> None:
    circle = (
        tuple(Customer(str(n), "C", str(n % 3)) for n in range(3)),
        tuple(Customer(id_, id_, parent) for id_, parent in (("7", "8"), ("8", "9"), ("9", "8"))),
    )
    store.keep_books(lease, Changes(customers=circle[1]))
    for start in ("7", "8", "9"):
        (case,) = store.cases([start])
        assert case.customer_ids == {"7", "8", "9"}


@pytest.mark.parametrize("rows", [1, 7, 2000])
def test_batches_do_not_change_the_cases(store: DatabaseStore, lease: Lease, rows: int) -> None:
    customers = tuple(Customer(f"{n:03}", "C", f"{n - n % 3:03}" if n % 3 else "") for n in range(60))
    documents = tuple(invoice(f"{n:04}", customer=f"{n % 60:03}") for n in range(300))
    store.keep_books(lease, Changes(documents, customers))
    store.plan(lease, [(posting(f"d-{n}", customer=f"{n % 60:03}"), body()) for n in range(90)], NOW)
    with patch.object(trees, "_BATCH_ROWS", rows):
        cases = list(store.cases([]))
    assert [min(case.customer_ids) for case in cases] == [f"{n:03}" for n in range(0, 60, 3)]
    for case in cases:
        assert len(case.customer_ids) == 3
        assert [doc.id for doc in case.documents] == [d.id for d in documents if d.customer_id in case.customer_ids]
        names = [out.identity.deliverable for out in case.outgoing]
        assert names == [f"d-{n}" for n in range(90) if f"{n % 60:03}" in case.customer_ids]


def test_strays_are_open_payments_outside_of_every_case(store: DatabaseStore, lease: Lease) -> None:
    planned(store, lease)
    inside = _payment("1", "8", open_="5")
    strays = [_payment("2", "99", open_="5"), _payment("3", "", open_="5")]
    dead = replace(_payment("4", "99", open_="5"), note="Voided", total=usd("0"))
    gone = replace(_payment("5", "99", open_="5"), deleted=True)
    customers = (Customer("7", "Acme"), Customer("8", "Job", "7"))
    store.keep_books(lease, Changes((inside, *strays, dead, gone, _payment("6", "99")), customers))
    assert list(store.strays([])) == strays
    assert list(store.strays(["99"])) == strays[1:]


def test_strays_are_streamed(store: DatabaseStore, lease: Lease) -> None:
    store.keep_books(lease, Changes(tuple(_payment(f"{n:05}", "99", open_="1") for n in range(2500))))
    assert [stray.id for stray in store.strays([])] == [f"{n:05}" for n in range(2500)]


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(["", *"abcdefgh", "z"])))
def test_every_customer_has_one_root_and_shares_it_with_its_parent(parents: dict[str, str]) -> None:
    known: dict[str, str] = {}
    for customer, parent in parents.items():
        root = trees._root(customer, parents, known)
        assert root == trees._root(parent or customer, parents, {})
        assert root == trees._root(root, parents, {})
