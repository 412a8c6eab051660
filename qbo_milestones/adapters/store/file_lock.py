"""A lock on a file or folder that no other process can keep us waiting for without end."""

import fcntl
import time

from qbo_milestones.errors import Unavailable

_STEP_S = 0.01


def take(handle: int, wait_s: float, what: str) -> None:
    """Lock an open file for its handle alone, until that is closed; the kernel frees it when its holder is killed.

    Raises Unavailable where another process holds `what` for `wait_s` seconds: one that was stopped never lets go.
    """
    until = time.monotonic() + wait_s
    while not _taken(handle):
        if time.monotonic() >= until:
            raise Unavailable(
                f"another process holds {what} and did not let go within {wait_s:g} s; try again, and if it stays so, "
                "end the process that hangs"
            )
        time.sleep(_STEP_S)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
