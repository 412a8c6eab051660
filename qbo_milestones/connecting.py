"""Connecting: the authorisation-code flow from the page to the stored tokens (ruling 27; quickbooks-online.md 1)."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date

import requests
from sqlalchemy import Engine

from qbo_milestones.adapters.quickbooks.grant import keep_connection
from qbo_milestones.adapters.quickbooks.login import Login
from qbo_milestones.adapters.store.store import DatabaseStore, realm_of
from qbo_milestones.config import Settings
from qbo_milestones.errors import BadSettings, NotConnected
from qbo_milestones.keys import make_key, sealed_tokens
from qbo_milestones.wiring import SystemClock, company_name, database, served, sign_in


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection just made; it ends on `ends_on` unless it is used before."""

    company_name: str
    realm: str
    ends_on: date


class Connecting:
    """One attempt to connect. `page` is where the owner says yes."""

    def __init__(self, settings: Settings, login: Login, address: str, engine: Engine) -> None:
        self._settings, self._login, self._address, self._engine = settings, login, address, engine
        self.page, self._state = login.authorization_url()

    def approve_as_simulated_owner(self) -> str:
        """The final address, after the simulator's owner said yes; there is no such thing with Intuit."""
        if self._settings.real:
            raise AssertionError("a real owner says yes in person")
        answer = requests.get(f"{self.page}&sim_approve=1", allow_redirects=False, timeout=10)
        if "Location" not in answer.headers:
            raise NotConnected(f"The simulator did not lead back: HTTP {answer.status_code}")
        return answer.headers["Location"]

    def finish(self, final_address: str) -> Connected:
        """Exchange the code and keep the tokens. A company other than the configured one is refused."""
        tokens = self._login.exchange(final_address, self._state)
        wanted = self._settings.quickbooks.realm or realm_of(self._engine, self._settings.company)
        if wanted and wanted != tokens.realm:
            raise BadSettings(
                f"The owner chose company {tokens.realm}, but {self._settings.company} is company {wanted}. "
                "Connect again and choose that one, or give the other company settings of its own."
            )
        store = DatabaseStore(self._engine, tokens.realm, SystemClock())
        store.introduce(self._settings.company, self._settings.quickbooks.environment)
        kept = keep_connection(sealed_tokens(self._settings, store), tokens)
        name = company_name(self._settings, store, self._address)
        return Connected(name, tokens.realm, kept.refresh_expires_at.astimezone(self._settings.zone).date())


@contextmanager
def connection_to(settings: Settings) -> Iterator[Connecting]:
    """An attempt to connect to the company of the settings; the simulator is started for as long if it is that."""
    with ExitStack() as stack:
        # First: a code is good once, so nothing of ours may fail after it was exchanged.
        make_key(settings)
        engine = stack.enter_context(database(settings))
        address = stack.enter_context(served(settings))
        yield Connecting(settings, sign_in(settings, address, SystemClock()), address, engine)
