"""Sign-offs: who, when, what was said, and which of several records decides."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest
from gate_rows import CONTRACT, ROW, RULES, SIGNED, billable, held, kinds, register, verdicts

from qbo_milestones.pipeline.gate.people import blank, named_person, person
from qbo_milestones.pipeline.register import Delegate, Place, Problem, SignOff

DAY = date(2026, 10, 28)
REJECTED = replace(SIGNED, decision="rejected", evidence="", defects="1: menu", re_review_date=date(2026, 11, 5))


def on(day: int, base: SignOff = SIGNED, row: int = 0, **fields: Any) -> SignOff:
    """A record of October 2026 in a row of its own."""
    return replace(base, row=row or day + 100, signed_on=date(2026, 10, day), **fields)


def answer(*records: SignOff, row: Any = ROW, **fields: Any) -> list[str]:
    return kinds(verdicts(register([replace(row, **fields)], records))[0])


@pytest.mark.parametrize(
    ("spoilt", "kind", "column"),
    [
        ({"decision": "conditional"}, "SIGNOFF_AMBIGUOUS", "Decision"),
        ({"decision": ""}, "SIGNOFF_AMBIGUOUS", "Decision"),
        ({"decision": "looks good, but the menu is red"}, "SIGNOFF_AMBIGUOUS", "Decision"),
        ({"decision": "clarified", "statement": "We meant page 3."}, "SIGNOFF_AMBIGUOUS", "Decision"),
        ({"statement": "We do not accept this."}, "SIGNOFF_AMBIGUOUS", "Decision"),
        ({"statement": "Looks good, but fix the menu"}, "SIGNOFF_AMBIGUOUS", "Decision"),
        ({"statement": "Accepted subject to the fixes"}, "SIGNOFF_AMBIGUOUS", "Decision"),
        ({"statement": "I can\u2019t accept page 3"}, "SIGNOFF_AMBIGUOUS", "Decision"),
        ({"criteria": "1 met, 2 failed"}, "SIGNOFF_AMBIGUOUS", "Decision"),
        ({"decision": "accepted in part"}, "PARTIAL_ACCEPTANCE", "Decision"),
        ({"rejected_part": "400 USD: menu"}, "PARTIAL_ACCEPTANCE", "Decision"),
        ({"decision": "revoked"}, "REVOKED", "Decision"),
        ({"channel": "verbal"}, "SIGNOFF_VERBAL", "Channel"),
        ({"channel": "phone"}, "SIGNOFF_VERBAL", "Channel"),
        ({"signed_by": "Kim Lee"}, "SIGNOFF_WRONG_PERSON", "Signed by"),
        ({"signed_by": "D. Reyes"}, "SIGNOFF_WRONG_PERSON", "Signed by"),
        ({"signed_by": ""}, "SIGNOFF_WRONG_PERSON", "Signed by"),
        ({"signed_by": "client product owner"}, "SIGNOFF_WRONG_PERSON", "Signed by"),
        ({"signed_on": None}, "SIGNOFF_DATE_INVALID", "Signed at"),
        ({"signed_on": date(2026, 11, 24)}, "SIGNOFF_DATE_INVALID", "Signed at"),
        ({"signed_on": date(2026, 11, 23), "signed_time": time(7, 1)}, "SIGNOFF_DATE_INVALID", "Signed at"),
        ({"signed_on": date(9999, 12, 31), "signed_time": time(23, 59)}, "SIGNOFF_DATE_INVALID", "Signed at"),
        (
            {"signed_on": date(1, 1, 1), "signed_time": time(0, 0, tzinfo=timezone(timedelta(hours=14)))},
            "SIGNOFF_DATE_INVALID",
            "Signed at",
        ),
        ({"evidence": ""}, "MISSING_EVIDENCE", "Evidence"),
        ({"evidence": "n/a"}, "MISSING_EVIDENCE", "Evidence"),
        ({"evidence": "http://x.example/1"}, "MISSING_EVIDENCE", "Evidence"),
        ({"sha256": "xyz"}, "EVIDENCE_HASH_MISMATCH", "Evidence SHA-256"),
        ({"revision": 2}, "SIGNOFF_AFTER_SCOPE_CHANGE", "Revision"),
    ],
)
def test_a_record_that_does_not_prove_acceptance_holds_the_row(spoilt: dict[str, Any], kind: str, column: str) -> None:
    """R1, R9, R70, R80; rulings 37, 42; accounting.md 6.1."""
    verdict = held(verdicts(register(sign_offs=[replace(SIGNED, **spoilt)]))[0])
    assert [(why.kind, why.place) for why in verdict.reasons] == [(kind, Place("Sign-offs", 9, column))]
    assert verdict.reasons[0].sentence.startswith(f"Sign-offs row 9, column {column}: ")


@pytest.mark.parametrize(
    "fields",
    [
        {"signed_by": "  dana   REYES "},
        {"signed_by": "Dana Reyes (product)"},
        {"signed_by": "\uff24ana Reyes"},
        {"channel": ""},
        {"statement": "Unconditionally accepted, nothing but praise."},
        {"statement": "Points rejected in May are fixed. Accepted."},
        {"criteria": "1-4 met, none failed"},
        {"decision": "clarified", "statement": "Accepted in full."},
        {"revision": None},
        {"signed_on": date(2026, 11, 23)},
        {"signed_on": date(2026, 11, 23), "signed_time": time(7, 0)},
    ],
)
def test_records_that_say_yes_in_other_forms_count(fields: dict[str, Any]) -> None:
    """R81, ruling 42: white space, case, width and the role in brackets are not the name."""
    assert answer(replace(SIGNED, **fields)) == []


def test_no_record_at_all_waits_for_one() -> None:
    """R1, ruling 37: the sentence names whom to ask."""
    verdict = held(verdicts(register(sign_offs=[]))[0])
    assert [why.kind for why in verdict.reasons] == ["AWAITING_SIGNOFF"]
    assert "Dana Reyes" in verdict.reasons[0].sentence


def test_all_faults_of_one_record_are_named() -> None:
    """R13: none hides another."""
    bad = replace(SIGNED, channel="verbal", signed_by="Kim", signed_on=None, evidence="", decision="hm")
    assert set(answer(bad)) == {
        "SIGNOFF_AMBIGUOUS",
        "SIGNOFF_VERBAL",
        "SIGNOFF_WRONG_PERSON",
        "SIGNOFF_DATE_INVALID",
        "MISSING_EVIDENCE",
    }


def test_an_unreadable_cell_of_a_record_holds_it() -> None:
    """Ruling 37: an unreadable date is SIGNOFF_DATE_INVALID; a formula in a sign-off is named."""
    bad_date = Problem("BAD_DATE", Place("Sign-offs", 9, "Signed at"), "'soon' is not a date")
    assert answer(replace(SIGNED, signed_on=None, problems=(bad_date,))) == ["SIGNOFF_DATE_INVALID"]
    formula = Problem("FORMULA", Place("Sign-offs", 9, "Decision"), "a formula")
    assert answer(replace(SIGNED, problems=(formula,))) == ["FORMULA"]
    assert answer(replace(SIGNED, problems=(replace(formula, warning=True),))) == []


CYCLES: tuple[tuple[str, tuple[SignOff, ...], list[str]], ...] = (
    ("rejected", (on(1, REJECTED),), ["REJECTED"]),
    ("rejected, incomplete", (on(1, REJECTED, defects=""),), ["REJECTED", "REJECTED_NO_REREVIEW"]),
    ("rejected, no date", (on(1, REJECTED, re_review_date=None),), ["REJECTED", "REJECTED_NO_REREVIEW"]),
    ("rejected, then accepted", (on(1, REJECTED), on(5)), []),
    ("rejected, incomplete, then accepted", (on(1, REJECTED, defects=""), on(5)), ["REJECTED_NO_REREVIEW"]),
    ("accepted, then rejected for re-review", (on(1), on(5, REJECTED)), ["REJECTED"]),
    (
        "accepted, then rejected without re-review",
        (on(1), on(5, REJECTED, re_review_date=None)),
        ["SIGNOFF_CONFLICT", "REJECTED_NO_REREVIEW"],
    ),
    ("accepted and rejected on one day", (on(5), on(5, REJECTED, row=200)), ["SIGNOFF_CONFLICT"]),
    (
        "accepted and rejected at one instant",
        (on(5, signed_time=time(9)), on(5, REJECTED, row=200, signed_time=time(9))),
        ["SIGNOFF_CONFLICT"],
    ),
    (
        "rejected at nine, accepted at ten",
        (on(5, REJECTED, row=200, signed_time=time(9)), on(5, signed_time=time(10))),
        [],
    ),
    ("accepted, then revoked", (on(1), on(5, decision="revoked")), ["REVOKED"]),
    ("accepted, revoked without evidence", (on(1), on(5, decision="revoked", evidence="")), ["REVOKED"]),
    ("accepted, revoked, accepted", (on(1), on(5, decision="revoked"), on(9)), []),
    (
        "accepted, then revoked by another",
        (on(1), on(5, decision="revoked", signed_by="Kim Lee")),
        ["REVOKED", "SIGNOFF_WRONG_PERSON"],
    ),
    ("verbal, then accepted", (on(1, channel="verbal"), on(5)), []),
    ("another person, then accepted", (on(1, signed_by="Kim Lee"), on(5)), []),
    ("conditional, then accepted", (on(1, decision="conditional"), on(5)), []),
    ("conditional, then clarified", (on(1, decision="conditional"), on(5, decision="clarified")), []),
    ("accepted, then a doubt", (on(1), on(5, decision="conditional")), ["SIGNOFF_AMBIGUOUS"]),
    ("accepted, then another's yes", (on(1), on(5, signed_by="Kim Lee")), []),
    ("accepted, then clarified", (on(1), on(5, decision="clarified", statement="See page 3")), []),
    ("in part, then in full", (on(1, decision="accepted in part"), on(5)), []),
    ("in full, then in part", (on(1), on(5, decision="accepted in part")), ["PARTIAL_ACCEPTANCE"]),
    ("accepted twice", (on(1), on(5)), []),
    (
        "accepted twice, different versions",
        (on(1, version_reviewed="1.0"), on(5, version_reviewed="1.1")),
        ["SIGNOFF_CONFLICT"],
    ),
    (
        "different versions around a rejection",
        (on(1, version_reviewed="1.0"), on(3, REJECTED), on(5, version_reviewed="1.1")),
        [],
    ),
    ("rejected, then a verbal yes", (on(1, REJECTED), on(5, channel="verbal")), ["REJECTED", "SIGNOFF_VERBAL"]),
    ("a verbal yes, then rejected", (on(1, channel="verbal"), on(5, REJECTED)), ["REJECTED"]),
    ("old revision rejected", (on(1, REJECTED, revision=7),), ["AWAITING_SIGNOFF"]),
)


@pytest.mark.parametrize(("records", "expected"), [pytest.param(r, e, id=i) for i, r, e in CYCLES])
@pytest.mark.parametrize("backwards", [False, True])
def test_the_latest_valid_decision_decides(records: tuple[SignOff, ...], expected: list[str], backwards: bool) -> None:
    """R67, R70, R73; ruling 41; accounting.md 6.1 SIGNOFF_CONFLICT: whatever the order of the rows."""
    assert answer(*(reversed(records) if backwards else records)) == expected


def test_a_revocation_without_a_date_holds() -> None:
    """Nothing is billed over a client's open word."""
    undated = replace(SIGNED, row=3, decision="revoked", signed_on=None)
    assert answer(on(9), undated) == ["REVOKED", "SIGNOFF_DATE_INVALID"]


