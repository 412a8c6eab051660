"""The demo as a newcomer sees it, and every other command on the folder that it leaves (issue 1; reliability.md 5)."""

import contextlib
import json
import re
import signal
import socket
import sqlite3
import stat
import subprocess
from pathlib import Path
from typing import Any

import requests

from entrypoints.shell import PROGRAM, Said, Shell
from qbo_milestones.entrypoints.commands.demo import _FIRST_LINE

# R62: in that order.
EIGHT_COLUMNS = [
    "deliverable",
    "invoice_number",
    "journal_reference",
    "payment_reference",
    "kind",
    "opened_on",
    "owner",
    "review_on",
]


def interruptible() -> None:
    """A test runner may have been started with interrupts ignored, which its children would inherit."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_the_demo_and_the_folder_that_it_leaves(shell: Shell) -> None:
    """Issue 1: seven parts, a folder of its own, and a second night that posts nothing again."""
    folder = shell.folder / "shown"
    _an_earlier_demo(folder)
    _the_demo(shell, folder)
    _the_folder_is_private(folder)
    kinds = _the_flags(shell)
    _the_trace(shell)
    _the_plan(shell)
    _the_check(shell)
    _another_run_posts_nothing(shell, kinds)
    _the_standing(shell)
    _an_interrupted_run(shell)
    _the_log_is_whole_and_an_altered_one_stops_the_run(shell, folder)
    _nothing_tells_a_secret(shell, folder)


def _an_earlier_demo(folder: Path) -> None:
    """What an earlier demo made is removed."""
    folder.mkdir()
    (folder / "settings.toml").write_text(f"{_FIRST_LINE}\n", encoding="utf-8")
    (folder / "milestones.db").write_text("an old one")
    (folder / "stray").write_text("of the earlier demo")


def _the_demo(shell: Shell, folder: Path) -> None:
    said = shell("demo", "--into", folder.name)
    assert (said.code, said.err) == (0, "")
    assert re.findall(r"^(\d)\. ", said.out, re.MULTILINE) == list("01234567")
    assert not (folder / "stray").exists()
    assert (folder / "settings.toml").read_text(encoding="utf-8").startswith(_FIRST_LINE)
    for what in (
        "To be billed",
        "Held:",
        "Posted 0 documents",
        "says why each is",
        "Do:",
        "Settlement",
        "Everything lies in",
    ):
        assert what in said.out, what
    # The three commands to try next are commands.
    assert re.findall(r"qbo-milestones (.+) --config shown$", said.out, re.MULTILINE)[-3:] == [
        "flags",
        "trace D-103",
        "run",
    ]
    assert [path.name for path in shell.home.iterdir()] == []


def _the_folder_is_private(folder: Path) -> None:
    """Ruling 24; reliability.md: folder 0700; key and database 0600."""
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("key", "milestones.db"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def on_demo(shell: Shell, *words: str) -> Said:
    """A command on the demo's folder, for programs."""
    said = shell(*words, "--config", "shown", "--json")
    assert said.err == ""
    return said


def _the_flags(shell: Shell) -> list[str]:
    said = on_demo(shell, "flags")
    assert said.code == 1
    flags = said.json["flags"]
    for flag in flags:
        assert list(flag)[:8] == EIGHT_COLUMNS
        assert flag.keys() >= {"severity", "sentence", "amount", "currency", "action", "blocks", "documents", "also"}
        assert flag["owner"]
        assert flag["action"]
        assert flag["opened_on"] <= flag["review_on"]
    kinds = sorted(flag["kind"] for flag in flags)
    assert {"PAYMENT_DUPLICATE_REF", "PAYMENT_OVERPAID", "PAYMENT_UNMATCHED", "INVOICE_EDITED"} <= set(kinds)
    return kinds


def _the_trace(shell: Shell) -> None:
    """R20, R46, R54: from the id, and from the number of either document."""
    by_id, by_invoice, by_journal = (on_demo(shell, "trace", name) for name in ("d-103", "D-103-A", "D-103-AJ"))
    assert by_id.code == 0
    assert by_id.json == by_invoice.json == by_journal.json
    found = by_id.json
    assert (found["deliverable"], found["contract"]) == ("D-103", "SOW-2026-014")
    assert found["approver"]
    assert found["acceptance_test"]
    assert found["sign_offs"][0]["evidence"]
    numbers = {one["kind"]: (one["number"], one["stage"]) for one in found["postings"]}
    assert numbers == {"journal": ("D-103-AJ", "posted"), "invoice": ("D-103-A", "posted")}
    assert all(re.fullmatch(r"[0-9a-f]{64}", one["evidence_sha256"]) for one in found["postings"])
    assert {one["outcome"] for one in found["attempts"]} == {"posted"}
    assert found["settlements"][0].keys() >= {"invoice_number", "state", "funds", "total", "paid", "open", "payments"}
    unknown = on_demo(shell, "trace", "D-999999")
    assert unknown.code == unknown.json["exit_code"] == 2
    assert "D-999999" in unknown.json["error"]["text"]


