"""The line of events before one endpoint: which of them make the next post, when it is due, what its answer means."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from qbo_milestones.simulator.settings import Settings
from qbo_milestones.simulator.webhooks.endpoints import Endpoint
from qbo_milestones.simulator.webhooks.events import Event

RETRY_AFTER_S = (10, 20, 30, 5 * 60, 20 * 60, 2 * 3600, 4 * 3600, 6 * 3600)
"""Seconds after each failed attempt, the last one for ever (quickbooks-online.md 7, policy of 2026-02)."""


@dataclass(slots=True)
class Post:
    """Events that travel together until they are acknowledged."""

    number: int
    events: tuple[Event, ...]
    due: datetime
    attempts: int = 0


@dataclass(slots=True)
class Line:
    """What waits for one endpoint. ``held`` is what was posted and not yet acknowledged."""

    endpoint: Endpoint
    waiting: list[Event] = field(default_factory=list)
    held: list[Post] = field(default_factory=list)
    free_since: datetime | None = None
    posts: int = 0

    def join(self, event: Event) -> None:
        """An event takes its place."""
        self.waiting.append(event)
        self.waiting.sort(key=lambda each: each.ready)

    def due(self, settings: Settings, now: datetime) -> Post | None:
        """The next post to make, or to make again, at or before ``now``."""
        if not (self.held and settings.webhook_holds_back):
            self._close(settings, now)
        ready = [post for post in self.held if post.due <= now]
        return min(ready, key=lambda post: (post.due, post.number)) if ready else None

    def _close(self, settings: Settings, now: datetime) -> None:
        """A window opens with its first event and closes when it has run, or when the line gets free, if later."""
        while self.waiting:
            closes = self.waiting[0].ready + timedelta(seconds=settings.webhook_window_s)
            if self.free_since is not None and settings.webhook_holds_back:
                closes = max(closes, self.free_since)
            if closes > now:
                return
            self._pack(settings, closes)
            if settings.webhook_holds_back:
                return

    def _pack(self, settings: Settings, closes: datetime) -> None:
        realm = self.waiting[0].realm if settings.webhook_realms == "one" else None
        chosen = [event for event in self.waiting if event.ready <= closes and realm in (None, event.realm)]
        taken = set(map(id, chosen))
        self.waiting = [event for event in self.waiting if id(event) not in taken]
        self.posts += 1
        self.held.append(
            Post(self.posts, tuple(chosen[::-1] if any(event.turned for event in chosen) else chosen), closes)
        )

    def answered(self, post: Post, acknowledged: bool) -> None:
        """An acknowledged post is done with; any other comes again, the whole of it."""
        post.attempts += 1
        if acknowledged:
            self.held.remove(post)
            self.free_since = post.due
        else:
            wait_s = RETRY_AFTER_S[min(post.attempts, len(RETRY_AFTER_S)) - 1]
            post.due += timedelta(seconds=wait_s)
