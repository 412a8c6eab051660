"""The owner's connection from the first yes to the end, against the simulator (ruling 27; reliability.md 1.8)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from qbo_milestones.config import Settings
from qbo_milestones.connecting import connection_to
from qbo_milestones.errors import NotConnected
from qbo_milestones.wiring import keep_alive

from .simulated import Simulated


class Moved:
    """The machine's clock, some days on."""

    def __init__(self, days: float) -> None:
        self._days = days

    def now(self) -> datetime:
        """See ports.Clock."""
        return datetime.now(UTC) + timedelta(days=self._days)

    def monotonic(self) -> float:
        """See ports.Clock."""
        return self.now().timestamp()

    def sleep(self, seconds: float) -> None:
        """See ports.Clock."""
        raise AssertionError(f"nobody sleeps here, {seconds} s")


@pytest.fixture
def simulated(base: str) -> Simulated:
    """A company, and people who work in it."""
    made = Simulated(base)
    made.side("POST", "clock", {"frozen": False, "now": datetime.now(UTC).isoformat()})
    made.close()
    return made


def settings_at(base: str, folder: Path, **more: object) -> Settings:
    """The settings of a simulated company; its key lies in a file."""
    quickbooks = {"simulator_port": urlsplit(base).port, **more}
    return Settings.model_validate({"folder": folder, "key": {"source": "file"}, "quickbooks": quickbooks})


@pytest.fixture
def settings(base: str, simulated: Simulated, tmp_path: Path) -> Settings:  # noqa: ARG001 - the company must be there
    """The settings of a company that nobody has connected."""
    return settings_at(base, tmp_path)


def connected(settings: Settings) -> None:
    """The simulated owner says yes."""
    with connection_to(settings) as connecting:
        connecting.finish(connecting.approve_as_simulated_owner())


def refreshes(base: str) -> int:
    """How often new tokens were asked for, sign-ins among them."""
    every = requests.get(f"{base}/_sim/requests", timeout=10).json()["requests"]
    return sum(each["path"].endswith("/tokens/bearer") for each in every)


def test_an_idle_company_is_kept_alive(base: str, settings: Settings) -> None:
    """reliability.md 1.8.5: a refresh every 30 days; before that nothing is asked."""
    connected(settings)
    before = refreshes(base)
    assert not keep_alive(settings)
    assert not keep_alive(settings, Moved(29))
    assert refreshes(base) == before
    assert keep_alive(settings, Moved(31))
    assert not keep_alive(settings, Moved(60))
    assert keep_alive(settings, Moved(62))
    assert refreshes(base) == before + 2


def test_nobody_can_keep_alive_what_was_never_connected_or_has_ended(settings: Settings, simulated: Simulated) -> None:
    """A worker hears of it each time, and Intuit once."""
    with pytest.raises(NotConnected, match="not connected"):
        keep_alive(settings)
    connected(settings)
    requests.post(f"{simulated.base}/_sim/revoke", json={"realm": simulated.realm}, timeout=10)
    before = refreshes(simulated.base)
    for _ in range(3):
        with pytest.raises(NotConnected, match="no longer accepts"):
            keep_alive(settings, Moved(31))
    assert refreshes(simulated.base) == before + 1
