"""Where a register comes from: a path or an address becomes a register, or one sentence on why it cannot."""

from pathlib import Path

from qbo_milestones.errors import BadSettings
from qbo_milestones.pipeline.reading.cells import ReadingRules
from qbo_milestones.pipeline.reading.header import rule_problems
from qbo_milestones.pipeline.register import Register


def read(source: str, rules: ReadingRules | None = None) -> Register:
    """The register at `source`: an .xlsx, a folder of .csv files, one .csv, or an SQLAlchemy URL.

    What is wrong with single cells and rows stands in the register. Raises BadSettings when the source is missing,
    of a wrong kind, past a limit, or when a whole sheet of it cannot be read: a Changes sheet that is not understood
    would let through what it holds back.
    """
    rules = rules or ReadingRules()
    if wrong := rule_problems(rules):
        raise BadSettings(f"the register's reading rules: {'; '.join(wrong)}")
    register = _read(source, rules)
    if unread := [it for it in register.problems if it.kind in ("NO_HEADER", "MISSING_SHEET")]:
        raise BadSettings(f"{register.source}: " + "; ".join(f"{it.place.sheet}: {it.sentence}" for it in unread))
    return register


def _read(source: str, rules: ReadingRules) -> Register:
    # Imported here: no command pays for the readers that it does not use.
    if "://" in source:
        from qbo_milestones.adapters.registers import sql

        return sql.read(source, rules)
    path = Path(source).expanduser()
    if not path.exists():
        raise BadSettings(f"there is no register at {path}; name a workbook, a folder of .csv files or a database URL")
    if path.is_dir() or path.suffix.casefold() == ".csv":
        from qbo_milestones.adapters.registers import csv_folder

        return csv_folder.read(path, rules)
    from qbo_milestones.adapters.registers import xlsx

    return xlsx.read(path, rules)
