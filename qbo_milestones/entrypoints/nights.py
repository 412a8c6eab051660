"""Past runs as commands print them for people."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from rich.markup import escape

from qbo_milestones.entrypoints.chronicle import took
from qbo_milestones.entrypoints.tables import console, heading, new_table, say
from qbo_milestones.model.night import Night, Send
from qbo_milestones.ports import RunRecord
from qbo_milestones.run.outcome import words

_BESIDES = ("adopted", "refused", "doubtful", "waiting")


def show(found: Sequence[RunRecord], nightly: Collection[int]) -> None:
    """One line a run, the newest first. `nightly` are those that were the run of a business date."""
    numbers = ("Posted", "Billable", "Held", "Metered")
    columns = ("Run", "For", "Why", "Started (UTC)", "Took", "Ended", *numbers, "Besides")
    shown = new_table(*columns, right=("Run", *numbers))
    for one in found:
        ended = "did not end" if one.exit_code is None else f"{one.exit_code}: {_first_words(one.exit_code)}"
        besides = (f"{name} {one.counts[name]}" for name in _BESIDES if one.counts.get(name, "0") != "0")
        shown.add_row(
            *(str(one.id), str(one.business_date), "night" if one.id in nightly else ""),
            *(f"{one.started_at:%Y-%m-%d %H:%M}", _took(one), ended),
            *(one.counts.get(name, "") for name in ("posted", "amount", "held", "metered")),
            ", ".join(besides),
        )
    console.print(shown)


def show_one(one: RunRecord, night: Night, *, nightly: bool) -> None:
    """One run in full."""
    heading(f"Run {one.id} for {one.business_date}{', the nightly one' if nightly else ''}")
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


def _first_words(exit_code: int) -> str:
    """What stands before the advice; what only lengthens a column is left out."""
    return words(exit_code).partition(":")[0].partition(";")[0].removeprefix("done, and ")


def _took(one: RunRecord) -> str:
    duration = took(one)
    return "" if duration is None else str(timedelta(seconds=round(duration.total_seconds())))
