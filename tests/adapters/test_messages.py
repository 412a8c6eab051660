"""Messages through Apprise to a real receiver: each is sent by itself, and one that fails stops no other."""

import logging
import threading

import pytest

from listener import dripping, listening
from qbo_milestones.adapters import messages
from qbo_milestones.adapters.messages import send


def test_each_receiver_gets_the_message_as_it_is() -> None:
    """Plain text, line for line."""
    with listening() as room:
        text = "Posted 2.\n<b>Audit</b> log: row 7."
        assert send([room.room, f"{room.room}/two"], "northlight: 2 posted", text) == ()
    assert [one["title"] for one in room.messages()] == ["northlight: 2 posted"] * 2
    assert room.messages()[0]["message"] == text


def test_one_that_fails_is_named_and_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    """A server that refuses, one that is away, one that nobody knows: and the good one still hears.

    By position and kind, never by address (ruling 23); what stands before `://` may be a secret in the wrong place.
    """
    with listening(500) as broken, listening() as good, caplog.at_level(logging.DEBUG):
        nowhere = "json://ana:canary-9f3b1c7d@127.0.0.1:1/room"
        failed = send([broken.room, nowhere, good.room, "canary-9f3b1c7d://x", "slack://x"], "title", "text")
    assert failed == ("number 1 (json)", "number 2 (json)", "number 4 (of no known kind)", "number 5 (slack)")
    assert len(good.messages()) == 1
    assert [record for record in caplog.records if record.name.startswith("apprise")] == []
    assert "canary-9f3b1c7d" not in "".join(str(vars(record)) for record in caplog.records)


def test_one_that_drips_its_answer_is_given_up_and_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Each byte begins the library's time-out anew; ours counts from the start, and what comes later is silent."""
    monkeypatch.setattr(messages, "LIMIT_S", 0.5)
    with caplog.at_level(logging.DEBUG):
        with listening() as good, dripping() as port:
            slow = f"json://ana:canary-9f3b1c7d@127.0.0.1:{port}/room"
            assert send([slow, good.room], "title", "text") == ("number 1 (json)",)
            # It is still being dripped at: nobody waited for its end.
            assert "message" in [thread.name for thread in threading.enumerate()]
            assert len(good.messages()) == 1
        _end_of_threads()
    assert "canary-9f3b1c7d" not in "".join(str(vars(record)) for record in caplog.records)
    assert [record for record in caplog.records if record.name.startswith("apprise")] == []


def _end_of_threads() -> None:
    for thread in threading.enumerate():
        if thread.name == "message":
            thread.join(10)
            assert not thread.is_alive()
