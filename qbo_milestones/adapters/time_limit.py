"""A limit for work that may hang in somebody else's library, whatever time-outs that library knows."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

_Done = TypeVar("_Done")


def within(limit_s: float, work: Callable[[], _Done], name: str) -> _Done:
    """What the work returns or raises; `limit_s` is in seconds, `name` that of its thread.

    Raises TimeoutError after that: the work is left to itself, in a thread that keeps no process alive.
    """
    done: Future[_Done] = Future()

    def fill() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # it belongs to whoever waits
            done.set_exception(error)

    thread = threading.Thread(target=fill, name=name, daemon=True)
    thread.start()
    thread.join(limit_s)
    if not done.done():
        raise TimeoutError(f"{name} took longer than {limit_s:g} s")
    return done.result()
