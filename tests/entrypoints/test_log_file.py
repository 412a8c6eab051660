"""The log of real commands: nowhere unless the settings name a file, which then tells the whole story."""

import json
import stat
from urllib.parse import urlsplit

from entrypoints.shell import Shell
from qbo_milestones.simulator.server import running


def test_a_named_file_tells_what_commands_did(shell: Shell) -> None:
    """reliability.md 5: one JSON line per event, from the connection to the run's end; nothing on the screen."""
    with running() as base:
        port = urlsplit(base).port
        folder = shell.settings(f'[quickbooks]\nsimulator_port = {port}\n[log]\nfile = "logs/events.log"\n')
        for command in ("connect", "check", "run", "doctor"):
            said = shell(command, "--config", folder)
            assert '"event"' not in said.out + said.err, command
    file = folder / "logs" / "events.log"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    events = [line["event"] for line in lines]
    assert {"connected", "http_call", "run_started", "run_ended"} <= set(events)
    assert all("dropped" not in line for line in lines)
    assert {line.get("settings") for line in lines if line["event"] == "http_call"} == {"simulator"}
    (realm,) = {line.get("company") for line in lines if line["event"] in {"http_call", "connected", "run_ended"}}
    assert realm
    assert realm.isdecimal()
    # The doctor asks too, after the run.
    last_run = max(number for number, line in enumerate(lines) if "run_id" in line)
    assert "http_call" in events[last_run + 1 :]
    calls = [line for line in lines if line["event"] == "http_call" and "run_id" in line]
    assert {call["run_id"].partition("/")[2] for call in calls} == {"1"}


def test_without_one_nothing_is_written(shell: Shell) -> None:
    """A command prints its tables, and a warning of ours is no noise on the screen."""
    said = shell("run", "--config", shell.settings("[quickbooks]\nsimulator_port = 9\n"))
    assert said.code != 0
    assert said.err.startswith("Error: ")
    assert len(said.err.splitlines()) == 1


def test_a_worker_whose_log_cannot_be_written_works_and_tells_standard_error(shell: Shell) -> None:
    """The bills matter more than where the log is kept: one company's log never stops another (R64)."""
    with running() as base:
        port = urlsplit(base).port
        folder = shell.settings(f'[quickbooks]\nsimulator_port = {port}\n[log]\nfile = "log"\n')
        (folder / "log").mkdir()
        attended = shell("check", "--config", folder)
        unattended = shell("worker", "--once", "--config", folder)
    assert (attended.code, "log cannot be written: Is a directory" in attended.err) == (2, True)
    lines = [json.loads(line) for line in unattended.err.splitlines()]
    assert lines[0]["event"] == "log_file_not_written"
    assert "Is a directory" in lines[0]["text"]
    assert "company_not_served" in [line["event"] for line in lines]
