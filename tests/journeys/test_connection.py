"""The owner's connection from the first yes to the end, against the simulator (ruling 27; reliability.md 1.8)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from qbo_milestones.config import Settings
from qbo_milestones.connecting import Connected, connection_to, disconnect
from qbo_milestones.errors import BadSettings, NotConnected, Unavailable
from qbo_milestones.keys import link_of
from qbo_milestones.run.standing import Ending, Link
from qbo_milestones.wiring import keep_alive, stored

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


def connected(settings: Settings, by: str = "Robin") -> Connected:
    """The simulated owner says yes."""
    with connection_to(settings) as connecting:
        return connecting.finish(connecting.approve_as_simulated_owner(), by)


def refreshes(base: str) -> int:
    """How often new tokens were asked for, sign-ins among them."""
    every = requests.get(f"{base}/_sim/requests", timeout=10).json()["requests"]
    return sum(each["path"].endswith("/tokens/bearer") for each in every)


def answer_of(page: str, realm: str = "") -> str:
    """Where Intuit's page ends after a yes, for the default company or another."""
    wanted = f"&sim_realm={realm}" if realm else ""
    return requests.get(f"{page}&sim_approve=1{wanted}", allow_redirects=False, timeout=10).headers["Location"]


def story(settings: Settings) -> Link:
    """The connection as `status` tells it."""
    with stored(settings) as store:
        return link_of(settings, store, datetime.now(UTC))


def is_stored(settings: Settings) -> bool:
    """Whether there are tokens."""
    try:
        return story(settings).problem == ""
    except NotConnected:
        return False


def revocations(simulated: Simulated) -> list[int]:
    """What Intuit answered to each permission that was given back."""
    every = requests.get(f"{simulated.base}/_sim/requests", timeout=10).json()["requests"]
    return [each["status"] for each in every if each["path"].endswith("/tokens/revoke")]


def test_nothing_is_kept_before_the_owner_has_seen_the_company_and_said_yes(settings: Settings) -> None:
    """Ruling 27; issue 4: it shows the company's name, asks to confirm, stores the grant."""
    with connection_to(settings) as connecting:
        arrival = connecting.arrive(connecting.approve_as_simulated_owner())
        assert (arrival.title, arrival.again) == ("Northlight Studio", False)
        assert not is_stored(settings)
        made = connecting.confirm("Grace Iwu")
    assert (made.title, made.realm) == (arrival.title, arrival.realm)
    link = story(settings)
    assert (link.problem, link.title, link.connected_by) == ("", "Northlight Studio", "Grace Iwu")
    assert link.idle_end is not None
    assert link.hard_end is not None
    assert link.warnings == ()


def test_an_end_that_is_near_is_told(settings: Settings) -> None:
    """Issue 4: both expiries with warnings ahead, from what Intuit said of them."""
    connected(settings)
    with stored(settings) as store:
        told = {days: link_of(settings, store, Moved(days).now()).warnings for days in (60, 75, 5 * 365 - 20)}
    assert [(one.ending, one.within) for one in told[60]] == []
    assert [(one.ending, one.within) for one in told[75]] == [(Ending.UNUSED, 30)]
    assert [(one.ending, one.within) for one in told[5 * 365 - 20]] == [(Ending.UNUSED, 3), (Ending.FIVE_YEARS, 30)]


@pytest.mark.parametrize(("how", "revoked"), [("no", [200]), ("left", [])])
def test_only_a_no_is_given_back(settings: Settings, simulated: Simulated, how: str, revoked: list[int]) -> None:
    """A no ends the permission at Intuit; a page that was left, perhaps of another worker's company, ends nothing.

    Nothing is stored, and a yes later is possible.
    """
    with connection_to(settings) as connecting:
        connecting.arrive(connecting.approve_as_simulated_owner())
        if how == "no":
            connecting.decline()
            with pytest.raises(NotConnected, match="Nothing waits"):
                connecting.confirm("Robin")
    assert revocations(simulated) == revoked
    assert not is_stored(settings)
    assert connected(settings).title == "Northlight Studio"


