"""The dead-man ping speaks the monitor's protocol, gives no redirect its address, and never holds anything up."""

import contextlib
import logging
import socket
import threading

import pytest

from listener import listening
from qbo_milestones.adapters import ping
from qbo_milestones.adapters.ping import Ping

RUN = "6f1c6d1e-3b0a-4d1c-9a53-0f7f0f0f0f0f"


def test_a_run_pings_its_start_and_its_end_with_its_id() -> None:
    """reliability.md 5: `/start?rid=`, then `/<exit code>` with the digest as body."""
    with listening() as monitor:
        Ping(f"{monitor.address}/").start(RUN)
        Ping(monitor.address).end(RUN, 75, "Stopped early \u2014 1 waits")
    assert monitor.paths == [f"/check-5e7c2a91/start?rid={RUN}", f"/check-5e7c2a91/75?rid={RUN}"]
    assert monitor.bodies == ["", "Stopped early \u2014 1 waits"]


@pytest.mark.parametrize("status", [302, 307, 404, 500])
def test_a_monitor_that_refuses_is_only_logged(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """No redirect is followed: the address is a secret, and so is what the digest says."""
    with listening(status) as monitor:
        Ping(monitor.address).end(RUN, 0, "All done")
    assert monitor.ends == ["0"]
    (outcome,) = [vars(record)["outcome"] for record in caplog.records]
    assert outcome == ("TooManyRedirects" if status < 400 else f"HTTP {status}")


def test_a_monitor_that_hangs_or_is_away_delays_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """reliability.md 5: five seconds at the most, here shortened; never an error."""
    monkeypatch.setattr(ping, "WAIT_S", 0.3)
    monkeypatch.setattr(ping, "_CONNECT_S", 0.1)
    with listening(0) as monitor:
        Ping(monitor.address).start(RUN)
        # Who had waited the monitor out would have heard it hang up.
        hung = [vars(record)["outcome"] for record in caplog.records]
        monitor.released.set()
    Ping(monitor.address).start(RUN)
    assert set(hung) <= {"no answer in time", "ReadTimeout", "ConnectTimeout"}
    assert 0 < len(hung) < len(caplog.records)
    assert {record.message for record in caplog.records} == {"ping_failed"}


def test_a_monitor_that_drips_its_answer_delays_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte begins the library's time-out anew; ours counts from the start."""
    monkeypatch.setattr(ping, "WAIT_S", 0.3)
    monkeypatch.setattr(ping, "_CONNECT_S", 0.1)
    over = threading.Event()

    def drip(door: socket.socket) -> None:
        visitor, _ = door.accept()
        with visitor, contextlib.suppress(OSError):
            while not over.wait(0.05):
                visitor.sendall(b"H")

    with socket.create_server(("127.0.0.1", 0)) as door:
        dripping = threading.Thread(target=drip, args=(door,), daemon=True)
        dripping.start()
        rescue = threading.Timer(30, over.set)
        rescue.start()
        Ping(f"http://127.0.0.1:{door.getsockname()[1]}/x").start(RUN)
        still_dripping = not over.is_set()
        rescue.cancel()
        over.set()
        dripping.join()
        # Nobody waited for it; what it logs in the end belongs to this test.
        for late in [one for one in threading.enumerate() if one.name == "ping"]:
            late.join()
    assert still_dripping


def test_its_address_is_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever has it can silence the alarm: it is in no repr and in no line of our log."""
    with listening(500) as monitor:
        made = Ping(monitor.address)
        with caplog.at_level(logging.INFO):
            made.start(RUN)
    Ping(monitor.address).start(RUN)
    Ping("https://[broken").start(RUN)
    shown = repr(made) + "".join(str(vars(record)) for record in caplog.records)
    assert "5e7c2a91" not in shown
    assert len(caplog.records) == 3