def _the_plan(shell: Shell) -> None:
    """Ruling 1: what is billed is held as billed; the counts add up; a preview sends nothing."""
    said = on_demo(shell, "plan")
    assert said.code == 0
    found = said.json
    assert found.keys() == {"register", "rows", "billable", "beyond_limits", "held", "refused_rows", "checks"}
    assert found["billable"] == found["beyond_limits"] == []
    assert len(found["held"]) == found["rows"] > 40
    for row in found["held"]:
        assert row.keys() == {"deliverable", "row", "amount", "currency", "reasons"}
        for reason in row["reasons"]:
            assert reason.keys() == {"kind", "sentence", "where", "severity", "owner", "action"}
            assert reason["kind"] not in {"OTHER", "REVIEW"}
    billed = [row["deliverable"] for row in found["held"] if row["reasons"][0]["kind"] == "ALREADY_BILLED"]
    assert "D-103" in billed
    shown = shell("plan", "--config", "shown").out
    assert "ALREADY_BILLED" not in shown
    assert "Billed already, with nothing left to do: " in shown


def _the_check(shell: Shell) -> None:
    said = on_demo(shell, "check")
    assert said.code == 0
    assert said.json.keys() == {"company", "history", "refused", "checks"}
    assert said.json["refused"] is False
    assert all(one.keys() == {"name", "ok", "stops", "sentence", "remedy"} for one in said.json["checks"])
    wrong = on_demo(shell, "check", "--set", "billing.unbilled_account=Milestone revenue")
    assert (wrong.code, wrong.json["refused"]) == (2, True)
    # And a run under the same settings posts nothing and says so.
    refused = on_demo(shell, "run", "--set", "billing.unbilled_account=Milestone revenue")
    assert refused.code == refused.json["exit_code"]
    assert refused.json["counts"]["posted"] == "0"


def _another_run_posts_nothing(shell: Shell, kinds: list[str]) -> None:
    """design.md, What must always hold 2 and 5; ruling 30: open flags wait for a person: 1."""
    said = on_demo(shell, "run")
    found = said.json
    assert found.keys() == {"run", "business_date", "exit_code", "counts", "held", "checks", "flags", "stopped"}
    assert said.code == found["exit_code"] == 1
    counts = {name: int(text) for name, text in found["counts"].items() if text.isdigit()}
    assert {counts[name] for name in ("posted", "adopted", "refused", "doubtful", "waiting", "flags opened")} == {0}
    assert counts["rows"] == counts["billable"] + counts["beyond limits"] + counts["held"] + counts["billed before"]
    assert found["stopped"] is None
    assert sorted(flag["kind"] for flag in found["flags"]) == kinds


def _the_standing(shell: Shell) -> None:
    said = on_demo(shell, "status")
    assert said.code == 0
    found = said.json
    known = {"company", "environment", "realm", "connection", "schedule", "read_until", "outbox", "flags"}
    assert found.keys() == known | {"metered_calls", "runs"}
    assert (found["company"], found["environment"], found["connection"]["problem"]) == ("northlight", "simulator", None)
    assert found["outbox"]["posted"] > 0
    assert sum(found["outbox"].values()) == found["outbox"]["posted"]
    numbers = [run["run"] for run in found["runs"]]
    assert numbers == sorted(numbers, reverse=True)
    assert all(run["exit_code"] is not None for run in found["runs"])
    assert "northlight" in shell("status", "--config", "shown").out


