"""What was promised and what was signed: neither changes unseen (R15; ruling 17)."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, time

import pytest
from gate_rows import CONTRACT, ROW, SIGNED, billable, held, kinds, register, verdicts

from qbo_milestones.pipeline.gate import Promise, Verdict, hold_changed, promises
from qbo_milestones.pipeline.register import Deliverable, Register, SignOff, content_hash

LATER = replace(SIGNED, row=10, signed_on=date(2026, 11, 2), evidence="d-1-again.pdf")


def judged(given: Register, seen: Iterable[Register]) -> Verdict:
    """The verdict on the only row, after these registers were seen one night after another."""
    first: dict[tuple[str, int, str], Promise] = {}
    for register_ in seen:
        for promise in promises(register_):
            # As the store keeps them: the first sight stands for ever.
            first.setdefault((promise.deliverable, promise.revision, promise.sign_off), promise)
    (verdict,) = hold_changed(verdicts(given), first.values())
    return verdict


def of(row: Deliverable = ROW, *sign_offs: SignOff) -> Register:
    """A register of one row and its sign-offs; of the sample one where none is given."""
    return register([row], sign_offs or (SIGNED,))


CHANGED = replace(ROW, acceptance_test="1. half of the pages drawn")
OTHER_OUTPUT = replace(ROW, output="sketches.pdf")


def test_a_row_that_was_never_seen_before_stands_as_it_is() -> None:
    """R15: the first sight is the promise."""
    assert kinds(judged(of(), [])) == []


@pytest.mark.parametrize("nights", [1, 2, 5])
def test_an_unchanged_row_passes_night_after_night(nights: int) -> None:
    """Ruling 17."""
    assert kinds(judged(of(), [of()] * nights)) == []


@pytest.mark.parametrize("now", [CHANGED, OTHER_OUTPUT])
def test_criteria_written_after_the_sign_off_was_seen_hold(now: Deliverable) -> None:
    """R15: sign-off recorded first, criteria later: blocked until signed again, with the cell."""
    verdict = held(judged(of(now), [of()]))
    (reason,) = verdict.reasons
    assert (reason.kind, str(reason.place)) == (
        "SIGNOFF_AFTER_SCOPE_CHANGE",
        "Deliverables row 7, column Acceptance test",
    )
    assert "Dana Reyes (Sign-offs row 9)" in reason.sentence
    assert "signed" in reason.sentence
    assert verdict.amount == ROW.amount


def test_a_sign_off_that_came_before_any_criteria_does_not_count_for_them() -> None:
    """R15: the sign-off was first seen under an empty acceptance test; filling it in does not make it hold."""
    bare = replace(ROW, acceptance_test="")
    assert "MISSING_CRITERIA" in kinds(judged(of(bare), []))
    assert kinds(judged(of(), [of(bare)])) == ["SIGNOFF_AFTER_SCOPE_CHANGE"]


def test_a_change_before_any_sign_off_is_free() -> None:
    """R15: what nobody signed may still be written anew; the sign-off stands for what is there when it comes."""
    unsigned = register([CHANGED], [])
    assert kinds(judged(of(), [unsigned, unsigned])) == []


@pytest.mark.parametrize(
    "again",
    [
        LATER,
        replace(SIGNED, signed_on=date(2026, 11, 2)),
        replace(SIGNED, signed_time=time(15, 30)),
        replace(SIGNED, evidence="d-1-again.pdf"),
    ],
)
def test_a_new_sign_off_unlocks(again: SignOff) -> None:
    """R15, R17: blocked until signed again; a new approval differs in moment or evidence."""
    assert kinds(judged(of(CHANGED, again), [of(), of(CHANGED)])) == []


def test_a_new_sign_off_beside_the_old_one_unlocks() -> None:
    """Ruling 41: the earlier record may stay on the sheet."""
    assert kinds(judged(of(CHANGED, SIGNED, LATER), [of(), of(CHANGED)])) == []


def test_restoring_the_old_text_unlocks() -> None:
    """R17: corrected, the trigger resumes."""
    assert kinds(judged(of(), [of(), of(CHANGED)])) == []


def test_the_first_sight_stands_for_ever() -> None:
    """Ruling 17: seeing the changed text many times does not make it the promise."""
    assert kinds(judged(of(CHANGED), [of(), of(CHANGED), of(CHANGED)])) == ["SIGNOFF_AFTER_SCOPE_CHANGE"]


UNCHANGED: dict[str, Callable[[Register], Register]] = {
    "the sign-off moved to another row": lambda _: of(ROW, replace(SIGNED, row=44)),
    "the deliverable moved to another row": lambda _: of(replace(ROW, row=44)),
    "white space": lambda _: of(replace(ROW, acceptance_test="1.  all pages\ndrawn ")),
    "another case of the signer's name": lambda _: of(ROW, replace(SIGNED, signed_by="DANA  REYES")),
    "another target date": lambda _: of(replace(ROW, target_date=date(2026, 12, 1))),
}


@pytest.mark.parametrize("what", UNCHANGED)
def test_what_does_not_change_the_promise(what: str) -> None:
    """Ruling 17: only what the approver judged by counts, not where or how it is written down."""
    assert kinds(judged(UNCHANGED[what](of()), [of()])) == []


def test_a_new_revision_is_a_new_promise() -> None:
    """Ruling 17: kept per deliverable and revision."""
    second = replace(CHANGED, revision=2)
    assert kinds(judged(of(second, replace(LATER, revision=2)), [of()])) == []
    seen = {(promise.revision, promise.sign_off == "") for promise in promises(of(second, SIGNED))}
    assert seen == {(2, True)}


def test_one_row_that_changed_holds_no_other() -> None:
    """R64."""
    other = replace(ROW, id="D-2", row=8)
    before, now = register([ROW, other]), register([CHANGED, other])
    first, second = hold_changed(verdicts(now), promises(before))
    assert kinds(first) == ["SIGNOFF_AFTER_SCOPE_CHANGE"]
    assert billable(second).deliverable.id == "D-2"


def test_a_held_row_keeps_its_own_reasons() -> None:
    """accounting.md 6.1: what the gate said is not overwritten."""
    now = of(replace(CHANGED, amount=None))
    assert kinds(judged(now, [of()])) == kinds(judged(now, []))
    assert kinds(judged(now, [])) != []


def test_what_is_kept_of_a_row() -> None:
    """Ruling 17: one promise a row and revision with the whole content, and one for each sign-off that accepts."""
    found = tuple(promises(of(ROW, SIGNED, replace(LATER, decision="rejected"), replace(LATER, revision=9))))
    (whole,) = (promise for promise in found if not promise.sign_off)
    assert (whole.deliverable, whole.revision) == ("d-1", 1)
    assert whole.content_hash == content_hash(ROW, CONTRACT)
    assert len(found) == 2
