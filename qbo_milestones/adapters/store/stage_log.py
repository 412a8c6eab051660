"""What the log hears of postings: each stage that one reached, once it is committed."""

import logging

from qbo_milestones.adapters.store.outbox import Answer
from qbo_milestones.pipeline.outbox import Outgoing, Stage

_log = logging.getLogger(__name__)

# What a person should see even where only troubles are logged.
_TROUBLES = frozenset({Stage.REFUSED, Stage.DOUBTFUL, Stage.DISPUTED})


def tell(moved: Outgoing, answer: Answer | None = None) -> None:
    """One event: posting_sending, posting_posted, posting_adopted and so on.

    QuickBooks' own words stay in the database: they may name customers.
    """
    adopted = answer is not None and answer.adopted
    failure = answer.failure if answer else None
    told = {
        "posting": moved.key,
        "deliverable": moved.deliverable_id,
        "kind": moved.identity.kind.value,
        "stage": moved.stage.value,
        "attempt": moved.attempt,
        "requestid": moved.requestid,
        "code": failure.code if failure else None,
        "http_status": answer.status if answer else None,
        "intuit_tid": (failure.tid if failure else answer.tid if answer else "") or None,
    }
    level = logging.WARNING if moved.stage in _TROUBLES else logging.INFO
    _log.log(level, f"posting_{'adopted' if adopted else moved.stage.value}", extra=told)