def test_what_does_not_count_is_noted() -> None:
    """Ruling 41; a repeated row is ignored."""
    verdict = billable(verdicts(register(sign_offs=[on(1, channel="verbal"), on(5), on(5, row=300)]))[0])
    assert verdict.acceptance.sign_off.row == 105
    assert verdict.acceptance.notes == (
        "Sign-offs row 300 repeats row 105 and is ignored.",
        "Sign-offs row 101, column Decision: accepted does not count (SIGNOFF_VERBAL).",
    )


def test_repeated_acceptances_count_from_the_first_of_them() -> None:
    """R98: when it was accepted does not move because it is said again, but a rejection between starts anew."""
    assert billable(verdicts(register(sign_offs=[on(9), on(2), on(5)]))[0]).acceptance.accepted_on.day == 2
    again = verdicts(register(sign_offs=[on(2), on(5, REJECTED), on(9)]))[0]
    assert billable(again).acceptance.accepted_on.day == 9


def test_the_revision_that_was_signed_must_be_the_current_one() -> None:
    """R15; SIGNOFF_AFTER_SCOPE_CHANGE; a record that names no revision counts only for the first."""
    assert answer(SIGNED, revision=2) == ["SIGNOFF_AFTER_SCOPE_CHANGE"]
    assert answer(replace(SIGNED, revision=None), revision=2) == ["SIGNOFF_AFTER_SCOPE_CHANGE"]
    assert answer(SIGNED, on(30, revision=2), revision=2) == []
    assert answer(SIGNED, on(30, REJECTED, revision=2), revision=2) == ["REJECTED"]


