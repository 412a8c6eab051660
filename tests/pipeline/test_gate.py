"""The gate as a whole: what must be there, that nothing hides anything, and that counts add up."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from gate_rows import (
    CONTRACT,
    ROW,
    RULES,
    SIGNED,
    bill,
    billable,
    cells,
    held,
    kinds,
    register,
    usd,
    verdicts,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from qbo_milestones.model.money import zero
from qbo_milestones.pipeline.gate import (
    KINDS,
    EvidenceFile,
    Held,
    confirm,
    evidence_wanted,
    examine,
    keep_cap,
)
from qbo_milestones.pipeline.register import Change, Contract, Deliverable, Place, Problem, Register, SignOff


def test_a_complete_row_is_billable() -> None:
    """R1, R81: a short written approval of the named approver, with evidence, is enough."""
    verdict = billable(verdicts(register())[0])
    assert (verdict.amount, verdict.contract, verdict.cap) == (usd(1000), CONTRACT, CONTRACT.value)
    assert (verdict.acceptance.accepted_on, verdict.acceptance.signed_by) == (date(2026, 10, 28), "Dana Reyes")


# R13: each question, how a row answers no, and the cells that must be named then.
QUESTIONS: tuple[tuple[dict[str, Any], tuple[str, ...]], ...] = (
    ({"name": ""}, ("Deliverables row 7, column Deliverable",)),
    ({"output": ""}, ("Deliverables row 7, column Output",)),
    ({"acceptance_test": " "}, ("Deliverables row 7, column Acceptance test",)),
    ({"approver": "client product owner"}, ("Deliverables row 7, column Approver",)),
    ({}, ("Sign-offs row 9, column Channel",)),
    (
        {"amount": None, "trigger": "none"},
        ("Deliverables row 7, column Amount", "Deliverables row 7, column Invoice trigger"),
    ),
    ({"contract": "", "contract_version": None}, ("Deliverables row 7, column Contract",)),
)


def test_only_the_row_with_seven_yeses_is_billable_and_each_no_names_its_cell() -> None:
    """R6, R7, R13: the truth table of 2^7 rows."""
    passed = []
    for answers in product((True, False), repeat=len(QUESTIONS)):
        nos = [n for n, yes in enumerate(answers) if not yes]
        row = ROW
        for n in nos:
            row = replace(row, **QUESTIONS[n][0])
        signed = SIGNED if answers[4] else replace(SIGNED, channel="verbal")
        verdict = verdicts(register([row], [signed]))[0]
        if isinstance(verdict, Held):
            expected = {cell for n in nos for cell in QUESTIONS[n][1]}
            assert cells(verdict) == expected, answers
            assert all(str(why.place) in why.sentence for why in verdict.reasons)
        else:
            passed.append(answers)
    assert passed == [(True,) * len(QUESTIONS)]


ROW_DEFECTS: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"type": "milestone"}, "NOT_A_DELIVERABLE", "Type"),
    ({"type": "task"}, "NOT_A_DELIVERABLE", "Type"),
    ({"type": "control"}, "NOT_A_DELIVERABLE", "Type"),
    ({"type": ""}, "UNKNOWN_TYPE", "Type"),
    ({"type": "phase"}, "UNKNOWN_TYPE", "Type"),
    ({"type": "hourly work"}, "TIME_AND_MATERIALS", "Type"),
    ({"type": "reimbursable cost"}, "TIME_AND_MATERIALS", "Type"),
    ({"type": "deposit"}, "DEPOSIT_NOT_SUPPORTED", "Type"),
    ({"type": "retention release"}, "RETENTION_NOT_SUPPORTED", "Type"),
    ({"output": "TBD"}, "NOT_A_DELIVERABLE", "Output"),
    ({"acceptance_test": ""}, "MISSING_CRITERIA", "Acceptance test"),
    ({"acceptance_test": "n/a"}, "MISSING_CRITERIA", "Acceptance test"),
    ({"approver": ""}, "MISSING_APPROVER", "Approver"),
    ({"billable": ""}, "NOT_BILLABLE", "Billable"),
    ({"billable": "maybe"}, "NOT_BILLABLE", "Billable"),
    ({"billable": "no"}, "NOT_BILLABLE", "Billable"),
    ({"billable": "n/c"}, "NOT_BILLABLE", "Billable"),
    ({"trigger": "none"}, "NO_TRIGGER", "Invoice trigger"),
    ({"trigger": ""}, "NO_TRIGGER", "Invoice trigger"),
    ({"trigger": "phase started"}, "NO_TRIGGER", "Invoice trigger"),
    ({"trigger": "advance payment"}, "DEPOSIT_NOT_SUPPORTED", "Invoice trigger"),
    ({"fallback": ""}, "MISSING_FALLBACK", "Fallback if rejected"),
    ({"target_date": None}, "MISSING_TARGET_DATE", "Target date"),
    ({"name": ""}, "MISSING_NAME", "Deliverable"),
    ({"amount": None}, "MISSING_AMOUNT", "Amount"),
    ({"amount": zero("USD")}, "BAD_AMOUNT", "Amount"),
    ({"amount": usd(-5)}, "BAD_AMOUNT", "Amount"),
    ({"percent": Decimal(5)}, "BAD_AMOUNT", "Amount"),
    ({"contract": ""}, "MISSING_SOW_REF", "Contract"),
    ({"contract": "SOW-9"}, "MISSING_SOW_REF", "Contract"),
    ({"contract_version": 3}, "MISSING_SOW_REF", "Contract version"),
    ({"parent": "D-0"}, "SPLIT_NOT_SUPPORTED", "Parent"),
    ({"blocked_by": ("QA-1",)}, "DEPENDENCY_OPEN", "Blocked by"),
    ({"already_invoiced_as": "1044"}, "ALREADY_INVOICED", "Already invoiced as"),
)


@pytest.mark.parametrize(("defect", "kind", "column"), ROW_DEFECTS)
def test_each_trouble_of_a_row_has_its_own_kind_and_cell(defect: dict[str, Any], kind: str, column: str) -> None:
    """R10-R12, R14, R16, R33, R36, R38, R42, R101; rulings 11, 37."""
    verdict = held(verdicts(register([replace(ROW, **defect)]))[0])
    assert [(why.kind, why.place) for why in verdict.reasons] == [(kind, Place("Deliverables", 7, column))]


CONTRACT_DEFECTS: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"terms": ""}, "MISSING_TERMS", "Payment terms"),
    ({"partial_acceptance": ""}, "MISSING_TERMS", "Partial acceptance"),
    ({"disputes": "tbd"}, "MISSING_TERMS", "Disputes"),
    ({"change_process": ""}, "MISSING_TERMS", "Change process"),
    ({"document": ""}, "MISSING_SOW_REF", "Document"),
    ({"customer": ""}, "MISSING_CUSTOMER", "Customer"),
    ({"signed_by": ""}, "CONTRACT_NOT_SIGNED", "Signed by"),
    ({"signed_on": None}, "CONTRACT_NOT_SIGNED", "Signed on"),
    ({"signed_on": date(2026, 11, 24)}, "CONTRACT_NOT_IN_FORCE", "Signed on"),
    ({"effective_from": None}, "CONTRACT_NOT_IN_FORCE", "Effective from"),
    ({"effective_from": date(2026, 11, 24)}, "CONTRACT_NOT_IN_FORCE", "Effective from"),
    ({"value": None}, "MISSING_AMOUNT", "Contract value"),
    ({"value": usd(0)}, "BAD_AMOUNT", "Contract value"),
    ({"retention": Decimal(10)}, "RETENTION_NOT_SUPPORTED", "Retention"),
    ({"profile": "deferred"}, "PROFILE_NOT_SUPPORTED", "Profile"),
    ({"profile": "none"}, "PROFILE_NOT_SUPPORTED", "Profile"),
    ({"revenue_policy": "output_milestone"}, "REVENUE_POLICY_NOT_SUPPORTED", "Revenue policy"),
    ({"time_zone": "Mars/Olympus"}, "UNKNOWN_TIME_ZONE", "Time zone"),
    ({"time_zone": "../../etc/passwd"}, "UNKNOWN_TIME_ZONE", "Time zone"),
)


@pytest.mark.parametrize(("defect", "kind", "column"), CONTRACT_DEFECTS)
def test_each_trouble_of_a_contract_holds_its_rows(defect: dict[str, Any], kind: str, column: str) -> None:
    """R18, R21, R25, R38, R97; ruling 39."""
    given = register(contracts=[replace(CONTRACT, **defect)])
    assert [(why.kind, why.place) for why in held(verdicts(given)[0]).reasons] == [
        (kind, Place("Contracts", 2, column))
    ]


def test_a_contract_in_a_foreign_currency_is_held() -> None:
    """accounting.md 4.8: the clearing account is only proven in the home currency."""
    euros = replace(CONTRACT, currency="EUR", value=replace(usd(9000), currency="EUR"))
    row = replace(ROW, amount=replace(usd(1000), currency="EUR"))
    assert kinds(verdicts(register([row], contracts=[euros]))[0]) == ["CURRENCY_NOT_SUPPORTED"]


def test_an_amount_in_another_currency_than_the_contract_is_held() -> None:
    """R41: it could not be set against the cap."""
    row = replace(ROW, amount=replace(usd(1000), currency="EUR"))
    assert kinds(verdicts(register([row]))[0]) == ["BAD_AMOUNT"]


def test_cells_that_could_not_be_read_hold_the_row_and_warnings_do_not() -> None:
    """Design, Failures 1: an error in a row, its contract or its sign-off holds it; a warning does not."""
    place = Place("Deliverables", 7, "Amount")
    problem = Problem("BAD_AMOUNT", place, "'12,3' is not an amount")
    unread = replace(ROW, amount=None, problems=(problem,))
    assert [(why.kind, why.place) for why in held(verdicts(register([unread]))[0]).reasons] == [("BAD_AMOUNT", place)]
    warned = replace(ROW, problems=(replace(problem, warning=True),))
    assert kinds(verdicts(register([warned]))[0]) == []
    odd = replace(CONTRACT, problems=(Problem("SOMETHING_NEW", Place("Contracts", 2, "Window"), "what is this"),))
    assert kinds(verdicts(register(contracts=[odd]))[0]) == ["UNREADABLE_CELL"]


def test_the_go_live_date_holds_what_was_accepted_before_it() -> None:
    """Ruling 11; the acceptance on the day itself is billed."""
    rules = replace(RULES, starts_on=date(2026, 10, 29), starts_on_required=True)
    assert kinds(verdicts(register(), rules=rules)[0]) == ["BEFORE_GO_LIVE"]
    assert kinds(verdicts(register(), rules=replace(rules, starts_on=date(2026, 10, 28)))[0]) == []


def test_a_required_go_live_date_that_is_missing_is_our_mistake() -> None:
    """Ruling 11: the settings refuse it long before."""
    with pytest.raises(AssertionError):
        verdicts(register(), rules=replace(RULES, starts_on_required=True))


@pytest.mark.parametrize("spoilt", [{}, {"revision": 2}, {"amount": usd(7)}, {"id": "d-1"}, {"approver": ""}])
def test_a_billed_deliverable_is_not_billed_again_whatever_its_row_says(spoilt: dict[str, Any]) -> None:
    """Ruling 1; always-hold 2: not for a new revision, amount or case of its id."""
    assert kinds(verdicts(register([replace(ROW, **spoilt)]), bill(ROW))[0]) == ["ALREADY_BILLED"]


def test_ids_in_another_case_or_width_are_the_same_deliverable() -> None:
    """register.md: ids are compared folded; two rows of one id hold both."""
    twins = [replace(ROW, id="D-1"), replace(ROW, id="\uff24-1 ", row=8)]
    answers = verdicts(register(twins, [SIGNED]))
    assert [kinds(each) for each in answers] == [["DUPLICATE_ID"], ["DUPLICATE_ID"]]


# Defects that can stand beside each other, each with the kind and the cell that must be named.
DEFECTS: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("row", {"type": "milestone"}, "NOT_A_DELIVERABLE", "Deliverables row 7, column Type"),
    ("row", {"output": ""}, "NOT_A_DELIVERABLE", "Deliverables row 7, column Output"),
    ("row", {"acceptance_test": ""}, "MISSING_CRITERIA", "Deliverables row 7, column Acceptance test"),
    ("row", {"approver": "client approver role"}, "MISSING_APPROVER", "Deliverables row 7, column Approver"),
    ("row", {"trigger": ""}, "NO_TRIGGER", "Deliverables row 7, column Invoice trigger"),
    ("row", {"billable": "perhaps"}, "NOT_BILLABLE", "Deliverables row 7, column Billable"),
    ("row", {"fallback": ""}, "MISSING_FALLBACK", "Deliverables row 7, column Fallback if rejected"),
    ("row", {"target_date": None}, "MISSING_TARGET_DATE", "Deliverables row 7, column Target date"),
    ("row", {"name": ""}, "MISSING_NAME", "Deliverables row 7, column Deliverable"),
    ("row", {"amount": None}, "MISSING_AMOUNT", "Deliverables row 7, column Amount"),
    ("row", {"blocked_by": ("nobody",)}, "DEPENDENCY_OPEN", "Deliverables row 7, column Blocked by"),
    ("row", {"parent": "D-0"}, "SPLIT_NOT_SUPPORTED", "Deliverables row 7, column Parent"),
    ("contract", {"terms": ""}, "MISSING_TERMS", "Contracts row 2, column Payment terms"),
    ("contract", {"disputes": ""}, "MISSING_TERMS", "Contracts row 2, column Disputes"),
    ("contract", {"document": ""}, "MISSING_SOW_REF", "Contracts row 2, column Document"),
    ("contract", {"profile": "deferred"}, "PROFILE_NOT_SUPPORTED", "Contracts row 2, column Profile"),
    ("contract", {"retention": Decimal(5)}, "RETENTION_NOT_SUPPORTED", "Contracts row 2, column Retention"),
    ("contract", {"signed_on": None}, "CONTRACT_NOT_SIGNED", "Contracts row 2, column Signed on"),
    ("sign", {"channel": "verbal"}, "SIGNOFF_VERBAL", "Sign-offs row 9, column Channel"),
    ("sign", {"signed_on": date(2027, 1, 1)}, "SIGNOFF_DATE_INVALID", "Sign-offs row 9, column Signed at"),
    ("sign", {"evidence": ""}, "MISSING_EVIDENCE", "Sign-offs row 9, column Evidence"),
    ("sign", {"decision": "looks good, but"}, "SIGNOFF_AMBIGUOUS", "Sign-offs row 9, column Decision"),
    ("sign", {"sha256": "abc"}, "EVIDENCE_HASH_MISMATCH", "Sign-offs row 9, column Evidence SHA-256"),
    ("change", {}, "CR_UNDECIDED", "Changes row 3, column Decision"),
)


def spoilt(chosen: frozenset[int]) -> Register:
    row, contract, signed, changes = ROW, CONTRACT, SIGNED, []
    for n in chosen:
        where, defect, _, _ = DEFECTS[n]
        row = replace(row, **defect) if where == "row" else row
        contract = replace(contract, **defect) if where == "contract" else contract
        signed = replace(signed, **defect) if where == "sign" else signed
        changes += [Change("CR-1", "SOW-1", 3, decision="undecided")] if where == "change" else []
    return register([row], [signed], [contract], changes)


@settings(deadline=None)
@given(st.frozensets(st.integers(0, len(DEFECTS) - 1)))
def test_no_defect_hides_another(chosen: frozenset[int]) -> None:
    """R13, R17: any subset of defects is named whole, each with its cell, and nothing else is."""
    verdict = verdicts(spoilt(chosen))[0]
    if not chosen:
        billable(verdict)
        return
    found = {(why.kind, str(why.place)) for why in held(verdict).reasons}
    assert found == {(DEFECTS[n][2], DEFECTS[n][3]) for n in chosen}


def random_register(dice: random.Random) -> tuple[Register, set[int]]:
    """Rows of three contracts with random troubles."""
    contracts = [
        replace(CONTRACT, reference=f"SOW-{n}", row=n + 2, value=usd(dice.randrange(1, 9) * 1000)) for n in range(3)
    ]
    rows: list[Deliverable] = []
    signed: list[SignOff] = []
    for n in range(dice.randrange(1, 25)):
        share: dict[str, Any] = {"amount": usd(dice.randrange(1, 4000))}
        defect = dice.choice([*({} for _ in range(6)), *(each for each, _, _ in ROW_DEFECTS)])
        names = tuple(f"d-{dice.randrange(30)}" for _ in range(dice.choice((0, 0, 0, 1, 2))))
        fields = {"blocked_by": names, "contract": f"SOW-{dice.randrange(3)}", **share, **defect}
        rows.append(replace(ROW, id=f"D-{n}", row=n + 2, **fields))
        decision = dice.choice(("accepted", "accepted", "accepted", "rejected", "conditional"))
        day = date(2026, 10, dice.randrange(1, 29))
        signed.append(replace(SIGNED, deliverable=f"D-{n}", row=n + 2, decision=decision, signed_on=day))
    return register(rows, signed, contracts), {n for n in range(len(rows)) if dice.random() < 0.2}


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_no_verdict(dice: random.Random) -> None:
    """Always-hold 5: a register that was sorted otherwise means the same."""
    given, posted = random_register(dice)
    billed = {key: each for n in posted for key, each in bill(given.deliverables[n]).items()}
    shuffled = list(given.deliverables)
    dice.shuffle(shuffled)
    again = replace(given, deliverables=tuple(shuffled), contracts=dict(reversed(list(given.contracts.items()))))
    first = {each.deliverable.id: each for each in keep_cap(verdicts(given, billed), given, billed)}
    second = {each.deliverable.id: each for each in keep_cap(verdicts(again, billed), again, billed)}
    assert first == second


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_every_row_has_one_verdict_in_its_place(dice: random.Random) -> None:
    """Always-hold 5: each row is once billable or held, in the order of the sheet, and held for a known reason."""
    given, _ = random_register(dice)
    answers = keep_cap(verdicts(given), given, {})
    assert [each.deliverable for each in answers] == list(given.deliverables)
    assert all(each.reasons for each in answers if isinstance(each, Held))
    assert all(why.rule.name == why.kind for each in answers if isinstance(each, Held) for why in each.reasons)


def test_kinds_are_a_closed_list_without_a_generic_one() -> None:
    """R57, ruling 37: every kind says who does what about it, and none is just to be looked at."""
    assert not {"OTHER", "UNKNOWN", "REVIEW", "ERROR"} & set(KINDS)
    assert all(kind.action and kind.owner and kind.severity for kind in KINDS.values())


def test_the_hash_of_the_evidence_goes_with_the_row() -> None:
    """Ruling 18: hashed for rows about to be posted."""
    answers = confirm(verdicts(register()), {"d-1.pdf": EvidenceFile("d-1.pdf", sha256="AB" * 32, size=3)})
    assert billable(answers[0]).sha256 == "ab" * 32


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        (None, "MISSING_EVIDENCE"),
        (EvidenceFile("d-1.pdf", "cannot be read"), "MISSING_EVIDENCE"),
        (EvidenceFile("d-1.pdf"), "MISSING_EVIDENCE"),
        (EvidenceFile("d-1.pdf", sha256="cd" * 32), "EVIDENCE_HASH_MISMATCH"),
    ],
)
def test_evidence_that_went_away_or_changed_holds_the_row(file: EvidenceFile | None, kind: str) -> None:
    """R9, ruling 37: what was there when the row was examined may not be there when it is read."""
    given = register(sign_offs=[replace(SIGNED, sha256="ab" * 32)])
    answer = confirm(verdicts(given), {"d-1.pdf": file} if file else {})[0]
    assert kinds(answer) == [kind]
    assert held(answer).amount == usd(1000)


def test_a_link_counts_only_with_its_hash_or_where_links_are_accepted() -> None:
    """register.md, Evidence: a link is recorded and never fetched."""
    link = replace(SIGNED, evidence="https://sign.example/abc")
    assert evidence_wanted(register(sign_offs=[link]), {}) == set()
    assert kinds(verdicts(register(sign_offs=[link]))[0]) == ["MISSING_EVIDENCE"]
    hashed = confirm(verdicts(register(sign_offs=[replace(link, sha256="AB" * 32)])), {})
    assert billable(hashed[0]).sha256 == "ab" * 32
    accepted = confirm(verdicts(register(sign_offs=[link]), rules=replace(RULES, links_accepted=True)), {})
    assert billable(accepted[0]).sha256 == ""
    local = replace(link, evidence="file:///etc/passwd")
    rules = replace(RULES, links_accepted=True)
    assert kinds(verdicts(register(sign_offs=[local]), rules=rules, missing=[local.evidence])[0]) == [
        "MISSING_EVIDENCE"
    ]


def test_only_evidence_that_can_matter_is_looked_for() -> None:
    """Ruling 18: billed, hand-invoiced and not billable rows need none, but what blocks a row does."""
    rows = [replace(ROW, id=f"D-{n}", row=n) for n in range(5)]
    rows[1] = replace(rows[1], billable="no")
    rows[2] = replace(rows[2], already_invoiced_as="77")
    rows[4] = replace(rows[4], blocked_by=("D-1",))
    signed = [replace(SIGNED, deliverable=row.id, evidence=f"{row.id}.pdf") for row in rows]
    assert evidence_wanted(register(rows, signed), bill(rows[3])) == {"D-0.pdf", "D-1.pdf", "D-4.pdf"}


def test_evidence_that_nobody_looked_for_is_missing() -> None:
    """Fails closed: what is not known is not there."""
    assert kinds(examine(register(), {}, {}, RULES)[0]) == ["MISSING_EVIDENCE"]


def test_a_row_of_no_contract_at_all_is_held_without_a_crash() -> None:
    """R64: one broken row stops nothing else."""
    broken = Deliverable("D-9", "", 30)
    answers = verdicts(register([broken, ROW], [SIGNED]))
    assert len(held(answers[0]).reasons) >= 8
    billable(answers[1])


def test_an_empty_register_has_no_verdicts() -> None:
    """The least register."""
    assert verdicts(Register({}, ())) == ()


def test_rows_stand_on_the_version_that_they_name_and_the_cap_is_of_the_newest_in_force() -> None:
    """R26, ruling 39: an amendment keeps old deliverables on the old version."""
    second = replace(CONTRACT, version=2, row=3, value=usd(120_000), terms="Net 15")
    later = replace(CONTRACT, version=3, row=4, value=usd(150_000), signed_on=date(2026, 12, 1))
    versions: list[Contract] = [CONTRACT, second, later]
    old = billable(verdicts(register(contracts=versions))[0])
    assert (old.contract.version, old.cap) == (1, usd(120_000))
    new = billable(verdicts(register([replace(ROW, contract_version=None)], contracts=versions))[0])
    assert (new.contract.version, new.cap) == (2, usd(120_000))
