"""Never faster than QuickBooks allows (ruling 8)."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quickbooks_doubles import MovedClock, unhurried

from qbo_milestones.adapters.quickbooks.throttle import Pace, Throttle
from qbo_milestones.errors import Unavailable


@unhurried
@given(st.lists(st.floats(0, 3), min_size=1, max_size=1200))
def test_at_most_eight_a_second_and_450_a_minute_whenever_asked(gaps: list[float]) -> None:
    pace, now, starts = Pace(), 0.0, []
    for gap in gaps:
        now += gap / 20
        now += pace.wait(now)
        pace.start(now)
        starts.append(now)
    tiny = 1e-6
    assert all(later - first > 1 - tiny for first, later in zip(starts, starts[8:], strict=False))
    assert all(later - first > 60 - tiny for first, later in zip(starts, starts[450:], strict=False))


def test_a_thousand_requests_take_as_long_as_they_must_and_no_longer() -> None:
    pace, now, starts = Pace(), 0.0, []
    for _ in range(1000):
        now += pace.wait(now)
        pace.start(now)
        starts.append(now)
    assert 120 < now < 135
    assert all(later - first >= 60 for first, later in zip(starts, starts[450:], strict=False))


def test_a_pause_stops_all_and_is_not_shortened() -> None:
    pace = Pace()
    pace.pause(0, 60)
    pace.pause(1, 5)
    assert pace.wait(10) == 50
    assert pace.wait(60) == 0


def test_threads_share_one_pace() -> None:
    clock = MovedClock()
    throttle = Throttle(clock)
    began = clock.monotonic()

    def work() -> None:
        for _ in range(10):
            with throttle.lane():
                pass

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.monotonic() - began >= 9


def test_no_more_than_ten_in_flight() -> None:
    throttle = Throttle(MovedClock(), Pace(1000, 100_000), in_flight=3)
    inside, most, lock, gate = 0, 0, threading.Lock(), threading.Barrier(3, timeout=10)

    def work() -> None:
        nonlocal inside, most
        with throttle.lane():
            with lock:
                inside += 1
                most = max(most, inside)
            gate.wait()
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 3


def test_a_write_that_would_leave_too_late_does_not_leave() -> None:
    clock = MovedClock()
    throttle = Throttle(clock)
    throttle.pause(60)
    with pytest.raises(Unavailable) as caught, throttle.lane(clock.monotonic() + 15):
        raise AssertionError("left")
    assert caught.value.after_s == 60
    assert clock.slept == []
    with throttle.lane():
        assert clock.slept == [60]


def test_a_lane_is_given_back_when_its_request_fails() -> None:
    throttle = Throttle(MovedClock(), in_flight=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), throttle.lane():
            raise ZeroDivisionError


def test_patience_scales_the_pace() -> None:
    """Or a write that may wait a hundredth of 15 s would never find room (ruling 7)."""
    pace = Pace(8, 2, patience=0.01)
    pace.start(0)
    assert pace.wait(0) == pytest.approx(0.00125)
    pace.start(0.1)
    assert pace.wait(0.2) == pytest.approx(0.4)
