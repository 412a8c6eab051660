"""Messages through Apprise to a real receiver: each is sent by itself, and one that fails stops no other."""

import logging
import threading
import time

import pytest

from listener import dripping, listening
from qbo_milestones.adapters import messages
from qbo_milestones.adapters.messages import send


def test_each_receiver_gets_the_message_as_it_is() -> None:
    """Plain text, line for line."""
    with listening() as room:
        assert send([room.room, f"{room.room}/two"], "northlight: 2 posted", "Posted 2.\n<b>Audit</b> log: row 7.") == 0
    assert [one["title"] for one in room.messages()] == ["northlight: 2 posted"] * 2
    assert room.messages()[0]["message"] == "Posted 2.\n<b>Audit</b> log: row 7."


def test_one_that_fails_is_counted_and_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    """A server that refuses, one that is away, one that nobody knows: and the good one still hears."""
    with listening(500) as broken, listening() as good, caplog.at_level(logging.DEBUG):
        nowhere = "json://ana:canary-9f3b1c7d@127.0.0.1:1/room"
        assert send([broken.room, nowhere, "nonsense://canary-9f3b1c7d", good.room], "title", "text") == 3
    assert len(good.messages()) == 1
    assert [record for record in caplog.records if record.name.startswith("apprise")] == []
    assert "canary-9f3b1c7d" not in "".join(str(vars(record)) for record in caplog.records)


def test_one_that_drips_its_answer_is_given_up_and_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Each byte begins the library's time-out anew; ours counts from the start, and what comes later is silent."""
    monkeypatch.setattr(messages, "LIMIT_S", 0.5)
    began = time.monotonic()
    with caplog.at_level(logging.DEBUG):
        with listening() as good, dripping() as port:
            assert send([f"json://ana:canary-9f3b1c7d@127.0.0.1:{port}/room", good.room], "title", "text") == 1
            assert time.monotonic() - began < 4
            assert len(good.messages()) == 1
        _end_of_threads()
    assert "canary-9f3b1c7d" not in "".join(str(vars(record)) for record in caplog.records)
    assert [record for record in caplog.records if record.name.startswith("apprise")] == []


def _end_of_threads() -> None:
    for thread in threading.enumerate():
        if thread.name == "message":
            thread.join(10)
            assert not thread.is_alive()
