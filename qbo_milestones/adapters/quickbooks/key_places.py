"""Where the key to the tokens may lie: a file, the OS keyring, a variable, a credential of the service manager.

Each place may hold several keys for a while: the first seals, the others still open what they sealed. Nothing here
prompts or waits for a person, and no text repeats a key.
"""

import os
import secrets
import stat
import threading
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from qbo_milestones.adapters.quickbooks.vault import Key, from_text, new_key, to_text
from qbo_milestones.adapters.time_limit import within
from qbo_milestones.errors import BadSettings

# The backends that keep secrets by themselves. Never the chainer, which may fall back to one that prompts or writes
# plain text, nor keyrings.alt, which loses entries when two write (reliability.md 4).
KEYRING_MODULES = (
    "keyring.backends.macOS",
    "keyring.backends.Windows",
    "keyring.backends.SecretService",
    "keyring.backends.libsecret",
    "keyring.backends.kwallet",
)
# These unlock what is locked by asking on a screen, and wait for the answer without end.
_SECRET_SERVICES = ("keyring.backends.SecretService", "keyring.backends.libsecret")
_KEYRING_WAIT_S = 20.0
# One question at a time: while one hangs at a screen, no other is put on top of it.
_keyring_turn = threading.Lock()
_MAKE_ONE = "head -c 32 /dev/urandom | base64 | tr '+/' '-_'"
_ALL_FIRST = "First run this for every other --config that uses this key"
_STILL_OPENS = (
    "The old key still opens what it sealed, and no other new one is made meanwhile. "
    f"{_ALL_FIRST}; only then end the change with `qbo-milestones key rotate --forget-old`."
)
_OLDER = " (older)"
_Found = TypeVar("_Found")


