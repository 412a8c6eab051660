"""Signals: the first asks a run to stop once it has heard what is in the air, the second ends the process at once."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ASKING = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """Whether this process was asked to end; `signal` is by which one, 0 before."""

    def __init__(self) -> None:
        self.signal = 0

    def __call__(self) -> bool:
        """True once it was asked."""
        return self.signal != 0


def end_on_sigterm() -> None:
    """From now on SIGTERM ends the command as Ctrl-C does, with 143: what it started or holds is let go on the way.

    A second one ends the process at once. In the main thread.
    """

    def end(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)


@contextmanager
def obeyed(sentence: str = "") -> Iterator[Stop]:
    """SIGTERM and SIGINT set what this yields and say the sentence; a second one ends the process at once.

    What is being sent then stays `sending`, and the next run looks for it (reliability.md 1.5 C3). In the main thread.
    """
    stop = Stop()

    def ask(number: int, _frame: FrameType | None) -> None:
        if stop.signal:
            os._exit(128 + number)
        stop.signal = number
        # Not through a buffer: the thread that is interrupted may be writing to it.
        os.write(2, f"{sentence}\n".encode() if sentence else b"")

    former = {number: signal.signal(number, ask) for number in _ASKING}
    try:
        yield stop
    finally:
        for number, action in former.items():
            signal.signal(number, action)
