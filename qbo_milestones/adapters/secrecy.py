"""What must never be shown: the secrets that this process holds, and what looks like one (ruling 23)."""

import json
import re
import threading
from urllib.parse import quote

MASK = "***"

# A worker runs for months and every hour brings a new token; one that left this list has ended long ago.
_MOST = 1_000
# Shorter ones would be found inside ordinary words.
_SHORTEST = 8

_NAMED = r"(?:authorization|(?:access|refresh|id)_?token|token|client_?secret|secret|password|verifier)"
_LOOKS_SECRET = re.compile(
    rf"""((?i:\b{_NAMED}["']?\s*[:=]\s*["']?(?:(?:bearer|basic)\s+)?|\b(?:bearer|basic)\s+|[?&]code=))[^\s"'&,;}}]+"""
    r"""|()\b(?:eyJ|RT1-|AB11)[\w.~+/=-]{12,}"""
    r"""|()(?<![A-Za-z0-9])(?=[A-Za-z_+=-]*\d)[A-Za-z0-9_+=-]{32,}"""
)

_held: dict[str, None] = {}
_forms: tuple[str, ...] = ()
_turn = threading.Lock()


def hide(*secrets: str) -> None:
    """Mask these from now on, whatever text they turn up in; shorter than 8 characters they are no secrets."""
    global _forms
    with _turn:
        worthy = [secret for secret in secrets if len(secret) >= _SHORTEST]
        fresh = [secret for secret in worthy if secret not in _held]
        for secret in worthy:
            # To the end: what is in use stays.
            _held.pop(secret, None)
            _held[secret] = None
        for oldest in list(_held)[:-_MOST]:
            del _held[oldest]
        if fresh:
            written = {form for secret in _held for form in (secret, quote(secret, ""), json.dumps(secret)[1:-1])}
            # The longest first: one secret may be a part of another.
            _forms = tuple(sorted(written, key=len, reverse=True))


def without_held(text: str) -> str:
    """`text` without any secret that this process holds, in clear, in an address or in JSON."""
    for form in _forms:
        if form in text:
            text = text.replace(form, MASK)
    return text


def masked(text: str) -> str:
    """`text` without held secrets and without what looks like a token, a key or a password."""
    return _LOOKS_SECRET.sub(lambda found: (found[1] or "") + MASK, without_held(text))
