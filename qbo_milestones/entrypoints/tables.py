"""What commands print for people: tables with money and dates as accountants write them."""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from qbo_milestones.model.flag import Severity
from qbo_milestones.model.money import Money, zero
from qbo_milestones.pipeline.calendar import Timetable
from qbo_milestones.pipeline.gate import Held
from qbo_milestones.pipeline.plan import Pair, t_accounts
from qbo_milestones.pipeline.preflight import Check, refusals
from qbo_milestones.ports import OpenFlag
from qbo_milestones.run.decision import Decision
from qbo_milestones.run.outcome import Outcome
from qbo_milestones.run.standing import Link, Standing
from qbo_milestones.run.world import Tell

# A log or a pipe has no width of its own.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
# A preview of a large register is read by its first rows and its counts; --json has all of them.
_MOST = 60
# Below this many columns a table breaks its words.
_NARROW = 110
_COLOURS = {Severity.URGENT: "bold red", Severity.HIGH: "yellow", Severity.NORMAL: "cyan"}


def say(text: str) -> None:
    """One plain line."""
    console.print(escape(text))


def heading(text: str) -> None:
    """A line that starts a part."""
    console.print(f"\n[bold]{escape(text)}[/]")


def progress() -> Tell:
    """Progress on one line that is written over; plain lines where the output is no terminal."""
    if not console.is_terminal:
        said: list[str] = []

        def tell_once(sentence: str) -> None:
            # A log needs the steps, not every count.
            if not said or said[-1].split()[0] != sentence.split()[0]:
                say(f"  {sentence}")
            said[:] = [sentence]

        return tell_once
    return lambda sentence: console.print(f"  {escape(sentence)}".ljust(console.width - 1), end="\r")


def shown_held(found: Decision, wanted: frozenset[str] | set[str]) -> None:
    """Of the deliverables that were asked for: those that are not to be billed, and those that nobody knows."""
    rows = [one for one in found.held if one.deliverable.key in wanted]
    if rows:
        heading("Not to be billed; `trace` tells what is on record")
        held(rows)
    known = {row.key for row in found.register.deliverables}
    for unknown in sorted(wanted - known):
        say(f"{unknown}: the register has no such row.")


def refused_checks(found: Iterable[Check]) -> None:
    """Why nothing can be posted, where the set-up refuses."""
    refused = refusals(found)
    if refused:
        console.print("[bold red]Nothing can be posted: the company is not set up for it.[/]")
        checks(refused)


