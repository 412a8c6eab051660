"""Connecting: the authorisation-code flow from the page to the stored tokens (ruling 27; quickbooks-online.md 1)."""

import getpass
import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date

import requests
from sqlalchemy import Engine

from qbo_milestones.adapters.quickbooks.grant import keep_connection
from qbo_milestones.adapters.quickbooks.login import Login, is_answer
from qbo_milestones.adapters.quickbooks.tokens import Tokens
from qbo_milestones.adapters.store.connections import keep_connected, keep_disconnected, realm_of, story_of
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.adapters.store.tokens import TokenRoom
from qbo_milestones.config import Settings
from qbo_milestones.errors import BadSettings, Doubtful, Failure, NotConnected, Unavailable
from qbo_milestones.keys import make_key, sealed_tokens
from qbo_milestones.model.audit import AuditHead
from qbo_milestones.ports import Clock
from qbo_milestones.run.history import accept_log, verify_log
from qbo_milestones.run.world import LEASE
from qbo_milestones.wiring import SystemClock, company_title, database, epochs_of, served, sign_in, stored

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """The company that the owner chose, before it is confirmed. `again`: it was connected before."""

    title: str
    realm: str
    again: bool


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection just made; it ends on `ends_on` unless it is used before."""

    title: str
    realm: str
    again: bool
    ends_on: date


@dataclass(frozen=True, slots=True)
class _Chosen:
    tokens: Tokens
    arrival: Arrival


class Connecting:
    """An owner who connects: `page` is where they say yes, `arrive` where they end, `confirm` what keeps it.

    Nothing is stored before `confirm`. For use by several threads: a page may be sent twice.
    """

    def __init__(self, settings: Settings, login: Login, address: str, engine: Engine, clock: Clock) -> None:
        self._settings, self._login, self._address, self._engine = settings, login, address, engine
        self._clock, self._turn = clock, threading.RLock()
        self._chosen: _Chosen | None = None
        self.page, self._state = login.authorization_url()

    @property
    def company(self) -> str:
        """What the settings call the company."""
        return self._settings.company

    @property
    def arrival(self) -> Arrival | None:
        """The company that waits for its confirmation."""
        return self._chosen.arrival if self._chosen else None

    def approve_as_simulated_owner(self) -> str:
        """The final address, after the simulator's owner said yes; there is no such thing with Intuit."""
        if self._settings.real:
            raise AssertionError("a real owner says yes in person")
        answer = requests.get(f"{self.page}&sim_approve=1", allow_redirects=False, timeout=10)
        if "Location" not in answer.headers:
            raise NotConnected(f"The simulator did not lead back: HTTP {answer.status_code}")
        return answer.headers["Location"]

    def arrive(self, final_address: str) -> Arrival:
        """Exchange the code, once, and look at the company. A second call while one waits gives the same.

        Raises NotConnected for a no, or an address that is not ours or not whole; BadSettings for another company than
        the configured one, whose tokens are dropped. After Intuit's answer was used up, `page` is a new one.
        """
        with self._turn:
            if self._chosen is None:
                answered = is_answer(final_address, self._state)
                try:
                    tokens = self._login.exchange(final_address, self._state)
                    self._chosen = _Chosen(tokens, self._looked_at(tokens))
                finally:
                    if answered:
                        self.page, self._state = self._login.authorization_url()
            return self._chosen.arrival

    def confirm(self, by: str) -> Connected:
        """Keep the connection; `by` is who connected. What was read and posted before stays.

        Raises NotConnected where nothing waits or somebody else connected at the same moment.
        """
        with self._turn:
            if self._chosen is None:
                raise NotConnected("Nothing waits to be confirmed: open the page and choose the company first.")
            tokens, arrival = self._chosen.tokens, self._chosen.arrival
            store = DatabaseStore(self._engine, tokens.realm, self._clock)
            store.introduce(self._settings.company, self._settings.quickbooks.environment)
            verify_log(store, epochs_of(self._settings))
            kept = keep_connection(sealed_tokens(self._settings, store), tokens)
            keep_connected(self._engine, tokens.realm, arrival.title, by, self._clock.now())
            self._chosen = None
        _log.info("connected", extra={"company": tokens.realm})
        ends_on = kept.refresh_expires_at.astimezone(self._settings.zone).date()
        return Connected(arrival.title, arrival.realm, arrival.again, ends_on)

    def decline(self) -> None:
        """A person's no to this company: the permission is given back to Intuit, and nothing was stored."""
        with self._turn:
            chosen, self._chosen = self._chosen, None
            if chosen is not None:
                self._give_back(chosen.tokens)

    def finish(self, final_address: str, by: str) -> Connected:
        """Arrive and confirm without asking."""
        self.arrive(final_address)
        return self.confirm(by)

    def _looked_at(self, tokens: Tokens) -> Arrival:
        """What does not come to an arrival is dropped and not given back.

        Another worker, on a database that we do not see, may live on that company's permission, and Intuit may end all
        that an app has with it. Unused tokens end by themselves.
        """
        wanted = self._settings.quickbooks.realm or realm_of(self._engine, self._settings.company)
        if wanted and wanted != tokens.realm:
            raise BadSettings(
                f"The owner chose company {tokens.realm}, but {self._settings.company} is company {wanted}. Nothing of "
                f"{tokens.realm} was kept; its permission was not revoked, since others may use it, and ends by itself "
                "unused. Connect again and choose the right one, or give the other company settings of its own."
            )
        title = company_title(self._settings, tokens, self._address, self._clock)
        return Arrival(title, tokens.realm, story_of(self._engine, tokens.realm) is not None)

    def _give_back(self, tokens: Tokens) -> None:
        """Revoke a permission that was not wanted, unless this database is connected to that company.

        Intuit may end all that an app has with a company, so giving back would take the standing connection too.
        """
        room = TokenRoom(self._engine, tokens.realm).load()
        if room is not None and room.sealed and room.ended_at is None:
            return
        try:
            self._login.revoke(tokens)
        except Failure:
            _log.warning("permission_not_given_back", extra={"company": tokens.realm})


