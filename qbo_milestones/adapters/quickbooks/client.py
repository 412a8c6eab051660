"""The one place where QuickBooks is spoken to: python-quickbooks with everything that a service needs around it.

The library gives addresses, query, CDC and the JSON shape. What it lacks is added at its one seam, `process_request`:
a fresh token, timeouts, the throttle, the trace id, and errors named by what the caller must do (ruling 23).
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Protocol, cast
from urllib.parse import urlsplit

import requests
from quickbooks import QuickBooks

from qbo_milestones.adapters.quickbooks.answers import Verdict, judged, transport_failure
from qbo_milestones.adapters.quickbooks.faults import Answer, trace_id
from qbo_milestones.adapters.quickbooks.throttle import Throttle
from qbo_milestones.adapters.quickbooks.transport import body_of, plain_session
from qbo_milestones.errors import BadSettings, Failure
from qbo_milestones.ports import Clock

PRODUCTION = "https://quickbooks.api.intuit.com/v3"
SANDBOX = "https://sandbox-quickbooks.api.intuit.com/v3"
MINOR_VERSION = 75

CONNECT_S = 10.0
READ_S = 130.0
# A write leaves within this time of being asked for, or not at all. With QuickBooks' own 120 s and a query's lag of
# 300 s it stays inside the quiet time of 450 s, which is counted from the moment before the call (reliability.md 1.3).
LEAVES_WITHIN_S = 15.0

_log = logging.getLogger(__name__)


class Access(Protocol):
    """Where access tokens come from."""

    def access_token(self) -> str:
        """A token that is good for a while. Raises NotConnected or Unavailable."""
        ...

    def renewed(self, refused: str) -> str:
        """Another token, after QuickBooks refused this one. Raises NotConnected or Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Good:
    """A good answer in the shape that the library reads."""

    text: str
    status_code: int = 200


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    url: str
    headers: dict[str, str]
    params: dict[str, str]
    body: bytes

    @property
    def writes(self) -> bool:
        """Whether it can change the books: every POST but that of a query."""
        return self.method == "POST" and not self.url.endswith("/query")

    @property
    def metered(self) -> bool:
        """Whether it counts against the month's allowance: every reading, and a batch whatever is in it.

        quickbooks-online.md 4.4: writing is Core, which is free; the rest is CorePlus.
        """
        return not self.writes or self.url.endswith("/batch")

    @property
    def facts(self) -> dict[str, object]:
        """What the log may know of it: no statement, which can name customers, and of a body only hash and size."""
        entity = urlsplit(self.url).path.partition("/company/")[2].partition("/")[2].partition("/")[0]
        known: dict[str, object] = {"http_method": self.method, "entity": entity, "metered": self.metered}
        if self.writes:
            known |= {"body": self.body, "requestid": self.params.get("requestid")}
        return known


class _Own(threading.local):
    """What each thread has for itself."""

    session: requests.Session | None = None
    tid: str = ""


