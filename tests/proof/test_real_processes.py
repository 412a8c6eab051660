"""What levels F to H stand on: real processes that are stopped, killed and cleared away, and an end that notices."""

import os
import socket

import pytest

from . import aftermath
from .aftermath import findings
from .premises import Premises, premises
from .score import Wrong


def worked(place: Premises) -> Premises:
    """An agency that has posted two deliverables."""
    for id_ in ("D-1", "D-2"):
        place.accept(id_, 12_300, 0)
    place.papers.write()
    assert place.run("run", "--json") == 0, place.said()
    return place


def test_nothing_is_left_of_it() -> None:
    """Neither processes nor ports nor files, whatever state they were in."""
    with premises({}) as place:
        child = place.start("run", "--json")
        assert child.stop()
        port = int(place.simulated.base.rpartition(":")[2])
        folder = place.folder
    assert not folder.exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)


def test_the_end_finds_a_secret_in_a_file_and_in_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ruling 23, where most of the real processes are."""
    monkeypatch.setattr(aftermath, "_NIGHTS", 1)
    with premises({}) as place:
        worked(place)
        (place.folder / "notes.txt").write_text(f"RT1-{'0' * 64}", encoding="utf-8")
        place.out.write_text((place.folder / "key").read_text(encoding="utf-8"), encoding="utf-8")
        found = [sentence for wrong, sentence in findings(place) if wrong is Wrong.OTHER]
    assert any("notes.txt" in sentence for sentence in found)
    assert any("an output" in sentence for sentence in found)


def test_the_end_finds_what_is_wrong_in_the_books(monkeypatch: pytest.MonkeyPatch) -> None:
    """One document twice, one missing: otherwise the levels would prove nothing."""
    monkeypatch.setattr(aftermath, "_NIGHTS", 1)
    with premises({"duplicate_docnumber": "accept"}) as place:
        worked(place)
        assert list(findings(place)) == []
    with premises({"duplicate_docnumber": "accept"}) as place:
        books = worked(place).simulated
        twice, gone = books.find("Invoice", "D-1-A"), books.find("Invoice", "D-2-A")
        again = {name: twice[name] for name in ("CustomerRef", "Line", "DocNumber", "TxnDate", "PrivateNote")}
        again["Line"] = [line for line in again["Line"] if line["DetailType"] == "SalesItemLineDetail"]
        books.post("Invoice", again)
        books.delete("Invoice", gone)
        assert {Wrong.DUPLICATE, Wrong.LOST} <= {wrong for wrong, _ in findings(place)}