def new_table(*columns: str, right: Sequence[str] = ()) -> Table:
    """An empty table; its `right` columns are aligned to the right."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=False)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return made


def _rest(total: int) -> None:
    if total > _MOST:
        say(f"... and {total - _MOST:,} more; --json prints all of them.")


def checks(found: Iterable[Check]) -> None:
    """The preflight, one line a check, with what to change where."""
    table = new_table("", "Check", "Finding")
    for check in found:
        mark = "[green]ok[/]" if check.ok else ("[bold red]NO[/]" if check.stops else "[yellow]note[/]")
        remedy = f"\n[bold]Do:[/] {escape(check.remedy)}" if check.remedy and not check.ok else ""
        table.add_row(mark, escape(check.name), escape(check.sentence) + remedy)
    console.print(table)


def preview(found: Decision) -> None:
    """What would be billed, and why each other row is held."""
    heading(f"To be billed: {len(found.pairs):,} deliverables, {_sum(found.pairs, found.currency)}")
    if found.pairs:
        billables(found.pairs)
    if found.beyond:
        say(f"Past the date's limits, for a later one: {', '.join(pair.deliverable_id for pair in found.beyond[:20])}")
    waiting = [one for one in found.held if not one.billed]
    heading(f"Held: {len(waiting):,} rows")
    if waiting:
        held(waiting)
    if billed := len(found.held) - len(waiting):
        say(f"Billed already, with nothing left to do: {billed:,}.")
    if found.register.problems:
        heading(f"Problems of the register that belong to no row above: {len(found.register.problems):,}")
        for problem in found.register.problems[:_MOST]:
            say(f"  {problem.place}: {problem.sentence}")
        _rest(len(found.register.problems))


def billables(pairs: Sequence[Pair]) -> None:
    """One line a deliverable."""
    table = new_table(
        "Deliverable", "Customer", "Contract", "Accepted", "Amount", "Invoice", "Date", "Due", right=("Amount",)
    )
    for pair in pairs[:_MOST]:
        table.add_row(
            escape(pair.deliverable_id),
            escape(pair.customer),
            escape(pair.contract),
            str(pair.invoice.accepted_on),
            str(pair.amount),
            escape(pair.invoice.number or "(QuickBooks numbers it)"),
            str(pair.invoice.draft.date),
            str(pair.due_date or ""),
        )
    console.print(table)
    _rest(len(pairs))


def t_account(pair: Pair, found: Decision) -> None:
    """What one deliverable will do in the ledger."""
    table = new_table("Date", "Account", "Debit", "Credit", right=("Debit", "Credit"))
    for entry in t_accounts(pair, found.setup):
        amounts = (str(entry.amount), "") if entry.side == "Debit" else ("", str(entry.amount))
        table.add_row(str(entry.date), escape(entry.account), *amounts)
    console.print(table)


def held(rows: Sequence[Held]) -> None:
    """Every reason of every held row, the most urgent rows first, after a count by kind."""
    counts = Counter(reason.kind for row in rows for reason in row.reasons)
    say("  " + ", ".join(f"{kind} {count:,}" for kind, count in counts.most_common()))
    table = new_table("Deliverable", "Amount", "Why it is held, and what to do", right=("Amount",))
    for row in sorted(rows, key=lambda row: list(Severity).index(row.severity))[:_MOST]:
        reasons = "\n".join(
            f"[{_COLOURS[reason.rule.severity]}]{reason.kind}[/] {escape(reason.sentence)} "
            f"[dim]({reason.rule.owner.value})[/]"
            for reason in row.reasons
        )
        table.add_row(escape(row.deliverable.id), str(row.amount or ""), reasons)
    console.print(table)
    _rest(len(rows))


def flags(found: Sequence[OpenFlag], owners: Mapping[str, str]) -> None:
    """The flags, most urgent first, with what to do about each. `owners` names the person of a role."""
    if not found:
        say("No open flags.")
        return
    if console.width < _NARROW:
        _flag_blocks(found, owners)
        return
    table = new_table(
        "Flag", "Deliverable", "Amount", "What was found, and what to do", "Owner", "Review", right=("Amount",)
    )
    for one in found[:_MOST]:
        flag = one.flag
        also = f" [dim](also {', '.join(flag.also)})[/]" if flag.also else ""
        table.add_row(
            f"[{_COLOURS[flag.rule.severity]}]{flag.kind}[/]\n"
            f"[dim]{flag.rule.severity.value}, since {one.opened_on}[/]",
            escape(flag.subject),
            str(flag.amount or ""),
            f"{escape(flag.sentence)}{also}\n[bold]Do:[/] {escape(flag.rule.action)}",
            escape(owners.get(flag.rule.owner, flag.rule.owner.value)),
            str(one.review_on),
        )
    console.print(table)
    _rest(len(found))


def _flag_blocks(found: Sequence[OpenFlag], owners: Mapping[str, str]) -> None:
    """One block a flag, for a narrow terminal."""
    for one in found[:_MOST]:
        flag = one.flag
        owner = owners.get(flag.rule.owner, flag.rule.owner.value)
        facts = " | ".join(filter(None, (flag.subject, str(flag.amount or ""), owner, f"review {one.review_on}")))
        console.print(f"\n[{_COLOURS[flag.rule.severity]}]{flag.kind}[/] {escape(facts)}")
        say(flag.sentence)
        console.print(f"[bold]Do:[/] {escape(flag.rule.action)}")
    _rest(len(found))


def outcome(done: Outcome) -> None:
    """What a run did, in one sentence each."""
    tally, decision = done.tally, done.decision
    heading(f"Run {done.number} for {done.business_date}")
    if decision.pairs:
        billables(decision.pairs)
    others = (
        (tally.adopted + len(decision.adoptions), "found already in QuickBooks"),
        (tally.refused, "refused"),
        (tally.doubtful, "with the answer lost"),
        (tally.waiting, "waiting"),
    )
    said = [f"{count} {what}" for count, what in others if count]
    say(f"Posted {tally.posted} documents" + (f"; {', '.join(said)}." if said else "."))
    if decision.beyond:
        say(f"{len(decision.beyond)} deliverables are past the date's limits and were not posted.")
    if (held := done.counts["held"]) != "0":
        say(f"Held: {held} rows; `qbo-milestones plan` says why each is, and what to do.")
    if tally.doubtful:
        say("A doubtful posting is looked for before it is ever sent again: by the next run, or now by `run --wait`.")
    if tally.stopped:
        console.print(f"[bold red]Stopped early:[/] {escape(tally.stopped.text)}")
    change = done.change
    say(f"Flags: {len(change.opened)} new, {len(change.still)} still open, {len(change.cleared)} cleared.")


def standing(found: Standing, now: datetime) -> None:
    """One company at a glance. `now` is in the company's zone."""
    heading(f"{found.company} ({found.environment}, company {found.realm})")
    table = new_table("", "")
    connection(table, found.link)
    read = f"{found.read_until:%Y-%m-%d %H:%M:%S %Z}" if found.read_until else "never"
    table.add_row("Books read until", read)
    stages = ", ".join(f"{stage.value} {count:,}" for stage, count in found.outbox.items() if count)
    table.add_row("Postings", stages or "empty")
    table.add_row("Open flags", ", ".join(f"{severity.value} {count:,}" for severity, count in found.flags.items()))
    _timetable(table, found.timetable, now)
    calls = f"{found.metered_by_app:,} this month of {found.allowed:,}, {found.metered:,} of them for this company"
    table.add_row("Metered calls", calls)
    console.print(table)


