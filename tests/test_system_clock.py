"""The machine's clock: what is too late stays too late, also after the machine slept."""

import time
from datetime import timedelta

from qbo_milestones.wiring import SystemClock


def test_its_monotonic_time_counts_sleep_too() -> None:
    """reliability.md 1.3: a request leaves within seconds of its `sending` row, or not at all."""
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= SystemClock().monotonic() <= time.clock_gettime(time.CLOCK_BOOTTIME)


def test_its_instants_are_aware() -> None:
    """Ruling 21."""
    assert SystemClock().now().utcoffset() == timedelta()
