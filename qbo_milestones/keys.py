"""The key to the tokens, where the settings say that it lies; the tokens that it seals, and how long they last."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from qbo_milestones.adapters.quickbooks.key_places import (
    Credential,
    KeyFile,
    KeyPlace,
    KeyringEntry,
    KeyVariable,
    os_keyring,
)
from qbo_milestones.adapters.quickbooks.tokens import Stored, Tokens
from qbo_milestones.adapters.quickbooks.vault import Vault, new_key
from qbo_milestones.adapters.store import file_lock
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.adapters.store.tokens import TokenRoom, companies_of
from qbo_milestones.config import PREFIX, Settings
from qbo_milestones.errors import BadSettings
from qbo_milestones.run.standing import Link, ends_ahead

KEY_VARIABLE = f"{PREFIX}TOKEN_KEY"
# Another change of the key seals a company's tokens anew in milliseconds.
_WAIT_S = 60.0


class Sealer(Protocol):
    """Who seals and opens tokens; see vault.Vault."""

    def seal(self, plain: bytes, realm: str, version: int) -> bytes:
        """Sealed bytes."""
        ...

    def unseal(self, sealed: bytes, realm: str, version: int) -> bytes:
        """The plain bytes. Raises BadSettings where no key of ours opens them."""
        ...


@dataclass(frozen=True, slots=True)
class KeptVault:
    """A vault that fetches its keys each time: a process that runs for months must see that the key was changed.

    What it seals under the lock of the tokens is therefore sealed by the key of that moment, see `rotate`.
    """

    place: KeyPlace

    def seal(self, plain: bytes, realm: str, version: int) -> bytes:
        """See Sealer."""
        return self.now().seal(plain, realm, version)

    def unseal(self, sealed: bytes, realm: str, version: int) -> bytes:
        """See Sealer."""
        return self.now().unseal(sealed, realm, version)

    def now(self) -> Vault:
        """The vault with the keys as they are now. Raises BadSettings where they cannot be had."""
        first, *older = self.place.keys()
        return Vault(first, older)


@dataclass(frozen=True, slots=True)
class SealedTokens:
    """The tokens of one company: sealed by the vault, kept by the store (design.md, Exactly once 10)."""

    room: TokenRoom
    vault: Sealer
    realm: str

    def load(self) -> Stored | None:
        """See tokens.TokenStore."""
        found = self.room.load()
        if found is None or not found.sealed:
            return None
        plain = self.vault.unseal(found.sealed, self.realm, found.version)
        return Stored(Tokens.from_bytes(plain), found.refreshing_since, found.ended_at)

    def version(self) -> int:
        """See tokens.TokenStore."""
        found = self.room.load()
        return 0 if found is None else found.version

    def save(self, tokens: Tokens, expected_version: int) -> bool:
        """See tokens.TokenStore."""
        sealed = self.vault.seal(tokens.to_bytes(), self.realm, expected_version + 1)
        return self.room.save(sealed, expected_version)

    def mark(self, version: int, since: datetime | None) -> bool:
        """See tokens.TokenStore."""
        return self.room.mark(version, since)

    def end(self, version: int, at: datetime) -> bool:
        """See tokens.TokenStore."""
        return self.room.end(version, at)

    def lock(self) -> AbstractContextManager[None]:
        """See tokens.TokenStore."""
        return self.room.lock()


def sealed_tokens(settings: Settings, store: DatabaseStore) -> SealedTokens:
    """Where the company's tokens are kept. Raises BadSettings where the key to them cannot be had."""
    vault = KeptVault(place_of(settings))
    vault.now()
    return SealedTokens(store.tokens, vault, store.company)


def link_of(settings: Settings, store: DatabaseStore, now: datetime) -> Link:
    """The connection as our database tells it, or why it tells nothing; no network."""
    story = store.story()
    link = Link() if story is None else Link("", story.title, story.connected_by, story.connected_at)
    connect = f"run `qbo-milestones connect --config {settings.folder}`"
    try:
        kept = sealed_tokens(settings, store).load()
    except BadSettings as unreadable:
        return replace(link, problem=unreadable.text)
    if kept is None:
        since = "" if story is None or story.disconnected_at is None else f" since {story.disconnected_at:%Y-%m-%d}"
        return replace(link, problem=f"Not connected{since}: {connect}.")
    if kept.ended_at is not None:
        ended = f"QuickBooks has not accepted the connection since {kept.ended_at:%Y-%m-%d %H:%M} UTC"
        return replace(link, problem=f"{ended}: {connect}; what was read and posted stays.", ended_at=kept.ended_at)
    link = replace(link, idle_end=kept.tokens.refresh_expires_at, hard_end=kept.tokens.hard_expires_at)
    warnings = ends_ahead(link, now, f"qbo-milestones reconnect --config {settings.folder}")
    return replace(link, renewed_at=kept.tokens.obtained_at, warnings=warnings)


def make_key(settings: Settings) -> None:
    """The key to the tokens, made if there is none yet. Raises BadSettings where it cannot be kept safely."""
    place_of(settings).make()


def place_of(settings: Settings) -> KeyPlace:
    """Where the settings say that the key lies. Raises BadSettings where this machine has no such place."""
    file = settings.path(settings.key.file)
    if settings.key.source == "environment":
        return KeyVariable(KEY_VARIABLE, os.environ)
    if settings.key.source == "credentials":
        return Credential(file.name, os.environ)
    if settings.key.source == "file":
        return KeyFile(file)
    return KeyringEntry("qbo-milestones", settings.company, os_keyring())


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a change of the key did: how many companies' tokens the new one seals, how many were another key's."""

    sealed: int
    left: int
    todo: str


def lock_of(settings: Settings) -> Path:
    """The file that keeps two from changing the key at once: beside a key file, which other companies may use too."""
    if settings.key.source != "file":
        return settings.home_folder / "key-rotation.lock"
    file = settings.path(settings.key.file)
    return file.with_name(f"{file.name}-rotation.lock")


def rotate(place: KeyPlace, engine: Engine, lock: Path, by: str, now: datetime, *, forget_old: bool) -> Rotated:
    """Change the key: a new one that seals and the old one beside it; all tokens of the database sealed anew; then
    the old one goes, if it is to be forgotten: another database may hold tokens that only it opens.

    Killed anywhere, everything can still be opened, and the next call finishes what was begun. `lock` see `lock_of`;
    the audit log says that `by` did it. Raises BadSettings where a person must change the key, with the steps.
    """
    with _locked(lock):
        if len(place.keys()) == 1:
            place.add(new_key())
        vault = KeptVault(place).now()
        outcomes = [_sealed(TokenRoom(engine, each), each, vault, by, now) for each in companies_of(engine)]
        return Rotated(outcomes.count(True), outcomes.count(False), place.settle(forget=forget_old))


def _sealed(room: TokenRoom, company: str, vault: Vault, by: str, now: datetime) -> bool | None:
    """Whether the row is sealed by the newest key now; False for one that no key of ours opens, None for none."""
    # Under the lock nobody is between fetching the old key and keeping what it sealed.
    with room.lock():
        found = room.load()
        if found is None or not found.sealed:
            return None
        if vault.is_current(found.sealed):
            return True
        try:
            plain = vault.unseal(found.sealed, company, found.version)
        except BadSettings:
            return False
        return room.reseal(vault.seal(plain, company, found.version), found.version, by, now)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        file_lock.take(handle, _WAIT_S, "the change of the key")
        yield
    finally:
        os.close(handle)
