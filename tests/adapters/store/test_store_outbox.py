"""What goes out: planned once, sent only from what was committed, moved only from where it stands."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from qbo_milestones.adapters.store import standing, triggers
from qbo_milestones.adapters.store.engine import reading
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.errors import Doubtful, Failure, Refused, RuleBroken, Unavailable
from qbo_milestones.model.books import DocumentKind
from qbo_milestones.pipeline.gate import Billed
from qbo_milestones.pipeline.outbox import ARROWS, IN_BOOKS, Outgoing, Stage
from qbo_milestones.pipeline.posting import PostingKind
from qbo_milestones.ports import Adoption, Lease

from .makers import (
    DAY,
    NOW,
    TTL,
    StillClock,
    answer,
    as_port,
    body,
    bring_to,
    invoice,
    plain,
    planned,
    posting,
    usd,
)

_LATER = NOW + timedelta(minutes=10)


def test_it_is_a_store(store: DatabaseStore) -> None:
    assert as_port(store) is store


def test_what_was_planned_comes_back_whole(store: DatabaseStore, lease: Lease) -> None:
    what = replace(posting(), after="k" * 32)
    assert store.plan(lease, [(what, body())], NOW) == 1
    (out,) = store.outgoing()
    assert out == Outgoing(
        what.identity,
        "D-103",
        1,
        "SOW-1",
        2,
        "7",
        usd("10000"),
        "D-103-A",
        body(),
        after="k" * 32,
        content_hash="c" * 64,
    )


def test_planning_again_changes_nothing(store: DatabaseStore, lease: Lease) -> None:
    first = planned(store, lease)
    assert store.plan(lease, [(posting(), body(text="another"))] * 2, _LATER) == 0
    assert list(store.outgoing()) == [first]


@pytest.mark.parametrize("stage", [Stage.SENDING, Stage.POSTED, Stage.DOUBTFUL, Stage.DISPUTED])
def test_what_may_be_in_the_books_is_never_planned_anew(store: DatabaseStore, lease: Lease, stage: Stage) -> None:
    out = bring_to(store, lease, stage)
    assert store.plan(lease, [(posting(), body(text="another"))], _LATER) == 0
    assert list(store.outgoing()) == [out]


def test_a_refused_one_with_another_body_is_its_next_attempt(store: DatabaseStore, lease: Lease) -> None:
    refused = bring_to(store, lease, Stage.REFUSED)
    assert refused.code == "2500"
    assert refused.reason == "Invalid item"
    assert store.plan(lease, [(posting(customer="8"), body(text="another"))], _LATER) == 0
    (again,) = store.outgoing()
    assert (again.stage, again.attempt, again.body) == (Stage.PLANNED, 2, body(text="another"))
    assert (again.customer_id, again.code, again.reason, again.first_sent_at) == ("8", "", "", None)
    assert again.requestid != refused.requestid
    sent = store.begin(lease, again, _LATER)
    assert store.move(lease, sent, Stage.POSTED, _LATER, document=answer(sent)).stage is Stage.POSTED


def test_a_refused_one_with_the_same_body_stays_refused_until_a_person_says_so(
    store: DatabaseStore, lease: Lease
) -> None:
    refused = bring_to(store, lease, Stage.REFUSED)
    store.plan(lease, [(posting(), body())], _LATER)
    assert list(store.outgoing()) == [refused]
    again = store.retry(lease, refused, _LATER)
    assert (again.stage, again.attempt, again.body) == (Stage.PLANNED, 2, body())
    with pytest.raises(RuleBroken):
        store.retry(lease, refused, _LATER)


def test_a_withdrawn_one_is_planned_anew_under_another_requestid(store: DatabaseStore, lease: Lease) -> None:
    out = bring_to(store, lease, Stage.WITHDRAWN)
    assert store.plan(lease, [(posting(), body(text="another"))], _LATER) == 1
    old, new = store.outgoing()
    assert (old.stage, old.reason, new.stage) == (Stage.WITHDRAWN, "not signed", Stage.PLANNED)
    assert (new.key, new.attempt) == (out.key, 2)
    assert new.requestid != old.requestid
    store.withdraw(lease, new, _LATER, "again")
    store.plan(lease, [(posting(), body())], _LATER)
    assert [out.attempt for out in store.outgoing()] == [1, 2, 3]


def test_what_was_sent_in_vain_is_not_withdrawn(store: DatabaseStore, lease: Lease) -> None:
    out = store.move(lease, bring_to(store, lease, Stage.SENDING), Stage.PLANNED, NOW, failure=Unavailable("429"))
    with pytest.raises(RuleBroken, match="not withdrawn"):
        store.withdraw(lease, out, NOW, "not signed")


def test_each_send_has_its_attempt(store: DatabaseStore, lease: Lease) -> None:
    out = store.begin(lease, planned(store, lease), NOW)
    assert (out.stage, out.first_sent_at, out.last_sent_at) == (Stage.SENDING, NOW, NOW)
    out = store.move(lease, out, Stage.DOUBTFUL, _LATER, failure=Doubtful("time-out", code="504", tid="1-x"))
    out = store.begin(lease, out, _LATER)
    assert (out.first_sent_at, out.last_sent_at) == (NOW, _LATER)
    store.move(lease, out, Stage.POSTED, _LATER, document=answer(out), adopted=True)
    first, second = store.trace("d-103").attempts
    assert (first.n, first.outcome, first.code, first.tid, first.text) == (1, Stage.DOUBTFUL, "504", "1-x", "time-out")
    assert (second.n, second.outcome, second.requestid) == (2, Stage.POSTED, first.requestid)
    assert first.body_sha256 == second.body_sha256
    assert (first.fence, first.sent_at, first.ended_at) == (lease.fence, NOW, _LATER)


def test_posted_keeps_the_document_as_the_postings_and_in_the_books(store: DatabaseStore, lease: Lease) -> None:
    out = bring_to(store, lease, Stage.POSTED)
    document = answer(out)
    assert (out.books_id, out.as_posted, out.adopted) == ("145", document, False)
    assert store.documents(DocumentKind.INVOICE, ["145"]) == (document,)
    assert store.strangers() == {}


def test_one_document_is_one_postings(store: DatabaseStore, lease: Lease) -> None:
    bring_to(store, lease, Stage.POSTED)
    other = store.begin(lease, planned(store, lease, "d-104"), NOW)
    with pytest.raises(RuleBroken, match="books_id"):
        store.move(lease, other, Stage.POSTED, NOW, document=answer(other))
    # The refusal took its document with it.
    assert store.documents(DocumentKind.INVOICE, ["145"])[0].stamp != other.identity.stamp_code
    assert store.counts()[Stage.SENDING] == 1


def test_posted_needs_its_document(store: DatabaseStore, lease: Lease) -> None:
    out = bring_to(store, lease, Stage.SENDING)
    for document in (None, replace(answer(out), kind=DocumentKind.JOURNAL_ENTRY), replace(answer(out), id="")):
        with pytest.raises(RuleBroken, match="without its Invoice"):
            store.move(lease, out, Stage.POSTED, NOW, document=document)
    assert next(store.outgoing()) == out


def test_a_move_from_where_it_no_longer_stands_is_a_bug(store: DatabaseStore, lease: Lease) -> None:
    out = planned(store, lease)
    sent = store.begin(lease, out, NOW)
    store.move(lease, sent, Stage.POSTED, NOW, document=answer(sent))
    for change in (
        lambda: store.begin(lease, out, NOW),
        lambda: store.move(lease, sent, Stage.REFUSED, NOW),
        lambda: store.withdraw(lease, out, NOW, ""),
        lambda: store.move(lease, replace(sent, attempt=2), Stage.DOUBTFUL, NOW),
    ):
        with pytest.raises(RuleBroken, match="does not stand"):
            change()
    assert store.counts()[Stage.POSTED] == 1


@pytest.mark.parametrize("stage", [s for s in Stage if s not in (Stage.PLANNED, Stage.DOUBTFUL)])
def test_only_planned_and_doubtful_ones_are_sent(store: DatabaseStore, lease: Lease, stage: Stage) -> None:
    with pytest.raises(RuleBroken):
        store.begin(lease, bring_to(store, lease, stage), _LATER)


def test_other_bytes_are_not_sent(store: DatabaseStore, lease: Lease) -> None:
    out = planned(store, lease)
    with pytest.raises(RuleBroken, match="not the one that was planned"):
        store.begin(lease, replace(out, body=b"changed"), NOW)
    assert store.counts()[Stage.PLANNED] == 1


def test_only_the_sender_has_read_an_answer(store: DatabaseStore, lease: Lease) -> None:
    sent = bring_to(store, lease, Stage.SENDING)
    heir = store.take_lease("heir", NOW + TTL, TTL)
    for stage in (Stage.POSTED, Stage.REFUSED, Stage.PLANNED):
        with pytest.raises(RuleBroken, match="fence"):
            store.move(heir, sent, stage, NOW, document=answer(sent))
    assert store.move(heir, sent, Stage.DOUBTFUL, NOW).stage is Stage.DOUBTFUL


def test_a_lost_lease_writes_nothing(store: DatabaseStore, lease: Lease) -> None:
    sent = bring_to(store, lease, Stage.SENDING)
    waiting = planned(store, lease, "d-104")
    store.take_lease("heir", NOW + TTL, TTL)
    before = (list(store.outgoing()), store.trace("d-103"))
    for change in (
        lambda: store.plan(lease, [(posting("d-105"), b"x")], NOW),
        lambda: store.begin(lease, waiting, NOW),
        lambda: store.move(lease, sent, Stage.POSTED, NOW, document=answer(sent)),
        lambda: store.withdraw(lease, waiting, NOW, ""),
        lambda: store.retry(lease, waiting, NOW),
        lambda: store.renew_lease(lease, NOW, TTL),
        lambda: store.set_epoch(lease, "x"),
    ):
        with pytest.raises(Unavailable, match="lease lost"):
            change()
    store.release_lease(lease)
    assert (list(store.outgoing()), store.trace("d-103")) == before


def test_another_companys_posting_is_a_bug(store: DatabaseStore, lease: Lease) -> None:
    with pytest.raises(RuleBroken, match="company"):
        store.plan(lease, [(posting(company="1"), b"x")], NOW)


def test_two_companies_share_a_database(engine: Engine, store: DatabaseStore, lease: Lease) -> None:
    other = DatabaseStore(engine, "1", StillClock())
    theirs = other.take_lease("tests", NOW, TTL)
    planned(store, lease)
    other.plan(theirs, [(posting(company="1"), b"theirs")], NOW)
    assert [out.body for out in other.outgoing()] == [b"theirs"]
    assert [out.body for out in store.outgoing()] == [body()]
    with pytest.raises(Unavailable, match="lease lost"):
        store.plan(theirs, [(posting("d-104"), b"x")], NOW)


def test_the_outbox_is_streamed_in_order_in_pages(store: DatabaseStore, lease: Lease) -> None:
    names = [f"d-{n}" for n in range(1203)]
    assert store.plan(lease, [(posting(name), body(name)) for name in names], NOW) == 1203
    assert [out.identity.deliverable for out in store.outgoing()] == names
    stream = store.outgoing(frozenset({Stage.PLANNED}))
    moved = [store.begin(lease, next(stream), NOW) for _ in range(2)]
    assert len(list(stream)) == 1201
    assert list(store.outgoing(frozenset({Stage.SENDING}))) == moved
    assert list(store.outgoing(frozenset())) == []


def test_a_trace_tells_one_deliverable(store: DatabaseStore, lease: Lease) -> None:
    bring_to(store, lease, Stage.POSTED)
    planned(store, lease, "d-104")
    store.plan(lease, [(posting(kind=PostingKind.JOURNAL), b"j")], NOW)
    trace = store.trace("d-103")
    assert [traced.outgoing.number for traced in trace.postings] == ["D-103-A", "D-103-AJ"]
    first = trace.postings[0]
    assert (first.accepted_on, first.txn_date, first.evidence, first.evidence_sha256) == (
        DAY,
        DAY,
        "signed/d-103.pdf",
        "e" * 64,
    )
    assert [document.id for document in trace.documents] == ["145"]


# Hypothesis repeats its examples on one database: each time other deliverables.
_NUMBERS = count(1000)


def _adoption(deliverable: str, kind: PostingKind = PostingKind.INVOICE, id_: str = "145") -> Adoption:
    what = posting(deliverable, kind=kind)
    identity = what.identity
    document = replace(invoice(id_, note=identity.stamp_code), kind=kind.document_kind, number=what.number)
    return Adoption(identity, what.deliverable_id, 1, "SOW-1", 2, usd("10000"), "c" * 64, document)


def test_what_another_machine_posted_is_posted_here_too(store: DatabaseStore, lease: Lease) -> None:
    found = [_adoption("d-103"), _adoption("d-103", PostingKind.JOURNAL), _adoption("d-103", id_="146")]
    assert store.adopt(lease, found, NOW) == 2
    assert store.adopt(lease, found, NOW) == 0
    first, second = store.outgoing()
    assert (first.stage, first.books_id, first.adopted, first.number) == (Stage.POSTED, "145", True, "D-103-A")
    assert first.as_posted == found[0].document
    assert store.plan(lease, [(posting(), body())], NOW) == 0
    assert store.posted_keys([first.key, second.key, "x"]) == {first.key, second.key}
    assert store.strangers() == {}
    assert store.trace("d-103").postings[0].accepted_on is None
    assert len(store.documents(DocumentKind.INVOICE, ["145", "146"])) == 2


def test_adopting_leaves_what_stands(store: DatabaseStore, lease: Lease) -> None:
    out = bring_to(store, lease, Stage.DOUBTFUL)
    assert store.adopt(lease, [_adoption("d-103")], NOW) == 0
    assert list(store.outgoing()) == [out]


def test_a_withdrawn_key_is_adopted(store: DatabaseStore, lease: Lease) -> None:
    bring_to(store, lease, Stage.WITHDRAWN)
    assert store.adopt(lease, [_adoption("d-103")], NOW) == 1
    assert [out.stage for out in store.outgoing()] == [Stage.WITHDRAWN, Stage.POSTED]


def test_a_document_of_another_kind_is_not_adopted(store: DatabaseStore, lease: Lease) -> None:
    wrong = replace(_adoption("d-103"), document=plain(DocumentKind.JOURNAL_ENTRY, "9"))
    with pytest.raises(RuleBroken, match="cannot adopt"):
        store.adopt(lease, [wrong], NOW)


@pytest.mark.parametrize("stage", list(Stage))
def test_billed_is_what_stands(store: DatabaseStore, lease: Lease, stage: Stage) -> None:
    bring_to(store, lease, stage)
    expected = (
        [Billed("d-103", 1, usd("10000"), "SOW-1", "c" * 64, "Invoice D-103-A", True, "7")] if stage in IN_BOOKS else []
    )
    assert list(store.billed()) == expected


def test_the_invoice_speaks_for_its_deliverable_on_every_page(
    store: DatabaseStore, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"d-{n:03}" for n in range(40)]
    kinds = (PostingKind.INVOICE, PostingKind.JOURNAL)
    store.plan(lease, [(posting(name, kind=kind), b"x") for name in names for kind in kinds], NOW)
    store.plan(lease, [(posting("e", kind=PostingKind.JOURNAL), b"x")], NOW)
    for out in tuple(store.outgoing()):
        store.begin(lease, out, NOW)
    for size in (3, 4, 7, 80, 81, 82):
        monkeypatch.setattr(standing, "PAGE", size)
        found = list(store.billed())
        assert [each.deliverable_key for each in found] == [*names, "e"]
        assert {each.where.split()[0] for each in found[:-1]} == {"Invoice"}
        assert [each.invoiced for each in found] == [True] * 40 + [False]
        assert found[-1].where == "JournalEntry E-AJ"


_OUTCOMES: dict[Stage, Failure | None] = {
    Stage.REFUSED: Refused("no"),
    Stage.DOUBTFUL: Doubtful("perhaps"),
    Stage.PLANNED: Unavailable("not now"),
}


def _act(store: DatabaseStore, lease: Lease, out: Outgoing, to: Stage) -> Outgoing:
    """The store's way to a stage."""
    if to is Stage.SENDING:
        return store.begin(lease, out, NOW)
    if out.stage is Stage.REFUSED and to is Stage.PLANNED:
        return store.retry(lease, out, NOW)
    document = answer(out, out.identity.deliverable) if to is Stage.POSTED else None
    return store.move(lease, out, to, NOW, document=document, failure=_OUTCOMES.get(to))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=st.lists(st.tuples(st.integers(0, 1), st.sampled_from(Stage)), max_size=14))
