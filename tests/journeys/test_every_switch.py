"""Exactly once under every switch of the simulated company: where the sources are unsure, both answers must do.

The cases are made from the switches themselves: one that is new without a value here fails (issue 4; reliability.md 6).
"""

from dataclasses import fields
from typing import Any

import pytest

from qbo_milestones.model.exit_code import DONE
from qbo_milestones.simulator.settings import CHOICES, Settings

from .agency import Agency
from .conftest import MakeAgency, two_rows
from .simulated import HARDEST, Doc, cents

DEFAULTS = {field.name: field.default for field in fields(Settings)}
# For switches that are numbers: the values to try. Where a limit is one of speed, the throttle must be on.
NUMBERS: dict[str, tuple[int, ...]] = {
    "limit_realm_minute": (7,),
    "limit_app_second": (1,),
    "limit_batch_realm_minute": (1,),
    "limit_batch_app_minute": (1,),
    "limit_concurrent": (1,),
    "limit_mails_day": (1,),
    "coreplus_limit": (1_000,),
    "retry_after_s": (7,),
    "custom_field_length": (1,),
    "payment_ref_length": (1,),
    "requestid_window_s": (0, 60, 900),
    "access_life_s": (60, 400),
    "refresh_grace_s": (3_600,),
    "code_life_s": (60,),
    "batch_limit": (1,),
    "upload_limit": (1,),
    "mischief_seed": (7,),
    "webhook_window_s": (5,),
}
# What a posting or a connection never meets: tried too, but in one company that has all switches turned at once.
BESIDE = (
    *("webhook_", "report", "attach", "upload_", "empty_upload", "batch_", "limit_batch_", "limit_mails", "ipn_"),
    *("openid_", "retainage", "renamed_", "inactive_parent", "url_", "invoiced_estimate", "payment_ref", "negative_"),
    *("send_without", "duplicate_name", "job_names", "bundle_", "cdc_time", "ended_", "closed_company", "content_type"),
    *("item_asset", "sparse_", "mischief", "custom_field_length", "form_", "projection_", "parser_", "code_life"),
)


def values_of(name: str) -> tuple[Any, ...]:
    """Every value of a switch but its default."""
    default = DEFAULTS[name]
    if name in CHOICES:
        return tuple(value for value in CHOICES[name] if value != default)
    if isinstance(default, bool):
        return (not default,)
    return NUMBERS.get(name, ())


CASES: dict[str, Doc] = {
    f"{name}={value}": {**({"throttle": True} if name.startswith(("limit_", "retry_")) else {}), name: value}
    for name in DEFAULTS
    for value in values_of(name)
    if not name.startswith(BESIDE)
}
# All first alternatives at once, and the company that catches no repetition.
CASES["all at once"] = {name: values_of(name)[0] for name in DEFAULTS if name != "limit_concurrent"}
CASES["hardest"] = HARDEST


def test_every_switch_has_a_case() -> None:
    """A switch that is new is tried too; one that went is no longer named here."""
    assert set(NUMBERS) == {name for name in DEFAULTS if name not in CHOICES and not isinstance(DEFAULTS[name], bool)}
    assert set(DEFAULTS) == {name.partition("=")[0] for name in CASES if "=" in name} | {
        name for name in CASES["all at once"] if name.startswith(BESIDE)
    }
    assert all(any(name.startswith(beside) for name in DEFAULTS) for beside in BESIDE)


@pytest.mark.parametrize("case", CASES)
def test_two_nights_under_this_switch(make_agency: MakeAgency, case: str) -> None:
    """A quiet night, a second run without a write (I10), and a night on which every first answer is lost."""
    agency = two_rows(make_agency(CASES[case]))
    assert agency.run().tally.posted == 4
    writes_nothing(agency)
    agency.tomorrow()
    agency.papers.accept("D-104", "310.00")
    agency.papers.accept("D-105", "99.99")
    for entity in ("journalentry", "invoice"):
        agency.simulated.spoil("lost_answer", method="POST", entity=entity, times=2)
    agency.run()
    agency.settled()
    writes_nothing(agency)
    assert amounts(agency) == {"D-101-A": 120_000, "D-102-A": 80_050, "D-104-A": 31_000, "D-105-A": 9_999}
    assert agency.simulated.numbers() == sorted(f"D-{n}-A{kind}" for n in (101, 102, 104, 105) for kind in ("", "J"))


def writes_nothing(agency: Agency) -> None:
    """Nothing is left to do: no write, no flag, and the books are proved (I10; P, I2, I6, I7)."""
    agency.simulated.forget_requests()
    assert (agency.run().exit_code, agency.simulated.writes(), agency.flags()) == (DONE, [], [])
    agency.simulated.prove()


def amounts(agency: Agency) -> dict[str, int]:
    """What each invoice bills, in cents."""
    return {str(row["DocNumber"]): cents(row["TotalAmt"]) for row in agency.simulated.ours()[0]}
