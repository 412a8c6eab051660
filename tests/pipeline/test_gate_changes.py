"""Change requests before billing, and changes of the register after it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from gate_rows import CONTRACT, ROW, SIGNED, bill, held, kinds, register, usd, verdicts

from qbo_milestones.pipeline.gate import changed_after_billing
from qbo_milestones.pipeline.register import Change, Place, Problem, SignOff, content_hash

DECIDED = Change(
    "CR-1",
    "SOW-1",
    3,
    deliverable="D-1",
    decision="in scope",
    decided_by="Dana Reyes",
    decided_on=date(2026, 10, 1),
    evidence="cr-1.pdf",
)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"decision": "declined"}, []),
        ({"decision": "undecided"}, [("CR_UNDECIDED", "Decision")]),
        ({"decision": ""}, [("CR_UNDECIDED", "Decision")]),
        ({"decided_by": ""}, [("CR_UNDECIDED", "Decided by")]),
        ({"decided_on": None}, [("CR_UNDECIDED", "Decided at")]),
        ({"evidence": ""}, [("CR_UNDECIDED", "Evidence")]),
        (
            {"problems": (Problem("BAD_DATE", Place("Changes", 3, "Decided at"), "no date"),)},
            [("CR_UNDECIDED", "Decided at")],
        ),
        ({"decision": "fee update", "fee_delta": usd(5)}, [("CR_FEE_NOT_SUPPORTED", "Decision")]),
        (
            {"decision": "fee update", "fee_delta": usd(5), "decided_on": date(2026, 11, 1)},
            [("CR_TOUCHES_ACCEPTED", "Decision")],
        ),
        ({"decision": "fee update"}, [("CR_UNDECIDED", "Fee delta"), ("CR_FEE_NOT_SUPPORTED", "Decision")]),
    ],
)
def test_a_change_request_holds_the_row_that_it_names(fields: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """R22, R28; accounting.md 6.1: only a written decision that leaves the fee alone lets it through."""
    verdict = verdicts(register(changes=[replace(DECIDED, **fields)]))[0]
    found = [] if not kinds(verdict) else [(why.kind, why.place) for why in held(verdict).reasons]
    assert found == [(kind, Place("Changes", 3, column)) for kind, column in expected]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"deliverable": "D-2"}, [[], ["CR_UNDECIDED"]]),
        ({"deliverable": ""}, [["CR_UNDECIDED"]] * 2),
        ({"deliverable": "D-404"}, [["CR_UNDECIDED"]] * 2),
        ({"deliverable": "", "contract": "SOW-2"}, [[], []]),
        ({"deliverable": "", "decision": "fee update"}, [[], []]),
    ],
)
def test_an_undecided_change_blocks_only_what_it_touches(fields: dict[str, Any], expected: list[list[str]]) -> None:
    """R28: the row, or the contract where it names no row that exists."""
    rows = [ROW, replace(ROW, id="D-2", row=8)]
    change = replace(DECIDED, **{"decision": "undecided", **fields})
    assert [kinds(each) for each in verdicts(register(rows, changes=[change]))] == expected


def test_many_changes_of_a_contract_are_one_reason() -> None:
    """A bookkeeper reads it: the first by name and cell, a few more, and how many there are."""
    changes = [replace(DECIDED, id=f"CR-{n}", row=n, deliverable="", decision="") for n in range(3, 20)]
    verdict = held(verdicts(register(changes=changes))[0])
    assert [why.kind for why in verdict.reasons] == ["CR_UNDECIDED"]
    assert "CR-3" in verdict.reasons[0].sentence
    assert "11 more" in verdict.reasons[0].sentence


def after(row: Any = ROW, records: tuple[SignOff, ...] = (SIGNED,), **fields: Any) -> list[str]:
    """What is found when the row is now this, and was billed as ROW."""
    billed = bill(ROW, content_hash=content_hash(ROW, CONTRACT))
    given = register([replace(row, **fields)] if row else [], records)
    return [each.kind for each in changed_after_billing(given, billed)]


def test_an_unchanged_register_has_no_differences() -> None:
    """First flags: nowhere on a clean month; an amendment since, or another approver's role, is no change of it."""
    assert after() == []
    assert after(id="d-1 ", fallback="other", target_date=date(2027, 1, 1)) == []
    second = replace(CONTRACT, version=2, row=3, value=usd(200_000))
    loose = replace(ROW, contract_version=None)
    billed = bill(loose, content_hash=content_hash(loose, CONTRACT))
    assert changed_after_billing(register([loose], contracts=[CONTRACT, second]), billed) == ()


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"revision": 2}, "revision 1 is now 2"),
        ({"amount": usd(2000)}, "1,000.00 USD is now 2,000.00 USD"),
        ({"acceptance_test": "1. some pages drawn"}, "agreed"),
        ({"contract": "SOW-7"}, "SOW-7"),
        ({"billable": "no"}, "no longer"),
        ({"amount": None}, "agreed"),
    ],
)
def test_a_billed_row_that_changes_is_named_once_with_what_changed(fields: dict[str, Any], word: str) -> None:
    """Rulings 1, 17, 29: REGISTER_CHANGED."""
    billed = bill(ROW, content_hash=content_hash(ROW, CONTRACT))
    found = changed_after_billing(register([replace(ROW, **fields)], [SIGNED]), billed)
    assert [(each.kind, each.deliverable, each.amount) for each in found] == [("REGISTER_CHANGED", "D-1", usd(1000))]
    assert word in found[0].sentence
    assert found[0].place is not None
    assert found[0].place.row == 7


def test_a_billed_row_that_is_gone_is_named_by_its_key() -> None:
    """REGISTER_REMOVED: an id is never deleted."""
    found = changed_after_billing(register([]), bill(ROW))
    assert [(each.kind, each.deliverable, each.place, each.amount) for each in found] == [
        ("REGISTER_REMOVED", "d-1", None, usd(1000))
    ]


def test_what_was_adopted_from_the_books_without_a_hash_is_compared_by_what_is_known() -> None:
    """Ruling 2: a new machine knows revision and amount by stamp and lines, not what was agreed."""
    assert changed_after_billing(register([replace(ROW, acceptance_test="other")]), bill(ROW)) == ()
    assert changed_after_billing(register([replace(ROW, revision=3)]), bill(ROW))[0].kind == "REGISTER_CHANGED"


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ((SIGNED, replace(SIGNED, row=10, decision="revoked", signed_on=date(2026, 11, 1))), True),
        ((SIGNED, replace(SIGNED, row=10, decision="rejected", signed_on=date(2026, 11, 1))), True),
        ((SIGNED, replace(SIGNED, row=10, decision="revoked")), True),
        ((SIGNED, replace(SIGNED, row=10, decision="revoked", signed_on=None)), True),
        ((SIGNED, replace(SIGNED, row=10, decision="revoked", signed_by="Kim", signed_on=date(2026, 11, 1))), True),
        ((SIGNED, replace(SIGNED, row=10, decision="rejected", signed_on=date(2026, 10, 1))), False),
        ((SIGNED, replace(SIGNED, row=10, decision="revoked", revision=2, signed_on=date(2026, 11, 1))), False),
        ((SIGNED, replace(SIGNED, row=10, decision="conditional", signed_on=date(2026, 11, 1))), False),
    ],
)
def test_an_acceptance_that_is_taken_back_after_billing_is_named(records: tuple[SignOff, ...], expected: bool) -> None:
    """E13: ACCEPTANCE_REVOKED_BILLED; a rejection before the acceptance is the normal cycle."""
    assert after(ROW, records) == (["ACCEPTANCE_REVOKED_BILLED"] if expected else [])
