"""What was, as commands print it with --json: runs and their nights, the audit log, what the doctor found."""

from collections.abc import Sequence
from datetime import timedelta

from qbo_milestones.checkup.findings import Finding, exit_code
from qbo_milestones.entrypoints.records import Record, money, run_record
from qbo_milestones.model.audit import AuditCheck, AuditEntry, AuditHead
from qbo_milestones.model.flag import Flag
from qbo_milestones.model.night import Night, Send
from qbo_milestones.ports import RunRecord
from qbo_milestones.run.outcome import words


def took(one: RunRecord) -> timedelta | None:
    """How long a run was under way; None where it did not end."""
    return None if one.finished_at is None else one.finished_at - one.started_at


def run(one: RunRecord, *, nightly: bool) -> Record:
    """One run. `nightly` says that it was the run of a business date; of others it is not on record why they ran."""
    duration = took(one)
    return {
        **run_record(one),
        "why": "night" if nightly else None,
        "took_s": None if duration is None else round(duration.total_seconds(), 3),
        "ended": "did not end" if one.exit_code is None else words(one.exit_code),
    }


def night(one: RunRecord, found: Night, *, nightly: bool) -> Record:
    """One run in full."""
    return {
        **run(one, nightly=nightly),
        "sends": [_send(send) for send in found.sends],
        "flags_opened": [_flag(flag) for flag in found.opened],
        "flags_cleared": [_flag(flag) for flag in found.cleared],
    }


def _send(send: Send) -> Record:
    return {
        "deliverable": send.deliverable,
        "kind": send.kind,
        "number": send.number,
        "amount": money(send.amount),
        "send": send.send,
        "sent_at": send.sent_at.isoformat(),
        "outcome": send.outcome or None,
        "code": send.code or None,
        "intuit_tid": send.tid or None,
        "books_id": send.books_id or None,
    }


def _flag(flag: Flag) -> Record:
    return {
        "kind": flag.kind,
        "deliverable": flag.subject,
        "severity": flag.rule.severity.value,
        "amount": money(flag.amount),
        "sentence": flag.sentence,
        "documents": list(flag.documents),
    }


def audit_check(found: AuditCheck, anchor: AuditHead) -> Record:
    """Whether the audit log is whole."""
    return {
        "state": found.state.value,
        "sentence": found.sentence,
        "broken_row": found.row or None,
        "head": {"row": found.head.seq, "hash": found.head.hash},
        "anchor": {"row": anchor.seq, "hash": anchor.hash},
    }


def audit_entry(one: AuditEntry) -> Record:
    """One row of the audit log."""
    return {
        "row": one.seq,
        "at": one.at.isoformat(),
        "actor": one.actor,
        "event": one.event,
        "content": dict(one.content),
        "hash": one.hash,
    }


def diagnosis(findings: Sequence[Finding]) -> Record:
    """What the doctor found."""
    checks = [
        {"name": one.name, "mark": one.mark.value, "sentence": one.sentence, "remedy": one.remedy or None}
        for one in findings
    ]
    return {"checks": checks, "exit_code": exit_code(findings)}
