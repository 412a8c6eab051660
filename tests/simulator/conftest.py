"""One simulator per test process; every test starts from a fresh company with the throttles off."""

from collections.abc import Iterator

import pytest
import requests
from simulator_person import Person

from qbo_milestones.simulator.server import running


@pytest.fixture(scope="session")
def base() -> Iterator[str]:
    """The address of a running simulator."""
    with running() as url:
        yield url


@pytest.fixture
def person(base: str) -> Iterator[Person]:
    """Someone at the fresh company, at noon of a frozen day."""
    requests.post(f"{base}/_sim/reset", timeout=10).close()
    found = Person(base)
    found.side("POST", "clock", {"frozen": True, "now": "2026-10-15T12:00:00-04:00"})
    found.side("POST", "settings", {"throttle": False})
    found = Person(base)
    with found.http:
        yield found