def _an_interrupted_run(shell: Shell) -> None:
    """reliability.md 5: 130 on a second interrupt, here while QuickBooks does not answer; the next run goes on."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        port = silent.getsockname()[1]
        command = [str(PROGRAM), "run", "--config", "shown", "--set", f"quickbooks.simulator_port={port}"]
        running = subprocess.Popen(
            command,
            cwd=shell.folder,
            env=shell.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=interruptible,
        )
        kept = []
        request = b""
        while not request:
            # The first connection only looks whether somebody listens.
            connection, _ = silent.accept()
            kept.append(connection)
            connection.settimeout(60)
            request = connection.recv(1)
        running.send_signal(signal.SIGINT)
        assert running.stderr is not None
        # The first is an order to hear out what is in the air; who cannot wait for that says it again.
        asked = running.stderr.readline()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
        for connection in kept:
            connection.close()
    shell.said.append(Said(running.returncode, out, asked + err))
    assert asked.strip()
    assert running.returncode == 130, err
    assert "Traceback" not in out + err


def _the_log_is_whole_and_an_altered_one_stops_the_run(shell: Shell, folder: Path) -> None:
    """I11; reliability.md 5: 5 is an integrity stop, however often the run is tried."""
    whole = shell("audit", "verify", "--config", "shown", "--json")
    assert (whole.code, whole.json["state"]) == (0, "intact")
    with contextlib.closing(sqlite3.connect(folder / "milestones.db", isolation_level=None)) as raw:
        raw.executescript("DROP TRIGGER rule_audit_deleted; DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)")
    assert shell("audit", "verify", "--config", "shown").code == 5
    for words in ((), ("--json",)):
        said = shell("run", "--config", "shown", *words)
        assert said.code == 5
        assert "Integrity stop, nothing more was sent: Audit log, row" in said.out + said.err
    assert "5: stopped by a broken rule" in shell("runs", "--config", "shown", "--count", "1").out


def _nothing_tells_a_secret(shell: Shell, folder: Path) -> None:
    """design.md, What must always hold 7: no token, no code and not the key, in any output and any file of ours."""
    secrets = {
        text for text in _texts(_granted(folder / "quickbooks.db")) if re.fullmatch(r"[A-Za-z0-9_.-]{30,}", text)
    }
    secrets -= {text for text in secrets if text.startswith("com.intuit.")}
    assert len(secrets) > 4
    secrets.add((folder / "key").read_text(encoding="utf-8").strip())
    for said in shell.said:
        assert not [secret for secret in secrets if secret in said.out + said.err]
    for file in (*folder.rglob("*"), *shell.home.rglob("*")):
        # The simulated QuickBooks knows the tokens that it gave.
        if file.is_file() and file.name not in {"quickbooks.db", "key"}:
            held = file.read_bytes()
            assert not [secret for secret in secrets if secret.encode() in held], file.name


def _granted(file: Path) -> list[Any]:
    """Everything that the simulated QuickBooks keeps of tokens and codes."""
    parts = ("codes", "connections", "access")
    with contextlib.closing(sqlite3.connect(file)) as database:
        rows = database.execute("SELECT key, value FROM kept WHERE part IN (?, ?, ?)", parts).fetchall()
    return [json.loads(text) for row in rows for text in row]


def _texts(tree: Any) -> list[str]:
    """Every text in a JSON tree, names among them."""
    if isinstance(tree, dict):
        return [text for pair in tree.items() for part in pair for text in _texts(part)]
    if isinstance(tree, list):
        return [text for part in tree for text in _texts(part)]
    return [tree] if isinstance(tree, str) else []


def test_the_simulator_says_where_it_is_and_ends_when_told(shell: Shell) -> None:
    """Issue 1: it prints its address, answers under /_sim/, keeps its company and ends with 0 on SIGTERM."""
    command = [str(PROGRAM), "simulator", "--port", "0", "--data", "company.db"]
    serving = subprocess.Popen(
        command, cwd=shell.folder, env=shell.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert serving.stdout is not None
    # All five lines: what a pipe's reader has buffered is not in what communicate() returns.
    address, *said = [serving.stdout.readline().strip() for _ in range(5)]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", address)
    dump = requests.get(f"{address}/_sim/dump", timeout=10).json()
    assert dump["Account"]
    discovery = requests.get(f"{address}/.well-known/openid_configuration", timeout=10).json()
    assert discovery["token_endpoint"].startswith(address)
    serving.send_signal(signal.SIGTERM)
    out, err = serving.communicate(timeout=60)
    assert serving.returncode == 0, err
    assert "Traceback" not in out + err
    assert any("/_sim/" in line for line in said)
    with contextlib.closing(sqlite3.connect(shell.folder / "company.db")) as database:
        assert database.execute("SELECT count(*) FROM kept WHERE part = 'Account'").fetchone()[0] > 10
