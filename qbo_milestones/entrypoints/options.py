"""The options that commands share."""

from pathlib import Path
from typing import Annotated

import typer

from qbo_milestones.config import PREFIX

Config = Annotated[
    Path,
    typer.Option(
        "--config",
        "-c",
        envvar=f"{PREFIX}CONFIG",
        help="Folder of the settings (its *.toml files in order of name), or one TOML file.",
    ),
]
Configs = Annotated[
    list[Path],
    typer.Option(
        "--config",
        "-c",
        envvar=f"{PREFIX}CONFIG",
        help="Folder of the settings of a company; once for each company.",
    ),
]
Set = Annotated[
    list[str],
    typer.Option("--set", metavar="NAME=VALUE", help="One setting for this call, such as limits.invoices_per_run=5."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for programs instead of tables.")]

DEFAULT_CONFIG = Path("config")
