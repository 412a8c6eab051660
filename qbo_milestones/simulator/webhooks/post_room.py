"""The post room: tells every app that wants to hear it what happened, and keeps what was posted and answered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.watched import Watched
from qbo_milestones.simulator.settings import Settings
from qbo_milestones.simulator.webhooks.catalogue import told_as
from qbo_milestones.simulator.webhooks.endpoints import Endpoint
from qbo_milestones.simulator.webhooks.events import Event, made_uuid
from qbo_milestones.simulator.webhooks.letters import Letter, letter
from qbo_milestones.simulator.webhooks.line import Line, Post
from qbo_milestones.simulator.webhooks.tricks import Trick, played

KEPT = 10_000
"""Attempts that are remembered."""


@dataclass(frozen=True, slots=True)
class News:
    """What happened, before anyone is told. ``followed``: as the consequence of something else."""

    realm: str
    entity: str
    object_id: str
    operation: str
    at: datetime
    followed: bool = False
    deleted_id: str = ""
    data: Doc | None = None


class PostRoom:
    """One line of events for each endpoint; an app has one endpoint. A line that changed is put back in its place,
    so that whoever watches the lines sees it."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.lines: Watched[str, Line] = Watched()
        self.tricks: list[Trick] = []
        self.attempts: list[Doc] = []
        self.events = 0
        self.posted = 0

    def register(self, endpoint: Endpoint) -> None:
        """An app's endpoint, in place of the one it had; what waits goes to the new one."""
        line = self.lines.get(endpoint.client_id) or Line(endpoint)
        line.endpoint = endpoint
        self.lines[endpoint.client_id] = line

    def tell(self, settings: Settings, news: News, connected: Callable[[str], bool]) -> None:
        """Put an event into the line of every app that wants it and is ``connected`` to the company."""
        told = told_as(news.entity, news.operation, settings.webhook_inactivation)
        if told is None or (news.followed and not settings.webhook_followed):
            return
        for client_id, line in self.lines.items():
            if line.endpoint.wants(*told) and connected(client_id):
                event = self._event(news, client_id, *told)
                for each in played(self.tricks, client_id, event, str(settings.mischief_seed)):
                    line.join(each)
                self.lines[client_id] = line

    def _event(self, news: News, client_id: str, entity: str, operation: str) -> Event:
        self.events += 1
        event_id = made_uuid(f"{self.seed}/{client_id}/{self.events}")
        return Event(
            event_id, news.realm, entity, news.object_id, operation, news.at, news.at, news.deleted_id, news.data
        )

    def next_due(self, settings: Settings, client_id: str, now: datetime) -> tuple[Post, Letter] | None:
        """The next post of an app that is due, with its letter."""
        line = self.lines.get(client_id)
        post = line.due(settings, now) if line else None
        if line is None or post is None:
            return None
        self.lines[client_id] = line
        return post, letter(settings, line.endpoint, post.events, post.number, post.due)

    def answered(self, client_id: str, post: Post, sent: Letter, status: int | None, error: str = "") -> None:
        """What became of an attempt: only 200 acknowledges; ``status`` None means that no answer came in time."""
        self.posted += 1
        entry = {
            "n": self.posted, "client_id": client_id, "url": sent.url, "post": post.number,
            "attempt": post.attempts + 1, "at": post.due.isoformat(), "status": status, "error": error or None,
            "acknowledged": status == 200, "events": [event.event_id for event in post.events],
            "headers": sent.headers, "body": sent.body.decode(),
        }  # fmt: skip
        self.attempts.append(entry)
        del self.attempts[:-KEPT]
        line = self.lines.get(client_id)
        if line is not None and post in line.held:
            line.answered(post, status == 200)
            self.lines[client_id] = line

    def picture(self, since: int) -> Doc:
        """What was posted after number ``since``, and what waits."""
        sent = [entry for entry in self.attempts if entry["n"] > since]
        return {"sent": sent, "waiting": [_queue(line) for line in self.lines.values()], "last": self.posted}


def _queue(line: Line) -> Doc:
    held: list[Any] = [
        {"post": post.number, "attempts": post.attempts, "due": post.due.isoformat(),
         "events": [event.event_id for event in post.events]}
        for post in line.held
    ]  # fmt: skip
    events = [
        {"id": event.event_id, "realm": event.realm, "entity": event.entity, "object": event.object_id,
         "operation": event.operation, "ready": event.ready.isoformat()}
        for event in line.waiting
    ]  # fmt: skip
    return {"client_id": line.endpoint.client_id, "unacknowledged": held, "events": events}
