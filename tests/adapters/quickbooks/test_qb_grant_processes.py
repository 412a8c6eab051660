"""reliability.md 1.8 with real processes, a real database and the simulator over TCP: each case of the refresh race."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Engine
from token_takers import ALIVE, ANSWERED, ANY, KEPT, KEY, MARKED, OVERTAKEN, RENEWED, fingerprint

from qbo_milestones.adapters.quickbooks.grant import keep_connection
from qbo_milestones.adapters.quickbooks.tokens import Stored, Tokens
from qbo_milestones.adapters.quickbooks.vault import Vault
from qbo_milestones.adapters.store.engine import open_engine
from qbo_milestones.adapters.store.migrate import migrate
from qbo_milestones.adapters.store.tokens import TokenRoom
from qbo_milestones.keys import SealedTokens
from qbo_milestones.simulator.server import running

DAY_S = 86_400
REFRESH = {"entity": "oauth", "statement": "grant_type=refresh_token"}
Met = list[dict[str, str]]


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """A running simulator."""
    with running() as address:
        yield address


class Race:
    """One connection whose access token has just ended, and processes that need one."""

    def __init__(self, base: str, engine: Engine, file: Path) -> None:
        self.base, self.file = base, file
        self.door("POST", "reset", {})
        self.door("DELETE", "faults", None)
        self.door("POST", "settings", {"refresh_rotation": "always", "refresh_grace_s": 0})
        self.realm = str(self.door("POST", "token", {})["realm"])
        self.sealed = SealedTokens(TokenRoom(engine, self.realm), Vault(KEY), self.realm)
        self.connect()

    def connect(self, *, since: timedelta = timedelta(hours=1)) -> None:
        """A person says yes; an hour passes. Longer ago, somebody has renewed the access token just now."""
        token = self.door("POST", "token", {"realm": self.realm, "client_id": "simulator-app"})
        now = datetime.now(UTC)
        later, ends = now + timedelta(days=100), now if since == timedelta(hours=1) else now + timedelta(hours=1)
        pair = Tokens(self.realm, token["access_token"], token["refresh_token"], ends, later, later, 0, now - since)
        keep_connection(self.sealed, pair)
        self.door("DELETE", "requests", None)

    def door(self, method: str, name: str, body: object) -> Any:
        """The simulator's side door."""
        answer = requests.request(method, f"{self.base}/_sim/{name}", json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def spoil(self, kind: str, times: int | None = 1) -> None:
        """What happens to the next questions for new tokens."""
        self.door("POST", "faults", {"kind": kind, "times": times, **REFRESH})

    def take(self, *crowds: list[str], threads: int = 1, wants: str = ANY) -> Met:
        """What the processes of each crowd met; the next crowd comes when the one before has gone."""
        job = {"database": str(self.file), "base": self.base, "realm": self.realm, "threads": threads, "crowds": crowds}
        job |= {"wants": wants, "refused": self.stored.tokens.access}
        command = [sys.executable, str(Path(__file__).with_name("token_takers.py"))]
        done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, timeout=90, check=False)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        met: Met = json.loads(done.stdout)
        return met

    @property
    def refreshes(self) -> int:
        """How often Intuit was asked for new tokens."""
        every = self.door("GET", "requests", None)["requests"]
        return sum(each["path"].endswith("/tokens/bearer") for each in every)

    @property
    def stored(self) -> Stored:
        """What stands in the database."""
        found = self.sealed.load()
        assert found is not None
        return found

    def opens_the_books(self, access: str) -> bool:
        """Whether an access token is good."""
        headers = {"Authorization": f"Bearer {access}", "Accept": "application/json"}
        url = f"{self.base}/v3/company/{self.realm}/companyinfo/{self.realm}"
        return requests.get(url, headers=headers, timeout=10).status_code == 200


@pytest.fixture
def race(base: str, tmp_path: Path) -> Iterator[Race]:
    """Rotation at every refresh, and no grace for the old token: the hardest reading of Intuit."""
    file = tmp_path / "private" / "store.db"
    file.parent.mkdir(mode=0o700)
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    yield Race(base, engine, file)
    engine.dispose()


def all_have_one_token(race: Race, met: Met) -> None:
    """Nobody is disconnected: one token, good and kept."""
    assert {entry.get("token") for entry in met} == {fingerprint(race.stored.tokens.access)}, met
    assert race.opens_the_books(race.stored.tokens.access)
    assert (race.stored.refreshing_since, race.stored.ended_at) == (None, None)


def all_must_reconnect(race: Race, met: Met) -> None:
    """Everybody is told the same, in words that help, and the database knows it."""
    assert {entry.get("failure") for entry in met} == {"NotConnected"}, met
    assert all("qbo-milestones connect" in entry["text"] for entry in met)
    assert race.stored.ended_at is not None


def test_eight_processes_refresh_once(race: Race) -> None:
    """Issue 4: 8 processes that need a token at once, with rotation: one refresh, nobody disconnected."""
    all_have_one_token(race, race.take([""] * 8))
    assert race.refreshes == 1


def test_threads_of_two_processes_refresh_once(race: Race) -> None:
    """reliability.md 1.8.1: a lock in the process, a lock across processes."""
    met = race.take(["", ""], threads=8)
    assert len(met) == 16
    all_have_one_token(race, met)
    assert race.refreshes == 1


def test_a_lost_answer_with_a_days_grace_disconnects_nobody(race: Race) -> None:
    """reliability.md 1.8.4: the old one once more; here Intuit lets it live a day."""
    race.door("POST", "settings", {"refresh_grace_s": DAY_S})
    race.spoil("lost_answer")
    all_have_one_token(race, race.take([""] * 8))
    assert race.refreshes == 2