class KeyPlace(Protocol):
    """One place of the key. Every method raises BadSettings where it cannot be used, with what to do."""

    def keys(self) -> tuple[Key, ...]:
        """The key that seals, then the older ones; at least one."""
        ...

    def make(self) -> None:
        """See that there is a key; one that is there stays. A place that we cannot write to must have one."""
        ...

    def add(self, key: Key) -> None:
        """From now on this one seals, and those before it still open. Durable, all or nothing."""
        ...

    def settle(self, *, forget: bool) -> str:
        """End a change: `forget` the older ones, where we may. Returns what a person must still do, or nothing.

        Another company's database may know this place too, and hold tokens that only an older key opens.
        """
        ...


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file that only its owner can read: a key a line, the newest first."""

    path: Path

    def keys(self) -> tuple[Key, ...]:
        """See KeyPlace."""
        found = tuple(from_text(line) for line in _read_private(self.path).splitlines() if line.strip())
        if not found:
            raise BadSettings(f"the key file {self.path} is empty; restore it, or remove it and connect again")
        return found

    def make(self) -> None:
        """See KeyPlace; mode 0600. Of several processes that make it at the same moment, one key stays."""
        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = self._written((new_key(),))
            # A link does not replace what is there, and never shows half a key.
            with suppress(FileExistsError):
                os.link(fresh, self.path)
            fresh.unlink()
        self.keys()

    def add(self, key: Key) -> None:
        """See KeyPlace."""
        self._replace((key, *self.keys()))

    def settle(self, *, forget: bool) -> str:
        """See KeyPlace."""
        if forget:
            self._replace(self.keys()[:1])
        return "" if len(self.keys()) == 1 else _STILL_OPENS

    def _replace(self, keys: tuple[Key, ...]) -> None:
        fresh = self._written(keys)
        fresh.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _written(self, keys: tuple[Key, ...]) -> Path:
        """A new file beside it, durable."""
        fresh = self.path.with_name(f".{self.path.name}.{secrets.token_hex(8)}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.writelines(to_text(key).encode() + b"\n" for key in keys)
            file.flush()
            os.fsync(file.fileno())
        return fresh


def _read_private(path: Path, *, only_owner: bool = True) -> str:
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0))
    except OSError as error:
        raise BadSettings(f"the key file {path} cannot be read: {error.strerror}") from None
    try:
        state = os.fstat(handle)
        open_to_others = only_owner and os.name == "posix" and bool(state.st_mode & 0o077)
        if not stat.S_ISREG(state.st_mode) or open_to_others:
            raise BadSettings(f"the key file {path} must be a file for its owner alone: chmod 600 {path}")
        return os.read(handle, 1024).decode("ascii", "replace")
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class KeyVariable:
    """An environment variable; the older key, while there is one, in the variable of that name with _OLD."""

    name: str
    environment: Mapping[str, str]

    def keys(self) -> tuple[Key, ...]:
        """See KeyPlace."""
        texts = [self.environment.get(name, "") for name in (self.name, f"{self.name}_OLD")]
        if not texts[0]:
            raise BadSettings(
                f"the environment variable {self.name} with the key to the tokens is not set. Restore the key that "
                f"sealed the tokens; only where nothing was ever connected make one with {_MAKE_ONE}"
            )
        return tuple(from_text(text) for text in texts if text)

    def make(self) -> None:
        """See KeyPlace."""
        self.keys()

    def add(self, key: Key) -> None:  # noqa: ARG002 - see KeyPlace
        """See KeyPlace; a person sets variables."""
        raise BadSettings(
            f"A variable can only be changed where it is set: 1. move the value of {self.name} to {self.name}_OLD; "
            f"2. set {self.name} to a new key, made with {_MAKE_ONE}; 3. stop the worker and run "
            "`qbo-milestones key rotate`."
        )

    def settle(self, *, forget: bool) -> str:  # noqa: ARG002 - a person unsets variables
        """See KeyPlace."""
        return f"{_ALL_FIRST}; only then unset {self.name}_OLD, and start the worker again."


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential that systemd hands to the service (LoadCredential=NAME:PATH); the older one as NAME.old."""

    name: str
    environment: Mapping[str, str]

    def keys(self) -> tuple[Key, ...]:
        """See KeyPlace."""
        folder = self.environment.get("CREDENTIALS_DIRECTORY", "")
        if not folder:
            raise BadSettings(
                "CREDENTIALS_DIRECTORY is not set: the key comes from the service manager, so start this by systemd "
                f"with LoadCredential={self.name}:/path/to/the/key, or choose another key.source"
            )
        # systemd guards the folder itself, in ways that the mode does not show.
        texts = [_read_private(Path(folder, self.name), only_owner=False)]
        older = Path(folder, f"{self.name}.old")
        if older.exists():
            texts.append(_read_private(older, only_owner=False))
        return tuple(from_text(text) for text in texts)

    def make(self) -> None:
        """See KeyPlace."""
        self.keys()

    def add(self, key: Key) -> None:  # noqa: ARG002 - see KeyPlace
        """See KeyPlace; a person gives credentials."""
        raise BadSettings(
            "A credential can only be changed where the unit loads it: 1. load the file that is now "
            f"{self.name} as {self.name}.old; 2. load as {self.name} a new file, made with {_MAKE_ONE}; 3. stop the "
            "worker and run `qbo-milestones key rotate` as such a unit (systemd-run --property=LoadCredential=...)."
        )

    def settle(self, *, forget: bool) -> str:  # noqa: ARG002 - a person changes the unit
        """See KeyPlace."""
        return f"{_ALL_FIRST}; only then take {self.name}.old out of the unit, and start the worker again."


class Keyring(Protocol):
    """One backend of the OS keyring."""

    def get_password(self, service: str, username: str) -> str | None:
        """What is kept under a name."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep something under a name."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Forget what is kept under a name."""
        ...


def asks_a_person(backend: Keyring) -> bool:
    """Whether this one is locked and would ask a person for its password. Asking this asks nobody.

    Only the Secret Service can tell; KWallet calls a wallet closed that a login has opened, so the time limit is all
    there. Raises errors of its library where there is no Secret Service, or no default collection.
    """
    if type(backend).__module__ not in _SECRET_SERVICES:
        return False
    from secretstorage import Collection, dbus_init  # keyring has it on Linux alone

    chosen = getattr(backend, "preferred_collection", None)
    with closing(dbus_init()) as bus:
        return (Collection(bus, chosen) if chosen else Collection(bus)).is_locked()


