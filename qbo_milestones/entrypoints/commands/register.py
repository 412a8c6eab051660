"""Commands on the register: an empty one to start with, and what is wrong with one."""

from pathlib import Path
from typing import Annotated

import typer

from qbo_milestones.entrypoints.options import DEFAULT_CONFIG, Config, Json, Set

app = typer.Typer(help="Write an empty register, or check one.", no_args_is_help=True)


@app.command(epilog="Example: qbo-milestones register template register.xlsx")
def template(path: Annotated[Path, typer.Argument(help="The workbook to write, such as register.xlsx.")]) -> None:
    """Write an empty register with drop-downs, notes and three example rows. An existing file is never overwritten."""
    from qbo_milestones.adapters.registers.template import template as write
    from qbo_milestones.errors import BadSettings

    if path.exists():
        raise BadSettings(f"{path} exists already; name another file, or move it away first.")
    write(path)
    typer.echo(f"Wrote {path}. Fill it in, then run: qbo-milestones register check {path}")


@app.command(epilog="Example: qbo-milestones register check register.xlsx --json")
def check(
    source: Annotated[
        str, typer.Argument(help="A workbook, a folder of CSV files, one CSV file or a database address.")
    ],
    config: Config = DEFAULT_CONFIG,
    settings: Set = [],  # noqa: B006 - typer copies the default
    json: Json = False,
) -> None:
    """Read a register without doing anything, and list every problem by sheet, row and column."""
    from qbo_milestones.config import load
    from qbo_milestones.entrypoints import records, tables
    from qbo_milestones.wiring import open_registers

    # A newcomer checks a register before there are any settings.
    folder = None if config == DEFAULT_CONFIG and not config.exists() else config
    register = open_registers(load(folder, options=settings), source).read()
    problems = records.problems(register)
    if json:
        records.show({"source": register.source, "deliverables": len(register.deliverables), "problems": problems})
    else:
        tables.problems(register.source, len(register.deliverables), problems)
    raise typer.Exit(any(not problem["warning"] for problem in problems))
