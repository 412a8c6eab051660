"""The log: one JSON line for each event, made of fields that may be shown and of nothing else (reliability.md 5).

Everything is logged through the standard library: an event's name as the message, its facts as `extra`. What is not
on the list of fields is left out, and its name is told. Libraries come through the same door, from warnings upwards.
"""

import hashlib
import json
import logging
import os
import re
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any

from structlog.contextvars import merge_contextvars
from structlog.stdlib import ExtraAdder, ProcessorFormatter

from qbo_milestones.adapters.secrecy import masked, without_held
from qbo_milestones.errors import BadSettings, Failure, RuleBroken

OURS = "qbo_milestones"

# What may be shown, and its order in a line. QuickBooks' own words may name customers: its codes are shown instead.
# `company` is always QuickBooks' realm, `settings` the name in the settings; where they cannot be read, their folder.
_COUNTS = (
    *("rows", "billable", "beyond_limits", "held", "billed_before"),
    *("posted", "adopted", "refused", "doubtful", "waiting"),
    *("flags_opened", "flags_cleared", "flags_open"),
)
FIELDS = (
    *("run_id", "company", "settings", "run", "business_date", "kind", "posting", "deliverable", "stage", "attempt"),
    *("requestid", "http_method", "entity", "http_status", "intuit_tid", "metered", "duration_ms", "body"),
    *("answer_bytes", "outcome", "code", "text", "exit_code", *_COUNTS),
    *("percent", "limit", "pause_s", "tries", "next_try_at", "fence", "signal", "events", "count"),
    "companies",
)
# These look like secrets and are none: they must stay whole, as QuickBooks' support asks for them.
_NAMES = frozenset({"run_id", "posting", "requestid", "intuit_tid"})
_NAME = re.compile(r"[A-Za-z0-9._:/-]{1,64}")

# What the libraries themselves put beside the facts.
_MADE = frozenset({"event", "exc_info", "stack_info", "message", "asctime", "_record", "_from_structlog"})

_LONGEST, _MOST_ITEMS, _MOST_FRAMES = 300, 20, 12
_FILE_BYTES, _OLD_FILES = 10 * 1024 * 1024, 5


def start(level: str, file: Path | None = None) -> None:
    """Log to a file of its owner alone, or (None) to standard error; replaces what was started before.

    Raises BadSettings where the file cannot be written.
    """
    handler = _file_handler(file) if file else logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter())
    root = logging.getLogger()
    for former in [known for known in root.handlers if isinstance(known.formatter, _Formatter)]:
        root.removeHandler(former)
        former.close()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(level.upper())
    # What cannot be logged would be printed with its arguments, past every mask.
    logging.raiseExceptions = False


class _Formatter(ProcessorFormatter):
    """A line of a record. Of an exception among a library's words only the type: its text can hold a whole answer."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        words = record.args
        if isinstance(words, tuple) and any(isinstance(one, BaseException) for one in words):
            record = logging.makeLogRecord(record.__dict__)
            record.args = tuple(type(one).__name__ if isinstance(one, BaseException) else one for one in words)
        return super().format(record)


def formatter() -> logging.Formatter:
    """Makes a line of a record, with what is bound around it (run, company, posting)."""
    return _Formatter(foreign_pre_chain=[merge_contextvars, ExtraAdder()], processors=[_line])


def _line(_logger: object, _method: str, found: Mapping[str, Any]) -> str:
    record: logging.LogRecord = found["_record"]
    facts: dict[str, object] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "event": _text(str(found["event"])),
        "logger": record.name,
    }
    facts |= {name: _shown(name, found[name]) for name in FIELDS if found.get(name) is not None}
    if found.get("exc_info"):
        facts |= _error(*found["exc_info"])
    more = found.keys() - {*FIELDS, *_MADE}
    if more and record.name.split(".")[0] == OURS:
        facts["dropped"] = sorted(_text(name) for name in more)[:_MOST_ITEMS]
    # Once more over all of it: a secret in a name, or one that a mask has cut in two.
    return without_held(json.dumps(facts))


def _shown(name: str, value: object) -> object:
    if name == "body":
        raw = value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
        return {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    if isinstance(value, str) and name in _COUNTS and value.isdecimal():
        # A run's row keeps its counts as texts.
        return int(value)
    if isinstance(value, str) and name in _NAMES and _NAME.fullmatch(value):
        return str(value)
    return _plain(value)


def _plain(value: object) -> object:
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date | Decimal):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value[:_MOST_ITEMS]]
    # Whatever it is, its text was never meant for a log.
    return type(value).__name__


def _text(text: str) -> str:
    """On one line, masked, cut; the rest of what could forge a line is escaped by JSON."""
    whole = masked(" ".join(text.split()))
    return whole if len(whole) <= _LONGEST else f"{whole[: _LONGEST - 1]}…"


def _error(
    kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
) -> dict[str, object]:
    """The types of an error and its causes, where it came from, and the text only if it is one of our own."""
    found: dict[str, object] = {"error": [] if kind is None else _kinds(error)}
    if isinstance(error, RuleBroken):
        found |= {"text": _text(str(error))}
    if isinstance(error, Failure):
        found |= {"text": _text(error.text), "code": _text(error.code), "intuit_tid": _shown("intuit_tid", error.tid)}
    frames = []
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return {**found, "trace": frames[-_MOST_FRAMES:]}


def _kinds(error: BaseException | None) -> list[str]:
    kinds: list[str] = []
    while error is not None and len(kinds) < _MOST_ITEMS:
        kinds.append(f"{type(error).__module__}.{type(error).__qualname__}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return kinds


class _PrivateFile(RotatingFileHandler):
    """A file of mode 0600 that is put aside when it is full.

    One process should write to it: another that has it open goes on writing into the file that was put aside.
    """

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        handle = os.open(self.baseFilename, flags, 0o600)
        os.fchmod(handle, 0o600)
        return os.fdopen(handle, "a", encoding="utf-8")


def _file_handler(file: Path) -> logging.Handler:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _PrivateFile(file, maxBytes=_FILE_BYTES, backupCount=_OLD_FILES)
    except OSError as error:
        raise BadSettings(f"The log {file} cannot be written: {error.strerror}. See the setting log.file.") from None