@dataclass(frozen=True, slots=True)
class KeyringEntry:
    """An entry of the OS keyring; the older key, while there is one, in an entry beside it."""

    service: str
    name: str
    backend: Keyring
    is_locked: Callable[[Keyring], bool] = asks_a_person

    def keys(self) -> tuple[Key, ...]:
        """See KeyPlace."""
        texts = [self._get(self.name), self._get(self.name + _OLDER)]
        if not texts[0]:
            raise BadSettings(
                "the OS keyring has no key to the tokens; restore the one that sealed them, or run connect"
            )
        return tuple(dict.fromkeys(from_text(text) for text in texts if text))

    def make(self) -> None:
        """See KeyPlace."""
        if self._get(self.name) is None:
            self._set(self.name, new_key())
        self.keys()

    def add(self, key: Key) -> None:
        """See KeyPlace. The old one stands in both entries before the new one takes its place."""
        self._set(self.name + _OLDER, self.keys()[0])
        self._set(self.name, key)

    def settle(self, *, forget: bool) -> str:
        """See KeyPlace."""
        if self._get(self.name + _OLDER) is None:
            return ""
        if not forget:
            return _STILL_OPENS
        self._asked(lambda: self.backend.delete_password(self.service, self.name + _OLDER))
        return ""

    def _get(self, name: str) -> str | None:
        return self._asked(lambda: self.backend.get_password(self.service, name))

    def _set(self, name: str, key: Key) -> None:
        """Kept, and read back: a backend may say yes and keep nothing."""
        self._asked(lambda: self.backend.set_password(self.service, name, to_text(key)))
        if self._get(name) != to_text(key):
            raise BadSettings(f"the OS keyring ({_label(self.backend)}) did not keep the key; name a key file")

    def _asked(self, question: Callable[[], _Found]) -> _Found:
        if type(self.backend).__module__ not in KEYRING_MODULES:
            raise BadSettings(f"{_label(self.backend)} does not keep secrets safely; name a key file in the settings")
        return _answered(lambda: self._unlocked(question), _label(self.backend))

    def _unlocked(self, question: Callable[[], _Found]) -> _Found:
        if self.is_locked(self.backend):
            raise BadSettings("the OS keyring is locked; unlock it or name a key file in the settings")
        return question()


def _answered(question: Callable[[], _Found], of: str) -> _Found:
    """The keyring's answer. Raises BadSettings where it fails, and where it gives none in time (a prompt hangs)."""

    def asked() -> _Found:
        try:
            return question()
        finally:
            _keyring_turn.release()

    failed = f"gave no answer within {_KEYRING_WAIT_S:g} s, as when it waits for its password"
    if _keyring_turn.acquire(timeout=_KEYRING_WAIT_S):
        try:
            return within(_KEYRING_WAIT_S, asked, "keyring")
        except BadSettings:
            raise
        except TimeoutError:
            pass
        except Exception as error:  # backends raise errors of many libraries, and their texts may hold secrets
            failed = f"cannot be used: {type(error).__name__}"
    raise BadSettings(f"the OS keyring ({of}) {failed}; unlock it or name a key file")


def os_keyring() -> Keyring:
    """The machine's keyring, chosen by us and not by keyring's own search.

    Raises BadSettings where there is none that keeps secrets safely, as on most machines without a desktop.
    """
    return _answered(_safest, "as a whole")


def _safest() -> Keyring:
    from keyring.backend import get_all_keyring  # loading all backends takes time that --help does not have

    safe = [found for found in get_all_keyring() if type(found).__module__ in KEYRING_MODULES]
    if not safe:
        raise BadSettings("this machine has no OS keyring; name a key file or an environment variable in the settings")
    return max(safe, key=lambda found: float(found.priority))


def _label(backend: Keyring) -> str:
    return f"{type(backend).__module__}.{type(backend).__name__}"
