"""A limit for work that may hang in somebody else's library, whatever time-outs that library knows."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

_Done = TypeVar("_Done")


def begin(work: Callable[[], _Done], name: str) -> Future[_Done]:
    """Begin the work in a thread of that name, which keeps no process alive should it never end."""
    done: Future[_Done] = Future()

    def fill() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # it belongs to whoever waits
            done.set_exception(error)

    threading.Thread(target=fill, name=name, daemon=True).start()
    return done


def within(limit_s: float, work: Callable[[], _Done], name: str) -> _Done:
    """What the work returns or raises; `limit_s` is in seconds. Raises TimeoutError where it goes on longer."""
    return begin(work, name).result(limit_s)