@pytest.mark.parametrize(("day", "expected"), [(1, []), (31, []), (None, ["SIGNOFF_WRONG_PERSON"])])
def test_a_delegate_signs_on_the_recorded_days_only(day: int | None, expected: list[str]) -> None:
    """R1; register.md, Delegates: both days count."""
    delegates = (Delegate("Kim Lee (deputy)", date(2026, 10, 1), date(2026, 10, 31)),)
    signed_on = date(2026, 10, day) if day else date(2026, 11, 1)
    assert answer(replace(SIGNED, signed_by="kim lee", signed_on=signed_on), delegates=delegates) == expected


def test_the_day_of_a_delegate_is_the_contracts() -> None:
    """register.md: 1 November 03:30 UTC is still October in New York."""
    delegates = (Delegate("Kim Lee", date(2026, 10, 1), date(2026, 10, 31)),)
    at = replace(SIGNED, signed_by="Kim Lee", signed_on=date(2026, 11, 1), signed_time=time(3, 30, tzinfo=UTC))
    assert answer(at, delegates=delegates) == []


@pytest.mark.parametrize(
    ("zone", "company", "day", "clock", "expected"),
    [
        ("America/New_York", "America/New_York", date(2026, 10, 31), time(23, 30), date(2026, 10, 31)),
        ("America/Los_Angeles", "America/New_York", date(2026, 10, 31), time(23, 30), date(2026, 11, 1)),
        ("Asia/Tokyo", "America/New_York", date(2026, 11, 1), time(8, 0), date(2026, 10, 31)),
        ("Asia/Tokyo", "America/New_York", date(2026, 11, 1), None, date(2026, 11, 1)),
        ("", "Europe/Berlin", date(2026, 10, 31), time(23, 30), date(2026, 10, 31)),
        ("America/New_York", "UTC", date(2026, 10, 31), time(20, 30), date(2026, 11, 1)),
        ("America/New_York", "UTC", date(2026, 11, 1), time(20, 30), date(2026, 11, 2)),
        ("America/New_York", "UTC", date(2026, 3, 8), time(2, 30), date(2026, 3, 8)),
        ("America/New_York", "America/New_York", date(2026, 11, 1), time(1, 30), date(2026, 11, 1)),
        ("America/New_York", "America/New_York", date(2026, 11, 1), time(2, 0, tzinfo=UTC), date(2026, 10, 31)),
    ],
)
def test_the_accepted_date_is_the_companys(
    zone: str, company: str, day: date, clock: time | None, expected: date
) -> None:
    """R98; register.md, Signed at: contract's wall clock into the company's date, across DST; a bare date stays."""
    given = register(
        sign_offs=[replace(SIGNED, signed_on=day, signed_time=clock)], contracts=[replace(CONTRACT, time_zone=zone)]
    )
    assert billable(verdicts(given, rules=replace(RULES, zone=company))[0]).acceptance.accepted_on == expected


