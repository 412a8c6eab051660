"""The heartbeat: renews the lease while a run works, and says when sending must stop (reliability.md 1.9)."""

import logging
from contextvars import copy_context
from threading import Event, Thread
from types import TracebackType
from typing import Self

from qbo_milestones.errors import Unavailable
from qbo_milestones.ports import Lease
from qbo_milestones.run.world import Rules, World

_log = logging.getLogger(__name__)


class Heartbeat:
    """A thread that renews every sixth of the lease, between entering and leaving."""

    def __init__(self, world: World, rules: Rules, lease: Lease) -> None:
        self.lease = lease
        self._world, self._rules = world, rules
        self._renewed = world.clock.monotonic()
        self._over = Event()
        self._thread = Thread(target=copy_context().run, args=(self._beat,), name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    @property
    def pulse_s(self) -> float:
        """Seconds between renewals."""
        return self._rules.lease_for.total_seconds() / 6

    @property
    def may_send(self) -> bool:
        """Whether the last good renewal is less than two thirds of the lease ago."""
        age = self._world.clock.monotonic() - self._renewed
        return age < self._rules.lease_for.total_seconds() * 2 / 3

    def renew(self) -> None:
        """One renewal. Where it fails, `may_send` runs out unless a later one succeeds."""
        try:
            self._world.store.renew_lease(self.lease, self._world.clock.now(), self._rules.lease_for)
        except Unavailable as refused:
            # Lost, or the database was busy: every write of a lost lease is refused by its fence.
            _log.warning("lease_not_renewed", extra={"fence": self.lease.fence, "text": refused.text})
            return
        self._renewed = self._world.clock.monotonic()

    def _beat(self) -> None:
        while not self._over.wait(self.pulse_s):
            self.renew()
