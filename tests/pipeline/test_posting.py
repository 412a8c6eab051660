"""What a posting is called, for ever: key, requestid, stamp and number (design.md, Exactly once; rulings 4 and 5)."""

import re
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbo_milestones.model.books import DocumentKind, stamp_in
from qbo_milestones.pipeline.posting import Identity, PostingKind, document_number
from qbo_milestones.pipeline.register import fold

REALM = "9341450000000001"
INVOICE = Identity(REALM, "d-103", PostingKind.INVOICE)
JOURNAL = Identity(REALM, "d-103", PostingKind.JOURNAL)
IDS = st.text(min_size=1, max_size=40).filter(lambda text: text.strip() != "")


def number(id_: str, kind: PostingKind = PostingKind.INVOICE, letter: str = "A") -> str:
    """The number of a deliverable's document, by the id as the register writes it."""
    return document_number(Identity(REALM, fold(id_), kind, letter), id_)


@pytest.mark.parametrize(
    ("identity", "key", "stamp", "requestid"),
    [
        (
            INVOICE,
            "6e10981a8e6571e98c33f534a134ad7c",
            "qm:iupd3su6iyfh7pgi",
            "nao4sjw7gtlsrnm5upokrrffjzlci743",
        ),
        (
            JOURNAL,
            "4073b2b8c175348af5b60b093da40231",
            "qm:vivl47sxp4ansi5m",
            "lvgrhglqegx4z5q6cwxmypgz3u7oeoqk",
        ),
    ],
)
def test_the_names_of_a_posting_never_change(identity: Identity, key: str, stamp: str, requestid: str) -> None:
    """Ruling 2: a second machine, a later version, a restored store derive the same names, or they bill twice."""
    assert (identity.key, identity.stamp_code, identity.requestid(1)) == (key, stamp, requestid)


def test_everything_that_makes_it_another_posting_changes_its_names() -> None:
    """design.md, Exactly once 1: company, deliverable, kind and letter are the key; the attempt the requestid."""
    identities = [
        Identity(company, id_, kind, letter)
        for company, id_, kind, letter in product((REALM, "77"), ("d-1", "d-10", "d-1-a"), PostingKind, ("A", "B"))
    ]
    assert len({each.key for each in identities}) == len(identities)
    assert len({each.stamp_code for each in identities}) == len(identities)
    requestids = {each.requestid(attempt) for each in identities for attempt in range(1, 6)}
    assert len(requestids) == 5 * len(identities)


def test_neighbouring_parts_do_not_run_together() -> None:
    """design.md, Exactly once 1: `1` + `23` is another posting than `12` + `3`."""
    one, other = Identity("1", "23", PostingKind.INVOICE), Identity("12", "3", PostingKind.INVOICE)
    assert one.key != other.key
    assert one.requestid(1) != other.requestid(1)
    assert INVOICE.requestid(11) != replace(INVOICE, letter="A1").requestid(1)


@given(st.text(max_size=30), IDS, st.sampled_from(PostingKind), st.integers(1, 10**6))
def test_all_names_fit_into_quickbooks(company: str, id_: str, kind: PostingKind, attempt: int) -> None:
    """quickbooks-online.md 3; ruling 5: requestid at most 50 characters, stamp `qm:` and 16 base32 letters."""
    identity = Identity(company, fold(id_), kind)
    assert re.fullmatch(r"[0-9a-f]{32}", identity.key)
    assert re.fullmatch(r"[a-z2-7]{32}", identity.requestid(attempt))
    assert len(identity.requestid(attempt)) <= 50
    assert re.fullmatch(r"qm:[a-z2-7]{16}", identity.stamp_code)
    assert stamp_in(f"D-1 rev 1 | {identity.stamp_code}") == identity.stamp_code


@pytest.mark.parametrize(
    ("id_", "kind", "letter", "expected"),
    [
        ("D-103", PostingKind.INVOICE, "A", "D-103-A"),
        ("D-103", PostingKind.JOURNAL, "A", "D-103-AJ"),
        ("D-103", PostingKind.INVOICE, "B", "D-103-B"),
        ("Phase 2", PostingKind.INVOICE, "A", "Phase 2-A"),
        ("SOW-2026-014/D-10", PostingKind.JOURNAL, "A", "SOW-2026-014/D-10-AJ"),
    ],
)
def test_a_plain_id_stands_in_the_number(id_: str, kind: PostingKind, letter: str, expected: str) -> None:
    """Ruling 4: D-103-A, its journal D-103-AJ."""
    assert number(id_, kind, letter) == expected


@pytest.mark.parametrize("id_", ["D" * 30, "Übergabe-1", "D\u2013103", "D  103", "D\t103", "設計-1", "D-103\u00a0b"])
@pytest.mark.parametrize("kind", PostingKind)
def test_what_is_long_or_not_plain_is_hashed(id_: str, kind: PostingKind) -> None:
    """Ruling 4: `Q` + 12 base32 of its hash + the letters."""
    assert re.fullmatch(r"Q[A-Z2-7]{12}-A(J?)", number(id_, kind))


@given(IDS, st.sampled_from(PostingKind), st.sampled_from("ABC"))
def test_every_number_fits_is_plain_and_ends_in_a_letter(id_: str, kind: PostingKind, letter: str) -> None:
    """Ruling 4: 21 characters; never a digit at the end, for QuickBooks would propose the next one to a person."""
    found = number(id_, kind, letter)
    assert 0 < len(found) <= 21
    assert found.isascii()
    assert found.isprintable()
    assert found == found.strip()
    assert not found[-1].isdigit()


@given(st.lists(IDS, min_size=2, max_size=8, unique_by=fold))
def test_no_two_deliverables_share_a_number(ids: list[str]) -> None:
    """design.md, What must always hold 2: a number that is found is that deliverable's own."""
    numbers = {(fold(id_), kind): number(id_, kind).casefold() for id_ in ids for kind in PostingKind}
    assert len(set(numbers.values())) == len(numbers)


@pytest.mark.parametrize(
    ("one", "other"), [("D-1", "D-1-A"), ("D-1", "D-1-AJ"), ("D-1-A", "D-1-AJ"), ("D-1-A", "D-1-A-A")]
)
def test_an_id_that_looks_like_a_number_collides_with_none(one: str, other: str) -> None:
    """Ruling 4: no two documents of two deliverables bear one number, whatever their ids end in."""
    kinds = list(PostingKind)
    assert not {number(one, kind) for kind in kinds} & {number(other, kind) for kind in kinds}


@pytest.mark.parametrize("variant", ["d-103", "D-103", "  D-103 ", "\uff24-\uff11\uff10\uff13"])
def test_ids_that_are_equal_are_one_posting(variant: str) -> None:
    """register.md, IDs: case, white space and Unicode form do not make another deliverable."""
    assert Identity(REALM, fold(variant), PostingKind.INVOICE).key == INVOICE.key


def test_the_kinds_have_their_documents() -> None:
    """Ruling 4: J ends the journal's number."""
    assert {kind: (kind.suffix, kind.document_kind) for kind in PostingKind} == {
        PostingKind.INVOICE: ("", DocumentKind.INVOICE),
        PostingKind.JOURNAL: ("J", DocumentKind.JOURNAL_ENTRY),
    }