class Client(QuickBooks):
    """QuickBooks of one company (realm). Built without any network; for use by several threads.

    `patience` scales all times together (ruling 7). Every call may raise NotConnected, Unavailable, Refused and, if
    it writes, Doubtful.
    """

    def __new__(cls, *_args: object, **_kwargs: object) -> "Client":
        """Without the library's session, which would go to the network here."""
        return cast(Client, super().__new__(cls, minorversion=MINOR_VERSION, use_decimal=True))

    def __init__(
        self,
        address: str,
        realm: str,
        access: Access,
        throttle: Throttle,
        clock: Clock,
        patience: float = 1.0,
        count: Callable[[], None] | None = None,
    ) -> None:
        """`address` is the API's base up to and with `/v3`. Raises BadSettings where it is not safe to send to.

        `count` is called after each metered request that QuickBooks answered well.
        """
        self.api_url_v3 = checked_address(address)
        self.sandbox = False
        self.company_id = checked_realm(realm)
        self.patience = patience
        self._access, self._throttle, self._clock, self._count = access, throttle, clock, count
        self._own = _Own()
        self._skew: Decimal | None = None

    def __repr__(self) -> str:
        return f"Client({self.api_url_v3}, company {self.company_id})"

    @property
    def tid(self) -> str:
        """The trace id of this thread's last answer, for QuickBooks' support."""
        return self._own.tid

    @property
    def clock_skew_s(self) -> Decimal:
        """Their clock less ours in seconds, from the last answer's Date header; whole seconds are all it tells."""
        return self._skew if self._skew is not None else Decimal(0)

    def _start_session(self) -> requests.Session:
        """This thread's session: plain requests, as the library's own cannot renew a token, nor speak http."""
        if self._own.session is None:
            self._own.session = plain_session()
        return self._own.session

    def process_request(
        self,
        request_type: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, object] | None = None,
        data: str | bytes | Mapping[str, str] = b"",
    ) -> Good:
        """One request and its answer, good or raised as an error. Sent again only after a 401, with the same id.

        A 401 proves that nothing was applied; nothing else is ever repeated here (ruling 9).
        """
        texts = {str(key): str(value) for key, value in (params or {}).items()}
        body = data.encode() if isinstance(data, str) else data if isinstance(data, bytes) else b""
        call = _Call(request_type, url, dict(headers or {}), texts, body)
        latest = self._clock.monotonic() + LEAVES_WITHIN_S * self.patience if call.writes else None
        token = self._access.access_token()
        answer, verdict = self._judged(call, latest, token)
        if verdict.expired:
            fresh = self._access.renewed(token)
            answer, verdict = self._judged(call, latest, fresh, token)
        if verdict.failure is not None:
            verdict.failure.status = answer.status
            raise verdict.failure
        if call.metered and self._count is not None:
            self._count()
        return Good(answer.text)

    def _judged(self, call: _Call, latest: float | None, token: str, *secrets: str) -> tuple[Answer, Verdict]:
        with self._throttle.lane(latest):
            began = self._clock.monotonic()
            try:
                answer = self._sent(call, token)
            except Failure as failure:
                self._log(call, began, failure)
                raise
        verdict = judged(answer, call.writes, (token, *secrets), self.patience)
        self._log(call, began, verdict.failure, http_status=answer.status, answer_bytes=len(answer.body))
        if verdict.pause_s:
            _log.warning("throttled", extra={"pause_s": verdict.pause_s})
            self._throttle.pause(verdict.pause_s)
        return answer, verdict

    def _log(self, call: _Call, began: float, failure: Failure | None, **answered: int) -> None:
        told = {
            **call.facts,
            **answered,
            "intuit_tid": self.tid,
            "duration_ms": round((self._clock.monotonic() - began) * 1000),
            "outcome": type(failure).__name__ if failure else "good",
            "code": failure.code if failure else None,
        }
        _log.info("http_call", extra=told)

    def _sent(self, call: _Call, token: str) -> Answer:
        headers = {**call.headers, "Authorization": f"Bearer {token}"}
        timeouts = (CONNECT_S * self.patience, READ_S * self.patience)
        asked = self._clock.now()
        self._own.tid = ""
        failure: Failure | None = None
        try:
            with self._start_session().request(
                call.method,
                call.url,
                params=call.params,
                data=call.body or None,
                headers=headers,
                timeout=timeouts,
                allow_redirects=False,
                stream=True,
            ) as response:
                answer = self._read(response, asked)
        except (requests.RequestException, OSError) as error:
            failure = transport_failure(error, call.writes)
        if failure is not None:
            raise failure
        self._own.tid = trace_id(answer.tid, (token,))
        return answer

    def _read(self, response: requests.Response, asked: datetime) -> Answer:
        heads = response.headers
        answer = Answer(
            status=response.status_code,
            content_type=heads.get("Content-Type", ""),
            body=body_of(response, self._clock.monotonic, READ_S * self.patience),
            tid=heads.get("intuit_tid", ""),
            retry_after=heads.get("Retry-After", "").strip(),
            date=heads.get("Date", ""),
        )
        self._note_skew(answer.date, asked)
        return answer

    def _note_skew(self, header: str, asked: datetime) -> None:
        """Keep their clock less ours, our time being the middle between question and answer."""
        try:
            theirs = parsedate_to_datetime(header)
        except ValueError:
            return
        ours = asked + (self._clock.now() - asked) / 2
        aware = theirs if theirs.tzinfo is not None else theirs.replace(tzinfo=UTC)
        self._skew = Decimal(round((aware - ours).total_seconds()))


def checked_address(address: str) -> str:
    """The API's base without a slash at its end. Raises BadSettings unless it is https, or http on this machine."""
    parts = urlsplit(address)
    local = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not parts.hostname or parts.query or parts.username or not (parts.scheme == "https" or local):
        raise BadSettings(f"QuickBooks' address must be https (http only on this machine): {parts.hostname or 'empty'}")
    return address.rstrip("/")


def checked_realm(realm: str) -> str:
    """The company's id. Raises BadSettings unless it is all digits, as QuickBooks' are."""
    if not (realm.isascii() and realm.isdigit()):
        raise BadSettings("a QuickBooks company id (realm) is a number; connect again to get it")
    return realm