def test_the_outbox_walks_as_a_small_model_does(
    store: DatabaseStore, lease: Lease, engine: Engine, walk: list[tuple[int, Stage]]
) -> None:
    outs = [planned(store, lease, f"d-{next(_NUMBERS)}") for n in range(2)]
    stages, attempts, sent = [Stage.PLANNED] * 2, [1, 1], [False, False]
    for n, to in walk:
        legal = (stages[n], to) in ARROWS and not (to is Stage.WITHDRAWN and sent[n])
        if not legal:
            with pytest.raises(RuleBroken):
                _act(store, lease, outs[n], to)
            continue
        if (stages[n], to) == (Stage.REFUSED, Stage.PLANNED):
            attempts[n], sent[n] = attempts[n] + 1, False
        outs[n], stages[n] = _act(store, lease, outs[n], to), to
        sent[n] = sent[n] or to is Stage.SENDING
    kept = {out.key: out for out in store.outgoing()}
    for n, out in enumerate(outs):
        assert kept[out.key] == out
        assert (out.stage, out.attempt) == (stages[n], attempts[n])
    with reading(engine) as connection:
        query = "SELECT count(DISTINCT body_sha256) FROM attempt GROUP BY company, requestid"
        assert set(connection.scalars(text(query))) <= {1}


def test_each_rule_has_its_own_sentence() -> None:
    sentences = [ddl.partition("RAISE(ABORT, '")[2].partition("'")[0] for ddl in triggers.rules().values()]
    assert len(set(sentences)) == len(sentences) >= 24
    assert all(sentences)


def test_reading_the_outbox_of_nobody(engine: Engine) -> None:
    nobody = DatabaseStore(engine, "none", StillClock())
    assert list(nobody.outgoing()) == []
    assert set(nobody.counts().values()) == {0}
    assert nobody.epoch() == ""
    assert nobody.strangers() == {}
