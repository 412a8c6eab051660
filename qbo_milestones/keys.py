"""The key to the tokens, where the settings say that it lies; the tokens that it seals, and how long they last."""

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime

from qbo_milestones.adapters.quickbooks.tokens import Stored, Tokens
from qbo_milestones.adapters.quickbooks.vault import (
    Key,
    Vault,
    key_from_environment,
    key_from_file,
    key_from_keyring,
    os_keyring,
)
from qbo_milestones.adapters.store.store import DatabaseStore
from qbo_milestones.adapters.store.tokens import TokenRoom
from qbo_milestones.config import PREFIX, Settings
from qbo_milestones.errors import BadSettings
from qbo_milestones.run.standing import Link, ends_ahead

KEY_VARIABLE = f"{PREFIX}TOKEN_KEY"


@dataclass(frozen=True, slots=True)
class SealedTokens:
    """The tokens of one company: sealed by the vault, kept by the store (design.md, Exactly once 10)."""

    room: TokenRoom
    vault: Vault
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
    return SealedTokens(store.tokens, Vault(_key(settings, create=False)), store.company)


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
    return replace(link, renewed_at=kept.tokens.obtained_at, warnings=ends_ahead(link, now))


def make_key(settings: Settings) -> None:
    """The key to the tokens, made if there is none yet. Raises BadSettings where it cannot be kept safely."""
    _key(settings, create=True)


def _key(settings: Settings, create: bool) -> Key:
    if settings.key.source == "environment":
        return key_from_environment(KEY_VARIABLE, os.environ)
    if settings.key.source == "file":
        return key_from_file(settings.path(settings.key.file), create and not settings.path(settings.key.file).exists())
    return key_from_keyring("qbo-milestones", settings.company, os_keyring(), create)
