"""Plain HTTP sessions: no proxy or password from the environment, no repeats, no redirects, no cookies."""

from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

_LARGEST = 256 * 1024 * 1024
_PIECE = 64 * 1024


def plain_session() -> requests.Session:
    """A session that does what it is told, once (ruling 23)."""
    session = requests.Session()
    make_plain(session)
    return session


def make_plain(session: requests.Session) -> None:
    """Take from a session whatever acts by itself."""
    session.trust_env = False
    session.max_redirects = 0
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(max_retries=Retry(0, redirect=False))
    session.mount("https://", adapter)
    session.mount("http://", adapter)


def body_of(response: requests.Response, monotonic: Callable[[], float], seconds: float) -> bytes:
    """The body, read to its end. Raises requests.RequestException where it is too long or drips in too slowly.

    requests' own read timeout only bounds the time between two pieces.
    """
    latest = monotonic() + seconds
    pieces = bytearray()
    for piece in response.iter_content(_PIECE):
        pieces += piece
        if len(pieces) > _LARGEST or monotonic() > latest:
            raise requests.exceptions.ChunkedEncodingError("too long or too slow")
    return bytes(pieces)
