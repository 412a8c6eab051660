"""Tokens under lock and key: AES-256-GCM (design.md, Exactly once 10)."""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from qbo_milestones.adapters.secrecy import hide
from qbo_milestones.errors import BadSettings

_MARK = b"qm1"
_ID_BYTES = 8
_NONCE_BYTES = 12
_KEY_BYTES = 32
_RESTORE = "restore the one that sealed them, or make a new one and connect again"


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """A 256-bit key. Its repr shows only its id."""

    secret: bytes

    def __post_init__(self) -> None:
        if len(self.secret) != _KEY_BYTES:
            raise BadSettings(f"the key to the tokens must be 32 bytes in base64; {_RESTORE}")
        hide(to_text(self))

    @property
    def id(self) -> bytes:
        """Which key it is, told without telling the key."""
        return hashlib.sha256(b"qm key id\x00" + self.secret).digest()[:_ID_BYTES]

    def __repr__(self) -> str:
        return f"Key({self.id.hex()})"


def new_key() -> Key:
    """A random key."""
    return Key(secrets.token_bytes(_KEY_BYTES))


def to_text(key: Key) -> str:
    """The key as 44 characters of base64, the form in which it is kept."""
    return base64.urlsafe_b64encode(key.secret).decode()


def from_text(text: str) -> Key:
    """What `to_text` made. Raises BadSettings, which does not repeat the text."""
    try:
        return Key(base64.b64decode(text.strip().encode("ascii"), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise BadSettings(f"the key to the tokens is not base64; {_RESTORE}") from None


class Vault:
    """Seals with `key`, unseals with it or with one of the `older` keys.

    Realm and version are bound in: the tokens of one company, or of an earlier version, cannot pass for another's.
    """

    def __init__(self, key: Key, older: Iterable[Key] = ()) -> None:
        self._key = key
        self._known = {known.id: known for known in (*older, key)}

    def __repr__(self) -> str:
        return f"Vault({self._key!r})"

    def is_current(self, sealed: bytes) -> bool:
        """Whether it was sealed by the key that seals, not by an older one or a stranger's."""
        return sealed.startswith(_MARK + self._key.id)

    def seal(self, plain: bytes, realm: str, version: int) -> bytes:
        """Mark, key id, nonce, ciphertext with its tag."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        head = _MARK + self._key.id
        return head + nonce + AESGCM(self._key.secret).encrypt(nonce, plain, _bound(head, realm, version))

    def unseal(self, sealed: bytes, realm: str, version: int) -> bytes:
        """The plain bytes. Raises BadSettings where the key is not ours or the bytes were changed."""
        head, rest = sealed[: len(_MARK) + _ID_BYTES], sealed[len(_MARK) + _ID_BYTES :]
        key = self._known.get(head[len(_MARK) :])
        if not head.startswith(_MARK) or key is None:
            raise BadSettings("the stored tokens were sealed with another key; restore that key or connect again")
        try:
            return AESGCM(key.secret).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _bound(head, realm, version))
        except (InvalidTag, ValueError):
            raise BadSettings("the stored tokens were changed or belong elsewhere; connect again") from None


def _bound(head: bytes, realm: str, version: int) -> bytes:
    return head + b"\x00" + realm.encode() + b"\x00" + str(version).encode()