def test_a_lost_answer_without_grace_is_said_honestly_and_never_loops(race: Race) -> None:
    """reliability.md 1.8.4: still bad: the company needs its owner, no process asks Intuit again."""
    race.spoil("lost_answer")
    all_must_reconnect(race, race.take([""] * 8, [""]))
    assert race.refreshes == 2
    race.connect()
    all_have_one_token(race, race.take([""] * 2))
    assert race.refreshes == 1


@pytest.mark.parametrize("kind", ["refuse_before", "status"])
def test_what_never_happened_is_asked_once_more(race: Race, kind: str) -> None:
    """An answer that breaks off, or a 500, may have had its effect or not; here it had none."""
    race.spoil(kind)
    all_have_one_token(race, race.take([""] * 4))
    assert race.refreshes == 2


def test_an_outage_ends_nothing(race: Race) -> None:
    """Every process asks at most twice, says that Intuit is away, and the connection stands when it is back."""
    race.spoil("refuse_before", times=None)
    met = race.take([""] * 4)
    assert {entry["failure"] for entry in met} == {"Unavailable"}
    assert race.refreshes == 5
    assert race.stored.refreshing_since is not None
    race.door("DELETE", "faults", None)
    all_have_one_token(race, race.take([""] * 2))


def test_wrong_keys_of_the_app_end_nothing(race: Race) -> None:
    """Intuit did not look at the token, so no refresh was begun."""
    race.door("POST", "faults", {"kind": "status", "status": 401, "body": "oauth", "code": "invalid_client", **REFRESH})
    met = race.take([""])
    assert met[0]["failure"] == "BadSettings"
    assert (race.stored.refreshing_since, race.stored.ended_at) == (None, None)
    all_have_one_token(race, race.take([""]))


def test_killed_before_it_asked(race: Race) -> None:
    """C7: the mark stands, the token was never sent: nobody is disconnected, even without grace."""
    met = race.take([MARKED])
    assert "killed" in met[0]
    assert race.stored.refreshing_since is not None
    assert race.refreshes == 0
    all_have_one_token(race, race.take([""] * 7))
    assert race.refreshes == 1


def test_killed_between_the_answer_and_its_keeping_with_grace(race: Race) -> None:
    """C7: the old token and the mark stand; the old one is tried once more."""
    race.door("POST", "settings", {"refresh_grace_s": DAY_S})
    met = race.take([ANSWERED], [""] * 7)
    assert "killed" in met[0]
    all_have_one_token(race, met[1:])
    assert race.refreshes == 2


def test_killed_between_the_answer_and_its_keeping_without_grace(race: Race) -> None:
    """C7: what Intuit gave is lost with the process: one more try, then the owner."""
    met = race.take([ANSWERED], [""] * 7, [""])
    assert "killed" in met[0]
    all_must_reconnect(race, met[1:])
    assert race.refreshes == 2


def test_killed_when_the_pair_was_kept(race: Race) -> None:
    """reliability.md 1.8.3: kept before any use; the next process goes on with it."""
    met = race.take([KEPT], [""] * 3)
    assert "killed" in met[0]
    all_have_one_token(race, met[1:])
    assert race.refreshes == 1


def test_the_holder_dies_while_others_wait(race: Race) -> None:
    """The kernel frees the lock at kill -9; who comes next finds the mark and tries once."""
    met = race.take([MARKED, *[""] * 7])
    assert sum("killed" in entry for entry in met) <= 1
    all_have_one_token(race, [entry for entry in met if "killed" not in entry])
    assert race.refreshes == 1


def test_the_owner_disconnects_at_intuit(race: Race) -> None:
    """One process hears it from Intuit, all others from the database."""
    race.door("POST", "revoke", {"realm": race.realm})
    all_must_reconnect(race, race.take([""] * 8, [""]))
    assert race.refreshes == 1


def test_the_token_before_is_tried_once_within_its_day(race: Race) -> None:
    """reliability.md 1.8.3: Intuit may never have learnt that we got the new one, so the one before is kept a day."""
    tokens = race.stored.tokens
    until = datetime.now(UTC) + timedelta(hours=20)
    lost = replace(tokens, refresh="nobody-knows-it", previous=tokens.refresh, previous_until=until)
    assert race.sealed.save(replace(lost, version=tokens.version + 1), tokens.version)
    all_have_one_token(race, race.take([""] * 8))
    assert race.refreshes == 2


def test_a_rotation_from_outside_the_lock_is_taken_over(race: Race) -> None:
    """reliability.md 1.8.4: invalid_grant is looked at once more, as one without our lock may have been faster."""
    all_have_one_token(race, race.take([OVERTAKEN], [""] * 7))
    assert race.refreshes == 2


def test_eight_processes_whose_token_is_refused_refresh_once(race: Race) -> None:
    """A 401 for all of them at one moment: whoever comes second takes what the first one got."""
    race.connect(since=timedelta(days=1))
    all_have_one_token(race, race.take([""] * 8, wants=RENEWED))
    assert race.refreshes == 1


@pytest.mark.parametrize(("days", "refreshes"), [(29, 0), (31, 1)])
def test_an_idle_connection_is_kept_alive_by_one_of_eight(race: Race, days: int, refreshes: int) -> None:
    """reliability.md 1.8.5: every 30 days, not on each call."""
    race.connect(since=timedelta(days=days))
    all_have_one_token(race, race.take([""] * 8, wants=ALIVE))
    assert race.refreshes == refreshes
