"""What the audit log says of each event: identities, amounts, hashes, trace ids; never names, bodies or tokens."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from qbo_milestones.adapters.store.audit import RUN_STARTED, SENDING, Event
from qbo_milestones.model.flag import Flag
from qbo_milestones.model.money import from_minor
from qbo_milestones.pipeline.outbox import Stage
from qbo_milestones.ports import FlagChange

# What a run counted that belongs into the log; the sentence that stopped it may hold QuickBooks' words.
_COUNTS = ("posted", "adopted", "refused", "doubtful", "waiting", "amount")


def posting(name: str, row: Mapping[str, Any], **more: str) -> Event:
    """A posting's event, from the columns of its row; `more` are texts, and empty ones are left out."""
    content = {
        "deliverable": row["deliverable_id"],
        "kind": row["kind"],
        "letter": row["letter"],
        "amount": str(from_minor(row["amount_minor"], row["currency"])),
        "body": row["body_sha256"],
        "attempt": str(row["attempt"]),
    }
    return Event(f"posting.{name}", content | {key: text for key, text in more.items() if text})


def planned(row: Mapping[str, Any], name: str = "planned") -> Event:
    """A posting that was decided, with the evidence that let it through."""
    return posting(name, row, requestid=row["requestid"], evidence=row["evidence_sha256"])


def sending(row: Mapping[str, Any], requestid: str, n: int) -> Event:
    """The n-th send of a posting, before anything leaves."""
    return posting(SENDING.partition(".")[2], row, requestid=requestid, send=str(n))


def moved_name(start: Stage, end: Stage, *, adopted: bool) -> str:
    """What a move is called: a stage, or what is more telling than that."""
    if end is Stage.POSTED and adopted:
        return "adopted"
    return "returned" if start is Stage.SENDING and end is Stage.PLANNED else end.value


def run_started(number: int, business_date: date) -> Event:
    """A run began."""
    return Event(RUN_STARTED, {"run": str(number), "business_date": business_date.isoformat()})


def run_ended(number: int, exit_code: int, counts: Mapping[str, str]) -> Event:
    """A run ended, with what it did."""
    told = {name: counts[name] for name in _COUNTS if name in counts}
    return Event("run.ended", {"run": str(number), "exit_code": str(exit_code), **told})


def flags(change: FlagChange, run: int) -> list[Event]:
    """What a run opened and cleared."""
    opened, cleared = (("opened", flag) for flag in change.opened), (("cleared", flag) for flag in change.cleared)
    return [_flag(name, found, run) for name, found in (*opened, *cleared)]


def _flag(name: str, found: Flag, run: int) -> Event:
    content = {"kind": found.kind, "deliverable": found.subject, "documents": ", ".join(found.documents)}
    amount = {} if found.amount is None else {"amount": str(found.amount)}
    return Event(f"flag.{name}", content | amount | {"run": str(run)})
