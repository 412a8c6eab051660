"""Listening: the companies whose webhooks are heard, and where a hint is put down (quickbooks-online.md 7)."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime

from sqlalchemy import Engine

from qbo_milestones.adapters.quickbooks.webhooks import NotUnderstood, hints_in, signed
from qbo_milestones.adapters.secrecy import hide
from qbo_milestones.adapters.store.connections import realm_of
from qbo_milestones.adapters.store.events import Hint, keep_events
from qbo_milestones.config import PREFIX, Settings
from qbo_milestones.errors import BadSettings
from qbo_milestones.ports import Clock
from qbo_milestones.wiring import SystemClock, database

_log = logging.getLogger(__name__)


class Letterbox:
    """One company's: who may post into it is who knows the verifier token."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self.verifier = settings.quickbooks.webhook_verifier.get_secret_value()
        if not self.verifier:
            raise BadSettings(
                f"{settings.company} has no verifier token: copy it from the app's webhooks page at "
                f"developer.intuit.com into the environment variable {PREFIX}QUICKBOOKS__WEBHOOK_VERIFIER."
            )
        hide(self.verifier)
        self._name, self._realm, self._engine = settings.company, settings.quickbooks.realm, engine

    @property
    def realm(self) -> str:
        """The company's realm id; empty while nobody has connected it. Once known it never changes."""
        self._realm = self._realm or realm_of(self._engine, self._name)
        return self._realm

    def keep(self, hints: Sequence[Hint], now: datetime) -> None:
        """Those about this company, in one transaction. Raises Unavailable."""
        realm = self.realm
        ours = [hint for hint in hints if hint.company == realm]
        if ours:
            new = keep_events(self._engine, ours, now)
            _log.info("webhook_kept", extra={"company": realm, "events": len(ours), "count": new})


class Listener:
    """All letterboxes behind one door. For use by several threads."""

    def __init__(self, boxes: Sequence[Letterbox], clock: Clock) -> None:
        self._boxes, self._clock = tuple(boxes), clock

    def hear(self, body: bytes, signature: bytes) -> bool:
        """Whether the post is signed by one that we know; its hints are then kept, durably.

        A hint goes only into boxes with the verifier that signed it. One about a company that is not ours is let go:
        an app's other companies may be somebody else's to bill. So is a body that cannot be understood, since it
        would only be sent again. Raises Unavailable where a database fails.
        """
        # Each is compared, so that the time does not tell which one fits.
        opened = [box for box in self._boxes if signed(body, signature, box.verifier)]
        if not opened:
            return False
        now = self._clock.now()
        try:
            hints = hints_in(body, now)
        except NotUnderstood:
            _log.warning("webhook_not_understood", extra={"body": body})
            return True
        for box in opened:
            box.keep(hints, now)
        return True


@contextmanager
def listening(companies: Sequence[Settings], clock: Clock | None = None) -> Iterator[Listener]:
    """A listener for these companies. Raises BadSettings where one has no verifier token."""
    with ExitStack() as stack:
        boxes = [Letterbox(settings, stack.enter_context(database(settings))) for settings in companies]
        yield Listener(boxes, clock or SystemClock())
