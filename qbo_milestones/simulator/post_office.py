"""Carries the post: what the post room has due goes out over HTTP, to this machine only, and the answer goes back."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

import requests

from qbo_milestones.simulator.webhooks.letters import Letter
from qbo_milestones.simulator.world.world import World

MOST_AT_ONCE, MOST_SILENCES = 50, 3
"""Attempts at one endpoint, and attempts without an answer, before others get their turn: a clock that jumps a year
has 1,460 retries behind it, and each may take its whole three seconds."""
TOO_LATE = "Timeout"
EVERY_S = 0.2


class PostOffice:
    """One world's postman. Endpoints are served side by side, each one in order.

    ``keep`` is called after each attempt, for the data file.
    """

    def __init__(self, world: World, keep: Callable[[], None]) -> None:
        self.world = world
        self.keep = keep
        self.busy: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def deliver(self) -> None:
        """Make every post that is due by now."""
        await asyncio.gather(*(self._serve(client_id) for client_id in list(self.world.post_room.lines)))

    async def keep_delivering(self) -> None:
        """Deliver on a short timer, for as long as the switch ``webhook_timer`` says so."""
        while True:
            await asyncio.sleep(EVERY_S)
            if self.world.settings.webhook_timer:
                await self.deliver()

    async def _serve(self, client_id: str) -> None:
        async with self.busy[client_id]:
            silences = 0
            for _ in range(MOST_AT_ONCE):
                room = self.world.post_room
                due = room.next_due(self.world.settings, client_id, self.world.clock.now())
                if due is None or silences == MOST_SILENCES:
                    return
                post, letter = due
                status, error = await asyncio.to_thread(_posted, letter)
                room.answered(client_id, post, letter, status, error)
                silences += TOO_LATE in error
                self.keep()


def _posted(letter: Letter) -> tuple[int | None, str]:
    """(status, "") as answered in time, or (None, why not). No redirect is followed, no proxy asked."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.post(
                letter.url, data=letter.body, headers=letter.headers, timeout=letter.answer_within_s,
                allow_redirects=False, stream=True,
            )  # fmt: skip
        except requests.RequestException as error:
            return None, f"{type(error).__name__}: {error}"
        answer.close()
        return answer.status_code, ""
