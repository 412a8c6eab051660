"""Controls: what is open holds what it blocks, along chains and around circles."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from gate_rows import ROW, SIGNED, held, kinds, register, verdicts

from qbo_milestones.pipeline.gate import Verdict
from qbo_milestones.pipeline.register import Deliverable, Place, Problem, SignOff


def control(name: str, *blocked_by: str, row: int = 20, **fields: Any) -> Deliverable:
    """A control milestone with a named approver."""
    basis = {"type": "control", "billable": "no", "trigger": "none", "amount": None, **fields}
    return replace(ROW, id=name, row=row, blocked_by=blocked_by, **basis)


def blocked(*names: str) -> Deliverable:
    return replace(ROW, blocked_by=names)


def passed(*names: str, **fields: Any) -> list[SignOff]:
    return [replace(SIGNED, deliverable=name, evidence=f"{name}.pdf", **fields) for name in names]


def ask(rows: Sequence[Deliverable], signed: Iterable[SignOff], missing: Iterable[str] = ()) -> Verdict:
    """The verdict on D-1, which is signed itself."""
    return verdicts(register(rows, [SIGNED, *signed]), missing=missing)[0]


def test_an_accepted_control_lets_its_deliverable_through() -> None:
    """R36: resolved, the row goes on; ids in another case are the same."""
    assert kinds(ask([blocked("qa-1 ", "QA-1"), control("QA-1")], passed("QA-1"))) == []


@pytest.mark.parametrize(
    ("fields", "signed", "missing", "word"),
    [
        ({}, [], [], "no sign-off"),
        ({}, passed("QA-1", decision="rejected"), [], "rejected"),
        ({}, passed("QA-1", channel="verbal"), [], "verbal"),
        ({}, passed("QA-1", signed_by="Kim Lee"), [], "Kim Lee"),
        ({}, passed("QA-1"), ["QA-1.pdf"], "evidence"),
        ({"approver": "delivery lead"}, passed("QA-1"), [], "role"),
        (
            {"problems": (Problem("BAD_NUMBER", Place("Deliverables", 20, "Revision"), "?"),)},
            passed("QA-1"),
            [],
            "read",
        ),
        ({"revision": 2}, passed("QA-1"), [], "revision"),
    ],
)
def test_a_control_is_resolved_only_by_its_own_valid_acceptance(
    fields: dict[str, Any], signed: list[SignOff], missing: list[str], word: str
) -> None:
    """R36: its approver, in writing, with evidence; the sentence names the control, its row and the cause."""
    answer = held(ask([blocked("QA-1"), control("QA-1", **fields)], signed, missing))
    assert [(why.kind, why.place) for why in answer.reasons] == [
        ("DEPENDENCY_OPEN", Place("Deliverables", 7, "Blocked by"))
    ]
    assert "QA-1 (Deliverables row 20)" in answer.reasons[0].sentence
    assert word in answer.reasons[0].sentence


def test_a_chain_is_followed_to_its_open_end() -> None:
    """R36: QA-1 is accepted but waits for QA-2, which is open."""
    rows = [blocked("QA-1"), control("QA-1", "QA-2"), control("QA-2", row=21)]
    answer = held(ask(rows, passed("QA-1")))
    assert "QA-2 (Deliverables row 21) is open" in answer.reasons[0].sentence
    assert kinds(ask(rows, passed("QA-1", "QA-2"))) == []


def test_each_open_blocker_is_named() -> None:
    """R13: every reason, not the first; an unknown id among them, and an id that two rows bear."""
    rows = [blocked("QA-1", "nobody", "QA-2", "QA-3"), control("QA-1"), control("QA-2", row=21)]
    rows += [control("QA-3", row=22), control("QA-3", row=23)]
    answer = held(ask(rows, passed("QA-2", "QA-3")))
    assert [why.sentence.split(": ", 1)[1].split(" ")[0] for why in answer.reasons] == ["QA-1", "nobody", "QA-3"]


def test_a_circle_holds_all_in_it_and_what_waits_for_it_and_is_named() -> None:
    """R36: accepted or not, a circle cannot be resolved."""
    rows = [blocked("A"), control("A", "B"), control("B", "C", row=21), control("C", "A", row=22)]
    answers = verdicts(register(rows, [SIGNED, *passed("A", "B", "C")]))
    assert kinds(answers[0]) == ["DEPENDENCY_OPEN"]
    assert [kinds(each)[-1] for each in answers[1:]] == ["DEPENDENCY_CIRCLE"] * 3
    assert all("A -> B -> C -> A" in held(each).reasons[-1].sentence for each in answers)


def test_a_row_that_waits_for_itself_is_a_circle() -> None:
    """The shortest circle."""
    answer = held(ask([blocked("d-1")], []))
    assert [why.kind for why in answer.reasons] == ["DEPENDENCY_CIRCLE"]
    assert "D-1 -> D-1" in answer.reasons[0].sentence


def test_a_circle_hides_no_open_blocker_beside_it() -> None:
    """R13."""
    rows = [blocked("A", "QA-1"), control("A", "D-1"), control("QA-1", row=21)]
    assert kinds(ask(rows, passed("A"))) == ["DEPENDENCY_CIRCLE", "DEPENDENCY_OPEN"]


@pytest.mark.parametrize(("open_end", "expected"), [(True, ["DEPENDENCY_OPEN"]), (False, [])])
def test_a_chain_as_long_as_a_sheet_neither_recurses_nor_slows(open_end: bool, expected: list[str]) -> None:
    """Performance: 50,000 controls, each blocked by the next."""
    length = 50_000
    rows = [blocked("C-0")]
    rows += [control(f"C-{n}", *([f"C-{n + 1}"] if n + 1 < length else []), row=n + 8) for n in range(length)]
    signed = {f"c-{n}": (replace(SIGNED, deliverable=f"C-{n}"),) for n in range(length - open_end)}
    given = replace(register(rows, []), sign_offs={**signed, "d-1": (SIGNED,)})
    answer = verdicts(given)[0]
    assert kinds(answer) == expected
    if open_end:
        assert f"C-{length - 1} " in held(answer).reasons[0].sentence


def test_a_circle_as_long_as_a_sheet_is_named_short() -> None:
    """Performance: 50,000 rows in one circle; the sentence stays readable."""
    length = 50_000
    rows = [control(f"C-{n}", f"C-{(n + 1) % length}", row=n + 8) for n in range(length)]
    answers = verdicts(register(rows, []))
    assert {kinds(each)[-1] for each in answers} == {"DEPENDENCY_CIRCLE"}
    assert max(len(held(each).reasons[-1].sentence) for each in answers) < 400
