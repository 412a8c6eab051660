"""What the doctor found, as one table for people."""

from collections.abc import Sequence

from rich.markup import escape

from qbo_milestones.checkup.findings import Finding, Mark
from qbo_milestones.entrypoints.tables import console, new_table, say

_MARKS = {Mark.OK: "[green]ok[/]", Mark.WARNING: "[yellow]WARNING[/]", Mark.BROKEN: "[bold red]BROKEN[/]"}


def show(findings: Sequence[Finding]) -> None:
    """One line a check, with what to do about it."""
    table = new_table("", "Check", "Finding")
    for one in findings:
        remedy = f"\n[bold]Do:[/] {escape(one.remedy)}" if one.remedy else ""
        table.add_row(_MARKS[one.mark], escape(one.name), escape(one.sentence) + remedy)
    console.print(table)
    counts = {mark: sum(one.mark is mark for one in findings) for mark in Mark}
    say(f"{counts[Mark.OK]} checks are well, {counts[Mark.WARNING]} warn, {counts[Mark.BROKEN]} are broken.")
