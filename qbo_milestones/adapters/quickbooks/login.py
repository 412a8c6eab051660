"""Signing in to Intuit: OAuth 2.0 with intuit-oauth, made safe for a service (quickbooks-online.md 1)."""

import hashlib
import hmac
import secrets
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.utils import get_auth_header

from qbo_milestones.adapters.quickbooks.answers import never_sent
from qbo_milestones.adapters.quickbooks.client import checked_realm
from qbo_milestones.adapters.quickbooks.faults import Unreadable, parsed
from qbo_milestones.adapters.quickbooks.grant import INVALID_GRANT
from qbo_milestones.adapters.quickbooks.tokens import Tokens
from qbo_milestones.adapters.quickbooks.transport import make_plain
from qbo_milestones.adapters.secrecy import hide
from qbo_milestones.errors import BadSettings, Doubtful, Failure, NotConnected, Unavailable
from qbo_milestones.ports import Clock

DISCOVERY = {
    "production": "https://developer.api.intuit.com/.well-known/openid_configuration",
    "sandbox": "https://developer.api.intuit.com/.well-known/openid_sandbox_configuration",
}
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
_TIMEOUTS_S = (5.0, 20.0)
_AGAIN = "; try again"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "revocation_endpoint")


class Login(AuthClient):
    """Intuit's sign-in for one app. Built without any network; the discovery document is fetched by `discover`.

    The library's own `refresh` and `get_bearer_token` are not used: they copy every key of an answer onto the
    session, and their exceptions hold whole answers (ruling 23). `patience` scales all times (ruling 7).
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        discovery_url: str,
        clock: Clock,
        patience: float = 1.0,
    ) -> None:
        """`discovery_url` is one of DISCOVERY or the simulator's. Raises BadSettings for one that is not safe."""
        requests.Session.__init__(self)
        make_plain(self)
        self.client_id, self.client_secret, self.redirect_uri = client_id, client_secret, redirect_uri
        hide(client_secret, get_auth_header(client_id, client_secret).partition(" ")[2])
        self.environment = _safe_address(discovery_url)
        self.state_token = self.realm_id = self.access_token = self.refresh_token = self.id_token = None
        self.auth_endpoint = self.token_endpoint = self.revoke_endpoint = ""
        self._clock, self._patience = clock, patience
        self._spent: set[bytes] = set()
        self._spending = threading.Lock()

    def __repr__(self) -> str:
        return f"Login({self.environment})"

    def discover(self) -> None:
        """Fetch the discovery document, once. Raises Unavailable, or BadSettings where it is no such document."""
        if self.token_endpoint:
            return
        status, tree = self._answer("GET", self.environment, None, {})
        if status != 200:
            raise Unavailable(f"Intuit's discovery document cannot be had: HTTP {status}")
        found = [tree.get(key) for key in _ENDPOINTS]
        if not all(isinstance(address, str) for address in found):
            raise BadSettings(f"{self.environment} is not a discovery document of Intuit")
        self.auth_endpoint, self.revoke_endpoint, self.token_endpoint = (
            self._no_less_safe(str(found[place])) for place in (0, 2, 1)
        )

    def authorization_url(self) -> tuple[str, str]:
        """The page where a person says yes, and the state that must come back from it: 256 random bits."""
        self.discover()
        state = secrets.token_urlsafe(32)
        return self.get_authorization_url([Scopes.ACCOUNTING], state), state

    def exchange(self, final_address: str, state: str) -> Tokens:
        """Tokens, version 1, for the address at which the person ended, pasted or received (ruling 27).

        A code is good for one exchange only: a second one can revoke the connection, so it is refused here. Raises
        NotConnected where the person declined, or the state is not ours, or Intuit refuses the code.
        """
        code, realm = _returned(final_address, state)
        hide(code)
        self.discover()
        self._spend(code)
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        try:
            return self._tokens(fields, realm, 0)
        except (Unavailable, Doubtful) as failed:
            # The code may be used up: whoever tries it again may lose the connection.
            raise NotConnected(
                f"{failed.text.removesuffix(_AGAIN)}; start connecting again", code=failed.code
            ) from None

    def refresh(self, tokens: Tokens) -> Tokens:
        """The next pair. Raises as grant.Refresher says."""
        self.discover()
        return self._tokens(
            {"grant_type": "refresh_token", "refresh_token": tokens.refresh}, tokens.realm, tokens.version
        )

    def revoke(self, tokens: Tokens) -> None:
        """End the connection at Intuit. One that has ended already is no error.

        Raises Doubtful, Unavailable or BadSettings; it may always be asked again.
        """
        self.discover()
        status, tree = self._answer("POST", self.revoke_endpoint, None, {"token": tokens.refresh})
        if status not in (200, 400):
            raise _token_failure(status, tree, self._patience)

    def _tokens(self, fields: Mapping[str, str], realm: str, version: int) -> Tokens:
        asked = self._clock.now()
        status, tree = self._answer("POST", self.token_endpoint, fields, {})
        if status != 200:
            raise _token_failure(status, tree, self._patience)
        access, refresh = tree.get("access_token"), tree.get("refresh_token")
        if not (isinstance(access, str) and isinstance(refresh, str) and access and refresh):
            raise Doubtful("Intuit answered without tokens")
        hard = tree.get("x_refresh_token_hard_expires_in")
        return Tokens(
            realm=realm,
            access=access,
            refresh=refresh,
            access_expires_at=_after(asked, tree.get("expires_in"), 3600),
            refresh_expires_at=_after(asked, tree.get("x_refresh_token_expires_in"), 8_640_000),
            hard_expires_at=_after(asked, hard, 0) if hard is not None else None,
            version=version + 1,
            obtained_at=asked,
        )

    def _answer(
        self, method: str, address: str, fields: Mapping[str, str] | None, tree: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]]:
        """Status and body of one request; an empty body is an empty tree.

        Raises Doubtful where a POST was sent and gave no answer, else Unavailable.
        """
        lost = Doubtful if method == "POST" else Unavailable
        headers = {"Accept": "application/json", "x-include-refresh-token-hard-expires-in": "true"}
        if method == "POST":
            headers["Authorization"] = get_auth_header(self.client_id, self.client_secret)
            headers["Content-Type"] = "application/x-www-form-urlencoded" if fields else "application/json"
        failure: Failure | None = None
        try:
            response = self.request(
                method,
                address,
                data=urlencode(fields) if fields else None,
                json=dict(tree) if tree else None,
                headers=headers,
                timeout=(_TIMEOUTS_S[0] * self._patience, _TIMEOUTS_S[1] * self._patience),
                allow_redirects=False,
            )
        except (requests.RequestException, OSError) as error:
            if never_sent(error):
                failure = Unavailable(_unreached(address))
            else:
                failure = lost(f"Intuit's sign-in gave no answer ({type(error).__name__})")
        if failure is not None:
            raise failure
        answered = _tree(response)
        if answered is None:
            raise lost("Intuit's sign-in answered with something else than JSON")
        return response.status_code, answered

    def _no_less_safe(self, address: str) -> str:
        """An endpoint out of the discovery document, which must not lead from https to http."""
        if urlsplit(self.environment).scheme == "https" and urlsplit(address).scheme != "https":
            raise BadSettings(f"the discovery document at {self.environment} names an address without https")
        return _safe_address(address)

    def _spend(self, code: str) -> None:
        digest = hashlib.sha256(code.encode()).digest()
        with self._spending:
            if digest in self._spent:
                raise NotConnected("this address was used already; start connecting again")
            self._spent.add(digest)


