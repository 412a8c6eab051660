"""What objects were before they changed, for as long as somebody may want to see it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.books.state import State

MOST = 50_000


@dataclass(frozen=True, slots=True)
class Version:
    """What an object was before it changed, None where it was not there."""

    at: datetime
    entity: str
    object_id: str
    before: Record | None


class Past(State):
    """Earlier versions of objects, kept for a while."""

    def __init__(self, keep_s: int) -> None:
        self.keep_s = keep_s
        self.versions: list[Version] = []
        self._room = 1000

    def note(self, version: Version) -> None:
        """Remember a version; what nobody will ask for is let go now and then."""
        self.versions.append(version)
        if len(self.versions) > self._room:
            start = version.at - timedelta(seconds=self.keep_s)
            self.versions = [each for each in self.versions if each.at >= start][-MOST:]
            self._room = 1000 + 2 * len(self.versions)
