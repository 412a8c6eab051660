"""What the log of a night tells: every call and every posting, by names that lead from one to the other."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from qbo_milestones.errors import Unavailable

from .agency import Agency
from .conftest import MakeAgency, two_rows
from .lines import Lines, logged
from .simulated import Doc


@pytest.fixture
def lines() -> Iterator[Lines]:
    """The log of the test."""
    with logged() as found:
        yield found


def attempts(agency: Agency) -> list[tuple[str, int | None, bool]]:
    """Of each attempt: its outcome, the HTTP status, and whether a trace id is kept."""
    with agency.office.engine.connect() as connection:
        rows = connection.execute(text("SELECT outcome, http_status, tid FROM attempt ORDER BY posting_seq, n"))
        return [(row.outcome, row.http_status, bool(row.tid)) for row in rows]


def test_one_posting_is_followed_from_stage_to_call(make_agency: MakeAgency, lines: Lines) -> None:
    """reliability.md 5: correlation ids, intuit_tid, status and duration in one line each; the lanes carry the run."""
    agency = two_rows(make_agency())
    assert agency.run().exit_code == 0
    first = lines.of("run_started")[0]
    assert {line["run_id"] for line in lines.found if line["event"] != "http_call" or "posting" in line} == {
        first["run_id"]
    }
    assert first["run_id"] == f"{agency.simulated.realm}/1"
    writes = [line for line in lines.of("http_call") if "posting" in line]
    assert len(writes) == 4
    for call in writes:
        posted = next(line for line in lines.of("posting_posted") if line["posting"] == call["posting"])
        assert (call["http_method"], call["http_status"], call["outcome"]) == ("POST", 200, "good")
        assert not call["metered"]
        assert call["entity"] in {"invoice", "journalentry"}
        assert (call["requestid"], call["intuit_tid"]) == (posted["requestid"], posted["intuit_tid"])
        assert call["intuit_tid"]
        assert call["duration_ms"] >= 0
        assert call["body"]["bytes"] > 100
        assert posted["deliverable"] in {"D-101", "D-102"}
    assert any(line["metered"] for line in lines.of("http_call"))
    ended = lines.of("run_ended")[0]
    assert (ended["exit_code"], ended["posted"], ended["held"]) == (0, 4, 1)
    assert attempts(agency) == [("posted", 200, True)] * 4
    assert "dropped" not in json.dumps(lines.found)


def test_no_customer_and_no_amount_is_logged(make_agency: MakeAgency, lines: Lines) -> None:
    """reliability.md 4: never log QuickBooks' data."""
    agency = two_rows(make_agency())
    agency.run()
    assert lines.found
    told = json.dumps(lines.found)
    for data in ("Acme", "1200", "800.50", "Dana", "Wireframes", "select"):
        assert data not in told


TROUBLES: dict[str, tuple[Doc, str, tuple[str, int | None, bool]]] = {
    "refused": ({"kind": "status", "status": 400, "code": "6000"}, "posting_refused", ("refused", 400, True)),
    "broken inside": ({"kind": "status", "status": 500}, "posting_doubtful", ("doubtful", 500, True)),
    "unheard": ({"kind": "lost_answer"}, "posting_doubtful", ("doubtful", None, False)),
    "unreadable": ({"kind": "garbled"}, "posting_doubtful", ("doubtful", 200, True)),
    "never sent": ({"kind": "throttle"}, "throttled", ("planned", 429, True)),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_an_attempt_keeps_what_support_asks_for(make_agency: MakeAgency, lines: Lines, trouble: str) -> None:
    """reliability.md 5: intuit_tid is stored on the attempt row too, refused and doubtful ones included."""
    rule, event, attempt = TROUBLES[trouble]
    agency = two_rows(make_agency(lanes=1))
    agency.simulated.spoil(**rule, method="POST", entity="journalentry", times=1)
    agency.run()
    assert attempts(agency)[0] == attempt
    (told,) = lines.of(event)
    assert told["level"] == "warning"
    call = next(line for line in lines.of("http_call") if line.get("outcome") != "good")
    assert (call.get("http_status"), bool(call.get("intuit_tid"))) == attempt[1:]


def test_what_a_look_up_found_is_told(make_agency: MakeAgency, lines: Lines) -> None:
    """reliability.md 5: adopted > 0 is worth knowing; the posting leads from the lost call to the find."""
    agency = two_rows(make_agency(lanes=1))
    agency.simulated.spoil("lost_answer", method="POST", entity="journalentry", times=1)
    agency.run()
    agency.settled()
    (doubtful,), (adopted,) = lines.of("posting_doubtful"), lines.of("posting_adopted")
    found = lines.of("posting_looked_up")
    assert [(line["outcome"], line["count"]) for line in found] == [("adopt", 1)]
    assert doubtful["posting"] == adopted["posting"] == found[0]["posting"]
    assert (doubtful["run_id"], adopted["run_id"]) == (f"{agency.simulated.realm}/1", f"{agency.simulated.realm}/2")


def test_a_run_that_stops_says_where(make_agency: MakeAgency, lines: Lines) -> None:
    """reliability.md 5: exit code and type of what ended it; a person is told, and no body."""
    agency = two_rows(make_agency())
    agency.simulated.spoil("status", status=503, times=50)
    with pytest.raises(Unavailable):
        agency.run()
    (told,) = lines.of("run_stopped")
    assert (told["exit_code"], told["error"][0], told["level"]) == (75, "qbo_milestones.errors.Unavailable", "error")
    assert told["run_id"]
    assert told["trace"]