def _timetable(table: Table, found: Timetable, now: datetime) -> None:
    table.add_row("Next nightly run", f"for {found.next_date}, {_next_try(found, now)}")
    if found.last_done:
        table.add_row("Last nightly run", f"for {found.last_done}")
    if found.missed:
        table.add_row("Missed", f"[bold yellow]{', '.join(map(str, found.missed))}[/]")


def _next_try(found: Timetable, now: datetime) -> str:
    """When the next run is tried; one whose time has come waits for a worker."""
    at = found.next_at.astimezone(now.tzinfo)
    when = f"{at:%H:%M %Z}" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M %Z}"
    again = "" if found.last_try is None else f", again after exit code {found.last_try}"
    if at <= now:
        return f"due now (since {when}{again})" + ("; no worker has run it yet" if found.last_try is None else "")
    return f"at {when}{again}" + ("" if found.kept else "; no worker was at work here yet")


def connection(table: Table, link: Link) -> None:
    """The rows that say who connected, when it ends, and what is wrong with it."""
    if link.problem:
        table.add_row("Connection", f"[bold red]{escape(link.problem)}[/]")
    else:
        ends = [f"ends by itself on {link.idle_end:%Y-%m-%d} if unused"] if link.idle_end else []
        ends += [f"must be renewed by the owner before {link.hard_end:%Y-%m-%d}"] if link.hard_end else []
        table.add_row("Connection", "connected; " + ", ".join(ends))
    for warning in link.warnings:
        table.add_row("", f"[bold yellow]{escape(warning.sentence)}[/]")
    if link.connected_at:
        who = f"{link.title or 'The company'}, by {link.connected_by} on {link.connected_at:%Y-%m-%d %H:%M} UTC"
        table.add_row("Connected", escape(who))


def problems(source: str, count: int, found: Sequence[dict[str, Any]]) -> None:
    """Every problem of a register by sheet, row and column."""
    say(f"{source}: {count:,} deliverables read, {len(found):,} problems.")
    if not found:
        return
    table = new_table("", "Sheet", "Row", "Column", "What is wrong, and what to do", right=("Row",))
    for problem in found[:_MOST]:
        mark = "[yellow]note[/]" if problem["warning"] else "[bold red]error[/]"
        place = (escape(problem["sheet"]), str(problem["row"]), escape(problem["column"]))
        table.add_row(mark, *place, escape(problem["sentence"]))
    console.print(table)
    _rest(len(found))


def _sum(pairs: Iterable[Pair], currency: str) -> Money:
    return sum((pair.amount for pair in pairs), zero(currency))