@pytest.mark.parametrize(
    ("window", "clause", "submitted", "proof", "expected"),
    [
        (5, "7.2", None, "mail", ["AWAITING_SIGNOFF"]),
        (None, "7.2", date(2026, 11, 20), "mail", ["DEEMED_NOT_ALLOWED"]),
        (5, "", date(2026, 11, 20), "mail", ["DEEMED_NOT_ALLOWED"]),
        (5, "7.2", date(2026, 11, 20), "", ["DEEMED_NOT_ALLOWED"]),
        (None, "", date(2026, 11, 20), "", ["DEEMED_NOT_ALLOWED"] * 3),
        (5, "7.2", date(2026, 11, 20), "mail", ["WINDOW_RUNNING"]),
        (5, "7.2", date(2026, 11, 16), "mail", ["WINDOW_RUNNING"]),
        (5, "7.2", date(2026, 11, 13), "mail", ["DEEMED_NOT_ALLOWED"]),
        (10**9, "7.2", date(2026, 11, 13), "mail", ["WINDOW_RUNNING"]),
    ],
)
def test_lapse_of_a_window_is_held_with_its_reason(
    window: int | None, clause: str, submitted: date | None, proof: str, expected: list[str]
) -> None:
    """R32: deemed acceptance is not billed by this version, and says so."""
    contract = replace(CONTRACT, window=window, deemed_clause=clause)
    row = replace(ROW, trigger="deemed", submitted_on=submitted, submission_evidence=proof)
    assert kinds(verdicts(register([row], [], [contract]))[0]) == expected


