"""The log: one JSON line for each event, of listed fields only, and never a secret (reliability.md 4 and 5)."""

import ast
import io
import json
import logging
import stat
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.contextvars import bound_contextvars

from qbo_milestones.adapters import log
from qbo_milestones.adapters.secrecy import hide
from qbo_milestones.errors import BadSettings, Refused, RuleBroken

Line = dict[str, Any]
OURS = logging.getLogger("qbo_milestones.test")
THEIRS = logging.getLogger("some_library")


def logged(act: Callable[[], object]) -> list[Line]:
    """The lines that come of it, as they are written."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(log.formatter())
    root = logging.getLogger()
    root.addHandler(handler)
    former = OURS.level
    OURS.setLevel(logging.DEBUG)
    try:
        act()
    finally:
        root.removeHandler(handler)
        OURS.setLevel(former)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def one(act: Callable[[], object]) -> Line:
    """The only line."""
    (found,) = logged(act)
    return found


def test_an_event_is_one_line_with_an_instant_in_utc() -> None:
    """reliability.md 5: one JSON line per event, UTC."""
    found = one(lambda: OURS.info("run_started", extra={"run": 7, "business_date": date(2026, 11, 23)}))
    assert (found["level"], found["event"], found["run"], found["business_date"]) == (
        "info",
        "run_started",
        7,
        "2026-11-23",
    )
    at = datetime.fromisoformat(found["at"])
    assert at.utcoffset() is not None
    assert abs((datetime.now(UTC) - at).total_seconds()) < 60


def test_what_is_not_on_the_list_is_left_out_and_its_name_told() -> None:
    """reliability.md 4: an allow-list of loggable fields."""
    found = one(lambda: OURS.info("x", extra={"customer": "Acme Robotics", "answer": {"Line": []}, "run": 1}))
    assert "Acme" not in json.dumps(found)
    assert (found["run"], found["dropped"]) == (1, ["answer", "customer"])


def test_every_field_that_the_program_logs_is_on_the_list() -> None:
    """A field that nobody put there would be lost on the night on which it is needed."""
    package = Path(log.__file__).parents[1]
    calls = [
        (path.name, node)
        for path in package.rglob("*.py")
        if "simulator" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword) and node.arg == "extra" and isinstance(node.value, ast.Dict)
    ]
    named = {(name, key.value) for name, node in calls for key in node.value.keys if isinstance(key, ast.Constant)}  # type: ignore[attr-defined]
    assert len(named) > 15
    assert {(name, field) for name, field in named if field not in log.FIELDS} == set()


def test_every_listed_field_is_logged_by_somebody() -> None:
    """A list that is longer than what is told hides what may be told."""
    package = Path(log.__file__).parents[1]
    told, telling = set[str](), {"bound_contextvars", "bind_contextvars", "_log"}
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        logs = "getLogger(__name__)" in text or path.name == "outcome.py" or "structlog.contextvars" in text
        if not logs or "simulator" in path.parts or path.name == "log.py":
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Dict):
                told |= {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}
            elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                told.add(str(node.slice.value))
            elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in telling:
                told |= {word.arg for word in node.keywords if word.arg}
    # A run's counts are told under their names with spaces made into joints.
    assert set(log.FIELDS) - {name.replace(" ", "_") for name in told} == set()


def test_counts_that_are_texts_in_a_run_s_row_are_numbers() -> None:
    """A program that reads the log adds them up; what is no whole number stays as it is."""
    found = one(lambda: OURS.info("run_ended", extra={"held": "57", "posted": "0", "rows": "many", "code": "6000"}))
    assert (found["held"], found["posted"], found["rows"], found["code"]) == (57, 0, "many", "6000")


def test_a_body_is_a_hash_and_a_size() -> None:
    """reliability.md 4: bodies as hash + size."""
    found = one(lambda: OURS.info("x", extra={"body": b'{"CustomerRef": 1}'}))
    assert found["body"]["bytes"] == 18
    assert len(found["body"]["sha256"]) == 64
    assert "CustomerRef" not in json.dumps(found)


def test_values_of_all_kinds() -> None:
    """Numbers stay numbers, instants are UTC, lists are cut, and what has no plain text shows its type."""
    facts = {"tries": 3, "metered": True, "text": "x" * 1000, "next_try_at": datetime(2026, 1, 2, tzinfo=UTC)}
    more = {"code": Decimal("1.50"), "events": list(range(100)), "kind": object(), "limit": None}
    found = one(lambda: OURS.info("x", extra={**facts, **more}))
    assert (found["tries"], found["metered"], len(found["text"])) == (3, True, 300)
    assert (found["next_try_at"], found["code"], len(found["events"])) == ("2026-01-02T00:00:00Z", "1.50", 20)
    assert found["kind"] == "object"
    assert "limit" not in found


def test_names_that_support_asks_for_stay_whole() -> None:
    """reliability.md 5: requestid and intuit_tid; a token under such a name does not pass for one."""
    tid = "1-69f0a24d-0123456789abcdef01234567"
    found = one(lambda: OURS.info("x", extra={"intuit_tid": tid, "requestid": "abcdefgh" * 4}))
    assert (found["intuit_tid"], found["requestid"]) == (tid, "abcdefgh" * 4)
    token = {"intuit_tid": "eyJ" + "a1" * 60}
    # Not as a logger of ours: those are listened to by canaries.py before anything is masked.
    assert one(lambda: THEIRS.warning("x", extra=token))["intuit_tid"] == "***"
    hide("RT1-held-by-us-1")
    assert one(lambda: OURS.info("x", extra={"requestid": "RT1-held-by-us-1"}))["requestid"] == "***"


@given(st.text(st.characters(), min_size=1, max_size=80))
def test_no_text_forges_a_line(text: str) -> None:
    """ASVS 16.4.1, log injection: whatever a text holds, it is one line of ASCII that a program can read."""
    out = log.formatter().format(logging.makeLogRecord({"name": "qbo_milestones.x", "msg": "x", "text": text}))
    assert out.isascii()
    assert out.isprintable()
    assert json.loads(out)["event"] == "x"


def boom(error: Exception) -> Line:
    """The line about an error."""

    def act() -> None:
        try:
            try:
                raise ValueError("inner secret-words")
            except ValueError as cause:
                raise error from cause
        except Exception:
            OURS.exception("failed")

    return one(act)


def test_an_error_is_its_type_and_place() -> None:
    """Ruling 23: libraries' texts can hold tokens; ours cannot, and are shown."""
    found = boom(OSError("secret-words of a library"))
    assert found["error"] == ["builtins.OSError", "builtins.ValueError"]
    assert found["trace"][0].startswith("test_log.py:")
    assert "secret-words" not in json.dumps(found)
    found = boom(Refused("Not that one.", code="6000", tid="gw-1"))
    assert (found["text"], found["code"], found["intuit_tid"]) == ("Not that one.", "6000", "gw-1")
    assert boom(RuleBroken("arrow refused"))["text"] == "arrow refused"