def _unreached(address: str) -> str:
    """What a person can look at: which door of a firewall is meant. Its path and query are nobody's business."""
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return (
        f"Intuit's sign-in cannot be reached at {parts.hostname}, port {port} "
        f"(proxies that the environment names are not used){_AGAIN}"
    )


def _tree(response: requests.Response) -> dict[str, Any] | None:
    """The body; None where a good answer cannot be read."""
    try:
        return parsed(response.content.decode()) if response.content else {}
    except (Unreadable, UnicodeDecodeError):
        return None if response.status_code == 200 else {}


def _token_failure(status: int, tree: dict[str, Any], patience: float) -> Failure:
    """Intuit's no, by its `error` word alone: descriptions can quote what was sent."""
    error = tree.get("error")
    if error == INVALID_GRANT:
        return NotConnected("Intuit no longer accepts the connection; connect again", code=INVALID_GRANT)
    if error in {"invalid_client", "unauthorized_client"} or status == 401:
        return BadSettings(
            "Intuit does not know the client id and secret; see the keys of the app", code="invalid_client"
        )
    if status == 400:
        return BadSettings("Intuit does not accept the request; compare the redirect address with the app's")
    if status >= 500:
        return Doubtful(f"Intuit's sign-in answered HTTP {status}")
    return Unavailable(f"Intuit's sign-in answered HTTP {status}", after_s=60 * patience if status == 429 else 0)


def is_answer(final_address: str, state: str) -> bool:
    """Whether Intuit has answered here what was asked with `state`, with a yes or a no; then that page is used up."""
    answered = _answers(final_address)
    decided = "error" in answered or ("code" in answered and "realmId" in answered)
    return decided and _is_ours(answered, state)


def _returned(final_address: str, state: str) -> tuple[str, str]:
    """Code and realm out of the address, after the state was compared in constant time."""
    answered = _answers(final_address)
    if not answered:
        raise NotConnected(
            "this is not the address at which Intuit's page ended: copy the whole of it, with all after ?"
        )
    if not _is_ours(answered, state):
        raise NotConnected("this address does not belong to the connection that was begun here; start again")
    if "error" in answered:
        declined = answered["error"] == "access_denied"
        raise NotConnected("the connection was declined" if declined else "Intuit did not offer a connection")
    if not answered.get("code") or not answered.get("realmId"):
        raise NotConnected("the address has no code or no company in it; paste the whole of it")
    return answered["code"], checked_realm(answered["realmId"])


def _answers(final_address: str) -> dict[str, str]:
    try:
        query = urlsplit(final_address.strip()).query
    except ValueError:
        return {}
    return {name: values[0] for name, values in parse_qs(query).items()}


def _is_ours(answered: Mapping[str, str], state: str) -> bool:
    return hmac.compare_digest(answered.get("state", "").encode(), state.encode())


def _after(asked: datetime, seconds: object, otherwise: int) -> datetime:
    """When something ends, counted from before the question was sent, so that it errs on the early side."""
    known = isinstance(seconds, int) and not isinstance(seconds, bool) and 0 <= seconds < 10**10
    return asked + timedelta(seconds=int(str(seconds)) if known else otherwise)


def _safe_address(address: str) -> str:
    parts = urlsplit(address)
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)):
        raise BadSettings("Intuit's addresses must be https (http only on this machine)")
    return address
