"""The key to the tokens, where the settings say that it lies, and the tokens of a company that it seals."""

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
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


def make_key(settings: Settings) -> None:
    """The key to the tokens, made if there is none yet. Raises BadSettings where it cannot be kept safely."""
    _key(settings, create=True)


def _key(settings: Settings, create: bool) -> Key:
    if settings.key.source == "environment":
        return key_from_environment(KEY_VARIABLE, os.environ)
    if settings.key.source == "file":
        return key_from_file(settings.path(settings.key.file), create and not settings.path(settings.key.file).exists())
    return key_from_keyring("qbo-milestones", settings.company, os_keyring(), create)