def test_a_written_acceptance_of_a_deemed_row_is_a_plain_one() -> None:
    """Ruling 16."""
    assert answer(SIGNED, trigger="deemed", submitted_on=date(2026, 10, 1)) == []


ROLES = (
    "client approver role",
    "client product owner",
    "Product Owner",
    "the Product-Owner",
    "delivery lead",
    "Head of Finance",
    "CFO",
    "Acme product owner",
    "(Dana Reyes)",
    "product owner (Dana Reyes)",
    "QA / security team",
    "",
    "TBD",
)


@pytest.mark.parametrize("text", ROLES)
def test_a_role_alone_is_nobody(text: str) -> None:
    """R15, R16; register.md, Approver: it is MISSING_APPROVER even if the same role signs."""
    assert named_person(text, "Acme Inc.") == ""
    assert answer(replace(SIGNED, signed_by=text), approver=text) == ["MISSING_APPROVER"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Dana Reyes (client product owner)", "dana reyes"),
        ("Dana Reyes", "dana reyes"),
        ("DANA\u00a0REYES (po) [client]", "dana reyes"),
        ("Dana Reyes (unclosed", "dana reyes"),
        ("Grace Lead", "grace lead"),
        ("Acme", "acme"),
        ("Stra\u00dfe Jo", "strasse jo"),
        ("dana@acme.example", "dana@acme.example"),
    ],
)
def test_a_name_is_a_name(text: str, name: str) -> None:
    """Ruling 42: a bare name is fine; only a cell of nothing but role words is a role."""
    assert named_person(text, "Acme") == name == person(text)


@pytest.mark.parametrize("text", ["", "  ", " " * 500, "tbd", " TBC ", "N/A", "-", "\u2014", "?", "None"])
def test_placeholders_say_nothing(text: str) -> None:
    """R7: `TBD` is not a criterion."""
    assert blank(text)
    assert not blank(text + " see annex")


def test_many_records_of_one_deliverable_take_linear_time() -> None:
    """Performance: one row with 20,000 records is no trap."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    many = [
        replace(SIGNED, row=n, statement=str(n), signed_on=(start + timedelta(minutes=n)).date(), decision=word)
        for n, word in enumerate(("accepted", "conditional") * 10_000)
    ]
    assert answer(*many[:200])
    given = register()
    sign_offs = {"d-1": tuple(many)}
    assert kinds(verdicts(replace(given, sign_offs=sign_offs))[0]) == ["SIGNOFF_AMBIGUOUS"] * 640
