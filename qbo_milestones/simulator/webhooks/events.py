"""One thing that an app is told of, and how its identity and time are made."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from qbo_milestones.simulator.amounts import Doc


@dataclass(frozen=True, slots=True)
class Event:
    """An event of one app. ``ready`` is when it may be posted; ``data`` the object, where the switch wants it;
    ``turned`` turns the order of its post, ``forged`` spoils its signature."""

    event_id: str
    realm: str
    entity: str
    object_id: str
    operation: str
    at: datetime
    ready: datetime
    deleted_id: str = ""
    data: Doc | None = None
    turned: bool = False
    forged: bool = False

    @property
    def nanoseconds(self) -> str:
        """When it happened, with nine digits of a second: our clock knows six, the identity gives the rest."""
        rest = int(self.event_id.replace("-", "")[:8], 16) % 1000
        return f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}{rest:03d}Z"

    @property
    def milliseconds(self) -> str:
        """When it happened, as the old shape says it."""
        return f"{self.at.astimezone(UTC).isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"


def made_uuid(what: str) -> str:
    """A UUID that is the same for the same words."""
    return str(UUID(bytes=sha256(what.encode()).digest()[:16], version=4))
