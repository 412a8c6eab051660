"""Apps, codes and tokens: who may act for whom on which company, and until when."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from qbo_milestones.simulator.books.watched import Watched
from qbo_milestones.simulator.settings import Settings

ACCESS_LIFE_S = 3600
REFRESH_LIFE_S = 8726400
HARD_LIFE_S = 157680000
ROTATES_AFTER_S = 86400
"""quickbooks-online.md 1.4 and 1.5: one hour, 101 days, five years, once a day."""

DEFAULT_APP = "simulator-app"
LOOPBACK = ("http://localhost", "http://127.0.0.1")


@dataclass(frozen=True, slots=True)
class App:
    """One key pair of an app. ``loopback`` also takes any http address on this machine as redirect address.

    A development pair opens sandboxes, a production pair real companies, one without an environment both. No scopes
    means all. The pairs of one app share its ``app_id``.
    """

    client_id: str
    client_secret: str
    name: str = "An app"
    redirect_uris: tuple[str, ...] = ()
    loopback: bool = True
    environment: str = ""
    scopes: tuple[str, ...] = ()
    app_id: str = ""
    reconnect_url: str = ""

    def takes(self, redirect_uri: str) -> bool:
        """Whether a redirect address is registered: an exact match, without query (quickbooks-online.md 1.2)."""
        if redirect_uri in self.redirect_uris:
            return True
        return (
            self.loopback and any(_is_at(redirect_uri, host) for host in LOOPBACK) and not set("?#") & set(redirect_uri)
        )


def names_company(scope: str) -> bool:
    """Whether scopes are about a company, not only about the person."""
    return any(each.startswith("com.intuit.quickbooks.") for each in scope.split())


def redirect_problem(address: str, environment: str) -> str:
    """Why an app may not register this redirect address; empty where it may (quickbooks-online.md 1.2)."""
    parts = urlsplit(address)
    local = parts.hostname in ("localhost", "127.0.0.1")
    if "?" in address or "#" in address:
        return "a redirect address carries no query"
    if parts.scheme == "https" and local:
        return "https on localhost does not work"
    if parts.scheme == "http" and (not local or environment == "production"):
        return "http is for localhost, and for development keys only"
    return "" if parts.scheme else "a redirect address has a scheme"


def _is_at(address: str, host: str) -> bool:
    rest = address.removeprefix(host)
    return address.startswith(host) and (rest == "" or rest[0] in ":/")


@dataclass(slots=True)
class Code:
    """An authorization code: used once, for one redirect address."""

    client_id: str
    realm: str
    redirect_uri: str
    scope: str
    expires: datetime
    nonce: str
    asked: datetime
    used: bool = False


@dataclass(slots=True)
class Grant:
    """One app's connection to one company. ``retired`` holds old refresh values and when they died."""

    key: str
    client_id: str
    realm: str
    scope: str
    hard_end: datetime
    refresh_token: str = ""
    rotated: datetime | None = None
    refresh_expires: datetime | None = None
    retired: dict[str, datetime] = field(default_factory=dict)
    revoked: bool = False

    @property
    def names_company(self) -> bool:
        """Whether the app may know which company it is connected to."""
        return names_company(self.scope)


@dataclass(frozen=True, slots=True)
class Access:
    """An access token's grant and end."""

    grant: Grant
    expires: datetime


class Grants:
    """All apps, codes and tokens of one world. Token values come from a seed and a counter: the same every time."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.issued = 0
        self.apps = Watched(
            {DEFAULT_APP: App(DEFAULT_APP, "simulator-secret", "Milestone billing", app_id=DEFAULT_APP)}
        )
        self.codes: Watched[str, Code] = Watched()
        self.connections: Watched[str, Grant] = Watched()
        self.access: Watched[str, Access] = Watched()
        self.by_refresh: dict[str, Grant] = {}

    def value(self, prefix: str) -> str:
        """A new token value."""
        self.issued += 1
        return f"{prefix}{sha256(f'{self.seed}/{self.issued}'.encode()).hexdigest()}"

    def new_code(self, code: Code) -> str:
        """A code for an approved consent."""
        value = self.value("XAB")
        self.codes[value] = code
        return value

    def new_grant(self, client_id: str, realm: str, scope: str, now: datetime) -> Grant:
        """A new connection, without tokens yet."""
        key = str(len(self.connections) + 1)
        grant = Grant(key, client_id, realm, scope, now + timedelta(seconds=HARD_LIFE_S))
        self.rotate(grant, now)
        return grant

    def rotate(self, grant: Grant, now: datetime) -> None:
        """A new refresh value; the old one is dead from now."""
        if grant.refresh_token:
            grant.retired[grant.refresh_token] = now
        grant.refresh_token, grant.rotated = self.value("RT1-"), now
        self.prolong(grant, now)

    def prolong(self, grant: Grant, now: datetime) -> None:
        """A refresh starts the 101 days anew, but never past the hard end."""
        grant.refresh_expires = min(now + timedelta(seconds=REFRESH_LIFE_S), grant.hard_end)
        self.keep(grant)

    def keep(self, grant: Grant) -> None:
        """Keep a connection as it is now, under all its refresh values."""
        self.connections[grant.key] = grant
        for value in (*grant.retired, grant.refresh_token):
            self.by_refresh[value] = grant

    def end(self, grant: Grant) -> None:
        """A connection is over: none of its tokens opens anything any more."""
        grant.revoked = True
        self.keep(grant)

    def use(self, value: str, code: Code) -> None:
        """A code is used up."""
        code.used = True
        self.codes[value] = code

    def new_access(self, grant: Grant, now: datetime, life_s: int = ACCESS_LIFE_S) -> str:
        """An access token for one hour, or for so many seconds."""
        value = self.value("eyJ")
        self.access[value] = Access(grant, now + timedelta(seconds=life_s))
        return value

    def usable(self, settings: Settings, refresh_token: str, client_id: str, now: datetime) -> Grant | None:
        """The grant that a refresh value still opens, or None."""
        grant = self.by_refresh.get(refresh_token)
        if grant is None or grant.revoked or grant.client_id != client_id or grant.refresh_expires is None:
            return None
        died = grant.retired.get(refresh_token)
        grace = timedelta(seconds=settings.refresh_grace_s)
        if died is not None and now >= died + grace:
            return None
        return grant if now < grant.refresh_expires else None

    def live(self, client_id: str, realm: str, now: datetime) -> bool:
        """Whether an app is connected to a company: it can still refresh its tokens."""
        return any(
            (grant.client_id, grant.realm, grant.revoked) == (client_id, realm, False)
            and grant.refresh_expires is not None
            and now < grant.refresh_expires
            for grant in self.by_refresh.values()
        )

    def grant_of(self, token: str) -> Grant | None:
        """The connection that a refresh or access token belongs to, dead or alive."""
        access = self.access.get(token)
        return access.grant if access else self.by_refresh.get(token)

    def revoke(self, token: str) -> bool:
        """End the connection that a refresh or access token belongs to; False if there is none."""
        grant = self.grant_of(token)
        if grant is None:
            return False
        self.end(grant)
        return True
