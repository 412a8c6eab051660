"""requestid: the first answer is given again and nothing is done twice (quickbooks-online.md 3)."""

import re
from dataclasses import dataclass
from datetime import datetime

from qbo_milestones.simulator.books.state import State
from qbo_milestones.simulator.books.watched import Watched
from qbo_milestones.simulator.faults import refuse
from qbo_milestones.simulator.messages import Answer
from qbo_milestones.simulator.settings import Settings

LONGEST = 50
LONGEST_OF_BATCH = 36
LONGEST_BID = 10
_PLAIN = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Identity:
    """Which request this is: its id in its company (a batch's bIds belong to it), and a hash of what it asks for."""

    realm: str
    app: str
    request_id: str
    body_hash: str

    def key(self, settings: Settings) -> tuple[str, str, str]:
        """Under what it is remembered: per company, or per company and app by the switch ``requestid_scope``."""
        return self.realm, self.app if settings.requestid_scope == "app" else "", self.request_id


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """What a request id was first answered with."""

    body_hash: str
    answer: Answer
    given: datetime


class RequestIds(State):
    """The memory of one world."""

    def __init__(self) -> None:
        self.answers: Watched[tuple[str, str, str], FirstAnswer] = Watched()

    def replay(self, settings: Settings, identity: Identity, now: datetime) -> Answer | None:
        """The first answer, or None if this id is new or forgotten; 600 for another body where the switch says so."""
        first = self.answers.get(identity.key(settings))
        if first is None or _forgotten(settings, first, now):
            return None
        if settings.requestid_other_body == "refuse" and first.body_hash != identity.body_hash:
            name = identity.request_id.partition("\n")[0]
            raise refuse("600", f"Duplicate Request ID: {name} was used with another request")
        return first.answer

    def remember(self, settings: Settings, identity: Identity, answer: Answer, now: datetime) -> None:
        """Keep an answer: successes always, faults by the switch ``requestid_replays_faults``."""
        if answer.status == 200 or (settings.requestid_replays_faults and answer.status < 500):
            self.answers[identity.key(settings)] = FirstAnswer(identity.body_hash, answer, now)


def check_request_id(settings: Settings, request_id: str, is_batch: bool) -> None:
    """2130 for an id that is too long or holds more than plain letters, digits and signs."""
    longest = LONGEST_OF_BATCH if is_batch and settings.batch_long_ids == "2130" else LONGEST
    if len(request_id) > longest:
        raise refuse("2130", f"Request Id must not be longer than {longest} characters", "requestid")
    if not _PLAIN.fullmatch(request_id):
        raise refuse("2130", "Request Id must be plain ASCII without blanks", "requestid")


def _forgotten(settings: Settings, first: FirstAnswer, now: datetime) -> bool:
    window = settings.requestid_window_s
    return window is not None and (now - first.given).total_seconds() >= window
