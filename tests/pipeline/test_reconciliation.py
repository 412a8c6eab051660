"""Flags appear where trouble is planted, once each, and nowhere else (P5, R57, R64, R78; ruling 29, 32)."""

import random
from collections import Counter
from dataclasses import replace

import pytest
from honest_books import HonestBooks, usd
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_troubles import CLEAN, PLANTINGS, Planting

from qbo_milestones.model.flag import KINDS
from qbo_milestones.pipeline.case import Case
from qbo_milestones.pipeline.reconciliation import reconcile

# Every kind that this step can raise from a tree; a kind that nothing plants would be one that nothing proves.
RAISED = {name for name in KINDS if name.startswith(("INVOICE_", "JOURNAL_", "PAYMENT_"))}

steady = settings(deadline=None, derandomize=True)


def found(books: HonestBooks) -> Counter[tuple[str, str]]:
    """Kind and deliverable of every flag."""
    return Counter((flag.kind, flag.subject) for flag in reconcile(books.case(), books.facts()))


def plant(plantings: list[Planting], clean: list[int]) -> tuple[HonestBooks, Counter[tuple[str, str]]]:
    """Books with troubles among honest rows, and what must be found in them."""
    books, expected = HonestBooks(), Counter[tuple[str, str]]()
    for n, planting in enumerate(plantings):
        expected[planting(books, f"D-{n + 1}00", usd(1009 + 2003 * n))] += 1
    for n, which in enumerate(clean):
        CLEAN[which % len(CLEAN)](books, f"K-{n + 1}", usd(500_000 + 1_700 * n))
    return books, expected


@pytest.mark.parametrize("planting", PLANTINGS, ids=lambda planting: planting.__name__)
def test_each_trouble_gives_its_flag_and_no_other(planting: Planting) -> None:
    """P5: each kind is found where it was planted, once."""
    books, expected = plant([planting], list(range(len(CLEAN))))
    assert found(books) == expected


def test_every_kind_is_planted() -> None:
    """R57: no kind of the tree goes unproved."""
    assert {planting(HonestBooks(), "D-1", usd(500))[0] for planting in PLANTINGS} == RAISED


@steady
@given(st.lists(st.integers(0, len(CLEAN) - 1), max_size=40), st.data())
def test_a_clean_month_gives_no_flag(clean: list[int], data: st.DataObject) -> None:
    """P5: none invented, whatever the size, even where amounts repeat."""
    books = HonestBooks()
    for n, which in enumerate(clean):
        CLEAN[which](books, f"K-{n + 1}", usd(1_000 + 500 * data.draw(st.integers(0, 50)) + n))
    assert reconcile(books.case(), books.facts()) == ()


@steady
@given(
    st.lists(st.sampled_from(PLANTINGS), max_size=12),
    st.lists(st.integers(0, len(CLEAN) - 1), max_size=8),
    st.randoms(use_true_random=False),
)
def test_combinations_give_exactly_what_was_planted(
    plantings: list[Planting], clean: list[int], shuffling: random.Random
) -> None:
    """P5, ruling 32: all kinds in any combination, each once, whatever the order of the documents."""
    books, expected = plant(plantings, clean)
    case = books.case()
    flags = reconcile(case, books.facts())
    assert Counter((flag.kind, flag.subject) for flag in flags) == expected
    documents, outgoing = list(case.documents), list(case.outgoing)
    shuffling.shuffle(documents)
    shuffling.shuffle(outgoing)
    again = reconcile(Case(case.customer_ids, tuple(outgoing), tuple(documents), case.deposits), books.facts())
    assert again == flags


def test_all_kinds_at_once() -> None:
    """P5: twenty-four troubles of one customer do not hide each other."""
    books, expected = plant(list(PLANTINGS), list(range(30)))
    assert found(books) == expected


@steady
@given(st.lists(st.sampled_from(PLANTINGS), max_size=10))
def test_keys_are_unique_and_stable(plantings: list[Planting]) -> None:
    """accounting.md 6: re-detection updates and never duplicates, though QuickBooks' versions move on."""
    books, _ = plant(plantings, [])
    first = reconcile(books.case(), books.facts())
    for document in list(books.documents.values()):
        books.add(replace(document, version="99", updated_at=None))
    assert [flag.key for flag in reconcile(books.case(), books.facts())] == [flag.key for flag in first]
    assert len({flag.key for flag in first}) == len(first)


@steady
@given(st.lists(st.sampled_from(PLANTINGS), min_size=1, max_size=6))
def test_every_flag_can_be_worked(plantings: list[Planting]) -> None:
    """R62: a kind of the list, a sentence with its document, an amount, an owner and an action."""
    books, _ = plant(plantings, [])
    for flag in reconcile(books.case(), books.facts()):
        assert flag.rule.owner
        assert flag.rule.action.endswith(".")
        assert flag.sentence.endswith(".")
        assert flag.sentence.isprintable()
        assert flag.amount is not None
        assert flag.documents
        assert flag.subject in flag.sentence
        assert set(flag.also) <= KINDS.keys() - {flag.kind}


def test_a_flag_goes_when_the_facts_are_right_again() -> None:
    """accounting.md 6: it clears itself only when the data is consistent."""
    books = HonestBooks()
    invoice = books.bill("D-103", usd(100))
    books.add(replace(invoice, total=usd(90)))
    assert found(books) == {("INVOICE_EDITED", "D-103"): 1}
    books.add(replace(invoice, version="2"))
    assert not found(books)