def test_another_company_than_the_configured_one_is_refused_and_its_connection_stands(
    settings: Settings, simulated: Simulated
) -> None:
    """Issue 4: a different company is refused; both the configured realm and the one connected first count.

    It may be another worker's living company, in a database that this one does not see: nothing of it is revoked.
    """
    connected(settings)
    simulated_77 = {"realm": "77", "name": "Second & Sons"}
    requests.post(f"{simulated.base}/_sim/companies", json=simulated_77, timeout=10)
    with connection_to(settings) as connecting:
        with pytest.raises(BadSettings, match=r"chose company 77.* was not revoked"):
            connecting.arrive(answer_of(connecting.page, "77"))
        assert connecting.finish(answer_of(connecting.page), "Robin").again
    assert revocations(simulated) == []


def test_a_no_to_a_company_that_is_connected_leaves_its_connection_alone(
    settings: Settings, simulated: Simulated
) -> None:
    """Intuit may end all that the app has with a company, and the nightly run would stand still."""
    connected(settings)
    with connection_to(settings) as connecting:
        assert connecting.arrive(connecting.approve_as_simulated_owner()).again
        connecting.decline()
    assert revocations(simulated) == []
    assert is_stored(settings)


def test_the_page_is_opened_twice(settings: Settings, simulated: Simulated) -> None:
    """reliability.md 1.8.4: an authorisation code is single use: a second call would poison the connection."""
    before = refreshes(simulated.base)
    with connection_to(settings) as connecting, ThreadPoolExecutor(4) as pool:
        address = connecting.approve_as_simulated_owner()
        arrivals = set(pool.map(connecting.arrive, [address] * 8))
        assert len(arrivals) == 1
        connecting.confirm("Robin")
        with pytest.raises(NotConnected):
            connecting.arrive(address)
    assert refreshes(simulated.base) == before + 1
    assert is_stored(settings)


def test_a_wrong_address_can_be_pasted_again_and_a_no_needs_a_new_page(settings: Settings) -> None:
    """Whoever copies badly tries again; whoever said no begins again; a stranger's address changes nothing."""
    with connection_to(settings) as connecting:
        page = connecting.page
        good = answer_of(page)
        for wrong in (
            "",
            "https://app.qbo.intuit.com/",
            good.replace("state=", "state=x"),
            good.replace("code=", "c="),
        ):
            with pytest.raises(NotConnected):
                connecting.arrive(wrong)
            assert connecting.page == page
        state = parse_qs(urlsplit(page).query)["state"][0]
        with pytest.raises(NotConnected, match="declined"):
            connecting.arrive(f"http://localhost:8765/callback?error=access_denied&state={state}")
        assert connecting.page != page
        with pytest.raises(NotConnected, match="begun here"):
            connecting.arrive(good)
        assert connecting.finish(answer_of(connecting.page), "Robin").title == "Northlight Studio"


def test_a_company_is_disconnected_and_connected_again(settings: Settings, simulated: Simulated) -> None:
    """Issue 4: disconnect revokes; reconnect keeps everything; both may be said twice."""
    connected(settings)
    first = story(settings).connected_at
    assert "given back" in disconnect(settings, "Grace Iwu")
    assert revocations(simulated) == [200]
    assert "run `qbo-milestones connect" in story(settings).problem
    assert disconnect(settings, "Grace Iwu") == "It was not connected."
    with pytest.raises(NotConnected, match="qbo-milestones connect"):
        keep_alive(settings, Moved(40))
    again = connected(settings, "Theo Lind")
    assert again.again
    link = story(settings)
    assert (link.problem, link.connected_by) == ("", "Theo Lind")
    assert link.connected_at is not None
    assert first is not None
    assert link.connected_at > first


def test_a_connection_stands_while_intuit_cannot_be_told_of_its_end(settings: Settings, simulated: Simulated) -> None:
    """A permission that nobody holds any more must not stand open at Intuit."""
    connected(settings)
    simulated.side("POST", "faults", {"kind": "refuse_before", "entity": "oauth", "path": "revoke", "times": 1})
    with pytest.raises(Unavailable, match="try again"):
        disconnect(settings, "Robin")
    assert is_stored(settings)
    assert "given back" in disconnect(settings, "Robin")


def test_a_lost_key_is_no_prison(settings: Settings) -> None:
    """Tokens that nobody can read are removed, with what the owner must do by hand; connecting makes a new key."""
    connected(settings)
    settings.path(settings.key.file).unlink()
    assert "key file" in story(settings).problem
    assert "in QuickBooks too" in disconnect(settings, "Robin")
    assert connected(settings).again
    assert is_stored(settings)


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
