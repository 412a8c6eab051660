"""Amounts to the cent, and the cap that billing never passes."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from gate_rows import CONTRACT, ROW, SIGNED, bill, billable, held, kinds, register, usd, verdicts
from hypothesis import given, settings
from hypothesis import strategies as st

from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.gate import Billable, Billed, Held, Reason, Verdict, keep_cap
from qbo_milestones.pipeline.register import Contract, Deliverable, Register


def share(n: int, percent: str | None = None, amount: int | str | None = None, **fields: Any) -> Deliverable:
    """A row of the schedule."""
    return replace(
        ROW,
        id=f"D-{n}",
        row=n + 1,
        percent=Decimal(percent) if percent else None,
        amount=usd(amount) if amount is not None else None,
        **fields,
    )


def worth(value: str | int, **fields: Any) -> Contract:
    return replace(CONTRACT, value=usd(value), **fields)


def amounts(answers: Sequence[Verdict]) -> list[str]:
    return [str(each.amount.amount) if each.amount else "-" for each in answers]


def test_the_public_forum_case_comes_out_to_the_cent() -> None:
    """accounting.md 4.1: 1,075.50 at 17/50/33 is 182.84, 537.75, 354.91: largest remainder, ties by schedule order."""
    rows = [share(1, "17"), share(2, "50"), share(3, "33")]
    assert amounts(verdicts(register(rows, contracts=[worth("1075.50")]))) == ["182.84", "537.75", "354.91"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([share(1, "50"), share(2, "50")], []),
        ([share(1, "50"), share(2, "49.99")], ["PERCENT_NOT_100"]),
        ([share(1, "50"), share(2, "50.000000000001")], ["PERCENT_NOT_100"]),
        ([share(1, "60"), share(2, "60")], ["PERCENT_NOT_100"]),
        ([share(1, "40"), share(2, amount=60_000)], []),
        ([share(1, "40"), share(2, amount=59_999)], ["PERCENT_NOT_100"]),
        ([share(1, "100"), share(2, "50", billable="no")], []),
        ([share(1, "50"), share(2, "50", type="task")], ["PERCENT_NOT_100"]),
        ([share(1, "50"), share(2, "50", contract_version=None)], []),
        ([share(1, amount=1), share(2, amount=2)], []),
        ([share(1, "100"), share(2, "0.0")], []),
        ([share(1, "70"), share(2, amount=-1), share(3, amount=30_001)], ["PERCENT_NOT_100"]),
    ],
)
def test_a_schedule_adds_up_or_is_refused(rows: list[Deliverable], expected: list[str]) -> None:
    """R41, ruling 19: all percentages total 100; mixed ones make the contract value."""
    assert kinds(verdicts(register(rows))[0]) == expected


def test_a_refused_schedule_holds_the_fixed_rows_of_the_contract_too() -> None:
    """Ruling 19: nobody knows which of the rows is wrong."""
    rows = [share(1, "40"), share(2, amount=1)]
    assert [kinds(each) for each in verdicts(register(rows))] == [["PERCENT_NOT_100"]] * 2


@pytest.mark.parametrize("percent", ["0", "-5", "101", "NaN", "Infinity", "0.0000000000001"])
def test_a_percentage_that_is_none_is_a_bad_amount(percent: str) -> None:
    """accounting.md 4.1: exact, or refused."""
    assert "BAD_AMOUNT" in kinds(verdicts(register([share(1, percent), share(2, "100")]))[0])


def test_a_share_below_the_smallest_coin_is_held() -> None:
    """Nothing is invoiced at 0.00."""
    rows = [share(1, "99.9999"), share(2, "0.0001")]
    assert [kinds(each) for each in verdicts(register(rows, contracts=[worth(1)]))] == [[], ["BAD_AMOUNT"]]


def test_what_is_posted_keeps_its_amount_and_the_rest_is_shared() -> None:
    """Ruling 19: 1/3 was posted with a cent more; the open ones share what is left by their weights."""
    rows = [share(1, "50"), share(2, "25"), share(3, "25")]
    answers = verdicts(register(rows, contracts=[worth(100)]), bill(rows[0], usd("50.01")))
    assert kinds(answers[0]) == ["ALREADY_BILLED"]
    assert amounts(answers)[1:] == ["25.00", "24.99"]


def test_after_an_amendment_the_difference_goes_to_the_open_rows() -> None:
    """accounting.md 4.1, 4.2: posted amounts stay, whatever version they were posted under."""
    rows = [share(1, "50"), share(2, "30"), share(3, "20")]
    versions = [
        worth(1000),
        worth(2000, version=2, row=3, effective_from=date(2026, 10, 1), signed_on=date(2026, 10, 1)),
    ]
    answers = verdicts(register(rows, contracts=versions), bill(rows[0], usd(500)))
    assert amounts(answers)[1:] == ["900.00", "600.00"]
    assert all(isinstance(each, Billable) for each in answers[1:])


def test_an_amendment_does_not_reprice_accepted_percentages() -> None:
    """R26, CR_TOUCHES_ACCEPTED: accepted on 28 October, and the value rose in November."""
    versions = [
        worth(1000),
        worth(2000, version=2, row=3, effective_from=date(2026, 11, 1), signed_on=date(2026, 11, 1)),
    ]
    answer = held(verdicts(register([share(1, "100")], contracts=versions))[0])
    assert [(why.kind, str(why.place)) for why in answer.reasons] == [
        ("CR_TOUCHES_ACCEPTED", "Contracts row 3, column Contract value")
    ]


def test_a_posted_row_that_left_the_register_still_takes_its_share() -> None:
    """Ruling 1: what is in the books counts, row or no row."""
    gone = Billed("d-9", 1, usd(400), "sow-1", "", "Invoice D-9-A")
    answers = verdicts(register([share(1, "100")], contracts=[worth(1000)]), {"d-9": gone})
    assert amounts(answers) == ["600.00"]


def test_nothing_left_to_share_is_the_caps_matter() -> None:
    """R41."""
    rows = [share(1, "50"), share(2, "50")]
    answers = verdicts(register(rows, contracts=[worth(1000)]), bill(rows[0], usd(1000)))
    assert kinds(answers[1]) == ["OVERBILL_CAP"]


def test_a_percentage_without_a_contract_in_force_has_no_amount() -> None:
    """Ruling 39: there is no value to take it of."""
    answer = verdicts(register([share(1, "100")], contracts=[worth(100, signed_on=date(2027, 1, 1))]))[0]
    assert (kinds(answer), answer.amount) == (["CONTRACT_NOT_IN_FORCE", "MISSING_AMOUNT"], None)


@settings(deadline=None)
@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=30), st.integers(1, 10**12), st.data())
def test_shares_add_up_to_the_contract_value(weights: list[int], cents: int, data: st.DataObject) -> None:
    """R41, always-hold 4: whatever the weights, and however many are posted already at other amounts."""
    total = sum(weights)
    exact = [Decimal(w * 10**12 // total).scaleb(-10) for w in weights]
    exact[0] += 100 - sum(exact)
    rows = [replace(share(n), percent=percent) for n, percent in enumerate(exact)]
    billed: dict[str, Billed] = {}
    for row in rows[: data.draw(st.integers(0, len(rows) - 1))]:
        billed |= bill(row, Money(Decimal(data.draw(st.integers(1, max(1, cents // len(rows))))).scaleb(-2), "USD"))
    answers = verdicts(register(rows, contracts=[worth(str(Decimal(cents).scaleb(-2)))]), billed)
    sums = sum(each.amount.minor for each in billed.values())
    open_shares = [each.amount.minor for each in answers if each.deliverable.key not in billed and each.amount]
    assert sums + sum(open_shares) == cents or (cents <= sums and not open_shares)


def signed_on(row: Deliverable, day: int) -> Any:
    return replace(SIGNED, deliverable=row.id, row=row.row, signed_on=date(2026, 10, day))


def capped(given: Register, billed: dict[str, Billed] | None = None) -> tuple[Verdict, ...]:
    return keep_cap(verdicts(given, billed), given, billed or {})


def test_the_worked_example_of_the_cap() -> None:
    """accounting.md 4.2: 100,000 of 108,000 stand, 9,000 more is refused, 8,000 fits."""
    gone = {"d-0": Billed("d-0", 1, usd(100_000), "SOW-1", "", "Invoice D-0-A")}
    given = register([share(1, amount=9000)], contracts=[worth(108_000)])
    answer = held(capped(given, gone)[0])
    assert [why.kind for why in answer.reasons] == ["OVERBILL_CAP"]
    assert "8,000.00 USD is left" in answer.reasons[0].sentence
    billable(capped(register([share(1, amount=8000)], contracts=[worth(108_000)]), gone)[0])


def test_at_the_cap_rows_go_by_accepted_date_then_id_and_a_later_one_that_fits_passes() -> None:
    """Ruling 39."""
    rows = [share(1, amount=40), share(2, amount=50), share(3, amount=60), share(4, amount=10)]
    signed = [signed_on(row, day) for row, day in zip(rows, (9, 5, 7, 9), strict=True)]
    answers = capped(register(rows, signed, [worth(100)]))
    assert [kinds(each) for each in answers] == [[], [], ["OVERBILL_CAP"], []]
    tied = [signed_on(row, 9) for row in rows]
    assert [kinds(each) for each in capped(register(rows, tied, [worth(100)]))] == [[], [], ["OVERBILL_CAP"], []][:4]


def test_an_amendment_that_is_not_signed_yet_gives_no_headroom() -> None:
    """accounting.md 4.2; ruling 39."""
    later = worth(500, version=2, row=3, signed_on=date(2026, 11, 24))
    rows = [share(1, amount=150)]
    assert kinds(capped(register(rows, contracts=[worth(100), later]))[0]) == ["OVERBILL_CAP"]
    in_time = replace(later, signed_on=date(2026, 11, 23))
    assert kinds(capped(register(rows, contracts=[worth(100), in_time]))[0]) == []
    lowered = replace(in_time, value=usd(120))
    assert kinds(capped(register(rows, contracts=[worth(200), lowered]))[0]) == ["OVERBILL_CAP"]


def test_what_was_invoiced_by_hand_takes_from_the_cap() -> None:
    """Always-hold 4: cumulative billing never passes the contract value."""
    rows = [share(1, amount=60, already_invoiced_as="1044"), share(2, amount=50)]
    assert kinds(capped(register(rows, contracts=[worth(100)]))[1]) == ["OVERBILL_CAP"]


def test_what_is_held_by_a_persons_invoice_takes_from_the_cap() -> None:
    """Always 4: that invoice may stand for it, and asks the client for money."""
    rows = [share(1, amount=60), share(2, amount=50)]
    given = register(rows, contracts=[worth(100)])
    first, second = verdicts(given)
    by_hand = Held(first.deliverable, (Reason("INVOICED_BY_HAND", "Invoice 88"),), first.amount)
    assert kinds(keep_cap((by_hand, second), given, {})[1]) == ["OVERBILL_CAP"]


def test_a_document_that_names_no_contract_counts_for_that_of_its_row() -> None:
    """Ruling 2: found in the books by its stamp alone."""
    rows = [share(1, amount=60), share(2, amount=50)]
    billed = {"d-1": replace(bill(rows[0])["d-1"], contract="")}
    assert kinds(capped(register(rows, contracts=[worth(100)]), billed)[1]) == ["OVERBILL_CAP"]


def test_currencies_that_differ_cannot_be_set_against_each_other() -> None:
    """R41: fails closed."""
    gone = {"d-0": Billed("d-0", 1, Money(Decimal(1), "EUR"), "SOW-1", "", "Invoice D-0-A")}
    answer = held(capped(register([share(1, amount=10)]), gone)[0])
    assert [why.kind for why in answer.reasons] == ["OVERBILL_CAP"]
    rows = [share(1, "100")]
    assert kinds(verdicts(register(rows), gone)[0]) == ["PERCENT_NOT_100"]


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_cap_is_never_passed(dice: random.Random) -> None:
    """R41, always-hold 4: in random registers; and what is held for the cap alone would really pass it."""
    contracts = [worth(dice.randrange(1, 2000), reference=f"SOW-{n}", row=n + 2) for n in range(3)]
    rows = [
        share(n, amount=dice.randrange(1, 900), contract=f"SOW-{dice.randrange(3)}")
        for n in range(dice.randrange(1, 20))
    ]
    billed = {key: each for row in rows if dice.random() < 0.3 for key, each in bill(row).items()}
    given = register(rows, [signed_on(row, dice.randrange(1, 28)) for row in rows], contracts)
    before = {each.contract: 0 for each in rows} | {c.reference: 0 for c in contracts}
    for each in billed.values():
        before[each.contract] += each.amount.minor
    totals = defaultdict(int, before)
    answers = capped(given, billed)
    for answer in answers:
        if isinstance(answer, Billable):
            totals[answer.contract.reference] += answer.amount.minor
    for contract in contracts:
        assert contract.value is not None
        assert totals[contract.reference] <= max(contract.value.minor, before[contract.reference])
    for answer in answers:
        if isinstance(answer, Held) and kinds(answer) == ["OVERBILL_CAP"]:
            cap = next(c.value for c in contracts if c.reference == answer.deliverable.contract)
            assert cap is not None
            assert answer.amount is not None
            assert totals[answer.deliverable.contract] + answer.amount.minor > cap.minor


@pytest.mark.parametrize(("amount", "expected"), [("100.00", []), ("100.01", ["OVERBILL_CAP"])])
def test_the_cap_is_exact_to_the_cent(amount: str, expected: list[str]) -> None:
    """R41: all of it may be billed, and not a cent more."""
    assert kinds(capped(register([share(1, amount=amount)], contracts=[worth(100)]))[0]) == expected
