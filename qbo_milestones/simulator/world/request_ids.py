"""requestid: the first answer is given again and nothing is done twice (quickbooks-online.md 3)."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from qbo_milestones.simulator.books.state import State
from qbo_milestones.simulator.books.watched import Watched
from qbo_milestones.simulator.faults import refuse
from qbo_milestones.simulator.messages import Answer
from qbo_milestones.simulator.settings import Settings

LONGEST = 50
LONGEST_OF_BATCH = 36
LONGEST_BID = 10


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """What a request id was first answered with."""

    body_hash: str
    answer: Answer
    given: datetime


class RequestIds(State):
    """The memory of one world, keyed by realm (and app, by the switch ``requestid_scope``) and id."""

    def __init__(self) -> None:
        self.answers: Watched[tuple[str, str, str], FirstAnswer] = Watched()

    def replay(
        self, settings: Settings, realm: str, app: str, request_id: str, body: bytes, now: datetime
    ) -> Answer | None:
        """The first answer, or None if this id is new or forgotten; 600 for another body where the switch says so."""
        first = self.answers.get(_key(settings, realm, app, request_id))
        if first is None or _forgotten(settings, first, now):
            return None
        if settings.requestid_other_body == "refuse" and first.body_hash != _hash(body):
            raise refuse("600", f"Duplicate Request ID: {request_id} was used with another request")
        return first.answer

    def remember(
        self, settings: Settings, realm: str, app: str, request_id: str, body: bytes, answer: Answer, now: datetime
    ) -> None:
        """Keep an answer: successes always, faults by the switch ``requestid_replays_faults``."""
        if answer.status == 200 or (settings.requestid_replays_faults and answer.status < 500):
            key = _key(settings, realm, app, request_id)
            self.answers[key] = FirstAnswer(_hash(body), answer, now)


def check_request_id(request_id: str, is_batch: bool) -> None:
    """2130 for an id that is too long."""
    longest = LONGEST_OF_BATCH if is_batch else LONGEST
    if len(request_id) > longest:
        raise refuse("2130", f"Request Id must not be longer than {longest} characters", "requestid")


def _key(settings: Settings, realm: str, app: str, request_id: str) -> tuple[str, str, str]:
    return realm, app if settings.requestid_scope == "app" else "", request_id


def _forgotten(settings: Settings, first: FirstAnswer, now: datetime) -> bool:
    window = settings.requestid_window_s
    return window is not None and (now - first.given).total_seconds() >= window


def _hash(body: bytes) -> str:
    return sha256(body).hexdigest()
