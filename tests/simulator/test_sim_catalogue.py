"""The whole error catalogue: each code provoked by a request, with everything that comes back."""

import pytest
from catalogue_of_doors import ROWS as DOORS
from catalogue_of_rules import ROWS as RULES
from catalogue_of_values import ROWS as VALUES
from catalogue_rows import Row, faults_of, fits
from simulator_person import Person

from qbo_milestones.simulator.catalogue import MESSAGES, RULE_ONLY
from qbo_milestones.simulator.gateway import envelopes

ROWS = [*VALUES, *RULES, *DOORS]
GATEWAY = {fault.code for fault in vars(envelopes).values() if isinstance(fault, envelopes.GatewayFault)}
PAGE = """
100 110 120 130 140 150 500 600 610 620 630 700 800 900 1000 1010 1020 1040 1050 2000 2010 2020 2030 2040 2050 2060 2070
2080 2090 2100 2110 2120 2130 2140 2150 2160 2170 2180 2190 2200 2210 2220 2230 2240 2250 2260 2270 2280 2290 2300 2500
2600 3000 3001 3100 3200 3201 3202 4000 4001 4002 5000 5010 5020 5030 6000 6010 6020 6030 6040 6041 6050 6060 6070 6080
6090 6100 6110 6120 6130 6140 6150 6160 6170 6180 6190 6200 6210 6220 6230 6240 6250 6270 6280 6290 6300 6310 6320 6330
6340 6350 6360 6370 6380 6390 6400 6420 6430 6440 6450 6460 6470 6480 6490 6500 6510 6520 6530 6540 10000 10100 10200
"""
"""Every code of quickbooks-online.md 1.7 and 2.7 and of Intuit's page of error codes."""


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.code}-{place}" for place, row in enumerate(ROWS)])
def test_a_request_provokes_the_code(person: Person, row: Row) -> None:
    """HTTP status, type, code, Message, Detail and element are the row's."""
    answer = row.act(person)
    seen = faults_of(answer)
    assert answer.status_code == row.status, answer.text
    assert any(fits(fault, row) for fault in seen), (row.expected, seen)


def test_every_code_has_a_row_and_no_row_a_code_of_its_own() -> None:
    """The catalogue, the gateway's codes, the page of error codes and the table name the same codes."""
    assert {row.code for row in ROWS} == set(MESSAGES) | GATEWAY == set(PAGE.split())


def test_only_what_no_request_can_cause_is_caused_by_a_rule() -> None:
    """A code is natural, or it is named as one that comes only through a fault rule."""
    assert {row.code for row in ROWS if not row.natural} == RULE_ONLY
    assert not {row.code for row in ROWS if row.natural} & RULE_ONLY
