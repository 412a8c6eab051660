"""The child that parses a workbook under limits and sends its rows as lines of JSON (reliability.md section 4).

It takes the path and the limits as arguments, answers with the names of the sheets, and then, for every number of a
sheet that comes in, with that sheet's rows and a null. A refusal is an object with the reason.
"""

import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from qbo_milestones.adapters.registers.limits import COLUMNS, Limits
from qbo_milestones.adapters.registers.xlsx_package import Formulas, Unfit, inspect
from qbo_milestones.pipeline.reading.cells import CELL_LENGTH


def main(path: str, limits: Limits) -> None:
    """Answer until nobody asks any more."""
    try:
        formulas = inspect(path, limits)
        with CalamineWorkbook.from_path(path) as workbook:
            _say(workbook.sheet_names)
            budget = [limits.unpacked_bytes]
            for asked in sys.stdin:
                name = workbook.sheet_names[int(asked)]
                _send(workbook.get_sheet_by_name(name), formulas.get(name, {}), limits, budget)
    except Unfit as reason:
        _say({"refused": str(reason)})
    except PasswordError:
        _say({"refused": "is encrypted; save it without a password"})
    except (CalamineError, ValueError, OSError, KeyError):
        _say({"refused": "is not a workbook that can be read; save it again as .xlsx from a spreadsheet"})
    except MemoryError:
        _say({"refused": "needs more memory than a register may; delete rows and columns outside the table"})


def _send(sheet: CalamineSheet, formulas: Formulas, limits: Limits, budget: list[int]) -> None:
    if sheet.end and sheet.end[0] > limits.rows:  # counted from 0, and the header is not counted
        raise Unfit(f"has more than {limits.rows:,} rows in {sheet.name}; move finished contracts to a second register")
    lines: list[str] = []
    for line in _lines(sheet, formulas):
        # A text that many cells share counts each time: the other side holds it each time.
        budget[0] -= len(line)
        if budget[0] < 0:
            raise Unfit(f"holds more than {limits.unpacked_bytes:,} characters")
        lines.append(line)
        if len(lines) == 500:
            sys.stdout.write("\n".join(lines) + "\n")
            lines.clear()
    _say(None, lines)


def _lines(sheet: CalamineSheet, formulas: Formulas) -> Iterator[str]:
    # calamine leaves out the empty columns on the left, not the empty rows above.
    left = sheet.start[1] if sheet.start else 0
    padding: list[Any] = [None] * left
    encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, default=_moment).encode
    for number, found in enumerate(sheet.iter_rows(), 1):
        cells: list[Any] = padding + found[: COLUMNS - left] if left else found[:COLUMNS]
        while cells and cells[-1] == "":
            cells.pop()
        if not cells and number not in formulas:
            continue
        for i, cell in enumerate(cells):
            if type(cell) is str and len(cell) > CELL_LENGTH:
                cells[i] = cell[: CELL_LENGTH + 1]
        yield encode([number, cells, formulas[number]] if number in formulas else [number, cells])


def _moment(value: object) -> object:
    """Dates as lists. A date and a time of day are kept apart at once: together they would be of no zone."""
    match value:
        case datetime():
            # A cell that shows a date alone holds midnight.
            clock = value.replace(microsecond=0).time()
            return [value.date().isoformat(), clock.isoformat()] if clock != time() else [value.date().isoformat()]
        case date():
            return [value.isoformat()]
        case time() | timedelta():
            return str(value)
    raise TypeError(type(value))


def _say(answer: object, lines: list[str] | None = None) -> None:
    sys.stdout.write("\n".join([*(lines or ()), json.dumps(answer, ensure_ascii=False)]) + "\n")
    sys.stdout.flush()


def confine(limits: Limits) -> None:
    """From here on the kernel ends this process when it takes more than it may, and lets it write no file."""
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    bounds = Limits(**json.loads(sys.argv[2]))
    confine(bounds)
    # Half a character of a broken text must not stop the whole: it arrives as itself and is judged by its cell.
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass", newline="\n")  # type: ignore[union-attr]
    main(sys.argv[1], bounds)
