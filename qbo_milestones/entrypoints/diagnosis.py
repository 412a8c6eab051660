"""What the doctor found, as one table for people and one document for programs."""

from collections.abc import Sequence

from rich import box
from rich.markup import escape
from rich.table import Table

from qbo_milestones.checkup.findings import Finding, Mark, exit_code
from qbo_milestones.entrypoints import records
from qbo_milestones.entrypoints.tables import console, say

_MARKS = {Mark.OK: "[green]ok[/]", Mark.WARNING: "[yellow]WARNING[/]", Mark.BROKEN: "[bold red]BROKEN[/]"}


def show(findings: Sequence[Finding]) -> None:
    """One line a check, with what to do about it."""
    table = Table("", "Check", "Finding", box=box.SIMPLE_HEAD, pad_edge=False)
    for one in findings:
        remedy = f"\n[bold]Do:[/] {escape(one.remedy)}" if one.remedy else ""
        table.add_row(_MARKS[one.mark], escape(one.name), escape(one.sentence) + remedy)
    console.print(table)
    counts = {mark: sum(one.mark is mark for one in findings) for mark in Mark}
    say(f"{counts[Mark.OK]} checks are well, {counts[Mark.WARNING]} warn, {counts[Mark.BROKEN]} are broken.")


def print_json(findings: Sequence[Finding]) -> None:
    """The same for programs."""
    checks = [
        {"name": one.name, "mark": one.mark.value, "sentence": one.sentence, "remedy": one.remedy or None}
        for one in findings
    ]
    records.show({"checks": checks, "exit_code": exit_code(findings)})
