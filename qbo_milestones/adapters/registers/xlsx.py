"""Workbooks: a child process parses the file under limits, and this side takes its rows as they come.

The file comes from outside, so nothing of it is parsed here. The child is asked for one sheet at a time and answers
in lines of JSON, which can hold nothing but text, numbers and lists.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from threading import Timer
from typing import IO, Any, cast

from qbo_milestones.adapters.registers.limits import Limits
from qbo_milestones.errors import BadSettings
from qbo_milestones.pipeline.reading.cells import Cell, Moment, ReadingRules
from qbo_milestones.pipeline.reading.rows import Row, Sheet
from qbo_milestones.pipeline.reading.sheets import read_register
from qbo_milestones.pipeline.register import Register

_CHILD = "qbo_milestones.adapters.registers.xlsx_child"
_LINE = 64 * 2**20  # no row that the child sends is longer
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")


def read(path: Path, rules: ReadingRules | None = None, limits: Limits | None = None) -> Register:
    """The register that a workbook holds. Raises BadSettings when the file is not a workbook that may be read."""
    limits = limits or Limits()
    _check_outside(path, limits)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    with _child(path, limits) as child:
        sheets = [Sheet(name, child.rows(index)) for index, name in enumerate(child.names())]
        return read_register(sheets, rules, source=path.name, sha256=sha256)


def _check_outside(path: Path, limits: Limits) -> None:
    """What can be seen without opening the file as a workbook."""
    if not path.is_file():
        raise BadSettings(f"{path} is not a file; name the workbook of the register")
    if path.suffix.casefold() != ".xlsx":
        raise BadSettings(f"{path.name} is not an .xlsx workbook; save it as .xlsx, without macros")
    if path.stat().st_size > limits.file_bytes:
        raise BadSettings(
            f"{path.name} is larger than {limits.file_bytes:,} bytes; move finished contracts to a second register"
        )
    with path.open("rb") as file:
        if file.read(8) == _OLE:
            raise BadSettings(f"{path.name} is encrypted, or an old .xls; save it as .xlsx without a password")


class _Child:
    """The child process, from this side: its sheet names, and the rows of each."""

    def __init__(self, process: subprocess.Popen[bytes], path: Path, limits: Limits) -> None:
        self.process, self.path, self.limits, self.overdue = process, path, limits, False
        self.ask, self.hear = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)

    def names(self) -> list[str]:
        """Names of the sheets, in the workbook's order."""
        return [str(name) for name in self._answer()]

    def rows(self, index: int) -> Iterator[Row]:
        """Rows of one sheet. Another sheet must not be asked for before these are read to their end."""
        try:
            self.ask.write(b"%d\n" % index)
            self.ask.flush()
        except BrokenPipeError:
            raise self._died() from None
        while (line := self._answer()) is not None:
            number, cells, *formulas = line
            yield Row(int(number), [_cell(cell) for cell in cells], [int(i) for i in formulas[0]] if formulas else ())

    def _answer(self) -> Any:
        line = self.hear.readline(_LINE)
        if not line.endswith(b"\n"):
            raise self._died()
        try:
            # The child sends the shortest text that is the sheet's number: 0.1 comes as 0.1, and never is a float here.
            answer = json.loads(line, parse_float=Decimal, parse_int=Decimal, parse_constant=Decimal)
        except ValueError:
            raise BadSettings(f"{self.path.name} cannot be read: its reader answered nonsense") from None
        if isinstance(answer, dict):
            said = "".join(c for c in str(answer.get("refused"))[:300] if c.isprintable())
            raise BadSettings(f"{self.path.name} {said}")
        return answer

    def _died(self) -> BadSettings:
        """Why the child is gone, in a sentence."""
        name, limits = self.path.name, self.limits
        if self.overdue:
            return BadSettings(
                f"{name} took longer than {limits.patience_s} s to read; save it again from a spreadsheet"
            )
        self.hear.close()  # one that still writes ends now, and can be waited for
        code = self.process.wait()
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            return BadSettings(f"{name} took longer than {limits.cpu_s} s to read; save it again from a spreadsheet")
        megabytes = limits.memory_bytes // 2**20
        return BadSettings(
            f"{name} cannot be read within {megabytes:,} MiB of memory, or is damaged (reader ended with {code}); "
            "delete empty rows and columns far outside the table, and save it again from a spreadsheet"
        )


def _cell(cell: Any) -> Cell:
    """A cell as the child sends it: [date] or [date, time] for a moment, everything else as itself."""
    if type(cell) is not list:
        return cell  # type: ignore[no-any-return]
    clock = time.fromisoformat(cell[1]) if len(cell) > 1 else None
    return Moment(date.fromisoformat(cell[0]), clock)


@contextmanager
def _child(path: Path, limits: Limits) -> Iterator[_Child]:
    command = [sys.executable, "-P", "-m", _CHILD, str(path), json.dumps(asdict(limits))]
    # No secret of our environment is worth anything to a parser.
    environment = {name: os.environ[name] for name in ("PYTHONPATH", "SYSTEMROOT") if name in os.environ}
    # A group of its own: Ctrl-C at the terminal asks the run to stop, it does not break its register.
    with subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        process_group=0,
    ) as process:
        child = _Child(process, path, limits)

        def give_up() -> None:
            child.overdue = True
            process.kill()

        watch = Timer(limits.patience_s, give_up)
        watch.daemon = True
        watch.start()
        try:
            yield child
        finally:
            watch.cancel()
            process.kill()
