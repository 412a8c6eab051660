"""Exit codes: how a command or a run ended, the same numbers for programs, rows and people (README, "Exit codes")."""

from collections.abc import Collection

DONE, WAITING, USAGE, RECONNECT, MISMATCH, INTEGRITY, INTERNAL, TEMPORARY = 0, 1, 2, 3, 4, 5, 70, 75
INTERRUPTED, TERMINATED = 130, 143

# What a person must look at first stands first: our faults and broken rules, then what keeps all runs from working.
_WORST_FIRST = (
    *(INTERNAL, INTEGRITY, MISMATCH, USAGE, RECONNECT),
    *(TERMINATED, INTERRUPTED, TEMPORARY, WAITING, DONE),
)


def worst(codes: Collection[int | None]) -> int:
    """The one of several that is told; None is nothing done. 0 where there are none (reliability.md 5)."""
    return next((code for code in _WORST_FIRST if code in codes), DONE)
