"""Tokens under lock and key: AES-256-GCM, and where its one key may lie (design.md, Exactly once 10)."""

import base64
import binascii
import hashlib
import os
import secrets
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from qbo_milestones.adapters.secrecy import hide
from qbo_milestones.errors import BadSettings

_MARK = b"qm1"
_ID_BYTES = 8
_NONCE_BYTES = 12
_KEY_BYTES = 32

# The backends that keep secrets by themselves. Never the chainer, which may fall back to one that prompts or writes
# plain text, nor keyrings.alt, which loses entries when two write (reliability.md 4).
KEYRING_MODULES = (
    "keyring.backends.macOS",
    "keyring.backends.Windows",
    "keyring.backends.SecretService",
    "keyring.backends.libsecret",
    "keyring.backends.kwallet",
)


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """A 256-bit key. Its repr shows only its id."""

    secret: bytes

    def __post_init__(self) -> None:
        if len(self.secret) != _KEY_BYTES:
            raise BadSettings("the key to the tokens must be 32 bytes in base64; make a new one and connect again")
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
        raise BadSettings("the key to the tokens is not base64; make a new one and connect again") from None


class Vault:
    """Seals with `key`, unseals with it or with one of the `older` keys.

    Realm and version are bound in: the tokens of one company, or of an earlier version, cannot pass for another's.
    """

    def __init__(self, key: Key, older: Iterable[Key] = ()) -> None:
        self._key = key
        self._known = {known.id: known for known in (*older, key)}

    def __repr__(self) -> str:
        return f"Vault({self._key!r})"

    @property
    def key_id(self) -> str:
        """The id of the key that seals, in hex; a changed one tells that the store came from elsewhere."""
        return self._key.id.hex()

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


def key_from_file(path: Path, create: bool = False) -> Key:
    """The key in a file that only its owner can read; made there, mode 0600, where `create` says so.

    Raises BadSettings where it is missing, not a plain file, or open to others.
    """
    if create:
        _create(path)
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0))
    except OSError as error:
        raise BadSettings(f"the key file {path} cannot be read: {error.strerror}") from None
    try:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode) or (os.name == "posix" and state.st_mode & 0o077):
            raise BadSettings(f"the key file {path} must be a file for its owner alone: chmod 600 {path}")
        return from_text(os.read(handle, 1024).decode("ascii", "replace"))
    finally:
        os.close(handle)


def _create(path: Path) -> None:
    """A new key file; one that exists is left as it is, also if another process makes it at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(to_text(new_key()).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        # A link does not replace what is there, and never shows half a key.
        os.link(fresh, path)
    except FileExistsError:
        return
    finally:
        fresh.unlink()


def key_from_environment(name: str, environment: Mapping[str, str]) -> Key:
    """The key in an environment variable. Raises BadSettings where it is missing."""
    if not environment.get(name):
        raise BadSettings(f"the environment variable {name} with the key to the tokens is not set")
    return from_text(environment[name])


class Keyring(Protocol):
    """One backend of the OS keyring."""

    def get_password(self, service: str, username: str) -> str | None:
        """What is kept under a name."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep something under a name."""
        ...


def key_from_keyring(service: str, name: str, backend: Keyring, create: bool = False) -> Key:
    """The key in the OS keyring; made there where `create` says so. Raises BadSettings, never prompts on stdin."""
    if type(backend).__module__ not in KEYRING_MODULES:
        raise BadSettings(f"{_label(backend)} does not keep secrets safely; name a key file in the settings")
    failed = ""
    text: str | None = None
    try:
        text = backend.get_password(service, name)
        if text is None and create:
            backend.set_password(service, name, to_text(new_key()))
            text = backend.get_password(service, name)
    except Exception as error:  # backends raise errors of many libraries
        failed = type(error).__name__
    if failed:
        raise BadSettings(f"the OS keyring ({_label(backend)}) cannot be used: {failed}; unlock it or name a key file")
    if not text:
        raise BadSettings("the OS keyring has no key to the tokens; run connect")
    return from_text(text)


def os_keyring() -> Keyring:
    """The machine's keyring, chosen by us and not by keyring's own search.

    Raises BadSettings where there is none that keeps secrets safely, as on most machines without a desktop.
    """
    from keyring.backend import get_all_keyring  # loading all backends takes time that --help does not have

    safe = [found for found in get_all_keyring() if type(found).__module__ in KEYRING_MODULES]
    if not safe:
        raise BadSettings("this machine has no OS keyring; name a key file or an environment variable in the settings")
    return max(safe, key=lambda found: float(found.priority))


def _label(backend: Keyring) -> str:
    return f"{type(backend).__module__}.{type(backend).__name__}"
