"""The log as it is written, read while the program runs."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qbo_milestones.adapters import log


class Lines:
    """Every line so far."""

    def __init__(self, out: io.StringIO) -> None:
        self._out = out

    @property
    def found(self) -> list[dict[str, Any]]:
        """Each line's fields, in order."""
        return [json.loads(line) for line in self._out.getvalue().splitlines()]

    def of(self, event: str) -> list[dict[str, Any]]:
        """The lines about one kind of event."""
        return [line for line in self.found if line["event"] == event]


@contextmanager
def logged() -> Iterator[Lines]:
    """Everything that the program logs meanwhile, in its own form."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(log.formatter())
    ours = logging.getLogger(log.OURS)
    former = ours.level
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    try:
        yield Lines(out)
    finally:
        ours.removeHandler(handler)
        ours.setLevel(former)
