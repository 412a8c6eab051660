"""The tokens of one connection, and what a room for them must offer (reliability.md 1.8)."""

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Protocol

from qbo_milestones.adapters.secrecy import hide


@dataclass(frozen=True, slots=True, repr=False)
class Tokens:
    """Access and refresh token of one company (realm); `version` grows by one with every change.

    `refresh_expires_at` moves with each refresh (100 days of inactivity); `hard_expires_at` is the end after five
    years, None where Intuit did not say (quickbooks-online.md 1.5). `obtained_at` is when Intuit was asked for them.
    `previous` is the refresh token before this one, which may still be good until `previous_until`, one day after it
    was replaced; empty where there is none (reliability.md 1.8). Its repr shows no secret.
    """

    realm: str
    access: str
    refresh: str
    access_expires_at: datetime
    refresh_expires_at: datetime
    hard_expires_at: datetime | None
    version: int
    obtained_at: datetime
    previous: str = ""
    previous_until: datetime | None = None

    def __post_init__(self) -> None:
        hide(self.access, self.refresh, self.previous)

    def __repr__(self) -> str:
        return f"Tokens(realm={self.realm}, version={self.version}, access_expires_at={self.access_expires_at})"

    def to_bytes(self) -> bytes:
        """All of it as bytes, to be sealed by the vault before they touch a disk."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return json.dumps(
            {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
        ).encode()

    @classmethod
    def from_bytes(cls, plain: bytes) -> "Tokens":
        """What `to_bytes` made."""
        values = json.loads(plain)
        instants = {name: datetime.fromisoformat(values[name]) for name in _INSTANTS if values[name] is not None}
        return cls(**{**values, **instants})


_INSTANTS = ("access_expires_at", "refresh_expires_at", "hard_expires_at", "obtained_at", "previous_until")


@dataclass(frozen=True, slots=True)
class Stored:
    """Tokens as the store has them. `refreshing_since`: a refresh was begun and its answer is not kept, so it may be
    lost. `ended_at`: Intuit no longer accepts them; only a person who connects again ends that."""

    tokens: Tokens
    refreshing_since: datetime | None = None
    ended_at: datetime | None = None


class TokenStore(Protocol):
    """Where the tokens of one connection are kept, sealed, for all processes of a machine or a cluster."""

    def load(self) -> Stored | None:
        """The newest tokens; None where nothing was connected."""
        ...

    def version(self) -> int:
        """The version of the newest tokens, readable or not; 0 where nothing was connected."""
        ...

    def save(self, tokens: Tokens, expected_version: int) -> bool:
        """Keep them durably if the stored version is still `expected_version` (0: none stored); else False.

        The marks of the old version go with it, in one step.
        """
        ...

    def mark(self, version: int, since: datetime | None) -> bool:
        """Say durably that a refresh of this version was begun, or (None) that it had no effect."""
        ...

    def end(self, version: int, at: datetime) -> bool:
        """Say durably, for all processes, that Intuit no longer accepts this version."""
        ...

    def lock(self) -> AbstractContextManager[None]:
        """Exclude all others, in other processes too, from refreshing this connection; freed if the holder dies."""
        ...