def test_libraries_speak_without_the_texts_of_errors() -> None:
    """A library that logs an exception with its message logs a whole answer."""
    found = one(lambda: THEIRS.warning("retry after %r of %s", ValueError("token=abc"), "https://x/?code=XAB12&b=1"))
    assert found["event"] == "retry after ValueError of https://x/?code=***&b=1".replace("ValueError", "'ValueError'")
    assert found["logger"] == "some_library"


def test_held_secrets_are_masked_everywhere() -> None:
    """Ruling 23: in the message, in fields, in names of fields, in a traceback's file name."""
    secret = "a-secret-that-is-held"
    hide(secret)
    lines = logged(lambda: OURS.info(secret, extra={"text": secret, secret: 1}))
    assert "a-secret" not in json.dumps(lines)


def test_what_is_bound_around_it_is_in_it() -> None:
    """reliability.md 5: correlation ids."""
    with bound_contextvars(company="1", run=4, run_id="1/4", stranger="x"):
        found = one(lambda: OURS.info("x", extra={"run": 5}))
    assert (found["company"], found["run_id"], found["run"], found["dropped"]) == ("1", "1/4", 5, ["stranger"])


@pytest.fixture
def _restored() -> Iterator[None]:
    """The process's logging as it was before."""
    root, ours = logging.getLogger(), logging.getLogger("qbo_milestones")
    former = (root.level, ours.level, logging.raiseExceptions, list(root.handlers))
    yield
    for handler in [known for known in root.handlers if known not in former[3]]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(former[0])
    ours.setLevel(former[1])
    logging.raiseExceptions = former[2]


@pytest.mark.usefixtures("_restored")
def test_the_file_is_its_owners_and_turns_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """reliability.md 4: 0600; and a worker runs for months, so it is bounded."""
    monkeypatch.setattr(log, "_FILE_BYTES", 2_000)
    file = tmp_path / "logs" / "events.log"
    log.start("info", file)
    for number in range(100):
        OURS.info("x", extra={"count": number, "text": "y" * 100})
        OURS.debug("never")
        THEIRS.info("never")
    files = sorted(file.parent.iterdir())
    assert [each.name for each in files] == ["events.log", *(f"events.log.{n}" for n in range(1, 6))]
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}
    assert max(each.stat().st_size for each in files) <= 2_000
    lines = [json.loads(line) for each in reversed(files) for line in each.read_text().splitlines()]
    counts = [line["count"] for line in lines]
    assert counts == list(range(counts[0], 100))


@pytest.mark.usefixtures("_restored")
def test_starting_again_replaces(tmp_path: Path) -> None:
    """One line an event, however often a log was started."""
    for name in ("a.log", "b.log"):
        log.start("warning", tmp_path / name)
    OURS.info("no")
    OURS.warning("yes")
    assert (tmp_path / "a.log").read_text() == ""
    assert len((tmp_path / "b.log").read_text().splitlines()) == 1


@pytest.mark.usefixtures("_restored")
def test_a_service_without_a_file_logs_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """And what cannot be formatted is not printed with its arguments."""
    log.start("info")
    OURS.info("hello")
    OURS.info("%d", "an argument")
    said = capsys.readouterr()
    assert said.out == ""
    assert [json.loads(line)["event"] for line in said.err.splitlines()] == ["hello"]


@pytest.mark.skipif(sys.platform == "win32", reason="no links")
def test_a_file_that_cannot_be_written_is_a_setting(tmp_path: Path) -> None:
    """A link is not followed, a folder is no file; the text says which setting."""
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for place in (tmp_path, tmp_path / "link"):
        with pytest.raises(BadSettings, match=r"log\.file"):
            log.start("info", place)
    assert not (tmp_path / "elsewhere").exists()
