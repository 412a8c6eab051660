"""How a run ended: its exit code and counts, the same for people, programs and the run's row (reliability.md 5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from qbo_milestones.errors import BadSettings, Failure, NotConnected, Refused, RuleBroken
from qbo_milestones.model.exit_code import (
    DONE,
    INTEGRITY,
    INTERNAL,
    INTERRUPTED,
    MISMATCH,
    RECONNECT,
    TEMPORARY,
    TERMINATED,
    USAGE,
    WAITING,
)
from qbo_milestones.model.money import zero
from qbo_milestones.pipeline.preflight import refusals
from qbo_milestones.ports import FlagChange, OpenFlag
from qbo_milestones.run.decision import Decision
from qbo_milestones.run.delivery import Tally

_WORDS = {
    DONE: "all done",
    WAITING: "done, and a person is waited for",
    USAGE: "stopped by settings, register or set-up; `qbo-milestones check` says which",
    RECONNECT: "stopped, since QuickBooks wants the owner to connect again: run `qbo-milestones connect`",
    MISMATCH: "stopped, since the books and the postings do not match",
    INTEGRITY: "stopped by a broken rule: nothing is posted until a person has looked at `qbo-milestones audit verify`",
    INTERNAL: "stopped by a fault of ours",
    TEMPORARY: "stopped early; the next run goes on",
    INTERRUPTED: "interrupted by a person",
    TERMINATED: "ended by the machine",
}


def words(exit_code: int) -> str:
    """The exit code as people are told it (README, "Exit codes"; reliability.md 5)."""
    return _WORDS.get(exit_code, f"ended with exit code {exit_code}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did. `flags` are all that are open after it."""

    number: int
    business_date: date
    decision: Decision
    tally: Tally
    change: FlagChange
    flags: tuple[OpenFlag, ...]

    @property
    def exit_code(self) -> int:
        """0 all done, 1 a person is waited for, 2 the set-up refuses, 3 reconnect, 75 try again later (ruling 30)."""
        if self.tally.stopped is not None:
            return exit_code_of(self.tally.stopped)
        if refusals(self.decision.checks):
            return USAGE
        if self.flags:
            return WAITING
        # A doubtful or waiting posting is no person's work yet: the next run goes on with it.
        return TEMPORARY if self.tally.doubtful or self.tally.waiting else DONE

    @property
    def counts(self) -> Mapping[str, str]:
        """What the run did, as texts by name; rows = billable + beyond limits + held + billed before."""
        decision, tally = self.decision, self.tally
        billed = sum(one.billed for one in decision.held)
        stopped = {"stopped": tally.stopped.text} if tally.stopped else {}
        return {
            "rows": str(len(decision.register.deliverables)),
            "billable": str(len(decision.pairs)),
            "beyond limits": str(len(decision.beyond)),
            "held": str(len(decision.held) - billed),
            "billed before": str(billed),
            "amount": str(sum((pair.amount for pair in decision.pairs), zero(decision.currency))),
            "posted": str(tally.posted),
            "adopted": str(tally.adopted + len(decision.adoptions)),
            "refused": str(tally.refused),
            "doubtful": str(tally.doubtful),
            "waiting": str(tally.waiting),
            "flags opened": str(len(self.change.opened)),
            "flags cleared": str(len(self.change.cleared)),
            "flags open": str(len(self.flags)),
            **stopped,
        }


def exit_code_of(error: Exception) -> int:
    """The exit code of a run or command that this error ended; what is no Failure is a fault of ours.

    So is a question that QuickBooks refuses: asked again it is refused again, and a night that ended so did nothing.
    """
    if isinstance(error, NotConnected):
        return RECONNECT
    if isinstance(error, BadSettings):
        return USAGE
    if isinstance(error, Failure) and not isinstance(error, Refused):
        return TEMPORARY
    return INTEGRITY if isinstance(error, RuleBroken) else INTERNAL


def why_stopped(error: Exception) -> str:
    """The error for the run's row: a sentence without secrets, since only our own errors are known to have none."""
    return str(error) if isinstance(error, Failure | RuleBroken) else "a fault of ours"