@contextmanager
def connection_to(settings: Settings, clock: Clock | None = None) -> Iterator[Connecting]:
    """An attempt to connect to the company of the settings; the simulator is started for as long if it is that.

    What was not confirmed at the end is dropped, and ends unused; only a person's no gives it back.
    """
    clock = clock or SystemClock()
    with ExitStack() as stack:
        # First: a code is good once, so nothing of ours may fail after it was exchanged.
        make_key(settings)
        engine = stack.enter_context(database(settings))
        address = stack.enter_context(served(settings))
        yield Connecting(settings, sign_in(settings, address, clock), address, engine, clock)


def disconnect(settings: Settings, by: str, clock: Clock | None = None) -> str:
    """Give the connection back to Intuit and forget its tokens; books, mappings and outbox stay. Returns what was done.

    Again is fine. Raises Unavailable where Intuit cannot be reached: then the connection stands as it was.
    """
    clock = clock or SystemClock()
    with stored(settings, clock) as store, store.tokens.lock():
        room = store.tokens.load()
        if room is None or not room.sealed:
            return "It was not connected."
        done = _revoked(settings, store, clock)
        verify_log(store, epochs_of(settings))
        store.tokens.remove()
        keep_disconnected(store.engine, store.company, by, clock.now())
    _log.info("disconnected", extra={"company": store.company})
    return done


def _revoked(settings: Settings, store: DatabaseStore, clock: Clock) -> str:
    try:
        kept = sealed_tokens(settings, store).load()
    except BadSettings:
        kept = None
    if kept is None:
        return (
            "Its tokens could not be read, so they were only removed here. Disconnect the app in QuickBooks too: "
            "Settings, Manage users or Apps, the app, Disconnect."
        )
    with served(settings) as address:
        try:
            sign_in(settings, address, clock).revoke(kept.tokens)
        except Doubtful as lost:
            raise Unavailable(f"{lost.text}; the connection stands, try again") from None
    return "The permission was given back to Intuit and the tokens were removed."


def accept_audit(settings: Settings, reason: str, by: str) -> AuditHead:
    """A person answers for an audit log that is not whole (I11). Raises Unavailable while a run is under way."""
    clock = SystemClock()
    with stored(settings, clock) as store:
        lease = store.take_lease(by, clock.now(), LEASE * settings.posting.patience)
        try:
            return accept_log(store, epochs_of(settings), lease, reason, clock.now())
        finally:
            store.release_lease(lease)


def this_person() -> str:
    """Who runs this program, as `user@machine`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        # A container may run as a number that has no name.
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
