"""Past runs as commands print them, for people and for programs."""

from collections.abc import Sequence
from datetime import timedelta

from rich.markup import escape

from qbo_milestones.entrypoints.records import Record, money, run_record
from qbo_milestones.entrypoints.tables import console, heading, new_table, say
from qbo_milestones.model.flag import Flag
from qbo_milestones.model.night import Night, Send
from qbo_milestones.ports import RunRecord
from qbo_milestones.run.outcome import words

_BESIDES = ("adopted", "refused", "doubtful", "waiting")


def show(found: Sequence[RunRecord]) -> None:
    """One line a run, the newest first."""
    numbers = ("Posted", "Billable", "Held", "Metered")
    shown = new_table("Run", "For", "Started (UTC)", "Took", "Ended", *numbers, "Besides", right=("Run", *numbers))
    for one in found:
        ended = "did not end" if one.exit_code is None else f"{one.exit_code}: {_first_words(one.exit_code)}"
        besides = (f"{name} {one.counts[name]}" for name in _BESIDES if one.counts.get(name, "0") != "0")
        shown.add_row(
            *(str(one.id), str(one.business_date), f"{one.started_at:%Y-%m-%d %H:%M}", _took(one), ended),
            *(one.counts.get(name, "") for name in ("posted", "amount", "held", "metered")),
            ", ".join(besides),
        )
    console.print(shown)


def record(one: RunRecord) -> Record:
    """One run for programs."""
    took = _seconds(one)
    return {
        **run_record(one),
        "took_s": None if took is None else round(took.total_seconds(), 3),
        "ended": "did not end" if one.exit_code is None else words(one.exit_code),
    }


def show_one(one: RunRecord, night: Night) -> None:
    """One run in full."""
    heading(f"Run {one.id} for {one.business_date}")
    say(f"Started {one.started_at:%Y-%m-%d %H:%M:%S} UTC, took {_took(one) or 'unknown'}")
    say("It did not end." if one.exit_code is None else f"Exit code {one.exit_code}: {words(one.exit_code)}.")
    say(", ".join(f"{name} {count}" for name, count in one.counts.items()) or "Nothing was counted.")
    if night.sends:
        _show_sends(night.sends)
    for what, flags in (("Opened", night.opened), ("Cleared", night.cleared)):
        for flag in flags:
            amount = f" {flag.amount}" if flag.amount is not None else ""
            say(f"{what}: {flag.kind} {flag.subject}{amount}: {flag.sentence}")


def _show_sends(sends: Sequence[Send]) -> None:
    shown = new_table("Deliverable", "Kind", "Number", "Amount", "Send", "At", "Became", "Id", "tid", right=("Amount",))
    for send in sends:
        became = " ".join(filter(None, (send.outcome or "unknown", send.code)))
        shown.add_row(
            *(escape(send.deliverable), send.kind, escape(send.number), str(send.amount), str(send.send)),
            *(f"{send.sent_at:%H:%M:%S}", escape(became), send.books_id, escape(send.tid)),
        )
    console.print(shown)


def night_record(one: RunRecord, night: Night) -> Record:
    """One run in full for programs."""
    sends = [
        {
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
        for send in night.sends
    ]
    flags = {"flags_opened": [_flag(flag) for flag in night.opened], "flags_cleared": [_flag(f) for f in night.cleared]}
    return {**record(one), "sends": sends, **flags}


def _flag(flag: Flag) -> Record:
    return {
        "kind": flag.kind,
        "deliverable": flag.subject,
        "severity": flag.rule.severity.value,
        "amount": money(flag.amount),
        "sentence": flag.sentence,
        "documents": list(flag.documents),
    }


def _first_words(exit_code: int) -> str:
    """What stands before the advice."""
    return words(exit_code).partition(":")[0].partition(";")[0]


def _seconds(one: RunRecord) -> timedelta | None:
    return None if one.finished_at is None else one.finished_at - one.started_at


def _took(one: RunRecord) -> str:
    took = _seconds(one)
    return "" if took is None else str(timedelta(seconds=round(took.total_seconds())))
